"""Forms about master batch records and the study protocol."""

from flask_wtf.file import FileField
from wtforms import HiddenField, SelectField

from lims.web.forms import ActForm, SignForm


class FileForm(ActForm):
    """A file is read, to see what it says and what is wrong with it; nothing is on file yet."""

    file = FileField()


class ProposeForm(SignForm):
    """A version is handed in, exactly as it was read: the bytes of its file travel with the page."""

    content = HiddenField()


class ApproveForm(SignForm):
    """A second person approves exactly what was shown: both hashes come with the form."""

    version = HiddenField()
    file_sha256 = HiddenField()
    canonical_sha256 = HiddenField()


class BlankForm(ActForm):
    """A version is printed for reading, in one of the site's languages."""

    version = HiddenField()
    language = SelectField(validate_choice=False)
