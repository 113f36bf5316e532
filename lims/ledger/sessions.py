"""Who sits where: sessions kept on the server, found by the hash of a token that only the browser has."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, select, update

from lims.domain.canonical import tagged_hash
from lims.ledger.open_book import Book
from lims.ledger.tables import sessions

TOUCH_EVERY: Final = timedelta(seconds=20)
"""The last input is written this often at most, so that reading a page seldom writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One person at one station; a second person may sit down for a live second-person step."""

    token_hash: str
    person: str
    station: str
    started: datetime
    last_input: datetime
    locked: bool
    signed_once: bool
    """The first signature of a session asks every component, later ones the secret (21 CFR 11.200(a)(1))."""
    language: str
    theme: str
    second_person: str | None
    second_since: datetime | None


def _hash(token: str) -> str:
    return tagged_hash("lims/session/1", token)


def start(book: Book, *, person: str, station: str, now: datetime, language: str, theme: str) -> str:
    """Begin a session and return its token, which is stored nowhere; `language` and `theme` are those of the page."""
    token = secrets.token_urlsafe(32)
    book.connection.execute(
        insert(sessions).values(
            token_hash=_hash(token),
            person=person,
            station=station,
            started=now,
            last_input=now,
            locked=False,
            signed_once=False,
            language=language,
            theme=theme,
        )
    )
    return token


def find(book: Book, token: str) -> Session | None:
    """The session of a token, locked or not; None when there is none (any more)."""
    row = (
        book.connection.execute(select(sessions).where(sessions.c.token_hash == _hash(token)))
        .mappings()
        .first()
    )
    return Session(**row) if row else None


def of_person(book: Book, person: str) -> tuple[Session, ...]:
    """All sessions of a person, oldest first."""
    rows = book.connection.execute(
        select(sessions)
        .where(sessions.c.person == person)
        .order_by(sessions.c.started, sessions.c.token_hash)
    )
    return tuple(Session(**row) for row in rows.mappings())


def needs_touch(session: Session, *, now: datetime) -> bool:
    """Whether the last input on file is old enough to be written again."""
    return now - session.last_input >= TOUCH_EVERY


def touch(book: Book, session: Session, *, now: datetime) -> None:
    """The person did something at `now`."""
    _change(book, session, last_input=now)


def lock(book: Book, session: Session) -> None:
    """Hide the page until the person unlocks; the next signature asks every component again."""
    _change(book, session, locked=True, signed_once=False, second_person=None, second_since=None)


def unlock(book: Book, session: Session, *, now: datetime) -> None:
    """The same person is back."""
    _change(book, session, locked=False, last_input=now)


def mark_signed(book: Book, session: Session) -> None:
    """The person has signed in this session."""
    _change(book, session, signed_once=True)


def seat_second(book: Book, session: Session, *, person: str, now: datetime) -> None:
    """A second person sits down at the station; never the first one."""
    if person == session.person:
        raise ValueError("nobody is their own second person")
    _change(book, session, second_person=person, second_since=now)


def end_second(book: Book, session: Session) -> None:
    """The second person leaves."""
    _change(book, session, second_person=None, second_since=None)


def prefer(book: Book, session: Session, *, language: str, theme: str) -> None:
    """The page's language and theme."""
    _change(book, session, language=language, theme=theme)


def _change(book: Book, session: Session, **values: object) -> None:
    book.connection.execute(
        update(sessions).where(sessions.c.token_hash == session.token_hash).values(**values)
    )


def end(book: Book, session: Session) -> None:
    """Sign out."""
    book.connection.execute(delete(sessions).where(sessions.c.token_hash == session.token_hash))


def end_all(book: Book, *, person: str) -> None:
    """End every session of a person whose account was closed or whose credentials were reset."""
    book.connection.execute(delete(sessions).where(sessions.c.person == person))


def end_older(book: Book, *, than: datetime) -> None:
    """End sessions without input since then."""
    book.connection.execute(delete(sessions).where(sessions.c.last_input < than))
