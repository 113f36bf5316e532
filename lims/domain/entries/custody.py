"""Facts about a container on its way: the journey's temperature, and where it is kept."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from lims.domain.entries.envelope import Fact
from lims.domain.entries.values import Attached, Means


@dataclass(frozen=True, slots=True, kw_only=True)
class TemperatureLogged(Fact):
    """A logger's own file about one hand-over, with what it came to in °C and minutes when it was taken in."""

    kind: Literal["temperature_logged.1"] = "temperature_logged.1"
    offered_seq: int
    container: str
    logger: str
    logger_name: str
    calibrated: bool
    model: str
    file: Attached
    since: datetime
    until: datetime
    low: Decimal
    high: Decimal
    readings: int
    lowest: Decimal
    highest: Decimal
    outside_minutes: Decimal
    silent_minutes: Decimal
    uncovered_minutes: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PutIntoStorage(Fact):
    """A container lies in a place from now on; item and place were both scanned."""

    kind: Literal["put_into_storage.1"] = "put_into_storage.1"
    container: str
    means: Means
    position: str
    position_name: str
    room: str
    position_means: Means


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenFromStorage(Fact):
    """A container leaves its place; it came out of the place where it was put, both scanned."""

    kind: Literal["taken_from_storage.1"] = "taken_from_storage.1"
    container: str
    means: Means
    position: str
    room: str
    position_means: Means
