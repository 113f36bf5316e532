"""What a typed value is read as, and when it is refused (screens.md 3.5)."""

import time
from decimal import Decimal, getcontext, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.domain.quantities import (
    Ambiguous,
    Magnitude,
    NotANumber,
    NumberRefusal,
    Qualifier,
    as_given,
    as_power_of_ten,
    as_written,
    magnitude_slip,
    parse_number,
    parse_reported,
    plain,
    round_half_up,
)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("1200000", "1200000"),
        ("1.2e6", "1200000"),
        ("1.2E+6", "1200000"),
        ("1.2×10^6", "1200000"),
        ("1.2x10^6", "1200000"),
        ("1.2 × 10^6", "1200000"),
        ("1.2×10⁶", "1200000"),
        ("10⁶", "1000000"),
        ("5×10⁻³", "0.005"),
        ("1.2M", "1200000"),
        ("120万", "1200000"),
        ("120 万", "1200000"),
        ("1 200 000", "1200000"),
        ("1\u2009200\u2009000", "1200000"),
        ("1\u00a0200\u00a0000", "1200000"),
        ("１．２", "1.2"),
        ("１，２", "1.2"),
        ("１．２×１０^６", "1200000"),
        ("1,2", "1.2"),
        ("1.234", "1.234"),
        ("79,95", "79.95"),
        (".5", "0.5"),
        (" 92.0\t", "92.0"),
        ("-80", "-80"),
        ("−80", "-80"),
        ("－80", "-80"),
        ("+5", "5"),
        ("-0", "0"),
        ("0e30", "0"),
        ("0.00", "0.00"),
        ("007", "7"),
    ],
)
def test_the_ways_people_write_a_number_are_read(raw: str, value: str) -> None:
    parsed = parse_number(raw)
    assert (parsed.understood, parsed.raw) == (value, raw)


@pytest.mark.parametrize(
    ("raw", "first", "second"),
    [
        ("1,234", "1.234", "1234"),
        ("１，２３４", "1.234", "1234"),
        ("-1,234", "-1.234", "-1234"),
        ("12,345e3", "12.345e3", "12345e3"),
        ("0,234", "0.234", "0234"),
    ],
)
def test_one_comma_before_three_digits_is_asked_about(raw: str, first: str, second: str) -> None:
    with pytest.raises(Ambiguous) as asked:
        parse_number(raw)
    assert asked.value.candidates == (first, second)


def test_each_reading_of_an_ambiguous_number_can_be_sent_back() -> None:
    with pytest.raises(Ambiguous) as asked:
        parse_number("1,234e3")
    assert [parse_number(reading).understood for reading in asked.value.candidates] == ["1234", "1234000"]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", NumberRefusal.EMPTY),
        (" \u3000 ", NumberRefusal.EMPTY),
        ("1,234,567", NumberRefusal.TWO_MARKS),
        ("1.2.3", NumberRefusal.TWO_MARKS),
        ("1,234.5", NumberRefusal.MIXED_MARKS),
        ("1.234,5", NumberRefusal.MIXED_MARKS),
        ("٣", NumberRefusal.OTHER_DIGITS),
        ("१२", NumberRefusal.OTHER_DIGITS),
        ("一", NumberRefusal.OTHER_DIGITS),
        ("①", NumberRefusal.OTHER_DIGITS),
        ("½", NumberRefusal.OTHER_DIGITS),
        ("𝟏", NumberRefusal.OTHER_DIGITS),
        ("5²", NumberRefusal.OTHER_DIGITS),
        ("NaN", NumberRefusal.NOT_FINITE),
        ("-Infinity", NumberRefusal.NOT_FINITE),
        ("inf", NumberRefusal.NOT_FINITE),
        ("1 2", NumberRefusal.SPACE_INSIDE),
        ("1 2000", NumberRefusal.SPACE_INSIDE),
        ("5.", NumberRefusal.MARK_AT_END),
        ("1e999", NumberRefusal.TOO_LARGE),
        ("9" * 31, NumberRefusal.TOO_LARGE),
        ("9" * 30 + "e30", NumberRefusal.TOO_LARGE),
        ("0.01e-30", NumberRefusal.TOO_LARGE),
        ("9" * 65, NumberRefusal.TOO_LONG),
        ("--5", NumberRefusal.NOT_UNDERSTOOD),
        ("5-", NumberRefusal.NOT_UNDERSTOOD),
        ("5-10", NumberRefusal.NOT_UNDERSTOOD),
        ("95 %", NumberRefusal.NOT_UNDERSTOOD),
        ("<0.05", NumberRefusal.NOT_UNDERSTOOD),
        ("1_000", NumberRefusal.NOT_UNDERSTOOD),
        ("0x10", NumberRefusal.NOT_UNDERSTOOD),
        ("1e5M", NumberRefusal.NOT_UNDERSTOOD),
        ("1.2m", NumberRefusal.NOT_UNDERSTOOD),
        ("1。2", NumberRefusal.NOT_UNDERSTOOD),
        ("1\u200b2", NumberRefusal.NOT_UNDERSTOOD),
        ("1\n2", NumberRefusal.NOT_UNDERSTOOD),
        ("ten", NumberRefusal.NOT_UNDERSTOOD),
    ],
)
def test_what_is_not_surely_a_number_is_refused_with_its_reason(raw: str, reason: NumberRefusal) -> None:
    with pytest.raises(NotANumber) as refused:
        parse_number(raw)
    assert refused.value.reason is reason


