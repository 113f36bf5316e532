"""Suppliers' codes: what was put in comes out, as scanners send it and as it is printed; what is damaged is refused."""

from calendar import monthrange
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.authoring.stock import load_stock
from lims.domain.gs1 import LONGEST, Label, check_digit, kept, read
from lims.domain.refusals import BadEntry

TODAY = date(2026, 11, 23)
GS = "\x1d"
SIGNS = "!\"%&'*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
PREFIXES = ("", "]d2", "]C1", "]Q3", GS)
SENT_AS = (GS, "␝", "<GS>", "{GS}", "^]")
FIXED = {"01", "17", "11"}

gtins = st.text(DIGITS, min_size=13, max_size=13).map(lambda digits: digits + check_digit(digits))
# A lot that holds a written-out separator would be read as one: no supplier prints such a lot.
lots = st.text(SIGNS, min_size=1, max_size=20).filter(lambda lot: kept(lot) == lot and lot[0] != "]")
days = st.dates(date(1990, 1, 1), date(2075, 12, 31)).filter(lambda day: 1978 <= day.year <= 2076)


def refused(raw: str) -> str:
    with pytest.raises(BadEntry) as bad:
        read(raw, today=TODAY)
    assert bad.value.field == "scan"
    return bad.value.rule


def fields_of(gtin: str, lot: str, expires: date, serial: str) -> list[tuple[str, str]]:
    return [("01", gtin), ("10", lot), ("17", f"{expires:%y%m%d}"), ("21", serial)]


@given(
    gtins, lots, days, lots, st.permutations(range(4)), st.sampled_from(PREFIXES), st.sampled_from(SENT_AS)
)
def test_what_a_supplier_encodes_is_read_in_any_order(
    gtin: str, lot: str, expires: date, serial: str, order: list[int], prefix: str, separator: str
) -> None:
    fields = [fields_of(gtin, lot, expires, serial)[at] for at in order]
    sent = prefix + "".join(ai + value + ("" if ai in FIXED else separator) for ai, value in fields)
    wanted = Label(gtin=gtin, lot=lot, expires=expires, serial=serial, fields=tuple(fields))
    assert read(sent, today=TODAY) == wanted
    assert read(kept(sent), today=TODAY) == wanted
    assert kept(sent).isprintable()
    assert (
        read("[)>\x1e05" + GS + sent.removeprefix(GS).removeprefix(prefix) + "\x1e\x04", today=TODAY)
        == wanted
    )
    printed = "".join(f"({ai}){value}" for ai, value in fields)
    assert read(printed, today=TODAY) == wanted


@given(gtins, lots, days, st.integers(1, 60))
def test_a_cut_code_never_reads_as_the_whole_one(gtin: str, lot: str, expires: date, cut: int) -> None:
    sent = f"01{gtin}17{expires:%y%m%d}10{lot}"
    short = sent[: -min(cut, len(sent) - 1)]
    try:
        label = read(short, today=TODAY)
    except BadEntry:
        return
    assert (label.gtin, label.lot, label.expires) != (gtin, lot, expires)


@given(gtins, st.integers(0, 13), st.integers(1, 9))
def test_one_wrong_digit_of_the_number_is_refused(gtin: str, at: int, more: int) -> None:
    wrong = gtin[:at] + str((int(gtin[at]) + more) % 10) + gtin[at + 1 :]
    assert refused(f"01{wrong}") == "gs1.check_digit"


@given(st.text(max_size=LONGEST + 9))
def test_anything_is_read_or_refused_at_its_field(raw: str) -> None:
    try:
        read(raw, today=TODAY)
    except BadEntry as bad:
        assert bad.field == "scan" and bad.rule.startswith("gs1.")


@given(st.integers(0, 99), st.integers(1, 12), st.integers(2000, 2099))
def test_day_00_is_the_last_day_and_the_century_is_the_nearest(year: int, month: int, now: int) -> None:
    """GS1 General Specifications 3.4.6 and 7.12: from 49 years back to 50 ahead."""
    found = read(f"17{year:02d}{month:02d}00", today=date(now, 6, 15)).expires
    assert found is not None
    assert found.day == monthrange(found.year, month)[1]
    assert found.year % 100 == year
    assert -49 <= found.year - now <= 50


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        ("", "gs1.empty"),
        ("]d2", "gs1.empty"),
        ("5012345678900", "gs1.unknown"),
        ("(95012)1", "gs1.unknown"),
        ("hello", "gs1.unknown"),
        ("17271301", "gs1.day"),
        ("17270230", "gs1.day"),
        ("1727", "gs1.length"),
        ("(10)", "gs1.length"),
        ("10" + "A" * 21, "gs1.length"),
        ("10批号", "gs1.signs"),
        ("172A0101", "gs1.signs"),
        (f"10A{GS}10B", "gs1.twice"),
        ("1" * 201, "gs1.too_long"),
    ],
)
def test_what_is_not_wholly_understood_is_refused(raw: str, rule: str) -> None:
    assert refused(raw) == rule


def test_full_width_signs_of_an_input_method_read_as_what_they_mean() -> None:
    assert read("（０１）０９５０６０００１３４３５２（１０）ＡＢ－１", today=TODAY) == read(
        "(01)09506000134352(10)AB-1", today=TODAY
    )


def test_the_stock_book_names_each_number_once() -> None:
    numbers = [gtin for item in load_stock().items for gtin in item.gtins]
    assert len(numbers) == len(set(numbers)) > 0
    assert all(load_stock().item_of(gtin) for gtin in numbers)
