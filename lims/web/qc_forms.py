"""Forms of the QC laboratory."""

from wtforms import HiddenField, RadioField, StringField, TextAreaField

from lims.web.forms import ActForm, PinForm, SignForm


class ReceiveForm(ActForm):
    """A sample comes in by scan."""

    code = StringField()
    means = HiddenField(default="typed")


class ResultForm(PinForm):
    """A test result, or that there is none and why."""

    raw = StringField()
    option = RadioField(validate_choice=False)
    outcome = RadioField(validate_choice=False)
    instrument = StringField()
    reason = TextAreaField()


class OrganismForm(PinForm):
    """What the laboratory found out later about growth."""

    news = RadioField(validate_choice=False)
    finding = TextAreaField()


class ResultReviewForm(SignForm):
    """A second person agrees, or does not."""

    agreed = RadioField(validate_choice=False)
