"""A cytometer's events as a density plot: the fuller a place, the larger its square, so that no colour is needed."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from lims.documents.charts import SMALL, Area, Chart, Say, Shape, Text, Tone
from lims.documents.fcs import events_of
from lims.domain.instruments import Channel, FlowFile

if TYPE_CHECKING:
    import numpy

CELLS: Final = 48
SIDE: Final = 384.0
LEFT, TOP, FOOT = 72.0, 8.0, 44.0
TONE: Final[Tone] = "ink"
LINEAR: Final = ("fsc", "ssc", "time", "hdr")
"""How channels begin that are shown as they are; fluorescence is shown by decades, from 1."""


def plotted(told: FlowFile, x: str = "", y: str = "") -> tuple[int, int]:
    """Which channels are shown, by place: those asked for, else forward and side scatter, else the first two."""
    names = [channel.name for channel in told.channels]
    usual = [*told.scatter, *range(len(names))]
    first = names.index(x) if x in names else usual[0]
    rest = [each for each in usual if each != first and names[each][:3] != names[first][:3]]
    second = names.index(y) if y in names else (rest or usual)[0]
    return first, second


def density(content: bytes, *, x: str = "", y: str = "", say: Say) -> Chart:
    """Events over two channels, with every channel's spread in the table. Raises BadEntry for a damaged file."""
    told, events = events_of(content)
    across, up = plotted(told, x, y)
    channels = [told.channels[at] for at in (across, up)]
    scales = [_Axis(events[:, at], told.channels[at]) for at in (across, up)]
    counts = _counts(scales[0].places(), scales[1].places())
    names = [channel.shown for channel in channels]
    head = tuple(map(say, ("Channel", "Least", "1 %", "Median", "99 %", "Largest")))
    return Chart(
        code="flow_density",
        title=f"{names[1]} × {names[0]}",
        says=say("{count} events; the fuller a place, the larger its square").format(count=told.events),
        width=SIDE + LEFT + 16,
        height=TOP + SIDE + FOOT,
        shapes=(*_squares(counts), *_frame([channel.marker or channel.name for channel in channels], scales)),
        head=head,
        rows=tuple((channel.shown, *_spread(events[:, at])) for at, channel in enumerate(told.channels)),
    )


class _Axis:
    """One channel's values from the first to the last that count, linear or by decades."""

    def __init__(self, values: "numpy.ndarray", channel: Channel) -> None:
        import numpy

        self.logarithmic = not channel.name.lower().startswith(LINEAR)
        self._values = numpy.log10(numpy.clip(values, 1, None)) if self.logarithmic else values
        seen = self._values[numpy.isfinite(self._values)]
        self.least, self.most = (
            (float(part) for part in numpy.quantile(seen, (0.001, 0.999))) if seen.size else (0.0, 1.0)
        )

    def places(self) -> "numpy.ndarray":
        """For each event its cell along this channel; what lies beyond the ends is drawn at the edge."""
        import numpy

        span = (self.most - self.least) or 1.0
        part = numpy.nan_to_num((self._values - self.least) / span, nan=0.0, posinf=1.0, neginf=0.0)
        cells: numpy.ndarray = numpy.clip((part * CELLS).astype(int), 0, CELLS - 1)
        return cells

    def ends(self) -> tuple[str, str]:
        """The values at both ends, as words."""
        ends = (self.least, self.most)
        return (
            (_short(10 ** ends[0]), _short(10 ** ends[1]))
            if self.logarithmic
            else (_short(ends[0]), _short(ends[1]))
        )


def _counts(across: "numpy.ndarray", up: "numpy.ndarray") -> list[tuple[int, int, int]]:
    import numpy

    found, number = numpy.unique(across * CELLS + up, return_counts=True)
    return [(int(at) // CELLS, int(at) % CELLS, int(count)) for at, count in zip(found, number, strict=True)]


def _squares(counts: Sequence[tuple[int, int, int]]) -> list[Shape]:
    cell = SIDE / CELLS
    most = math.log1p(max((count for _, _, count in counts), default=1))
    shapes: list[Shape] = []
    for across, up, count in counts:
        side = round(cell * max(math.log1p(count) / most, 0.15), 2)
        shapes.append(
            Area(
                x=round(LEFT + across * cell + (cell - side) / 2, 2),
                y=round(TOP + SIDE - (up + 1) * cell + (cell - side) / 2, 2),
                width=side,
                height=side,
                tone=TONE,
            )
        )
    return shapes


def _frame(names: Sequence[str], scales: Sequence[_Axis]) -> list[Shape]:
    (left, right), (low, high) = (scale.ends() for scale in scales)
    bottom = TOP + SIDE
    return [
        Text(x=LEFT, y=bottom + 18, text=left, size=SMALL, tone="soft"),
        Text(x=LEFT + SIDE, y=bottom + 18, text=right, anchor="end", size=SMALL, tone="soft"),
        Text(x=LEFT + SIDE / 2, y=bottom + 34, text=names[0] + _mark(scales[0]), anchor="middle", size=SMALL),
        Text(x=LEFT - 8, y=bottom, text=low, anchor="end", size=SMALL, tone="soft"),
        Text(x=LEFT - 8, y=TOP + 10, text=high, anchor="end", size=SMALL, tone="soft"),
        Text(x=LEFT - 8, y=TOP + SIDE / 2, text=names[1][:9], anchor="end", size=SMALL),
    ]


def _mark(scale: _Axis) -> str:
    return " (log)" if scale.logarithmic else ""


def _spread(values: "numpy.ndarray") -> tuple[str, ...]:
    import numpy

    seen = values[numpy.isfinite(values)]
    if not seen.size:
        return ("–",) * 5
    return tuple(_short(float(part)) for part in numpy.quantile(seen, (0, 0.01, 0.5, 0.99, 1)))


def _short(value: float) -> str:
    return f"{value:,.0f}".replace(",", "\N{NO-BREAK SPACE}") if abs(value) >= 10 else f"{value:.2f}"
