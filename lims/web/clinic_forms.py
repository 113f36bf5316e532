"""What is scanned and entered at the bedside."""

from wtforms import BooleanField, HiddenField, PasswordField, StringField

from lims.domain.entered import entered_code
from lims.domain.entries.values import Means
from lims.domain.perfusion import LEGS, Legs
from lims.web.forms import PinForm, SignForm, read_means


class BedsideForm(PinForm):
    """The three scans so far, each with its means, and what the first person sees and asks."""

    patient_stated = BooleanField()
    code = HiddenField()
    means = HiddenField()
    wristband = HiddenField()
    wristband_means = HiddenField()
    product = HiddenField()
    product_means = HiddenField()
    order = HiddenField()
    order_means = HiddenField()
    typed_reason = StringField()
    witness = StringField()
    witness_pin = PasswordField()

    @property
    def next_leg(self) -> str | None:
        """The leg that is scanned next; none when all three are in."""
        return next((leg for leg in LEGS if not self[leg].data), None)

    def take_scan(self) -> None:
        """Put the code that came with this request into the leg that waits for it; refuses wrong check digits."""
        leg = self.next_leg
        if leg is None or not self.code.data:
            return
        self[leg].data = entered_code(self.code.data, field="code")
        self[f"{leg}_means"].data = read_means(self.means.data).value
        self.code.data = self.means.data = ""

    @property
    def is_typed(self) -> bool:
        """A code was typed, so that a reason and a second reader are asked for."""
        legs = [leg for leg in LEGS if self[leg].data]
        return any(read_means(self[f"{leg}_means"].data) is Means.TYPED for leg in legs)

    def legs(self) -> Legs:
        """The legs as the domain takes them; one that is not scanned yet is empty."""
        means = {leg: read_means(self[f"{leg}_means"].data) for leg in LEGS}
        return Legs(
            wristband=self.wristband.data or "",
            wristband_means=means["wristband"],
            product=self.product.data or "",
            product_means=means["product"],
            order=self.order.data or "",
            order_means=means["order"],
        )


class PerfusionForm(SignForm):
    """What was given, what stayed behind and what was wasted."""

    started_at = StringField()
    ended_at = StringField()
    catheter = StringField()
    given = StringField()
    residual = StringField()
    wasted = StringField()
    reaction = StringField()
    shown = HiddenField()
