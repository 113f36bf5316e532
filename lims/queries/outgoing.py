"""What goes out for statistics: everybody's course as at one moment, what went out before, and questions about data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lims.domain.canonical import tagged_hash
from lims.domain.entries.envelope import Entry
from lims.domain.entries.outgoing import DataExported, DataFrozen, QueryAnswered, QueryRaised
from lims.domain.participant import Participant
from lims.domain.refusals import Refused
from lims.domain.rows import QueryRow
from lims.domain.trial.course import Course
from lims.domain.trial.outgoing import STREAM, DataQuery
from lims.domain.trial.sight import check_sight, may_see_by_arm
from lims.ledger.files import Files
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find
from lims.queries.courses import courses
from lims.queries.figures import trial_is_locked
from lims.queries.look import NotOnFile, Reader, free_text, people_names
from lims.queries.masters import STUDY, protocol_in_force
from lims.queries.trial import course

TRIES = 5
"""Times that everybody is read before somebody is asked to come back at a quieter moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everybody's course as at one moment, with what it was read from."""

    courses: tuple[Course, ...]
    taken_at: datetime
    sources: str
    """Hash over the heads of every stream that the courses were read from."""
    study: str
    title: str
    version: str
    site: str
    kind: str
    open_queries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One export or freeze with who made it and what for."""

    entry: Entry
    fact: DataExported | DataFrozen
    name: str
    purpose: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question with its words, its answers and who said what."""

    query: DataQuery
    fact: QueryRaised
    question: str | None
    answers: tuple[tuple[Entry, str | None], ...]
    names: Mapping[str, str]


def snapshot(reader: Reader) -> Snapshot:
    """Everybody's course; read again when something came on file meanwhile, so that all of it is of one moment."""
    protocol = protocol_in_force(reader)
    if protocol is None:
        raise Refused("master.not_approved", code="study")
    for _ in range(TRIES):
        before, taken_at = _sources(reader), reader.now
        found = courses(reader)
        waiting = queries(reader, closed=False)
        if _sources(reader) == before:
            return Snapshot(
                courses=found,
                taken_at=taken_at,
                sources=before,
                study=protocol.code,
                title=protocol.title.en,
                version=protocol.version,
                site=reader.site.founded.site,
                kind=reader.site.founded.instance_kind,
                open_queries=len(waiting),
            )
    raise Refused("request.again")


def _sources(reader: Reader) -> str:
    with reader.site.ledger.reading() as book:
        streams = (*book.streams("participant"), *book.streams("batch"), STUDY)
        heads = [
            f"{stream} {head.seq} {head.hash}"
            for stream in streams
            if "!" not in stream and (head := book.head(stream))
        ]
    return tagged_hash("lims/sources/1", *heads)


def sent(reader: Reader) -> tuple[Sent, ...]:
    """Everything that went out, newest first."""
    with reader.site.ledger.reading() as book:
        entries = book.entries(STREAM)
        names = people_names(reader, book, [entry.person for entry in entries])
        purposes = free_text(
            reader, book, [e.fact.purpose.commitment for e in entries if isinstance(e.fact, DataFrozen)]
        )
    return tuple(
        Sent(
            entry=entry,
            fact=entry.fact,
            name=names[entry.person],
            purpose=purposes.get(entry.fact.purpose.commitment)
            if isinstance(entry.fact, DataFrozen)
            else None,
        )
        for entry in reversed(entries)
        if isinstance(entry.fact, DataExported | DataFrozen)
    )


def frozen_file(reader: Reader, number: int) -> tuple[DataFrozen, bytes]:
    """A freeze exactly as it was kept, for who may see outcomes by arm (ICH E9 4.5)."""
    facts = [item.fact for item in sent(reader)]
    found = next((f for f in facts if isinstance(f, DataFrozen) and f.number == number), None)
    if found is None:
        raise NotOnFile("act.unknown_target", sort="freeze", code=str(number))
    check_sight(reader.roles, locked=trial_is_locked(reader))
    return found, Files(reader.site.ledger.files).get(found.sha256)


def may_send(reader: Reader) -> bool:
    """The reader may have the tables now: they tell outcomes by arm."""
    return may_see_by_arm(reader.roles, locked=trial_is_locked(reader))


def queries(reader: Reader, *, closed: bool) -> tuple[QueryRow, ...]:
    """Questions about data, the longest open first; closed ones only when they are wanted."""
    with reader.site.ledger.reading() as book:
        rows = find(book, QueryRow, order=("raised_at",))
    return tuple(row for row in rows if closed or row.state != "closed")


def asked_about(reader: Reader, trial_id: str) -> tuple[Asked, ...]:
    """Every question about one participant, newest first."""
    person = course(reader, trial_id).participant
    with reader.site.ledger.reading() as book:
        return _asked(reader, book, person)


def _asked(reader: Reader, book: Book, person: Participant) -> tuple[Asked, ...]:
    entries = [e for query in person.queries.values() for e in (query.raised, *query.answers)]
    commitments = [
        entry.fact.question.commitment
        if isinstance(entry.fact, QueryRaised)
        else entry.fact.answer.commitment
        for entry in entries
        if isinstance(entry.fact, QueryRaised | QueryAnswered)
    ]
    said = free_text(reader, book, commitments)
    closers = [query.closed.person for query in person.queries.values() if query.closed]
    names = people_names(reader, book, [*(entry.person for entry in entries), *closers])
    found = []
    for query in sorted(person.queries.values(), key=lambda item: -item.number):
        assert isinstance(query.raised.fact, QueryRaised)
        answers = tuple(
            (entry, said.get(entry.fact.answer.commitment))
            for entry in query.answers
            if isinstance(entry.fact, QueryAnswered)
        )
        found.append(
            Asked(
                query=query,
                fact=query.raised.fact,
                question=said.get(query.raised.fact.question.commitment),
                answers=answers,
                names=names,
            )
        )
    return tuple(found)
