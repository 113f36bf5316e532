"""The batch record: one batch's state as the fold of its own stream. Rules judge it, pages show it, PDFs print it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from itertools import takewhile
from types import MappingProxyType

from lims.domain.acts import Stage
from lims.domain.cell_counts import CellCount
from lims.domain.entries.batch import (
    BatchIssued,
    BatchRejected,
    ContainerLabelled,
    CustodyOffered,
    DeviationDecided,
    DeviationExplained,
    DeviationOpened,
    DisposedFinally,
    EvidenceCorrected,
    EvidenceRecorded,
    HoldPlaced,
    IdentityConfirmed,
    IdentityMatched,
    OperationAdded,
    Perfused,
    ReleasedConditionally,
    ResultEntered,
)
from lims.domain.entries.envelope import Entry, stream_of
from lims.domain.entries.notices import NoticeEscalated, NoticeGiven
from lims.domain.entries.oos import OosJudged
from lims.domain.entries.values import (
    Branched,
    Calculated,
    Counts,
    Labelled,
    Moment,
    Number,
    Scanned,
    TotalTime,
    Value,
)
from lims.domain.master_batch_record import (
    AnySlot,
    MasterBatchRecord,
    Milestone,
    ScanContainerSlot,
    SecondPerson,
    Step,
    Test,
    Words,
)
from lims.domain.operations import instance
from lims.domain.protocol import StudyProtocol
from lims.domain.rounding import CONTEXT

SECONDS_PER_HOUR = Decimal(3600)
EACH_COUNT = ("first", "second", "third")
"""Fields of a duplicate count: what each count gives by itself, in cells/mL."""


def concentrations(value: Counts) -> tuple[Decimal, ...]:
    """F1 of every single count, in the order in which they were made."""
    return tuple(
        CellCount(
            live=count.live, dead=count.dead, squares=value.squares, dilution=value.dilution
        ).viable_per_ml
        for count in value.counts
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRecord:
    """Everything ever entered for one slot, first to last; the last counts."""

    history: tuple[Entry, ...]

    @property
    def last(self) -> Entry:
        """The entry that counts."""
        return self.history[-1]

    @property
    def scans(self) -> tuple[Scanned, ...]:
        """Every code scanned into the slot; a slot for several containers holds one entry for each."""
        facts = (entry.fact for entry in self.history)
        values = (fact.value for fact in facts if isinstance(fact, EvidenceRecorded | EvidenceCorrected))
        return tuple(value for value in values if isinstance(value, Scanned))

    @property
    def fact(self) -> EvidenceRecorded | EvidenceCorrected:
        """The fact that counts."""
        fact = self.last.fact
        assert isinstance(fact, EvidenceRecorded | EvidenceCorrected)
        return fact

    @property
    def value(self) -> Value:
        """The value that counts."""
        return self.fact.value


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """What is on file about one step."""

    confirmed: Entry | None = None
    verified: Entry | None = None
    sent_back: Entry | None = None
    performers: frozenset[str] = frozenset()
    seconds: frozenset[str] = frozenset()
    last_seq: int = 0
    """The last entry that touched the step's evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """A deviation with its explanation and decision."""

    number: str
    opened: Entry
    fact: DeviationOpened
    explained: Entry | None = None
    decided: Entry | None = None
    investigated: Entry | None = None
    """The newest investigation; earlier ones stay on file."""
    capas: tuple[str, ...] = ()
    closed: Entry | None = None

    @property
    def decision(self) -> DeviationDecided | None:
        """Quality's decision, if there is one."""
        fact = self.decided.fact if self.decided else None
        return fact if isinstance(fact, DeviationDecided) else None

    @property
    def explanation(self) -> DeviationExplained | None:
        """What the bench said, if it did."""
        fact = self.explained.fact if self.explained else None
        return fact if isinstance(fact, DeviationExplained) else None

    @property
    def severity(self) -> str:
        """As assessed, or as it was opened."""
        return self.decision.severity if self.decision else self.fact.severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One entry of a test with its review."""

    entry: Entry
    fact: ResultEntered
    review: Entry | None = None
    agreed: bool = False
    void: Entry | None = None
    """Quality's judgement that a laboratory error made it; it stays on file."""

    @property
    def counts(self) -> bool:
        """Reviewed, agreed and not void; nothing else is a result."""
        return self.review is not None and self.agreed and self.void is None

    @property
    def is_reported(self) -> bool:
        """It was not measured but computed from several by the declared rule."""
        return isinstance(self.entry.fact, OosJudged)


