"""What became of the batches made for the trial, how long from vein to perfusion, and attributes beside outcomes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from lims.domain.master_batch_record import Frozen
from lims.domain.trial.course import AttemptEnd, Course, CourseRound, ManufacturingAttempt, Measured
from lims.domain.trial.definitions import TrialDefinitions
from lims.domain.trial.intervals import Estimate, share
from lims.domain.trial.standing import PersonReading


@dataclass(frozen=True, slots=True, kw_only=True)
class Made(Frozen):
    """One batch of the trial."""

    trial_id: str
    round: int
    attempt: ManufacturingAttempt
    vein_to_perfusion: timedelta | None
    """None when it was not perfused, or when the collection has no time on file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Success(Frozen):
    """How the batches of one round ended; a batch that is still open is in no share."""

    round: int
    started: int
    open: int
    by_end: tuple[tuple[AttemptEnd, int], ...]

    @property
    def perfused(self) -> int:
        """Batches that reached their person."""
        return dict(self.by_end)[AttemptEnd.PERFUSED]

    @property
    def share(self) -> Estimate | None:
        """Perfused of all that ended, with its interval."""
        return share(self.perfused, self.started - self.open)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times(Frozen):
    """Vein to perfusion over all perfused batches."""

    batches: tuple[Made, ...]
    """The quickest first."""
    median: timedelta | None
    unknown: int
    """Perfused, without the time of the collection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundResult(Frozen):
    """One perfused round: what was given, and what followed until the next round or the end of her window."""

    trial_id: str
    round: int
    batch: str
    perfused_on: date
    delivered_dose: Decimal | None
    measured: tuple[Measured, ...]
    improved: bool | None
    """Some assessable sample in that time was improved; None without one."""
    pregnant: bool
    """A pregnancy was conceived in that time."""

    def value(self, code: str) -> Decimal | None:
        """One attribute: `dose`, or a measured one."""
        if code == DOSE:
            return self.delivered_dose
        return next((one.value for one in self.measured if one.code == code), None)


DOSE = "dose"
"""The attribute that is no measurement: viable cells delivered."""


def made(courses: Iterable[Course]) -> tuple[Made, ...]:
    """Every batch of every course."""
    return tuple(
        Made(
            trial_id=course.trial_id,
            round=one.number,
            attempt=attempt,
            vein_to_perfusion=_vein_to_perfusion(one, attempt),
        )
        for course in sorted(courses, key=lambda course: course.trial_id)
        for one in course.rounds
        for attempt in one.attempts
    )


def _vein_to_perfusion(one: CourseRound, attempt: ManufacturingAttempt) -> timedelta | None:
    if one.perfused_at is None or attempt.batch != one.batch or attempt.collected_at is None:
        return None
    return one.perfused_at - attempt.collected_at


def success(batches: Sequence[Made]) -> tuple[Success, ...]:
    """By round, how many started and how they ended."""
    found = []
    for number in sorted({one.round for one in batches}):
        mine = [one.attempt.ended for one in batches if one.round == number]
        found.append(
            Success(
                round=number,
                started=len(mine),
                open=mine.count(None),
                by_end=tuple((end, mine.count(end)) for end in AttemptEnd),
            )
        )
    return tuple(found)


def times(batches: Sequence[Made]) -> Times:
    """Vein to perfusion of every perfused batch."""
    perfused = [one for one in batches if one.attempt.ended is AttemptEnd.PERFUSED]
    known = [(one.vein_to_perfusion, one) for one in perfused if one.vein_to_perfusion is not None]
    ordered = sorted(known, key=lambda item: (item[0], item[1].attempt.batch))
    return Times(
        batches=tuple(one for _, one in ordered),
        median=_middle([took for took, _ in ordered]),
        unknown=len(perfused) - len(known),
    )


def _middle(ordered: Sequence[timedelta]) -> timedelta | None:
    if not ordered:
        return None
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def round_results(
    readings: Iterable[PersonReading], definitions: TrialDefinitions
) -> tuple[RoundResult, ...]:
    """Every perfused round with what followed it."""
    return tuple(
        _result(reading, at, definitions)
        for reading in readings
        for at in range(len(reading.course.perfusions))
    )


def _result(reading: PersonReading, at: int, definitions: TrialDefinitions) -> RoundResult:
    rounds = reading.course.perfusions
    one, given = rounds[at], rounds[at].perfused_on
    assert given is not None
    until = rounds[at + 1].perfused_on if at + 1 < len(rounds) else None
    last = until - timedelta(days=1) if until else (reading.window.end if reading.window else date.max)
    by = definitions.improvement.judged_by
    verdicts = [
        verdict
        for sample in reading.course.analyses
        if given < sample.on <= last and sample.not_assessable is None
        if (verdict := sample.normalised if by == "normalised" else sample.partial) is not None
    ]
    attempt = next((each for each in one.attempts if each.batch == one.batch), None)
    return RoundResult(
        trial_id=reading.course.trial_id,
        round=one.number,
        batch=one.batch,
        perfused_on=given,
        delivered_dose=one.delivered_dose,
        measured=attempt.measured if attempt else (),
        improved=any(verdicts) if verdicts else None,
        pregnant=any(p.dated and given <= p.dated.conceived_on <= last for p in reading.pregnancies),
    )


def attributes(results: Sequence[RoundResult]) -> tuple[tuple[str, str], ...]:
    """Every attribute that some round has, with its unit; the dose first."""
    units = {one.code: one.unit for result in results for one in result.measured}
    return ((DOSE, ""), *sorted(units.items())) if results else ()
