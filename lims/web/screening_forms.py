"""Forms of screening and of the planning of rounds."""

from collections.abc import Sequence

from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField

from lims.domain.trial.definitions import MarkerRule
from lims.web.forms import PinForm, SignForm


class PreScreenForm(PinForm):
    """The first look."""

    on = StringField()
    recruited_by = SelectField(validate_choice=False)
    failure_type = SelectField(validate_choice=False)
    goes_on = RadioField(validate_choice=False)
    reasons = SelectMultipleField(validate_choice=False)


class CollectForm(PinForm):
    """Menstrual blood is taken."""

    last_menses = StringField()
    menses_day = StringField()
    began_at = StringField()
    ended_at = StringField()
    device = SelectField(validate_choice=False)
    volume = StringField()
    weight = StringField()
    medium = StringField()
    seen = SelectMultipleField(validate_choice=False)


class AnalyseForm(SignForm):
    """What the laboratory measured; a field for each marker comes from the rule set."""

    number = HiddenField()
    received_at = StringField()
    transport_temperature = StringField()
    preparation = SelectField(validate_choice=False)
    cells = StringField()
    viability = StringField()
    cd45_events = StringField()
    contamination = StringField()
    gate_version = StringField()
    fcs_sha256 = StringField()
    why = TextAreaField()


class MissForm(PinForm):
    """A sample that cannot be assessed."""

    due_on = StringField()
    why = SelectField(validate_choice=False)


class DecideForm(SignForm):
    """The investigator's decision."""

    eligible = RadioField(validate_choice=False)
    failure_type = SelectField(validate_choice=False)
    wishes_to_conceive = RadioField(validate_choice=False)
    reasons = SelectMultipleField(validate_choice=False)


class TestForm(PinForm):
    """A pregnancy test."""

    on = StringField()
    sample = SelectField(validate_choice=False)
    positive = RadioField(validate_choice=False)


class PlanForm(PinForm):
    """The day of a round by her cycle."""

    round = StringField()
    last_menses = StringField()
    cycle_day = StringField()


class CancelForm(PinForm):
    """A planned round is called off."""

    round = StringField()
    on = StringField()
    reason = SelectField(validate_choice=False)


class EndForm(PinForm):
    """No further round follows."""

    on = StringField()
    reason = SelectField(validate_choice=False)


class DeviationForm(PinForm):
    """A departure from the study protocol."""

    on = StringField()
    code = SelectField(validate_choice=False)
    major = RadioField(validate_choice=False)
    story = TextAreaField()


def analyse_form(markers: Sequence[MarkerRule]) -> type[AnalyseForm]:
    """The form with a field for each marker of the rule set."""
    fields = {f"marker-{marker.code}": StringField() for marker in markers}
    return type("AnalyseForm", (AnalyseForm,), fields)
