"""From what is on file about a participant and her batches to her course, which figures and exports read."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from lims.domain.batch_record import BatchRecord
from lims.domain.entries.envelope import Entry
from lims.domain.entries.screening import MenstrualSampleAnalysed
from lims.domain.entries.trial import ConsentRecorded
from lims.domain.participant import Participant
from lims.domain.protocol import StudyProtocol
from lims.domain.trial.attempts import attempt_of
from lims.domain.trial.course import (
    Cancellation,
    Course,
    CourseRound,
    Eligibility,
    NkAnalysis,
    NotAssessable,
    ProtocolDeviation,
    Randomisation,
)
from lims.domain.trial.nk_analysis import judge, rule_set_of
from lims.domain.trial.screened import MenstrualSample, Screened


def course_of(
    person: Participant, *, protocol: StudyProtocol, batches: Mapping[str, BatchRecord], zone: ZoneInfo
) -> Course:
    """Her course; `batches` holds at least the batches of her rounds."""
    screening, followed = person.screening, person.followed
    arm = protocol.arm(person.allocation.arm) if person.allocation else None
    return Course(
        trial_id=person.trial_id,
        pre_screened_on=screening.pre_screened.on if screening.pre_screened else None,
        not_going_on=screening.pre_screened.reasons if screening.pre_screened else (),
        consented_on=_consented_on(person),
        registered_on=_registered_on(person, zone),
        eligibility=_eligibility(screening),
        randomisation=_randomisation(person, protocol, zone),
        planned_rounds=protocol.rounds if arm and arm.receives_product else 0,
        no_further_round_on=screening.no_further.on if screening.no_further else None,
        withdrawn_on=_day(followed.withdrawn_at, zone) if followed.withdrawn_at else None,
        lost_on=followed.lost_on,
        deviations=tuple(
            ProtocolDeviation(on=fact.on, code=fact.code, major=fact.major) for fact in screening.deviations
        ),
        analyses=analyses_of(screening, protocol),
        rounds=_rounds(person, protocol, batches, zone),
        visits=followed.visits,
        reached_on=max((one.on for one in followed.contacts if one.reached), default=None),
        conception_attempts=followed.conception_attempts,
        pregnancies=followed.pregnancies,
        adverse_events=followed.adverse_events,
    )


def analyses_of(screening: Screened, protocol: StudyProtocol) -> tuple[NkAnalysis, ...]:
    """Her analyses by number, each with the verdict that counts; a sample not analysed yet is none."""
    found = (_analysis(sample, screening, protocol) for sample in _in_order(screening))
    return tuple(one for one in found if one is not None)


def _in_order(screening: Screened) -> list[MenstrualSample]:
    return [screening.samples[number] for number in sorted(screening.samples)]


def _analysis(sample: MenstrualSample, screening: Screened, protocol: StudyProtocol) -> NkAnalysis | None:
    on = sample.on
    if on is None:
        return None
    if sample.missed:
        return NkAnalysis(number=sample.number, on=on, not_assessable=sample.missed.why)
    fact = sample.analysed
    if fact is None:
        return None
    if fact.inadequate:
        return NkAnalysis(
            number=sample.number, on=on, rule_set=fact.rule_set, not_assessable=NotAssessable.INADEQUATE
        )
    rules = rule_set_of(screening.eligibility, protocol.trial.menstrual_blood, fact.rule_set)
    verdict = judge(sample.values, rules) if rules else None
    # The rule set frozen by her eligibility counts, also where a sample before it was judged by another version.
    rejudged = verdict is not None and rules is not None and rules.version != fact.rule_set
    return NkAnalysis(
        number=sample.number,
        on=on,
        rule_set=rules.version if rejudged and rules else fact.rule_set,
        abnormal=verdict.abnormal if rejudged and verdict else fact.abnormal,
        normalised=fact.normalised,
        partial=fact.partial,
        readings=verdict.readings if verdict else (),
    )


def _eligibility(screening: Screened) -> Eligibility | None:
    fact = screening.eligibility
    if fact is None:
        return None
    return Eligibility(
        on=fact.on,
        eligible=fact.eligible,
        reasons=fact.reasons,
        failure_type=fact.failure_type,
        rule_set=fact.rule_set.version if fact.rule_set else "",
    )


def _randomisation(person: Participant, protocol: StudyProtocol, zone: ZoneInfo) -> Randomisation | None:
    fact, error = person.allocation, person.randomised_in_error
    if fact is None:
        return None
    arm = protocol.arm(fact.arm)
    return Randomisation(
        on=_day(fact.allocated_at, zone),
        at=fact.allocated_at,
        arm=fact.arm,
        receives_product=bool(arm and arm.receives_product),
        stratum=fact.stratum or "",
        in_error_on=_day(error.time, zone) if error else None,
    )


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def _consented_on(person: Participant) -> date | None:
    signed = (entry.fact.signed_on for entry in person.entries if isinstance(entry.fact, ConsentRecorded))
    return min(signed, default=None)


def _registered_on(person: Participant, zone: ZoneInfo) -> date | None:
    """The day on which her menstrual blood was first analysed, whatever came of it."""
    first = (entry for entry in person.entries if isinstance(entry.fact, MenstrualSampleAnalysed))
    return next((_analysed_on(entry, zone) for entry in first), None)


def _analysed_on(entry: Entry, zone: ZoneInfo) -> date:
    assert isinstance(entry.fact, MenstrualSampleAnalysed)
    return _day(entry.fact.received_at, zone)


def _rounds(
    person: Participant, protocol: StudyProtocol, batches: Mapping[str, BatchRecord], zone: ZoneInfo
) -> tuple[CourseRound, ...]:
    screening = person.screening
    known = {*person.rounds, *screening.plans, *(one.round for one in screening.cancelled)}
    return tuple(_round(person, number, protocol, batches, zone) for number in sorted(known))


def _round(
    person: Participant,
    number: int,
    protocol: StudyProtocol,
    batches: Mapping[str, BatchRecord],
    zone: ZoneInfo,
) -> CourseRound:
    this, screening = person.round(number), person.screening
    plan, perfused = screening.plans.get(number), this.perfused
    product = batches.get(perfused.batch) if perfused else None
    planned = plan.planned_on if plan else _day(this.order.planned_at, zone) if this.order else None
    return CourseRound(
        number=number,
        planned_on=planned,
        attempts=tuple(
            attempt_of(batches[code], collection=protocol.trial.rounds.collection)
            for code in this.attempts
            if code in batches
        ),
        cancellations=tuple(
            Cancellation(on=one.on, reason=one.reason) for one in screening.cancelled if one.round == number
        ),
        perfused_at=perfused.perfused_at if perfused else None,
        perfused_on=_day(perfused.perfused_at, zone) if perfused else None,
        batch=perfused.batch if perfused else "",
        delivered_dose=product.perfusion.viable_cells if product and product.perfusion else None,
    )
