"""Her follow-up as planned: from the protocol's anchor to its last day, visit by visit, and how far it is extended."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from lims.domain.entries.envelope import Draft
from lims.domain.entries.follow_up import FollowUpPlanned, PlannedVisit
from lims.domain.master_batch_record import Frozen
from lims.domain.participant import Participant
from lims.domain.protocol import StudyProtocol
from lims.domain.trial.course_of import course_of
from lims.domain.trial.definitions import FollowUpRules, TrialDefinitions
from lims.domain.trial.followed import Followed
from lims.domain.trial.pregnancy_reading import PregnancyReading, read_pregnancy
from lims.domain.trial.window import Window, add_months, follow_up


def planned(person: Participant, protocol: StudyProtocol, *, zone: str) -> FollowUpPlanned:
    """Her window and visits by the protocol, with its rules frozen in."""
    definitions = protocol.trial
    course = course_of(person, protocol=protocol, batches={}, zone=ZoneInfo(zone))
    window = follow_up(course, definitions.follow_up)
    return FollowUpPlanned(
        anchor=window.anchor if window else None,
        start=window.start if window else None,
        end=window.end if window else None,
        visits=visits(window, definitions.follow_up) if window else (),
        zone=zone,
        protocol=protocol.version,
        rules=definitions.follow_up,
        gestation=definitions.gestation,
        outcomes=definitions.outcomes,
    )


def replanned(person: Participant, protocol: StudyProtocol, *, zone: str) -> tuple[Draft, ...]:
    """The plan again, if it is not the one on file."""
    plan = planned(person, protocol, zone=zone)
    return () if plan == person.followed.plan else (Draft(stream=person.stream, fact=plan),)


def visits(window: Window, rules: FollowUpRules) -> tuple[PlannedVisit, ...]:
    """Each visit so many calendar months after the first day, with its days of grace."""
    return tuple(_visit(window.start, number, rules) for number in range(len(rules.visits)))


def _visit(start: date, number: int, rules: FollowUpRules) -> PlannedVisit:
    rule = rules.visits[number]
    on = add_months(start, rule.months)
    return PlannedVisit(
        code=rule.code,
        title=rule.title,
        on=on,
        from_on=on - timedelta(days=rule.days_before),
        until_on=on + timedelta(days=rule.days_after),
    )


def withdrawn_on(followed: Followed, *, zone: str) -> date | None:
    """The day on which she took back the last of her consent."""
    at = followed.withdrawn_at
    return at.astimezone(ZoneInfo(zone)).date() if at else None


class State(StrEnum):
    """Where a woman's follow-up stands on a day."""

    NOT_BEGUN = "not_begun"
    OPEN = "followed"
    EXTENDED = "extended"
    """The months are over, and a clinical pregnancy is open."""
    ENDED = "complete"
    LOST = "lost_to_follow_up"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing(Frozen):
    """Her follow-up as it stands on a day."""

    state: State
    window: Window | None
    until: date | None
    """Last day: of the months, or of a later outcome; None while a clinical pregnancy keeps it open."""
    readings: tuple[PregnancyReading, ...]
    """Her pregnancies as they count within the window."""

    @property
    def kept_open_by(self) -> tuple[PregnancyReading, ...]:
        """Clinical pregnancies whose outcome is to come."""
        return tuple(one for one in self.readings if one.clinical_on and one.is_open)

    @property
    def extended(self) -> bool:
        """It goes, or went, beyond the months."""
        end = self.window.end if self.window else None
        return bool(self.kept_open_by) or bool(end and self.until and self.until > end)


def standing(followed: Followed, *, on: date, zone: str) -> Standing:
    """Where her follow-up stands; it stays open until the outcome of every clinical pregnancy found in the window."""
    plan = followed.plan
    window = window_of(plan)
    withdrew = withdrawn_on(followed, zone=zone)
    left = min((day for day in (followed.lost_on, withdrew) if day), default=None)
    readings = readings_of(followed, left=left)
    still = any(one.clinical_on and one.is_open for one in readings)
    ends = [one.pregnancy.end.on for one in readings if one.clinical_on and one.pregnancy.end]
    until = None if still or window is None else max([window.end, *ends])
    if withdrew:
        state = State.WITHDRAWN
    elif followed.lost_on:
        state = State.LOST
    elif window is None or on < window.start:
        state = State.NOT_BEGUN
    elif on <= window.end:
        state = State.OPEN
    else:
        state = State.EXTENDED if still else State.ENDED
    return Standing(state=state, window=window, until=until, readings=readings)


def window_of(plan: FollowUpPlanned | None) -> Window | None:
    """The window of a plan; None while it has not begun."""
    if plan is None or plan.anchor is None or plan.start is None or plan.end is None:
        return None
    return Window(start=plan.start, end=plan.end, anchor=plan.anchor)


def readings_of(followed: Followed, *, left: date | None = None) -> tuple[PregnancyReading, ...]:
    """Her pregnancies as they count within the planned window, by the rules frozen in the plan."""
    rules = rules_of(followed.plan)
    return tuple(
        read_pregnancy(one, window_of(followed.plan), rules, left=left) for one in followed.pregnancies
    )


def rules_of(plan: FollowUpPlanned | None) -> TrialDefinitions:
    """The rules that a plan carries; the defaults without one."""
    if plan is None:
        return TrialDefinitions()
    return TrialDefinitions(follow_up=plan.rules, gestation=plan.gestation, outcomes=plan.outcomes)
