"""Forms about participants."""

from wtforms import HiddenField, PasswordField, SelectField, SelectMultipleField, StringField, TextAreaField

from lims.web.forms import ActForm, PinForm, SignForm


class EnrolForm(ActForm):
    """Who she is; never kept as a draft, never in the chain."""

    name = StringField()
    birth_date = StringField()
    hospital_number = StringField()


class LookForm(ActForm):
    """Who she is is asked for; that it was is put on file."""


class ConsentForm(PinForm):
    """Consent to a version of the form."""

    form_version = StringField()
    scopes = SelectMultipleField(validate_choice=False)
    signed_on = StringField()


class WithdrawForm(PinForm):
    """Consent ends."""

    scopes = SelectMultipleField(validate_choice=False)
    reason = TextAreaField()


class AllocationForm(PinForm):
    """The arm, as the randomisation record gives it."""

    arm = SelectField(validate_choice=False)
    source = StringField()
    reference = StringField()
    allocated_at = StringField()


class WristbandForm(PinForm):
    """A new band after two people checked a document."""

    identity_document = StringField()
    witness = StringField()
    witness_pin = PasswordField()


class ScanBackForm(ActForm):
    """The band, read on her wrist."""

    code = HiddenField()
    means = HiddenField()


class VoidBandForm(PinForm):
    """Her band counts no more."""

    reason = TextAreaField()


class OrderForm(SignForm):
    """The perfusion of a round is ordered."""

    round = StringField()
    planned_at = StringField()
    ward = StringField()


class IssueForm(SignForm):
    """A batch for a round."""

    round = StringField()
    master = HiddenField()
