"""One step of one batch as the person at the bench needs it: what is asked, what is on file, what is missing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from lims.domain.acts import Role
from lims.domain.batch_record import BatchRecord, Deviation, PrintedLabel, SlotRecord, StepRecord
from lims.domain.codes import CodeType
from lims.domain.computing import is_computed
from lims.domain.culture import missing, to_verify
from lims.domain.deviations import quality_first
from lims.domain.entries.batch import Annotated, CustodyOffered, EvidenceCorrected, EvidenceRecorded
from lims.domain.entries.envelope import Entry
from lims.domain.entries.values import Value
from lims.domain.evidence import is_correctable
from lims.domain.master_batch_record import (
    AnySlot,
    BranchSlot,
    HandoverSlot,
    HoldTimeSlot,
    LabelSlot,
    SampleSlot,
    ScanContainerSlot,
    ScanEquipmentSlot,
    ScanLocationSlot,
    ScanMaterialSlot,
    ScanWristbandSlot,
    Step,
)
from lims.domain.materials import first_to_use
from lims.domain.outline import Group, Line, group_of, outline
from lims.domain.refusals import Reason
from lims.domain.rows import LotRow, TaskRow
from lims.domain.statements import about_step, digest, statement
from lims.domain.waiting import day_zero
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find
from lims.queries.look import NotOnFile, Reader, batch_of, people_names
from lims.queries.record_words import words_of_entries


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotView:
    """A slot with what is on file for it and what the page may do with it."""

    slot: AnySlot
    record: SlotRecord | None
    filled: bool
    computed: bool
    accepts: tuple[str, ...] = ()
    """Code types that a scan slot takes."""
    wanted: int = 1
    labels: tuple[PrintedLabel, ...] = ()
    printed_for: tuple[str, ...] = ()
    """Codes of the containers that a label slot prints for."""
    offer: CustodyOffered | None = None
    container: str = ""
    """The code that a handover slot hands over."""
    since: datetime | None = None
    """When a running hold time began."""
    due_at: datetime | None = None
    deviations: tuple[Deviation, ...] = ()
    first: LotRow | None = None
    """Of the lots of the item that the slot takes, the one that ends first."""
    leads: Mapping[str, tuple[Step, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """For each way of a branch the steps that only it asks for."""

    @property
    def code(self) -> str:
        """The slot's code."""
        return self.slot.code

    @property
    def may_type(self) -> bool:
        """A code that cannot be scanned may be typed; a wristband's never."""
        return bool(self.accepts) and not isinstance(self.slot, ScanWristbandSlot)

    @property
    def value(self) -> Value | None:
        """The value that counts."""
        return self.record.value if self.record else None

    @property
    def history(self) -> tuple[tuple[Entry, EvidenceRecorded | EvidenceCorrected], ...]:
        """Every entry, first to last, with its fact."""
        entries = self.record.history if self.record else ()
        return tuple(
            (entry, entry.fact)
            for entry in entries
            if isinstance(entry.fact, EvidenceRecorded | EvidenceCorrected)
        )

    @property
    def correctable(self) -> bool:
        """Measured and written values can be corrected; identities and computed values cannot."""
        return self.filled and is_correctable(self.slot)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPage:
    """Everything that the page of a step shows."""

    batch: BatchRecord
    step: Step
    at: str
    """The step's number."""
    groups: tuple[Group, ...]
    group: Group
    """The stage in which it stands."""
    line: Line
    day: int | None
    record: StepRecord
    slots: tuple[SlotView, ...]
    before: Step | None
    """The step that must be confirmed first."""
    missing: tuple[Reason, ...]
    deviations: tuple[Deviation, ...]
    blocking: Deviation | None
    """A deviation that quality must decide before the step is confirmed."""
    due_at: datetime | None
    due_since: datetime | None
    notes: tuple[tuple[Entry, Annotated], ...]
    names: Mapping[str, str]
    words: Mapping[str, str]
    shown: str
    """What the performer is shown, as a digest; a signature carries it."""
    shown_verify: str
    following: str | None
    """The step after this one."""
    now: datetime

    @property
    def number(self) -> str:
        """The batch's number."""
        return self.batch.number

    @property
    def to_explain(self) -> tuple[Deviation, ...]:
        """Deviations of this step that the bench has not explained yet."""
        return tuple(d for d in self.deviations if not d.decided and not d.explained and d.fact.words is None)

    def slot(self, code: str) -> SlotView | None:
        """The slot of that code."""
        return next((view for view in self.slots if view.code == code), None)

    def next_slot(self, wanted: str = "") -> SlotView | None:
        """The slot to work on: the one asked for if it is open, else the first that the step waits for.

        What is not required comes last, for nobody has to pass it by to go on.
        """
        open_ones = [view for view in self.slots if not view.filled and not view.computed]
        chosen = [view for view in open_ones if view.code == wanted]
        free = [view for view in open_ones if not view.offer]
        required = [view for view in free if view.slot.required]
        return next(iter(chosen or required or free or open_ones), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwayPage:
    """A step that this batch is not asked for: which branch says so, or has still to."""

    batch: BatchRecord
    line: Line
    day: int | None
    due_at: datetime | None = None
    due_since: datetime | None = None
    now: datetime


def step_page(reader: Reader, *, batch: str, step: str) -> StepPage:
    """A step as it stands now; not on file when the batch has no such step or is not asked for it."""
    with reader.site.ledger.reading() as book:
        return _page(reader, book, _asking(reader, book, batch=batch, step=step), step)


def slot_asked(reader: Reader, *, batch: str, step: str, slot: str) -> AnySlot | None:
    """What a slot of a step asks for; none when the step has no such slot."""
    with reader.site.ledger.reading() as book:
        return _asking(reader, book, batch=batch, step=step).slot_of(step, slot)


def _asking(reader: Reader, book: Book, *, batch: str, step: str) -> BatchRecord:
    """The batch, which asks for the step."""
    record = batch_of(reader, book, batch)
    if record.step(step) is None:
        known = any(item.code == step for item in record.master.steps)
        raise NotOnFile("step.not_asked" if known else "step.unknown", what=step)
    return record


def step_or_away(reader: Reader, *, batch: str, step: str) -> StepPage | AwayPage:
    """As `step_page`; a step of the master batch record that the batch is not asked for says why."""
    with reader.site.ledger.reading() as book:
        record = batch_of(reader, book, batch)
        if record.step(step) is not None:
            return _page(reader, book, record, step)
        lines = (line for group in outline(record) for line in group.lines)
        line = next((line for line in lines if line.step.code == step), None)
        if line is None:
            raise NotOnFile("step.unknown", what=step)
        return AwayPage(batch=record, line=line, day=_day(reader, record), now=reader.now)


def _day(reader: Reader, batch: BatchRecord) -> int | None:
    """Today's culture day at the site."""
    zero = day_zero(batch)
    return (reader.local(reader.now).date() - zero).days if zero else None


def _page(reader: Reader, book: Book, batch: BatchRecord, code: str) -> StepPage:
    steps = batch.plan
    at = next(at for at, step in enumerate(steps) if step.code == code)
    step, now, groups = steps[at], reader.now, outline(batch)
    group = group_of(groups, code)
    assert group is not None
    line = next(line for line in group.lines if line.step.code == code)
    record = batch.steps.get(code, StepRecord())
    deviations = tuple(d for d in batch.deviations.values() if d.fact.step == code)
    slots = tuple(
        replace(_slot(batch, step, slot, deviations), first=_first(reader, book, slot))
        for slot in step.evidence
    )
    notes = tuple(
        (entry, entry.fact)
        for entry in batch.entries
        if isinstance(entry.fact, Annotated) and entry.fact.step == code
    )
    entries = [entry for view in slots for entry, _ in view.history]
    told = [*entries, *(entry for entry, _ in notes), *_of_deviations(deviations)]
    others = (record.confirmed, record.verified, record.sent_back, line.operation, line.milestone)
    told += [entry for entry in others if entry]
    running = min((v for v in slots if v.due_at), key=lambda v: v.due_at or now, default=None)
    about = about_step(step, language=reader.language)
    return StepPage(
        batch=batch,
        step=step,
        at=line.number,
        groups=groups,
        group=group,
        line=line,
        day=_day(reader, batch),
        record=record,
        slots=slots,
        before=next((other for other in steps[:at] if not batch.is_confirmed(other.code)), None),
        missing=missing(batch, step),
        deviations=deviations,
        blocking=quality_first(batch, (*batch.earlier_than(code), code)),
        due_at=running.due_at if running else None,
        due_since=running.since if running else None,
        notes=notes,
        names=people_names(reader, book, {entry.person for entry in told} | record.performers),
        words=words_of_entries(book, told),
        shown=digest(statement("confirm_step", batch, about)),
        shown_verify=digest(statement("verify_step", batch, about)),
        following=steps[at + 1].code if at + 1 < len(steps) else None,
        now=now,
    )


def _of_deviations(deviations: tuple[Deviation, ...]) -> list[Entry]:
    return [e for d in deviations for e in (d.opened, d.explained, d.decided) if e]


def _first(reader: Reader, book: Book, slot: AnySlot) -> LotRow | None:
    """The lot that is to be taken for the slot."""
    if not isinstance(slot, ScanMaterialSlot):
        return None
    rows = find(book, LotRow, item=slot.item)
    return first_to_use(rows, now=reader.now, zone=reader.site.founded.zone)


def _slot(batch: BatchRecord, step: Step, slot: AnySlot, deviations: tuple[Deviation, ...]) -> SlotView:
    record = batch.slots.get((step.code, slot.code))
    since, due_at = _running(batch, slot) if record is None else (None, None)
    container = _handed_over(batch, slot)
    return SlotView(
        slot=slot,
        record=record,
        filled=batch.is_filled(step.code, slot),
        computed=is_computed(slot),
        accepts=accepts(batch, slot),
        wanted=slot.count if isinstance(slot, ScanContainerSlot) else 1,
        labels=tuple(
            label for label in batch.labels.values() if (label.step, label.slot) == (step.code, slot.code)
        )
        if isinstance(slot, LabelSlot)
        else (),
        offer=batch.offer_of(container) if container else None,
        container=container,
        since=since,
        due_at=due_at,
        deviations=tuple(d for d in deviations if d.fact.slot == slot.code),
        printed_for=_printed_for(batch, slot),
        leads=_leads(batch, step, slot),
    )


def _printed_for(batch: BatchRecord, slot: AnySlot) -> tuple[str, ...]:
    if not isinstance(slot, LabelSlot):
        return ()
    kind = next(label.container for label in batch.master.labels if label.code == slot.label)
    return tuple(code for code, item in batch.containers.items() if item.container == kind)


def _leads(batch: BatchRecord, step: Step, slot: AnySlot) -> Mapping[str, tuple[Step, ...]]:
    """What each way of a branch asks for that the others do not."""
    if not isinstance(slot, BranchSlot):
        return MappingProxyType({})
    reference = f"{step.code}.{slot.code}"
    waiting = [other for other in batch.master.steps if other.when and other.when.branch == reference]
    return MappingProxyType(
        {
            way.code: tuple(other for other in waiting if other.when and way.code in other.when.ways)
            for way in slot.ways
        }
    )


def _running(batch: BatchRecord, slot: AnySlot) -> tuple[datetime | None, datetime | None]:
    """Since when a hold time runs and when it is over."""
    since = batch.moment_at(slot.since) if isinstance(slot, HoldTimeSlot) else None
    if since is None or not isinstance(slot, HoldTimeSlot):
        return None, None
    return since, since + timedelta(minutes=slot.most_minutes)


def _handed_over(batch: BatchRecord, slot: AnySlot) -> str:
    if not isinstance(slot, HandoverSlot):
        return ""
    return next((code for code, c in batch.containers.items() if c.container == slot.container), "")


def accepts(batch: BatchRecord, slot: AnySlot) -> tuple[str, ...]:
    """The code types whose scan belongs into the slot."""
    match slot:
        case ScanContainerSlot():
            return (_type_of(batch, slot.container),)
        case SampleSlot():
            kind = next(item.container for item in batch.master.samples if item.code == slot.sample)
            return (_type_of(batch, kind),)
        case ScanMaterialSlot():
            return (CodeType.MATERIAL_LOT.value, CodeType.REAGENT_PREPARATION.value)
        case ScanEquipmentSlot() | ScanLocationSlot():
            return (CodeType.EQUIPMENT.value, CodeType.LOCATION.value, CodeType.SHIPPER.value)
        case ScanWristbandSlot():
            return (CodeType.PARTICIPANT.value,)
        case _:
            return ()


def _type_of(batch: BatchRecord, container: str) -> str:
    wanted = next(item for item in batch.master.containers if item.code == container)
    return CodeType[wanted.code_type].value


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A step that waits for a second person, and who performed it."""

    task: TaskRow
    performers: tuple[str, ...]
    mine: bool
    """The reader performed it and therefore may not check it (I1)."""


def checks_for(roles: Collection[Role], book: Book) -> tuple[TaskRow, ...]:
    """Steps that wait for a second person of one of these roles; quality may check what the laboratory does."""
    wanted = {role.value for role in roles} | ({"technician"} if Role.QA in roles else set())
    return find(book, TaskRow, ("role", "in", sorted(wanted)), what="verify_step", order=("since",))


def verification_queue(reader: Reader) -> tuple[Check, ...]:
    """Steps that the reader's roles may check, oldest first; the reader's own are shown as such."""
    with reader.site.ledger.reading() as book:
        tasks = checks_for(reader.roles, book)
        performers = {task.key: tuple(name for name in task.not_by.split("|") if name) for task in tasks}
        names = people_names(reader, book, {who for people in performers.values() for who in people})
        return tuple(
            Check(
                task=task,
                performers=tuple(names[who] for who in performers[task.key]),
                mine=f"|{reader.person}|" in task.not_by,
            )
            for task in tasks
        )


def awaits_check(page: StepPage) -> bool:
    """The step is confirmed and waits for a second person."""
    return any(step.code == page.step.code for step in to_verify(page.batch))
