"""A workstation holds one batch; another one comes after a line clearance by two people (21 CFR 211.130, G-130)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from lims.domain.batch_record import BatchRecord
from lims.domain.entries.envelope import Draft, Entry, code_of, stream_of
from lims.domain.entries.keys import StationRegistered
from lims.domain.entries.stations import LineClearanceChecked, LineCleared, LineOpened, StationTaken
from lims.domain.refusals import BadEntry, NotAllowed, Refused

Drafts = tuple[Draft, ...]

CHECKS: Mapping[str, str] = MappingProxyType(
    {
        "product": "Product, samples and materials of the batch before are removed",
        "labels": "Labels of the batch before are removed or accounted for",
        "papers": "Papers and records of the batch before are removed",
        "surfaces": "Surfaces and equipment are cleaned as the procedure says",
        "waste": "Waste is removed",
    }
)
"""What two people look at before another batch comes to a station, in this order, as message ids (domain, stage 3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """What is on file about one workstation."""

    code: str
    name: str = ""
    room: str = ""
    setting: str = ""
    line_clearance: bool = False
    """It holds one batch at a time."""
    batch: str = ""
    """The batch that it holds, or was cleared for; empty when none came here yet."""
    taken: Entry | None = None
    """Since when the batch is worked on here; None while it was only cleared for it."""
    cleared: Entry | None = None
    checked: Entry | None = None
    """The two halves of the last line clearance."""
    last: Entry | None = None

    @property
    def stream(self) -> str:
        """The station's own stream."""
        return stream_of("station", self.code)


def fold_station(stream: str, entries: Iterable[Entry]) -> Station:
    """The station as its stream tells."""
    station = Station(code=code_of(stream))
    for entry in entries:
        station = replace(station, last=entry)
        match entry.fact:
            case StationRegistered() as fact:
                station = replace(
                    station,
                    name=fact.name,
                    room=fact.room,
                    setting=fact.setting,
                    line_clearance=fact.line_clearance,
                )
            case StationTaken() as fact:
                station = replace(station, batch=fact.batch, taken=entry)
            case LineCleared():
                station = replace(station, cleared=entry)
            case LineClearanceChecked() as fact:
                station = replace(station, batch=fact.following, taken=None, checked=entry)
            case _:
                pass
    return station


def open_line(station: Station, batch: BatchRecord) -> Drafts:
    """Work of the batch at the station; what is to be put on file when it is the first since the line was cleared.

    Raises Refused while the station holds another batch.
    """
    if not station.line_clearance:
        return ()
    if station.batch and station.batch != batch.number:
        raise Refused("station.taken", station=station.name, batch=station.batch)
    if station.taken is not None:
        return ()
    assert station.last is not None
    return (
        Draft(stream=station.stream, fact=StationTaken(batch=batch.number)),
        Draft(stream=batch.stream, fact=_opened(station), relied_on=(station.last.reference,)),
    )


def _opened(station: Station) -> LineOpened:
    """What the batch's own record copies from the station's."""
    opened = LineOpened(station=station.code, name=station.name, room=station.room)
    if station.cleared is None or station.checked is None:
        return opened
    first, second = station.cleared.fact, station.checked.fact
    assert isinstance(first, LineCleared) and isinstance(second, LineClearanceChecked)
    return replace(
        opened,
        cleared=first.cleared,
        cleared_at=station.checked.time,
        cleared_by=first.name,
        checked_by=second.name,
        checks=first.checks,
    )


def clear_line(
    station: Station,
    following: BatchRecord,
    *,
    cleared: str,
    checks: Collection[str],
    person: tuple[str, str],
    second: tuple[str, str],
) -> tuple[Drafts, Drafts]:
    """What each of the two people puts on file; a person is their id and their name as it is printed."""
    if person[0] == second[0]:
        raise NotAllowed("station.same_person")
    if not station.line_clearance:
        raise Refused("station.not_asked", station=station.name or station.code)
    if station.batch == following.number:
        raise Refused("station.same_batch", station=station.name, batch=following.number)
    if station.batch != cleared:
        raise Refused("station.other_batch", station=station.name, batch=station.batch or "–")
    for check in CHECKS:
        if check not in checks:
            raise BadEntry("station.unchecked", field=f"check_{check}")
    found = tuple(CHECKS)
    first = LineCleared(cleared=cleared, following=following.number, checks=found, name=person[1])
    agreed = LineClearanceChecked(cleared=cleared, following=following.number, checks=found, name=second[1])
    return (Draft(stream=station.stream, fact=first),), (Draft(stream=station.stream, fact=agreed),)
