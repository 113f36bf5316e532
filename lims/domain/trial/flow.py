"""The way of everybody through the trial, as CONSORT draws it; every box is the list of who is in it.

Source: Schulz et al., CONSORT 2010 Statement, figure 1. Nobody is typed into a box: each is counted from the record.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lims.domain.master_batch_record import Frozen
from lims.domain.trial.course import Cohort, Course
from lims.domain.trial.report import Group
from lims.domain.trial.standing import PersonReading
from lims.domain.trial.window import left_on


class Place(StrEnum):
    """A box of the flow."""

    ASSESSED = "assessed"
    NOT_ANALYSED = "not_analysed"
    """Pre-screened, no menstrual-blood analysis (yet)."""
    REGISTERED = "registered"
    NOT_RANDOMISED = "not_randomised"
    RANDOMISED = "randomised"
    ALLOCATED = "allocated"
    NO_ROUND = "no_round"
    ONE_ROUND = "one_round"
    ALL_ROUNDS = "all_rounds"
    NOT_FOLLOWED_YET = "not_followed_yet"
    """Follow-up has not begun."""
    IN_FOLLOW_UP = "in_follow_up"
    LEFT = "left"
    """Withdrawn or lost to follow-up."""
    FOLLOWED = "followed"
    """The window has closed."""
    ANALYSED = "analysed"
    """In the analysis by intention to treat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box(Frozen):
    """One box: its place and the trial codes in it."""

    place: Place
    people: tuple[str, ...]
    reasons: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """For those who went no further: codes of why, with who; the most frequent first."""

    @property
    def count(self) -> int:
        """How many are in it."""
        return len(self.people)


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch(Frozen):
    """The boxes of one arm, from allocation to analysis."""

    arm: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow(Frozen):
    """The whole diagram."""

    trunk: tuple[Box, ...]
    branches: tuple[Branch, ...]


def flow(
    courses: Sequence[Course], readings: Sequence[PersonReading], arms: Sequence[Group], *, on: date
) -> Flow:
    """The flow on a day; `readings` are by the clock of follow-up."""
    everyone = sorted(courses, key=lambda one: one.trial_id)
    registered = [one for one in everyone if one.registered_on or one.randomisation]
    not_analysed = [one for one in everyone if one.cohort is Cohort.PRE_SCREENED]
    outside = [one for one in registered if one.cohort is not Cohort.RANDOMISED]
    trunk = (
        _box(Place.ASSESSED, everyone),
        Box(place=Place.NOT_ANALYSED, people=_codes(not_analysed), reasons=_reasons(not_analysed)),
        _box(Place.REGISTERED, registered),
        Box(place=Place.NOT_RANDOMISED, people=_codes(outside), reasons=_reasons(outside)),
        _box(Place.RANDOMISED, [one for one in everyone if one.randomisation]),
    )
    return Flow(trunk=trunk, branches=tuple(_branch(group, readings, on) for group in arms if group.arm))


def _branch(group: Group, readings: Sequence[PersonReading], on: date) -> Branch:
    mine = [one for one in readings if one.course.randomisation and one.course.randomisation.arm == group.arm]
    courses = [one.course for one in mine]

    def where(is_there: Callable[[PersonReading], bool]) -> list[Course]:
        return [one.course for one in mine if is_there(one)]

    def gone(one: PersonReading) -> bool:
        left = left_on(one.course)
        return left is not None and left <= on and (one.window is None or left <= one.window.end)

    rounds = (
        _box(Place.NO_ROUND, where(lambda one: not one.course.perfusions)),
        _box(Place.ONE_ROUND, where(lambda one: 0 < len(one.course.perfusions) < one.course.planned_rounds)),
        _box(Place.ALL_ROUNDS, where(lambda one: len(one.course.perfusions) >= one.course.planned_rounds)),
    )
    followed = (
        _box(Place.NOT_FOLLOWED_YET, where(lambda one: not gone(one) and one.window is None)),
        _box(
            Place.IN_FOLLOW_UP,
            where(lambda one: not gone(one) and one.window is not None and on <= one.window.end),
        ),
        _box(Place.LEFT, where(gone)),
        _box(
            Place.FOLLOWED,
            where(lambda one: not gone(one) and one.window is not None and on > one.window.end),
        ),
    )
    ends = (_box(Place.ALLOCATED, courses), _box(Place.ANALYSED, courses))
    return Branch(
        arm=group.code,
        boxes=(ends[0], *(rounds if group.receives_product else ()), *followed, ends[1]),
    )


def _box(place: Place, courses: Iterable[Course]) -> Box:
    return Box(place=place, people=_codes(courses))


def _codes(courses: Iterable[Course]) -> tuple[str, ...]:
    return tuple(one.trial_id for one in courses)


def _reasons(courses: Iterable[Course]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found: dict[str, list[str]] = {}
    for one in courses:
        reasons = one.eligibility.reasons if one.eligibility else one.not_going_on
        for reason in reasons or ("undecided",):
            found.setdefault(reason, []).append(one.trial_id)
    ordered = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple((reason, tuple(people)) for reason, people in ordered)
