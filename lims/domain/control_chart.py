"""Control chart of single values: centre, limits, and which points are out of trend.

Limits are mean ± 2.66 × mean moving range of two (ISO 7870-2:2023, individuals chart), in Decimal; the tests for
special causes are the first three of L. S. Nelson, J. Quality Technology 16 (1984). A point that is out of trend can
pass its specification, and one that fails it can be in trend: the chart decides nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum
from itertools import pairwise

from lims.domain.rounding import CONTEXT

WIDTH = Decimal("2.66")
"""3 / 1.128, the constant of a moving range of two."""
FEWEST = 8
"""With fewer values limits would be chance; none are given (site practice; Montgomery, SQC, 6.4)."""
SAME_SIDE, STEADY = 9, 6
"""So many points in a row on one side of the centre; so many that rise or fall one after the other."""


class Trend(StrEnum):
    """Why a point is out of trend."""

    BEYOND = "beyond"
    SAME_SIDE = "same_side"
    STEADY = "steady"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Centre and control limits, in the unit of the values."""

    centre: Decimal
    low: Decimal
    high: Decimal


def limits_of(values: Sequence[Decimal]) -> Limits | None:
    """Centre and limits of values in the order of time; none of fewer than `FEWEST`."""
    if len(values) < FEWEST:
        return None
    with localcontext(CONTEXT):
        centre = sum(values, Decimal(0)) / len(values)
        ranges = [abs(later - before) for before, later in pairwise(values)]
        half = WIDTH * sum(ranges, Decimal(0)) / len(ranges)
        return Limits(centre=centre, low=centre - half, high=centre + half)


def out_of_trend(values: Sequence[Decimal], limits: Limits) -> tuple[tuple[Trend, ...], ...]:
    """For each value what is out of trend with it: a pattern is told from the point on that completes it."""
    runs = {
        Trend.SAME_SIDE: _lengths(values, lambda at: _side(values[at], limits.centre)),
        Trend.STEADY: _lengths(values, lambda at: _side(values[at], values[at - 1]) if at else 0),
    }
    found = []
    for at, value in enumerate(values):
        reasons = [Trend.BEYOND] if not limits.low <= value <= limits.high else []
        if runs[Trend.SAME_SIDE][at] >= SAME_SIDE:
            reasons.append(Trend.SAME_SIDE)
        # The first of six steady points has no direction yet, so five directions are six points.
        if runs[Trend.STEADY][at] >= STEADY - 1:
            reasons.append(Trend.STEADY)
        found.append(tuple(reasons))
    return tuple(found)


def _side(value: Decimal, than: Decimal) -> int:
    return (value > than) - (value < than)


def _lengths(values: Sequence[Decimal], sign: Callable[[int], int]) -> list[int]:
    """For each point how many in a row, up to it, have the same sign; one without a sign breaks the row."""
    found: list[int] = []
    before = 0
    for at in range(len(values)):
        now = sign(at)
        found.append((found[-1] + 1 if now == before and found else 1) if now else 0)
        before = now
    return found
