"""Forms of data that leave, and of questions about data."""

from wtforms import SelectField, StringField, TextAreaField

from lims.web.forms import ActForm, PinForm, SignForm


class SendForm(PinForm):
    """The tables in one form."""

    form = SelectField(validate_choice=False)


class FreezeForm(SignForm):
    """The tables kept as they stand."""

    purpose = StringField()


class AskForm(ActForm):
    """A question about one column."""

    place = SelectField(validate_choice=False)
    question = TextAreaField()


class AnswerForm(PinForm):
    """What the clinic answers."""

    answer = TextAreaField()


class SettleForm(PinForm):
    """The answer suffices."""
