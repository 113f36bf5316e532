"""Forms of randomisation."""

from collections.abc import Sequence

from wtforms import FileField, SelectField, TextAreaField

from lims.domain.protocol import StratumFactor
from lims.web.forms import PinForm, SignForm


class OpenForm(SignForm):
    """Randomisation begins from a seed that nobody sees."""


class ImportForm(SignForm):
    """Randomisation begins from a list that was made elsewhere."""

    file = FileField()


class CloseForm(SignForm):
    """Enrolment has ended."""


class RandomiseForm(SignForm):
    """One participant; without factors nothing is asked but the signature."""


class InErrorForm(PinForm):
    """A mark with its reason."""

    reason = TextAreaField()


def randomise_form(factors: Sequence[StratumFactor]) -> type[RandomiseForm]:
    """The form with a field for each factor of stratification."""
    fields = {f"factor-{factor.code}": SelectField(validate_choice=False) for factor in factors}
    return type("RandomiseForm", (RandomiseForm,), fields)
