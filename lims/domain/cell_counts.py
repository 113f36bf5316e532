"""Cell counts in duplicate: concentration, viability, agreement, and the third count when two disagree.

Formulas F1, F2 and F4 of the process description. Every count stays on file, used or not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from lims.domain.limits import Limit
from lims.domain.rounding import CONTEXT

CELLS_PER_ML_PER_SQUARE = Decimal(10) ** 4
"""One large square of a haemocytometer holds 0.1 µL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellCount:
    """Live and dead cells seen over `squares` large squares of a sample diluted `dilution` times."""

    live: int
    dead: int
    squares: int
    dilution: Decimal

    def __post_init__(self) -> None:
        if self.live < 0 or self.dead < 0:
            raise ValueError("cells seen cannot be fewer than none")
        if self.squares < 1 or self.dilution < 1:
            raise ValueError("a count needs at least one square and a dilution of at least 1")

    @property
    def viable_per_ml(self) -> Decimal:
        """F1: viable cells per mL of the undiluted suspension."""
        with localcontext(CONTEXT):
            return Decimal(self.live) / self.squares * self.dilution * CELLS_PER_ML_PER_SQUARE


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedCount:
    """What a set of counts gives: `viability` is None when no cell was seen, `cv` when the mean is zero.

    `used` are the positions of the counts the mean is taken over; `needs_third` asks for one more count.
    """

    viable_per_ml: Decimal
    viability: Decimal | None
    cv: Decimal | None
    live: int
    dead: int
    used: tuple[int, ...]
    needs_third: bool


def viability_percent(*, live: int, dead: int) -> Decimal | None:
    """F2: live cells in percent of all seen; None when none was seen (no viability, and never a pass)."""
    if not live + dead:
        return None
    with localcontext(CONTEXT):
        return Decimal(live) / (live + dead) * 100


def duplicate_cv(first: Decimal, second: Decimal) -> Decimal | None:
    """F4: coefficient of variation of two values in percent, |a−b|/(√2·mean); None when their mean is zero."""
    with localcontext(CONTEXT):
        mean = (first + second) / 2
        if not mean:
            return None
        return abs(first - second) / (Decimal(2).sqrt() * mean) * 100


def agree(counts: Sequence[CellCount], *, greatest_cv: Limit) -> AgreedCount:
    """F4: the mean of two counts that agree within `greatest_cv` (%), else of the nearest two of three.

    When both outer counts lie equally far from the middle one, the mean of all three. Two empty counts agree, and
    a third count beside two that agree stays on file unused: nobody picks the nearer pair.
    Raises ValueError for other than two or three counts.
    """
    if len(counts) not in (2, 3):
        raise ValueError("a count is made in duplicate, with a third when the two disagree")
    cv = duplicate_cv(counts[0].viable_per_ml, counts[1].viable_per_ml)
    disagree = cv is not None and not greatest_cv.judge(cv).is_within
    third = len(counts) == 3
    used = _nearest([count.viable_per_ml for count in counts]) if third and disagree else (0, 1)
    live, dead = sum(counts[at].live for at in used), sum(counts[at].dead for at in used)
    with localcontext(CONTEXT):
        mean = sum((counts[at].viable_per_ml for at in used), Decimal(0)) / len(used)
    return AgreedCount(
        viable_per_ml=mean,
        viability=viability_percent(live=live, dead=dead),
        cv=cv,
        live=live,
        dead=dead,
        used=used,
        needs_third=disagree and not third,
    )


def _nearest(values: Sequence[Decimal]) -> tuple[int, ...]:
    """Positions of the two nearest of three values, in their order; all three when the gaps are equal."""
    low, middle, high = sorted(range(3), key=lambda at: (values[at], at))
    with localcontext(CONTEXT):
        below, above = values[middle] - values[low], values[high] - values[middle]
    if below == above:
        return (0, 1, 2)
    pair = (low, middle) if below < above else (middle, high)
    return (min(pair), max(pair))
