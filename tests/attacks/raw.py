"""Getting at the database past the ledger, as its owner could."""

from sqlalchemy import Connection, text

from lims.ledger import triggers
from lims.ledger.book import Ledger


def drop_trigger(connection: Connection, name: str) -> None:
    """Take one guard away."""
    table = name.split("_")[0]
    on = "" if connection.dialect.name == "sqlite" else f" ON {table}"
    connection.execute(text(f"DROP TRIGGER {name}{on}"))


def run(ledger: Ledger, *statements: str, **values: object) -> None:
    """Run SQL with the guards in place."""
    with ledger.engine.connect().execution_options(writing=True) as connection, connection.begin():
        for statement in statements:
            connection.execute(text(statement), values)


def run_unguarded(ledger: Ledger, *statements: str, **values: object) -> None:
    """Run SQL as somebody who switches the guards off and puts them back afterwards, unseen."""
    with ledger.engine.connect().execution_options(writing=True) as connection, connection.begin():
        for name in (
            "entries_only_at_the_end",
            "entries_never_change",
            "entries_never_go",
            "detached_once",
            "detached_only_erased",
            "detached_never_goes",
        ):
            drop_trigger(connection, name)
        for statement in statements:
            connection.execute(text(statement), values)
        triggers.install(connection)
