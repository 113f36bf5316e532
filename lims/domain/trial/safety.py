"""Adverse events: which reports a serious one asks for and by when, and how it is judged anew.

Sources: ICH E2A (criteria of seriousness, expedited reports), ICH E6 (reports to the sponsor), CTCAE (grades). The
days are the protocol's settings.
"""

from datetime import date, datetime, timedelta
from typing import Final

from lims.domain.entries.envelope import Detached, Draft
from lims.domain.entries.follow_up import (
    AdverseEventFollowed,
    AdverseEventRecorded,
    AdverseEventReported,
    Assessed,
    ReportDue,
)
from lims.domain.participant import Participant
from lims.domain.refusals import BadEntry, Refused
from lims.domain.trial.corrections import Instead, corrects, replaceable
from lims.domain.trial.definitions import ReportingDeadline, SafetyRules
from lims.domain.trial.followed import EventOnFile

GRADES: Final = range(1, 6)
CRITERIA: Final = (
    "death",
    "life_threatening",
    "hospitalisation",
    "disability",
    "congenital_anomaly",
    "medically_important",
)
"""What makes an event serious (ICH E2A II.B)."""
CAUSALITY: Final = ("unrelated", "unlikely", "possible", "probable", "definite")
OUTCOMES: Final = ("recovering", "recovered", "recovered_with_sequelae", "not_recovered", "fatal", "unknown")
_FATAL: Final = frozenset({"death", "life_threatening"})
_FATAL_GRADE: Final = 5
_CLOSED: Final = frozenset({"recovered", "recovered_with_sequelae", "fatal"})


def check_judgement(judged: Assessed, *, began_on: date, today: date) -> None:
    """The parts of a judgement agree with each other; refused at the field that does not."""
    choices = {"grade": judged.grade in GRADES, "criteria": set(judged.criteria) <= set(CRITERIA)}
    choices |= {"causality": judged.causality in CAUSALITY, "outcome": judged.outcome in OUTCOMES}
    for at, known in choices.items():
        if not known:
            raise BadEntry("choice.unknown", field=at)
    died = judged.grade == _FATAL_GRADE, judged.outcome == "fatal", "death" in judged.criteria
    if len(set(died)) > 1:
        raise BadEntry("adverse_event.death", field="criteria")
    if judged.ended_on is None and judged.outcome in _CLOSED:
        raise BadEntry("adverse_event.no_end", field="ended_on")
    if judged.ended_on and judged.outcome not in _CLOSED:
        raise BadEntry("adverse_event.still_open", field="ended_on")
    if judged.ended_on and judged.ended_on < began_on:
        raise BadEntry("follow_up.order", field="ended_on")
    if judged.ended_on and judged.ended_on > today:
        raise BadEntry("time.future", field="ended_on")


def reports_due(
    judged: Assessed, rules: SafetyRules, *, known_at: datetime, already: tuple[ReportDue, ...] = ()
) -> tuple[ReportDue, ...]:
    """The reports that an event so judged asks for; a clock that runs since an earlier judgement is not set back."""
    running = {one.code: one.due_at for one in already}
    return tuple(
        ReportDue(
            code=rule.code,
            title=rule.title,
            due_at=running.get(rule.code, known_at + timedelta(hours=rule.hours)),
        )
        for rule in rules.deadlines
        if _asks(judged, rule, rules)
    )


def _asks(judged: Assessed, rule: ReportingDeadline, rules: SafetyRules) -> bool:
    unexpected = bool(judged.criteria) and not judged.expected and judged.causality in rules.related
    match rule.asked_for:
        case "serious":
            return bool(judged.criteria)
        case "unexpected":
            return unexpected
        case "unexpected_fatal":
            return unexpected and bool(_FATAL & set(judged.criteria))


