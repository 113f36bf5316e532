"""Control limits agree with an independent computation; patterns are told from the point that completes them."""

from decimal import Decimal
from itertools import pairwise
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.domain.control_chart import FEWEST, Limits, Trend, limits_of, out_of_trend

VALUES = st.lists(st.integers(0, 10_000).map(lambda n: Decimal(n) / 100), min_size=FEWEST, max_size=40)
FLAT = Limits(centre=Decimal(0), low=Decimal(-100), high=Decimal(100))


@given(VALUES)
def test_limits_are_those_of_another_computation(values: list[Decimal]) -> None:
    numbers = [float(value) for value in values]
    moving = fmean(abs(numbers[at] - numbers[at - 1]) for at in range(1, len(numbers)))
    found = limits_of(values)
    assert found is not None
    assert float(found.centre) == pytest.approx(fmean(numbers))
    assert float(found.high) == pytest.approx(fmean(numbers) + 2.66 * moving)
    assert float(found.low) == pytest.approx(fmean(numbers) - 2.66 * moving)


def test_a_worked_example() -> None:
    """Ten values with a mean of 12 and moving ranges that add to 14."""
    values = [Decimal(n) for n in (10, 12, 14, 12, 10, 12, 14, 12, 12, 12)]
    found = limits_of(values)
    assert found is not None and found.centre == 12
    assert round(found.high - found.centre, 4) == round(Decimal("2.66") * 14 / 9, 4)


def test_too_few_values_have_no_limits() -> None:
    assert limits_of([Decimal(1)] * (FEWEST - 1)) is None


def brute(values: list[Decimal], limits: Limits) -> list[set[Trend]]:
    """Each rule as its sentence says it, by looking back from each point."""
    found = []
    for at in range(len(values)):
        reasons = set()
        if values[at] < limits.low or values[at] > limits.high:
            reasons.add(Trend.BEYOND)
        nine = values[at - 8 : at + 1] if at >= 8 else []
        if nine and (all(v > limits.centre for v in nine) or all(v < limits.centre for v in nine)):
            reasons.add(Trend.SAME_SIDE)
        six = values[at - 5 : at + 1] if at >= 5 else []
        steps = [b - a for a, b in pairwise(six)]
        if steps and (all(s > 0 for s in steps) or all(s < 0 for s in steps)):
            reasons.add(Trend.STEADY)
        found.append(reasons)
    return found


@given(st.lists(st.integers(-3, 3).map(Decimal), max_size=60))
def test_every_pattern_is_found_and_nothing_else(values: list[Decimal]) -> None:
    tight = Limits(centre=Decimal(0), low=Decimal(-2), high=Decimal(2))
    for limits in (FLAT, tight):
        assert [set(one) for one in out_of_trend(values, limits)] == brute(values, limits)


@given(st.integers(6, 20), st.integers(9, 20))
def test_long_rows_are_found(rising: int, above: int) -> None:
    steady = out_of_trend([Decimal(n) for n in range(rising)], FLAT)
    assert [Trend.STEADY in one for one in steady] == [at >= 5 for at in range(rising)]
    same = out_of_trend([Decimal(1)] * above, FLAT)
    assert [Trend.SAME_SIDE in one for one in same] == [at >= 8 for at in range(above)]
