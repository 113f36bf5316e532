"""Whoever connects to the database, an entry is only ever added at the end of its stream."""

import sqlite3
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from lims.domain.canonical import GENESIS, commitment_of, entry_hash
from lims.ledger import read_tables, tables, triggers
from lims.ledger.book import Ledger
from lims.ledger.faults import LedgerRefused
from lims.ledger.findings import Check
from lims.ledger.verify import verify
from tests.attacks.raw import drop_trigger, run
from tests.conftest import Cluster
from tests.ledger.examples import NOON, SALT, by, note, put, redacted, step
from tests.ledger.founding import no_rows

COLUMNS = "(stream, seq, hash, prev_hash, time, kind, person, act, body)"
VALUES = "VALUES (:stream, :seq, :hash, :prev, 't', 'k', 'p', 'a', 'b')"


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    with ledger.writing(write=["batch:1", "batch:2"]) as book:
        put(book, "batch:1", 3)
        put(book, "batch:2", 2)
        note(book, "batch:1", "words")
    return ledger


def refused(ledger: Ledger, statement: str, **values: object) -> None:
    """The statement fails and changes nothing."""
    with ledger.reading() as book:
        before = [book.bodies(stream) for stream in book.streams()]
    with pytest.raises(DBAPIError):
        run(ledger, statement, **values)
    with ledger.reading() as book:
        assert [book.bodies(stream) for stream in book.streams()] == before


def last(ledger: Ledger, stream: str) -> tuple[int, str]:
    with ledger.reading() as book:
        head = book.head(stream)
    return (head.seq, head.hash) if head else (0, GENESIS)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET body = 'x'",
        "UPDATE entries SET person = 'somebody' WHERE seq = 1",
        "UPDATE entries SET time = time",
        "DELETE FROM entries",
        "DELETE FROM entries WHERE stream = 'batch:1' AND seq = 4",
        "DELETE FROM detached",
        "UPDATE detached SET value = 'other words'",
        "UPDATE detached SET sort = 'identity'",
    ],
)
def test_nothing_on_file_is_changed_or_removed(filled: Ledger, statement: str) -> None:
    refused(filled, statement)


def test_a_value_is_not_erased_without_its_redaction(filled: Ledger) -> None:
    refused(filled, "UPDATE detached SET salt = NULL, value = NULL")


def test_the_redaction_of_one_value_does_not_erase_another(filled: Ledger) -> None:
    with filled.writing(write=["batch:1"]) as book:
        book.append(redacted("batch:1", "f" * 64), by(time=NOON + timedelta(hours=2)))
    refused(filled, "UPDATE detached SET salt = NULL, value = NULL")


@pytest.mark.parametrize("table", ["entries", "detached", "entries, detached"])
def test_no_table_is_truncated(filled: Ledger, database: str, table: str) -> None:
    statement = (
        f"TRUNCATE {table}" if database == "postgresql" else f"DELETE FROM {table.split(',')[0]} WHERE true"
    )
    refused(filled, statement)


def test_no_entry_is_put_between_or_past_the_end(filled: Ledger) -> None:
    seq, head = last(filled, "batch:1")
    for wrong in (seq, seq + 2, 0, -1):
        refused(
            filled,
            f"INSERT INTO entries {COLUMNS} {VALUES}",
            stream="batch:1",
            seq=wrong,
            hash="h",
            prev=head,
        )


def test_no_entry_forks_the_chain(filled: Ledger) -> None:
    seq, _ = last(filled, "batch:1")
    refused(
        filled,
        f"INSERT INTO entries {COLUMNS} {VALUES}",
        stream="batch:1",
        seq=seq + 1,
        hash="h",
        prev=GENESIS,
    )


def test_a_new_stream_begins_with_nothing_before_it(filled: Ledger) -> None:
    refused(
        filled, f"INSERT INTO entries {COLUMNS} {VALUES}", stream="batch:3", seq=1, hash="h", prev="x" * 64
    )
    refused(
        filled, f"INSERT INTO entries {COLUMNS} {VALUES}", stream="batch:3", seq=2, hash="h", prev=GENESIS
    )


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE"])
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_no_replacing_insert_removes_an_entry(filled: Ledger, verb: str, recursive: str) -> None:
    """REPLACE deletes conflicting rows without a DELETE trigger unless recursive_triggers is on."""
    seq, head = last(filled, "batch:1")
    _, of_another = last(filled, "batch:2")
    with filled.reading() as book:
        before = [book.bodies(stream) for stream in book.streams()]
    attempts = (
        {"stream": "batch:1", "seq": seq, "hash": "h", "prev": head},
        {"stream": "batch:1", "seq": 1, "hash": "h", "prev": GENESIS},
        {"stream": "batch:1", "seq": seq + 1, "hash": of_another, "prev": head},
    )
    raw = filled.engine.raw_connection()
    driver: Any = raw.driver_connection
    try:
        driver.execute(f"PRAGMA recursive_triggers = {recursive}")
        for attempt in attempts:
            with pytest.raises(
                sqlite3.IntegrityError, match=r"an entry goes to the end|this hash is on file"
            ):
                driver.execute(f"{verb} INTO entries {COLUMNS} {VALUES}", attempt)
    finally:
        raw.close()
    with filled.reading() as book:
        assert [book.bodies(stream) for stream in book.streams()] == before


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_entries_have_no_second_identity_to_replace_them_by(filled: Ledger) -> None:
    """In an ordinary SQLite table, INSERT OR REPLACE with another row's rowid deletes that row past every trigger."""
    refused(filled, "SELECT rowid FROM entries")


