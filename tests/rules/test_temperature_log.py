"""What a logger's file comes to: computed from its lines, never typed (domain 4.2 C4, C11, C12)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.authoring.loggers import load_loggers
from lims.domain.refusals import BadEntry
from lims.domain.temperature_log import LoggerModel, Reading, Summary, read_log, summarise

START = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
SITE = "Asia/Shanghai"


def model(code: str = "comma_utc") -> LoggerModel:
    found = load_loggers().model(code)
    assert found is not None
    return found


def at(minutes: int, celsius: str) -> Reading:
    return Reading(at=START + timedelta(minutes=minutes), celsius=Decimal(celsius))


def over(*readings: Reading, since: int = 0, until: int = 30) -> Summary:
    return summarise(
        readings,
        low=Decimal("2.0"),
        high=Decimal("8.0"),
        since=START + timedelta(minutes=since),
        until=START + timedelta(minutes=until),
        longest_pause=timedelta(minutes=15),
    )


def log(*lines: str) -> bytes:
    return ("Logger,L-1\nTime,Temperature (C)\n" + "\n".join(lines) + "\n").encode()


def refused(content: bytes, rule: str, *, of: LoggerModel | None = None) -> dict[str, str]:
    with pytest.raises(BadEntry) as caught:
        read_log(content, of or model(), zone=SITE)
    assert (caught.value.rule, caught.value.field) == (rule, "file")
    return dict(caught.value.reason.about)


def test_a_journey_in_range_has_no_minute_outside() -> None:
    found = over(at(0, "4.0"), at(10, "5.1"), at(20, "4.4"), at(30, "4.0"))
    assert found.is_clean
    assert (found.lowest, found.highest, found.readings) == (Decimal("4.0"), Decimal("5.1"), 4)


def test_a_stretch_is_outside_whole_when_either_end_was() -> None:
    """Never fewer minutes than there were."""
    found = over(at(0, "4.0"), at(10, "8.1"), at(20, "7.0"), at(30, "4.0"))
    assert found.outside_minutes == Decimal("20.0")


@pytest.mark.parametrize("celsius", ["2.0", "8.0"])
def test_the_ends_of_the_range_are_inside(celsius: str) -> None:
    assert over(at(0, celsius), at(15, celsius), at(30, celsius)).is_clean


def test_minutes_are_decimal_and_rounded_half_up() -> None:
    ends = Reading(at=START + timedelta(minutes=10, seconds=3), celsius=Decimal("4.0"))
    found = over(at(0, "9.0"), ends, at(20, "4.0"), at(30, "4.0"))
    assert found.outside_minutes == Decimal("10.1")


def test_what_lies_before_and_after_the_journey_is_no_part_of_it() -> None:
    found = over(at(-20, "22.0"), at(-5, "4.0"), at(5, "4.0"), at(15, "4.0"), at(28, "4.0"), at(40, "22.0"))
    assert (found.highest, found.readings) == (Decimal("4.0"), 3)
    assert found.outside_minutes == Decimal("2.0")


def test_a_pause_longer_than_the_loggers_own_is_time_nobody_measured() -> None:
    found = over(at(0, "4.0"), at(5, "4.0"), at(25, "4.0"), at(30, "4.0"))
    assert (found.silent_minutes, found.outside_minutes) == (Decimal("20.0"), Decimal("0.0"))


def test_a_file_that_ends_before_the_journey_does_not_cover_it() -> None:
    found = over(at(0, "4.0"), at(10, "4.0"), until=60)
    assert found.uncovered_minutes == Decimal("50.0") and not found.is_clean


def test_a_file_of_another_day_is_refused() -> None:
    with pytest.raises(BadEntry) as caught:
        over(at(5000, "4.0"), at(5010, "4.0"))
    assert caught.value.rule == "log.elsewhere"


@given(st.lists(st.integers(min_value=-400, max_value=400), min_size=2, max_size=40))
def test_minutes_never_exceed_the_journey(tenths: list[int]) -> None:
    readings = [at(n * 3, str(Decimal(value) / 10)) for n, value in enumerate(tenths)]
    found = over(*readings, until=3 * (len(tenths) - 1))
    assert found.outside_minutes + found.silent_minutes <= 3 * (len(tenths) - 1)
    assert found.lowest <= found.highest


def test_columns_are_found_by_name_wherever_they_stand() -> None:
    content = b"made by L\nTemperature (C),No,Time\n4.1,1,2026-11-16 04:00:00\n"
    (reading,) = read_log(content, model(), zone=SITE)
    assert (reading.at, reading.celsius) == (START, Decimal("4.1"))


def test_a_site_clock_a_decimal_comma_and_a_byte_order_mark_are_read() -> None:
    content = "\ufeffDate/Time;°C\n16.11.2026 12:00;4,1\n16.11.2026 12:05;ERR\n".encode()
    (reading,) = read_log(content, model("semicolon_local"), zone=SITE)
    assert (reading.at, reading.celsius) == (START, Decimal("4.1"))


def test_fahrenheit_becomes_celsius() -> None:
    (reading,) = read_log(
        b"Date Time,Temp F\n11/16/2026 12:00:00,39.2\n", model("fahrenheit_local"), zone=SITE
    )
    assert reading.celsius == Decimal("4.00")


def test_a_file_of_another_model_is_told_which_columns_it_lacks() -> None:
    about = refused(b"When;Deg\n1;2\n", "sheet.columns")
    assert about["wanted"] == "Time, Temperature (C)"


def test_a_cut_line_is_named() -> None:
    assert refused(log("2026-11-16 04:00:00,4.1", "2026-11-16 04:0"), "sheet.cut")["line"] == "4"


def test_a_damaged_number_is_named_with_its_line() -> None:
    about = refused(log("2026-11-16 04:00:00,4.1", "2026-11-16 04:05:00,4?1"), "log.line")
    assert (about["line"], about["value"]) == ("4", "4?1")


def test_a_damaged_time_is_named_with_its_line() -> None:
    assert refused(log("2026-13-16 04:00:00,4.1"), "log.line")["column"] == "Time"


def test_lines_out_of_order_are_refused() -> None:
    assert refused(log("2026-11-16 04:05:00,4.1", "2026-11-16 04:05:00,4.2"), "log.order")["line"] == "4"


def test_a_file_without_a_reading_is_refused() -> None:
    refused(log("2026-11-16 04:00:00,---"), "log.empty")


def test_bytes_that_are_no_text_are_refused() -> None:
    refused(b"\x00\x01\x02\xff" * 40, "sheet.unreadable")


def test_an_infinite_temperature_is_no_reading() -> None:
    refused(log("2026-11-16 04:00:00,Infinity"), "log.line")


def test_the_marks_are_the_models_own() -> None:
    dots = replace(model("semicolon_local"), decimal_mark=".")
    refused(b"Date/Time;\xc2\xb0C\n16.11.2026 12:00;4,1,2\n", "log.line", of=dots)
