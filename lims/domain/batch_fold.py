"""How a batch record is built from its entries: mutable inside, frozen outside."""

from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from lims.domain.batch_record import (
    BatchRecord,
    Custody,
    Deviation,
    Investigation,
    Notice,
    PrintedLabel,
    Result,
    SlotRecord,
    StepRecord,
    plan_of,
    stage_of,
)
from lims.domain.canonical import parse
from lims.domain.entries.aftercare import DoseJudged, DoseSettled, ObservationEnded
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
from lims.domain.entries.capa import CapaRaised, DeviationClosed, DeviationInvestigated
from lims.domain.entries.custody import PutIntoStorage, TakenFromStorage, TemperatureLogged
from lims.domain.entries.envelope import SYSTEM, Entry, Fact
from lims.domain.entries.instruments import FlowFileKept
from lims.domain.entries.keys import SignatureMade
from lims.domain.entries.notices import NoticeAcknowledged, NoticeEscalated, NoticeGiven
from lims.domain.entries.oos import OosExamined, OosJudged
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
from lims.domain.master_batch_record import SampleSlot
from lims.domain.milestones import reached
from lims.domain.storage import after_storage

UNREVIEWED = (
    SignatureMade,
    RecordReviewed,
    ReleasedConditionally,
    DeviationDecided,
    DeviationInvestigated,
    CapaRaised,
    DeviationClosed,
    CustodyOffered,
    CustodyTaken,
    CustodyRefused,
    PutIntoStorage,
    TakenFromStorage,
    TemperatureLogged,
    IdentityMatched,
    IdentityConfirmed,
    NoticeGiven,
    NoticeAcknowledged,
    NoticeEscalated,
)
"""Facts after a record review that do not reopen it: signatures, quality's own decisions, what follows release, and
who was told."""

FAILED = ("test.failed", "test.failed_late")
"""Rules of deviations that a result outside its specification opens."""

NOT_PERFORMED = (Calculated, Controlled, Elapsed, Labelled, HandedOver, TotalTime)
"""Evidence that makes nobody a performer: what the system computes, and what the receiver of a hand-over confirms."""


