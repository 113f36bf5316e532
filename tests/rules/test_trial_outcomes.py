"""The registered outcomes, boundary by boundary (domain.md §1.5; registry NCT07230574)."""

from dataclasses import replace
from datetime import date

import pytest

from lims.domain.trial.course import Course, NotAssessable
from lims.domain.trial.definitions import ImprovementDefinition, OutcomeDefinitions, TrialDefinitions
from lims.domain.trial.pregnancy import (
    ConceptionAttempt,
    Dating,
    DatingMethod,
    FetusSeen,
    Neonate,
    Pregnancy,
    PregnancyEnd,
    PregnancyEndKind,
    Ultrasound,
)
from lims.domain.trial.pregnancy_reading import EndName, Flag, PregnancyReading
from lims.domain.trial.standing import Clock, Denominator, Outcome, PersonReading, Standing, read_person
from tests.course_builder import DAY, RANDOMISED, analysis, control, ended, perfused, pregnancy, scan

ZERO = date(2027, 3, 1)
LATER = date(2029, 1, 1)
"""When everything is known."""
DEFAULT = TrialDefinitions()
Y, N, MISSING, PENDING, SO_FAR, OUT = (
    Standing.YES,
    Standing.NO,
    Standing.MISSING,
    Standing.PENDING,
    Standing.PENDING_YES,
    Standing.OUTSIDE,
)


def read(course: Course, on: date = LATER, rules: TrialDefinitions = DEFAULT) -> PersonReading:
    return read_person(course, rules, clock=Clock.FOLLOW_UP, on=on)


def of(*pregnancies: Pregnancy, on: date = LATER, **rules: object) -> PersonReading:
    settings = replace(DEFAULT, outcomes=OutcomeDefinitions(**rules))  # type: ignore[arg-type]
    return read(control(pregnancies=pregnancies), on, settings)


def stands(person: PersonReading, outcome: Outcome, of: Denominator = Denominator.POPULATION) -> Standing:
    return person.stands(outcome, of)


def born(days: int, *alive: bool | None) -> PersonReading:
    return of(pregnancy(ZERO, end=ended(ZERO + days * DAY, *alive)))


def flags(person: PersonReading) -> set[Flag]:
    return set(person.flags)


def only(person: PersonReading) -> PregnancyReading:
    (found,) = person.pregnancies
    return found


@pytest.mark.parametrize(
    ("weeks", "days", "alive", "live_birth", "miscarriage", "preterm", "flagged"),
    [
        (19, 6, False, N, Y, N, None),
        (25, 6, True, N, Y, N, Flag.BORN_ALIVE_EARLY),
        (26, 0, True, Y, N, N, Flag.BORN_IN_OVERLAP),
        (26, 0, False, N, Y, N, None),
        (27, 6, True, Y, N, N, Flag.BORN_IN_OVERLAP),
        (27, 6, False, N, Y, N, None),
        (28, 0, True, Y, N, Y, None),
        (28, 0, False, N, N, Y, None),
        (36, 6, True, Y, N, Y, None),
        (37, 0, True, Y, N, N, Flag.AT_TERM_EDGE),
        (37, 6, True, Y, N, N, Flag.AT_TERM_EDGE),
        (38, 0, True, Y, N, N, None),
    ],
)
def test_the_boundary_table(
    weeks: int,
    days: int,
    alive: bool,
    live_birth: Standing,
    miscarriage: Standing,
    preterm: Standing,
    flagged: Flag | None,
) -> None:
    """domain.md §1.5, the overlap matrix, row by row; a live birth is never also a loss."""
    person = born(weeks * 7 + days, alive)
    found = [stands(person, one) for one in (Outcome.LIVE_BIRTH, Outcome.MISCARRIAGE, Outcome.PRETERM)]
    assert found == [live_birth, miscarriage, preterm]
    assert flags(person) == ({flagged} if flagged else set())


