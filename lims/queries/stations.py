"""The workstation that somebody sits at and the batches beside theirs: what it holds, and what could be mixed up."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lims.domain.acts import MADE
from lims.domain.batch_record import BatchRecord
from lims.domain.rows import BatchRow, StationRow
from lims.domain.waiting import day_zero
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find
from lims.queries.look import Reader, batch_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where a batch stands towards the station and towards the other batches of the day."""

    station: StationRow | None = None
    """The station, where it holds one batch at a time."""
    is_taken: bool = False
    """It holds another batch than this one."""
    same_day: tuple[str, ...] = ()
    """Numbers of other batches that are worked on today as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePage:
    """What two people see before they clear the line for a batch."""

    batch: BatchRecord
    bench: Bench
    labels: int
    """Labels of the batch before of which nobody said what became of them."""
    day: int | None
    due_at: datetime | None = None
    due_since: datetime | None = None
    now: datetime


def bench_of(reader: Reader, *, station: str, batch: BatchRecord) -> Bench:
    """The batch at that station, today."""
    with reader.site.ledger.reading() as book:
        return _bench(reader, book, station, batch)


def line_page(reader: Reader, *, station: str, batch: str) -> LinePage:
    """The clearance of a station for a batch."""
    with reader.site.ledger.reading() as book:
        record = batch_of(reader, book, batch)
        bench = _bench(reader, book, station, record)
        before = batch_of(reader, book, bench.station.batch) if bench.station and bench.is_taken else None
    labels = before.labels.values() if before else ()
    zero = day_zero(record)
    return LinePage(
        batch=record,
        bench=bench,
        labels=sum(label.fate is None for label in labels),
        day=(reader.local(reader.now).date() - zero).days if zero else None,
        now=reader.now,
    )


def _bench(reader: Reader, book: Book, station: str, batch: BatchRecord) -> Bench:
    rows = find(book, StationRow, station=station, limit=1) if station else ()
    held = next((row for row in rows if row.line_clearance), None)
    today = reader.local(reader.now).date()
    others = find(book, BatchRow, ("stage", "in", sorted(MADE)), order=("number",))
    return Bench(
        station=held,
        is_taken=bool(held and held.batch and held.batch != batch.number),
        same_day=tuple(
            row.number
            for row in others
            if batch.stage in MADE
            and row.number != batch.number
            and is_of_the_day(row, today=today, begun=day_zero(batch) is not None)
        ),
    )


def is_of_the_day(row: BatchRow, *, today: date, begun: bool) -> bool:
    """Work on the batch falls on this day: its material can lie on a bench now.

    Its step that waits is due or late. Beside a batch that has not `begun` its culture, one that has not either counts:
    the material of both can arrive.
    """
    if row.day_zero is None:
        return not begun
    if row.step_day is None:
        return False
    return row.day_zero + timedelta(days=row.step_day) <= today
