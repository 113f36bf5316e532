"""From when to when a woman is followed: the anchor by arm, calendar months, and who counts as followed."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from lims.domain.master_batch_record import Frozen
from lims.domain.trial.course import Course
from lims.domain.trial.definitions import FollowUpRules


class Anchor(StrEnum):
    """The day from which a window is counted; printed on every table."""

    ROUNDS_COMPLETE = "rounds_complete"
    NO_FURTHER_ROUND = "no_further_round"
    FIRST_PERFUSION = "first_perfusion"
    RANDOMISATION = "randomisation"
    ANALYSIS = "analysis"
    LEFT = "left"
    """Withdrawn or lost before follow-up could begin: so that nobody drops out of a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window(Frozen):
    """A window with both ends included."""

    start: date
    end: date
    anchor: Anchor

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


def add_months(day: date, months: int) -> date:
    """So many calendar months later; on the last of the month that has no such day (31 August: 28 or 29 February)."""
    at = day.year * 12 + day.month - 1 + months
    year, month = divmod(at, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def follow_up(course: Course, rules: FollowUpRules) -> Window | None:
    """Her follow-up window by the protocol's anchor; None while it has not begun."""
    anchored = _anchor(course, rules)
    return _from(*anchored, rules) if anchored else None


def from_randomisation(course: Course, rules: FollowUpRules) -> Window | None:
    """The same number of months counted from randomisation, for every arm alike; None for those never randomised."""
    chance = course.randomisation
    return _from(chance.on, Anchor.RANDOMISATION, rules) if chance else None


def left_on(course: Course) -> date | None:
    """The day after which nothing more can be known about her."""
    return min((day for day in (course.lost_on, course.withdrawn_on) if day), default=None)


def was_followed(course: Course, window: Window, rules: FollowUpRules) -> bool:
    """A contact is on file late enough in the window that 'nothing happened' is known and not merely not told."""
    last = _last_contact(course)
    return last is not None and last >= window.end - timedelta(days=rules.contact_within_days)


def _from(start: date, anchor: Anchor, rules: FollowUpRules) -> Window:
    return Window(start=start, end=add_months(start, rules.months), anchor=anchor)


def _anchor(course: Course, rules: FollowUpRules) -> tuple[date, Anchor] | None:
    chance = course.randomisation
    if chance is None:
        return (course.registered_on, Anchor.ANALYSIS) if course.registered_on else None
    if not chance.receives_product or rules.product_arm_anchor == "randomisation":
        return chance.on, Anchor.RANDOMISATION
    return _product_anchor(course, rules)


def _product_anchor(course: Course, rules: FollowUpRules) -> tuple[date, Anchor] | None:
    given = sorted(one.perfused_on for one in course.rounds if one.perfused_on)
    left = left_on(course)
    if rules.product_arm_anchor == "first_perfusion" and given:
        return given[0], Anchor.FIRST_PERFUSION
    if rules.product_arm_anchor == "rounds_complete" and len(given) >= course.planned_rounds > 0:
        return given[-1], Anchor.ROUNDS_COMPLETE
    if course.no_further_round_on:
        return course.no_further_round_on, Anchor.NO_FURTHER_ROUND
    return (left, Anchor.LEFT) if left else None


def _last_contact(course: Course) -> date | None:
    days = [visit.on for visit in course.visits if visit.done]
    days += [course.reached_on] if course.reached_on else []
    days += [attempt.on for attempt in course.conception_attempts]
    days += [
        analysis.on for analysis in course.analyses if analysis.readings or analysis.abnormal is not None
    ]
    for pregnancy in course.pregnancies:
        days += [pregnancy.found_on, *(scan.on for scan in pregnancy.ultrasounds)]
        days += [pregnancy.end.on] if pregnancy.end else []
    return max(days, default=None)
