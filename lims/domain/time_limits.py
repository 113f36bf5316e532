"""Time that matters: hold times, expiry, countdowns and culture days.

Elapsed time is taken between aware instants, so a change to or from summer time never lengthens or shortens a
hold. Only a culture day is a date of the calendar, and it is the site's calendar. Nothing here asks the clock.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class HoldVerdict(StrEnum):
    """How an elapsed time stands against what is allowed."""

    WITHIN = "within"
    OVER = "over"
    """Beyond the allowed time: a deviation, and quality assurance decides."""
    STOP = "stop"
    """Beyond the time after which the batch may not go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldTime:
    """An elapsed time, its verdict, and by how much the allowed time is passed (zero while within)."""

    elapsed: timedelta
    verdict: HoldVerdict
    overrun: timedelta


class CountdownBand(StrEnum):
    """How a running clock is shown."""

    PLAIN = "plain"
    """More than a quarter of the time is left."""
    DUE = "due"
    """A quarter or less is left."""
    OVERDUE = "overdue"
    """The time has passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Countdown:
    """A running clock: the instant it runs out, what is left (negative once passed), and how to show it."""

    due_at: datetime
    left: timedelta
    band: CountdownBand


def elapsed(*, since: datetime, until: datetime) -> timedelta:
    """The time that truly passed between two aware instants; negative when `until` lies earlier.

    Raises ValueError for a time without a zone.
    """
    return _in_utc(until) - _in_utc(since)


def hold_time(
    *, since: datetime, until: datetime, most: timedelta, stop: timedelta | None = None
) -> HoldTime:
    """Judge a hold: exactly the allowed time is still within it. `until` before `since` raises ValueError.

    `most` and `stop` are positive and `stop`, when given, is not shorter than `most`; else ValueError.
    """
    if most <= timedelta(0) or (stop is not None and stop < most):
        raise ValueError("a hold is longer than nothing, and its stop isn't shorter than what is allowed")
    passed = elapsed(since=since, until=until)
    if passed < timedelta(0):
        raise ValueError("a hold can't end before it began")
    verdict = HoldVerdict.WITHIN
    if passed > most:
        verdict = HoldVerdict.STOP if stop is not None and passed > stop else HoldVerdict.OVER
    return HoldTime(elapsed=passed, verdict=verdict, overrun=max(passed - most, timedelta(0)))


def due_at(*, since: datetime, most: timedelta) -> datetime:
    """The instant, in UTC, at which a hold that began at `since` has used its allowed time."""
    return _in_utc(since) + most


def expiry(*, fill_end: datetime, shelf_life: timedelta) -> datetime:
    """F16: the instant, in UTC, from which the product may no longer be dispatched, received or given."""
    if shelf_life <= timedelta(0):
        raise ValueError("a shelf life is longer than nothing")
    return _in_utc(fill_end) + shelf_life


def is_expired(*, expires_at: datetime, now: datetime) -> bool:
    """Expired from the very instant of expiry on."""
    return _in_utc(now) >= _in_utc(expires_at)


def countdown(*, since: datetime, most: timedelta, now: datetime) -> Countdown:
    """A running clock at `now`: plain, due with a quarter or less left, overdue once the time is passed."""
    ends = due_at(since=since, most=most)
    left = ends - _in_utc(now)
    if left < timedelta(0):
        band = CountdownBand.OVERDUE
    elif left * 4 <= most:
        band = CountdownBand.DUE
    else:
        band = CountdownBand.PLAIN
    return Countdown(due_at=ends, left=left, band=band)


def culture_day(*, start: datetime, now: datetime, zone: str) -> int:
    """Days by the calendar of the site (`zone`, an IANA name) since the day of `start`, which is day 0.

    Negative before the start. Raises ValueError for an unknown zone or a time without one.
    """
    try:
        site = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{zone!r} is no time zone of the IANA list") from None
    return (_in_utc(now).astimezone(site).date() - _in_utc(start).astimezone(site).date()).days


def _in_utc(moment: datetime) -> datetime:
    """The same instant in UTC: Python subtracts two times of one zone by the wall clock, and so forgets DST."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError("a time without a zone cannot be compared")
    return moment.astimezone(UTC)
