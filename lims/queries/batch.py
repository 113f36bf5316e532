"""One batch as a whole: its steps, containers, labels, deviations, people, holds and what is next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lims.domain.acts import ALIVE
from lims.domain.batch_record import BatchRecord, Deviation, PrintedLabel
from lims.domain.entries.batch import ContainerLabelled, OperationAdded
from lims.domain.entries.envelope import Entry, stream_of
from lims.domain.entries.values import Scanned
from lims.domain.folds import Folded
from lims.domain.master_batch_record import ScanMaterialSlot, Step
from lims.domain.numbering import numbers_of
from lims.domain.outline import Group, group_of, outline
from lims.domain.participant import Participant
from lims.domain.refusals import Reason
from lims.domain.release import unmet_round_before
from lims.domain.waiting import day_zero
from lims.ledger.open_book import Book
from lims.queries.look import Reader, batch_of, people_names
from lims.queries.record_words import words_of_entries


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """A lot that went into the batch."""

    step: Step
    title: str
    lot: str
    name: str
    typed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPage:
    """Everything that the page of a batch shows."""

    batch: BatchRecord
    day: int | None
    groups: tuple[Group, ...]
    current: Step | None
    now_in: Group | None
    """The stage of the current step."""
    reasons: Mapping[str, str]
    """Why each added operation was needed, by the code of its step; erased ones are missing."""
    deviations: tuple[Deviation, ...]
    containers: tuple[tuple[str, ContainerLabelled, str], ...]
    """Code, container, and its holder's name."""
    labels: tuple[PrintedLabel, ...]
    used: tuple[Used, ...]
    holds: tuple[Entry, ...]
    names: Mapping[str, str]
    people: tuple[tuple[str, str], ...]
    """Name and what they did: performed, verified."""
    at_risk: tuple[Reason, ...]
    """What its release will wait for in the round before, while it is made (TR-3)."""
    due_at: datetime | None
    due_since: datetime | None
    now: datetime

    def number_of(self, code: str) -> str:
        """A step's number."""
        return numbers_of(self.batch)[code]


def batch_page(reader: Reader, *, batch: str) -> BatchPage:
    """The batch as it stands now."""
    with reader.site.ledger.reading() as book:
        record = batch_of(reader, book, batch)
        persons = {entry.person for entry in record.entries} | {c.holder for c in record.custody.values()}
        names = people_names(reader, book, persons)
        words = words_of_entries(book, record.operations)
        at_risk = _at_risk(book, record)
    zero, now, groups = day_zero(record), reader.now, outline(record)
    return BatchPage(
        batch=record,
        day=(reader.local(now).date() - zero).days if zero else None,
        groups=groups,
        current=record.current,
        now_in=group_of(groups, record.current.code) if record.current else None,
        reasons={
            entry.fact.step: words[entry.fact.reason.commitment]
            for entry in record.operations
            if isinstance(entry.fact, OperationAdded) and entry.fact.reason.commitment in words
        },
        deviations=tuple(record.deviations.values()),
        containers=tuple(
            (code, item, names[record.custody[code].holder] if code in record.custody else "")
            for code, item in record.containers.items()
        ),
        labels=tuple(record.labels.values()),
        used=_used(record),
        holds=record.holds,
        names=names,
        people=_people(record, names),
        at_risk=at_risk,
        due_at=None,
        due_since=None,
        now=now,
    )


def _at_risk(book: Book, batch: BatchRecord) -> tuple[Reason, ...]:
    if batch.release is not None or batch.stage not in ALIVE:
        return ()
    person = book.derived(stream_of("participant", batch.issue.participant), Folded.of).record
    assert isinstance(person, Participant)
    return unmet_round_before(person, batch.issue.round)


def _used(batch: BatchRecord) -> tuple[Used, ...]:
    found = []
    for step in batch.plan:
        for slot in step.evidence:
            value = batch.value(step.code, slot.code)
            if isinstance(slot, ScanMaterialSlot) and isinstance(value, Scanned):
                typed = value.means.value == "typed"
                lot = value.of.partition(":")[2]
                found.append(Used(step=step, title=slot.item, lot=lot, name=value.name, typed=typed))
    return tuple(found)


def _people(batch: BatchRecord, names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    performed = {who for record in batch.steps.values() for who in record.performers}
    seconds = {who for record in batch.steps.values() for who in record.seconds}
    told = [(names.get(who, who), "performed") for who in sorted(performed)]
    return tuple(told + [(names.get(who, who), "verified") for who in sorted(seconds)])
