"""A test that fails after the product was released: what it touches is held, and the record is open again.

What was signed stays as it was signed; everything here is a later entry (domain 3.2, EU GMP Part IV 11.3.2).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from lims.domain import notices
from lims.domain.acts import ALIVE
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.batch import DeviationOpened, HoldPlaced, ResultEntered
from lims.domain.entries.envelope import Detached, Draft, Entry, stream_of
from lims.domain.entries.late import LateFailureFound, OrganismReported, Touched
from lims.domain.entries.trial import RoundReopened
from lims.domain.protocol import LateFailure
from lims.domain.refusals import BadEntry, Refused
from lims.domain.shared import shares

RULE = "test.failed_late"
NEWS = ("gram", "organism", "susceptibility")


def rules_for(batch: BatchRecord) -> LateFailure:
    """What the batch's own protocol says about late failures, or what stands where it says nothing."""
    protocol = batch.protocol
    return protocol.late_failure or LateFailure(holds_others=protocol.never_out_of_specification)


def is_late(batch: BatchRecord) -> bool:
    """The product was released, so that a failing test comes after it may have been given."""
    return batch.released is not None and batch.ended is None


def touched(batch: BatchRecord, others: Iterable[BatchRecord], *, test: str) -> tuple[Touched, ...]:
    """Which batches in process share something with the failed one, and what; her own next round always does.

    Only a failure that can have come from the room, its people or a lot touches other participants' batches.
    """
    rules = rules_for(batch)
    own = shares(batch, rules.equipment) if test in rules.holds_others else frozenset()
    found = []
    for other in others:
        if other.number == batch.number or other.stage not in ALIVE:
            continue
        common = sorted(own & shares(other, rules.equipment))
        if other.issue.participant == batch.issue.participant:
            common.insert(0, ("participant", other.issue.participant))
        if common:
            found.append(Touched(batch=other.number, shares=tuple(common)))
    return tuple(found)


def follows(
    batch: BatchRecord, drafts: tuple[Draft, ...], others: Iterable[BatchRecord], *, now: datetime
) -> tuple[Draft, ...]:
    """What follows in the same act when a result that is being entered fails late; nothing when it does not."""
    result = next((d.fact for d in drafts if isinstance(d.fact, ResultEntered)), None)
    opened = next((d.fact for d in drafts if isinstance(d.fact, DeviationOpened)), None)
    if result is None or opened is None or not is_late(batch):
        return ()
    held = touched(batch, others, test=result.test)
    fact = LateFailureFound(test=result.test, deviation=opened.number, touched=held)
    found = [Draft(stream=batch.stream, fact=fact)]
    if batch.stage in ALIVE:
        found.append(_hold(batch.number, opened.number))
    found += [_hold(item.batch, opened.number) for item in held]
    told = notices.give(batch, "late_failure", reference=opened.number, now=now)
    return (*found, *told, *reopened(batch, opened.number))


def _hold(number: str, deviation: str) -> Draft:
    return Draft(
        stream=stream_of("batch", number), fact=HoldPlaced(reason_code="late_failure", reference=deviation)
    )


def reopened(batch: BatchRecord, deviation: str) -> tuple[Draft, ...]:
    """With a participant who received the product: her round waits for its final disposition, once more or still."""
    if batch.perfused is None:
        return ()
    fact = RoundReopened(round=batch.issue.round, batch=batch.number, deviation=deviation)
    return (Draft(stream=stream_of("participant", batch.issue.participant), fact=fact),)


def after_disposition(batch: BatchRecord, drafts: Sequence[Draft]) -> tuple[Draft, ...]:
    """What a deviation that opens after the final disposition means for the participant's round."""
    opened = next((d.fact for d in drafts if isinstance(d.fact, DeviationOpened)), None)
    return reopened(batch, opened.number) if batch.disposed and opened else ()


def late_failure_of(batch: BatchRecord, test: str) -> Entry | None:
    """The entry that tells of a test's newest late failure."""
    found = [e for e in batch.entries if isinstance(e.fact, LateFailureFound) and e.fact.test == test]
    return found[-1] if found else None


def report_organism(
    batch: BatchRecord, *, test_code: str, news: str, finding: Detached | None, now: datetime
) -> tuple[Draft, ...]:
    """What the laboratory found out later; earlier news stay beside it, and everybody is told again."""
    failed = late_failure_of(batch, test_code)
    if failed is None:
        raise Refused("organism.no_failure")
    if news not in NEWS:
        raise BadEntry("choice.unknown", field="news")
    if finding is None:
        raise BadEntry("text.empty", field="finding", least=1)
    fact = OrganismReported(test=test_code, news=news, finding=finding)
    assert isinstance(failed.fact, LateFailureFound)
    told = notices.give(batch, "organism", reference=failed.fact.deviation, now=now)
    return (Draft(stream=batch.stream, fact=fact), *told)
