"""Where one woman stands in each registered outcome on a day: yes, no, missing, still open, or not asked of her."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from lims.domain.master_batch_record import Frozen
from lims.domain.trial.course import Course
from lims.domain.trial.definitions import TrialDefinitions
from lims.domain.trial.improvement import ImprovementReading, improvement
from lims.domain.trial.pregnancy_reading import EndName, Flag, PregnancyReading, read_pregnancy
from lims.domain.trial.window import Window, follow_up, from_randomisation, left_on, was_followed


class Outcome(StrEnum):
    """The registered outcomes (NCT07230574), in the order of the registry."""

    COMPLETION = "completion"
    ONGOING = "ongoing"
    IMPROVEMENT = "improvement"
    CLINICAL = "clinical"
    MISCARRIAGE = "miscarriage"
    PRETERM = "preterm"
    LIVE_BIRTH = "live_birth"


EFFICACY = frozenset(Outcome) - {Outcome.COMPLETION}
"""Outcomes whose comparison by arm is kept, until lock, from those who enrol or treat."""


class Denominator(StrEnum):
    """Of whom a share is taken, within a population."""

    POPULATION = "population"
    ATTEMPTING = "attempting"
    """Tried to conceive in the window."""
    CLINICAL = "clinical"
    """Had a clinical pregnancy confirmed in the window."""
    DELIVERIES = "deliveries"
    """Delivered at or after the preterm limit."""
    ASSESSABLE = "assessable"
    """At least one follow-up sample that could be judged; of a product arm, after at least one perfusion."""
    PREGNANT_EXCLUDED = "pregnant_excluded"
    """The whole population, worst case; who was pregnant and not improved before is left out."""
    PREGNANT_IMPROVED = "pregnant_improved"
    """The whole population, worst case; who was pregnant counts as improved."""


class Standing(StrEnum):
    """Exactly one for each woman, outcome and denominator."""

    YES = "yes"
    NO = "no"
    MISSING = "missing"
    """Nobody knows, and nobody will without looking again."""
    PENDING = "pending"
    """Follow-up has not closed, or a pregnancy is open: not in the rate yet."""
    PENDING_YES = "pending_yes"
    """Has the event already, and is still followed: not in the rate yet."""
    OUTSIDE = "outside"
    """Not in this denominator."""


class Clock(StrEnum):
    """From which day a table counts."""

    FOLLOW_UP = "follow_up"
    RANDOMISATION = "randomisation"


DENOMINATORS: Mapping[Outcome, tuple[Denominator, ...]] = MappingProxyType(
    {
        Outcome.COMPLETION: (Denominator.POPULATION,),
        Outcome.ONGOING: (Denominator.POPULATION, Denominator.CLINICAL),
        Outcome.IMPROVEMENT: (
            Denominator.ASSESSABLE,
            Denominator.PREGNANT_EXCLUDED,
            Denominator.PREGNANT_IMPROVED,
        ),
        Outcome.CLINICAL: (Denominator.POPULATION, Denominator.ATTEMPTING),
        Outcome.MISCARRIAGE: (Denominator.CLINICAL, Denominator.POPULATION),
        Outcome.PRETERM: (Denominator.DELIVERIES, Denominator.CLINICAL, Denominator.POPULATION),
        Outcome.LIVE_BIRTH: (Denominator.POPULATION, Denominator.CLINICAL),
    }
)
"""Of whom the share of each outcome can be taken."""
PLACES: tuple[tuple[Outcome, Denominator], ...] = tuple(
    (outcome, denominator) for outcome, denominators in DENOMINATORS.items() for denominator in denominators
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonReading(Frozen):
    """One woman read within one window, on a day."""

    course: Course
    window: Window | None
    pregnancies: tuple[PregnancyReading, ...]
    improvement: ImprovementReading
    standings: tuple[Standing, ...]
    """In the order of PLACES."""

    def stands(self, outcome: Outcome, denominator: Denominator) -> Standing:
        """Where she stands in one outcome, of one denominator."""
        return self.standings[PLACES.index((outcome, denominator))]

    @property
    def flags(self) -> frozenset[Flag]:
        """Everything about her pregnancies that a person must look at."""
        return frozenset(flag for one in self.pregnancies for flag in one.flags)

    @property
    def conceived_before_follow_up(self) -> bool:
        """Conceived after randomisation and before her window began (domain 1.3, the anchor trap)."""
        chance = self.course.randomisation
        if chance is None:
            return False
        return any(
            one.dated is not None
            and one.dated.conceived_on >= chance.on
            and (self.window is None or one.dated.conceived_on < self.window.start)
            for one in self.pregnancies
        )


def read_person(course: Course, definitions: TrialDefinitions, *, clock: Clock, on: date) -> PersonReading:
    """Everything that the figures need of one woman, counted by one clock, as known on a day."""
    rules = definitions.follow_up
    window = follow_up(course, rules) if clock is Clock.FOLLOW_UP else from_randomisation(course, rules)
    left = left_on(course)
    pregnancies = tuple(read_pregnancy(one, window, definitions, left=left) for one in course.pregnancies)
    judged = improvement(course, window, definitions.improvement)
    followed = window is not None and was_followed(course, window, rules)
    closed = window is not None and (left is not None or on > window.end)
    standings = {
        (Outcome.COMPLETION, Denominator.POPULATION): _completion(course, left),
        **_of_pregnancies(pregnancies, followed=followed, closed=closed, tried=_tried(course, window)),
        **_of_improvement(course, judged, closed=closed),
    }
    return PersonReading(
        course=course,
        window=window,
        pregnancies=pregnancies,
        improvement=judged,
        standings=tuple(standings[place] for place in PLACES),
    )


def _tried(course: Course, window: Window | None) -> bool:
    return window is not None and any(one.trying and one.on in window for one in course.conception_attempts)


def _completion(course: Course, left: date | None) -> Standing:
    """All planned rounds perfused; asked only of an arm that plans rounds."""
    if course.planned_rounds == 0:
        return Standing.OUTSIDE
    if len(course.perfusions) >= course.planned_rounds:
        return Standing.YES
    return Standing.NO if course.no_further_round_on or left else Standing.PENDING


def _stand(*, yes: bool, closed: bool, still_open: bool, unknown: bool) -> Standing:
    if yes:
        return Standing.YES if closed else Standing.PENDING_YES
    if not closed or still_open:
        return Standing.PENDING
    return Standing.MISSING if unknown else Standing.NO


def _of_pregnancies(
    pregnancies: tuple[PregnancyReading, ...], *, followed: bool, closed: bool, tried: bool
) -> dict[tuple[Outcome, Denominator], Standing]:
    counted = [one for one in pregnancies if one.clinical_on]
    undated = any(
        one.dated is None and any(scan.sacs_in_uterus > 0 for scan in one.pregnancy.ultrasounds)
        for one in pregnancies
    )
    nothing_known = not counted and (not followed or undated)
    still_open = any(one.is_open for one in counted)
    lost = any(one.lost for one in counted)

    def stand(*, yes: bool, unknown: bool) -> Standing:
        return _stand(yes=yes, closed=closed, still_open=still_open, unknown=nothing_known or lost or unknown)

    clinical = _stand(yes=bool(counted), closed=closed, still_open=False, unknown=nothing_known)
    untold = [one for one in counted if one.end is EndName.UNKNOWN]
    population = {
        Outcome.CLINICAL: clinical,
        Outcome.ONGOING: stand(yes=any(one.ongoing_on for one in counted), unknown=False),
        Outcome.MISCARRIAGE: stand(
            yes=any(one.miscarried for one in counted), unknown=any(not one.delivered for one in untold)
        ),
        Outcome.PRETERM: stand(
            yes=any(one.preterm for one in counted), unknown=any(not one.preterm for one in untold)
        ),
        Outcome.LIVE_BIRTH: stand(
            yes=any(one.end is EndName.LIVE_BIRTH for one in counted), unknown=bool(untold)
        ),
    }
    found = {(outcome, Denominator.POPULATION): standing for outcome, standing in population.items()}
    for outcome in (Outcome.ONGOING, Outcome.MISCARRIAGE, Outcome.PRETERM, Outcome.LIVE_BIRTH):
        found[outcome, Denominator.CLINICAL] = population[outcome] if counted else Standing.OUTSIDE
    found[Outcome.CLINICAL, Denominator.ATTEMPTING] = clinical if tried else Standing.OUTSIDE
    may_deliver = any(one.delivered or one.is_open or one.lost for one in counted)
    found[Outcome.PRETERM, Denominator.DELIVERIES] = (
        population[Outcome.PRETERM] if may_deliver else Standing.OUTSIDE
    )
    return found


def _of_improvement(
    course: Course, judged: ImprovementReading, *, closed: bool
) -> dict[tuple[Outcome, Denominator], Standing]:
    yes = judged.improved is True

    def stand(*, yes: bool, unknown: bool) -> Standing:
        return _stand(yes=yes, closed=closed, still_open=False, unknown=unknown)

    received = course.planned_rounds == 0 or bool(course.perfusions)
    left_out = judged.pregnant and not yes
    found = {
        Denominator.ASSESSABLE: stand(yes=yes, unknown=judged.improved is None)
        if received
        else Standing.OUTSIDE,
        Denominator.PREGNANT_EXCLUDED: Standing.OUTSIDE if left_out else stand(yes=yes, unknown=False),
        Denominator.PREGNANT_IMPROVED: stand(yes=yes or judged.pregnant, unknown=False),
    }
    return {(Outcome.IMPROVEMENT, denominator): standing for denominator, standing in found.items()}
