"""Facts about which batch a workstation holds, and how its line was cleared between two batches."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from lims.domain.entries.envelope import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class StationTaken(Fact):
    """Work of a batch began at the station: until the line is cleared, no other batch is worked on there."""

    kind: Literal["station_taken.1"] = "station_taken.1"
    batch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCleared(Fact):
    """The first of two people states that nothing of the batch before is left, and which batch comes next."""

    kind: Literal["line_cleared.1"] = "line_cleared.1"
    cleared: str
    """The batch that stood here; empty when none did."""
    following: str
    checks: tuple[str, ...]
    """Each line of the checklist, found as it asks."""
    name: str
    """Of the person, as it is printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineClearanceChecked(Fact):
    """The second person looked at the same station against the same checklist, and agrees."""

    kind: Literal["line_clearance_checked.1"] = "line_clearance_checked.1"
    cleared: str
    following: str
    checks: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOpened(Fact):
    """In the batch's own stream: its work began at a station, with the line clearance that this relied on."""

    kind: Literal["line_opened.1"] = "line_opened.1"
    station: str
    name: str
    room: str
    cleared: str = ""
    """The batch that stood there before; empty when none did."""
    cleared_at: datetime | None = None
    """None where no batch stood there before and nobody cleared the line."""
    cleared_by: str = ""
    checked_by: str = ""
    checks: tuple[str, ...] = ()
