"""Members of staff as the administrator and quality see them: roles, training, keys, lock-outs; and the stations."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lims.domain.acts import ACTS, Role
from lims.domain.entries.envelope import stream_of
from lims.domain.folds import Folded
from lims.domain.keyring import Keyring, PersonKey
from lims.domain.people import Person, Security
from lims.domain.rows import PersonRow, StationRow
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find
from lims.queries.history import Line, history
from lims.queries.look import NotOnFile, Reader, people_names
from lims.queries.masters import masters_in_force


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One account in the list."""

    person: str
    user_id: str
    name: str
    roles: tuple[Role, ...]
    closed: bool
    locked: bool
    key: str
    """trusted, waiting or none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Every account and every station."""

    people: tuple[Listed, ...]
    stations: tuple[StationRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One account."""

    person: Person
    today: date
    security: Security
    key: PersonKey | None
    vouchers: tuple[str, ...]
    """Names of those who vouched for the key."""
    vouched: bool
    """The reader is one of them."""
    subjects: Mapping[str, str]
    """What one can be trained on: subject and the version in force."""
    tasks: tuple[str, ...]
    """Acts that the investigator delegates."""
    history: tuple[Line, ...]

    @property
    def needs_code(self) -> bool:
        """Waits for the person to choose password and PIN with the enrolment code."""
        return self.person.kid is None and not self.person.closed


def staff(reader: Reader) -> Staff:
    """The accounts by name, closed ones last, and the stations."""
    today = reader.local(reader.now).date()
    with reader.site.ledger.reading() as book:
        rows = find(book, PersonRow, order=("closed", "name"))
        ring = _ring(book)
        people = tuple(_listed(book, ring, row, today=today) for row in rows)
        return Staff(people=people, stations=find(book, StationRow, order=("station",)))


def opened(reader: Reader, person: str) -> Opened:
    """One account; not on file when there is no such person."""
    stream = stream_of("person", person)
    with reader.site.ledger.reading() as book:
        if book.head(stream) is None:
            raise NotOnFile("act.unknown_target", sort="person", code=person)
        record = book.derived(stream, Folded.of).record
        assert isinstance(record, Person)
        ring = _ring(book)
        key = ring.people.get(record.kid) if record.kid else None
        by = key.vouchers if key else ()
        names = people_names(reader, book, by)
        return Opened(
            person=record,
            today=reader.local(reader.now).date(),
            security=_security(book, person),
            key=key,
            vouchers=tuple(names[who] for who in by),
            vouched=reader.person in by,
            subjects={found.code: found.version for found in masters_in_force(reader)},
            tasks=tuple(name for name, act in ACTS.items() if act.needs_delegation),
            history=history(reader, book, stream, stream_of("security", person)),
        )


def _listed(book: Book, ring: Keyring, row: PersonRow, *, today: date) -> Listed:
    stream = stream_of("person", row.person)
    record = book.derived(stream, Folded.of).record
    assert isinstance(record, Person)
    key = ring.people.get(record.kid) if record.kid else None
    return Listed(
        person=row.person,
        user_id=row.user_id,
        name=row.name,
        roles=tuple(sorted(record.roles_on(today))),
        closed=row.closed,
        locked=_security(book, row.person).locked,
        key="none" if key is None or key.revoked else "trusted" if key.trusted else "waiting",
    )


def _security(book: Book, person: str) -> Security:
    stream = stream_of("security", person)
    record = book.derived(stream, Folded.of).record
    assert isinstance(record, Security)
    return record


def _ring(book: Book) -> Keyring:
    ring = book.derived("keys", Folded.of).record
    assert isinstance(ring, Keyring)
    return ring
