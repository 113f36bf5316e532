"""Visits, contacts, attempts to conceive, and when a woman is lost to follow-up."""

from datetime import date
from typing import Final

from lims.domain.entries.envelope import Detached, Draft
from lims.domain.entries.follow_up import (
    ConceptionAttemptRecorded,
    ContactRecorded,
    LostToFollowUp,
    VisitRecorded,
)
from lims.domain.participant import Participant
from lims.domain.protocol import StudyProtocol
from lims.domain.refusals import BadEntry, Refused
from lims.domain.trial.corrections import Instead, corrects, replaceable
from lims.domain.trial.planning import withdrawn_on
from lims.domain.trial.pregnancy import Conception

HOW: Final = ("clinic", "telephone", "message", "home")
"""How she was seen or reached."""
UNSCHEDULED: Final = "unscheduled"
"""The code of a visit that nobody planned."""


def check_followed(person: Participant, *, on: date, today: date, zone: str, field: str = "on") -> None:
    """Something of that day may be recorded: she consented, and had not taken it back before (GC-2, PIPL)."""
    withdrew = withdrawn_on(person.followed, zone=zone)
    if not person.consent and withdrew is None:
        raise Refused("follow_up.no_consent")
    if withdrew and on > withdrew:
        raise Refused("follow_up.withdrawn", on=withdrew.isoformat())
    if on > today:
        raise BadEntry("time.future", field=field)


def record_visit(
    person: Participant,
    *,
    visit: str,
    on: date,
    done: bool,
    how: str,
    notes: Detached | None,
    instead: Instead | None,
) -> tuple[Draft, ...]:
    """What became of a visit: once for each that is planned; a visit that was missed says so."""
    plan = person.followed.plan
    if plan is None or plan.start is None:
        raise Refused("follow_up.not_begun")
    known = {one.code for one in plan.visits} | ({UNSCHEDULED} if done else set())
    for at, value, choices in (("visit", visit, known), ("how", how, set(HOW))):
        if value not in choices:
            raise BadEntry("choice.unknown", field=at)
    if on < plan.start:
        raise BadEntry("follow_up.before_start", field="on", start=plan.start.isoformat())
    was = replaceable(person, instead, VisitRecorded)
    told = {one.code for one in person.followed.visits} - ({was.visit} if was else set())
    if visit != UNSCHEDULED and visit in told:
        raise Refused("visit.recorded", visit=visit)
    fact = VisitRecorded(visit=visit, on=on, done=done, how=how, notes=notes, **corrects(instead))
    return (Draft(stream=person.stream, fact=fact),)


def record_contact(
    person: Participant, *, on: date, how: str, reached: bool, notes: Detached | None, instead: Instead | None
) -> tuple[Draft, ...]:
    """A try to reach her; one that succeeds ends a loss to follow-up."""
    if how not in HOW:
        raise BadEntry("choice.unknown", field="how")
    replaceable(person, instead, ContactRecorded)
    fact = ContactRecorded(on=on, how=how, reached=reached, notes=notes, **corrects(instead))
    return (Draft(stream=person.stream, fact=fact),)


def declare_lost(
    person: Participant, *, on: date, protocol: StudyProtocol, instead: Instead | None
) -> tuple[Draft, ...]:
    """Lost to follow-up, after as many contacts in vain as the protocol asks for."""
    was = replaceable(person, instead, LostToFollowUp)
    if person.followed.lost_on and was is None:
        raise Refused("follow_up.lost_already", on=person.followed.lost_on.isoformat())
    tries, needed = person.followed.tries_in_vain, protocol.trial.follow_up.tries_before_lost
    if tries < needed:
        raise Refused("follow_up.too_few_tries", tries=tries, needed=needed)
    heard = max([one.on for one in person.followed.visits if one.done], default=None)
    if heard and on < heard:
        raise BadEntry("follow_up.order", field="on")
    fact = LostToFollowUp(on=on, tries=tries, **corrects(instead))
    return (Draft(stream=person.stream, fact=fact),)


def record_conception_attempt(
    person: Participant, *, on: date, trying: bool, how: Conception, instead: Instead | None
) -> tuple[Draft, ...]:
    """Whether she tried to conceive in one cycle; asked once for each."""
    was = replaceable(person, instead, ConceptionAttemptRecorded)
    told = {one.on for one in person.followed.conception_attempts} - ({was.on} if was else set())
    if on in told:
        raise Refused("conception.recorded", on=on.isoformat())
    fact = ConceptionAttemptRecorded(on=on, trying=trying, how=how, **corrects(instead))
    return (Draft(stream=person.stream, fact=fact),)
