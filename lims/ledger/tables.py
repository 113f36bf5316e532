"""The tables of an instance: the entries, the erasable values beside them, and what is only operational.

`entries` is the record. `body` is hashed exactly as stored; the other columns are projections of it for finding,
compared by `lims verify`. `detached` holds values that may be erased. `heads` repeats each stream's last entry.
All other tables hold nothing that is part of a record, and change.
"""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Index,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import postgresql

from lims.domain.canonical import instant, read_instant

metadata = MetaData()

WORDS = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""Text that sorts by code point on both databases."""

NUMBER = BigInteger().with_variant(postgresql.BIGINT(), "postgresql")


class Instant(TypeDecorator[datetime]):
    """An aware time as fixed-width UTC text, so that it sorts as it passes."""

    impl = WORDS
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """To storage."""
        return None if value is None else instant(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """From storage."""
        return None if value is None else read_instant(value)


class Day(TypeDecorator[date]):
    """A calendar day as ISO text."""

    impl = WORDS
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        """To storage."""
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> date | None:
        """From storage."""
        return None if value is None else date.fromisoformat(value)


class Exact(TypeDecorator[Decimal]):
    """A decimal with all the digits it was recorded with; it does not sort by size."""

    impl = WORDS
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """To storage."""
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """From storage."""
        return None if value is None else Decimal(value)


# Without a rowid, because INSERT OR REPLACE with another row's rowid would delete that row past every trigger.
entries = Table(
    "entries",
    metadata,
    Column("stream", WORDS, primary_key=True),
    Column("seq", NUMBER, primary_key=True),
    Column("hash", WORDS, nullable=False),
    Column("prev_hash", WORDS, nullable=False),
    Column("time", WORDS, nullable=False),
    Column("kind", WORDS, nullable=False),
    Column("person", WORDS, nullable=False),
    Column("act", WORDS, nullable=False),
    Column("request", WORDS),
    Column("body", WORDS, nullable=False),
    UniqueConstraint("hash", name="entries_hash"),
    sqlite_with_rowid=False,
)
Index(
    "entries_request",
    entries.c.person,
    entries.c.request,
    sqlite_where=text("request IS NOT NULL"),
    postgresql_where=text("request IS NOT NULL"),
)
Index("entries_kind", entries.c.kind)

detached = Table(
    "detached",
    metadata,
    Column("commitment", WORDS, primary_key=True),
    Column("salt", WORDS),
    Column("value", WORDS),
    Column("sort", WORDS, nullable=False),
    sqlite_with_rowid=False,
)

heads = Table(
    "heads",
    metadata,
    Column("stream", WORDS, primary_key=True),
    Column("seq", NUMBER, nullable=False),
    Column("hash", WORDS, nullable=False),
    Column("time", WORDS, nullable=False),
    sqlite_with_rowid=False,
)

credentials = Table(
    "credentials",
    metadata,
    Column("person", WORDS, primary_key=True),
    Column("kid", WORDS, nullable=False),
    Column("public", WORDS, nullable=False),
    Column("wrapped", WORDS, nullable=False),
    Column("pin", WORDS),
    Column("set_at", Instant, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", WORDS, primary_key=True),
    Column("person", WORDS, nullable=False),
    Column("station", WORDS, nullable=False),
    Column("started", Instant, nullable=False),
    Column("last_input", Instant, nullable=False),
    Column("locked", Boolean, nullable=False),
    Column("signed_once", Boolean, nullable=False),
    Column("language", WORDS, nullable=False),
    Column("theme", WORDS, nullable=False),
    Column("second_person", WORDS),
    Column("second_since", Instant),
)
Index("sessions_person", sessions.c.person)

drafts = Table(
    "drafts",
    metadata,
    Column("person", WORDS, primary_key=True),
    Column("page", WORDS, primary_key=True),
    Column("content", WORDS, nullable=False),
    Column("saved_at", Instant, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", WORDS, primary_key=True),
    Column("holder", WORDS, nullable=False),
    Column("until", Instant, nullable=False),
)

shapes = Table(
    "read_table_shapes",
    metadata,
    Column("name", WORDS, primary_key=True),
    Column("shape", WORDS, nullable=False),
)

CHANGING = tuple(table.name for table in metadata.sorted_tables if table.name not in ("entries", "detached"))
"""Tables that are no part of a record."""