def test_no_upsert_changes_an_entry(filled: Ledger) -> None:
    refused(
        filled,
        f"INSERT INTO entries {COLUMNS} {VALUES} ON CONFLICT (stream, seq) DO UPDATE SET body = 'x'",
        stream="batch:1",
        seq=1,
        hash="h",
        prev=GENESIS,
    )


def test_no_upsert_changes_a_value(filled: Ledger) -> None:
    refused(
        filled,
        "INSERT INTO detached (commitment, salt, value, sort) VALUES (:commitment, 's', 'v', 'words')"
        " ON CONFLICT (commitment) DO UPDATE SET value = 'v'",
        commitment=commitment_of(SALT, "words"),
    )


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_session_that_calls_itself_a_replica_meets_the_guards(filled: Ledger) -> None:
    with filled.engine.connect() as connection, connection.begin():
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        with pytest.raises(DBAPIError):
            connection.execute(text("DELETE FROM entries"))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_temporary_table_does_not_stand_in_for_the_entries(filled: Ledger) -> None:
    with filled.engine.connect() as connection, connection.begin():
        connection.execute(text("CREATE TEMP TABLE entries (LIKE public.entries)"))
        with pytest.raises(DBAPIError):
            connection.execute(
                text(f"INSERT INTO public.entries {COLUMNS} {VALUES}"),
                {"stream": "batch:1", "seq": 1, "hash": "h", "prev": GENESIS},
            )


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_application_role_may_add_and_read_entries_and_nothing_else(
    filled: Ledger, cluster: Cluster, database_url: str
) -> None:
    changing = [*tables.CHANGING, *(row_class.table for row_class in read_tables.row_classes())]
    role = "lims_application"
    create = f"DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    run(filled, create, *triggers.grant_application_role(role, changing=changing))
    ledger = Ledger.open(database_url.replace("postgres@", f"{role}@"), files=filled.files)
    with ledger.writing(write=["batch:3"]) as book:
        note(book, "batch:3", "more words")
    for statement in (
        "UPDATE entries SET body = 'x'",
        "DELETE FROM entries",
        "TRUNCATE entries",
        "DROP TRIGGER entries_never_change ON entries",
        "ALTER TABLE entries DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "UPDATE detached SET commitment = 'x'",
        "DELETE FROM detached",
    ):
        with (
            ledger.engine.connect() as connection,
            connection.begin(),
            pytest.raises(DBAPIError, match=r"permission|must be owner"),
        ):
            connection.execute(text(statement))
    ledger.close()
    run(filled, f"DROP OWNED BY {role}")


GUARDS = (
    "entries_only_at_the_end",
    "entries_never_change",
    "entries_never_go",
    "detached_once",
    "detached_only_erased",
    "detached_never_goes",
)


@pytest.mark.parametrize("name", GUARDS)
def test_a_dropped_guard_is_named_and_the_instance_does_not_start(
    ledger: Ledger, database_url: str, name: str
) -> None:
    with ledger.engine.begin() as connection:
        drop_trigger(connection, name)
    report = verify(ledger, rows_of=no_rows)
    assert [(each.check, name in each.what) for each in report.findings] == [(Check.GUARD, True)]
    with pytest.raises(LedgerRefused, match=name):
        Ledger.open(database_url, files=ledger.files)


def test_a_guard_that_was_altered_is_found(ledger: Ledger, database: str) -> None:
    with ledger.engine.begin() as connection:
        if database == "sqlite":
            drop_trigger(connection, "entries_never_go")
            connection.execute(
                text("CREATE TRIGGER entries_never_go BEFORE DELETE ON entries BEGIN SELECT 1; END")
            )
        else:
            connection.execute(
                text(
                    "CREATE OR REPLACE FUNCTION lims_refuse() RETURNS trigger LANGUAGE plpgsql"
                    " SET search_path = public, pg_temp AS $$ BEGIN RETURN OLD; END $$"
                )
            )
        assert "entries_never_go" in triggers.missing_or_altered(connection)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_guard_that_was_switched_off_is_found(ledger: Ledger) -> None:
    with ledger.engine.begin() as connection:
        connection.execute(text("ALTER TABLE entries DISABLE TRIGGER entries_never_go"))
        assert triggers.missing_or_altered(connection) == ("entries_never_go",)


def test_a_trigger_that_nobody_installed_is_found(ledger: Ledger, database: str) -> None:
    with ledger.engine.begin() as connection:
        if database == "sqlite":
            connection.execute(
                text("CREATE TRIGGER other AFTER INSERT ON entries BEGIN DELETE FROM sessions; END")
            )
        else:
            connection.execute(
                text(
                    "CREATE TRIGGER other AFTER INSERT ON entries FOR EACH ROW EXECUTE FUNCTION lims_refuse()"
                )
            )
        assert triggers.missing_or_altered(connection) == ("other",)


def test_an_entry_that_chains_but_was_never_written_by_an_act_is_found(filled: Ledger) -> None:
    """A raw INSERT at the end passes the guards; its body is no entry."""
    seq, head = last(filled, "batch:1")
    run(
        filled,
        f"INSERT INTO entries {COLUMNS} VALUES (:stream, :seq, :hash, :prev, 't', 'k', 'p', 'a', '{{}}')",
        stream="batch:1",
        seq=seq + 1,
        hash=entry_hash(head, "{}"),
        prev=head,
    )
    report = verify(filled, rows_of=no_rows)
    assert report.first_bad_entry == ("batch:1", seq + 1)


def test_the_guards_let_an_act_through(filled: Ledger) -> None:
    with filled.writing(write=["batch:1"]) as book:
        head = book.head("batch:1")
        assert head is not None
        assert book.append(step(), by(time=head.time)).seq == head.seq + 1
