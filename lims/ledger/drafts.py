"""What a person typed and did not yet record, so that a lock or a change of user loses nothing."""

from datetime import datetime

from sqlalchemy import delete, select, text

from lims.domain.canonical import instant
from lims.ledger.open_book import Book
from lims.ledger.tables import drafts

_SAVE = text(
    "INSERT INTO drafts (person, page, content, saved_at) VALUES (:person, :page, :content, :saved_at)"
    " ON CONFLICT (person, page) DO UPDATE SET content = excluded.content, saved_at = excluded.saved_at"
)


def save(book: Book, *, person: str, page: str, content: str, now: datetime) -> None:
    """Keep what is in a page's fields, in place of what was kept before."""
    values = {"person": person, "page": page, "content": content, "saved_at": instant(now)}
    book.connection.execute(_SAVE, values)


def load(book: Book, *, person: str, page: str) -> str | None:
    """What the person left on the page."""
    question = select(drafts.c.content).where(drafts.c.person == person, drafts.c.page == page)
    content: str | None = book.connection.execute(question).scalar()
    return content


def discard(book: Book, *, person: str, page: str) -> None:
    """The page was recorded or given up."""
    book.connection.execute(delete(drafts).where(drafts.c.person == person, drafts.c.page == page))