@pytest.mark.parametrize(("age", "counts"), [(34, N), (35, Y), (55, Y)])
def test_a_clinical_pregnancy_is_a_sac_in_the_cavity_from_5w0d_to_7w6d(age: int, counts: Standing) -> None:
    assert stands(of(pregnancy(ZERO, scan(ZERO + age * DAY))), Outcome.CLINICAL) is counts


def test_the_strict_reading_of_seven_weeks_is_a_setting() -> None:
    rules = {"clinical_to_day": 49, "late_first_scan": "not_counted"}
    assert stands(of(pregnancy(ZERO, scan(ZERO + 49 * DAY)), **rules), Outcome.CLINICAL) is Y
    assert stands(of(pregnancy(ZERO, scan(ZERO + 50 * DAY)), **rules), Outcome.CLINICAL) is N


def test_a_first_scan_after_7w6d_counts_with_a_flag_or_not_by_setting() -> None:
    late = pregnancy(ZERO, scan(ZERO + 56 * DAY))
    counted, refused = of(late), of(late, late_first_scan="not_counted")
    assert (stands(counted, Outcome.CLINICAL), stands(refused, Outcome.CLINICAL)) == (Y, N)
    assert flags(counted) == flags(refused) == {Flag.LATE_FIRST_SCAN}


def test_a_sac_seen_after_the_window_does_not_count_though_the_test_was_positive_in_it() -> None:
    zero = date(2027, 5, 31)  # the test on 28 June, the scan on 5 July; the window ends on 4 July
    person = of(pregnancy(zero, scan(zero + 35 * DAY)))
    assert stands(person, Outcome.CLINICAL) is N
    assert flags(person) == {Flag.SAC_AFTER_WINDOW}


def test_the_last_day_of_the_window_counts() -> None:
    zero = date(2027, 5, 30)
    assert stands(of(pregnancy(zero, scan(zero + 35 * DAY))), Outcome.CLINICAL) is Y


def test_ectopic_only_is_no_and_heterotopic_is_a_clinical_pregnancy() -> None:
    on = ZERO + 42 * DAY
    assert stands(of(pregnancy(ZERO, scan(on, sacs=0, elsewhere=True))), Outcome.CLINICAL) is N
    assert stands(of(pregnancy(ZERO, scan(on, sacs=1, elsewhere=True))), Outcome.CLINICAL) is Y


@pytest.mark.parametrize("kind", [PregnancyEndKind.BIOCHEMICAL, PregnancyEndKind.ECTOPIC])
def test_biochemical_and_ectopic_pregnancies_are_no_miscarriage(kind: PregnancyEndKind) -> None:
    nothing = scan(ZERO + 42 * DAY, sacs=0)
    person = of(pregnancy(ZERO, nothing, end=ended(ZERO + 45 * DAY, kind=kind)))
    assert stands(person, Outcome.CLINICAL) is N
    assert stands(person, Outcome.MISCARRIAGE) is N
    assert stands(person, Outcome.MISCARRIAGE, Denominator.CLINICAL) is OUT


@pytest.mark.parametrize(
    ("age", "heartbeat", "fits", "counts"),
    [
        (84, True, True, Y),
        (83, True, True, N),
        (84, True, False, N),
        (84, False, True, N),
        (84, True, None, N),
    ],
)
def test_ongoing_is_a_heartbeat_and_a_fitting_size_from_12w0d(
    age: int, heartbeat: bool, fits: bool | None, counts: Standing
) -> None:
    scans = (scan(ZERO + 42 * DAY), scan(ZERO + age * DAY, heartbeat=heartbeat, fits=fits))
    person = of(pregnancy(ZERO, *scans, end=ended(ZERO + 100 * DAY)))
    assert stands(person, Outcome.ONGOING) is counts
    assert (Flag.SIZE_DISCORDANT in flags(person)) is (fits is False)


