"""Forms of quality: each is one signed act, and carries the last entry that was on the page."""

from typing import Self

from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField

from lims.web.forms import SignForm, read_seq


class SeenForm(SignForm):
    """A signed act over the record as it was shown."""

    seen = HiddenField()

    @classmethod
    def blank(cls) -> Self:
        """The form as a page first shows it, also where another form of the page was sent."""
        form = cls()
        form.process()
        form.again()
        return form

    @property
    def seen_seq(self) -> int:
        """The last entry that was on the page; 0 when the form does not say."""
        return read_seq(self.seen.data)


class DeviationForm(SeenForm):
    """Quality's assessment of a deviation."""

    number = HiddenField()
    severity = SelectField(validate_choice=False)
    decision = RadioField(validate_choice=False)
    impact = TextAreaField()


class ReviewForm(SeenForm):
    """The whole record and its audit trail were read."""

    beside = HiddenField()


class DispositionForm(SeenForm):
    """Release conditionally, hold or reject."""

    decision = RadioField(validate_choice=False)
    reason = TextAreaField()
    justification = TextAreaField()
    hold_reason = SelectField(validate_choice=False)


class LiftForm(SeenForm):
    """A hold ends, with a reason; after an identity mismatch with what was found and what proves it."""

    placed = HiddenField()
    reason = TextAreaField()
    finding = StringField()
    evidence = StringField()
    reference = StringField()


class TerminateForm(SeenForm):
    """The batch ends without a perfusion."""

    reason_code = SelectField(validate_choice=False)
    reason = StringField()


class FinalForm(SeenForm):
    """The final disposition."""

    disposition = RadioField(validate_choice=False)
    reason = TextAreaField()


class CloseForm(SeenForm):
    """The record is complete."""
