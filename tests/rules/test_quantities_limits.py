"""How a value stands against its limits: rounded to the limit's decimals, then compared."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.domain.quantities import Limit, Qualifier, Standing, Verdict, assess


def limit(low: str | None = None, high: str | None = None, decimals: int = 1, unit: str = "%") -> Limit:
    return Limit(
        low=None if low is None else Decimal(low),
        high=None if high is None else Decimal(high),
        decimals=decimals,
        unit=unit,
    )


@pytest.mark.parametrize(
    ("value", "verdict"), [("79.95", Verdict.WITHIN), ("79.94", Verdict.BELOW), ("80", Verdict.WITHIN)]
)
def test_a_value_is_rounded_to_the_limits_decimals_before_it_is_compared(
    value: str, verdict: Verdict
) -> None:
    """USP General Notices 7.20; domain.md 2.3."""
    assert limit(low="80.0").judge(Decimal(value)).verdict is verdict


def test_the_distance_is_how_far_the_rounded_value_lies_outside() -> None:
    judgement = limit(low="15.0", high="25.0", unit="°C").judge(Decimal("26.04"))
    assert (judgement.verdict, judgement.compared, judgement.distance) == (
        Verdict.ABOVE,
        Decimal("26.0"),
        Decimal("1.0"),
    )


def test_an_exclusive_bound_is_not_within() -> None:
    bounds = Limit(low=Decimal(70), high=Decimal(80), decimals=0, unit="%", high_inclusive=False)
    assert bounds.judge(Decimal(80)).verdict is Verdict.ABOVE


@pytest.mark.parametrize(
    ("raw", "qualifier", "verdict"),
    [
        ("0.05", Qualifier.LESS_THAN, Verdict.WITHIN),
        ("0.5", Qualifier.LESS_THAN, Verdict.WITHIN),
        ("0.9", Qualifier.LESS_THAN, Verdict.UNDECIDED),
        ("0.5", Qualifier.MORE_THAN, Verdict.ABOVE),
        ("0.1", Qualifier.MORE_THAN, Verdict.UNDECIDED),
    ],
)
def test_a_bound_passes_only_if_every_value_it_allows_passes(
    raw: str, qualifier: Qualifier, verdict: Verdict
) -> None:
    assert limit(high="0.5", unit="EU/mL").judge(Decimal(raw), qualifier).verdict is verdict


@pytest.mark.parametrize(
    ("raw", "qualifier", "verdict"),
    [
        ("90", Qualifier.MORE_THAN, Verdict.WITHIN),
        ("70", Qualifier.MORE_THAN, Verdict.UNDECIDED),
        ("80", Qualifier.LESS_THAN, Verdict.BELOW),
        ("90", Qualifier.LESS_THAN, Verdict.UNDECIDED),
    ],
)
def test_a_bound_against_a_low_limit_is_judged_the_same_way(
    raw: str, qualifier: Qualifier, verdict: Verdict
) -> None:
    assert limit(low="80.0").judge(Decimal(raw), qualifier).verdict is verdict


@pytest.mark.parametrize(
    ("low", "high", "decimals"),
    [(None, None, 1), ("80.05", None, 1), ("90.0", "80.0", 1), ("NaN", None, 1), ("1", None, 13)],
)
def test_a_limit_that_nothing_can_be_held_against_is_refused(
    low: str | None, high: str | None, decimals: int
) -> None:
    with pytest.raises(ValueError, match=r".+"):
        limit(low=low, high=high, decimals=decimals)


@pytest.mark.parametrize(
    ("bounds", "shown"),
    [
        (limit("15.0", "25.0", unit="°C"), "15.0–25.0 °C"),
        (limit("80.0"), "≥ 80.0 %"),
        (limit(high="15.0"), "≤ 15.0 %"),
        (limit("0.00", "0.00", decimals=2, unit="mL"), "0.00 mL"),
        (limit("20000000", decimals=0, unit="cells"), "≥ 2.00×10⁷ cells"),
        (Limit(low=Decimal(1), high=Decimal(3), low_inclusive=False, decimals=0, unit="d"), "> 1, ≤ 3 d"),
        (Limit(high=Decimal(3), high_inclusive=False, decimals=0, unit="d"), "< 3 d"),
    ],
)
def test_a_limit_is_shown_before_entry(bounds: Limit, shown: str) -> None:
    assert bounds.shown() == shown


@pytest.mark.parametrize(
    ("value", "standing", "opens_deviation"),
    [
        ("96", Standing.WITHIN, False),
        ("92", Standing.ALERT, False),
        ("88", Standing.OUTSIDE, True),
    ],
)
def test_the_gravest_limit_crossed_decides(value: str, standing: Standing, opens_deviation: bool) -> None:
    assessment = assess(Decimal(value), limit=limit("90.0"), alert=limit("95.0"))
    assert (assessment.standing, assessment.opens_deviation) == (standing, opens_deviation)


def test_a_value_without_limits_is_not_called_within() -> None:
    assert assess(Decimal(1)).standing is Standing.NO_LIMIT


def test_a_result_that_cannot_be_decided_counts_as_outside() -> None:
    assert assess(Decimal(1), limit=limit(high="0.5"), qualifier=Qualifier.LESS_THAN).opens_deviation


@given(
    st.decimals(min_value=-1000, max_value=1000, places=4),
    st.decimals(min_value=-1000, max_value=1000, places=1),
    st.decimals(min_value=-1000, max_value=1000, places=1),
)
def test_every_value_has_exactly_one_verdict(value: Decimal, one: Decimal, other: Decimal) -> None:
    bounds = Limit(low=min(one, other), high=max(one, other), decimals=1, unit="%")
    judgement = bounds.judge(value)
    assert (judgement.distance > 0) is (judgement.verdict is not Verdict.WITHIN)
