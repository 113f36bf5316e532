"""Whatever the owner of the database changes with the guards switched off is found and named."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from lims.domain.canonical import commitment_of
from lims.ledger.book import Ledger
from lims.ledger.checkpoints import made, make_checkpoint, witness_code
from lims.ledger.faults import EntryUnreadable, LedgerFault
from lims.ledger.files import Files
from lims.ledger.findings import Check
from lims.ledger.verify import verify
from tests.attacks.raw import run_unguarded
from tests.ledger.examples import NOON, SALT, by, put
from tests.ledger.founding import LATER, Founded, found, no_rows

TEXT_COLUMNS = ("stream", "hash", "prev_hash", "time", "kind", "person", "act", "request", "body")
WORDS = commitment_of(SALT, "The medium was warm.")


@pytest.fixture(scope="module")
def original(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance in a folder, on SQLite: it takes bytes that are no text, which PostgreSQL refuses itself."""
    folder = tmp_path_factory.mktemp("original")
    shutil.copy(sqlite_template, folder / "ledger.db")
    ledger = Ledger.open(f"sqlite:///{folder / 'ledger.db'}", files=folder / "files")
    found(ledger)
    ledger.close()
    return folder


@pytest.fixture(scope="module")
def copy(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """One ledger over a copy; each example puts back what it changed."""
    folder = tmp_path_factory.mktemp("copy") / "instance"
    shutil.copytree(original, folder)
    ledger = Ledger.open(f"sqlite:///{folder / 'ledger.db'}", files=folder / "files")
    yield ledger
    ledger.close()


def places(ledger: Ledger) -> list[tuple[str, int]]:
    with ledger.engine.connect() as connection:
        return [(row.stream, row.seq) for row in connection.execute(text("SELECT stream, seq FROM entries"))]


def changed(value: str, at: int, flip: int) -> bytes:
    """The value with one byte changed; what comes out need not be text."""
    raw = bytearray(value.encode())
    raw[at % len(raw)] ^= flip
    return bytes(raw)


def put_back(ledger: Ledger, statement: str, before: str | None, **where: object) -> None:
    run_unguarded(ledger, statement, value=None if before is None else before.encode(), **where)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pick=st.integers(0, 10**6),
    column=st.sampled_from(TEXT_COLUMNS),
    at=st.integers(0, 10**6),
    flip=st.integers(1, 255),
)
def test_any_byte_of_any_entry(copy: Ledger, pick: int, column: str, at: int, flip: int) -> None:
    all_places = places(copy)
    stream, seq = all_places[pick % len(all_places)]
    where = {"stream": stream, "seq": seq}
    with copy.engine.connect() as connection:
        question = text(f"SELECT {column} FROM entries WHERE stream = :stream AND seq = :seq")
        before: str | None = connection.execute(question, where).scalar()
    value = changed(before, at, flip) if before else bytes([flip])
    set_column = f"UPDATE entries SET {column} = CAST(:value AS TEXT) WHERE stream = :stream AND seq = :seq"
    run_unguarded(copy, set_column, value=value, **where)
    try:
        report = verify(copy, rows_of=no_rows)
        bad = {(each.stream, each.seq) for each in report.findings if each.check is Check.ENTRY}
        named = any(f"{stream} entry {seq}" in each.what for each in report.findings)
        moved = column == "stream"
        assert (stream, seq) in bad or named or (moved and bad) or (moved and not report.holds)
    finally:
        back = set_column
        if column == "stream":
            back = "UPDATE entries SET stream = CAST(:value AS TEXT) WHERE CAST(stream AS BLOB) = :now AND seq = :seq"
            run_unguarded(copy, back, value=stream.encode(), now=value, seq=seq)
        else:
            put_back(copy, back, before, **where)


@settings(max_examples=60, deadline=None)
@given(
    pick=st.integers(0, 10**6),
    column=st.sampled_from(["salt", "value", "sort", "commitment"]),
    at=st.integers(0, 500),
    flip=st.integers(1, 127),
)
def test_any_byte_of_any_detached_value(copy: Ledger, pick: int, column: str, at: int, flip: int) -> None:
    with copy.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM detached ORDER BY commitment")).mappings().all()
    row = rows[pick % len(rows)]
    value = changed(row[column], at, flip & 0x1F or 1)
    run_unguarded(
        copy,
        f"UPDATE detached SET {column} = CAST(:value AS TEXT) WHERE commitment = :commitment",
        value=value,
        commitment=row["commitment"],
    )
    try:
        findings = verify(copy, rows_of=no_rows).findings
        assert {each.stream for each in findings if each.check is Check.VALUE} >= {"batch:1"}
    finally:
        run_unguarded(
            copy,
            "UPDATE detached SET commitment = :commitment, salt = :salt, value = :value, sort = :sort"
            " WHERE commitment NOT IN (:other)",
            other=next(each["commitment"] for each in rows if each is not row),
            **row,
        )


@settings(max_examples=40, deadline=None)
@given(at=st.integers(0, 100), flip=st.integers(1, 255))
def test_any_byte_of_any_file(copy: Ledger, at: int, flip: int) -> None:
    sha256 = next(iter(Files(copy.files)))
    path = copy.files / sha256[:2] / sha256
    before = path.read_bytes()
    raw = bytearray(before)
    raw[at % len(raw)] ^= flip
    path.write_bytes(raw)
    try:
        assert [each.check for each in verify(copy, rows_of=no_rows).findings] == [Check.FILE]
    finally:
        path.write_bytes(before)


