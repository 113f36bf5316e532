"""The trial's charts about cells and rates: vein to perfusion, batch success, rates with intervals, attributes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
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
    Stroke,
    Text,
    Tone,
    axis,
)
from lims.documents.trial_words import ENDS, OUTCOMES
from lims.domain.quantities import plain
from lims.domain.trial.course import AttemptEnd
from lims.domain.trial.intervals import Estimate
from lims.domain.trial.products import DOSE, RoundResult, Success, Times, attributes
from lims.domain.trial.report import Table

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def hours_words(took: timedelta, _: Say) -> str:
    """A duration in days and hours, the hour begun left out."""
    days, rest = divmod(took, _DAY)
    return _("{days} d {hours} h").format(days=days, hours=rest // _HOUR)


def _span(took: Sequence[timedelta]) -> timedelta:
    """The length of a bar: the shortest that keeps to sixteen bars."""
    over = max(took) - min(took) if took else timedelta()
    return next(
        hours * _HOUR for hours in (1, 2, 3, 6, 12, 24, 48, 96, 192, 10_000) if over <= 15 * hours * _HOUR
    )


def times_chart(found: Times, _: Say) -> Chart:
    """Vein to perfusion: batches counted in equal spans of time, with the median."""
    took = [one.vein_to_perfusion for one in found.batches if one.vein_to_perfusion is not None]
    span = _span(took)
    bins = Counter(one // span for one in took)
    first, last = min(bins, default=0), max(bins, default=0) + 1
    bottom, start, end = 150.0, 60.0, WIDTH - 60
    up = Scale(least=Decimal(0), most=Decimal(max(bins.values(), default=1)), start=bottom, end=24)
    wide = min((end - start) / (last - first), 90)
    shapes: list[Shape] = [Stroke(points=((start, bottom), (end, bottom)), width=1)]
    every = max((last - first) // 5, 1)
    for at in range(first, last):
        x, y = start + wide * (at - first), up.at(bins[at])
        if bins[at]:
            shapes.append(Area(x=x + 1, y=y, width=wide - 2, height=bottom - y, tone="done"))
            shapes.append(Text(x=x + wide / 2, y=y - 4, text=str(bins[at]), anchor="middle", size=SMALL))
        if (at - first) % every == 0:
            words = hours_words(at * span, _)
            shapes.append(Text(x=x, y=bottom + 18, text=words, anchor="middle", size=SMALL, tone="soft"))
    middle = hours_words(found.median, _) if found.median is not None else _("n/a")
    return Chart(
        code="times",
        title=_("Vein to perfusion"),
        says=_(
            "{count} batches by the time from collection to perfusion; median {median}; {unknown} without a time."
        ).format(count=len(found.batches), median=middle, unknown=found.unknown),
        height=bottom + 30,
        shapes=tuple(shapes),
        head=(_("Batch"), _("Participant"), _("Round"), _("Vein to perfusion")),
        rows=tuple(
            (one.attempt.batch, one.trial_id, str(one.round), hours_words(one.vein_to_perfusion, _))
            for one in found.batches
            if one.vein_to_perfusion is not None
        ),
    )


_TONES: Mapping[AttemptEnd, Tone] = {
    AttemptEnd.PERFUSED: "done",
    AttemptEnd.REJECTED: "stop",
    AttemptEnd.FAILED: "ink",
    AttemptEnd.CANCELLED: "open",
    AttemptEnd.EXPIRED: "due",
}


def success_chart(found: Sequence[Success], _: Say) -> Chart:
    """How the batches of each round ended: one bar a round, labelled directly."""
    shapes: list[Shape] = []
    most = max((one.started for one in found), default=1)
    across = Scale(least=Decimal(0), most=Decimal(most), start=110, end=WIDTH - 40)
    y = 10.0
    for one in found:
        shapes.append(Text(x=98, y=y + 20, text=_("round {round}").format(round=one.round), anchor="end"))
        at, told = 0, []
        for end, count in one.by_end:
            if count:
                start = across.at(at)
                wide = across.at(at + count) - start
                shapes.append(
                    Area(x=start, y=y, width=max(wide - 2, 1), height=30, tone=_TONES[end], outlined=True)
                )
                told.append(f"{_(ENDS[end])} {count}")
                at += count
        if one.open:
            wide = across.at(at + one.open) - across.at(at)
            shapes.append(Area(x=across.at(at), y=y, width=max(wide - 2, 1), height=30, outlined=True))
            told.append(f"{_('open')} {one.open}")
        shapes.append(Text(x=110, y=y + 48, text=" · ".join(told), size=SMALL, tone="soft"))
        y += 66
    ends = tuple(_(ENDS[end]) for end in AttemptEnd)
    return Chart(
        code="success",
        title=_("Batches by how they ended"),
        says=_("One bar a round; a batch that is still open is in no share."),
        height=max(y, 30),
        shapes=tuple(shapes),
        head=(_("Round"), _("Started"), *ends, _("open"), _("Perfused, 95 % interval")),
        rows=tuple(
            (
                str(one.round),
                str(one.started),
                *(str(count) for _end, count in one.by_end),
                str(one.open),
                percent(one.share, _),
            )
            for one in found
        ),
    )


def percent(estimate: Estimate | None, _: Say) -> str:
    """A share in percent with its interval; of nobody it is n/a, never 0 %."""
    if estimate is None:
        return _("n/a")
    value, low, high = (hundredths(one) for one in (estimate.value, estimate.low, estimate.high))
    return f"{value} % ({low}–{high})"


def hundredths(value: Decimal) -> str:
    """A fraction in percent with one decimal."""
    return format((value * 100).quantize(Decimal("0.1")), "f")


def rates_chart(tables: Sequence[Table], _: Say, terms: Mapping[str, str], *, code: str) -> Chart:
    """The rate of each outcome with its interval, a line a group."""
    across = Scale(least=Decimal(0), most=Decimal(1), start=390, end=WIDTH - 30)
    lines = [(table, figure) for table in tables for figure in table.figures]
    top, bottom = 8.0, 8.0 + 24 * len(lines)
    ticks = [(Decimal(at) / 100, f"{at} %") for at in range(0, 101, 20)]
    shapes: list[Shape] = axis(across, ticks, top=top, bottom=bottom)
    rows: list[tuple[str, ...]] = []
    before = None
    for number, (table, figure) in enumerate(lines):
        y = top + 24 * (number + 0.5)
        name, group = _(OUTCOMES[table.outcome][0]), terms.get(figure.group, figure.group)
        if table.outcome is not before:
            shapes.append(Text(x=0, y=y + 4, text=name, size=SMALL, strong=True))
        before = table.outcome
        shapes.append(
            Text(x=380, y=y + 4, text=group if len(table.figures) > 1 else "", anchor="end", size=SMALL)
        )
        if found := figure.share:
            shapes.append(Stroke(points=((across.at(found.low), y), (across.at(found.high), y)), width=2))
            shapes.append(Mark(x=across.at(found.value), y=y, sign="dot", tone="done"))
        else:
            shapes.append(Text(x=across.start + 6, y=y + 4, text=_("n/a"), size=SMALL, tone="soft"))
        rows.append((name, group, f"{figure.yes}/{figure.of}", percent(figure.share, _)))
    return Chart(
        code=code,
        title=_("Rates with 95 % intervals"),
        says=_("A dot is the rate, the line its Wilson interval."),
        height=bottom + 26,
        shapes=tuple(shapes),
        head=(_("Outcome"), _("Group"), _("Women"), _("Rate, 95 % interval")),
        rows=tuple(rows),
    )


def attribute_charts(results: Sequence[RoundResult], _: Say, terms: Mapping[str, str]) -> list[Chart]:
    """For each attribute of the product its values, apart by what followed; the first carries the table of all."""
    known = [
        (code, unit)
        for code, unit in attributes(results)
        if any(one.value(code) is not None for one in results)
    ]
    charts = [_attribute_chart(results, code, unit, _, terms) for code, unit in known]
    if not charts:
        return []
    names = tuple(chart.title for chart in charts)
    head = (_("Participant"), _("Round"), _("Batch"), *names, _("Improved"), _("Pregnant after it"))
    rows = tuple(_attribute_row(one, [code for code, _unit in known], _) for one in results)
    return [replace(charts[0], head=head, rows=rows), *charts[1:]]


def _attribute_chart(
    results: Sequence[RoundResult], code: str, unit: str, _: Say, terms: Mapping[str, str]
) -> Chart:
    values = [value for one in results if (value := one.value(code)) is not None]
    across = Scale(least=min(values), most=max(values), start=220, end=WIDTH - 40)
    groups = (
        (_("improved"), [one for one in results if one.improved is True]),
        (_("not improved"), [one for one in results if one.improved is False]),
        (_("not assessable"), [one for one in results if one.improved is None]),
        (_("pregnant after it"), [one for one in results if one.pregnant]),
        (_("not pregnant after it"), [one for one in results if not one.pregnant]),
    )
    top, bottom = 8.0, 8.0 + 30 * len(groups)
    spread = across.most - across.least
    ticks = [
        (across.least + spread * part / 4, _short(across.least + spread * part / 4)) for part in range(5)
    ]
    shapes: list[Shape] = axis(across, ticks if spread else ticks[:1], top=top, bottom=bottom)
    for number, (words, members) in enumerate(groups):
        y = top + 30 * (number + 0.5)
        shapes.append(Text(x=210, y=y + 4, text=f"{words} · n = {len(members)}", anchor="end", size=SMALL))
        for at, one in enumerate(members):
            value = one.value(code)
            if value is not None:
                # Side by side in five tracks, so that equal values do not hide one another.
                shift = (at * 7 % 5 - 2) * 4
                shapes.append(Mark(x=across.at(value), y=y + shift, sign="ring", tone="done", size=6))
    name = _("viable cells delivered") if code == DOSE else terms.get(code, code)
    return Chart(
        code=f"attribute-{code}",
        title=f"{name}, {unit}" if unit else name,
        says=_(
            "Each ring is a perfused round; what followed counts until the next round or the end of the window."
        ),
        height=bottom + 26,
        shapes=tuple(shapes),
        head=(),
        rows=(),
    )


def _short(value: Decimal) -> str:
    """A value on an axis, of three digits."""
    return format(value, ".3g") if value >= 10_000 else format(value.quantize(Decimal("0.1")), "f")


def _attribute_row(one: RoundResult, codes: Sequence[str], _: Say) -> tuple[str, ...]:
    values = [one.value(code) for code in codes]
    verdict = _("not assessable") if one.improved is None else _("yes") if one.improved else _("no")
    pregnant = _("yes") if one.pregnant else _("no")
    told = ("–" if value is None else plain(value) for value in values)
    return one.trial_id, str(one.round), one.batch, *told, verdict, pregnant
