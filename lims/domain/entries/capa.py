"""Facts about what follows a deviation: its investigation and closure in the batch's stream, actions in `capas`."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from lims.domain.entries.envelope import Detached, Fact
from lims.domain.entries.late import Touched


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviationInvestigated(Fact):
    """What it touched and why it happened, apart from each other; the other batches looked at (211.192)."""

    kind: Literal["deviation_investigated.1"] = "deviation_investigated.1"
    number: str
    impact_on: str
    """nothing, product, participant or record."""
    impact: Detached
    cause: str
    """people, method, material, equipment, environment, donor or unknown."""
    root_cause: Detached
    others: tuple[Touched, ...]
    """Every other batch that shared something, as the system found them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapaRaised(Fact):
    """A corrective or preventive action was planned because of a deviation of this batch."""

    kind: Literal["capa_raised.1"] = "capa_raised.1"
    deviation: str
    capa: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviationClosed(Fact):
    """Quality closes a deviation: nothing about it is left to do."""

    kind: Literal["deviation_closed.1"] = "deviation_closed.1"
    number: str
    capas: tuple[str, ...]
    conclusion: Detached
    """What follows from it; where a critical one has no action, why none is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapaPlanned(Fact):
    """An action with its owner and day, and how and when its effect will be judged, stated beforehand."""

    kind: Literal["capa_planned.1"] = "capa_planned.1"
    number: str
    deviations: tuple[str, ...]
    action: str
    """corrective or preventive."""
    description: Detached
    owner: str
    owner_name: str
    due: date
    criterion: Detached
    check_on: date
    zone: str
    """The site's time zone, in which its days begin and end."""
    follows: str = ""
    """The action without effect that this one comes after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapaDone(Fact):
    """The owner says what was done."""

    kind: Literal["capa_done.1"] = "capa_done.1"
    number: str
    done: Detached


@dataclass(frozen=True, slots=True, kw_only=True)
class CapaVerified(Fact):
    """Quality looked whether it was done; where it was not, the owner goes on."""

    kind: Literal["capa_verified.1"] = "capa_verified.1"
    number: str
    agreed: bool
    finding: Detached


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectivenessChecked(Fact):
    """Quality held what came of it against the criterion that was stated when it was planned."""

    kind: Literal["effectiveness_checked.1"] = "effectiveness_checked.1"
    number: str
    effective: bool
    finding: Detached
