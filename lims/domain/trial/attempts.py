"""A batch as the trial's figures see it: an attempt for a round, its times, how it ended and what was measured."""

from datetime import date, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from lims.domain.batch_record import BatchRecord
from lims.domain.entries.batch import BatchTerminated
from lims.domain.entries.envelope import Entry
from lims.domain.trial.course import AttemptEnd, ManufacturingAttempt, Measured

CALLED_OFF = MappingProxyType(
    {
        "cancelled_cycle": AttemptEnd.CANCELLED,
        "withdrawal": AttemptEnd.CANCELLED,
        "consent_withdrawn": AttemptEnd.CANCELLED,
        "expired": AttemptEnd.EXPIRED,
    }
)
"""Why a batch was ended, where that is no failure of the process."""


def attempt_of(batch: BatchRecord, *, collection: str) -> ManufacturingAttempt:
    """The attempt; `collection` is the code of the evidence that tells when blood was collected."""
    zone = ZoneInfo(batch.issue.zone)
    ended = batch.perfused or batch.ended
    return ManufacturingAttempt(
        number=batch.issue.attempt,
        batch=batch.number,
        opened_on=_day(batch.entries[0], zone),
        collected_at=_collected_at(batch, collection),
        released_at=batch.released.time if batch.released else None,
        ended=_end(batch),
        ended_on=_day(ended, zone) if ended else None,
        measured=tuple(_measured(batch)),
    )


def _day(entry: Entry, zone: ZoneInfo) -> date:
    return entry.time.astimezone(zone).date()


def _collected_at(batch: BatchRecord, collection: str) -> datetime | None:
    steps = (step for step, slot in batch.slots if slot == collection)
    step = next(steps, None)
    return batch.moment_at(f"{step}.{collection}") if step else None


def _end(batch: BatchRecord) -> AttemptEnd | None:
    if batch.perfused:
        return AttemptEnd.PERFUSED
    if batch.ended is None:
        return None
    if isinstance(batch.ended.fact, BatchTerminated):
        return CALLED_OFF.get(batch.ended.fact.reason_code, AttemptEnd.FAILED)
    return AttemptEnd.REJECTED


def _measured(batch: BatchRecord) -> list[Measured]:
    """Numbers of quality control that were reviewed and agreed; anything else is no result."""
    found = []
    for test in batch.tests:
        result = batch.result_of(test)
        if result and result.counts and result.fact.value is not None:
            found.append(Measured(code=test.code, value=result.fact.value, unit=result.fact.unit or ""))
    return found
