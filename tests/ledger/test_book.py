"""Entries are appended, read back and locked."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from lims.domain.canonical import GENESIS, commitment_of, entry_hash
from lims.domain.entries.envelope import Entry
from lims.ledger.book import Ledger
from lims.ledger.faults import EntryUnreadable, LedgerFault, LedgerRefused, StreamNotLocked, TimeWentBack
from tests.ledger.examples import NOON, SALT, by, note, put, redacted, step


def test_an_appended_entry_reads_back_as_it_was_returned(ledger: Ledger) -> None:
    with ledger.writing(write=["batch:1"]) as book:
        appended = put(book, "batch:1", 3)
    with ledger.reading() as book:
        assert book.entries("batch:1") == appended


def test_each_entry_is_hashed_with_the_one_before(ledger: Ledger) -> None:
    with ledger.writing(write=["batch:1"]) as book:
        put(book, "batch:1", 3)
    with ledger.reading() as book:
        previous = GENESIS
        for body, hashed in book.bodies("batch:1"):
            assert hashed == entry_hash(previous, body)
            previous = hashed


def test_a_failed_act_leaves_nothing(ledger: Ledger) -> None:
    with pytest.raises(KeyError), ledger.writing(write=["batch:1", "lot:1"]) as book:
        put(book, "lot:1", 2)
        put(book, "batch:1", 2)
        raise KeyError
    with ledger.reading() as book:
        assert (book.head("batch:1"), book.head("lot:1"), book.entries("batch:1")) == (None, None, ())
    with ledger.writing(write=["batch:1"]) as book:
        assert put(book, "batch:1")[0].seq == 1


def test_entries_can_be_read_from_and_up_to_a_place(ledger: Ledger) -> None:
    with ledger.writing(write=["batch:1"]) as book:
        put(book, "batch:1", 5)
        assert [entry.seq for entry in book.entries("batch:1", after=1, upto=3)] == [2, 3]


def test_a_stream_that_was_not_announced_is_not_written(ledger: Ledger) -> None:
    with pytest.raises(StreamNotLocked), ledger.writing(write=["batch:1"], read=["lot:1"]) as book:
        book.append(step("lot:1"), by())


def test_a_stream_locked_for_reading_cannot_be_locked_for_writing_later(ledger: Ledger) -> None:
    with pytest.raises(StreamNotLocked), ledger.writing(write=["batch:1"], read=["lot:1"]) as book:
        book.lock(write=["lot:1"])


def test_a_later_lock_keeps_the_one_order(ledger: Ledger) -> None:
    with pytest.raises(StreamNotLocked), ledger.writing(write=["batch:1"]) as book:
        book.lock(write=["lot:1"])


def test_a_recall_locks_the_batches_that_it_found_after_the_lot(ledger: Ledger) -> None:
    with ledger.writing(write=["lot:1"]) as book:
        book.lock(write=["batch:1", "batch:2"])
        put(book, "batch:2")
    with ledger.reading() as book:
        assert book.streams("batch") == ("batch:2",)


def test_time_never_goes_back_in_a_stream(ledger: Ledger) -> None:
    with pytest.raises(TimeWentBack), ledger.writing(write=["batch:1"]) as book:
        book.append(step(), by(time=NOON))
        book.append(step(), by(time=NOON - timedelta(microseconds=1)))


def test_two_entries_may_share_one_time(ledger: Ledger) -> None:
    with ledger.writing(write=["batch:1"]) as book:
        book.append(step(), by())
        assert book.append(step(), by()).seq == 2


def test_a_request_finds_its_answers_in_every_stream(ledger: Ledger) -> None:
    with ledger.writing(write=["batch:1", "lot:1"]) as book:
        first = book.append(step("lot:1"), by(request="r1"))
        book.append(step("lot:1"), by(request="r2"))
        second = book.append(step("batch:1"), by(request="r1"))
        book.append(step("batch:1"), by(request="r1", person="technician-b"))
    with ledger.reading() as book:
        assert book.answers("technician-a", "r1") == (second, first)
        assert book.answers("technician-a", "r3") == ()


def test_streams_of_a_sort_are_listed_without_those_of_another(ledger: Ledger) -> None:
    with ledger.writing(write=["batch:1", "batch:2!refusals", "batches:1", "lot:1"]) as book:
        for stream in ("batch:1", "batch:2!refusals", "batches:1", "lot:1"):
            put(book, stream)
    with ledger.reading() as book:
        assert book.streams("batch") == ("batch:1", "batch:2!refusals")


def test_a_detached_value_is_found_by_its_commitment(ledger: Ledger) -> None:
    with ledger.writing(write=["batch:1"]) as book:
        told = note(book, "batch:1", "胶体 ok")
    with ledger.reading() as book:
        assert book.values([told.commitment, "f" * 64])[told.commitment].value == "胶体 ok"


def test_a_value_that_is_not_the_commitments_is_not_kept(ledger: Ledger) -> None:
    with pytest.raises(LedgerFault), ledger.writing(write=["batch:1"]) as book:
        book.keep(commitment=commitment_of(SALT, "one"), salt=SALT, value="two", sort="words")


def test_a_redacted_value_is_gone_and_the_chain_still_reads(ledger: Ledger) -> None:
    with ledger.writing(write=["batch:1"]) as book:
        told = note(book, "batch:1", "a name")
    with ledger.writing(write=["batch:1"]) as book:
        book.append(redacted("batch:1", told.commitment), by(time=NOON + timedelta(hours=2)))
        book.erase(told.commitment)
    with ledger.reading() as book:
        kept = book.values([told.commitment])[told.commitment]
        assert (kept.value, kept.salt, len(book.entries("batch:1"))) == (None, None, 2)


def test_a_reader_sees_one_moment(ledger: Ledger) -> None:
    with ledger.writing(write=["batch:1"]) as book:
        put(book, "batch:1", 2)
    with ledger.reading() as reader:
        assert len(reader.entries("batch:1")) == 2
        with ledger.writing(write=["batch:1", "batch:2"]) as book:
            put(book, "batch:1", 1, start=NOON + timedelta(hours=1))
            put(book, "batch:2")
        assert len(reader.entries("batch:1")) == 2
        assert reader.head("batch:2") is None
    with ledger.reading() as reader:
        assert len(reader.entries("batch:1")) == 3


def test_a_held_entry_is_not_served_for_one_changed_behind_it(ledger: Ledger) -> None:
    with ledger.writing(write=["batch:1"]) as book:
        put(book, "batch:1", 3)
    with ledger.engine.begin() as raw:
        name = "entries_never_change"
        if raw.dialect.name == "sqlite":
            raw.execute(text(f"DROP TRIGGER {name}"))
        else:
            raw.execute(text(f"DROP TRIGGER {name} ON entries"))
        raw.execute(text("UPDATE entries SET hash = 'f' || substr(hash, 2) || 'x' WHERE seq = 3"))
    with ledger.reading() as book, pytest.raises(EntryUnreadable):
        book.entries("batch:1")


def test_an_instance_is_made_once(empty_database_url: str, tmp_path: Path) -> None:
    Ledger.create(empty_database_url, files=tmp_path / "files").close()
    with pytest.raises(LedgerRefused):
        Ledger.create(empty_database_url, files=tmp_path / "files")


def test_nothing_opens_before_it_is_founded(empty_database_url: str, tmp_path: Path) -> None:
    with pytest.raises(LedgerRefused):
        Ledger.open(empty_database_url, files=tmp_path / "files")


def test_the_tables_as_migrated_are_the_tables_as_declared(ledger: Ledger) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from lims.ledger.tables import metadata

    with ledger.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_name": lambda name, kind, _: not (kind == "table" and name not in metadata.tables)
            },
        )
        assert compare_metadata(context, metadata) == []


def test_an_act_inside_an_act_is_refused_instead_of_waiting_for_itself(ledger: Ledger) -> None:
    with ledger.writing(write=["batch:1"]), pytest.raises(LedgerFault), ledger.writing(write=["lot:1"]):
        pass
    with ledger.writing(write=["batch:1"]) as book:
        assert put(book, "batch:1")


def test_a_reader_that_comes_late_does_not_shorten_what_others_read(ledger: Ledger) -> None:
    with ledger.writing(write=["batch:1"]) as book:
        put(book, "batch:1", 2)
    with ledger.reading() as early:
        early.head("batch:1")
        with ledger.writing(write=["batch:1"]) as book:
            put(book, "batch:1", start=NOON + timedelta(hours=1))
            book.entries("batch:1")
        assert len(early.entries("batch:1")) == 2
    with ledger.reading() as book:
        assert len(book.entries("batch:1")) == 3


def test_what_is_made_of_a_stream_is_made_once_for_each_head(ledger: Ledger) -> None:
    made: list[int] = []

    def count(stream: str, entries: tuple[Entry, ...], before: int | None) -> int:
        made.append(len(entries))
        return len(entries)

    with ledger.writing(write=["batch:1"]) as book:
        put(book, "batch:1", 2)
        assert book.derived("batch:1", count) == 2
        put(book, "batch:1", start=NOON + timedelta(hours=1))
        assert book.derived("batch:1", count) == 3
    with ledger.reading() as book:
        assert book.derived("batch:1", count) == 3
        assert book.derived("batch:2", count) == 0
    assert made == [2, 3, 0]


def test_what_an_act_made_before_it_failed_is_not_what_the_stream_tells(ledger: Ledger) -> None:
    with pytest.raises(KeyError), ledger.writing(write=["batch:1"]) as book:
        put(book, "batch:1", 2)
        book.derived("batch:1", _length)
        raise KeyError
    with ledger.reading() as book:
        assert book.derived("batch:1", _length) == 0


def _length(stream: str, entries: tuple[Entry, ...], before: int | None) -> int:
    return len(entries)
