"""Forms about lots and equipment."""

from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField

from lims.web.forms import ActForm, PinForm, SignForm


class ReceiveLotForm(ActForm):
    """A lot arrives; `scan` is the supplier's code that filled the form."""

    scan = StringField()
    means = HiddenField()
    item = SelectField(validate_choice=False)
    supplier = StringField()
    supplier_lot = StringField()
    expires = StringField()
    quantity = StringField()
    containers = StringField()


class CheckPreparationForm(PinForm):
    """A second person compared the components with the recipe."""


class OpenContainerForm(ActForm):
    """The next container is opened."""


class CountStockForm(PinForm):
    """What is really there, and why the book was wrong."""

    counted = StringField()
    reason_code = SelectField(validate_choice=False)
    reason = StringField()


class ReleaseLotForm(SignForm):
    """Quality releases it against its certificate."""

    certificate = StringField()


class RejectLotForm(PinForm):
    """Quality rejects it."""

    reason_code = SelectField(validate_choice=False)


class RecallLotForm(SignForm):
    """The lot is recalled."""

    reference = StringField()


class RegisterEquipmentForm(ActForm):
    """An item of equipment or a place gets a code."""

    equipment_class = StringField()
    name = StringField()
    room = StringField()
    one_participant = BooleanField()


class CalibrationForm(ActForm):
    """A calibration or qualification."""

    passed = RadioField(validate_choice=False)
    until = StringField()
    certificate = StringField()


class CleaningForm(ActForm):
    """It is cleaned, and nothing is left in it."""

    procedure = StringField()


class WithdrawEquipmentForm(ActForm):
    """It may not be used any more."""

    reason_code = SelectField(validate_choice=False)
