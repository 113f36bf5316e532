"""The trial's charts about people: flow, enrolment against plan, one lane a participant."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from lims.documents.charts import (
    SMALL,
    WIDTH,
    Area,
    Chart,
    Mark,
    Say,
    Scale,
    Shape,
    Sign,
    Stroke,
    Text,
    Tone,
    axis,
    steps,
)
from lims.documents.trial_words import HAPPENED, PLACES
from lims.domain.trial.enrolment import Enrolment
from lims.domain.trial.flow import Box, Branch, Flow, Place
from lims.domain.trial.lanes import Happened, Lane

_BOX, _LINE, _GAP = 320.0, 19.0, 26.0
_REASONS_SHOWN = 6


def flow_chart(found: Flow, _: Say, terms: Mapping[str, str]) -> Chart:
    """The flow of participants; `terms` names arms and reasons in the reader's language."""
    shapes: list[Shape] = []
    trunk = {box.place: box for box in found.trunk}
    middle, y = 20 + _BOX / 2, 8.0
    for place, beside in (
        (Place.ASSESSED, Place.NOT_ANALYSED),
        (Place.REGISTERED, Place.NOT_RANDOMISED),
        (Place.RANDOMISED, None),
    ):
        lines = [_words(trunk[place], _)]
        bottom = _boxed(shapes, middle, y, lines)
        if beside:
            aside = [_words(trunk[beside], _), *_reasons(trunk[beside], terms)]
            at = bottom + 8
            right = 380 + _BOX / 2
            shapes.append(Stroke(points=((middle, at + 14), (right - _BOX / 2, at + 14)), arrow=True))
            low = _boxed(shapes, right, at, aside)
            y = low + 8
            shapes.append(Stroke(points=((middle, bottom), (middle, y)), arrow=True))
        else:
            y = _arms(shapes, found.branches, middle, bottom, _, terms)
    return Chart(
        code="flow",
        title=_("Flow of participants"),
        says=_("Each box counts women from the record; the table says who they are."),
        height=y + 8,
        shapes=tuple(shapes),
        head=(_("Where"), _("Arm"), _("Women"), _("Of them")),
        rows=tuple(_rows(found, _, terms)),
    )


def _words(box: Box, _: Say) -> str:
    return f"{_(PLACES[box.place])} · n = {box.count}"


def _reasons(box: Box, terms: Mapping[str, str]) -> list[str]:
    """The reasons as lines; the table behind names every one."""
    told = [f"{terms.get(code, code)}: {len(people)}" for code, people in box.reasons]
    rest = len(told) - _REASONS_SHOWN
    return told[:_REASONS_SHOWN] + ([f"+ {rest}"] if rest > 0 else [])


def _boxed(
    shapes: list[Shape],
    middle: float,
    y: float,
    lines: Sequence[str],
    *,
    width: float = _BOX,
    strong: bool = True,
) -> float:
    """A box round its lines, the first one strong; returns its bottom."""
    height = 12 + _LINE * len(lines)
    shapes.append(Area(x=middle - width / 2, y=y, width=width, height=height, outlined=True))
    for at, line in enumerate(lines):
        base = y + 20 + at * _LINE
        shapes.append(
            Text(
                x=middle,
                y=base,
                text=line,
                anchor="middle",
                strong=strong and at == 0,
                size=SMALL if at else 13,
            )
        )
    return y + height


def _arms(
    shapes: list[Shape],
    branches: Sequence[Branch],
    middle: float,
    bottom: float,
    _: Say,
    terms: Mapping[str, str],
) -> float:
    """The branches side by side under the randomised."""
    if not branches:
        return bottom
    y = bottom + _GAP
    width = min(_BOX, WIDTH / len(branches) - 20)
    lowest = y
    for at, branch in enumerate(branches):
        x = WIDTH * (at + 0.5) / len(branches)
        elbow = bottom + _GAP / 2
        shapes.append(Stroke(points=((middle, bottom), (middle, elbow), (x, elbow), (x, y)), arrow=True))
        level = y
        for number, group in enumerate(_levels(branch)):
            if number:
                shapes.append(Stroke(points=((x, level), (x, level + 18)), arrow=True))
                level += 18
            lines = [_words(box, _) for box in group]
            if not number:
                lines = [terms.get(branch.arm, branch.arm), *lines]
            level = _boxed(shapes, x, level, lines, width=width, strong=not number)
        lowest = max(lowest, level)
    return lowest


