"""The flow, enrolment, lanes and products of a simulated trial: counted from the record, and adding up."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from lims.domain.acts import Role
from lims.domain.trial.course import AttemptEnd, Course, Eligibility, ManufacturingAttempt, Measured
from lims.domain.trial.definitions import EnrolmentPlan, TrialDefinitions
from lims.domain.trial.enrolment import enrolment
from lims.domain.trial.flow import Flow, Place, flow
from lims.domain.trial.lanes import Happened, lanes
from lims.domain.trial.products import attributes, made, round_results, success, times
from lims.domain.trial.report import groups_of, read_everyone
from lims.domain.trial.sight import may_see_by_arm
from lims.domain.trial.standing import Clock, PersonReading
from tests.course_builder import CONTROL, DAY, PERFUSION, analysis, control, moment, perfused, pregnancy
from tests.trial_generator import EVERYTHING_KNOWN, simulate

DEFAULT = TrialDefinitions()
ARMS = groups_of([(PERFUSION, True), (CONTROL, False)], by_arm=True)
TRIAL = simulate(seed=7)
MIDWAY = date(2028, 3, 1)

OF_PREGNANCIES = {Happened.CLINICAL, Happened.LIVE_BIRTH, Happened.ENDED_OTHERWISE}


def read(*courses: Course, on: date = EVERYTHING_KNOWN) -> tuple[PersonReading, ...]:
    return read_everyone(courses, DEFAULT, on=on)[Clock.FOLLOW_UP]


def drawn(on: date) -> Flow:
    return flow(TRIAL.courses, read(*TRIAL.courses, on=on), ARMS, on=on)


def test_the_trunk_has_both_denominators() -> None:
    """159 randomised 2:1, and everyone analysed is registered (registry text)."""
    counts = {box.place: box.count for box in drawn(EVERYTHING_KNOWN).trunk}
    assert counts == {
        Place.ASSESSED: 219,
        Place.NOT_ANALYSED: 0,
        Place.REGISTERED: 219,
        Place.NOT_RANDOMISED: 60,
        Place.RANDOMISED: 159,
    }


@pytest.mark.parametrize("on", [MIDWAY, EVERYTHING_KNOWN])
def test_every_level_of_an_arm_adds_up_to_who_was_allocated(on: date) -> None:
    for branch in drawn(on).branches:
        boxes = {box.place: set(box.people) for box in branch.boxes}
        meant = {one.trial_id for one in TRIAL.truth if one.arm == branch.arm}
        assert boxes[Place.ALLOCATED] == boxes[Place.ANALYSED] == meant
        follow_up = (Place.NOT_FOLLOWED_YET, Place.IN_FOLLOW_UP, Place.LEFT, Place.FOLLOWED)
        assert sum(len(boxes[place]) for place in follow_up) == len(meant)
        assert set.union(*(boxes[place] for place in follow_up)) == meant
        if branch.arm == PERFUSION:
            rounds = (Place.NO_ROUND, Place.ONE_ROUND, Place.ALL_ROUNDS)
            assert sum(len(boxes[place]) for place in rounds) == len(meant)


def test_the_arm_without_product_has_no_rounds() -> None:
    branch = next(one for one in drawn(EVERYTHING_KNOWN).branches if one.arm == CONTROL)
    assert not {Place.NO_ROUND, Place.ONE_ROUND, Place.ALL_ROUNDS} & {box.place for box in branch.boxes}


def test_who_went_no_further_has_a_reason_or_is_undecided() -> None:
    normal = Eligibility(on=date(2027, 1, 9), eligible=False, reasons=("nk_normal",))
    courses = [
        Course(trial_id="DNK-001", registered_on=date(2027, 1, 2), eligibility=normal),
        Course(trial_id="DNK-002", registered_on=date(2027, 1, 2)),
    ]
    courses.append(Course(trial_id="DNK-003", pre_screened_on=date(2027, 1, 2), not_going_on=("declined",)))
    told = [one.reasons for one in flow(courses, read(*courses), ARMS, on=MIDWAY).trunk if one.reasons]
    assert told == [
        (("declined", ("DNK-003",)),),
        (("nk_normal", ("DNK-001",)), ("undecided", ("DNK-002",))),
    ]


def test_enrolment_counts_both_denominators_beside_the_plan() -> None:
    found = enrolment(TRIAL.courses, EnrolmentPlan(begins=date(2027, 1, 1), months=24), on=MIDWAY)
    february = found.months[13]
    assert february.ends == date(2028, 2, 29)
    assert february.registered == sum(one.registered_on <= february.ends for one in TRIAL.courses)  # type: ignore[operator]
    assert february.randomised == sum(
        one.randomisation.on <= february.ends for one in TRIAL.courses if one.randomisation
    )
    assert february.planned == 159 * 14 // 24
    assert found.months[-1].registered is None
    assert found.months[23].planned == 159


def test_the_expected_day_follows_the_pace_of_six_months() -> None:
    begins = date(2027, 1, 1)
    pace = [
        replace(control(f"DNK-{n:03d}"), randomisation=replace(_chance(), on=begins + n * 10 * DAY))
        for n in range(40)
    ]
    on = begins + 399 * DAY
    found = enrolment(pace, EnrolmentPlan(begins=begins, target=60), on=on)
    assert found.randomised == 40
    # 18 or 19 in the last 184 days, so the 20 that are left take about 200 days.
    assert found.expected is not None
    assert timedelta(days=190) < found.expected - on < timedelta(days=210)


def _chance():  # type: ignore[no-untyped-def]
    chance = control().randomisation
    assert chance is not None
    return chance


def test_without_anybody_lately_no_day_can_be_expected() -> None:
    assert enrolment([], EnrolmentPlan(), on=MIDWAY).expected is None
    assert enrolment([control()], EnrolmentPlan(), on=date(2029, 1, 1)).expected is None


def test_a_lane_hides_pregnancies_from_who_may_not_see_them() -> None:
    course = perfused(pregnancies=(pregnancy(date(2027, 3, 10)),))
    (open_,) = lanes(read(course), on=date(2027, 8, 1), with_pregnancies=True)
    (closed,) = lanes(read(course), on=date(2027, 8, 1), with_pregnancies=False)
    assert {mark.what for mark in open_.marks} & OF_PREGNANCIES == {Happened.CLINICAL}
    assert not {mark.what for mark in closed.marks} & OF_PREGNANCIES
    assert open_.last_day == closed.last_day


def test_a_lane_is_as_long_in_the_end_with_and_without_a_birth_only_for_who_may_see() -> None:
    """A lane that ran on to the delivery would tell the outcome that it hides."""
    course = perfused(pregnancies=(pregnancy(date(2027, 3, 10)),))
    later = date(2028, 6, 1)
    (closed,) = lanes(read(course), on=later, with_pregnancies=False)
    plain = lanes(read(perfused()), on=later, with_pregnancies=False)
    assert closed.last_day == plain[0].last_day


def test_everyone_randomised_has_one_lane_and_nobody_else() -> None:
    found = lanes(read(*TRIAL.courses), on=EVERYTHING_KNOWN, with_pregnancies=True)
    assert sorted(lane.trial_id for lane in found) == [one.trial_id for one in TRIAL.truth if one.arm]


def with_batches(*attempts: ManufacturingAttempt) -> Course:
    base = perfused(second=None)
    one = replace(base.rounds[0], attempts=attempts, batch="0002", delivered_dose=Decimal("1.2E7"))
    return replace(base, rounds=(one,))


FAILED = ManufacturingAttempt(number=1, batch="0001", opened_on=date(2027, 1, 4), ended=AttemptEnd.FAILED)
GIVEN = ManufacturingAttempt(
    number=2,
    batch="0002",
    opened_on=date(2027, 1, 11),
    collected_at=moment(date(2027, 1, 11)) - timedelta(hours=4),
    ended=AttemptEnd.PERFUSED,
    measured=(Measured(code="viability", value=Decimal("91.5"), unit="%"),),
)
OPEN = ManufacturingAttempt(number=3, batch="0003", opened_on=date(2027, 2, 1))


def test_vein_to_perfusion_is_from_the_collection_to_the_perfusion_of_the_same_batch() -> None:
    found = times(made([with_batches(FAILED, GIVEN)]))
    assert [one.attempt.batch for one in found.batches] == ["0002"]
    assert found.median == timedelta(days=14, hours=4)
    unknown = times(made([with_batches(replace(GIVEN, collected_at=None))]))
    assert (unknown.median, unknown.unknown) == (None, 1)


def test_a_batch_that_is_still_open_is_in_no_success_rate() -> None:
    (first,) = success(made([with_batches(FAILED, GIVEN, OPEN)]))
    assert (first.started, first.open, first.perfused) == (3, 1, 1)
    assert first.share is not None
    assert first.share.value == Decimal("0.5")


def test_every_batch_of_the_simulated_trial_ended_in_exactly_one_way() -> None:
    batches = made(TRIAL.courses)
    for one in success(batches):
        assert one.started == one.open + sum(count for _, count in one.by_end)
    assert sum(one.perfused for one in success(batches)) == sum(one.rounds for one in TRIAL.truth)


def test_a_round_is_followed_until_the_next_round() -> None:
    """Attribute beside outcome: what came after the second perfusion is none of the first round's doing."""
    course = perfused(
        analyses=(analysis(1, date(2027, 2, 20), False), analysis(2, date(2027, 4, 1), True)),
        pregnancies=(pregnancy(date(2027, 4, 10)),),
    )
    first, second = round_results(read(course), DEFAULT)
    assert (first.improved, first.pregnant) == (False, False)
    assert (second.improved, second.pregnant) == (True, True)


def test_attributes_are_the_dose_and_what_quality_control_measured() -> None:
    (result,) = round_results(read(with_batches(GIVEN)), DEFAULT)
    assert attributes((result,)) == (("dose", ""), ("viability", "%"))
    assert (result.value("dose"), result.value("viability")) == (Decimal("1.2E7"), Decimal("91.5"))
    assert result.value("cd56") is None
    assert attributes(()) == ()


def test_a_failed_attempt_of_a_perfused_round_has_no_time_to_perfusion() -> None:
    failed = replace(FAILED, collected_at=moment(date(2027, 1, 2)))
    found = {one.attempt.batch: one.vein_to_perfusion for one in made([with_batches(failed, GIVEN)])}
    assert found == {"0001": None, "0002": timedelta(days=14, hours=4)}


def test_a_statistician_who_also_enrols_or_treats_does_not_see_by_arm() -> None:
    """ICH E9 4.5; the roles cannot be held together, and sight does not rely on that."""
    for other in (Role.COORDINATOR, Role.CLINICIAN):
        assert not may_see_by_arm({Role.STATISTICIAN, other}, locked=False)
    assert may_see_by_arm({Role.STATISTICIAN}, locked=False)
