"""The tables and guards of the first release, written out: later changes of the tables must not reach back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lims.ledger.triggers import install

revision = "0001"
down_revision = None

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
REQUESTED = sa.text("request IS NOT NULL")


def upgrade() -> None:
    """Make every table and put the guards in place."""
    _make_record()
    _make_operations()
    install(op.get_bind())


def _text(name: str, *, key: bool = False, empty: bool = False) -> sa.Column[str]:
    return sa.Column(name, TEXT, primary_key=key, nullable=empty)


def _make_record() -> None:
    op.create_table(
        "entries",
        _text("stream", key=True),
        sa.Column("seq", sa.BigInteger(), primary_key=True),
        *(_text(name) for name in ("hash", "prev_hash", "time", "kind", "person", "act")),
        _text("request", empty=True),
        _text("body"),
        sa.UniqueConstraint("hash", name="entries_hash"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "entries_request",
        "entries",
        ["person", "request"],
        sqlite_where=REQUESTED,
        postgresql_where=REQUESTED,
    )
    op.create_index("entries_kind", "entries", ["kind"])
    op.create_table(
        "detached",
        _text("commitment", key=True),
        _text("salt", empty=True),
        _text("value", empty=True),
        _text("sort"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "heads",
        _text("stream", key=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        _text("hash"),
        _text("time"),
        sqlite_with_rowid=False,
    )


def _make_operations() -> None:
    op.create_table(
        "credentials",
        _text("person", key=True),
        *(_text(name) for name in ("kid", "public", "wrapped")),
        _text("pin", empty=True),
        _text("set_at"),
    )
    op.create_table(
        "sessions",
        _text("token_hash", key=True),
        *(_text(name) for name in ("person", "station", "started", "last_input")),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("signed_once", sa.Boolean(), nullable=False),
        *(_text(name) for name in ("language", "theme")),
        *(_text(name, empty=True) for name in ("second_person", "second_since")),
    )
    op.create_index("sessions_person", "sessions", ["person"])
    op.create_table(
        "drafts", _text("person", key=True), _text("page", key=True), _text("content"), _text("saved_at")
    )
    op.create_table("leases", _text("name", key=True), _text("holder"), _text("until"))
    op.create_table("read_table_shapes", _text("name", key=True), _text("shape"))


def downgrade() -> None:
    """Nothing comes before the first release, and entries are never thrown away."""
    raise NotImplementedError("a ledger has no way back")
