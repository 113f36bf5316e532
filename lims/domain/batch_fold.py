"""How a batch record is built from its entries: mutable inside, frozen outside."""

from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType

from lims.domain.batch_record import (
    BatchRecord,
    Custody,
    Deviation,
    PrintedLabel,
    Result,
    SlotRecord,
    StepRecord,
    plan_of,
)
from lims.domain.canonical import parse
from lims.domain.entries.batch import (
    BatchIssued,
    BatchRejected,
    BatchTerminated,
    ContainerLabelled,
    CustodyOffered,
    CustodyRefused,
    CustodyTaken,
    DeviationDecided,
    DeviationExplained,
    DeviationOpened,
    DisposedFinally,
    EvidenceCorrected,
    EvidenceRecorded,
    HoldLifted,
    HoldPlaced,
    IdentityConfirmed,
    IdentityMatched,
    IdentityMismatched,
    LabelAccounted,
    LabelsPrinted,
    OperationAdded,
    Perfused,
    RecordClosed,
    RecordReviewed,
    ReleasedConditionally,
    ResultEntered,
    ResultReviewed,
    SampleReceived,
    SampleTaken,
    StepConfirmed,
    StepSentBack,
    StepVerified,
)
from lims.domain.entries.envelope import SYSTEM, Entry, Fact
from lims.domain.entries.keys import SignatureMade
from lims.domain.entries.values import (
    Branched,
    Calculated,
    Controlled,
    Elapsed,
    HandedOver,
    Labelled,
    TotalTime,
    Value,
    Witnessed,
)
from lims.domain.milestones import reached

UNREVIEWED = (
    SignatureMade,
    RecordReviewed,
    ReleasedConditionally,
    DeviationDecided,
    CustodyOffered,
    CustodyTaken,
    CustodyRefused,
    IdentityMatched,
    IdentityConfirmed,
)
"""Facts after a record review that do not reopen it: signatures, quality's own decisions, and what follows release."""

NOT_PERFORMED = (Calculated, Controlled, Elapsed, Labelled, HandedOver, TotalTime)
"""Evidence that makes nobody a performer: what the system computes, and what the receiver of a hand-over confirms."""


ONCE = ("reviewed", "released", "matched", "confirmed", "perfused", "disposed", "ended", "closed")
"""What is on file once at a time; the newest counts."""