def test_one_qualifying_twin_is_enough_and_it_must_be_the_same_twin() -> None:
    def twins(*seen: tuple[bool, bool]) -> Standing:
        fetuses = tuple(
            FetusSeen(fetus=letter, heartbeat=beats, size_consistent=fits)
            for letter, (beats, fits) in zip("AB", seen, strict=True)
        )
        at_twelve = Ultrasound(on=ZERO + 84 * DAY, sacs_in_uterus=2, fetuses=fetuses)
        end = ended(ZERO + 100 * DAY)
        return stands(of(pregnancy(ZERO, scan(ZERO + 42 * DAY), at_twelve, end=end)), Outcome.ONGOING)

    assert twins((False, True), (True, True)) is Y
    assert twins((False, True), (True, False)) is N


def test_twins_are_one_live_birth_and_one_with_signs_of_life_is_enough() -> None:
    assert stands(born(200, True, True), Outcome.LIVE_BIRTH) is Y
    assert stands(born(200, False, True), Outcome.LIVE_BIRTH) is Y


def test_an_induced_termination_is_its_own_code_unless_the_protocol_says_otherwise() -> None:
    gone = pregnancy(ZERO, end=ended(ZERO + 90 * DAY, kind=PregnancyEndKind.TERMINATED))
    assert only(of(gone)).end is EndName.TERMINATED
    assert stands(of(gone), Outcome.MISCARRIAGE) is N
    assert stands(of(gone, termination="miscarriage"), Outcome.MISCARRIAGE) is Y


def test_born_alive_before_26_weeks_is_always_for_adjudication() -> None:
    early = pregnancy(ZERO, end=ended(ZERO + 181 * DAY, True))
    apart = of(early, born_alive_before_limit="separate")
    assert stands(apart, Outcome.MISCARRIAGE) is N
    assert stands(apart, Outcome.LIVE_BIRTH) is N
    assert flags(apart) == {Flag.BORN_ALIVE_EARLY}


def test_preterm_can_be_read_with_37_weeks_or_live_born_only() -> None:
    week_37 = pregnancy(ZERO, end=ended(ZERO + 259 * DAY, True))
    still = pregnancy(ZERO, end=ended(ZERO + 230 * DAY, False))
    assert stands(of(week_37, preterm_before_day=260), Outcome.PRETERM) is Y
    assert stands(of(still), Outcome.PRETERM) is Y
    assert stands(of(still, preterm_counts="live_born"), Outcome.PRETERM) is N


def test_preterm_is_a_share_of_deliveries_from_28_weeks() -> None:
    early, term = born(190, False), born(270, True)
    assert stands(early, Outcome.PRETERM, Denominator.DELIVERIES) is OUT
    assert stands(early, Outcome.PRETERM, Denominator.CLINICAL) is N
    assert stands(term, Outcome.PRETERM, Denominator.DELIVERIES) is N


def test_an_unknown_sign_of_life_is_missing_and_never_a_loss() -> None:
    person = born(190, None)
    assert stands(person, Outcome.LIVE_BIRTH) is MISSING
    assert stands(person, Outcome.MISCARRIAGE) is MISSING
    assert flags(person) == {Flag.SIGNS_OF_LIFE_UNKNOWN}


def test_a_second_pregnancy_after_a_loss_counts_for_both() -> None:
    loss = pregnancy(RANDOMISED, end=ended(RANDOMISED + 50 * DAY))
    child = pregnancy(date(2027, 4, 20), end=ended(date(2027, 4, 20) + 270 * DAY, True), number=2)
    person = of(loss, child)
    assert (stands(person, Outcome.MISCARRIAGE), stands(person, Outcome.LIVE_BIRTH)) == (Y, Y)


def test_an_open_clinical_pregnancy_is_pending_beyond_the_window() -> None:
    person = of(pregnancy(ZERO), on=date(2027, 9, 1))
    assert stands(person, Outcome.CLINICAL) is Y
    assert stands(person, Outcome.LIVE_BIRTH) is PENDING
    assert stands(person, Outcome.MISCARRIAGE, Denominator.CLINICAL) is PENDING
    assert stands(person, Outcome.PRETERM, Denominator.DELIVERIES) is PENDING


