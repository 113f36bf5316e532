"""Legal defaults for courses, so that a test spells out only its point."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from lims.domain.trial.course import Course, CourseRound, NkAnalysis, Randomisation, VisitRecord
from lims.domain.trial.pregnancy import (
    Dating,
    DatingMethod,
    FetusSeen,
    Neonate,
    Pregnancy,
    PregnancyEnd,
    PregnancyEndKind,
    Ultrasound,
)

DAY = timedelta(days=1)
RANDOMISED = date(2027, 1, 4)
PERFUSION, CONTROL = "perfusion", "control"


def moment(day: date) -> datetime:
    """Noon of a day, in UTC."""
    return datetime.combine(day, time(12), tzinfo=UTC)


def randomised(arm: str, on: date = RANDOMISED) -> Randomisation:
    """An allocation to an arm."""
    return Randomisation(on=on, at=moment(on), arm=arm, receives_product=arm == PERFUSION)


def round_given(number: int, on: date) -> CourseRound:
    """A perfused round."""
    return CourseRound(number=number, perfused_at=moment(on), perfused_on=on, batch=f"{number:04d}")


def control(trial_id: str = "DNK-001", **more: Any) -> Course:
    """A woman of the control arm, followed to the end of her six months."""
    fields: dict[str, Any] = {
        "registered_on": RANDOMISED - 14 * DAY,
        "randomisation": randomised(CONTROL),
        "visits": (VisitRecord(code="M6", on=date(2027, 7, 4), done=True),),
    }
    return Course(trial_id=trial_id, **(fields | more))


def perfused(trial_id: str = "DNK-002", *, second: date | None = date(2027, 3, 1), **more: Any) -> Course:
    """A woman of the perfusion arm with two rounds, or with one, followed to the end of her six months."""
    first = date(2027, 1, 25)
    days = (first, second) if second else (first,)
    fields: dict[str, Any] = {
        "registered_on": RANDOMISED - 14 * DAY,
        "randomisation": randomised(PERFUSION),
        "planned_rounds": 2,
        "rounds": tuple(round_given(number, day) for number, day in enumerate(days, start=1)),
        "visits": (VisitRecord(code="M6", on=date(2027, 9, 1), done=True),),
    }
    return Course(trial_id=trial_id, **(fields | more))


def lmp(zero: date) -> tuple[Dating, ...]:
    """Dated by the last menses."""
    return (Dating(method=DatingMethod.LMP, on=zero, recorded_on=zero + 30 * DAY),)


def scan(
    on: date,
    *,
    sacs: int = 1,
    heartbeat: bool | None = None,
    fits: bool | None = None,
    elsewhere: bool = False,
) -> Ultrasound:
    """A scan with one fetus, or none while no heartbeat is told."""
    seen = () if heartbeat is None else (FetusSeen(fetus="A", heartbeat=heartbeat, size_consistent=fits),)
    return Ultrasound(on=on, sacs_in_uterus=sacs, sac_elsewhere=elsewhere, fetuses=seen)


def ended(on: date, *alive: bool | None, kind: PregnancyEndKind = PregnancyEndKind.ENDED) -> PregnancyEnd:
    """An end with one child for each of `alive`."""
    children = tuple(
        Neonate(fetus=letter, signs_of_life=signs) for letter, signs in zip("ABC", alive, strict=False)
    )
    return PregnancyEnd(on=on, kind=kind, neonates=children)


def pregnancy(zero: date, *scans: Ultrasound, end: PregnancyEnd | None = None, **more: Any) -> Pregnancy:
    """A pregnancy dated by the last menses, found at four weeks; with a scan at six weeks if none is told."""
    fields: dict[str, Any] = {"number": 1, "found_on": zero + 28 * DAY, "datings": lmp(zero)}
    return Pregnancy(ultrasounds=scans or (scan(zero + 42 * DAY),), end=end, **(fields | more))


def analysis(number: int, on: date, improved: bool | None, **more: Any) -> NkAnalysis:
    """A menstrual-blood analysis, judged by both rules alike."""
    fields: dict[str, Any] = {"abnormal": None if improved is None else not improved}
    return NkAnalysis(number=number, on=on, normalised=improved, partial=improved, **(fields | more))
