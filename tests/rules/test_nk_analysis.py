"""Menstrual-blood NK cells judged by data alone: adequacy, abnormality, improvement (domain 5)."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from lims.domain.master_batch_record import Words
from lims.domain.trial.definitions import AdequacyRules, Combination, MarkerRule, MenstrualBloodRuleSet
from lims.domain.trial.nk_analysis import confirmed, inadequate, judge, normalised, partly
from tests.screened_woman import NORMAL, analysis, collection

TITLE = Words(en="Marker", zh="标志物")


def marker(code: str, low: str | None = None, high: str | None = None) -> MarkerRule:
    return MarkerRule(
        code=code,
        title=TITLE,
        unit="%",
        low=Decimal(low) if low else None,
        high=Decimal(high) if high else None,
    )


def rules(combination: Combination = "any", *, at_least: int = 1, cycles: int = 1) -> MenstrualBloodRuleSet:
    return MenstrualBloodRuleSet(
        version="1",
        markers=(marker("a", "10", "20"), marker("b", None, "30"), marker("c", "5"), marker("shown")),
        combination=combination,
        at_least=at_least,
        confirm_cycles=cycles,
    )


def values(**given: str) -> dict[str, Decimal]:
    return {code: Decimal(value) for code, value in given.items()}


FINE = values(a="15", b="10", c="9")


@pytest.mark.parametrize(
    ("value", "abnormal"),
    [("9.9", True), ("10", False), ("10.0", False), ("20", False), ("20.1", True)],
)
def test_a_value_on_a_limit_is_inside(value: str, abnormal: bool) -> None:
    found = judge(FINE | values(a=value), rules())
    assert found.abnormal is abnormal


def test_a_limit_that_is_absent_judges_nothing_on_its_side() -> None:
    assert judge(FINE | values(b="0", c="900"), rules()).abnormal is False


def test_a_marker_without_limits_is_shown_and_takes_no_part() -> None:
    found = judge(FINE | values(shown="99"), rules("all"))
    assert [one.abnormal for one in found.readings if one.code == "shown"] == [None]
    assert judge(values(a="1", b="99", c="1", shown="99"), rules("all")).abnormal is True


@pytest.mark.parametrize(
    ("combination", "at_least", "given", "abnormal"),
    [
        ("any", 1, {"a": "1", "b": "10", "c": "9"}, True),
        ("any", 1, {"a": "1"}, True),
        ("any", 1, {"a": "15", "b": "10"}, None),
        ("all", 1, {"a": "1", "b": "99", "c": "1"}, True),
        ("all", 1, {"a": "1", "b": "99"}, None),
        ("all", 1, {"a": "15"}, False),
        ("k_of_n", 2, {"a": "1", "b": "99"}, True),
        ("k_of_n", 2, {"a": "1", "b": "10"}, None),
        ("k_of_n", 2, {"a": "1", "b": "10", "c": "9"}, False),
        ("k_of_n", 2, {"a": "15", "b": "10"}, False),
    ],
)
def test_the_combination_decides_and_what_is_missing_leaves_open(
    combination: Combination, at_least: int, given: dict[str, str], abnormal: bool | None
) -> None:
    assert judge(values(**given), rules(combination, at_least=at_least)).abnormal is abnormal


@pytest.mark.parametrize(
    ("verdicts", "found"),
    [
        ([("c1", True)], None),
        ([("c1", True), ("c2", True)], True),
        ([("c1", True), ("c1", True)], None),
        ([("c1", True), ("c2", False)], False),
        ([("c1", True), ("c2", False), ("c3", True)], True),
        ([("c1", True), ("c2", None)], None),
        ([], None),
    ],
)
def test_abnormality_is_confirmed_in_different_cycles(
    verdicts: list[tuple[str, bool | None]], found: bool | None
) -> None:
    assert confirmed(verdicts, rules(cycles=2)) is found


BAD = values(a="2", b="50", c="9")


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (values(a="12", b="30", c="5"), True),
        (values(a="12", b="30.1", c="9"), False),
        (values(a="12", b="20", c="4.9"), False),
        (values(a="12", b="20"), None),
        (values(a="1"), False),
    ],
)
def test_normalised_is_inside_everywhere_and_nothing_new_outside(
    now: dict[str, Decimal], found: bool | None
) -> None:
    assert normalised(BAD, now, rules()) is found


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (values(a="6", b="40"), True),
        (values(a="5.9", b="40"), False),
        (values(a="6", b="40.1"), False),
        (values(a="6"), None),
        (values(a="24", b="30"), True),
        (values(a="24.1", b="30"), False),
        (values(a="6", b="40", c="1"), True),
    ],
)
def test_partial_is_half_of_each_distance_to_the_nearest_limit(
    now: dict[str, Decimal], found: bool | None
) -> None:
    """Distances of 8 and 20 at baseline; at most 4 and 10 may be left, on whichever side."""
    assert partly(BAD, now, rules(), share=Decimal("0.50")) is found


def test_where_nothing_was_abnormal_nothing_can_improve() -> None:
    assert (normalised(FINE, FINE, rules()), partly(FINE, FINE, rules(), share=Decimal("0.5"))) == (
        None,
        None,
    )


@pytest.mark.parametrize(
    ("collected", "analysed", "found"),
    [
        ({}, {}, ()),
        ({"menses_day": 1}, {}, ()),
        ({"menses_day": 6}, {}, ("menses_day",)),
        ({}, {"viability": Decimal(60)}, ()),
        ({}, {"viability": Decimal("59.9")}, ("viability",)),
        ({}, {"cd45_events": 10_000}, ()),
        ({}, {"cd45_events": 9_999}, ("cd45_events",)),
        ({}, {"received_at": datetime(2026, 3, 3, 12, tzinfo=UTC)}, ()),
        ({}, {"received_at": datetime(2026, 3, 3, 12, 1, tzinfo=UTC)}, ("transport",)),
        ({"menses_day": 9}, {"cd45_events": 0}, ("menses_day", "cd45_events")),
    ],
)
def test_a_sample_is_adequate_up_to_and_with_its_limits(
    collected: dict[str, object], analysed: dict[str, object], found: tuple[str, ...]
) -> None:
    fact = analysis(0, NORMAL, **analysed)
    assert inadequate(collection(**collected), fact, AdequacyRules()) == found
