"""Her follow-up drawn to scale on the server: the months, their extension, visits, pregnancies, events, and today.

Nothing stands in the drawing alone: the same facts, dated, are in the table under it.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext

from lims.domain.trial.window import add_months
from lims.queries.follow_up import FollowUp
from lims.web import filters, here

WIDTH = 1000
LEFT = 12
LANE, TOP = 34, 34
"""Height of a lane, and where the first begins; above it stand the months."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A span of days in a lane."""

    look: str
    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One day in a lane: the middle of a state's glyph."""

    state: str
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """The first day of a month."""

    x: float
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of the table under the drawing."""

    state: str
    word: str
    what: str
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Shapes with their places, and the same in words."""

    height: int
    ticks: tuple[Tick, ...]
    bars: tuple[Bar, ...]
    signs: tuple[Sign, ...]
    today: float | None
    lines: tuple[Line, ...]


@dataclass(slots=True)
class _Sheet:
    """From days to places; collects what is drawn."""

    first: date
    last: date
    bars: list[Bar]
    signs: list[Sign]
    lines: list[Line]
    lane: int = 0

    def x(self, day: date) -> float:
        """Where a day begins."""
        whole = (self.last - self.first).days
        return round(LEFT + (WIDTH - 2 * LEFT) * (day - self.first).days / whole, 1)

    def bar(self, look: str, first: date, last: date, *, thin: int = 0) -> None:
        """A span of days, both included."""
        x = self.x(first)
        width = max(3.0, round(self.x(last + timedelta(days=1)) - x, 1))
        y = TOP + self.lane * LANE + 6 + thin
        self.bars.append(Bar(look=look, x=x, width=width, y=y, height=LANE - 12 - 2 * thin))

    def sign(self, state: str, day: date) -> None:
        """A glyph on one day."""
        self.signs.append(Sign(state=state, x=self.x(day), y=TOP + self.lane * LANE + LANE / 2))

    def line(self, state: str, word: str, what: str, when: str) -> None:
        """The same in words."""
        self.lines.append(Line(state=state, word=word, what=what, when=when))


def draw_window(page: FollowUp) -> Drawing | None:
    """The drawing; none while her follow-up has not begun."""
    window = page.standing.window
    if window is None:
        return None
    days = _days(page)
    sheet = _Sheet(
        first=min(days) - timedelta(days=5), last=max(days) + timedelta(days=10), bars=[], signs=[], lines=[]
    )
    _months(page, sheet)
    _visits(page, sheet)
    _pregnancies(page, sheet)
    _events(page, sheet)
    inside = sheet.first <= page.today <= sheet.last
    return Drawing(
        height=TOP + sheet.lane * LANE + 4,
        ticks=_ticks(sheet),
        bars=tuple(sheet.bars),
        signs=tuple(sheet.signs),
        today=sheet.x(page.today) if inside else None,
        lines=tuple(sheet.lines),
    )


def _days(page: FollowUp) -> list[date]:
    """Every day that must find its place; one typed a century off must not squeeze the rest."""
    window, followed = page.standing.window, page.followed
    assert window is not None
    found = [window.start, window.end, min(page.today, window.end + timedelta(days=365))]
    found += [visit.until_on for visit in followed.plan.visits] if followed.plan else []
    found += [page.standing.until] if page.standing.until else []
    for one in page.standing.readings:
        found += [one.pregnancy.found_on, *(scan.on for scan in one.pregnancy.ultrasounds)]
        found += [one.pregnancy.end.on] if one.pregnancy.end else []
    earliest, latest = window.start - timedelta(days=400), window.end + timedelta(days=400)
    return [day for day in found if earliest <= day <= latest]


def _ticks(sheet: _Sheet) -> tuple[Tick, ...]:
    months = [add_months(sheet.first.replace(day=1), number) for number in range(1, 40)]
    inside = [day for day in months if day <= sheet.last]
    every = 1 if len(inside) <= 14 else 2
    return tuple(
        Tick(x=sheet.x(day), word=f"{day:%Y-%m}" if place == 0 or day.month == 1 else f"{day:%m}")
        for place, day in enumerate(inside[::every])
    )


