"""What is typed to sign in, to enrol and to sign the undertaking."""

from wtforms import HiddenField, PasswordField, StringField

from lims.web.forms import ActForm, SignForm


class SignInForm(ActForm):
    """User id and password."""

    user_id = StringField()
    password = PasswordField()
    next = HiddenField()


class BadgeForm(ActForm):
    """A badge and its person's PIN."""

    code = HiddenField()
    pin = PasswordField()
    next = HiddenField()


class EnrolForm(ActForm):
    """A new person's own choice of password and PIN, opened by the code from the administrator."""

    user_id = StringField()
    enrolment = StringField()
    password = PasswordField()
    password_again = PasswordField()
    pin = PasswordField()
    pin_again = PasswordField()


class UnlockForm(ActForm):
    """PIN or password of the person who sits there."""

    secret = PasswordField()
    next = HiddenField()


class UndertakingForm(SignForm):
    """The signature under the undertaking."""


class NewSecretsForm(SignForm):
    """A new password and PIN, opened by the old password."""

    new_password = PasswordField()
    new_again = PasswordField()
    pin = PasswordField()
    pin_again = PasswordField()
