"""Chain of custody of a batch: where each container is, from whom to whom it went, and where the record has gaps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from lims.domain.batch_record import BatchRecord, Custody
from lims.domain.custody_chain import Link, gaps_of, undecided_gaps
from lims.domain.entries.batch import (
    ContainerLabelled,
    CustodyOffered,
    CustodyRefused,
    CustodyTaken,
    EvidenceRecorded,
    Perfused,
)
from lims.domain.entries.custody import PutIntoStorage, TakenFromStorage, TemperatureLogged
from lims.domain.entries.envelope import Entry
from lims.domain.entries.values import Scanned
from lims.ledger.open_book import Book
from lims.queries.look import Reader, batch_of, people_names
from lims.queries.record_words import words_of_entries


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened to a container: an offer with what became of it, its first scan, the perfusion."""

    what: str
    """seen, handed_over, offered, refused, stored, unstored or given; like first scans, one after another, are one."""
    at: datetime
    containers: tuple[str, ...]
    person: str
    station: str
    offer: CustodyOffered | None = None
    taken: Entry | None = None
    taking: CustodyTaken | None = None
    reason: str = ""
    gap: Link | None = None
    """Where the chain is not contiguous here, and why."""
    decided: bool = False
    """Quality accepted the gap."""
    seq: int = 0
    place: str = ""
    logs: tuple[TemperatureLogged, ...] = ()
    """What loggers' own files say about this journey."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one container is now."""

    code: str
    container: ContainerLabelled
    custody: Custody | None
    seen: Event | None
    """Its first scan, where it was not handed over since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The custody of one batch."""

    batch: BatchRecord
    places: tuple[Place, ...]
    events: tuple[Event, ...]
    names: Mapping[str, str]
    gaps: int


def chain(reader: Reader, number: str) -> Chain:
    """The chain of custody of a batch, oldest first."""
    with reader.site.ledger.reading() as book:
        batch = batch_of(reader, book, number)
        events = _merged(batch, sorted(_events(book, batch), key=lambda event: event.at))
        first = {code: event for event in events if event.what == "seen" for code in event.containers}
        people = {event.person for event in events} | {held.holder for held in batch.custody.values()}
        people |= {event.taken.person for event in events if event.taken}
        return Chain(
            batch=batch,
            places=tuple(
                Place(code=code, container=item, custody=batch.custody.get(code), seen=first.get(code))
                for code, item in batch.containers.items()
            ),
            events=events,
            names=people_names(reader, book, people),
            gaps=sum(event.gap is not None for event in events),
        )


def _events(book: Book, batch: BatchRecord) -> list[Event]:
    answers = {
        entry.fact.offered_seq: entry
        for entry in batch.entries
        if isinstance(entry.fact, CustodyTaken | CustodyRefused)
    }
    words = words_of_entries(book, answers.values())
    gaps = {link.entry.seq: link for _, link in gaps_of(batch)}
    open_gaps = {link.entry.seq for _, link in undecided_gaps(batch)}
    found: list[Event] = []
    seen: set[str] = set()
    for entry in batch.entries:
        match entry.fact:
            case CustodyOffered() as offer:
                told = _handover(entry, offer, answers.get(entry.seq), words)
                found.append(
                    replace(
                        told,
                        gap=gaps.get(entry.seq),
                        decided=entry.seq not in open_gaps,
                        logs=_logs(batch, entry.seq),
                    )
                )
            case PutIntoStorage(container=code, position_name=place):
                found.append(replace(_event("stored", entry, code), place=place))
            case TakenFromStorage(container=code):
                found.append(_event("unstored", entry, code))
            case EvidenceRecorded(value=Scanned(code=code)) if code in batch.containers and code not in seen:
                seen.add(code)
                found.append(_event("seen", entry, code))
            case Perfused() if batch.unit_code:
                found.append(_event("given", entry, batch.unit_code))
            case _:
                pass
    return found


def _logs(batch: BatchRecord, seq: int) -> tuple[TemperatureLogged, ...]:
    facts = (entry.fact for entry in batch.entries)
    return tuple(fact for fact in facts if isinstance(fact, TemperatureLogged) and fact.offered_seq == seq)


def _merged(batch: BatchRecord, events: Iterable[Event]) -> tuple[Event, ...]:
    """First scans of one kind of container by one person, one after another, told once."""
    found: list[Event] = []
    for event in events:
        before = found[-1] if found else None
        if (
            before
            and before.what == event.what == "seen"
            and (before.person, before.station) == (event.person, event.station)
            and _kind(batch, before) == _kind(batch, event)
        ):
            found[-1] = replace(before, containers=(*before.containers, *event.containers))
        else:
            found.append(event)
    return tuple(found)


def _kind(batch: BatchRecord, event: Event) -> str:
    return batch.containers[event.containers[0]].container


def _event(what: str, entry: Entry, container: str) -> Event:
    return Event(
        what=what, at=entry.time, containers=(container,), person=entry.person, station=entry.station
    )


def _handover(entry: Entry, offer: CustodyOffered, answer: Entry | None, words: Mapping[str, str]) -> Event:
    fact = answer.fact if answer else None
    refused = fact if isinstance(fact, CustodyRefused) else None
    taking = fact if isinstance(fact, CustodyTaken) else None
    return Event(
        what="handed_over" if taking else "refused" if refused else "offered",
        at=entry.time,
        containers=(offer.container,),
        person=entry.person,
        station=entry.station,
        offer=offer,
        taken=answer,
        taking=taking,
        reason=words.get(refused.reason.commitment, "") if refused else "",
        seq=entry.seq,
    )