@dataclass(frozen=True, slots=True, kw_only=True)
class Investigation:
    """A result outside its specification, and how far the question has come what to make of it."""

    number: str
    """Its deviation's."""
    test: str
    result_seq: int
    opened: Entry
    examined: Entry | None = None
    judged: tuple[Entry, ...] = ()

    @property
    def decisions(self) -> tuple[str, ...]:
        """Quality's judgements so far, in order."""
        return tuple(entry.fact.decision for entry in self.judged if isinstance(entry.fact, OosJudged))

    @property
    def is_over(self) -> bool:
        """Quality has said what becomes of the result."""
        return bool(self.decisions) and self.decisions[-1] != "retest"

    @property
    def stands(self) -> bool:
        """The result outside its specification stands, as far as anybody knows."""
        return not self.is_over or self.decisions[-1] == "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Somebody who must be told, with the acknowledgement and every time that it escalated."""

    number: str
    given: Entry
    fact: NoticeGiven
    acknowledged: Entry | None = None
    escalated: tuple[Entry, ...] = ()

    @property
    def due_at(self) -> datetime:
        """By when it must be acknowledged now."""
        last = self.escalated[-1].fact if self.escalated else self.fact
        assert isinstance(last, NoticeGiven | NoticeEscalated)
        return last.due_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """Who holds a container: since when, where, and an offer that waits for the receiver."""

    holder: str
    place: str
    since: datetime
    offer: Entry | None = None
    room: str | None = None
    """The room in which the holder stood when last something about it was confirmed."""
    stored: str | None = None
    """The place in which it lies, until it is scanned out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedLabel:
    """One label serial and its fate; None while nobody accounted for it."""

    serial: str
    step: str
    slot: str
    container: str
    fate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRecord:
    """One batch, from issue to closure."""

    number: str
    entries: tuple[Entry, ...] = ()
    issued: BatchIssued | None = None
    containers: Mapping[str, ContainerLabelled] = field(default_factory=lambda: MappingProxyType({}))
    slots: Mapping[tuple[str, str], SlotRecord] = field(default_factory=lambda: MappingProxyType({}))
    steps: Mapping[str, StepRecord] = field(default_factory=lambda: MappingProxyType({}))
    operations: tuple[Entry, ...] = ()
    """Operations that were added to this batch, each as it was asked for."""
    plan: tuple[Step, ...] = ()
    """The steps of this batch in their order: those that the master batch record asks for on the ways that were
    taken, and the operations that were added, each before the step that waited for it."""
    by_code: Mapping[str, Step] = field(default_factory=lambda: MappingProxyType({}))
    """The same steps by their codes."""
    tests: tuple[Test, ...] = ()
    """QC tests of this batch: those whose sample one of its steps takes."""
    reached: Mapping[Milestone, Entry] = field(default_factory=lambda: MappingProxyType({}))
    """What other acts brought about, each with the entry that did."""
    deviations: Mapping[str, Deviation] = field(default_factory=lambda: MappingProxyType({}))
    labels: Mapping[str, PrintedLabel] = field(default_factory=lambda: MappingProxyType({}))
    samples: Mapping[str, Entry] = field(default_factory=lambda: MappingProxyType({}))
    received: Mapping[str, Entry] = field(default_factory=lambda: MappingProxyType({}))
    results: Mapping[str, tuple[Result, ...]] = field(default_factory=lambda: MappingProxyType({}))
    investigations: Mapping[str, Investigation] = field(default_factory=lambda: MappingProxyType({}))
    """Results outside their specification, by the number of the deviation that each opened."""
    holds: tuple[Entry, ...] = ()
    notices: Mapping[str, Notice] = field(default_factory=lambda: MappingProxyType({}))
    custody: Mapping[str, Custody] = field(default_factory=lambda: MappingProxyType({}))
    handovers: tuple[Entry, ...] = ()
    reviewed: Entry | None = None
    released: Entry | None = None
    matched: Entry | None = None
    confirmed: Entry | None = None
    perfused: Entry | None = None
    observed: Entry | None = None
    """The observation after the perfusion has ended."""
    judged: Entry | None = None
    settled: Entry | None = None
    """Clinician's and investigator's decision on a dose outside its limit."""
    disposed: Entry | None = None
    ended: Entry | None = None
    closed: Entry | None = None
    signatures: Mapping[int, Entry] = field(default_factory=lambda: MappingProxyType({}))
    """For each covered entry's seq its signature."""
    last_change: int = 0
    """The last entry that a record review must have seen."""
    stage: Stage = Stage.ISSUED
    """Where the batch stands."""

    @property
    def stream(self) -> str:
        """The batch's own stream."""
        return stream_of("batch", self.number)

    @property
    def seq(self) -> int:
        """The last entry's number."""
        return self.entries[-1].seq if self.entries else 0

    @property
    def master(self) -> MasterBatchRecord:
        """The master batch record frozen into this batch."""
        return self.issue.master

    @property
    def protocol(self) -> StudyProtocol:
        """The protocol version the batch was issued under."""
        return self.issue.protocol

    @property
    def issue(self) -> BatchIssued:
        """The issuing fact; a batch without one does not exist."""
        if self.issued is None:
            raise LookupError(f"batch {self.number} was never issued")
        return self.issued

    @property
    def on_hold(self) -> Entry | None:
        """The oldest hold that nobody lifted."""
        return self.holds[0] if self.holds else None

    @property
    def hold_reason(self) -> str:
        """The reason code of the oldest hold, or nothing."""
        fact = self.on_hold.fact if self.on_hold else None
        return fact.reason_code if isinstance(fact, HoldPlaced) else ""

    @property
    def took_part(self) -> frozenset[str]:
        """Everyone who performed or verified a step of this batch."""
        people: frozenset[str] = frozenset()
        for record in self.steps.values():
            people |= record.performers | record.seconds
        return people

    @property
    def production(self) -> tuple[Step, ...]:
        """The steps at the bench that the conditional release waits for."""
        whole = tuple(step for step in self.plan if step.done_by is None)
        return whole if self.step_of(Milestone.RELEASED) is None else self.before(Milestone.RELEASED)

    def step_of(self, milestone: Milestone) -> Step | None:
        """The step that a milestone brings about, if this record waits for it."""
        return next((step for step in self.plan if step.done_by is milestone), None)

    def before(self, milestone: Milestone) -> tuple[Step, ...]:
        """The steps at the bench that stand before a milestone; none if this record does not wait for it."""
        end = next((at for at, step in enumerate(self.plan) if step.done_by is milestone), 0)
        return tuple(step for step in self.plan[:end] if step.done_by is None)

    def step(self, code: str) -> Step | None:
        """The step of that code, if this batch has it."""
        return self.by_code.get(code)

    def is_confirmed(self, step: str) -> bool:
        """The performer stands behind the step, or what it waits for is on file."""
        record = self.steps.get(step)
        if record is not None and record.confirmed is not None:
            return True
        if not self.reached:
            return False
        defined = self.step(step)
        return defined is not None and defined.done_by is not None and defined.done_by in self.reached

    def is_finished(self, step: Step) -> bool:
        """Confirmed and, where the step asks for it, verified."""
        if step.done_by is not None:
            return step.done_by in self.reached
        record = self.steps.get(step.code, StepRecord())
        return record.confirmed is not None and (
            step.second_person is not SecondPerson.REVIEW or record.verified is not None
        )

    @property
    def current(self) -> Step | None:
        """The first step that is not confirmed."""
        return next((step for step in self.plan if not self.is_confirmed(step.code)), None)

    def earlier_than(self, step: str) -> tuple[str, ...]:
        """The codes of the steps that the plan has before this one."""
        return tuple(takewhile(lambda code: code != step, (item.code for item in self.plan)))

    @property
    def outline(self) -> tuple[tuple[Words, tuple[Step, ...]], ...]:
        """The plan under the titles of its stages; an added operation stands in the stage where it was needed."""
        stage_of = {step.code: at for at, stage in enumerate(self.master.stages) for step in stage.steps}
        found: list[list[Step]] = [[] for _ in self.master.stages]
        waiting: list[Step] = []
        for step in self.plan:
            waiting.append(step)
            if step.code in stage_of:
                found[stage_of[step.code]] += waiting
                waiting = []
        return tuple(
            (stage.title, tuple(steps))
            for stage, steps in zip(self.master.stages, found, strict=True)
            if steps
        )

    def slot_of(self, step: str, slot: str) -> AnySlot | None:
        """The slot's definition in the frozen master batch record."""
        defined = self.step(step)
        return next((item for item in defined.evidence if item.code == slot), None) if defined else None

    def is_filled(self, step: str, slot: AnySlot) -> bool:
        """The slot has its evidence; one for several containers has every one of them."""
        record = self.slots.get((step, slot.code))
        if record is None:
            return False
        return not isinstance(slot, ScanContainerSlot) or len(record.scans) >= slot.count

    def value(self, step: str, slot: str) -> Value | None:
        """The value that counts, or none."""
        record = self.slots.get((step, slot))
        return record.value if record else None

    def number_at(self, source: str) -> Decimal | None:
        """The exact decimal behind `step.slot` or `step.slot.field`; none while it is not on file."""
        step, slot, *rest = source.split(".")
        value = self.value(step, slot)
        match value:
            case Number():
                return value.value
            case Calculated():
                return value.exact
            case TotalTime():
                with localcontext(CONTEXT):
                    return Decimal(value.seconds) / SECONDS_PER_HOUR
            case Counts():
                name = rest[0] if rest else "concentration"
                fields: dict[str, Decimal] = {
                    "concentration": value.concentration,
                    "viability": value.viability,
                    "cv": value.cv,
                    "live": Decimal(sum(value.counts[at].live for at in value.used)),
                    "dead": Decimal(sum(value.counts[at].dead for at in value.used)),
                }
                for field_name, per_ml in zip(EACH_COUNT, concentrations(value), strict=False):
                    fields[field_name] = per_ml
                return fields.get(name)
            case _:
                return None

    def moment_at(self, source: str) -> datetime | None:
        """When `step.slot` happened: a time slot's own time, else the time its first entry was taken."""
        step, slot = source.split(".")[:2]
        record = self.slots.get((step, slot))
        if record is None:
            return None
        if isinstance(record.value, Moment):
            return record.value.at
        return record.history[0].time

    @property
    def expires_at(self) -> datetime | None:
        """Fill end plus shelf life (F16); none until the fill has ended."""
        ended = self.moment_at(self.master.dose.fill_end)
        return ended + timedelta(hours=self.master.shelf_life_hours) if ended else None

    @property
    def unit_code(self) -> str | None:
        """The code of the product unit."""
        return next(
            (code for code, item in self.containers.items() if item.container == self.master.dose.product),
            None,
        )

    @property
    def open_deviations(self) -> tuple[Deviation, ...]:
        """Deviations that wait for a decision."""
        return tuple(item for item in self.deviations.values() if item.decided is None)

    @property
    def release(self) -> ReleasedConditionally | None:
        """The conditional release, if there is one; it stays as it was signed."""
        fact = self.released.fact if self.released else None
        return fact if isinstance(fact, ReleasedConditionally) else None

    @property
    def match(self) -> IdentityMatched | None:
        """The last bedside match."""
        fact = self.matched.fact if self.matched else None
        return fact if isinstance(fact, IdentityMatched) else None

    @property
    def second_match(self) -> IdentityConfirmed | None:
        """The second person's match of the last bedside check."""
        fact = self.confirmed.fact if self.confirmed else None
        return fact if isinstance(fact, IdentityConfirmed) else None

    @property
    def perfusion(self) -> Perfused | None:
        """The perfusion, if it happened."""
        fact = self.perfused.fact if self.perfused else None
        return fact if isinstance(fact, Perfused) else None

    @property
    def disposition(self) -> DisposedFinally | None:
        """The final disposition, if there is one."""
        fact = self.disposed.fact if self.disposed else None
        return fact if isinstance(fact, DisposedFinally) else None

    def result_of(self, test: Test) -> Result | None:
        """The result that stands for a test: the last one entered; no retest does, quality reports from them."""
        standing = [result for result in self.results.get(test.code, ()) if not result.fact.oos]
        return standing[-1] if standing else None

    def unreviewed(self, test: Test) -> Result | None:
        """The result or retest of a test that waits for its second person."""
        entered = self.results.get(test.code, ())
        return next((item for item in entered if item.review is None and item.void is None), None)

    def test_state(self, test: Test) -> str:
        """pass, fail, reported, invalid, not_done, to_review or pending; only a reviewed result counts."""
        result = self.result_of(test)
        if result is None:
            return "pending"
        if result.void is not None:
            return "invalid"
        return result.fact.outcome if result.counts else "to_review"

    def label_balance(self, step: str, slot: str) -> Labelled:
        """How many labels of a slot were printed and what became of them (F17)."""
        fates = [item.fate for item in self.labels.values() if (item.step, item.slot) == (step, slot)]
        return Labelled(
            printed=len(fates),
            applied=fates.count("applied"),
            attached=fates.count("attached"),
            destroyed=fates.count("destroyed"),
        )

    def is_scanned(self, step: str, code: str) -> bool:
        """The code is on file already in this step."""
        return any(
            scan.code == code for (at, _), record in self.slots.items() if at == step for scan in record.scans
        )

    def offer_of(self, container: str) -> CustodyOffered | None:
        """An open hand-over of a container."""
        custody = self.custody.get(container)
        fact = custody.offer.fact if custody and custody.offer else None
        return fact if isinstance(fact, CustodyOffered) else None