def record_event(
    person: Participant,
    *,
    term: str,
    began_on: date,
    known_at: datetime,
    batch: str | None,
    judged: Assessed,
    story: Detached,
    rules: SafetyRules,
    now: datetime,
    today: date,
    instead: Instead | None,
) -> tuple[Draft, ...]:
    """An adverse event comes on file with its first judgement."""
    if term not in {one.code for one in rules.terms}:
        raise BadEntry("choice.unknown", field="term")
    if began_on > today:
        raise BadEntry("time.future", field="began_on")
    _check_known(known_at, began_on=began_on, now=now, today=today)
    if batch is not None and batch not in {
        number for one in person.rounds.values() for number in one.attempts
    }:
        raise BadEntry("adverse_event.other_batch", field="batch")
    check_judgement(judged, began_on=began_on, today=today)
    was = replaceable(person, instead, AdverseEventRecorded)
    number = was.event if was else _next_number(person)
    fact = AdverseEventRecorded(
        event=number,
        term=term,
        began_on=began_on,
        known_at=known_at,
        batch=batch,
        judged=judged,
        due=reports_due(judged, rules, known_at=known_at),
        rules=rules.version,
        story=story,
        **corrects(instead),
    )
    return (Draft(stream=person.stream, fact=fact),)


def _next_number(person: Participant) -> int:
    """Never a number that was given before, also of an event that was struck."""
    given = [one.fact.event for one in person.followed.filed if isinstance(one.fact, AdverseEventRecorded)]
    return max(given, default=0) + 1


def _check_known(known_at: datetime, *, began_on: date, now: datetime, today: date) -> None:
    if known_at > now:
        raise BadEntry("time.future", field="known_at")
    if known_at.date() < began_on - timedelta(
        days=1
    ):  # a day of slack: one is of the site's zone, one of UTC
        raise BadEntry("follow_up.order", field="known_at")


def follow_event(
    person: Participant,
    *,
    event: int,
    known_at: datetime,
    judged: Assessed,
    story: Detached,
    rules: SafetyRules,
    now: datetime,
    today: date,
    instead: Instead | None,
) -> tuple[Draft, ...]:
    """News of an event that is on file."""
    here = event_of(person, event)
    _check_known(known_at, began_on=here.recorded.began_on, now=now, today=today)
    check_judgement(judged, began_on=here.recorded.began_on, today=today)
    was = replaceable(person, instead, AdverseEventFollowed)
    if was and was.event != event:
        raise Refused("follow_up.other_thing")
    before = tuple(one for one in here.followed if one is not was)
    already = before[-1].due if before else here.recorded.due
    fact = AdverseEventFollowed(
        event=event,
        known_at=known_at,
        judged=judged,
        due=reports_due(judged, rules, known_at=known_at, already=already),
        rules=rules.version,
        story=story,
        **corrects(instead),
    )
    return (Draft(stream=person.stream, fact=fact),)


def report_event(
    person: Participant,
    *,
    event: int,
    report: str,
    sent_at: datetime,
    to: str,
    reference: str,
    now: datetime,
    instead: Instead | None,
) -> tuple[Draft, ...]:
    """A report that was due went out."""
    here = event_of(person, event)
    was = replaceable(person, instead, AdverseEventReported)
    owed = {one.code for one in here.due} | ({was.report} if was and was.event == event else set())
    if report not in owed:
        raise Refused("adverse_event.nothing_due", number=event)
    if sent_at > now:
        raise BadEntry("time.future", field="sent_at")
    if sent_at < here.recorded.known_at:
        raise BadEntry("follow_up.order", field="sent_at")
    fact = AdverseEventReported(
        event=event,
        report=report,
        sent_at=sent_at,
        to=to,
        reference=reference,
        **corrects(instead),
    )
    return (Draft(stream=person.stream, fact=fact),)


def event_of(person: Participant, number: int) -> EventOnFile:
    """The event of that number; refuses when there is none that counts."""
    found = person.followed.event(number)
    if found is None:
        raise Refused("adverse_event.unknown", number=number)
    return found