class BatchFold:
    """Takes a batch's entries one by one, from the first or from where a record stands."""

    def __init__(self, record: BatchRecord) -> None:
        """Goes on from a record; the record itself stays as it is."""
        self.record = record
        self.entries: list[Entry] = []
        self.issued = record.issued
        self.containers = dict(record.containers)
        self.slots = dict(record.slots)
        self.steps = dict(record.steps)
        self.deviations = dict(record.deviations)
        self.labels = dict(record.labels)
        self.samples = dict(record.samples)
        self.received = dict(record.received)
        self.results = dict(record.results)
        self.investigations = dict(record.investigations)
        self.holds = list(record.holds)
        self.notices = dict(record.notices)
        self.custody = dict(record.custody)
        self.handovers = list(record.handovers)
        self.signatures = dict(record.signatures)
        self.operations = record.operations
        self.once: dict[str, Any] = {}
        """What happens once: the entry, by the name of its field."""
        self.last_change = record.last_change
        self.is_replanned = False
        """Something was taken that can change which steps are asked for."""

    def through(self, entries: Iterable[Entry]) -> BatchRecord:
        """The frozen record after these entries."""
        for entry in entries:
            self.take(entry)
        record = replace(
            self.record,
            entries=(*self.record.entries, *self.entries),
            issued=self.issued,
            containers=MappingProxyType(self.containers),
            slots=MappingProxyType(self.slots),
            operations=self.operations,
            steps=MappingProxyType(self.steps),
            deviations=MappingProxyType(self.deviations),
            labels=MappingProxyType(self.labels),
            samples=MappingProxyType(self.samples),
            received=MappingProxyType(self.received),
            results=MappingProxyType(self.results),
            investigations=MappingProxyType(self.investigations),
            holds=tuple(self.holds),
            notices=MappingProxyType(self.notices),
            custody=MappingProxyType(self.custody),
            handovers=tuple(self.handovers),
            signatures=MappingProxyType(self.signatures),
            last_change=self.last_change,
            **self._planned(),
            **self.once,
        )
        if self.issued is None:
            return record
        record = replace(record, reached=MappingProxyType(dict(reached(record))))
        return replace(record, stage=stage_of(record))

    def _planned(self) -> dict[str, Any]:
        """The steps that are asked for now and what follows from them, where they can have changed."""
        if self.issued is None or not self.is_replanned:
            return {}
        master = self.issued.master
        plan = plan_of(master, self.slots, self.operations)
        slots = (slot for step in plan for slot in step.evidence)
        sampled = {slot.sample for slot in slots if isinstance(slot, SampleSlot)}
        return {
            "plan": plan,
            "by_code": MappingProxyType({step.code: step for step in plan}),
            "tests": tuple(test for test in master.tests if test.sample in sampled),
        }

    def take(self, entry: Entry) -> None:
        """One more entry."""
        self.entries.append(entry)
        if not isinstance(entry.fact, UNREVIEWED):
            self.last_change = entry.seq
        if not (
            self._process(entry, entry.fact)
            or self._quality(entry, entry.fact)
            or self._deviation(entry, entry.fact)
            or self._investigation(entry, entry.fact)
            or self._notice(entry, entry.fact)
            or self._custody(entry, entry.fact)
        ):
            self._ending(entry, entry.fact)

    def _process(self, entry: Entry, fact: Fact) -> bool:
        match fact:
            case BatchIssued():
                self.issued = fact
                self.is_replanned = True
            case ContainerLabelled():
                self.containers[fact.code] = fact
            case EvidenceRecorded() | EvidenceCorrected():
                before = self.slots.get((fact.step, fact.slot))
                self.slots[fact.step, fact.slot] = SlotRecord(
                    history=(*before.history, entry) if before else (entry,)
                )
                self.is_replanned |= isinstance(fact.value, Branched) or fact.step not in self.record.by_code
                self._touched(entry, fact)
            case OperationAdded():
                self.operations = (*self.operations, entry)
                self.is_replanned = True
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
                found = self.results.get(fact.test, ())
                self.results[fact.test] = (*found, Result(entry=entry, fact=fact))
            case ResultReviewed():
                self.results[fact.test] = tuple(
                    replace(item, review=entry, agreed=fact.agreed)
                    if item.entry.seq == fact.result_seq
                    else item
                    for item in self.results[fact.test]
                )
            case HoldPlaced():
                self.holds.append(entry)
                # A check made before a doubt about identity counts for nothing when the doubt is gone.
                if fact.reason_code == "identity_mismatch" and self.once.get("perfused") is None:
                    self.once["matched"] = self.once["confirmed"] = None
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
                # What opens after the final disposition opens the record again: quality decides once more.
                self.once["disposed"] = self.once["closed"] = None
                if fact.rule in FAILED:
                    self._fails(entry, fact)
            case DeviationExplained():
                self.deviations[fact.number] = replace(self.deviations[fact.number], explained=entry)
            case DeviationDecided():
                self.deviations[fact.number] = replace(self.deviations[fact.number], decided=entry)
            case DeviationInvestigated():
                self.deviations[fact.number] = replace(self.deviations[fact.number], investigated=entry)
            case CapaRaised():
                before = self.deviations[fact.deviation]
                self.deviations[fact.deviation] = replace(before, capas=(*before.capas, fact.capa))
            case DeviationClosed():
                self.deviations[fact.number] = replace(self.deviations[fact.number], closed=entry)
            case _:
                return False
        return True

    def _fails(self, entry: Entry, fact: DeviationOpened) -> None:
        """The result that was entered just before is outside its specification: an investigation begins."""
        test = dict(fact.about)["test"]
        last = self.results[test][-1].entry
        self.investigations[fact.number] = Investigation(
            number=fact.number, test=test, result_seq=last.seq, opened=entry
        )

    def _investigation(self, entry: Entry, fact: Fact) -> bool:
        match fact:
            case OosExamined():
                found = self.investigations[fact.number]
                self.investigations[fact.number] = replace(found, examined=entry)
            case OosJudged():
                found = self.investigations[fact.number]
                self.investigations[fact.number] = replace(found, judged=(*found.judged, entry))
                self._judged(entry, fact, found)
            case _:
                return False
        return True

    def _judged(self, entry: Entry, fact: OosJudged, found: Investigation) -> None:
        """What a judgement makes of the results: the first one is void, or another is reported beside it."""
        results = self.results[found.test]
        if fact.decision == "invalidated":
            results = tuple(
                replace(item, void=entry) if item.entry.seq == found.result_seq else item for item in results
            )
        elif fact.decision == "not_confirmed":
            first = next(item for item in results if item.entry.seq == found.result_seq)
            shown = replace(
                first.fact,
                raw=fact.reported,
                value=fact.value,
                qualifier=fact.qualifier,
                outcome="pass",
                instrument=None,
            )
            results = (*results, Result(entry=entry, fact=shown, review=entry, agreed=True))
        self.results[found.test] = results

    def _notice(self, entry: Entry, fact: Fact) -> bool:
        match fact:
            case NoticeGiven():
                self.notices[fact.number] = Notice(number=fact.number, given=entry, fact=fact)
            case NoticeAcknowledged():
                self.notices[fact.notice] = replace(self.notices[fact.notice], acknowledged=entry)
            case NoticeEscalated():
                before = self.notices[fact.notice]
                self.notices[fact.notice] = replace(before, escalated=(*before.escalated, entry))
            case _:
                return False
        return True

    def _custody(self, entry: Entry, fact: Fact) -> bool:
        match fact:
            case CustodyOffered():
                now = self.custody.get(fact.container)
                held = now or Custody(holder=entry.person, place=fact.from_place, since=entry.time)
                held = replace(held, room=fact.from_place)
                self.custody[fact.container] = replace(held, offer=entry)
            case CustodyTaken():
                offer = self.custody[fact.container].offer
                assert offer is not None and isinstance(offer.fact, CustodyOffered)
                self.custody[fact.container] = Custody(
                    holder=entry.person, place=offer.fact.to_place, since=entry.time, room=fact.place
                )
            case CustodyRefused():
                for code, now in self.custody.items():
                    if now.offer and now.offer.seq == fact.offered_seq:
                        self.custody[code] = replace(now, offer=None)
            case PutIntoStorage() | TakenFromStorage():
                self.custody[fact.container] = after_storage(self.custody.get(fact.container), entry)
                return True
            case TemperatureLogged() | FlowFileKept():
                return True
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
            case ObservationEnded():
                self.once["observed"] = entry
            case DoseJudged():
                self.once["judged"] = entry
            case DoseSettled():
                self.once["settled"] = entry
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
    return fold_on(BatchRecord(number=stream.partition(":")[2]), entries)


def fold_on(record: BatchRecord, entries: Iterable[Entry]) -> BatchRecord:
    """The batch record as these further entries leave it; the one before stays as it was."""
    return BatchFold(record).through(entries)


def as_of(batch: BatchRecord, seq: int) -> BatchRecord:
    """The record as it was after entry `seq`: a shorter fold."""
    return fold_batch(batch.stream, (entry for entry in batch.entries if entry.seq <= seq))
