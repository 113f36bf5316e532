"""Connections to the two databases, with the settings that an append depends on."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError

T = TypeVar("T")

_ATTEMPTS: Final = 12
_TRY_AGAIN: Final = ("40P01", "40001")
"""PostgreSQL: deadlock found, serialisation failed; nothing was written."""


def connect(url: str) -> Engine:
    """An engine for an SQLite file or a PostgreSQL database; nothing is read yet."""
    backend = make_url(url).get_backend_name()
    if backend == "sqlite":
        engine = create_engine(url, pool_size=16, max_overflow=48)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if backend != "postgresql":
        raise ValueError(f"{backend} is not a database that the ledger knows: use sqlite or postgresql")
    return create_engine(
        url, pool_size=16, max_overflow=48, isolation_level="READ COMMITTED", pool_pre_ping=True
    )


def _set_up_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by itself
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=30000",
        "recursive_triggers=ON",
        "secure_delete=ON",  # what is erased is overwritten in the file, not only forgotten
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def hurried(engine: Engine) -> Iterator[None]:
    """Commits do not wait for the disk until the block ends, and then everything is on it.

    For an instance on which nobody relies before that, such as a demo while it is played.
    """
    setting = "PRAGMA synchronous=OFF" if engine.dialect.name == "sqlite" else "SET synchronous_commit = off"

    def hurry(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        cursor.execute(setting)
        cursor.close()
        connection.commit()

    event.listen(engine, "connect", hurry)
    engine.dispose()
    try:
        yield
    finally:
        event.remove(engine, "connect", hurry)
        engine.dispose()
        if engine.dialect.name == "sqlite":
            with engine.connect() as connection:
                forget(connection)


def forget(connection: Connection) -> None:
    """After an erasure is committed: let no earlier page that held the value stay in SQLite's write-ahead log.

    PostgreSQL keeps the old row version until VACUUM, and its own log and backups longer: docs/threat-model.md.
    """
    if connection.dialect.name == "sqlite":
        raw: Any = connection.connection.dbapi_connection
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def retrying(act: Callable[[], T]) -> T:
    """What `act` returns; it is done again from its start when PostgreSQL broke a deadlock by refusing it."""
    for attempt in range(_ATTEMPTS):
        try:
            return act()
        except DBAPIError as fault:
            if getattr(fault.orig, "sqlstate", None) not in _TRY_AGAIN or attempt == _ATTEMPTS - 1:
                raise
        time.sleep(random.uniform(0.002, 0.01) * 2 ** min(attempt, 5))
    raise AssertionError("the last attempt returns or raises")


def _configuration(connection: Connection) -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    configuration.attributes["connection"] = connection
    return configuration


def migrate(connection: Connection) -> None:
    """Bring the tables to the newest revision."""
    command.upgrade(_configuration(connection), "head")


def revisions(connection: Connection) -> tuple[str | None, str | None]:
    """The revision of the tables as they are, and the one that this release needs."""
    newest = ScriptDirectory.from_config(_configuration(connection)).get_current_head()
    return MigrationContext.configure(connection).get_current_revision(), newest
