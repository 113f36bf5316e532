"""Hold times, expiry, countdowns and culture days, across changes of the clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lims.domain.time_limits import (
    CountdownBand,
    HoldVerdict,
    countdown,
    culture_day,
    due_at,
    elapsed,
    expiry,
    hold_time,
    is_expired,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("passed", "verdict", "overrun"),
    [
        (timedelta(0), HoldVerdict.WITHIN, timedelta(0)),
        (8 * HOUR, HoldVerdict.WITHIN, timedelta(0)),
        (8 * HOUR + timedelta(seconds=1), HoldVerdict.OVER, timedelta(seconds=1)),
        (24 * HOUR, HoldVerdict.OVER, 16 * HOUR),
        (24 * HOUR + timedelta(seconds=1), HoldVerdict.STOP, 16 * HOUR + timedelta(seconds=1)),
    ],
)
def test_a_hold_is_within_over_or_a_stop(passed: timedelta, verdict: HoldVerdict, overrun: timedelta) -> None:
    """domain.md step 2.3: blood draw to receipt 8 h, quality decides up to 24 h."""
    hold = hold_time(since=START, until=START + passed, most=8 * HOUR, stop=24 * HOUR)
    assert (hold.elapsed, hold.verdict, hold.overrun) == (passed, verdict, overrun)


def test_a_hold_without_a_stop_never_stops() -> None:
    assert hold_time(since=START, until=START + 99 * HOUR, most=HOUR).verdict is HoldVerdict.OVER


def test_a_hold_over_the_end_of_summer_time_counts_the_hour_twice() -> None:
    began = datetime(2026, 10, 25, 1, 30, tzinfo=BERLIN)
    ended = datetime(2026, 10, 25, 3, 30, tzinfo=BERLIN)
    assert elapsed(since=began, until=ended) == 3 * HOUR


def test_a_hold_over_the_start_of_summer_time_skips_an_hour() -> None:
    began = datetime(2026, 3, 29, 1, 30, tzinfo=BERLIN)
    ended = datetime(2026, 3, 29, 3, 30, tzinfo=BERLIN)
    assert elapsed(since=began, until=ended) == HOUR


def test_the_hypoxia_hours_of_the_golden_batch_come_out() -> None:
    """domain.md F14 and 2.6: D7 11:00 to D14 07:30, opened for 33 min."""
    began = datetime(2026, 12, 1, 11, 0, tzinfo=SHANGHAI)
    ended = datetime(2026, 12, 8, 7, 30, tzinfo=SHANGHAI)
    assert elapsed(since=began, until=ended) - timedelta(minutes=33) == timedelta(hours=163.95)


def test_expiry_is_counted_from_the_end_of_filling() -> None:
    """domain.md F16 and 2.6: filled 09:40 +08:00, 12 h, expires 21:40."""
    expires_at = expiry(fill_end=datetime(2026, 12, 8, 9, 40, tzinfo=SHANGHAI), shelf_life=12 * HOUR)
    assert expires_at.astimezone(SHANGHAI).isoformat() == "2026-12-08T21:40:00+08:00"


def test_a_shelf_life_is_hours_passed_even_when_the_clock_is_changed() -> None:
    expires_at = expiry(fill_end=datetime(2026, 10, 24, 20, 0, tzinfo=BERLIN), shelf_life=12 * HOUR)
    assert expires_at.astimezone(BERLIN).hour == 7


@pytest.mark.parametrize(("seconds", "expired"), [(-1, False), (0, True), (1, True)])
def test_the_product_is_expired_from_the_instant_of_expiry(seconds: int, expired: bool) -> None:
    assert is_expired(expires_at=START, now=START + timedelta(seconds=seconds)) is expired


@pytest.mark.parametrize(
    ("minutes", "band"),
    [
        (0, CountdownBand.PLAIN),
        (44, CountdownBand.PLAIN),
        (45, CountdownBand.DUE),
        (60, CountdownBand.DUE),
        (61, CountdownBand.OVERDUE),
    ],
)
def test_the_last_quarter_of_a_clock_is_due(minutes: int, band: CountdownBand) -> None:
    running = countdown(since=START, most=HOUR, now=START + timedelta(minutes=minutes))
    assert (running.band, running.left) == (band, timedelta(minutes=60 - minutes))


def test_what_is_due_is_due_in_utc() -> None:
    assert due_at(since=START.astimezone(SHANGHAI), most=HOUR).isoformat() == "2026-11-24T09:00:00+00:00"


def test_a_culture_day_begins_at_midnight_of_the_site() -> None:
    late = datetime(2026, 11, 24, 15, 59, tzinfo=UTC)
    assert [
        culture_day(start=late, now=late + timedelta(minutes=after), zone="Asia/Shanghai") for after in (0, 1)
    ] == [0, 1]


def test_a_culture_day_of_25_hours_is_one_day() -> None:
    began = datetime(2026, 10, 25, 0, 30, tzinfo=BERLIN)
    assert culture_day(start=began, now=began.astimezone(UTC) + 24 * HOUR, zone="Europe/Berlin") == 0
    assert culture_day(start=began, now=began.astimezone(UTC) + 25 * HOUR, zone="Europe/Berlin") == 1


def test_before_the_start_the_culture_day_is_negative() -> None:
    assert culture_day(start=START, now=START - timedelta(days=7), zone="UTC") == -7


@pytest.mark.parametrize("zone", ["Moon/Base", "", "../etc/passwd", "\x00"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        culture_day(start=START, now=START, zone=zone)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        elapsed(since=datetime(2026, 11, 24), until=START)


@pytest.mark.parametrize(
    ("until", "most", "stop"),
    [(START - HOUR, HOUR, None), (START, timedelta(0), None), (START, 2 * HOUR, HOUR)],
)
def test_a_hold_that_makes_no_sense_is_refused(
    until: datetime, most: timedelta, stop: timedelta | None
) -> None:
    with pytest.raises(ValueError, match="hold"):
        hold_time(since=START, until=until, most=most, stop=stop)


def test_a_shelf_life_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="shelf life"):
        expiry(fill_end=START, shelf_life=timedelta(0))
