"""A read table that says something else than the record is found, row by row, and can be filled again."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from lims.domain.entries.envelope import Draft, Entry
from lims.domain.entries.supply import LotReceived
from lims.domain.folds import fold, rows_of
from lims.domain.rows import LotRow, Row
from lims.ledger.book import Ledger
from lims.ledger.findings import Check
from lims.ledger.read_tables import find, rebuild, write_difference
from lims.ledger.verify import verify
from tests.attacks.raw import run
from tests.ledger.examples import by

LOTS = ("lot:1", "lot:2", "lot:3")


def rows(stream: str, entries: tuple[Entry, ...]) -> Mapping[str, Row]:
    """What the corridor writes."""
    return rows_of(stream, fold(stream, entries))


@pytest.fixture
def lots(ledger: Ledger) -> Ledger:
    with ledger.writing(write=LOTS) as book:
        for stream in LOTS:
            fact = LotReceived(
                item="medium",
                supplier="Demo supplier",
                supplier_lot=f"S-{stream}",
                expires=date(2026, 12, 31),
                quantity=Decimal(500),
                unit="mL",
            )
            book.append(Draft(stream=stream, fact=fact), by())
            write_difference(book, stream, {}, rows(stream, book.entries(stream)))
    return ledger


def wrong(ledger: Ledger) -> list[tuple[str, str]]:
    findings = verify(ledger, rows_of=rows).findings
    assert {each.check for each in findings} <= {Check.ROW}
    return [(each.stream, each.what) for each in findings]


def test_rows_that_follow_the_record_are_no_finding(lots: Ledger) -> None:
    assert wrong(lots) == []


def test_every_row_that_disagrees_is_named_with_its_fields(lots: Ledger) -> None:
    run(lots, "UPDATE lots SET status = 'released' WHERE stream IN ('lot:1', 'lot:3')")
    assert wrong(lots) == [(stream, "lots : status differ from the record") for stream in ("lot:1", "lot:3")]


def test_a_missing_row_is_named(lots: Ledger) -> None:
    run(lots, "DELETE FROM lots WHERE stream = 'lot:2'")
    assert wrong(lots) == [("lot:2", "lots : missing")]


def test_a_row_that_no_record_gives_is_named(lots: Ledger) -> None:
    run(lots, "UPDATE lots SET stream = 'lot:9' WHERE stream = 'lot:2'")
    assert wrong(lots) == [("lot:2", "lots : missing"), ("lot:9", "lots : its stream has no entry")]


def test_tables_filled_again_agree_with_the_records(lots: Ledger) -> None:
    with lots.reading() as book:
        before = find(book, LotRow)
    run(lots, "UPDATE lots SET status = 'released'", "DELETE FROM codes")
    with lots.writing(write=()) as book:
        assert rebuild(book, rows) >= len(LOTS)
    assert wrong(lots) == []
    with lots.reading() as book:
        assert find(book, LotRow) == before


def test_entries_that_tell_no_record_are_named(lots: Ledger) -> None:
    def broken(stream: str, entries: tuple[Entry, ...]) -> Mapping[str, Row]:
        if stream == "lot:2":
            raise KeyError(stream)
        return rows(stream, entries)

    assert [each.stream for each in verify(lots, rows_of=broken).findings] == ["lot:2"]
