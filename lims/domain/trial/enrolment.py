"""Enrolment month by month against the plan, with both denominators: registered and randomised."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from lims.domain.master_batch_record import Frozen
from lims.domain.trial.course import Course
from lims.domain.trial.definitions import EnrolmentPlan
from lims.domain.trial.window import add_months

_PACE_OVER = timedelta(days=183)


@dataclass(frozen=True, slots=True, kw_only=True)
class Month(Frozen):
    """The end of one month of enrolment."""

    ends: date
    registered: int | None
    """So far, in all; None for a month to come."""
    randomised: int | None
    planned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment(Frozen):
    """Enrolment as known on a day."""

    registered: int
    randomised: int
    target: int
    months: tuple[Month, ...]
    expected: date | None
    """When the target is reached at the pace of the last six months; None when nobody came in them."""


def enrolment(courses: Sequence[Course], plan: EnrolmentPlan, *, on: date) -> Enrolment:
    """Everyone registered or randomised until a day, beside the plan's straight line."""
    registered = sorted(one.registered_on for one in courses if one.registered_on and one.registered_on <= on)
    randomised = sorted(
        one.randomisation.on for one in courses if one.randomisation and one.randomisation.on <= on
    )
    begins = plan.begins or min((*registered[:1], *randomised[:1]), default=on)
    running = (on.year - begins.year) * 12 + on.month - begins.month + 1
    months = tuple(
        _month(number, begins, registered, randomised, plan, on)
        for number in range(1, max(plan.months, running) + 1)
    )
    return Enrolment(
        registered=len(registered),
        randomised=len(randomised),
        target=plan.target,
        months=months,
        expected=_expected(randomised, plan.target, begins, on),
    )


def _month(
    number: int,
    begins: date,
    registered: Sequence[date],
    randomised: Sequence[date],
    plan: EnrolmentPlan,
    on: date,
) -> Month:
    ends = add_months(begins, number) - timedelta(days=1)
    past = add_months(begins, number - 1) <= on
    return Month(
        ends=ends,
        registered=sum(day <= ends for day in registered) if past else None,
        randomised=sum(day <= ends for day in randomised) if past else None,
        planned=min(plan.target, plan.target * number // plan.months),
    )


def _expected(randomised: Sequence[date], target: int, begins: date, on: date) -> date | None:
    if len(randomised) >= target:
        return randomised[target - 1]
    since = max(begins, on - _PACE_OVER)
    days = (on - since).days + 1
    recent = sum(day >= since for day in randomised)
    if recent == 0:
        return None
    left = Decimal(target - len(randomised)) * days / recent
    return on + timedelta(days=int(left.to_integral_value(rounding="ROUND_CEILING")))
