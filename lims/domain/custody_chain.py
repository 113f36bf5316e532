"""The chain of custody of one container, event by event, with the gaps that the record has (domain 4.2)."""

from dataclasses import dataclass
from datetime import timedelta

from lims.domain.batch_record import BatchRecord
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
from lims.domain.entries.envelope import Entry
from lims.domain.entries.values import Scanned

GAP = timedelta(minutes=30)
"""From offer to taking over; a longer time is marked as a gap in the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One event in the life of a container."""

    entry: Entry
    answer: Entry | None = None
    """The entry by which an offer was taken or refused."""
    broken: bool = False
    """Another person gave it than the one who last received it."""
    waited: timedelta | None = None
    """How long nobody answered for it between giver and receiver, when that is longer than it may be."""

    @property
    def is_gap(self) -> bool:
        """The chain is not contiguous here."""
        return self.broken or self.waited is not None


def chain_of(batch: BatchRecord, container: str) -> tuple[Link, ...]:
    """Everything on file about a container's way, first to last."""
    answers = {
        entry.fact.offered_seq: entry
        for entry in batch.entries
        if isinstance(entry.fact, CustodyTaken | CustodyRefused)
    }
    holder: str | None = None
    links = []
    for entry in batch.entries:
        if isinstance(entry.fact, CustodyOffered) and entry.fact.container == container:
            answer = answers.get(entry.seq)
            taken = answer is not None and isinstance(answer.fact, CustodyTaken)
            waited = answer.time - entry.time if answer is not None and taken else timedelta(0)
            links.append(
                Link(
                    entry=entry,
                    answer=answer,
                    broken=holder is not None and holder != entry.person,
                    waited=waited if waited > GAP else None,
                )
            )
            holder = answer.person if answer is not None and taken else entry.person
        elif _tells_of(batch, entry, container):
            links.append(Link(entry=entry, waited=_late(batch, entry)))
    return tuple(links)


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
