"""One batch as a whole: its steps, containers, labels, deviations, people, holds and what is next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lims.domain.batch_record import BatchRecord, Deviation, PrintedLabel, StepRecord
from lims.domain.entries.batch import ContainerLabelled
from lims.domain.entries.envelope import Entry
from lims.domain.entries.values import Scanned
from lims.domain.master_batch_record import ScanMaterialSlot, SecondPerson, Step, Words
from lims.domain.waiting import day_zero
from lims.queries.look import Reader, batch_of, people_names


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """A step in the list: how far it is and who stood behind it."""

    step: Step
    state: str
    """done, now, verify or open."""
    record: StepRecord
    deviations: int
    open_deviations: int


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
    stages: tuple[tuple[Words, tuple[StepLine, ...]], ...]
    current: Step | None
    deviations: tuple[Deviation, ...]
    containers: tuple[tuple[str, ContainerLabelled, str], ...]
    """Code, container, and its holder's name."""
    labels: tuple[PrintedLabel, ...]
    used: tuple[Used, ...]
    holds: tuple[Entry, ...]
    names: Mapping[str, str]
    people: tuple[tuple[str, str], ...]
    """Name and what they did: performed, verified."""
    due_at: datetime | None
    due_since: datetime | None
    now: datetime


def batch_page(reader: Reader, *, batch: str) -> BatchPage:
    """The batch as it stands now."""
    with reader.site.ledger.reading() as book:
        record = batch_of(reader, book, batch)
        persons = {entry.person for entry in record.entries} | {c.holder for c in record.custody.values()}
        names = people_names(reader, book, persons)
    zero, now = day_zero(record), reader.now
    return BatchPage(
        batch=record,
        day=(reader.local(now).date() - zero).days if zero else None,
        stages=tuple(
            (title, tuple(_line(record, step) for step in steps)) for title, steps in record.outline
        ),
        current=record.current,
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
        due_at=None,
        due_since=None,
        now=now,
    )


def _line(batch: BatchRecord, step: Step) -> StepLine:
    record = batch.steps.get(step.code, StepRecord())
    found = [d for d in batch.deviations.values() if d.fact.step == step.code]
    waits = step.second_person is SecondPerson.REVIEW and record.verified is None
    if record.confirmed:
        state = "verify" if waits else "done"
    else:
        state = "now" if batch.current and batch.current.code == step.code else "open"
    return StepLine(
        step=step,
        state=state,
        record=record,
        deviations=len(found),
        open_deviations=sum(d.decided is None for d in found),
    )


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
