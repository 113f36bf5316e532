"""Every interval against statsmodels, over a grid and at its edges."""

from decimal import Decimal
from itertools import product

import pytest
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from lims.domain.trial.intervals import Estimate, difference, ratio, share

NEAR = 1e-9
COUNTS = [(0, 1), (1, 1), (0, 53), (1, 53), (17, 53), (53, 53), (48, 106), (106, 106), (4999, 10_000)]


def bounds(found: Estimate | None) -> tuple[float, float]:
    assert found is not None
    return float(found.low), float(found.high)


@pytest.mark.parametrize(("yes", "of"), COUNTS)
def test_a_share_has_the_wilson_interval(yes: int, of: int) -> None:
    expected = proportion_confint(yes, of, alpha=0.05, method="wilson")
    assert bounds(share(yes, of)) == pytest.approx(expected, abs=NEAR)


@pytest.mark.parametrize(("one", "two"), list(product(COUNTS, COUNTS)))
def test_a_difference_has_newcombe_s_interval(one: tuple[int, int], two: tuple[int, int]) -> None:
    expected = confint_proportions_2indep(*one, *two, compare="diff", method="newcomb")
    assert bounds(difference(*one, *two)) == pytest.approx(expected, abs=NEAR)


@pytest.mark.parametrize(
    ("one", "two"), [(one, two) for one, two in product(COUNTS, COUNTS) if one[0] and two[0]]
)
def test_a_ratio_has_katz_s_interval(one: tuple[int, int], two: tuple[int, int]) -> None:
    expected = confint_proportions_2indep(*one, *two, compare="ratio", method="log")
    assert bounds(ratio(*one, *two)) == pytest.approx(expected, rel=NEAR)


def test_nobody_has_no_share_and_no_comparison() -> None:
    """domain.md §1.5: a zero denominator is 'n/a', not 0 %."""
    assert share(0, 0) is None
    assert difference(0, 0, 1, 2) is None
    assert ratio(1, 2, 0, 5) is None
    assert ratio(1, 2, 0, 0) is None


def test_no_more_than_everybody_can_be_counted() -> None:
    with pytest.raises(ValueError, match="between"):
        share(3, 2)


def test_the_figures_are_the_same_on_every_machine() -> None:
    found = share(17, 53)
    assert found is not None
    assert found.low.quantize(Decimal("0.0000000001")) == Decimal("0.2109221408")
