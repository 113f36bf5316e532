"""Entries of all streams together, newest first: what an audit of the whole instance reads."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from lims.domain.canonical import instant
from lims.domain.entries.envelope import Entry
from lims.ledger.codec import decode
from lims.ledger.open_book import Book
from lims.ledger.tables import entries


def newest(
    book: Book,
    *,
    limit: int,
    person: str | None = None,
    sort: str | None = None,
    without: str | None = None,
    kinds: Collection[str] = (),
    before: datetime | None = None,
) -> tuple[Entry, ...]:
    """The newest entries: by one person, in streams of one sort or all but one, of these kinds, before a moment.

    Each is shown as it is stored; whether its chain holds is `lims verify`'s answer, not this one's.
    """
    question = select(entries.c.body, entries.c.hash, entries.c.kind)
    if person is not None:
        question = question.where(entries.c.person == person)
    if sort is not None:
        question = question.where(entries.c.stream.startswith(sort, autoescape=True))
    if without is not None:
        question = question.where(~entries.c.stream.startswith(without, autoescape=True))
    if kinds:
        question = question.where(entries.c.kind.in_(sorted(kinds)))
    if before is not None:
        question = question.where(entries.c.time < instant(before))
    ordered = question.order_by(entries.c.time.desc(), entries.c.stream, entries.c.seq.desc()).limit(limit)
    return tuple(decode(row.body, hash=row.hash, kind=row.kind) for row in book.connection.execute(ordered))