def test_the_copy_that_all_examples_shared_is_whole_again(copy: Ledger) -> None:
    assert verify(copy, rows_of=no_rows).findings == ()


@pytest.fixture
def founded(ledger: Ledger) -> Founded:
    return found(ledger)


def wrong(ledger: Ledger) -> list[tuple[Check, str, int]]:
    return [(each.check, each.stream, each.seq) for each in verify(ledger, rows_of=no_rows).findings]


def test_a_missing_file_is_named_with_its_entry(ledger: Ledger, founded: Founded) -> None:
    Files(ledger.files).erase(founded.file)
    assert wrong(ledger) == [(Check.FILE, "batch:1", 7)]


@pytest.mark.parametrize("column", ["time", "kind", "person", "act", "request"])
def test_a_column_that_differs_from_the_body_is_named(ledger: Ledger, founded: Founded, column: str) -> None:
    run_unguarded(ledger, f"UPDATE entries SET {column} = 'other' WHERE stream = 'batch:1' AND seq = 2")
    assert wrong(ledger) == [(Check.ENTRY, "batch:1", 2)]


def test_a_removed_entry_is_named(ledger: Ledger, founded: Founded) -> None:
    run_unguarded(ledger, "DELETE FROM entries WHERE stream = 'batch:1' AND seq = 3")
    assert wrong(ledger)[0] == (Check.ENTRY, "batch:1", 3)


def test_an_erased_value_without_a_redaction_is_named(ledger: Ledger, founded: Founded) -> None:
    run_unguarded(
        ledger,
        "UPDATE detached SET salt = NULL, value = NULL WHERE commitment = :commitment",
        commitment=WORDS,
    )
    assert wrong(ledger) == [(Check.VALUE, "batch:1", 6)]


def test_a_removed_value_is_named(ledger: Ledger, founded: Founded) -> None:
    run_unguarded(ledger, "DELETE FROM detached WHERE commitment = :commitment", commitment=WORDS)
    assert wrong(ledger) == [(Check.VALUE, "batch:1", 6)]


def test_a_tail_that_was_cut_cleanly_is_named_by_the_checkpoint(ledger: Ledger, founded: Founded) -> None:
    run_unguarded(
        ledger,
        "DELETE FROM entries WHERE stream = 'batch:2' AND seq = 3",
        "UPDATE heads SET seq = 2, hash = (SELECT hash FROM entries WHERE stream = 'batch:2' AND seq = 2)"
        " , time = (SELECT time FROM entries WHERE stream = 'batch:2' AND seq = 2) WHERE stream = 'batch:2'",
    )
    assert wrong(ledger) == [(Check.CHECKPOINT, "batch:2", 3)]


def test_a_stream_that_was_dropped_cleanly_is_named_by_the_checkpoint(
    ledger: Ledger, founded: Founded
) -> None:
    run_unguarded(
        ledger, "DELETE FROM entries WHERE stream = 'lot:1'", "DELETE FROM heads WHERE stream = 'lot:1'"
    )
    assert wrong(ledger) == [(Check.CHECKPOINT, "lot:1", 2)]


def test_no_checkpoint_is_made_over_a_stream_that_was_cut(ledger: Ledger, founded: Founded) -> None:
    run_unguarded(
        ledger, "DELETE FROM entries WHERE stream = 'lot:1'", "DELETE FROM heads WHERE stream = 'lot:1'"
    )
    with pytest.raises(LedgerFault, match="lot:1"), ledger.writing(write=["checkpoints"]) as book:
        make_checkpoint(book, by(time=LATER), key=founded.checkpoint)


def test_a_rewritten_chain_is_named_by_the_checkpoint(ledger: Ledger, founded: Founded) -> None:
    """Every hash after the change computed again: the chain agrees with itself, not with what was signed."""
    run_unguarded(
        ledger, "DELETE FROM entries WHERE stream = 'batch:2'", "DELETE FROM heads WHERE stream = 'batch:2'"
    )
    again = Ledger(ledger.engine, files=ledger.files)
    with again.writing(write=["batch:2"]) as book:
        put(book, "batch:2", 3, start=NOON.replace(minute=1))
    assert wrong(ledger) == [(Check.CHECKPOINT, "batch:2", 3)]


def test_a_checkpoint_that_was_dropped_is_missed_by_its_witness(ledger: Ledger, founded: Founded) -> None:
    with ledger.reading() as book:
        code = witness_code(next(made(book.entries("checkpoints"))))
    run_unguarded(
        ledger,
        "DELETE FROM entries WHERE stream = 'checkpoints'",
        "DELETE FROM heads WHERE stream = 'checkpoints'",
    )
    findings = verify(ledger, rows_of=no_rows, witnessed=[code]).findings
    assert [(each.check, code in each.what) for each in findings] == [(Check.CHECKPOINT, True)]


def test_a_head_that_was_altered_is_named(ledger: Ledger, founded: Founded) -> None:
    run_unguarded(ledger, "UPDATE heads SET seq = 99 WHERE stream = 'lot:1'")
    assert wrong(ledger) == [(Check.HEAD, "lot:1", 0)]


def test_a_damaged_entry_is_not_read_as_a_record(ledger: Ledger, founded: Founded) -> None:
    run_unguarded(
        ledger,
        "UPDATE entries SET body = replace(body, 'step-1', 'step-9') WHERE stream = 'batch:2' AND seq = 2",
    )
    again = Ledger(ledger.engine, files=ledger.files)
    with again.reading() as book, pytest.raises(EntryUnreadable) as fault:
        book.entries("batch:2")
    assert (fault.value.stream, fault.value.seq) == ("batch:2", 2)
