"""Facts about the trial's figures: who looked at them by arm, and that the trial was locked."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from lims.domain.entries.envelope import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresSeen(Fact):
    """Somebody looked at outcomes by arm; each look is on file."""

    kind: Literal["figures_seen.1"] = "figures_seen.1"
    as_of: date
    protocol: str
    """Version of the protocol whose definitions were used."""
    how: str
    """`page` or `paper`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialLocked(Fact):
    """The data of the trial are final; from here on figures by arm are open to those who read the report."""

    kind: Literal["trial_locked.1"] = "trial_locked.1"
    as_of: date
    on_file: int
    """Everybody recruited, analysed or not."""
    randomised: int
