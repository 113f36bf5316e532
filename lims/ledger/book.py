"""An instance's ledger: made once, opened only when its guards stand, written one act at a time."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Lock, local
from typing import Self, TypeVar

from sqlalchemy import Connection, Engine, inspect, text

from lims.ledger import database, read_tables, triggers
from lims.ledger.cache import EntryCache
from lims.ledger.faults import LedgerFault, LedgerRefused
from lims.ledger.open_book import Book, Head, Kept

__all__ = ["Book", "Head", "Kept", "Ledger"]

T = TypeVar("T")


class Ledger:
    """The one way to the entries of an instance; shared by all its threads."""

    def __init__(self, engine: Engine, *, files: Path) -> None:
        self.engine = engine
        self.files = files
        self._cache = EntryCache()
        self._thread = local()
        # On SQLite several writers waiting inside the database take seconds; waiting here, milliseconds.
        self._one_writer = Lock() if engine.dialect.name == "sqlite" else nullcontext()

    @classmethod
    def create(cls, url: str, *, files: Path) -> Self:
        """Make the tables and guards of a new instance and open it.

        Raises LedgerRefused when the database already holds one.
        """
        engine = database.connect(url)
        with engine.connect().execution_options(writing=True) as connection, connection.begin():
            if inspect(connection).has_table("entries"):
                raise LedgerRefused("this database already holds a ledger")
            database.migrate(connection)
            read_tables.install(Book(connection, EntryCache(), writable=True))
        engine.dispose()
        files.mkdir(parents=True, exist_ok=True)
        return cls.open(url, files=files)

    @classmethod
    def open(cls, url: str, *, files: Path) -> Self:
        """Open an instance; raises LedgerRefused when its tables or its guards are not those of this release."""
        engine = database.connect(url)
        with engine.connect() as connection:
            refusal = _unfit(connection)
        if refusal:
            engine.dispose()
            raise LedgerRefused(refusal)
        return cls(engine, files=files)

    @contextmanager
    def writing(self, *, write: Collection[str], read: Collection[str] = ()) -> Iterator[Book]:
        """One act: the streams locked, then everything or nothing on file when the block ends.

        On PostgreSQL it may end in a broken deadlock: run the whole act inside `retrying`.
        """
        if getattr(self._thread, "writes", False):
            raise LedgerFault("an act inside an act: it would wait for itself")
        self._thread.writes = True
        try:
            with self._one_writer, self.engine.connect().execution_options(writing=True) as connection:
                with connection.begin():
                    book = Book(connection, self._cache, writable=True)
                    book.lock(write=write, read=read)
                    yield book
                book.publish()
                if book.erased:
                    database.forget(connection)
        finally:
            self._thread.writes = False

    @contextmanager
    def reading(self) -> Iterator[Book]:
        """What is on file at one moment; nothing is locked and nobody waits."""
        with self.engine.connect() as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            book = Book(connection, self._cache, writable=False)
            yield book
            book.publish()

    def retrying(self, act: Callable[[], T]) -> T:
        """What `act` returns, done again from its start when the database broke a deadlock by refusing it."""
        return database.retrying(act)

    @contextmanager
    def hurried(self) -> Iterator[None]:
        """Acts do not wait for the disk until the block ends: only for an instance that nobody relies on yet."""
        with database.hurried(self.engine):
            yield

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def _unfit(connection: Connection) -> str | None:
    """Why this database must not be worked with, or None."""
    if not inspect(connection).has_table("entries"):
        return "no ledger here: found the instance first"
    current, newest = database.revisions(connection)
    if current != newest:
        return f"the tables are at revision {current}, this release needs {newest}"
    wrong = triggers.missing_or_altered(connection)
    return f"guards missing or altered: {', '.join(wrong)}" if wrong else None
