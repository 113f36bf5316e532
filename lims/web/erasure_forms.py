"""Forms about erasing a value."""

from wtforms import HiddenField, StringField

from lims.web.forms import SignForm


class ProposeErasureForm(SignForm):
    """One person asks."""

    commitment = HiddenField()
    reason_code = StringField()


class AgreeForm(SignForm):
    """A second person agrees to exactly what was asked."""

    stream = HiddenField()
    proposed_seq = HiddenField()
    reason_code = HiddenField()
