"""The batches side by side: by state, by culture day, as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lims.domain.rows import BatchRow
from lims.ledger.read_tables import find
from lims.queries.look import Reader

COLUMNS = (
    ("issued", ("issued",)),
    ("in_process", ("in_process",)),
    ("testing", ("testing",)),
    ("released", ("released",)),
    ("perfused", ("perfused", "disposed")),
    ("ended", ("closed", "rejected", "terminated")),
)
"""Columns of the board by state, each with the stages that it holds."""
DAYS_BEFORE, DAYS_SHOWN = 3, 7
MOST_ENDED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A batch on the board with what the clock makes of it."""

    row: BatchRow
    overdue: bool
    day: int | None
    """Culture day, counted at the site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One day of one batch: what is, was, or will be due on it."""

    state: str
    """done, now, due, stop, hold, verify, open, collection or through."""
    step_day: int | None = None
    title_en: str = ""
    title_zh: str = ""
    at: datetime | None = None
    what: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A batch over the days that are shown."""

    card: Card
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Everything that the board shows."""

    as_of: datetime
    cards: tuple[Card, ...]
    columns: tuple[tuple[str, tuple[Card, ...]], ...]
    days: tuple[date, ...]
    today: date
    lines: tuple[Line, ...]
    overdue: tuple[Card, ...]


def board(reader: Reader, *, first: date | None = None) -> Board:
    """All open batches and the last that ended; `first` is the first day of the culture-day view."""
    now = reader.now
    with reader.site.ledger.reading() as book:
        rows = find(book, BatchRow, alive=True, order=("-issued_at",))
        ended = find(book, BatchRow, alive=False, order=("-issued_at",), limit=MOST_ENDED)
    cards = tuple(_card(reader, row, now=now) for row in (*rows, *ended))
    today = reader.local(now).date()
    start = first or today - timedelta(days=DAYS_BEFORE)
    days = tuple(start + timedelta(days=at) for at in range(DAYS_SHOWN))
    return Board(
        as_of=now,
        cards=cards,
        columns=tuple(
            (name, tuple(card for card in cards if card.row.stage in stages)) for name, stages in COLUMNS
        ),
        days=days,
        today=today,
        lines=tuple(_line(reader, card, days, today=today) for card in cards if card.row.alive),
        overdue=tuple(card for card in cards if card.overdue),
    )


def _card(reader: Reader, row: BatchRow, *, now: datetime) -> Card:
    late = row.due_at is not None and row.due_at < now
    expired = row.alive and row.expires_at is not None and row.expires_at < now
    return Card(row=row, overdue=row.alive and (late or expired), day=culture_day(reader, row, now=now))


def culture_day(reader: Reader, row: BatchRow, *, now: datetime) -> int | None:
    """Days since day 0 at the site; None before the first evidence."""
    return (reader.local(now).date() - row.day_zero).days if row.day_zero else None


def _line(reader: Reader, card: Card, days: Sequence[date], *, today: date) -> Line:
    return Line(card=card, cells=tuple(_cell(reader, card, day, today=today) for day in days))


def _cell(reader: Reader, card: Card, day: date, *, today: date) -> Cell | None:
    """What stands on one day: the current step on its planned day or today, day 0, expiry, or just the track."""
    row = card.row
    zero = row.day_zero
    started = zero or reader.local(row.issued_at).date()
    if day < started:
        return None
    if row.current_step is not None:
        planned = (zero + timedelta(days=row.step_day or 0)) if zero else today
        shown = max(planned, today)
        if day == shown:
            state = "hold" if row.held else "stop" if card.overdue else "due" if planned <= today else "open"
            return Cell(
                state=state,
                step_day=row.step_day,
                title_en=row.step_title_en or "",
                title_zh=row.step_title_zh or "",
                at=row.due_at,
            )
        if day == zero:
            return Cell(state="collection", step_day=0, what="received")
        return Cell(state="through")
    if day == today:
        state = (
            "hold" if row.held else "stop" if card.overdue else "verify" if row.stage == "testing" else "due"
        )
        return Cell(state=state, what=row.stage, at=row.expires_at)
    if day == zero:
        return Cell(state="collection", step_day=0, what="received")
    return Cell(state="through") if day < today else None
