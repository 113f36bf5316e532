"""Cell counts in duplicate and the third count (domain.md F1, F2, F4 and the golden batch)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.domain.cell_counts import AgreedCount, CellCount, agree, duplicate_cv, viability_percent
from lims.domain.limits import Limit
from lims.domain.quantities import plain, round_half_up

GREATEST_CV = Limit(high=Decimal("15.0"), decimals=1, unit="%")


def counted(live: int, dead: int = 0) -> CellCount:
    return CellCount(live=live, dead=dead, squares=4, dilution=Decimal(20))


def agreed(*live: int) -> AgreedCount:
    return agree([counted(cells) for cells in live], greatest_cv=GREATEST_CV)


def test_the_golden_batch_count_comes_out() -> None:
    """domain.md 2.6, D0 PBMC."""
    result = agree([counted(152, 8), counted(148, 6)], greatest_cv=GREATEST_CV)
    assert result.cv is not None and result.viability is not None
    assert (
        plain(result.viable_per_ml),
        plain(round_half_up(result.cv, 1)),
        plain(round_half_up(result.viability, 1)),
        result.needs_third,
    ) == ("7500000", "1.9", "95.5", False)


def test_two_counts_that_disagree_ask_for_a_third() -> None:
    assert agreed(100, 150).needs_third


def test_a_third_count_ends_the_asking() -> None:
    assert not agreed(100, 150, 200).needs_third


@pytest.mark.parametrize(
    ("live", "used"),
    [((100, 150, 110), (0, 2)), ((100, 150, 145), (1, 2)), ((100, 150, 200), (0, 1, 2)), ((9, 9, 1), (0, 1))],
)
def test_of_three_counts_the_nearest_two_are_used_and_all_three_in_a_tie(
    live: tuple[int, int, int], used: tuple[int, ...]
) -> None:
    assert agreed(*live).used == used


def test_the_mean_is_of_the_counts_used() -> None:
    assert agreed(100, 150, 110).viable_per_ml == counted(105).viable_per_ml


def test_a_third_count_beside_two_that_agree_is_not_used() -> None:
    assert agreed(100, 104, 100).used == (0, 1)


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 1000))
def test_which_of_the_first_two_counts_came_first_does_not_matter(
    first: int, second: int, third: int
) -> None:
    assert agreed(first, second, third).viable_per_ml == agreed(second, first, third).viable_per_ml


def test_no_cells_seen_has_no_viability() -> None:
    assert viability_percent(live=0, dead=0) is None


def test_two_empty_counts_have_no_variation_and_need_no_third() -> None:
    result = agreed(0, 0)
    assert (result.cv, result.viability, result.needs_third) == (None, None, False)


def test_the_variation_of_two_values_does_not_depend_on_their_order() -> None:
    assert duplicate_cv(Decimal(3), Decimal(5)) == duplicate_cv(Decimal(5), Decimal(3))


@pytest.mark.parametrize("live", [(1,), (1, 2, 3, 4)])
def test_other_than_two_or_three_counts_are_refused(live: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="duplicate"):
        agreed(*live)


@pytest.mark.parametrize(
    ("live", "dead", "squares", "dilution"), [(-1, 0, 4, 10), (0, -1, 4, 10), (1, 1, 0, 10), (1, 1, 4, 0)]
)
def test_a_count_that_cannot_be_is_refused(live: int, dead: int, squares: int, dilution: int) -> None:
    with pytest.raises(ValueError, match=r".+"):
        CellCount(live=live, dead=dead, squares=squares, dilution=Decimal(dilution))
