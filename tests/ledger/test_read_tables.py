"""Read tables are made from the row classes and follow the record."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import ClassVar

import pytest

from lims.domain.rows import Row
from lims.ledger import read_tables
from lims.ledger.book import Ledger
from lims.ledger.read_tables import find, table_of, write_difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Incubation(Row):
    """A made-up row with a field of every sort."""

    table: ClassVar[str] = "test_incubations"
    indexed: ClassVar[tuple[str, ...]] = ("due_at",)

    due_at: datetime | None
    day: date
    amount: Decimal
    count: int
    open: bool


ROW = Incubation(
    stream="batch:1",
    key="a",
    due_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    day=date(2026, 3, 1),
    amount=Decimal("1.50"),
    count=3,
    open=True,
)
LATER = replace(ROW, key="b", due_at=datetime(2026, 3, 2, tzinfo=UTC), open=False)
NEVER = replace(ROW, key="c", due_at=None)


@pytest.fixture(autouse=True)
def filled(ledger: Ledger) -> None:
    with ledger.engine.begin() as connection:
        read_tables.metadata.create_all(connection, tables=[table_of(Incubation)])
    with ledger.writing(write=["batch:1"]) as book:
        write_difference(book, "batch:1", {}, {"a": ROW, "b": LATER, "c": NEVER})


def test_a_row_reads_back_as_it_was_written(ledger: Ledger) -> None:
    with ledger.reading() as book:
        assert find(book, Incubation, key="a") == (ROW,)
        assert str(find(book, Incubation, key="a")[0].amount) == "1.50"


def test_rows_are_found_by_what_they_equal_and_by_what_is_empty(ledger: Ledger) -> None:
    with ledger.reading() as book:
        assert find(book, Incubation, open=False) == (LATER,)
        assert find(book, Incubation, due_at=None) == (NEVER,)


def test_rows_are_found_by_time_and_in_order(ledger: Ledger) -> None:
    with ledger.reading() as book:
        assert find(book, Incubation, ("due_at", "<", LATER.due_at)) == (ROW,)
        assert find(book, Incubation, ("key", "in", ["a", "b"]), order=["-due_at"], limit=1) == (LATER,)


def test_only_what_differs_is_written(ledger: Ledger) -> None:
    changed = replace(ROW, count=4)
    with ledger.writing(write=["batch:1"]) as book:
        write_difference(book, "batch:1", {"a": ROW, "b": LATER, "c": NEVER}, {"a": changed, "c": NEVER})
        assert find(book, Incubation, order=["key"]) == (changed, NEVER)


def test_no_stream_writes_the_row_of_another(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="another stream"), ledger.writing(write=["batch:2"]) as book:
        write_difference(book, "batch:2", {}, {"a": ROW})


def test_a_new_instance_has_the_read_tables_of_this_release(ledger: Ledger) -> None:
    with ledger.reading() as book:
        assert read_tables.stale(book) == ()


def test_no_row_class_takes_a_table_of_the_ledger() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Entries(Row):
        table: ClassVar[str] = "entries"

    with pytest.raises(TypeError):
        table_of(Entries)
