"""Forms of an investigation: the laboratory's examination, and quality's judgement."""

from wtforms import RadioField, TextAreaField

from lims.domain.oos import CHECKS
from lims.web.forms import SignForm


class ExamineForm(SignForm):
    """Each thing that was looked at, and what was found."""

    check_sample = RadioField(validate_choice=False)
    check_method = RadioField(validate_choice=False)
    check_calculation = RadioField(validate_choice=False)
    check_instrument = RadioField(validate_choice=False)
    check_reagents = RadioField(validate_choice=False)
    check_controls = RadioField(validate_choice=False)
    findings = TextAreaField()

    @property
    def checks(self) -> dict[str, str]:
        """The answer to each question, as sent."""
        return {check: self[f"check_{check}"].data or "" for check in CHECKS}


class JudgeForm(SignForm):
    """What becomes of the result, and why."""

    decision = RadioField(validate_choice=False)
    why = TextAreaField()
