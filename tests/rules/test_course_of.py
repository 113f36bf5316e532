"""A participant's stream as the course that figures and exports read."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from lims.domain.entries.screening import NoFurtherRound, RoundCancelled, RoundPlanned
from lims.domain.entries.trial import AllocationRecorded, ConsentWithdrawn
from lims.domain.trial.course import Cohort, Course, NotAssessable
from lims.domain.trial.course_of import course_of
from tests.screened_woman import ABNORMAL, NORMAL, PROTOCOL, Woman

ZONE = ZoneInfo("Asia/Shanghai")


def course(woman: Woman) -> Course:
    return course_of(woman.record, protocol=woman.protocol, batches={}, zone=ZONE)


def screened() -> Woman:
    return Woman().pre_screened().consented().sampled(ABNORMAL)


def randomised(arm: str = "perfusion") -> Woman:
    at = datetime(2026, 3, 20, 17, tzinfo=UTC)
    return screened().decided().put(AllocationRecorded(arm=arm, source="s", reference="1", allocated_at=at))


def test_who_is_only_pre_screened_is_in_no_denominator() -> None:
    assert course(Woman().pre_screened()).cohort is Cohort.PRE_SCREENED


def test_an_analysis_makes_her_one_of_those_who_are_followed() -> None:
    """Registry text: data are recorded for all who undergo the analysis."""
    found = course(screened().decided(eligible=False, reasons=("declined",)))
    assert found.cohort is Cohort.NOT_RANDOMISED
    assert found.registered_on == date(2026, 3, 2)
    assert found.eligibility and found.eligibility.reasons == ("declined",)


def test_the_day_of_randomisation_is_that_of_the_site() -> None:
    """17:00 UTC is the next day in Shanghai."""
    found = course(randomised()).randomisation
    assert found and found.on == date(2026, 3, 21) and found.receives_product


def test_a_control_has_no_planned_round() -> None:
    assert (course(randomised("control")).planned_rounds, course(randomised()).planned_rounds) == (0, 2)


def test_the_baseline_has_a_verdict_and_no_improvement() -> None:
    (first,) = course(screened()).analyses
    assert (first.number, first.abnormal, first.normalised) == (0, True, None)
    assert {one.code for one in first.readings if one.abnormal} == {"cd49a", "cd16_dim"}


def test_a_sample_that_is_not_adequate_is_not_assessable() -> None:
    woman = randomised().sampled(NORMAL, menses=date(2026, 4, 1), cd45_events=9_999)
    assert course(woman).analyses[-1].not_assessable is NotAssessable.INADEQUATE
    assert course(woman).analyses[-1].normalised is None


def test_a_new_rule_set_never_judges_a_randomised_woman_again() -> None:
    """Domain 5: the version is frozen at eligibility."""
    woman = randomised()
    before = course(woman).analyses
    newer = replace(PROTOCOL.trial.menstrual_blood[0], version="2", combination="all")
    trial = replace(PROTOCOL.trial, menstrual_blood=(*PROTOCOL.trial.menstrual_blood, newer))
    woman.protocol = replace(PROTOCOL, trial=trial)
    assert course(woman).analyses == before
    woman.sampled(ABNORMAL, menses=date(2026, 4, 1))
    assert [one.rule_set for one in course(woman).analyses] == ["1", "1"]


def test_withdrawal_of_everything_ends_what_is_known_and_of_treatment_alone_does_not() -> None:
    """ICH E9(R1): who stops treatment is followed on."""
    treatment = randomised().put(ConsentWithdrawn(scopes=("treatment",), reason=None))
    whole = randomised().put(ConsentWithdrawn(scopes=("treatment", "data", "samples"), reason=None))
    assert course(treatment).withdrawn_on is None
    assert course(whole).withdrawn_on == date(2026, 3, 2)


def test_a_called_off_round_keeps_its_reason_and_loses_its_day() -> None:
    plan = RoundPlanned(round=1, last_menses=date(2026, 4, 1), cycle_day=21, planned_on=date(2026, 4, 21))
    woman = randomised().put(plan)
    assert course(woman).rounds[0].planned_on == date(2026, 4, 21)
    woman.put(RoundCancelled(round=1, on=date(2026, 4, 20), reason="cycle"))
    (found,) = course(woman).rounds
    assert found.planned_on is None and [one.reason for one in found.cancellations] == ["cycle"]


def test_the_decision_that_no_round_follows_has_its_day() -> None:
    woman = randomised().put(NoFurtherRound(on=date(2026, 5, 1), reason="pregnant"))
    assert course(woman).no_further_round_on == date(2026, 5, 1)
