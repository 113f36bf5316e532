"""What is entered at the bench. Figures stay as typed: the domain reads them and says what it read."""

from wtforms import FileField, HiddenField, PasswordField, StringField, TextAreaField

from lims.web.forms import ActForm, PinForm, SignForm


class EvidenceForm(ActForm):
    """One slot: whichever of these the slot takes, the others stay empty."""

    code = StringField()
    means = HiddenField()
    value = TextAreaField()
    file = FileField()
    reason = StringField()
    dilution = StringField()
    live_1 = StringField()
    dead_1 = StringField()
    live_2 = StringField()
    dead_2 = StringField()
    live_3 = StringField()
    dead_3 = StringField()
    witness = StringField()
    pin = PasswordField()

    @property
    def counts(self) -> tuple[tuple[str, str], ...]:
        """Live and dead cells as typed, one pair a count."""
        pairs = ((self.live_1, self.dead_1), (self.live_2, self.dead_2), (self.live_3, self.dead_3))
        return tuple((live.data or "", dead.data or "") for live, dead in pairs)


class CorrectionForm(EvidenceForm):
    """A later value for a slot, with its reason."""

    replaces_seq = HiddenField()
    reason_code = StringField()


class ConfirmForm(SignForm):
    """The performer stands behind the step: by seat, PIN or signature."""

    pin = PasswordField()
    shown = HiddenField()


class CheckForm(SignForm):
    """A second person agrees, or sends the step back with a reason."""

    pin = PasswordField()
    shown = HiddenField()
    seen = HiddenField()
    reason = TextAreaField()


class LabelForm(ActForm):
    """Printing labels, or what became of one."""

    reason_code = StringField()
    container = StringField()
    code = StringField()
    fate = StringField()


class ReportForm(ActForm):
    """A deviation in the words of the person who saw it, or a note."""

    text = TextAreaField()


class ExplainForm(ActForm):
    """The three questions of the bench."""

    happened = TextAreaField()
    did = TextAreaField()
    go_on = StringField()


class OperationForm(PinForm):
    """An operation that nobody planned, and why."""

    operation = StringField()
    reason = TextAreaField()


class OfferForm(ActForm):
    """Handing a container over."""

    container = StringField()
    to_role = StringField()
    to_place = StringField()
    condition = StringField()
    seal = StringField()
    temperature = StringField()


class TakeForm(PinForm):
    """Taking a container over by scanning it."""

    code = StringField()
    means = HiddenField()
    condition = StringField()
    temperature = StringField()


class DeclineForm(PinForm):
    """Not taking it over, with the reason."""

    container = HiddenField()
    reason = TextAreaField()
