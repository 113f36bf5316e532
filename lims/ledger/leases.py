"""Who runs the timers: one holder at a time, for a while that must be renewed."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, text

from lims.domain.canonical import instant
from lims.ledger.open_book import Book
from lims.ledger.tables import leases

_TAKE = text(
    "INSERT INTO leases (name, holder, until) VALUES (:name, :holder, :until)"
    " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until"
    " WHERE leases.holder = excluded.holder OR leases.until <= :now"
)


def take(book: Book, name: str, *, holder: str, now: datetime, length: timedelta) -> bool:
    """Take or renew the lease until `now` + `length`; False while somebody else holds it."""
    values = {"name": name, "holder": holder, "until": instant(now + length), "now": instant(now)}
    return book.connection.execute(_TAKE, values).rowcount == 1


def holder_of(book: Book, name: str, *, now: datetime) -> str | None:
    """Who holds the lease now; None when it lapsed or was never taken."""
    question = select(leases.c.holder).where(leases.c.name == name, leases.c.until > now)
    holder: str | None = book.connection.execute(question).scalar()
    return holder


def give_back(book: Book, name: str, *, holder: str) -> None:
    """End a lease early, so that the next holder need not wait; only its holder can."""
    book.connection.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))