class BatchFold:
    """Takes a batch's entries one by one."""

    def __init__(self, number: str) -> None:
        self.number = number
        self.entries: list[Entry] = []
        self.issued: BatchIssued | None = None
        self.containers: dict[str, ContainerLabelled] = {}
        self.slots: dict[tuple[str, str], SlotRecord] = {}
        self.steps: dict[str, StepRecord] = {}
        self.deviations: dict[str, Deviation] = {}
        self.labels: dict[str, PrintedLabel] = {}
        self.samples: dict[str, Entry] = {}
        self.received: dict[str, Entry] = {}
        self.results: dict[str, tuple[Result, ...]] = {}
        self.holds: list[Entry] = []
        self.custody: dict[str, Custody] = {}
        self.handovers: list[Entry] = []
        self.signatures: dict[int, Entry] = {}
        self.operations: list[Entry] = []
        self.once: dict[str, Entry | None] = {}
        self.last_change = 0

    @classmethod
    def going_on(cls, batch: BatchRecord) -> "BatchFold":
        """The fold of a batch as it stood after its last entry, to take more."""
        fold = cls(batch.number)
        fold.entries = list(batch.entries)
        fold.issued = batch.issued
        fold.containers = dict(batch.containers)
        fold.slots = dict(batch.slots)
        fold.steps = dict(batch.steps)
        fold.deviations = dict(batch.deviations)
        fold.labels = dict(batch.labels)
        fold.samples = dict(batch.samples)
        fold.received = dict(batch.received)
        fold.results = dict(batch.results)
        fold.holds = list(batch.holds)
        fold.custody = dict(batch.custody)
        fold.handovers = list(batch.handovers)
        fold.signatures = dict(batch.signatures)
        fold.operations = list(batch.operations)
        fold.once = {name: getattr(batch, name) for name in ONCE}
        fold.last_change = batch.last_change
        return fold

    def through(self, entries: Iterable[Entry]) -> BatchRecord:
        """The frozen record after these entries."""
        for entry in entries:
            self.take(entry)
        operations = tuple(self.operations)
        record = BatchRecord(
            number=self.number,
            entries=tuple(self.entries),
            issued=self.issued,
            containers=MappingProxyType(self.containers),
            slots=MappingProxyType(self.slots),
            operations=operations,
            plan=plan_of(self.issued.master, self.slots, operations) if self.issued else (),
            steps=MappingProxyType(self.steps),
            deviations=MappingProxyType(self.deviations),
            labels=MappingProxyType(self.labels),
            samples=MappingProxyType(self.samples),
            received=MappingProxyType(self.received),
            results=MappingProxyType(self.results),
            holds=tuple(self.holds),
            custody=MappingProxyType(self.custody),
            handovers=tuple(self.handovers),
            signatures=MappingProxyType(self.signatures),
            last_change=self.last_change,
            reached=MappingProxyType({}),
            **self.once,
        )
        return replace(record, reached=MappingProxyType(dict(reached(record)))) if self.issued else record

    def take(self, entry: Entry) -> None:
        """One more entry."""
        self.entries.append(entry)
        if not isinstance(entry.fact, UNREVIEWED):
            self.last_change = entry.seq
        if not (
            self._process(entry, entry.fact)
            or self._quality(entry, entry.fact)
            or self._deviation(entry, entry.fact)
            or self._custody(entry, entry.fact)
        ):
            self._ending(entry, entry.fact)

    def _process(self, entry: Entry, fact: Fact) -> bool:
        match fact:
            case BatchIssued():
                self.issued = fact
            case ContainerLabelled():
                self.containers[fact.code] = fact
            case EvidenceRecorded() | EvidenceCorrected():
                held = self.slots.get((fact.step, fact.slot))
                history = (*held.history, entry) if held else (entry,)
                self.slots[fact.step, fact.slot] = SlotRecord(history=history)
                self._touched(entry, fact)
            case OperationAdded():
                self.operations.append(entry)
            case StepConfirmed():
                step = self._step(fact.step)
                performers = step.performers | {entry.person}
                self.steps[fact.step] = replace(step, confirmed=entry, sent_back=None, performers=performers)
            case StepVerified():
                step = self._step(fact.step)
                self.steps[fact.step] = replace(step, verified=entry, seconds=step.seconds | {entry.person})
            case StepSentBack():
                step = self._step(fact.step)
                self.steps[fact.step] = replace(
                    step,
                    confirmed=None,
                    verified=None,
                    sent_back=entry,
                    seconds=step.seconds | {entry.person},
                )
            case LabelsPrinted():
                for serial in fact.serials:
                    self.labels[serial] = PrintedLabel(
                        serial=serial, step=fact.step, slot=fact.slot, container=fact.container_code
                    )
            case LabelAccounted():
                self.labels[fact.serial] = replace(self.labels[fact.serial], fate=fact.fate)
            case _:
                return False
        return True

    def _touched(self, entry: Entry, fact: EvidenceRecorded | EvidenceCorrected) -> None:
        """Evidence makes its author a performer, a witness a second person; a correction voids the verification."""
        step = self._step(fact.step)
        if isinstance(fact.value, Witnessed):
            step = replace(step, seconds=step.seconds | {entry.person})
        elif entry.person != SYSTEM and not _is_computed(fact.value):
            step = replace(step, performers=step.performers | {entry.person})
        if isinstance(fact, EvidenceCorrected):
            step = replace(step, verified=None)
        self.steps[fact.step] = replace(step, last_seq=entry.seq)

    def _step(self, code: str) -> StepRecord:
        return self.steps.get(code, StepRecord())

    def _quality(self, entry: Entry, fact: Fact) -> bool:
        match fact:
            case SampleTaken():
                self.samples[fact.code] = entry
            case SampleReceived():
                self.received[fact.code] = entry
            case ResultEntered():
                earlier = self.results.get(fact.test, ())
                self.results[fact.test] = (*earlier, Result(entry=entry, fact=fact))
            case ResultReviewed():
                self.results[fact.test] = tuple(
                    replace(item, review=entry, agreed=fact.agreed)
                    if item.entry.seq == fact.result_seq
                    else item
                    for item in self.results[fact.test]
                )
            case HoldPlaced():
                self.holds.append(entry)
            case HoldLifted():
                self.holds = [hold for hold in self.holds if hold.seq != fact.placed_seq]
            case RecordReviewed():
                self.once["reviewed"] = entry
            case SignatureMade():
                self.signatures[covered_seq(fact)] = entry
            case _:
                return False
        return True

    def _deviation(self, entry: Entry, fact: Fact) -> bool:
        match fact:
            case DeviationOpened():
                self.deviations[fact.number] = Deviation(number=fact.number, opened=entry, fact=fact)
            case DeviationExplained():
                self.deviations[fact.number] = replace(self.deviations[fact.number], explained=entry)
            case DeviationDecided():
                self.deviations[fact.number] = replace(self.deviations[fact.number], decided=entry)
            case _:
                return False
        return True

    def _custody(self, entry: Entry, fact: Fact) -> bool:
        match fact:
            case CustodyOffered():
                now = self.custody.get(fact.container)
                held = now or Custody(holder=entry.person, place=fact.from_place, since=entry.time)
                self.custody[fact.container] = replace(held, offer=entry)
            case CustodyTaken():
                offer = self.custody[fact.container].offer
                assert offer is not None and isinstance(offer.fact, CustodyOffered)
                self.custody[fact.container] = Custody(
                    holder=entry.person, place=offer.fact.to_place, since=entry.time
                )
            case CustodyRefused():
                for code, now in self.custody.items():
                    if now.offer and now.offer.seq == fact.offered_seq:
                        self.custody[code] = replace(now, offer=None)
            case _:
                return False
        self.handovers.append(entry)
        return True

    def _ending(self, entry: Entry, fact: Fact) -> None:
        match fact:
            case ReleasedConditionally():
                self.once["released"] = entry
            case IdentityMatched():
                self.once["matched"] = entry
                self.once["confirmed"] = None
            case IdentityMismatched():
                self.once["matched"] = self.once["confirmed"] = None
            case IdentityConfirmed():
                self.once["confirmed"] = entry
            case Perfused():
                self.once["perfused"] = entry
            case BatchRejected() | BatchTerminated():
                self.once["ended"] = entry
            case DisposedFinally():
                self.once["disposed"] = entry
            case RecordClosed():
                self.once["closed"] = entry
            case _:
                pass


def _is_computed(value: Value) -> bool:
    return isinstance(value, NOT_PERFORMED) or (isinstance(value, Branched) and value.value is not None)


def covered_seq(signature: SignatureMade) -> int:
    """The number of the entry that a signature covers, within the signature's own stream."""
    intent = parse(signature.intent)
    assert isinstance(intent, dict) and isinstance(intent["covers"], list)
    covered = intent["covers"][1]
    assert isinstance(covered, int)
    return covered


def fold_batch(stream: str, entries: Iterable[Entry]) -> BatchRecord:
    """The batch record as the stream tells."""
    return BatchFold(stream.partition(":")[2]).through(entries)


def go_on(batch: BatchRecord, entries: Iterable[Entry]) -> BatchRecord:
    """The batch record after further entries of its stream; the same as folding all of them."""
    return BatchFold.going_on(batch).through(entries)


def as_of(batch: BatchRecord, seq: int) -> BatchRecord:
    """The record as it was after entry `seq`: a shorter fold."""
    return fold_batch(batch.stream, (entry for entry in batch.entries if entry.seq <= seq))