def _levels(branch: Branch) -> list[list[Box]]:
    """The boxes of an arm by level: allocation, rounds, follow-up, analysis."""
    order = (
        (Place.ALLOCATED,),
        (Place.NO_ROUND, Place.ONE_ROUND, Place.ALL_ROUNDS),
        (Place.NOT_FOLLOWED_YET, Place.IN_FOLLOW_UP, Place.LEFT, Place.FOLLOWED),
        (Place.ANALYSED,),
    )
    levels = [[box for box in branch.boxes if box.place in level] for level in order]
    return [level for level in levels if level]


def _rows(found: Flow, _: Say, terms: Mapping[str, str]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        (_(PLACES[box.place]), "–", str(box.count), _codes(box.people)) for box in found.trunk
    ]
    for box in found.trunk:
        rows += [
            (f"{_(PLACES[box.place])}: {terms.get(code, code)}", "–", str(len(people)), _codes(people))
            for code, people in box.reasons
        ]
    for branch in found.branches:
        arm = terms.get(branch.arm, branch.arm)
        rows += [(_(PLACES[box.place]), arm, str(box.count), _codes(box.people)) for box in branch.boxes]
    return rows


def _codes(people: Sequence[str]) -> str:
    return ", ".join(people) or "–"


def enrolment_chart(found: Enrolment, _: Say) -> Chart:
    """Registered and randomised month by month, against the plan and the target."""
    left, right, top, bottom = 48.0, WIDTH - 150, 16.0, 236.0
    most = max(found.target, found.registered, 1)
    ticks = steps(most)
    up = Scale(least=Decimal(0), most=Decimal(ticks[-1]), start=bottom, end=top)
    across = Scale(least=Decimal(0), most=Decimal(len(found.months)), start=left, end=right)
    shapes: list[Shape] = []
    for tick in ticks:
        shapes.append(Stroke(points=((left, up.at(tick)), (right, up.at(tick))), tone="open", width=1))
        shapes.append(
            Text(x=left - 8, y=up.at(tick) + 4, text=str(tick), anchor="end", size=SMALL, tone="soft")
        )
    every = max(len(found.months) // 8, 1)
    for number, month in enumerate(found.months, start=1):
        if number % every == 0:
            words = month.ends.strftime("%Y-%m")
            at = across.at(number)
            shapes.append(Text(x=at, y=bottom + 18, text=words, anchor="middle", size=SMALL, tone="soft"))
    lines: list[tuple[list[tuple[int, int]], str, Tone, bool]] = [
        ([(0, 0), *((n, one.planned) for n, one in enumerate(found.months, 1))], _("plan"), "soft", True),
        (_known([one.registered for one in found.months]), _("registered"), "done", False),
        (_known([one.randomised for one in found.months]), _("randomised"), "ink", False),
    ]
    taken: list[float] = []
    for points, words, tone, dashed in lines:
        placed = tuple((across.at(number), up.at(count)) for number, count in points)
        shapes.append(Stroke(points=placed, tone=tone, width=2.5, dashed=dashed))
        x, y = placed[-1]
        while any(abs(y - other) < 16 for other in taken):
            y -= 16
        taken.append(y)
        shapes.append(Text(x=x + 8, y=y + 4, text=f"{words} {points[-1][1]}", strong=True, tone=tone))
    expected = found.expected.isoformat() if found.expected else _("cannot be told")
    return Chart(
        code="enrolment",
        title=_("Enrolment against plan"),
        says=_(
            "{randomised} of {target} randomised, {registered} registered; target expected {expected}."
        ).format(
            randomised=found.randomised, target=found.target, registered=found.registered, expected=expected
        ),
        height=bottom + 30,
        shapes=tuple(shapes),
        head=(_("Month until"), _("Registered"), _("Randomised"), _("Plan")),
        rows=tuple(
            (one.ends.isoformat(), _or_dash(one.registered), _or_dash(one.randomised), str(one.planned))
            for one in found.months
        ),
    )


def _known(counts: Sequence[int | None]) -> list[tuple[int, int]]:
    return [(0, 0), *((number, count) for number, count in enumerate(counts, 1) if count is not None)]


def _or_dash(count: int | None) -> str:
    return "–" if count is None else str(count)


SIGNS: Mapping[Happened, tuple[Sign, Tone]] = {
    Happened.RANDOMISED: ("bar", "ink"),
    Happened.PERFUSED: ("dot", "done"),
    Happened.NO_FURTHER_ROUND: ("cross", "ink"),
    Happened.CLINICAL: ("ring", "ink"),
    Happened.LIVE_BIRTH: ("diamond", "done"),
    Happened.ENDED_OTHERWISE: ("square", "ink"),
    Happened.LEFT: ("cross", "stop"),
}
"""Each mark has a form of its own; the tone only helps."""
LANE = 17.0
LANES_A_CHART = 40


def lanes_charts(found: Sequence[Lane], _: Say) -> list[Chart]:
    """The swimmer plot, so many lanes a chart, all on one scale."""
    longest = max((max(lane.last_day, lane.window[1] if lane.window else 0) for lane in found), default=1)
    return [
        _lanes_chart(found[at : at + LANES_A_CHART], at, len(found), longest, _)
        for at in range(0, len(found), LANES_A_CHART)
    ]


def _lanes_chart(found: Sequence[Lane], at: int, of: int, longest: int, _: Say) -> Chart:
    shown = [what for what in Happened if any(mark.what is what for lane in found for mark in lane.marks)]
    shapes: list[Shape] = []
    x = 90.0
    for what in shown:
        sign, tone = SIGNS[what]
        shapes.append(Mark(x=x, y=14, sign=sign, tone=tone))
        shapes.append(Text(x=x + 9, y=18, text=_(HAPPENED[what]), size=SMALL))
        x += 26 + 6.4 * max(len(_(HAPPENED[what])), 4) * (1.9 if not _(HAPPENED[what]).isascii() else 1)
    top = 32.0
    bottom = top + LANE * len(found)
    months = longest // 30 + 1
    scale = Scale(least=Decimal(0), most=Decimal(months * 30), start=90, end=WIDTH - 20)
    every = max(months // 8, 1)
    ticks = [(Decimal(30 * month), str(month)) for month in range(0, months + 1, every)]
    shapes += axis(scale, ticks, top=top, bottom=bottom)
    for number, lane in enumerate(found):
        shapes += _lane(lane, top + LANE * (number + 0.5), scale)
    return Chart(
        code=f"lanes-{at // LANES_A_CHART + 1}",
        title=_("Participants {first} to {last} of {of}").format(first=at + 1, last=at + len(found), of=of),
        says=_("One lane a woman, months since her analysis; the band is her follow-up window."),
        height=bottom + 26,
        shapes=tuple(shapes),
        head=(_("Participant"), _("From"), _("Follow-up window"), _("What happened, and when")),
        rows=tuple(_lane_row(lane, _) for lane in found),
    )


def _lane(lane: Lane, y: float, scale: Scale) -> list[Shape]:
    shapes: list[Shape] = [Text(x=82, y=y + 4, text=lane.trial_id, anchor="end", size=11)]
    if lane.window:
        start, end = (scale.at(day) for day in lane.window)
        shapes.append(Area(x=start, y=y - 6, width=max(end - start, 1), height=12, tone="verify"))
    last = scale.at(lane.last_day)
    shapes.append(Stroke(points=((scale.at(0), y), (last, y)), width=2, arrow=lane.running))
    for mark in lane.marks:
        sign, tone = SIGNS[mark.what]
        shapes.append(Mark(x=scale.at(mark.day), y=y, sign=sign, tone=tone))
    return shapes


def _lane_row(lane: Lane, _: Say) -> tuple[str, ...]:
    window = "–"
    if lane.window:
        start, end = (lane.begins + timedelta(days=day) for day in lane.window)
        window = f"{start.isoformat()} – {end.isoformat()}"
    marks = "; ".join(f"{_(HAPPENED[mark.what])} {mark.on.isoformat()}" for mark in lane.marks)
    return lane.trial_id, lane.begins.isoformat(), window, marks or "–"
