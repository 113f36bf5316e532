"""Forms of what follows a deviation."""

from wtforms import RadioField, SelectField, StringField, TextAreaField

from lims.web.forms import PinForm, SignForm


class InvestigateForm(PinForm):
    """Impact and root cause, each with its category."""

    impact_on = SelectField(validate_choice=False)
    impact = TextAreaField()
    cause = SelectField(validate_choice=False)
    root_cause = TextAreaField()


class PlanForm(PinForm):
    """An action, and how its effect will be judged."""

    action = SelectField(validate_choice=False)
    description = TextAreaField()
    owner = SelectField(validate_choice=False)
    due = StringField()
    criterion = TextAreaField()
    check_on = StringField()
    follows = SelectField(validate_choice=False)
    deviations = StringField()


class DoneForm(PinForm):
    """What the owner did."""

    done = TextAreaField()


class VerifyCapaForm(PinForm):
    """Whether it was done."""

    agreed = RadioField(validate_choice=False)
    finding = TextAreaField()


class EffectForm(SignForm):
    """Whether it had its effect."""

    effective = RadioField(validate_choice=False)
    finding = TextAreaField()


class CloseDeviationForm(SignForm):
    """What follows from the deviation."""

    conclusion = TextAreaField()
