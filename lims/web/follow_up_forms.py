"""Forms about a woman's follow-up; each can also correct what it once recorded."""

from wtforms import HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField

from lims.web.forms import PinForm


class CorrectingForm(PinForm):
    """A form that can stand for a correction: then it names the entry that it replaces, and why."""

    corrects = HiddenField()
    why = TextAreaField()


class VisitForm(CorrectingForm):
    """What became of a visit."""

    visit = SelectField(validate_choice=False)
    on = StringField()
    done = SelectField(validate_choice=False)
    how = SelectField(validate_choice=False)
    notes = TextAreaField()


class ContactForm(CorrectingForm):
    """A try to reach her."""

    on = StringField()
    how = SelectField(validate_choice=False)
    reached = SelectField(validate_choice=False)
    notes = TextAreaField()


class LostForm(CorrectingForm):
    """Lost to follow-up."""

    on = StringField()


class ConceptionForm(CorrectingForm):
    """Whether she tried to conceive in a cycle."""

    on = StringField()
    trying = SelectField(validate_choice=False)
    how = SelectField(validate_choice=False)


class PregnancyForm(CorrectingForm):
    """A pregnancy came to light."""

    found_on = StringField()
    test = SelectField(validate_choice=False)
    conception = SelectField(validate_choice=False)
    dated_by = SelectField(validate_choice=False)
    dated_on = StringField()
    embryo_days = StringField()


class DatingForm(CorrectingForm):
    """A further dating."""

    pregnancy = HiddenField()
    dated_by = SelectField(validate_choice=False)
    dated_on = StringField()
    embryo_days = StringField()


class UltrasoundForm(CorrectingForm):
    """One scan, with up to three fetuses."""

    pregnancy = HiddenField()
    on = StringField()
    sacs_in_uterus = SelectField(validate_choice=False)
    sac_elsewhere = SelectField(validate_choice=False)
    measured = StringField()
    crown_rump = StringField()
    heartbeat_a = SelectField(validate_choice=False)
    size_a = SelectField(validate_choice=False)
    heartbeat_b = SelectField(validate_choice=False)
    size_b = SelectField(validate_choice=False)
    heartbeat_c = SelectField(validate_choice=False)
    size_c = SelectField(validate_choice=False)
    notes = TextAreaField()


class EndForm(CorrectingForm):
    """How a pregnancy ended, fetus by fetus."""

    pregnancy = HiddenField()
    on = StringField()
    end = SelectField(validate_choice=False)
    onset = SelectField(validate_choice=False)
    fate_a = SelectField(validate_choice=False)
    weight_a = StringField()
    fate_b = SelectField(validate_choice=False)
    weight_b = StringField()
    fate_c = SelectField(validate_choice=False)
    weight_c = StringField()
    notes = TextAreaField()


class JudgingForm(CorrectingForm):
    """How an adverse event is judged."""

    known_at = StringField()
    grade = SelectField(validate_choice=False)
    criteria = SelectMultipleField(validate_choice=False)
    causality = SelectField(validate_choice=False)
    expected = SelectField(validate_choice=False)
    outcome = SelectField(validate_choice=False)
    ended_on = StringField()
    story = TextAreaField()


class EventForm(JudgingForm):
    """An adverse event."""

    term = SelectField(validate_choice=False)
    began_on = StringField()
    batch = SelectField(validate_choice=False)


class NewsForm(JudgingForm):
    """News of an adverse event."""

    event = SelectField(validate_choice=False)


class ReportForm(CorrectingForm):
    """A report of a serious event went out."""

    report = SelectField(validate_choice=False)
    """Event and report, `2:expedited`."""
    sent_at = StringField()
    to = StringField()
    reference = StringField()


class StrikeForm(PinForm):
    """An entry was made in error."""

    seq = HiddenField()
    why = TextAreaField()
