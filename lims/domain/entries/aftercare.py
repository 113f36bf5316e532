"""Facts after a perfusion: the end of the observation, and what a dose outside its limit comes to."""

from dataclasses import dataclass
from typing import Literal

from lims.domain.entries.envelope import Detached, Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationEnded(Fact):
    """She was observed as long as the protocol asks, or until something happened."""

    kind: Literal["observation_ended.1"] = "observation_ended.1"
    outcome: str
    """well or adverse_event."""
    note: Detached | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseJudged(Fact):
    """The clinician decides on a dose outside its limit."""

    kind: Literal["dose_judged.1"] = "dose_judged.1"
    decision: str
    """stands or insufficient."""
    reason: Detached


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseSettled(Fact):
    """The investigator decides on the same dose after the clinician; this decision counts."""

    kind: Literal["dose_settled.1"] = "dose_settled.1"
    judged_seq: int
    decision: str
    """stands or insufficient."""
    reason: Detached
