"""What must be on file before a sample, a decision and a round; what each decision freezes."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from lims.domain.entries.screening import (
    MenstrualSampleMissed,
    NoFurtherRound,
    PregnancyTested,
)
from lims.domain.entries.trial import AllocationRecorded
from lims.domain.participant import order
from lims.domain.refusals import BadEntry, Refused
from lims.domain.trial import screening
from lims.domain.trial.course import NotAssessable
from lims.domain.trial.screened import check_tested
from tests.screened_woman import ABNORMAL, NORMAL, PROTOCOL, START, TODAY, Woman, analysis, collection


def ready() -> Woman:
    return Woman().pre_screened().consented()


def randomised() -> Woman:
    arm = AllocationRecorded(arm="perfusion", source="s", reference="1", allocated_at=START)
    return ready().sampled(ABNORMAL).decided().put(arm)


def refused(woman: Woman, rule: str, act: object) -> None:
    """The act is refused by this rule and nothing went on file."""
    before = len(woman.entries)
    with pytest.raises(Refused) as found:
        act()  # type: ignore[operator]
    assert found.value.rule == rule and len(woman.entries) == before


def test_no_menstrual_blood_before_consent() -> None:
    """TR-1: no sample of any kind before consent."""
    woman = Woman().pre_screened()
    refused(woman, "screening.no_consent", lambda: woman.sampled(ABNORMAL))


def test_consent_to_treatment_alone_allows_no_sample() -> None:
    woman = Woman().pre_screened().consented("treatment")
    refused(woman, "screening.no_consent", lambda: woman.sampled(ABNORMAL))


def test_no_sample_of_who_was_not_pre_screened_or_does_not_go_on() -> None:
    """Domain 1.3."""
    woman = Woman().consented()
    refused(woman, "screening.not_pre_screened", lambda: woman.sampled(ABNORMAL))
    woman.pre_screened(goes_on=False, reasons=("age",))
    refused(woman, "screening.does_not_go_on", lambda: woman.sampled(ABNORMAL))


@pytest.mark.parametrize(("goes_on", "reasons"), [(True, ("age",)), (False, ())])
def test_reasons_stand_with_who_does_not_go_on_and_with_nobody_else(
    goes_on: bool, reasons: tuple[str, ...]
) -> None:
    woman = Woman()
    refused(woman, "screening.reasons", lambda: woman.pre_screened(goes_on=goes_on, reasons=reasons))


def test_one_sample_waits_for_its_analysis_at_a_time() -> None:
    woman = ready()
    woman.by(lambda p: screening.collect(p, collection(), protocol=PROTOCOL, today=TODAY))
    refused(
        woman,
        "sample.waits",
        lambda: woman.by(lambda p: screening.collect(p, collection(), protocol=PROTOCOL, today=TODAY)),
    )


def test_a_baseline_that_is_not_adequate_is_taken_again_and_the_first_stays_on_file() -> None:
    woman = ready().sampled(ABNORMAL, cd45_events=12)
    assert woman.record.screening.baseline is None and woman.record.screening.next_sample == 0
    woman.sampled(ABNORMAL, menses=date(2026, 3, 1))
    assert woman.record.screening.baseline is not None and woman.record.screening.next_sample == 1
    assert sum(one.fact.kind == "menstrual_sample_analysed.1" for one in woman.entries) == 2


def test_a_second_analysis_of_a_sample_needs_a_reason() -> None:
    """21 CFR 11.10(e)."""
    woman = ready().sampled(ABNORMAL)
    again = analysis(0, NORMAL)
    refused(
        woman,
        "correction.reason",
        lambda: woman.by(lambda p: screening.analyse(p, again, protocol=PROTOCOL)),
    )


def test_eligible_needs_an_abnormal_baseline_a_failure_and_a_wish() -> None:
    """The three things that the registered text asks for."""
    refused(woman := ready(), "sample.baseline", lambda: woman.decided())
    refused(woman := ready().sampled(NORMAL), "eligibility.criterion", lambda: woman.decided())
    refused(woman := ready().sampled(ABNORMAL), "eligibility.criterion", lambda: woman.decided(wish=False))
    fact = ready().sampled(ABNORMAL).decided().record.screening.eligibility
    assert fact is not None and (fact.eligible, fact.abnormal, fact.failure_type) == (
        True,
        True,
        "recurrent_loss",
    )


def test_what_the_record_tells_is_a_reason_by_itself() -> None:
    fact = ready().sampled(NORMAL).decided(eligible=False).record.screening.eligibility
    assert fact is not None and fact.reasons == ("menstrual_blood_normal",)


def test_not_eligible_without_any_reason_is_asked_again() -> None:
    woman = ready().sampled(ABNORMAL)
    with pytest.raises(BadEntry) as found:
        woman.decided(eligible=False)
    assert (found.value.rule, found.value.field) == ("screening.reasons", "reasons")


def test_the_whole_rule_set_is_frozen_by_the_decision() -> None:
    """Domain 5: also where the protocol forgets the version later."""
    fact = ready().sampled(ABNORMAL).decided().record.screening.eligibility
    assert fact is not None and fact.rule_set == PROTOCOL.trial.menstrual_blood[-1]


def test_two_cycles_are_asked_for_where_the_rule_set_says_so() -> None:
    twice = replace(PROTOCOL.trial.menstrual_blood[0], confirm_cycles=2)
    protocol = replace(PROTOCOL, trial=replace(PROTOCOL.trial, menstrual_blood=(twice,)))
    woman = Woman(protocol).pre_screened().consented().sampled(ABNORMAL, menses=date(2026, 2, 1))
    refused(woman, "eligibility.criterion", lambda: woman.decided())
    woman.sampled(ABNORMAL, menses=date(2026, 3, 1)).decided()
    assert woman.record.screening.eligibility is not None


def test_nothing_of_screening_changes_after_randomisation() -> None:
    """TR-6."""
    woman = randomised()
    refused(woman, "screening.randomised", lambda: woman.decided(eligible=False, reasons=("age",)))
    refused(woman, "screening.randomised", lambda: woman.pre_screened())


def test_a_sample_that_was_missed_takes_the_next_number() -> None:
    woman = randomised()
    fact = MenstrualSampleMissed(number=0, due_on=date(2026, 3, 19), why=NotAssessable.PREGNANT)
    woman.by(lambda p: screening.miss(p, fact, today=TODAY))
    assert woman.record.screening.samples[1].missed is not None


def test_a_positive_test_stops_an_order_until_a_later_one_is_negative() -> None:
    """Domain 1.3: the pregnancy gate."""
    woman = randomised().put(PregnancyTested(on=date(2026, 3, 10), sample="urine", positive=True))

    def ordered() -> object:
        return order(woman.record, number=1, code="1" * 16, planned_at=START, ward="3", protocol=PROTOCOL)

    refused(woman, "round.pregnant", ordered)
    woman.put(PregnancyTested(on=date(2026, 3, 1), sample="urine", positive=False))
    refused(woman, "round.pregnant", ordered)
    woman.put(PregnancyTested(on=date(2026, 3, 12), sample="blood", positive=False))
    assert ordered()


@pytest.mark.parametrize(("age", "allowed"), [(0, True), (1, True), (2, False)])
def test_a_test_counts_as_many_days_as_the_protocol_says(age: int, allowed: bool) -> None:
    woman = randomised().put(PregnancyTested(on=TODAY - timedelta(days=age), sample="urine", positive=False))

    def check() -> None:
        check_tested(woman.record.screening, today=TODAY, within_days=1)

    if allowed:
        check()
    else:
        refused(woman, "round.pregnancy_test", check)


def test_no_round_is_planned_or_ordered_after_the_decision_that_none_follows() -> None:
    woman = randomised().put(NoFurtherRound(on=date(2026, 3, 19), reason="safety"))
    refused(woman, "round.no_further", lambda: planned(woman))


def planned(woman: Woman, menses: date = date(2026, 3, 15)) -> Woman:
    return woman.by(
        lambda p: screening.plan_round(
            p, number=1, last_menses=menses, cycle_day=21, protocol=PROTOCOL, today=TODAY
        )
    )


def test_a_round_is_planned_by_the_day_of_her_cycle() -> None:
    """Day 1 is the first of bleeding: day 21 of a cycle that began on the 15th of March is the 4th of April."""
    assert planned(randomised()).record.screening.plans[1].planned_on == date(2026, 4, 4)


def test_a_day_that_is_past_is_no_plan() -> None:
    woman = randomised()
    refused(woman, "round.day_past", lambda: planned(woman, menses=date(2026, 2, 1)))


def test_only_what_was_planned_or_begun_can_be_called_off() -> None:
    woman = randomised()

    def cancelled() -> Woman:
        return woman.by(
            lambda p: screening.cancel_round(
                p, number=1, on=TODAY, reason="cycle", protocol=PROTOCOL, today=TODAY
            )
        )

    refused(woman, "round.not_planned", cancelled)
    planned(woman)
    assert cancelled().record.screening.plans == {}
