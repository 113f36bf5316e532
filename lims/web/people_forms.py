"""Forms about accounts and stations."""

from wtforms import BooleanField, HiddenField, SelectField, StringField

from lims.web.forms import ActForm, SignForm


class AddPersonForm(ActForm):
    """A new account."""

    name = StringField()
    user_id = StringField()
    identity_checked_by = StringField()


class StationForm(ActForm):
    """A workstation with its name and room."""

    code = StringField()
    name = StringField()
    room = StringField()
    setting = SelectField(validate_choice=False)
    line_clearance = BooleanField()


class GrantRoleForm(ActForm):
    """A role until a date."""

    role = SelectField(validate_choice=False)
    until = StringField()


class EndRoleForm(ActForm):
    """A role ends today."""

    role = SelectField(validate_choice=False)
    reason_code = SelectField(validate_choice=False)


class TrainingForm(ActForm):
    """Training on a subject until a date."""

    subject = StringField()
    version = StringField()
    until = StringField()
    evidence = StringField()


class DelegateForm(ActForm):
    """A trial task is delegated until a date."""

    task = SelectField(validate_choice=False)
    until = StringField()


class VouchForm(SignForm):
    """A key-holder vouches for the key that was shown."""

    kid = HiddenField()


class ReasonForm(ActForm):
    """An act on an account that only asks why."""

    reason_code = SelectField(validate_choice=False)