def _months(page: FollowUp, sheet: _Sheet) -> None:
    window, now = page.standing.window, page.standing
    assert window is not None
    sheet.bar("window", window.start, window.end)
    span = f"{window.start.isoformat()} – {window.end.isoformat()}"
    sheet.line("open", gettext("Window"), gettext("Follow-up by the protocol"), span)
    if now.extended:
        until = now.until or max(page.today, window.end + timedelta(days=1))
        sheet.bar("extension", window.end + timedelta(days=1), min(until, sheet.last))
        span = gettext("from %(on)s", on=(window.end + timedelta(days=1)).isoformat())
        end = now.until.isoformat() if now.until else gettext("until the outcome")
        sheet.line(
            "due" if now.until is None else "done",
            gettext("Extended"),
            gettext("Clinical pregnancy"),
            f"{span} – {end}",
        )
    sheet.lane += 1


def _visits(page: FollowUp, sheet: _Sheet) -> None:
    plan, told = page.followed.plan, {one.code: one for one in page.followed.visits}
    if plan is None:
        return
    for visit in plan.visits:
        sheet.bar("visit", visit.from_on, visit.until_on, thin=4)
        record = told.get(visit.code)
        state, word = _visit_state(
            page.today, visit.from_on, visit.until_on, done=record.done if record else None
        )
        sheet.sign(state, record.on if record else visit.on)
        span = f"{visit.from_on.isoformat()} – {visit.until_on.isoformat()}"
        when = f"{record.on.isoformat()} ({span})" if record else span
        sheet.line(state, word, filters.said(visit.title), when)
    sheet.lane += 1


def _visit_state(today: date, first: date, last: date, *, done: bool | None) -> tuple[str, str]:
    if done is not None:
        return ("done", gettext("Done")) if done else ("stop", gettext("Missed"))
    if today > last:
        return "stop", gettext("Overdue")
    return ("due", gettext("Open now")) if today >= first else ("open", gettext("Planned"))


def _pregnancies(page: FollowUp, sheet: _Sheet) -> None:
    for one in page.standing.readings:
        pregnancy = one.pregnancy
        last = pregnancy.end.on if pregnancy.end else pregnancy.lost_on or max(page.today, pregnancy.found_on)
        name = gettext("Pregnancy %(number)s", number=pregnancy.number)
        first = max(pregnancy.found_on, sheet.first)
        sheet.bar("pregnancy", first, max(first, min(last, sheet.last)), thin=2)
        state = "done" if pregnancy.end else "due"
        word = filters.tr(one.end.value) if one.end else gettext("Open")
        until = last.isoformat() if pregnancy.end or pregnancy.lost_on else gettext("until the outcome")
        sheet.line(state, word, name, f"{pregnancy.found_on.isoformat()} – {until}")
        for scan in pregnancy.ultrasounds:
            sheet.sign("verify", max(scan.on, sheet.first))
            sheet.line("verify", gettext("Scan"), f"{name} – {gettext('Ultrasound')}", scan.on.isoformat())
        if pregnancy.end:
            sheet.sign("done", pregnancy.end.on)
        sheet.lane += 1


def _events(page: FollowUp, sheet: _Sheet) -> None:
    if not page.followed.events:
        return
    titles = {one.code: one.title for one in page.safety.terms}
    for event in page.followed.events:
        fact, serious = event.recorded, bool(event.judged.criteria)
        state = "stop" if serious else "due"
        sheet.sign(state, min(max(fact.began_on, sheet.first), sheet.last))
        title = titles.get(fact.term)
        words = here.reader().said(title) if title else filters.tr(fact.term)
        word = gettext("Serious") if serious else gettext("Event")
        sheet.line(state, word, words, fact.began_on.isoformat())
    sheet.lane += 1
