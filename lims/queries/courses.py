"""Everybody's course through the trial, for figures and exports; by trial code, without identity."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from lims.domain.folds import Folded
from lims.domain.participant import Participant, Round
from lims.domain.protocol import StudyProtocol
from lims.domain.trial.course import Course, CourseRound, Randomisation
from lims.ledger.open_book import Book
from lims.queries.look import Reader
from lims.queries.masters import protocol_in_force


def courses(reader: Reader) -> tuple[Course, ...]:
    """One course for every participant, by trial code; none before a protocol is in force."""
    protocol = protocol_in_force(reader)
    if protocol is None:
        return ()
    with reader.site.ledger.reading() as book:
        people = [_person(book, stream) for stream in book.streams("participant") if "!" not in stream]
    return tuple(_course(one, protocol, reader.zone) for one in people if one is not None)


def _person(book: Book, stream: str) -> Participant | None:
    record = book.derived(stream, Folded.of).record
    return record if isinstance(record, Participant) else None


def _course(person: Participant, protocol: StudyProtocol, zone: ZoneInfo) -> Course:
    arm = protocol.arm(person.allocation.arm) if person.allocation else None
    at = person.allocation.allocated_at if person.allocation else None
    product = bool(arm and arm.receives_product)
    return Course(
        trial_id=person.trial_id,
        randomisation=Randomisation(on=_day(at, zone), at=at, arm=arm.code, receives_product=product)
        if arm and at
        else None,
        planned_rounds=protocol.rounds if product else 0,
        withdrawn_on=_day(person.last.time, zone) if person.withdrawn and person.last else None,
        rounds=tuple(_round(one, zone) for _, one in sorted(person.rounds.items())),
    )


def _round(one: Round, zone: ZoneInfo) -> CourseRound:
    if one.perfused is None:
        return CourseRound(number=one.number)
    at = one.perfused.perfused_at
    return CourseRound(
        number=one.number, perfused_at=at, perfused_on=_day(at, zone), batch=one.perfused.batch
    )


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
