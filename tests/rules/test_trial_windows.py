"""The windows of follow-up: anchors by arm, calendar months, and when 'nothing happened' is known (domain.md §1.3)."""

from datetime import date

import pytest

from lims.domain.trial.course import Course, VisitRecord
from lims.domain.trial.definitions import FollowUpRules
from lims.domain.trial.window import Anchor, add_months, follow_up, from_randomisation, was_followed
from tests.course_builder import DAY, RANDOMISED, control, perfused

RULES = FollowUpRules()


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2027, 8, 31), date(2028, 2, 29)),
        (date(2027, 8, 29), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2027, 6, 30)),
        (date(2027, 1, 4), date(2027, 7, 4)),
    ],
)
def test_six_calendar_months_are_clamped_to_the_end_of_the_month(start: date, end: date) -> None:
    assert add_months(start, 6) == end


def test_a_window_holds_both_its_ends() -> None:
    window = from_randomisation(control(), RULES)
    assert window is not None
    assert [day in window for day in (RANDOMISED - DAY, RANDOMISED, date(2027, 7, 4), date(2027, 7, 5))] == [
        False,
        True,
        True,
        False,
    ]


def anchor_of(course: Course, rules: FollowUpRules = RULES) -> tuple[date, Anchor] | None:
    window = follow_up(course, rules)
    return (window.start, window.anchor) if window else None


def test_the_arm_without_product_is_followed_from_randomisation() -> None:
    assert anchor_of(control()) == (RANDOMISED, Anchor.RANDOMISATION)


def test_the_product_arm_is_followed_from_its_second_round() -> None:
    assert anchor_of(perfused()) == (date(2027, 3, 1), Anchor.ROUNDS_COMPLETE)


def test_without_a_second_round_follow_up_waits_for_the_decision_that_none_follows() -> None:
    assert anchor_of(perfused(second=None)) is None
    decided = perfused(second=None, no_further_round_on=date(2027, 4, 2))
    assert anchor_of(decided) == (date(2027, 4, 2), Anchor.NO_FURTHER_ROUND)


def test_who_left_before_follow_up_drops_out_of_no_table() -> None:
    left = perfused(second=None, withdrawn_on=date(2027, 2, 10))
    assert anchor_of(left) == (date(2027, 2, 10), Anchor.LEFT)


def test_other_anchors_are_settings() -> None:
    first = FollowUpRules(product_arm_anchor="first_perfusion")
    chance = FollowUpRules(product_arm_anchor="randomisation")
    assert anchor_of(perfused(), first) == (date(2027, 1, 25), Anchor.FIRST_PERFUSION)
    assert anchor_of(perfused(), chance) == (RANDOMISED, Anchor.RANDOMISATION)


def test_who_was_never_randomised_is_followed_from_her_analysis() -> None:
    course = Course(trial_id="DNK-003", registered_on=date(2027, 1, 2))
    assert anchor_of(course) == (date(2027, 1, 2), Anchor.ANALYSIS)
    assert from_randomisation(course, RULES) is None
    assert anchor_of(Course(trial_id="DNK-004")) is None


@pytest.mark.parametrize(("seen", "followed"), [(date(2027, 6, 3), True), (date(2027, 6, 2), False)])
def test_a_no_needs_a_contact_in_the_last_month_of_the_window(seen: date, followed: bool) -> None:
    course = control(visits=(VisitRecord(code="M5", on=seen, done=True),))
    window = follow_up(course, RULES)
    assert window is not None
    assert was_followed(course, window, RULES) is followed


def test_a_call_that_reached_her_is_a_contact() -> None:
    course = control(visits=(), reached_on=date(2027, 6, 20))
    window = follow_up(course, RULES)
    assert window is not None
    assert was_followed(course, window, RULES)


def test_a_missed_visit_is_no_contact() -> None:
    course = control(visits=(VisitRecord(code="M6", on=date(2027, 7, 4), done=False),))
    window = follow_up(course, RULES)
    assert window is not None
    assert not was_followed(course, window, RULES)
