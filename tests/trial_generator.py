"""A simulated trial whose truth is decided first and then told as the records a site would have made.

`simulate(seed=…)` gives women under trial codes and, for each, the story that was meant. Whoever reads the courses
must find the stories again.
"""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from lims.domain.trial.course import (
    AdverseEvent,
    AttemptEnd,
    Course,
    CourseRound,
    Eligibility,
    ManufacturingAttempt,
    MarkerReading,
    Measured,
    NkAnalysis,
    NotAssessable,
    ProtocolDeviation,
    Randomisation,
    VisitRecord,
)
from lims.domain.trial.pregnancy import (
    ConceptionAttempt,
    Dating,
    DatingMethod,
    DeliveryOnset,
    FetusSeen,
    Neonate,
    Pregnancy,
    PregnancyEnd,
    PregnancyEndKind,
    Ultrasound,
)
from tests.course_builder import CONTROL, PERFUSION, moment

DAY = timedelta(days=1)
BEGIN = date(2027, 1, 4)
EVERYTHING_KNOWN = date(2031, 1, 1)

STORIES: dict[str, tuple[float, int | None, int | None]] = {
    # story: (weight, earliest and latest day of the end)
    "none": (40, None, None),
    "biochemical": (4, 33, 40),
    "ectopic": (2, 45, 60),
    "early_loss": (7, 58, 83),
    "termination": (2, 90, 120),
    "late_loss": (3, 85, 195),
    "alive_early": (1, 160, 181),
    "alive_overlap": (2, 182, 195),
    "preterm": (4, 196, 258),
    "stillbirth": (1, 196, 258),
    "term": (25, 259, 290),
    "lost_pregnant": (2, None, None),
    "open": (2, None, None),
    "lost": (4, None, None),
}
CLINICAL = frozenset(STORIES) - {"none", "biochemical", "ectopic", "lost"}
ONGOING = frozenset({"late_loss", "alive_early", "alive_overlap", "preterm", "stillbirth", "term"})
MISCARRIED = frozenset({"early_loss", "late_loss", "alive_early"})
PRETERM = frozenset({"preterm", "stillbirth"})
LIVE_BORN = frozenset({"alive_overlap", "preterm", "term"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What was meant for one woman."""

    trial_id: str
    arm: str
    """Empty for a woman who was never randomised."""
    story: str
    rounds: int
    improved: bool | None
    """None when nothing could be assessed."""


@dataclass(slots=True)
class Simulated:
    """A trial with its truth; `courses` and `truth` are in the same order."""

    courses: list[Course] = field(default_factory=list)
    truth: list[Truth] = field(default_factory=list)


def simulate(*, seed: int, randomised: int = 159, not_randomised: int = 60, begin: date = BEGIN) -> Simulated:
    """As many women randomised 2:1, and as many analysed and never randomised; the same seed, the same trial."""
    chance = random.Random(seed)
    arms = [PERFUSION, PERFUSION, CONTROL] * (randomised // 3) + [PERFUSION] * (randomised % 3)
    chance.shuffle(arms)
    places = [*arms, *([""] * not_randomised)]
    chance.shuffle(places)
    trial = Simulated()
    for number, arm in enumerate(places, start=1):
        analysed = begin + chance.randrange(0, 720) * DAY
        _add(trial, chance, f"DNK-{number:05d}", arm, analysed)
    return trial


def _add(trial: Simulated, chance: random.Random, trial_id: str, arm: str, analysed: date) -> None:
    story = chance.choices(list(STORIES), [weight for weight, _, _ in STORIES.values()])[0]
    rounds, no_further = _rounds(chance, analysed + 14 * DAY) if arm == PERFUSION else ((), None)
    given = [one.perfused_on for one in rounds if one.perfused_on]
    if arm == PERFUSION:
        start = given[-1] if len(given) == 2 else no_further
    else:
        start = analysed + 14 * DAY if arm else analysed
    assert start is not None
    improved, analyses = _analyses(chance, analysed, start, story, perfused=bool(given) or arm == CONTROL)
    lost_on = start + chance.randrange(20, 90) * DAY if story == "lost" else None
    trial.truth.append(Truth(trial_id=trial_id, arm=arm, story=story, rounds=len(given), improved=improved))
    allocated = Randomisation(
        on=analysed + 14 * DAY,
        at=moment(analysed + 14 * DAY),
        arm=arm,
        receives_product=arm == PERFUSION,
        in_error_on=analysed + 20 * DAY if chance.random() < 0.01 else None,
    )
    trial.courses.append(
        Course(
            trial_id=trial_id,
            pre_screened_on=analysed - 20 * DAY,
            consented_on=analysed - 10 * DAY,
            registered_on=analysed,
            eligibility=Eligibility(
                on=analysed + 7 * DAY,
                eligible=bool(arm),
                reasons=() if arm else (chance.choice(("nk_normal", "declined", "infection")),),
                failure_type=chance.choice(("recurrent_loss", "implantation_failure")),
                rule_set="1",
            ),
            randomisation=allocated if arm else None,
            planned_rounds=2 if arm == PERFUSION else 0,
            no_further_round_on=no_further,
            lost_on=lost_on,
            deviations=_deviations(chance, analysed + 30 * DAY),
            analyses=analyses,
            rounds=rounds,
            visits=_visits(start, lost_on),
            conception_attempts=_attempts(chance, start, lost_on, story),
            pregnancies=(*_between_rounds(rounds, no_further), *_pregnancies(chance, start, story)),
            adverse_events=_events(chance, start),
        )
    )


def _rounds(chance: random.Random, randomised: date) -> tuple[tuple[CourseRound, ...], date | None]:
    """Two rounds for most; for some one or none, and then the decision that no further round follows."""
    wanted = chance.choices((2, 1, 0), (88, 8, 4))[0]
    rounds: list[CourseRound] = []
    collected = randomised + chance.randrange(5, 20) * DAY
    for number in range(1, wanted + 1):
        attempts: list[ManufacturingAttempt] = []
        if chance.random() < 0.08:
            how = chance.choice((AttemptEnd.FAILED, AttemptEnd.REJECTED, AttemptEnd.CANCELLED))
            attempts.append(_attempt(chance, f"{len(rounds)}F", collected, 1, how))
            collected += 28 * DAY
        attempts.append(
            _attempt(chance, f"{len(rounds)}P", collected, len(attempts) + 1, AttemptEnd.PERFUSED)
        )
        perfused = collected + 14 * DAY
        rounds.append(
            CourseRound(
                number=number,
                attempts=tuple(attempts),
                perfused_at=moment(perfused) + timedelta(hours=chance.randrange(0, 9)),
                perfused_on=perfused,
                batch=attempts[-1].batch,
                delivered_dose=Decimal(chance.randrange(80, 200)) * 10**5,
            )
        )
        collected = perfused + chance.randrange(14, 40) * DAY
    return tuple(rounds), None if wanted == 2 else collected + 10 * DAY


def _attempt(
    chance: random.Random, batch: str, collected: date, number: int, how: AttemptEnd
) -> ManufacturingAttempt:
    done = how is AttemptEnd.PERFUSED
    measured = (
        Measured(code="viability", value=Decimal(chance.randrange(700, 990)) / 10, unit="%"),
        Measured(code="cd56", value=Decimal(chance.randrange(600, 980)) / 10, unit="%"),
    )
    return ManufacturingAttempt(
        number=number,
        batch=batch,
        opened_on=collected,
        collected_at=moment(collected),
        released_at=moment(collected + 14 * DAY) if done else None,
        ended=how,
        ended_on=collected + (14 if done else 9) * DAY,
        measured=measured if done else (),
    )


def _analyses(
    chance: random.Random, analysed: date, start: date, story: str, *, perfused: bool
) -> tuple[bool | None, tuple[NkAnalysis, ...]]:
    reading = MarkerReading(code="cd56dim", value=Decimal(30), unit="%", abnormal=True)
    found = [NkAnalysis(number=0, on=analysed, rule_set="1", abnormal=True, readings=(reading,))]
    if story == "lost":
        return None, tuple(found)
    verdicts: list[bool] = []
    for number in range(1, 6):
        on = start + 30 * number * DAY
        if chance.random() < 0.25:
            why = NotAssessable.PREGNANT if story in CLINICAL else chance.choice(_OTHER_REASONS)
            found.append(NkAnalysis(number=number, on=on, rule_set="1", not_assessable=why))
            continue
        verdict = chance.random() < 0.3
        verdicts.append(verdict)
        found.append(
            NkAnalysis(
                number=number, on=on, rule_set="1", abnormal=not verdict, normalised=verdict, partial=verdict
            )
        )
    improved = any(verdicts) if verdicts else None
    return improved, tuple(found)


_OTHER_REASONS = (NotAssessable.AMENORRHOEA, NotAssessable.INADEQUATE, NotAssessable.MISSED)


def _visits(start: date, lost: date | None) -> tuple[VisitRecord, ...]:
    days = [(f"M{month}", start + 30 * month * DAY) for month in (1, 3, 6)]
    return tuple(VisitRecord(code=code, on=on, done=lost is None or on <= lost) for code, on in days)


def _attempts(
    chance: random.Random, start: date, lost: date | None, story: str
) -> tuple[ConceptionAttempt, ...]:
    trying = story not in ("none", "lost") or chance.random() < 0.8
    days = [start + 28 * cycle * DAY for cycle in range(1, 6)]
    return tuple(ConceptionAttempt(on=on, trying=trying) for on in days if lost is None or on <= lost)


def _deviations(chance: random.Random, on: date) -> tuple[ProtocolDeviation, ...]:
    if chance.random() > 0.08:
        return ()
    return (ProtocolDeviation(on=on, code="visit_window", major=chance.random() < 0.4),)


def _events(chance: random.Random, start: date) -> tuple[AdverseEvent, ...]:
    if chance.random() > 0.1:
        return ()
    return (
        AdverseEvent(
            number=1, began_on=start + 3 * DAY, code="fever", grade=1, serious=False, related="possible"
        ),
    )


def _pregnancies(chance: random.Random, start: date, story: str) -> tuple[Pregnancy, ...]:
    if story in ("none", "lost"):
        return ()
    # The scan at six to seven weeks lies inside the window of at least 181 days, whatever the month.
    zero = start + chance.randrange(1, 120) * DAY
    datings = [Dating(method=DatingMethod.LMP, on=zero, recorded_on=zero + 30 * DAY)]
    if chance.random() < 0.15:
        # Told from a wrong menses; the first scan, 6 to 12 days apart at seven weeks, sets it right.
        wrong = zero - chance.choice((6, 9, 12)) * DAY
        measured = Dating(
            method=DatingMethod.ULTRASOUND, on=zero + 45 * DAY, recorded_on=zero + 45 * DAY, measured_days=45
        )
        datings = [Dating(method=DatingMethod.LMP, on=wrong, recorded_on=wrong + 30 * DAY), measured]
    end = _end(chance, zero, story)
    last = (end.on - zero).days if end else 400
    scans = () if story == "biochemical" else tuple(_scans(zero, story, last))
    return (
        Pregnancy(
            number=1,
            found_on=zero + 30 * DAY,
            datings=tuple(datings),
            ultrasounds=scans,
            end=end,
            lost_on=zero + 100 * DAY if story == "lost_pregnant" else None,
        ),
    )


def _between_rounds(rounds: tuple[CourseRound, ...], no_further: date | None) -> tuple[Pregnancy, ...]:
    """Who stopped after one round did so because a test was positive, before follow-up began."""
    if len(rounds) != 1 or rounds[0].perfused_on is None or no_further is None:
        return ()
    zero = rounds[0].perfused_on
    return (
        Pregnancy(
            number=0,
            found_on=zero + 30 * DAY,
            datings=(Dating(method=DatingMethod.LMP, on=zero, recorded_on=zero + 30 * DAY),),
            end=PregnancyEnd(on=zero + 33 * DAY, kind=PregnancyEndKind.BIOCHEMICAL),
        ),
    )


def _scans(zero: date, story: str, last: int) -> list[Ultrasound]:
    found = [
        Ultrasound(
            on=zero + 45 * DAY,
            sacs_in_uterus=0 if story == "ectopic" else 1,
            sac_elsewhere=story == "ectopic",
        )
    ]
    if story in ONGOING and last > 84:
        seen = FetusSeen(fetus="A", heartbeat=True, size_consistent=True)
        found.append(Ultrasound(on=zero + 84 * DAY, sacs_in_uterus=1, fetuses=(seen,)))
    return found


def _end(chance: random.Random, zero: date, story: str) -> PregnancyEnd | None:
    _, first, last = STORIES[story]
    if first is None or last is None:
        return None
    kind = {
        "biochemical": PregnancyEndKind.BIOCHEMICAL,
        "ectopic": PregnancyEndKind.ECTOPIC,
        "termination": PregnancyEndKind.TERMINATED,
    }.get(story, PregnancyEndKind.ENDED)
    alive = story in LIVE_BORN or story == "alive_early"
    children = 2 if chance.random() < 0.05 else 1
    neonates = tuple(
        Neonate(fetus="AB"[at], signs_of_life=alive and (at == 0 or chance.random() < 0.9))
        for at in range(children)
    )
    return PregnancyEnd(
        on=zero + chance.randrange(first, last + 1) * DAY,
        kind=kind,
        neonates=neonates if kind is PregnancyEndKind.ENDED else (),
        onset=chance.choice(tuple(DeliveryOnset)) if alive else None,
    )
