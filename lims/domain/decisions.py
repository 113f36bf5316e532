"""Every decision on what became of a batch, in the order in which they were signed; none is ever taken out."""

from collections.abc import Iterator

from lims.domain.batch_record import BatchRecord
from lims.domain.entries.batch import (
    BatchRejected,
    BatchTerminated,
    DisposedFinally,
    ReleasedConditionally,
)
from lims.domain.entries.envelope import Entry
from lims.domain.rows import DecisionRow

DECISIONS = ("released_conditionally", "conforming", "nonconforming", "rejected", "terminated")


def decision_rows(stream: str, batch: BatchRecord) -> Iterator[DecisionRow]:
    """A row for each decision of the batch, also for one that counts no more."""
    if batch.released is None and batch.ended is None:
        return
    standing = (batch.released, batch.disposed, batch.ended)
    for entry in batch.entries:
        decision = _decision(entry)
        if decision:
            yield DecisionRow(
                stream=stream,
                key=str(entry.seq),
                batch=batch.number,
                round=batch.issue.round,
                decision=decision,
                product=batch.unit_code or "",
                at=entry.time,
                person=entry.person,
                seq=entry.seq,
                counts=entry in standing,
            )


def _decision(entry: Entry) -> str:
    match entry.fact:
        case ReleasedConditionally():
            return "released_conditionally"
        case DisposedFinally() as fact:
            return fact.disposition
        case BatchRejected():
            return "rejected"
        case BatchTerminated():
            return "terminated"
        case _:
            return ""
