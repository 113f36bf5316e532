"""Forms about master batch records and the study protocol."""

from flask_wtf.file import FileField
from wtforms import HiddenField, TextAreaField

from lims.web.forms import SignForm


class ProposeForm(SignForm):
    """A version is handed in: the bytes of its file."""

    file = FileField()
    text = TextAreaField()


class ApproveForm(SignForm):
    """A second person approves exactly what was shown: both hashes come with the form."""

    version = HiddenField()
    file_sha256 = HiddenField()
    canonical_sha256 = HiddenField()
