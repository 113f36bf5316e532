"""What a product unit holds, from what is on file: labels and certificates say it, the perfusion takes from it."""

from dataclasses import dataclass
from decimal import Decimal

from lims.domain.batch_record import BatchRecord
from lims.domain.qc import purity
from lims.domain.rounding import CONTEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """The numbers of one product unit; none of them is guessed while it is not on file."""

    volume: Decimal | None
    """mL, as filled."""
    concentration: Decimal | None
    """Viable cells per mL."""
    purity: Decimal | None
    """Percent, from the reviewed result."""

    @property
    def viable_cells(self) -> Decimal | None:
        """Viable cells in the unit."""
        if self.volume is None or self.concentration is None:
            return None
        return CONTEXT.multiply(self.volume, self.concentration)

    @property
    def nk_cells(self) -> Decimal | None:
        """Viable NK cells in the unit."""
        if self.viable_cells is None or self.purity is None:
            return None
        return CONTEXT.divide(CONTEXT.multiply(self.viable_cells, self.purity), Decimal(100))


def dose_of(batch: BatchRecord) -> Dose:
    """What the batch's product unit holds now."""
    where = batch.master.dose
    return Dose(
        volume=batch.number_at(where.fill_volume),
        concentration=batch.number_at(where.concentration),
        purity=purity(batch),
    )
