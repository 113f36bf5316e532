"""The chain of custody of one container, event by event, with the gaps that the record has (domain 4.2)."""

from dataclasses import dataclass
from datetime import timedelta

from lims.domain.batch_record import BatchRecord, Deviation
from lims.domain.entries.batch import (
    ContainerLabelled,
    CustodyOffered,
    CustodyRefused,
    CustodyTaken,
    EvidenceRecorded,
    IdentityMatched,
    IdentityMismatched,
    Perfused,
    SampleReceived,
    SampleTaken,
)
from lims.domain.entries.custody import PutIntoStorage, TakenFromStorage
from lims.domain.entries.envelope import Entry
from lims.domain.entries.values import Scanned
from lims.domain.refusals import Refused

GAP = timedelta(minutes=30)
"""From offer to taking over, where the study protocol sets no other time; a longer one is a gap in the record."""
GAP_RULE = "custody.gap"
"""The rule of the deviation in which quality decides a gap."""
OF_CUSTODY = frozenset({GAP_RULE, "custody.excursion"})
"""Rules of deviations without whose acceptance nothing reaches a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One event in the life of a container."""

    entry: Entry
    answer: Entry | None = None
    """The entry by which an offer was taken or refused."""
    broken: bool = False
    """Another person gave it than the one who last received it."""
    moved: tuple[str, str] | None = None
    """Last received there, given from here, and nothing on file between."""
    backwards: bool = False
    """It lies before the event that it follows."""
    waited: timedelta | None = None
    """How long nobody answered for it between giver and receiver, when that is longer than it may be."""

    @property
    def is_gap(self) -> bool:
        """The chain is not contiguous here."""
        return self.broken or self.backwards or self.moved is not None or self.waited is not None

    @property
    def is_handover(self) -> bool:
        """Somebody gave it to somebody."""
        return isinstance(self.entry.fact, CustodyOffered)


def longest_wait(batch: BatchRecord) -> timedelta:
    """How long a hand-over may wait for its receiver."""
    minutes = batch.protocol.handover_minutes
    return GAP if minutes is None else timedelta(minutes=minutes)


def chain_of(batch: BatchRecord, container: str) -> tuple[Link, ...]:
    """Everything on file about a container's way, first to last."""
    answers = {
        entry.fact.offered_seq: entry
        for entry in batch.entries
        if isinstance(entry.fact, CustodyTaken | CustodyRefused)
    }
    longest = longest_wait(batch)
    holder: str | None = None
    place: str | None = None
    latest: Entry | None = None
    links = []
    for entry in batch.entries:
        if isinstance(entry.fact, CustodyOffered) and entry.fact.container == container:
            answer = answers.get(entry.seq)
            taken = answer is not None and isinstance(answer.fact, CustodyTaken)
            waited = answer.time - entry.time if answer is not None and taken else timedelta(0)
            here = entry.fact.from_place
            links.append(
                Link(
                    entry=entry,
                    answer=answer,
                    broken=holder is not None and holder != entry.person,
                    moved=(place, here) if place is not None and place != here else None,
                    backwards=_is_backwards(latest, entry, answer),
                    waited=waited if waited > longest else None,
                )
            )
            holder = answer.person if answer is not None and taken else entry.person
            fact = answer.fact if answer is not None else None
            place = fact.place if isinstance(fact, CustodyTaken) else here
            latest = answer or entry
        elif isinstance(entry.fact, PutIntoStorage | TakenFromStorage) and entry.fact.container == container:
            links.append(Link(entry=entry, backwards=_is_backwards(latest, entry)))
            holder, place, latest = entry.person, entry.fact.room, entry
        elif _tells_of(batch, entry, container):
            links.append(
                Link(entry=entry, waited=_late(batch, entry), backwards=_is_backwards(latest, entry))
            )
            latest = entry
    return tuple(links)


def _is_backwards(before: Entry | None, entry: Entry, answer: Entry | None = None) -> bool:
    """The times of a chain never go back."""
    times = [item.time for item in (before, entry, answer) if item is not None]
    return times != sorted(times)


def gaps_of(batch: BatchRecord) -> tuple[tuple[str, Link], ...]:
    """Every hand-over at which the chain is not contiguous, with its container, first to last."""
    found = [
        (code, link)
        for code in batch.custody
        for link in chain_of(batch, code)
        if link.is_handover and link.is_gap
    ]
    return tuple(sorted(found, key=lambda pair: pair[1].entry.seq))


def deviation_of(batch: BatchRecord, seq: int) -> Deviation | None:
    """The deviation about the hand-over of that entry, if one is on file."""
    return next(
        (
            item
            for item in batch.deviations.values()
            if item.fact.rule == GAP_RULE and dict(item.fact.about).get("entry") == str(seq)
        ),
        None,
    )


def undecided_gaps(batch: BatchRecord) -> tuple[tuple[str, Link], ...]:
    """Gaps that quality has not accepted, each from what it saw in its deviation."""
    return tuple(
        (code, link)
        for code, link in gaps_of(batch)
        if (found := deviation_of(batch, link.entry.seq)) is None
        or found.decision is None
        or found.decision.decision != "accepted"
    )


def owed(batch: BatchRecord) -> tuple[str, ...]:
    """Containers whose chain still owes something: gaps quality has not decided, hand-overs that nobody took."""
    waiting = [code for code, held in batch.custody.items() if held.offer is not None]
    return (*(code for code, _ in undecided_gaps(batch)), *waiting)


def check_contiguous(batch: BatchRecord) -> None:
    """Refuses what would reach a person while a gap or a journey out of its range is undecided (domain 4.2)."""
    for item in batch.deviations.values():
        if item.fact.rule in OF_CUSTODY and (item.decision is None or item.decision.decision != "accepted"):
            raise Refused("release.custody", what=item.number)
    for code, _ in undecided_gaps(batch):
        raise Refused("release.custody", what=code)


def _late(batch: BatchRecord, entry: Entry) -> timedelta | None:
    """How long a sample was on its way to QC with no hand-over on file, when that is longer than it may be."""
    taken = batch.samples.get(entry.fact.code) if isinstance(entry.fact, SampleReceived) else None
    waited = entry.time - taken.time if taken else timedelta(0)
    return waited if waited > GAP else None


def _tells_of(batch: BatchRecord, entry: Entry, container: str) -> bool:
    match entry.fact:
        case ContainerLabelled(code=code) | SampleTaken(code=code) | SampleReceived(code=code):
            return code == container
        case EvidenceRecorded(value=Scanned(code=code)):
            return code == container
        case IdentityMatched(product=product) | IdentityMismatched(product=product):
            return product == container
        case Perfused():
            return container == batch.unit_code
        case _:
            return False
