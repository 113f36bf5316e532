"""Facts about a product that fails a test after its release: what it touches, and what was found out later."""

from dataclasses import dataclass
from typing import Literal

from lims.domain.entries.envelope import Detached, Fact
from lims.domain.master_batch_record import Frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched(Frozen):
    """A batch in process that shares something with a failed product, and is held for it."""

    batch: str
    shares: tuple[tuple[str, str], ...]
    """What is shared and which: lot, equipment, operator, day, or the participant herself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateFailureFound(Fact):
    """A released product failed a test: the deviation that opened, and every batch that is held because of it."""

    kind: Literal["late_failure_found.1"] = "late_failure_found.1"
    test: str
    deviation: str
    touched: tuple[Touched, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganismReported(Fact):
    """What the laboratory found out later about growth: Gram stain, organism or susceptibility."""

    kind: Literal["organism_reported.1"] = "organism_reported.1"
    test: str
    news: str
    """gram, organism or susceptibility."""
    finding: Detached