def stage_of(batch: BatchRecord) -> Stage:
    """Where a batch stands, as everything else in its record tells."""
    if batch.closed:
        return Stage.CLOSED
    if batch.disposed:
        return Stage.DISPOSED
    if batch.perfused:
        return Stage.PERFUSED
    if batch.ended:
        return Stage.REJECTED if isinstance(batch.ended.fact, BatchRejected) else Stage.TERMINATED
    if batch.released:
        return Stage.RELEASED
    if all(batch.is_confirmed(step.code) for step in batch.production):
        return Stage.TESTING
    return Stage.IN_PROCESS if batch.slots else Stage.ISSUED


def plan_of(
    master: MasterBatchRecord, slots: Mapping[tuple[str, str], SlotRecord], operations: tuple[Entry, ...]
) -> tuple[Step, ...]:
    """The steps that are asked for now. A step whose way was not taken stays when it has evidence already."""
    asked = [step for step in master.steps if _is_asked(step, slots)]
    for entry in operations:
        fact = entry.fact
        assert isinstance(fact, OperationAdded)
        place = next((n for n, step in enumerate(asked) if step.code == fact.before), len(asked))
        asked.insert(place, instance(master.operation(fact.operation), fact.step))
    return tuple(asked)


def _is_asked(step: Step, slots: Mapping[tuple[str, str], SlotRecord]) -> bool:
    if step.when is None:
        return True
    branch, slot = step.when.branch.split(".")
    taken = slots.get((branch, slot))
    if taken and isinstance(taken.value, Branched) and taken.value.way in step.when.ways:
        return True
    return any(code == step.code for code, _ in slots)
