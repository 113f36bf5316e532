"""Forms about the server's clock."""

from wtforms import HiddenField, TextAreaField

from lims.web.forms import SignForm


class ProposeForm(SignForm):
    """One person checked the clock, and says against what."""

    reason = TextAreaField()


class ConfirmForm(SignForm):
    """A second person checked it as well."""

    proposed_seq = HiddenField()
