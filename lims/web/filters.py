"""What templates can say: times at the site, texts of the record, links that only show where they lead somewhere."""

import re
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import gettext
from jinja2 import pass_context
from jinja2.runtime import Context

from lims.domain.acts import ACTS
from lims.domain.master_batch_record import Words
from lims.domain.quantities import as_power_of_ten
from lims.domain.sentences_table import TERMS
from lims.web import pages, sitting

_CODE = re.compile(r"[a-z]+([_.][a-z]+)*")


def install(app: Flask) -> None:
    """Make the filters known to every template."""
    env = app.jinja_env
    env.filters.update(
        local=local,
        clock=clock,
        day=day,
        moment=moment,
        said=said,
        tr=_when_drawn(tr),
        act_label=_when_drawn(act_label),
        power=as_power_of_ten,
    )
    env.globals.update(link=_link_if_allowed, may=pages.may)


def _when_drawn(filter_: Callable[[str], str]) -> Callable[[Context, str], str]:
    """A filter of constants, asked each time a page is drawn: Jinja would keep the first reader's language for all."""

    @pass_context
    def drawn(_: Context, value: str) -> str:
        return filter_(value)

    return drawn


def zone() -> ZoneInfo:
    """The site's zone."""
    return ZoneInfo(sitting.site().founded.zone)


def local(value: datetime) -> str:
    """Date, time and offset as on the wall of the site: 2026-11-26 14:02 +08:00."""
    here = value.astimezone(zone())
    offset = here.strftime("%z")
    return f"{here:%Y-%m-%d %H:%M} {offset[:3]}:{offset[3:]}"


def moment(value: datetime) -> datetime:
    """The moment in the site's zone, for further formatting."""
    return value.astimezone(zone())


def clock(value: datetime) -> str:
    """14:02:31 at the site; the offset stands in the station bar of the same page."""
    return f"{value.astimezone(zone()):%H:%M:%S}"


WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def day(value: datetime | date) -> str:
    """Thu 11-26."""
    if isinstance(value, datetime):
        value = value.astimezone(zone()).date()
    return f"{gettext(WEEKDAYS[value.weekday()])} {value:%m-%d}"


def said(words: Words) -> str:
    """A text of the record in the page's language."""
    return words.en if sitting.language() == "en" else words.zh


def tr(word: str) -> str:
    """A code or a message id of the domain in the page's language; a code without words of its own is spelt out."""
    if not word:
        return ""
    translated = str(gettext(word))
    if translated != word or not _CODE.fullmatch(word):
        return translated
    return str(gettext(TERMS.get(word, word.replace("_", " "))))


def act_label(name: str) -> str:
    """The words on an act's button."""
    return tr(ACTS[name].label) if name in ACTS else tr(name)


def _link_if_allowed(endpoint: str, **values: object) -> str:
    """The address, or nothing where there is no such page or it is not for this person."""
    return pages.link(endpoint, **values) if pages.may(endpoint) else ""
