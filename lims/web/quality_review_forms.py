"""The forms of quality's papers about many batches: a period or a year, and the language of the paper."""

from typing import Self

from werkzeug.datastructures import MultiDict
from wtforms import SelectField, StringField

from lims.web.forms import ActForm


class PeriodForm(ActForm):
    """From one day to another, both included."""

    begin = StringField()
    end = StringField()
    language = SelectField(validate_choice=False)

    @classmethod
    def from_address(cls, asked: MultiDict[str, str]) -> Self:
        """The period that the address names; a page that is only looked at sends nothing."""
        return cls(begin=asked.get("begin", ""), end=asked.get("end", ""))


class RegisterForm(ActForm):
    """A year of the certification register."""

    year = StringField()
    language = SelectField(validate_choice=False)
