"""The batches side by side: by state, by culture day, by date, as a table. Reads rows only, never a batch's entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lims.domain.rows import BatchRow
from lims.ledger.open_book import Book
from lims.ledger.read_tables import Compare, count, find
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
FIRST_DAY, LAST_DAY = -7, 14
"""Culture days that have a column of their own; earlier ones stand in the first, later ones in one behind the last."""
ROWS = 40
"""Batches on one page of the board."""
MOST_IN_COLUMN = 12
MOST_URGENT = 20


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
    day: date | None = None
    today: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A batch over the days that are shown."""

    card: Card
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """The batches of one state: the newest of them, and how many there are."""

    name: str
    cards: tuple[Card, ...]
    all: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Everything that one view of the board shows."""

    as_of: datetime
    today: date
    overdue: int
    held: int
    urgent: tuple[Card, ...]
    """Overdue or held, whatever page is shown."""
    all: int
    """Batches of the view, on all its pages."""
    page: int
    cards: tuple[Card, ...] = ()
    columns: tuple[Column, ...] = ()
    days: tuple[date, ...] = ()
    lines: tuple[Line, ...] = ()

    @property
    def more(self) -> bool:
        """There are batches behind this page."""
        return self.all > (self.page + 1) * ROWS


def board(reader: Reader, *, view: str, first: date | None = None, page: int = 0) -> Board:
    """One page of one view; `first` is the first day of the view by date. Overdue and held batches come first."""
    now = reader.now
    with reader.site.ledger.reading() as book:
        urgent = _urgent(book, now=now)
        overdue = count(book, BatchRow, ("due_at", "<", now), alive=True)
        held = count(book, BatchRow, ("held", "!=", ""), alive=True)
        in_view = {} if view == "table" else {"alive": True}
        whole = count(book, BatchRow, **in_view)
        columns = _columns(reader, book, now=now) if view == "states" else ()
        rows = () if view == "states" else _page(book, urgent, page=page, **in_view)
    cards = tuple(_card(reader, row, now=now) for row in rows)
    today = reader.local(now).date()
    days = _dates(first or today - timedelta(days=DAYS_BEFORE)) if view == "days" else ()
    return Board(
        as_of=now,
        today=today,
        overdue=overdue,
        held=held,
        urgent=tuple(_card(reader, row, now=now) for row in urgent),
        all=whole,
        page=page,
        cards=cards,
        columns=columns,
        days=days,
        lines=tuple(_lines(reader, cards, days, view=view, today=today)),
    )


def _urgent(book: Book, *, now: datetime) -> tuple[BatchRow, ...]:
    late = find(book, BatchRow, ("due_at", "<", now), alive=True, order=("due_at",), limit=MOST_URGENT)
    expired = find(
        book, BatchRow, ("expires_at", "<", now), alive=True, order=("expires_at",), limit=MOST_URGENT
    )
    held = find(book, BatchRow, ("held", "!=", ""), alive=True, order=("-issued_at",), limit=MOST_URGENT)
    return tuple({row.stream: row for row in (*late, *expired, *held)}.values())


def _page(book: Book, urgent: Sequence[BatchRow], *, page: int, **in_view: bool) -> tuple[BatchRow, ...]:
    """One page, newest first; the first page begins with what is urgent and names nothing twice."""
    rows = find(book, BatchRow, order=("-issued_at",), limit=ROWS, offset=page * ROWS, **in_view)
    first = urgent if page == 0 else ()
    return tuple({row.stream: row for row in (*first, *rows)}.values())


def _columns(reader: Reader, book: Book, *, now: datetime) -> tuple[Column, ...]:
    found = []
    for name, stages in COLUMNS:
        wanted: tuple[str, Compare, object] = ("stage", "in", list(stages))
        rows = find(book, BatchRow, wanted, order=("-issued_at",), limit=MOST_IN_COLUMN)
        cards = tuple(_card(reader, row, now=now) for row in rows)
        found.append(Column(name=name, cards=cards, all=count(book, BatchRow, wanted)))
    return tuple(found)


def _dates(first: date) -> tuple[date, ...]:
    return tuple(first + timedelta(days=at) for at in range(DAYS_SHOWN))


def _lines(
    reader: Reader, cards: Sequence[Card], days: Sequence[date], *, view: str, today: date
) -> Sequence[Line]:
    if view == "culture":
        return [Line(card=card, cells=_culture_cells(card)) for card in cards]
    if view == "days":
        return [
            Line(card=card, cells=tuple(_cell(reader, card, day, today=today) for day in days))
            for card in cards
        ]
    return []


def _card(reader: Reader, row: BatchRow, *, now: datetime) -> Card:
    late = row.due_at is not None and row.due_at < now
    expired = row.alive and row.expires_at is not None and row.expires_at < now
    return Card(row=row, overdue=row.alive and (late or expired), day=culture_day(reader, row, now=now))


def culture_day(reader: Reader, row: BatchRow, *, now: datetime) -> int | None:
    """Days since day 0 at the site; None before the first evidence."""
    return (reader.local(now).date() - row.day_zero).days if row.day_zero else None


STATES = {"d": "done", "v": "verify", "x": "stop", "o": "open"}


def _culture_cells(card: Card) -> tuple[Cell | None, ...]:
    """A cell for each culture day from D−7 to D14, and one for all later ones."""
    row = card.row
    planned: dict[int, tuple[int, str]] = {}
    for item in row.days.split():
        day, letter = int(item[:-1]), item[-1]
        at = min(max(day, FIRST_DAY), LAST_DAY + 1)
        if at not in planned or "cxovd".index(letter) < "cxovd".index(planned[at][1]):
            planned[at] = (day, letter)
    today = min(max(card.day, FIRST_DAY), LAST_DAY + 1) if card.day is not None else None
    last = max(planned, default=FIRST_DAY)
    found: list[Cell | None] = []
    for at in range(FIRST_DAY, LAST_DAY + 2):
        here = planned.get(at)
        date_ = row.day_zero + timedelta(days=here[0] if here else at) if row.day_zero else None
        if here:
            state = _now(card, here[0]) if here[1] == "c" else STATES[here[1]]
        else:
            state = "through" if min(planned, default=0) < at < last else ""
        is_today = at == today
        found.append(Cell(state=state, step_day=at, day=date_, today=is_today) if state or is_today else None)
    return tuple(found)


def _now(card: Card, planned: int) -> str:
    """How the day of the step that waits is marked."""
    if card.row.held:
        return "hold"
    if card.overdue:
        return "stop"
    return "due" if card.day is not None and planned <= card.day else "now"


def _cell(reader: Reader, card: Card, day: date, *, today: date) -> Cell | None:
    """What stands on one date: the current step on its planned day or today, day 0, expiry, or just the track."""
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
        return _planned(row, day) or Cell(state="through")
    if day == today:
        state = (
            "hold" if row.held else "stop" if card.overdue else "verify" if row.stage == "testing" else "due"
        )
        return Cell(state=state, what=row.stage, at=row.expires_at)
    if day == zero:
        return Cell(state="collection", step_day=0, what="received")
    return Cell(state="through") if day < today else None


def _planned(row: BatchRow, day: date) -> Cell | None:
    """Another day of the plan: what stands on it, by its culture day."""
    if row.day_zero is None:
        return None
    number = (day - row.day_zero).days
    letter = next((item[-1] for item in row.days.split() if item[:-1] == str(number)), "")
    return Cell(state=STATES[letter], step_day=number) if letter in STATES else None