def test_before_the_window_closes_nothing_is_in_a_rate_yet() -> None:
    person = of(pregnancy(ZERO), on=date(2027, 6, 1))
    assert stands(person, Outcome.CLINICAL) is SO_FAR
    assert stands(of(on=date(2027, 6, 1)), Outcome.CLINICAL) is PENDING


def test_a_pregnancy_lost_to_follow_up_is_missing_and_the_clinical_pregnancy_stays() -> None:
    person = of(pregnancy(ZERO, lost_on=date(2027, 8, 1)))
    assert stands(person, Outcome.CLINICAL) is Y
    assert stands(person, Outcome.LIVE_BIRTH) is MISSING
    assert stands(person, Outcome.MISCARRIAGE, Denominator.CLINICAL) is MISSING


def test_who_was_lost_early_is_missing_and_not_a_no() -> None:
    person = read(control(lost_on=date(2027, 3, 1), visits=()), on=date(2027, 3, 2))
    assert {stands(person, one) for one in (Outcome.CLINICAL, Outcome.ONGOING, Outcome.LIVE_BIRTH)} == {
        MISSING
    }


def test_a_pregnancy_without_any_dating_cannot_be_classified() -> None:
    person = of(pregnancy(ZERO, datings=()))
    assert stands(person, Outcome.CLINICAL) is MISSING
    assert flags(person) == {Flag.NO_DATING}


def test_re_dating_computes_the_outcome_again_and_keeps_what_it_was_before() -> None:
    """domain.md §1.4: a scan six days younger at 8w0d moves a loss at 28w0d by the menses to 27w1d."""
    by_scan = Dating(
        method=DatingMethod.ULTRASOUND, on=ZERO + 56 * DAY, recorded_on=ZERO + 56 * DAY, measured_days=50
    )
    menses = pregnancy(ZERO, end=ended(ZERO + 196 * DAY, False))
    again = replace(menses, datings=(*menses.datings, by_scan))
    before, after = of(menses), of(again)
    assert (stands(before, Outcome.MISCARRIAGE), stands(after, Outcome.MISCARRIAGE)) == (N, Y)
    assert (stands(before, Outcome.PRETERM), stands(after, Outcome.PRETERM)) == (Y, N)
    dating = only(after).dated
    assert dating is not None
    assert (dating.zero, dating.zero_before) == (ZERO + 6 * DAY, ZERO)


def test_attempting_counts_only_who_tried_in_the_window() -> None:
    tried = control(conception_attempts=(ConceptionAttempt(on=date(2027, 2, 1), trying=True),))
    did_not = control(conception_attempts=(ConceptionAttempt(on=date(2027, 2, 1), trying=False),))
    assert stands(read(tried), Outcome.CLINICAL, Denominator.ATTEMPTING) is N
    assert stands(read(did_not), Outcome.CLINICAL, Denominator.ATTEMPTING) is OUT


def test_completion_asks_only_the_product_arm() -> None:
    assert stands(read(control()), Outcome.COMPLETION) is OUT
    assert stands(read(perfused()), Outcome.COMPLETION) is Y
    assert stands(read(perfused(second=None)), Outcome.COMPLETION) is PENDING
    decided = perfused(second=None, no_further_round_on=date(2027, 4, 1))
    assert stands(read(decided), Outcome.COMPLETION) is N


def test_a_pregnancy_between_the_rounds_stands_in_its_own_row() -> None:
    """domain.md §1.3, the anchor trap: conceived after randomisation and before follow-up began."""
    zero = date(2027, 2, 1)
    between = perfused(pregnancies=(pregnancy(zero),), second=None, no_further_round_on=date(2027, 3, 20))
    assert read(between).conceived_before_follow_up
    assert not read(perfused(pregnancies=(pregnancy(date(2027, 3, 5)),))).conceived_before_follow_up
    by_chance = read_person(between, DEFAULT, clock=Clock.RANDOMISATION, on=LATER)
    assert stands(by_chance, Outcome.CLINICAL) is Y
    assert not by_chance.conceived_before_follow_up


FIRST, SECOND, THIRD = date(2027, 2, 1), date(2027, 3, 1), date(2027, 4, 1)


