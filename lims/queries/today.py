"""What waits for the person who looks: overdue first, then by deadline."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lims.domain.acts import Role
from lims.domain.entries.envelope import code_of
from lims.domain.rows import BatchRow, LetterRow, TaskRow
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find
from lims.queries.board import culture_day
from lims.queries.look import Reader
from lims.queries.notices import is_delegated


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task with the batch it is about and what the clock makes of it."""

    row: TaskRow
    batch: BatchRow | None
    day: int | None
    overdue: bool
    position: int | None
    """Which step of how many, counted from 1."""
    steps: int

    @property
    def what(self) -> str:
        """The act that is to be done."""
        return self.row.what


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """A batch that somebody else must free."""

    batch: BatchRow
    why: str
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """The first page of a person."""

    now: datetime
    first: Task | None
    due: tuple[Task, ...]
    """Further tasks that make the product go on."""
    waiting: tuple[Task, ...]
    """Checks of other people's work."""
    blocked: tuple[Blocked, ...]


AS_INVESTIGATOR = ("acknowledge_as_investigator", "settle_dose")
"""For the one clinician to whom they are delegated; the others never see them."""
CHECKS = frozenset(
    {
        *("verify_step", "review_result", "review_record", "decide_deviation"),
        *("verify_capa", "check_effectiveness"),
    }
)
"""Tasks that look at what another person did."""


def today(reader: Reader) -> Today:
    """Tasks of the reader's roles, without those that the reader may not do (I1)."""
    now = reader.now
    with reader.site.ledger.reading() as book:
        tasks = tasks_of(reader, book, now=now)
        held = _held(reader, book)
    work = [task for task in tasks if task.what not in CHECKS]
    checks = [task for task in tasks if task.what in CHECKS]
    if not work and checks:
        work, checks = checks[:1], checks[1:]
    if Role.QA in reader.roles:
        work, checks = [*work, *checks], []
        work.sort(key=_urgency)
    return Today(
        now=now,
        first=work[0] if work else None,
        due=tuple(work[1:]),
        waiting=tuple(checks),
        blocked=tuple(Blocked(batch=row, why=row.held, since=None) for row in held),
    )


def _held(reader: Reader, book: Book) -> tuple[BatchRow, ...]:
    """Held batches for who makes and judges them; the clinic sees those that an identity mismatch stopped."""
    if reader.roles & {Role.TECHNICIAN, Role.QA}:
        return find(book, BatchRow, ("held", "!=", ""), alive=True)
    if Role.CLINICIAN in reader.roles:
        return find(book, BatchRow, held="identity_mismatch", alive=True)
    return ()


def tasks_of(reader: Reader, book: Book, *, now: datetime) -> list[Task]:
    """The reader's tasks in the order of their urgency; one batch's checks stand together."""
    mine = f"|{reader.person}|"
    rows = [
        row
        for row in (
            *find(book, TaskRow, ("role", "in", sorted(role.value for role in reader.roles))),
            *find(book, TaskRow, person=reader.person),
        )
        if mine not in row.not_by and row.since <= now
    ]
    for what in AS_INVESTIGATOR:
        if any(row.what == what for row in rows) and not is_delegated(reader, book, what):
            rows = [row for row in rows if row.what != what]
    # Once the notice is acknowledged its letter need not leave any more.
    rows = [
        row
        for row in rows
        if row.what != "deliver_mail" or find(book, LetterRow, batch=code_of(row.stream), limit=1)
    ]
    batches = _batches(book, {row.batch for row in rows})
    found = [_task(reader, row, batches.get(row.batch), now=now) for row in rows]
    return sorted(found, key=_urgency)


def _batches(book: Book, numbers: Iterable[str]) -> dict[str, BatchRow]:
    wanted = sorted(set(numbers))
    rows = find(book, BatchRow, ("number", "in", wanted)) if wanted else ()
    return {row.number: row for row in rows}


def _task(reader: Reader, row: TaskRow, batch: BatchRow | None, *, now: datetime) -> Task:
    current = batch is not None and row.step is not None and row.step == batch.current_step
    return Task(
        row=row,
        batch=batch,
        day=culture_day(reader, batch, now=now) if batch else None,
        overdue=row.due_at is not None and row.due_at < now,
        position=batch.steps_done + 1 if batch and current else None,
        steps=batch.steps if batch else 0,
    )


def _urgency(task: Task) -> tuple[int, datetime, bool, datetime]:
    """What is overdue, then what somebody holds out to be taken over, then by deadline; then what began first."""
    due = task.row.due_at
    rank = 0 if task.overdue else 1 if task.what == "take_custody" else 2 if due else 3
    return (rank, due or task.row.since, task.what == "record_evidence", task.row.since)
