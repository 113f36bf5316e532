"""One lane a participant, for the swimmer plot: when what happened, in days from her analysis."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lims.domain.master_batch_record import Frozen
from lims.domain.trial.course import Course
from lims.domain.trial.pregnancy_reading import EndName
from lims.domain.trial.standing import PersonReading
from lims.domain.trial.window import left_on


class Happened(StrEnum):
    """What a mark on a lane stands for."""

    RANDOMISED = "randomised"
    PERFUSED = "perfused"
    NO_FURTHER_ROUND = "no_further_round"
    CLINICAL = "clinical"
    LIVE_BIRTH = "live_birth"
    ENDED_OTHERWISE = "ended_otherwise"
    """A pregnancy ended in another way."""
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark(Frozen):
    """Something on one day of a lane."""

    what: Happened
    on: date
    day: int
    """Days since her analysis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane(Frozen):
    """One participant's time in the trial."""

    trial_id: str
    begins: date
    last_day: int
    """Until when she has been followed so far, in days."""
    window: tuple[int, int] | None
    """First and last day of her follow-up window."""
    marks: tuple[Mark, ...]
    running: bool


def lanes(readings: Iterable[PersonReading], *, on: date, with_pregnancies: bool) -> tuple[Lane, ...]:
    """A lane for everyone randomised, the longest first; pregnancies only for those who may see them."""
    found = [
        _lane(one, on=on, with_pregnancies=with_pregnancies) for one in readings if one.course.randomisation
    ]
    return tuple(sorted(found, key=lambda lane: (-lane.last_day, lane.trial_id)))


def _lane(reading: PersonReading, *, on: date, with_pregnancies: bool) -> Lane:
    course, window = reading.course, reading.window
    begins = _begins(course)
    told = [(what, day) for what, day in _events(reading, with_pregnancies=with_pregnancies) if day <= on]
    left = left_on(course)
    stops = [window.end] if window else []
    if with_pregnancies:
        counted = [one for one in reading.pregnancies if one.clinical_on]
        stops += [one.pregnancy.end.on if one.pregnancy.end else on for one in counted]
    last = left if left and left <= on else min(on, max(stops, default=on))
    return Lane(
        trial_id=course.trial_id,
        begins=begins,
        last_day=max((last - begins).days, 0),
        window=((window.start - begins).days, (window.end - begins).days) if window else None,
        marks=tuple(
            Mark(what=what, on=day, day=(day - begins).days)
            for what, day in sorted(told, key=lambda item: (item[1], item[0]))
        ),
        running=last == on and not (left and left <= on),
    )


def _begins(course: Course) -> date:
    chance = course.randomisation
    known = [day for day in (course.registered_on, chance.on if chance else None) if day]
    return min(known)


def _events(reading: PersonReading, *, with_pregnancies: bool) -> Iterable[tuple[Happened, date]]:
    course = reading.course
    if course.randomisation:
        yield Happened.RANDOMISED, course.randomisation.on
    for one in course.perfusions:
        if one.perfused_on:
            yield Happened.PERFUSED, one.perfused_on
    if course.no_further_round_on:
        yield Happened.NO_FURTHER_ROUND, course.no_further_round_on
    if left := left_on(course):
        yield Happened.LEFT, left
    for pregnancy in reading.pregnancies if with_pregnancies else ():
        if pregnancy.clinical_on:
            yield Happened.CLINICAL, pregnancy.clinical_on
        if pregnancy.pregnancy.end:
            alive = pregnancy.end is EndName.LIVE_BIRTH
            yield (Happened.LIVE_BIRTH if alive else Happened.ENDED_OTHERWISE), pregnancy.pregnancy.end.on