def improved(*verdicts: bool | None, **more: object) -> PersonReading:
    samples = tuple(
        analysis(number, day, verdict)
        for number, (day, verdict) in enumerate(zip((FIRST, SECOND, THIRD), verdicts, strict=False), start=1)
    )
    rules = replace(DEFAULT, improvement=ImprovementDefinition(**more))  # type: ignore[arg-type]
    return read(control(analyses=(analysis(0, RANDOMISED, None), *samples)), rules=rules)


@pytest.mark.parametrize(
    ("over_time", "verdicts", "counts"),
    [
        ("any", (False, True, False), Y),
        ("last", (False, True, False), N),
        ("last", (False, False, True), Y),
        ("sustained", (True, False, True), N),
        ("sustained", (True, None, True), Y),
        ("sustained", (True,), MISSING),
        ("any", (False, False, False), N),
        ("any", (), MISSING),
    ],
)
def test_improvement_over_time_is_any_last_or_sustained(
    over_time: str, verdicts: tuple[bool | None, ...], counts: Standing
) -> None:
    """domain.md §5; what cannot be judged lies between assessable samples and does not break a row of them."""
    person = improved(*verdicts, over_time=over_time)
    assert stands(person, Outcome.IMPROVEMENT, Denominator.ASSESSABLE) is counts


def test_time_to_improvement_and_how_long_it_lasted() -> None:
    found = improved(False, True, True).improvement
    assert (found.days_to, found.days_lasting) == ((SECOND - RANDOMISED).days, (THIRD - SECOND).days)


def test_pregnancy_is_never_not_improved() -> None:
    """domain.md §5: informative missingness; both sensitivities are printed."""
    gone = analysis(1, SECOND, None, not_assessable=NotAssessable.PREGNANT)
    person = read(control(analyses=(gone,)))
    found = [
        stands(person, Outcome.IMPROVEMENT, one)
        for one in (Denominator.ASSESSABLE, Denominator.PREGNANT_EXCLUDED, Denominator.PREGNANT_IMPROVED)
    ]
    assert found == [MISSING, OUT, Y]


def test_in_the_worst_case_who_was_not_assessed_is_not_improved() -> None:
    person = read(control())
    assert stands(person, Outcome.IMPROVEMENT, Denominator.PREGNANT_EXCLUDED) is N
    assert stands(person, Outcome.IMPROVEMENT, Denominator.PREGNANT_IMPROVED) is N


def test_a_sample_before_or_after_the_window_improves_nobody() -> None:
    early, late = analysis(1, date(2027, 2, 20), True), analysis(2, date(2027, 9, 2), True)
    person = read(perfused(analyses=(early, late)))
    assert stands(person, Outcome.IMPROVEMENT, Denominator.ASSESSABLE) is MISSING


def test_who_was_never_perfused_is_in_the_worst_case_only() -> None:
    person = read(perfused(rounds=(), no_further_round_on=date(2027, 2, 1)))
    assert stands(person, Outcome.IMPROVEMENT, Denominator.ASSESSABLE) is OUT
    assert stands(person, Outcome.IMPROVEMENT, Denominator.PREGNANT_EXCLUDED) is N


def test_a_vanishing_twin_is_no_miscarriage_while_the_other_goes_on() -> None:
    one_gone = Ultrasound(
        on=ZERO + 70 * DAY,
        sacs_in_uterus=2,
        fetuses=(FetusSeen(fetus="A", heartbeat=True), FetusSeen(fetus="B", heartbeat=False)),
    )
    end = PregnancyEnd(
        on=ZERO + 265 * DAY,
        kind=PregnancyEndKind.ENDED,
        neonates=(Neonate(fetus="A", signs_of_life=True), Neonate(fetus="B", signs_of_life=False)),
    )
    person = of(pregnancy(ZERO, scan(ZERO + 42 * DAY, sacs=2), one_gone, end=end))
    assert (stands(person, Outcome.MISCARRIAGE), stands(person, Outcome.LIVE_BIRTH)) == (N, Y)
