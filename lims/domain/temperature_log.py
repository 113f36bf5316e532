"""What a temperature logger's own file says: readings as recorded, lowest, highest, minutes outside its range."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from itertools import pairwise
from zoneinfo import ZoneInfo

from lims.domain.master_batch_record import Frozen, Words
from lims.domain.quantities import NotANumber, parse_number
from lims.domain.refusals import BadEntry
from lims.domain.rounding import CONTEXT, round_half_up
from lims.domain.sheets import FIELD, read_lines

MOST_READINGS = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggerModel(Frozen):
    """How one model of logger writes its file: which columns, which marks, which clock."""

    code: str
    title: Words
    separator: str
    time_column: str
    time_format: str
    """As strptime reads it."""
    clock: str
    """`utc`, or `site` for the wall clock of the site."""
    temperature_column: str
    scale: str
    """`C` or `F`."""
    decimal_mark: str
    longest_pause_minutes: int
    """A longer time between two readings is time that nobody measured."""
    no_reading: tuple[str, ...] = ()
    """What stands in the column when the sensor gave nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemperatureRange(Frozen):
    """Between which temperatures these containers travel, in °C, both ends allowed."""

    code: str
    title: Words
    low: Decimal
    high: Decimal
    containers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loggers(Frozen):
    """What a site sets about its loggers."""

    format: str
    models: tuple[LoggerModel, ...]
    ranges: tuple[TemperatureRange, ...]

    def model(self, code: str) -> LoggerModel | None:
        """The model of that code, or none."""
        return next((model for model in self.models if model.code == code), None)

    def range_of(self, container: str) -> TemperatureRange | None:
        """The range in which a kind of container travels, or none."""
        return next((item for item in self.ranges if container in item.containers), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One line of the file."""

    at: datetime
    celsius: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the readings come to over a journey; minutes are rounded half-up to one decimal."""

    readings: int
    first_at: datetime
    last_at: datetime
    lowest: Decimal
    highest: Decimal
    outside_minutes: Decimal
    silent_minutes: Decimal
    """Between readings farther apart than the logger's longest pause."""
    uncovered_minutes: Decimal
    """Of the journey, before the first reading and after the last."""

    @property
    def is_clean(self) -> bool:
        """Measured all the way, and never outside."""
        return not (self.outside_minutes or self.silent_minutes or self.uncovered_minutes)


def read_log(content: bytes, model: LoggerModel, *, zone: str) -> tuple[Reading, ...]:
    """The readings of a file, first to last. A damaged or cut file is refused with the line that is wrong."""
    readings = tuple(_readings(content, model, zone=zone))
    if not readings:
        raise BadEntry("log.empty", field=FIELD)
    return readings


def _readings(content: bytes, model: LoggerModel, *, zone: str) -> Iterator[Reading]:
    columns = (model.time_column, model.temperature_column)
    last: datetime | None = None
    for number, row in read_lines(content, separator=model.separator, columns=columns, model=model.code):
        at = _moment(row, model, number, zone=zone)
        if last is not None and at <= last:
            raise BadEntry("log.order", field=FIELD, line=number)
        if number > MOST_READINGS:
            raise BadEntry("log.long", field=FIELD, most=MOST_READINGS)
        last = at
        if row[model.temperature_column] not in model.no_reading:
            yield Reading(at=at, celsius=_celsius(row, model, number))


def _moment(row: Mapping[str, str], model: LoggerModel, number: int, *, zone: str) -> datetime:
    raw = row[model.time_column]
    try:
        local = datetime.strptime(raw, model.time_format)  # noqa: DTZ007  # the clock is the model's, set below
    except ValueError:
        raise BadEntry(
            "log.line", field=FIELD, line=number, column=model.time_column, value=raw[:40]
        ) from None
    return local.replace(tzinfo=UTC if model.clock == "utc" else ZoneInfo(zone)).astimezone(UTC)


def _celsius(row: Mapping[str, str], model: LoggerModel, number: int) -> Decimal:
    raw = row[model.temperature_column]
    try:
        value = parse_number(raw.replace(model.decimal_mark, ".")).value
    except NotANumber:
        raise BadEntry(
            "log.line", field=FIELD, line=number, column=model.temperature_column, value=raw[:40]
        ) from None
    if model.scale == "C":
        return value
    with localcontext(CONTEXT):
        return round_half_up((value - 32) * 5 / 9, 2)


def summarise(
    readings: Sequence[Reading],
    *,
    low: Decimal,
    high: Decimal,
    since: datetime,
    until: datetime,
    longest_pause: timedelta,
) -> Summary:
    """Lowest, highest and minutes outside on a journey from `since` to `until`.

    A stretch between two readings counts as outside whole when either of its ends was outside, so that the minutes
    are never fewer than they were. Readings before and after the journey are no part of it, but for the nearest one
    on either side, which tells how it began and ended. Refuses a file that has nothing of the journey.
    """
    inside = [item for item in readings if since <= item.at <= until]
    if not inside:
        raise BadEntry("log.elsewhere", field=FIELD, first=readings[0].at, last=readings[-1].at)
    before = [item for item in readings if item.at < since][-1:]
    after = [item for item in readings if item.at > until][:1]
    told = [*before, *inside, *after]
    outside = silent = timedelta(0)
    for one, other in pairwise(told):
        length = min(other.at, until) - max(one.at, since)
        if other.at - one.at > longest_pause:
            silent += length
        elif not (low <= one.celsius <= high and low <= other.celsius <= high):
            outside += length
    uncovered = max(told[0].at - since, timedelta(0)) + max(until - told[-1].at, timedelta(0))
    if uncovered <= longest_pause:
        uncovered = timedelta(0)
    values = [item.celsius for item in inside]
    return Summary(
        readings=len(inside),
        first_at=inside[0].at,
        last_at=inside[-1].at,
        lowest=min(values),
        highest=max(values),
        outside_minutes=_minutes(outside),
        silent_minutes=_minutes(silent),
        uncovered_minutes=_minutes(uncovered),
    )


def _minutes(span: timedelta) -> Decimal:
    with localcontext(CONTEXT):
        return round_half_up(Decimal(span // timedelta(seconds=1)) / 60, 1)
