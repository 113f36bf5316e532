"""What follows deviations as a reader sees it: the list of actions, one action, one deviation to its closure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from lims.domain.acts import STAFF, Role
from lims.domain.batch_record import BatchRecord, Deviation
from lims.domain.capa import STREAM, Capa, Capas, CapaState
from lims.domain.entries.capa import CapaRaised
from lims.domain.entries.envelope import Detached, Entry
from lims.domain.folds import Folded
from lims.domain.rows import CapaRow, DeviationRow, PersonRow
from lims.domain.sentences import Sentence, sentence
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find
from lims.queries.look import NotOnFile, Reader, batch_of, people_names
from lims.queries.record_words import words_of_entries

SHOWN = ("open", "overdue", "closed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The actions of one sort, what is due first; and decided deviations that are not closed, the oldest first."""

    capas: tuple[CapaRow, ...]
    counts: Mapping[str, int]
    deviations: tuple[DeviationRow, ...]
    people: Mapping[str, str]
    now: datetime

    def is_overdue(self, row: CapaRow) -> bool:
        """Its day is over and the next thing has not happened."""
        return _is_overdue(row, self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """Words and names behind what is told."""

    words: Mapping[str, str]
    people: Mapping[str, str]
    told: tuple[tuple[Entry, Sentence], ...]
    """Everything on file about it, oldest first."""

    def said(self, value: Detached) -> str | None:
        """Free text; none where it was erased."""
        return self.words.get(value.commitment)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneCapa:
    """One action with everything that was said."""

    capa: Capa
    followed: Followed


@dataclass(frozen=True, slots=True, kw_only=True)
class OneDeviation:
    """One deviation from its opening to its closure, with the actions that came from it."""

    batch: BatchRecord
    deviation: Deviation
    capas: tuple[Capa, ...]
    without_effect: tuple[str, ...]
    """Actions that another one has to follow."""
    owners: tuple[tuple[str, str], ...]
    """Who can own an action: id and name."""
    followed: Followed


def register(reader: Reader, shown: str) -> Register:
    """The list of actions: open, overdue or closed ones."""
    now = reader.now
    with reader.site.ledger.reading() as book:
        rows = find(book, CapaRow)
        deviations = (
            find(book, DeviationRow, decided=True, closed=False, order=("opened_at",), limit=100)
            if reader.roles & {Role.QA, Role.INSPECTOR}
            else ()
        )
        people = people_names(reader, book, (row.owner for row in rows))
    sorts = {
        "open": [row for row in rows if row.open],
        "overdue": [row for row in rows if _is_overdue(row, now)],
        "closed": [row for row in rows if not row.open],
    }
    chosen = sorts.get(shown, sorts["open"])
    chosen.sort(key=lambda row: (row.due_at is None, row.due_at or row.planned_at, row.number))
    return Register(
        capas=tuple(chosen),
        counts={sort: len(found) for sort, found in sorts.items()},
        deviations=deviations,
        people=people,
        now=now,
    )


def _is_overdue(row: CapaRow, now: datetime) -> bool:
    return row.due_at is not None and row.due_at <= now


def one(reader: Reader, number: str) -> OneCapa:
    """One action; refuses a number that is not on file."""
    with reader.site.ledger.reading() as book:
        capa = _capas(book).by_number.get(number)
        if capa is None:
            raise NotOnFile("act.unknown_target", sort="capa", code=number)
        return OneCapa(capa=capa, followed=_followed(reader, book, capa.history))


def deviation(reader: Reader, number: str) -> OneDeviation:
    """One deviation; refuses a number that is not on file."""
    with reader.site.ledger.reading() as book:
        batch = batch_of(reader, book, number.rpartition("-")[0])
        found = batch.deviations.get(number)
        if found is None:
            raise NotOnFile("act.unknown_target", sort="deviation", code=number)
        capas = _capas(book).of(number)
        about = [entry for entry in batch.entries if _is_about(entry, number)]
        said = [entry for capa in capas for entry in capa.history]
        today = reader.local(reader.now).date()
        people = find(book, PersonRow, closed=False, order=("name",))
        return OneDeviation(
            batch=batch,
            deviation=found,
            capas=capas,
            without_effect=tuple(
                capa.number for capa in capas if capa.state is CapaState.NOT_EFFECTIVE and capa.is_open
            ),
            owners=tuple((row.person, row.name) for row in people if _works_on(row, today.isoformat())),
            followed=_followed(reader, book, about, beside=said),
        )


def _works_on(row: PersonRow, today: str) -> bool:
    held = (item.partition(":") for item in row.roles.split())
    return any(role in STAFF and until >= today for role, _, until in held)


def _is_about(entry: Entry, number: str) -> bool:
    fact = entry.fact
    if isinstance(fact, CapaRaised):
        return fact.deviation == number
    return fact.kind.startswith("deviation_") and getattr(fact, "number", "") == number


def _capas(book: Book) -> Capas:
    record = book.derived(STREAM, Folded.of).record
    assert isinstance(record, Capas)
    return record


def _followed(
    reader: Reader, book: Book, entries: Iterable[Entry], *, beside: Iterable[Entry] = ()
) -> Followed:
    entries, beside = tuple(entries), tuple(beside)
    words = words_of_entries(book, (*entries, *beside))
    people = people_names(reader, book, {entry.person for entry in (*entries, *beside)})
    told = tuple((entry, sentence(entry, names=people, words=words)) for entry in entries)
    return Followed(words=words, people=people, told=told)
