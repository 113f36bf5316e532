"""Times as people write them."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from lims.domain.refusals import BadEntry

_CLOCK = re.compile(r"([01]?\d|2[0-3])[:：]?([0-5]\d)")
_FULL = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})[ T]+([01]?\d|2[0-3])[:：]([0-5]\d)")


def read_moment(text: str, *, now: datetime, zone: ZoneInfo, field: str) -> datetime | None:
    """`14:02` is today at the site, `2026-11-24 14:02` is said in full; empty means now. Refuses what is no time."""
    text = text.strip()
    if not text:
        return None
    local = now.astimezone(zone)
    if found := _CLOCK.fullmatch(text):
        hour, minute = map(int, found.groups())
        moment = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    elif found := _FULL.fullmatch(text):
        year, month, day, hour, minute = map(int, found.groups())
        try:
            moment = datetime(year, month, day, hour, minute, tzinfo=zone)
        except ValueError:
            raise BadEntry("time.unreadable", field=field) from None
    else:
        raise BadEntry("time.unreadable", field=field)
    # The minute that is just passing is now, not the future.
    return min(moment, local) if moment - local < timedelta(minutes=1) else moment
