"""Rules of screening: what must be on file before a sample, a decision or a round, and what is judged then."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from lims.domain.entries.envelope import Draft, Fact
from lims.domain.entries.screening import (
    EligibilityDecided,
    MenstrualSampleAnalysed,
    MenstrualSampleCollected,
    MenstrualSampleMissed,
    NoFurtherRound,
    PregnancyTested,
    PreScreened,
    ProtocolDeviationRecorded,
    RoundCancelled,
    RoundPlanned,
)
from lims.domain.participant import Participant, check_round
from lims.domain.protocol import StudyProtocol
from lims.domain.refusals import BadEntry, Refused
from lims.domain.trial.consent import check_signed_for_sample
from lims.domain.trial.nk_analysis import confirmed, inadequate, judge, normalised, partly, rule_set_of
from lims.domain.trial.screened import check_goes_on
from lims.domain.trial.screening_rules import Coded

HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
NO_FAILURE = "none"
"""No type of reproductive failure: she does not suffer from one."""


def _draft(person: Participant, fact: Fact) -> tuple[Draft, ...]:
    return (Draft(stream=person.stream, fact=fact),)


def check_code(listed: Sequence[Coded], code: str, *, field: str) -> None:
    """The code is one that the protocol offers."""
    if all(one.code != code for one in listed):
        raise BadEntry("choice.unknown", field=field)


def check_sample_consent(person: Participant, protocol: StudyProtocol) -> None:
    """No sample of any kind before consent (TR-1)."""
    missing = sorted(code for code in protocol.sample_scopes if code not in person.consent)
    if missing:
        raise Refused("screening.no_consent", scopes=", ".join(missing))


def may_sample(person: Participant, protocol: StudyProtocol, today: date) -> bool:
    """Menstrual blood may be taken as far as consent goes."""
    try:
        check_sample_consent(person, protocol)
        check_signed_for_sample(person.consent, protocol, today)
    except Refused:
        return False
    return True


def check_pre_screened(person: Participant) -> None:
    """She was pre-screened, and goes on."""
    first = person.screening.pre_screened
    if first is None:
        raise Refused("screening.not_pre_screened")
    if not first.goes_on:
        raise Refused("screening.does_not_go_on")


def pre_screen(
    person: Participant, fact: PreScreened, *, protocol: StudyProtocol, today: date
) -> tuple[Draft, ...]:
    """The first look at her; once she is randomised nothing of it changes."""
    rules = protocol.trial.screening
    if person.allocation is not None:
        raise Refused("screening.randomised")
    check_code(rules.recruited_by, fact.recruited_by, field="recruited_by")
    if fact.failure_type != NO_FAILURE:
        check_code(rules.failure_types, fact.failure_type, field="failure_type")
    for reason in fact.reasons:
        check_code(rules.not_eligible, reason, field="reasons")
    if fact.goes_on == bool(fact.reasons):
        raise BadEntry("screening.reasons", field="reasons")
    _check_past(fact.on, today, field="on")
    return _draft(person, fact)


def _check_past(day: date, today: date, *, field: str) -> None:
    if day > today:
        raise BadEntry("time.future", field=field)


def collect(
    person: Participant, fact: MenstrualSampleCollected, *, protocol: StudyProtocol, today: date
) -> tuple[Draft, ...]:
    """Menstrual blood is taken, after consent; its number is the next."""
    check_sample_consent(person, protocol)
    check_signed_for_sample(person.consent, protocol, today)
    check_pre_screened(person)
    waiting = person.screening.to_analyse
    if waiting:
        raise Refused("sample.waits", number=waiting.number)
    if not 1 <= fact.menses_day <= 31:
        raise BadEntry("screening.range", field="menses_day", least=1, most=31)
    if not 0 < fact.volume <= 500:
        raise BadEntry("screening.range", field="volume", least="0.01", most=500)
    _check_past(fact.last_menses + timedelta(days=fact.menses_day - 1), today, field="menses_day")
    if fact.ended_at < fact.began_at:
        raise BadEntry("time.order", field="ended_at", slot=fact.device)
    return _draft(person, replace(fact, number=person.screening.next_sample))


def analyse(
    person: Participant, fact: MenstrualSampleAnalysed, *, protocol: StudyProtocol
) -> tuple[Draft, ...]:
    """The sample is judged by the rule set that is hers: frozen by her eligibility, else the newest.

    A second analysis of the same sample corrects the first and needs a reason.
    """
    check_sample_consent(person, protocol)
    trial, screening = protocol.trial, person.screening
    sample = screening.samples.get(fact.number)
    if sample is None or sample.collected is None:
        raise Refused("sample.none", number=fact.number)
    if sample.analysed and fact.why is None:
        raise BadEntry("correction.reason", field="why")
    if fact.received_at < sample.collected.ended_at:
        raise BadEntry("time.order", field="received_at", slot=sample.collected.device)
    if fact.fcs_sha256 and not HASH.fullmatch(fact.fcs_sha256):
        raise BadEntry("sample.hash", field="fcs_sha256")
    rules = rule_set_of(screening.eligibility, trial.menstrual_blood)
    if rules is None:
        raise Refused("sample.no_rules")
    if not fact.readings:
        raise BadEntry("sample.nothing", field=f"marker-{rules.markers[0].code}")
    values = {one.code: one.value for one in fact.readings}
    faults = inadequate(sample.collected, fact, trial.adequacy)
    verdict = judge(values, rules)
    fact = replace(
        fact,
        inadequate=faults,
        adequacy_version=trial.adequacy.version,
        rule_set=rules.version,
        abnormal=None if faults else verdict.abnormal,
        abnormal_markers=() if faults else verdict.abnormal_markers,
        replaces_seq=sample.analysed_seq,
    )
    first = screening.baseline
    if fact.number > 0 and first and not faults:
        share = trial.improvement.partial_share
        fact = replace(
            fact,
            normalised=normalised(first.values, values, rules),
            partial=partly(first.values, values, rules, share=share),
        )
    return _draft(person, fact)


def miss(person: Participant, fact: MenstrualSampleMissed, *, today: date) -> tuple[Draft, ...]:
    """A planned sample cannot be assessed; a baseline is simply taken in a later cycle."""
    waiting = person.screening.to_analyse
    if waiting:
        raise Refused("sample.waits", number=waiting.number)
    if person.screening.baseline is None:
        raise Refused("sample.baseline")
    _check_past(fact.due_on, today, field="due_on")
    return _draft(person, replace(fact, number=person.screening.next_sample))


def abnormality(person: Participant, protocol: StudyProtocol) -> bool | None:
    """The verdict on her menstrual blood before the decision, by the newest rule set, confirmed as it asks for."""
    rules = rule_set_of(None, protocol.trial.menstrual_blood)
    if rules is None:
        return None
    judged = [
        (sample.collected.last_menses, judge(sample.values, rules).abnormal)
        for sample in person.screening.samples.values()
        if sample.collected and sample.analysed and not sample.analysed.inadequate
    ]
    return confirmed(judged, rules)


def criteria_not_met(
    person: Participant, protocol: StudyProtocol, *, failure_type: str, wishes_to_conceive: bool
) -> tuple[str, ...]:
    """Codes of the criteria of the registered text that she does not meet."""
    found = []
    if failure_type == NO_FAILURE:
        found.append("no_reproductive_failure")
    if not wishes_to_conceive:
        found.append("no_wish_to_conceive")
    verdict = abnormality(person, protocol)
    if verdict is not True:
        found.append("menstrual_blood_normal" if verdict is False else "menstrual_blood_not_judged")
    return tuple(found)


def decide(
    person: Participant,
    *,
    eligible: bool,
    reasons: tuple[str, ...],
    failure_type: str,
    wishes_to_conceive: bool,
    protocol: StudyProtocol,
    today: date,
) -> tuple[Draft, ...]:
    """The investigator decides; who does not meet a criterion cannot be found eligible, and the reason is on file.

    The rule set that judged her menstrual blood is frozen: a later one never judges her again.
    """
    if person.allocation is not None:
        raise Refused("screening.randomised")
    check_sample_consent(person, protocol)
    check_pre_screened(person)
    if failure_type != NO_FAILURE:
        check_code(protocol.trial.screening.failure_types, failure_type, field="failure_type")
    for reason in reasons:
        check_code(protocol.trial.screening.not_eligible, reason, field="reasons")
    if person.screening.baseline is None:
        raise Refused("sample.baseline")
    unmet = criteria_not_met(
        person, protocol, failure_type=failure_type, wishes_to_conceive=wishes_to_conceive
    )
    if eligible and reasons:
        raise BadEntry("screening.reasons", field="reasons")
    if eligible and unmet:
        raise Refused("eligibility.criterion", why=", ".join(code.replace("_", " ") for code in unmet))
    if not eligible and not (reasons or unmet):
        raise BadEntry("screening.reasons", field="reasons")
    fact = EligibilityDecided(
        on=today,
        eligible=eligible,
        reasons=(*unmet, *reasons),
        failure_type=failure_type,
        wishes_to_conceive=wishes_to_conceive,
        abnormal=abnormality(person, protocol),
        rule_set=rule_set_of(None, protocol.trial.menstrual_blood),
        protocol=protocol.version,
    )
    return _draft(person, fact)


def check_eligible(person: Participant) -> None:
    """She was found eligible by a decision on file."""
    decision = person.screening.eligibility
    if decision is None or not decision.eligible:
        raise Refused("participant.not_eligible")


def record_test(person: Participant, fact: PregnancyTested, *, today: date) -> tuple[Draft, ...]:
    """A pregnancy test, of today or before."""
    _check_past(fact.on, today, field="on")
    return _draft(person, fact)


def plan_round(
    person: Participant,
    *,
    number: int,
    last_menses: date,
    cycle_day: int,
    protocol: StudyProtocol,
    today: date,
) -> tuple[Draft, ...]:
    """The day of a round by her cycle, not before the interval after the round before."""
    check_goes_on(person.screening)
    if not 1 <= cycle_day <= 60:
        raise BadEntry("screening.range", field="cycle_day", least=1, most=60)
    if not person.round(number).open_batch:
        check_round(person, number, protocol)
    _check_past(last_menses, today, field="last_menses")
    planned = last_menses + timedelta(days=cycle_day - 1)
    if planned < today:
        raise BadEntry("round.day_past", field="cycle_day", day=planned.isoformat())
    fact = RoundPlanned(round=number, last_menses=last_menses, cycle_day=cycle_day, planned_on=planned)
    return _draft(person, fact)


def cancel_round(
    person: Participant, *, number: int, on: date, reason: str, protocol: StudyProtocol, today: date
) -> tuple[Draft, ...]:
    """A planned round is called off; a batch in the making is ended by quality, with its own reason."""
    check_code(protocol.trial.rounds.cancelled, reason, field="reason")
    _check_past(on, today, field="on")
    this = person.round(number)
    if this.perfused:
        raise Refused("round.perfused", round=number)
    if number not in person.screening.plans and not this.order and not this.attempts:
        raise Refused("round.not_planned", round=number)
    return _draft(person, RoundCancelled(round=number, on=on, reason=reason))


def end_rounds(
    person: Participant, *, on: date, reason: str, protocol: StudyProtocol, today: date
) -> tuple[Draft, ...]:
    """It is decided that no further round follows; a batch in the making must be ended first."""
    check_code(protocol.trial.rounds.no_further, reason, field="reason")
    _check_past(on, today, field="on")
    check_goes_on(person.screening)
    if person.allocation is None:
        raise Refused("participant.not_allocated")
    open_batch = next((this.open_batch for this in person.rounds.values() if this.open_batch), None)
    if open_batch:
        raise Refused("round.open_batch", batch=open_batch)
    if person.round(protocol.rounds).perfused:
        raise Refused("round.perfused", round=protocol.rounds)
    return _draft(person, NoFurtherRound(on=on, reason=reason))


def deviate(
    person: Participant, fact: ProtocolDeviationRecorded, *, protocol: StudyProtocol, today: date
) -> tuple[Draft, ...]:
    """A departure from the study protocol; whether it is major, the investigator says."""
    check_code(protocol.trial.screening.deviations, fact.code, field="code")
    _check_past(fact.on, today, field="on")
    return _draft(person, fact)
