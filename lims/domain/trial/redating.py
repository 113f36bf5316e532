"""What a further dating changes: the age at each scan and at the end, and what the pregnancy then counts as."""

from dataclasses import dataclass, replace
from datetime import date

from lims.domain.master_batch_record import Frozen
from lims.domain.trial.definitions import TrialDefinitions
from lims.domain.trial.pregnancy import Dating, Pregnancy
from lims.domain.trial.pregnancy_reading import PregnancyReading, read_pregnancy
from lims.domain.trial.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class DatingStep(Frozen):
    """One dating as it came on file, and the pregnancy read without it and with it."""

    dating: Dating
    before: PregnancyReading
    after: PregnancyReading

    @property
    def is_first(self) -> bool:
        """Nothing dated the pregnancy before."""
        return self.before.dated is None

    @property
    def moves(self) -> bool:
        """It changed day zero."""
        zero = self.before.dated.zero if self.before.dated else None
        return self.after.dated is not None and self.after.dated.zero != zero


def dating_steps(
    pregnancy: Pregnancy, window: Window | None, definitions: TrialDefinitions, *, left: date | None = None
) -> tuple[DatingStep, ...]:
    """Each dating in the order in which it came on file; everything else is as it is known now."""

    def read(count: int) -> PregnancyReading:
        known = replace(pregnancy, datings=pregnancy.datings[:count])
        return read_pregnancy(known, window, definitions, left=left)

    readings = [read(count) for count in range(len(pregnancy.datings) + 1)]
    return tuple(
        DatingStep(dating=dating, before=readings[place], after=readings[place + 1])
        for place, dating in enumerate(pregnancy.datings)
    )
