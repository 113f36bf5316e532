"""Limits of a value and the verdict on it.

A value is rounded half-up to the decimals its limit declares and only then compared (the way of USP General
Notices 7.20): 79.95 passes a limit of 80.0, 79.94 does not.
"""

from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum
from typing import ClassVar

from lims.domain.rounding import CONTEXT, as_power_of_ten, as_written, round_half_up


class Qualifier(StrEnum):
    """A result given as a bound: below the lowest, or above the highest, amount the method can measure."""

    LESS_THAN = "<"
    MORE_THAN = ">"


class Verdict(StrEnum):
    """How a value stands against one limit; undecided when a `<` or `>` result straddles it."""

    WITHIN = "within"
    BELOW = "below"
    ABOVE = "above"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict, the rounded value it was made on, and how far outside the bound that value lies (≥ 0)."""

    verdict: Verdict
    compared: Decimal
    distance: Decimal

    @property
    def is_within(self) -> bool:
        """Only a value known to be inside counts as within."""
        return self.verdict is Verdict.WITHIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a value must be: bounds in `unit`, each stated at no more than `decimals` places.

    Raises ValueError when there is no bound, the bounds cross, or a bound is finer than `decimals`.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    low: Decimal | None = None
    high: Decimal | None = None
    decimals: int
    unit: str
    low_inclusive: bool = True
    high_inclusive: bool = True

    def __post_init__(self) -> None:
        if self.low is None and self.high is None:
            raise ValueError("a limit needs a low or a high bound")
        if not -12 <= self.decimals <= 12:
            raise ValueError("the decimals of a limit lie between -12 and 12")
        for bound in (self.low, self.high):
            if bound is None:
                continue
            if not bound.is_finite():
                raise ValueError("a bound of a limit is a finite number")
            if round_half_up(bound, self.decimals) != bound:
                raise ValueError(f"the bound {bound} has more than {self.decimals} decimals")
        if self.low is not None and self.high is not None:
            empty = self.low == self.high and not (self.low_inclusive and self.high_inclusive)
            if self.low > self.high or empty:
                raise ValueError("no value can satisfy this limit: its bounds cross")

    def judge(self, value: Decimal, qualifier: Qualifier | None = None) -> Judgement:
        """The verdict on a value in this limit's unit. `<0.05` is within a high bound of 0.5 with no low one."""
        compared = round_half_up(value, self.decimals)
        below, above = self._below(compared), self._above(compared)
        if qualifier is not None:
            return self._judge_bound(compared, qualifier)
        with localcontext(CONTEXT):
            if below and self.low is not None:
                return Judgement(verdict=Verdict.BELOW, compared=compared, distance=self.low - compared)
            if above and self.high is not None:
                return Judgement(verdict=Verdict.ABOVE, compared=compared, distance=compared - self.high)
        return Judgement(verdict=Verdict.WITHIN, compared=compared, distance=Decimal(0))

    def _judge_bound(self, compared: Decimal, qualifier: Qualifier) -> Judgement:
        """The verdict when only a bound of the true value is known: every value it allows must agree."""
        inside = Verdict.UNDECIDED
        if qualifier is Qualifier.LESS_THAN:
            if self.low is None and (self.high is None or compared <= self.high):
                inside = Verdict.WITHIN
            elif self.low is not None and compared <= self.low:
                inside = Verdict.BELOW
        elif self.high is None and (self.low is None or compared >= self.low):
            inside = Verdict.WITHIN
        elif self.high is not None and compared >= self.high:
            inside = Verdict.ABOVE
        return Judgement(verdict=inside, compared=compared, distance=Decimal(0))

    def _below(self, compared: Decimal) -> bool:
        if self.low is None:
            return False
        return compared < self.low or (compared == self.low and not self.low_inclusive)

    def _above(self, compared: Decimal) -> bool:
        if self.high is None:
            return False
        return compared > self.high or (compared == self.high and not self.high_inclusive)

    def shown(self) -> str:
        """The limit as printed before entry: `15–25 °C`, `≥ 80.0 %`, `< 30 min`."""
        low = "" if self.low is None else self._bound(self.low)
        high = "" if self.high is None else self._bound(self.high)
        if low and low == high:
            text = low
        elif low and high and self.low_inclusive and self.high_inclusive:
            text = f"{low}–{high}"
        else:
            parts = []
            if low:
                parts.append(("≥ " if self.low_inclusive else "> ") + low)
            if high:
                parts.append(("≤ " if self.high_inclusive else "< ") + high)
            text = ", ".join(parts)
        return text if self.unit == "1" else f"{text} {self.unit}".rstrip()

    def _bound(self, bound: Decimal) -> str:
        if abs(bound) >= 100_000:
            return as_power_of_ten(bound)
        return as_written(bound, max(self.decimals, 0))


class Standing(StrEnum):
    """How a value stands against a slot's two limits, mildest first."""

    NO_LIMIT = "no_limit"
    WITHIN = "within"
    ALERT = "alert"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The gravest limit a value crosses, and the judgement against that limit (None when it crosses none)."""

    standing: Standing
    crossed: Limit | None
    judgement: Judgement | None

    @property
    def opens_deviation(self) -> bool:
        """The action limit is crossed: the value stays on file and a deviation is opened."""
        return self.standing is Standing.OUTSIDE


def assess(
    value: Decimal,
    *,
    limit: Limit | None = None,
    alert: Limit | None = None,
    qualifier: Qualifier | None = None,
) -> Assessment:
    """Hold a value against its action limit and its alert limit; what isn't surely within counts as crossed."""
    for standing, bounds in ((Standing.OUTSIDE, limit), (Standing.ALERT, alert)):
        if bounds is None:
            continue
        judgement = bounds.judge(value, qualifier)
        if not judgement.is_within:
            return Assessment(standing=standing, crossed=bounds, judgement=judgement)
    none_stated = limit is None and alert is None
    return Assessment(
        standing=Standing.NO_LIMIT if none_stated else Standing.WITHIN, crossed=None, judgement=None
    )
