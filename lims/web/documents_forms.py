"""Forms of the sealed papers."""

from flask_wtf.file import FileField
from wtforms import SelectField, StringField

from lims.web.forms import ActForm


class PrintForm(ActForm):
    """A new sealed copy of one sort of paper, in one of the site's languages."""

    paper = SelectField(validate_choice=False)
    language = SelectField(validate_choice=False)


class VerifyForm(ActForm):
    """A file that somebody holds, and what stands on the site's letter."""

    file = FileField()
    site_code = StringField()