def test_ten_megabytes_are_refused_at_once() -> None:
    began = time.perf_counter()
    for read in (parse_number, parse_reported):
        with pytest.raises(NotANumber):
            read("1" * 10_000_000)
    assert time.perf_counter() - began < 0.5


@given(st.text(max_size=70))
def test_any_text_is_read_or_refused_and_never_breaks(raw: str) -> None:
    try:
        parsed = parse_number(raw)
    except (NotANumber, Ambiguous) as refused:
        assert "{" not in str(refused).replace(raw.strip(), "")
    else:
        assert round_half_up(parsed.value, 12).is_finite()
        assert parse_number(parsed.understood).value == parsed.value


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12))
def test_a_number_in_plain_digits_reads_as_itself(value: Decimal) -> None:
    assert parse_number(plain(value)).value == value


@pytest.mark.parametrize(
    ("raw", "qualifier", "value"),
    [
        ("<0.05", Qualifier.LESS_THAN, "0.05"),
        ("＜ 0.05", Qualifier.LESS_THAN, "0.05"),
        (">100", Qualifier.MORE_THAN, "100"),
        ("0.05", None, "0.05"),
    ],
)
def test_a_result_below_what_can_be_measured_keeps_its_qualifier(
    raw: str, qualifier: Qualifier | None, value: str
) -> None:
    reported = parse_reported(raw)
    assert (reported.qualifier, plain(reported.value), reported.raw) == (qualifier, value, raw)


@pytest.mark.parametrize("raw", ["<", "<<5", "<NaN", "≤5", "LOD"])
def test_a_result_that_is_no_bound_and_no_number_is_refused(raw: str) -> None:
    with pytest.raises(NotANumber):
        parse_reported(raw)


@pytest.mark.parametrize(
    ("value", "decimals", "rounded"),
    [("79.95", 1, "80.0"), ("79.94", 1, "79.9"), ("-0.05", 1, "-0.1"), ("2.5", 0, "3"), ("1450", -2, "1500")],
)
def test_halves_are_rounded_away_from_zero(value: str, decimals: int, rounded: str) -> None:
    assert plain(round_half_up(Decimal(value), decimals)) == rounded


def test_the_callers_decimal_context_changes_nothing() -> None:
    before = getcontext().prec
    with localcontext() as poor:
        poor.prec = 2
        assert plain(round_half_up(Decimal("123456.785"), 2)) == "123456.79"
        assert parse_number("123456.785e2").understood == "12345678.5"
    assert getcontext().prec == before


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (as_written(Decimal(1200000), 0), "1\u2009200\u2009000"),
        (as_written(Decimal(1200), 1), "1200.0"),
        (as_written(Decimal("-0.5"), 1), "−0.5"),
        (as_given(Decimal("1.20")), "1.2"),
        (as_given(Decimal(100)), "100"),
        (as_given(Decimal("0.50")), "0.5"),
        (as_power_of_ten(Decimal(4600000)), "4.60×10⁶"),
        (as_power_of_ten(Decimal(9999000)), "1.00×10⁷"),
        (as_power_of_ten(Decimal("0.000001"), 0), "1×10⁻⁶"),
        (as_power_of_ten(Decimal(0)), "0.00"),
        (plain(Decimal("2E+7")), "20000000"),
    ],
)
def test_numbers_are_written_as_the_laboratory_reads_them(written: str, shown: str) -> None:
    assert written == shown


@pytest.mark.parametrize(
    ("value", "expected", "slip"),
    [
        ("9.2", "0.92", Magnitude.TEN_TIMES_HIGHER),
        ("0.95", "9.2", Magnitude.TEN_TIMES_LOWER),
        ("1.8", "0.92", None),
        ("0", "1", None),
        ("1", "0", None),
    ],
)
def test_a_slip_of_the_decimal_mark_is_noticed(value: str, expected: str, slip: Magnitude | None) -> None:
    assert magnitude_slip(Decimal(value), Decimal(expected)) is slip
