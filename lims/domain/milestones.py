"""Milestones: what other acts of the table bring about, and the entry that did."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from lims.domain.batch_record import BatchRecord
from lims.domain.entries.batch import CustodyTaken
from lims.domain.entries.envelope import Entry
from lims.domain.master_batch_record import Gate, Milestone
from lims.domain.refusals import Refused


def reached(batch: BatchRecord) -> Iterator[tuple[Milestone, Entry]]:
    """Every milestone of the batch so far."""
    asked = {step.done_by for step in batch.master.steps if step.done_by is not None}
    for milestone in Milestone:
        if milestone in asked and (entry := _ENTRY[milestone](batch)) is not None:
            yield milestone, entry


def check_steps_before(batch: BatchRecord, milestone: Milestone) -> None:
    """Every step that the master batch record puts before the milestone is done and, where it asks, verified."""
    for step in batch.before(milestone):
        if not batch.is_confirmed(step.code):
            waits = batch.step_of(milestone)
            raise Refused("step.not_yet", step=waits.code if waits else milestone.value, before=step.code)
        if not batch.is_finished(step):
            raise Refused("step.unverified", step=step.code)


def _samples_received(batch: BatchRecord) -> Entry | None:
    """QC has every sample that the bench has taken."""
    if not batch.samples or batch.samples.keys() - batch.received.keys():
        return None
    return _last(batch.received.values())


def _results(gate: Gate) -> Callable[[BatchRecord], Entry | None]:
    def found(batch: BatchRecord) -> Entry | None:
        """Every result that this gate waits for is reviewed."""
        results = [batch.result_of(test) for test in batch.tests if test.gate is gate]
        reviews = [result.review for result in results if result and result.counts and result.review]
        return _last(reviews) if results and len(reviews) == len(results) else None

    return found


def _at_clinic(batch: BatchRecord) -> Entry | None:
    """The clinic took the product over."""
    for entry in reversed(batch.handovers):
        if isinstance(entry.fact, CustodyTaken) and entry.fact.container == batch.unit_code:
            return entry if entry.role == "clinician" else None
    return None


def _last(entries: Iterable[Entry]) -> Entry | None:
    return max(entries, key=lambda entry: entry.seq, default=None)


_ENTRY: Mapping[Milestone, Callable[[BatchRecord], Entry | None]] = MappingProxyType(
    {
        Milestone.ISSUED: lambda batch: batch.entries[0],
        Milestone.SAMPLES_RECEIVED: _samples_received,
        Milestone.CONDITIONAL_RESULTS: _results(Gate.CONDITIONAL),
        Milestone.RECORD_REVIEWED: lambda batch: batch.reviewed,
        Milestone.RELEASED: lambda batch: batch.released,
        Milestone.AT_CLINIC: _at_clinic,
        Milestone.IDENTITY_CONFIRMED: lambda batch: batch.confirmed,
        Milestone.PERFUSED: lambda batch: batch.perfused,
        Milestone.FINAL_RESULTS: _results(Gate.FINAL),
        Milestone.DISPOSED: lambda batch: batch.disposed,
        Milestone.CLOSED: lambda batch: batch.closed,
    }
)
