"""The control chart of a test: values in the order of time, centre and limits, and the specification."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lims.documents.charts import SMALL, WIDTH, Chart, Mark, Say, Scale, Shape, Stroke, Text, Tone
from lims.documents.findings import N_
from lims.domain.control_chart import FEWEST, Limits, Trend
from lims.domain.rounding import as_power_of_ten, as_written

LEFT, RIGHT, TOP, BOTTOM = 76.0, WIDTH - 96.0, 16.0, 236.0
LINE = 14.0
LONG_NUMBER = 100_000


TRENDS: Mapping[Trend, str] = {
    Trend.BEYOND: N_("beyond a control limit"),
    Trend.SAME_SIDE: N_("nine in a row on one side of the centre"),
    Trend.STEADY: N_("six in a row rise or fall"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One result as it is drawn."""

    batch: str
    at: str
    value: Decimal
    shown: str
    is_bound: bool
    failed: bool
    trends: tuple[Trend, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """What the test asks, and how many decimals it is told with."""

    low: Decimal | None
    high: Decimal | None
    decimals: int
    unit: str


def control_chart(
    code: str, title: str, values: Sequence[Value], limits: Limits | None, spec: Specification, _: Say
) -> Chart:
    """A dot is a result in trend, a diamond one out of trend, a cross one outside its specification."""
    lines = _lines(limits, spec, _)
    drawn = [item for item in values if not item.is_bound]
    scale = _upright([item.value for item in drawn] + [value for value, *_rest in lines])
    shapes: list[Shape] = []
    words_at = BOTTOM + LINE
    for value, words, tone, dashed in sorted(lines, key=lambda line: line[0]):
        y = scale.at(value)
        # From below, so that no words stand on those of the line beneath.
        words_at = min(y + 4, words_at - LINE)
        shapes.append(Stroke(points=((LEFT, y), (RIGHT, y)), tone=tone, dashed=dashed))
        shapes.append(Text(x=LEFT - 6, y=words_at, text=_number(value, spec), anchor="end", size=SMALL))
        shapes.append(Text(x=RIGHT + 8, y=words_at, text=words, size=SMALL))
    places = [(_across(at, len(drawn)), scale.at(item.value)) for at, item in enumerate(drawn)]
    if len(places) > 1:
        shapes.append(Stroke(points=tuple(places), tone="soft", width=1))
    for at, ((x, y), item) in enumerate(zip(places, drawn, strict=True)):
        shapes.append(_mark(x, y, item))
        if item.failed or item.trends:
            # Above and below in turn, so that neighbours can be read.
            words_at = y - 10 if at % 2 else y + 20
            shapes.append(Text(x=x, y=words_at, text=item.batch, anchor="middle", size=SMALL))
    return Chart(
        code=code,
        title=title,
        says=_says(values, limits, _),
        height=BOTTOM + 20,
        shapes=tuple(shapes),
        head=(_("Batch"), _("Entered"), _("Result"), _("Specification"), _("Trend")),
        rows=tuple(_row(item, _) for item in values),
    )


def _says(values: Sequence[Value], limits: Limits | None, _: Say) -> str:
    if limits is None:
        words = _("Control limits need at least {least} values; there are {count}.")
        return words.format(least=FEWEST, count=sum(not item.is_bound for item in values))
    words = _(
        "A diamond is out of trend, a cross outside its specification; limits are the mean ± 2.66 × the mean moving"
        " range. {count} of {all} out of trend."
    )
    return words.format(count=sum(bool(item.trends) for item in values), all=len(values))


def _lines(limits: Limits | None, spec: Specification, _: Say) -> list[tuple[Decimal, str, Tone, bool]]:
    found: list[tuple[Decimal, str, Tone, bool]] = []
    for bound in (spec.low, spec.high):
        if bound is not None:
            found.append((bound, _("specification"), "stop", False))
    if limits is not None:
        found.append((limits.centre, _("mean"), "ink", False))
        found += [(bound, _("control limit"), "ink", True) for bound in (limits.low, limits.high)]
    return found


def _upright(values: Sequence[Decimal]) -> Scale:
    least, most = (min(values), max(values)) if values else (Decimal(0), Decimal(1))
    room = (most - least) / 12 or abs(most) / 12 or Decimal(1)
    return Scale(least=least - room, most=most + room, start=BOTTOM, end=TOP)


def _across(at: int, count: int) -> float:
    return LEFT + (RIGHT - LEFT) * (at + 1) / (count + 1)


def _mark(x: float, y: float, item: Value) -> Mark:
    if item.failed:
        return Mark(x=x, y=y, sign="cross", tone="stop", size=10)
    if item.trends:
        return Mark(x=x, y=y, sign="diamond", tone="due", size=10)
    return Mark(x=x, y=y, sign="dot", tone="done")


def _number(value: Decimal, spec: Specification) -> str:
    if abs(value) >= LONG_NUMBER:
        return as_power_of_ten(value)
    return as_written(value, max(spec.decimals, 0))


def _row(item: Value, _: Say) -> tuple[str, ...]:
    trend = "; ".join(_(TRENDS[one]) for one in item.trends)
    if item.is_bound:
        trend = _("a bound, not computed with")
    return (
        item.batch,
        item.at,
        item.shown,
        _("outside") if item.failed else _("within"),
        trend or _("in trend"),
    )
