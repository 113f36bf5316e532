"""Times as a rehearsal writes them: `D0 09:05` is a day of the culture at the site, `+20 min` follows what was."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = r"D(?P<day>-?\d{1,4})"
_MOMENT = re.compile(DAY + r" (?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?", re.ASCII)
_SPAN = re.compile(r"(?P<sign>[+-])(?P<count>\d{1,5}) (?P<unit>s|min|h|d)", re.ASCII)
_DAY = re.compile(DAY, re.ASCII)
_UNITS = {
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}


def is_moment(text: str) -> bool:
    """A day with a time, such as `D-1 23:00` or `D14 20:02:30`."""
    return _MOMENT.fullmatch(text) is not None


def is_span(text: str) -> bool:
    """A time after something or before it, such as `+20 min` or `-6 min`; units are s, min, h and d."""
    return _SPAN.fullmatch(text) is not None


def is_day(text: str) -> bool:
    """A day such as `D14`, or a date such as `2026-11-24`."""
    if _DAY.fullmatch(text):
        return True
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def span(text: str) -> timedelta:
    """How long `+20 min` is."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return int(found["sign"] + found["count"]) * _UNITS[found["unit"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The days of a rehearsal at the site: which calendar day is day 0, in which time zone."""

    day_0: date
    zone: ZoneInfo
    shift: timedelta = timedelta(0)
    """How much later everything happens than the play says; a demo ends at the moment it is started."""

    def moment(self, text: str, *, after: datetime | None = None) -> datetime:
        """The instant of `D0 09:05`, or of `+20 min` after another one."""
        if is_span(text):
            if after is None:
                raise ValueError(text)
            return after + span(text)
        found = _MOMENT.fullmatch(text)
        if found is None:
            raise ValueError(text)
        at = time(int(found["hour"]), int(found["minute"]), int(found["second"] or 0))
        day = self.day_0 + timedelta(days=int(found["day"]))
        return datetime.combine(day, at, tzinfo=self.zone) + self.shift

    def day(self, text: str) -> date:
        """The calendar day of `D14`: the one on which that day begins. A date stands for itself."""
        found = _DAY.fullmatch(text)
        if found is None:
            return date.fromisoformat(text)
        begins = datetime.combine(self.day_0 + timedelta(days=int(found["day"])), time(0), tzinfo=self.zone)
        return (begins + self.shift).date()

    def told(self, moment: datetime) -> str:
        """An instant as a rehearsal writes it; seconds only if there are any."""
        local = (moment - self.shift).astimezone(self.zone)
        days = (local.date() - self.day_0).days
        shape = "%H:%M:%S" if local.second else "%H:%M"
        return f"D{days} {local.strftime(shape)}"
