"""On which days something of a batch was in somebody's hands: where a mix-up with another batch can have happened."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from lims.domain.batch_record import BatchRecord
from lims.domain.entries.batch import (
    CustodyOffered,
    CustodyRefused,
    CustodyTaken,
    DeviationOpened,
    EvidenceRecorded,
    IdentityConfirmed,
    IdentityMatched,
    IdentityMismatched,
    LabelAccounted,
    LabelsPrinted,
    Perfused,
    SampleReceived,
    SampleTaken,
)
from lims.domain.entries.custody import PutIntoStorage, TakenFromStorage
from lims.domain.entries.envelope import Entry
from lims.domain.entries.values import Scanned
from lims.domain.rows import HandledRow, Row

HANDLING: Final = (
    CustodyOffered,
    CustodyRefused,
    CustodyTaken,
    IdentityConfirmed,
    IdentityMatched,
    IdentityMismatched,
    LabelAccounted,
    LabelsPrinted,
    Perfused,
    PutIntoStorage,
    SampleReceived,
    SampleTaken,
    TakenFromStorage,
)
"""Entries that something of the batch was in hand for, beside every code that was scanned at the bench."""
IDENTITY: Final = frozenset({"identity.mismatch", "identity.seen_elsewhere"})
"""Deviations of a wrong bedside, of the batch that was expected there and of the one that was found."""


def handlings(batch: BatchRecord) -> Iterator[tuple[date, Entry]]:
    """Every handling with its day on the site's calendar, in the order of the record."""
    zone = ZoneInfo(batch.issue.zone)
    for entry in batch.entries:
        fact = entry.fact
        match fact:
            case EvidenceRecorded(value=Scanned()):
                in_hand = True
            case DeviationOpened(rule=rule):
                in_hand = rule in IDENTITY
            case _:
                in_hand = isinstance(fact, HANDLING)
        if in_hand:
            yield entry.time.astimezone(zone).date(), entry


def handled_rows(stream: str, batch: BatchRecord) -> Iterable[Row]:
    """The rows by which the batches of a day are found."""
    for day in {day for day, _ in handlings(batch)}:
        yield HandledRow(stream=stream, key=day.isoformat(), batch=batch.number, day=day.isoformat())
