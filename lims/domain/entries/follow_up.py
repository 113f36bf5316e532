"""Facts about a woman's follow-up: planned visits, contacts, attempts to conceive, pregnancies, adverse events."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from lims.domain.entries.envelope import Detached, Fact
from lims.domain.master_batch_record import Frozen, Words
from lims.domain.trial.definitions import FollowUpRules, GestationRules, OutcomeDefinitions
from lims.domain.trial.pregnancy import (
    Conception,
    DatingMethod,
    DeliveryOnset,
    FetusFate,
    FetusSeen,
    PregnancyEndKind,
)
from lims.domain.trial.window import Anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedVisit(Frozen):
    """A visit of the protocol with its days in her calendar; both ends of its window are included."""

    code: str
    title: Words
    on: date
    from_on: date
    until_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpPlanned(Fact):
    """Her window and visits, worked out by the rules of a protocol version, which are frozen in here.

    `anchor`, `start` and `end` are None while her follow-up has not begun by those rules.
    """

    kind: Literal["follow_up_planned.1"] = "follow_up_planned.1"
    anchor: Anchor | None
    start: date | None
    end: date | None
    visits: tuple[PlannedVisit, ...]
    zone: str
    protocol: str
    """Version of the study protocol."""
    rules: FollowUpRules
    gestation: GestationRules
    outcomes: OutcomeDefinitions


@dataclass(frozen=True, slots=True, kw_only=True)
class Correctable(Frozen):
    """A fact of follow-up that a later one can replace; the first stays on file and legible."""

    replaces_seq: int | None = None
    """The entry that this one replaces."""
    why: Detached | None = None
    """Why it was corrected; needed with `replaces_seq`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRecorded(Correctable, Fact):
    """What became of a planned visit, or a visit that nobody planned (`unscheduled`)."""

    kind: Literal["visit_recorded.1"] = "visit_recorded.1"
    visit: str
    on: date
    done: bool
    how: str
    """clinic, telephone, message or home."""
    notes: Detached | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRecorded(Correctable, Fact):
    """A try to reach her between visits."""

    kind: Literal["contact_recorded.1"] = "contact_recorded.1"
    on: date
    how: str
    reached: bool
    notes: Detached | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LostToFollowUp(Correctable, Fact):
    """Nobody reaches her any more: after `on` nothing is known, until she is reached again."""

    kind: Literal["lost_to_follow_up.1"] = "lost_to_follow_up.1"
    on: date
    tries: int
    """Contacts in vain since she was last heard of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptionAttemptRecorded(Correctable, Fact):
    """Whether she tried to conceive in the cycle that began on a day, as she was asked."""

    kind: Literal["conception_attempt_recorded.1"] = "conception_attempt_recorded.1"
    on: date
    trying: bool
    how: Conception


@dataclass(frozen=True, slots=True, kw_only=True)
class PregnancyFound(Correctable, Fact):
    """A pregnancy came to light; `dated_by` and `dated_on` say from when it is counted, where that is known."""

    kind: Literal["pregnancy_found.1"] = "pregnancy_found.1"
    pregnancy: int
    found_on: date
    test: str
    """urine, blood or ultrasound."""
    conception: Conception
    dated_by: DatingMethod | None
    dated_on: date | None
    embryo_days: int
    recorded_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PregnancyDated(Correctable, Fact):
    """A further dating of a pregnancy; which one is in force, the protocol's rules decide."""

    kind: Literal["pregnancy_dated.1"] = "pregnancy_dated.1"
    pregnancy: int
    dated_by: DatingMethod
    dated_on: date
    embryo_days: int
    recorded_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class UltrasoundRecorded(Correctable, Fact):
    """One scan: sacs and where, each fetus, and the age that its measurement gives."""

    kind: Literal["ultrasound_recorded.1"] = "ultrasound_recorded.1"
    pregnancy: int
    on: date
    sacs_in_uterus: int
    sac_elsewhere: bool
    fetuses: tuple[FetusSeen, ...]
    crown_rump_mm: Decimal | None
    measured_days: int | None
    """Gestational age in completed days by the measurement, as the sonographer read it."""
    recorded_on: date
    notes: Detached | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PregnancyEnded(Correctable, Fact):
    """How a pregnancy ended, fetus by fetus; what that is called is always computed."""

    kind: Literal["pregnancy_ended.1"] = "pregnancy_ended.1"
    pregnancy: int
    on: date
    end: PregnancyEndKind
    onset: DeliveryOnset | None
    fates: tuple[FetusFate, ...]
    notes: Detached | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDue(Frozen):
    """A report that a serious event asks for, with the moment by which it must have gone out."""

    code: str
    title: Words
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed(Frozen):
    """An adverse event as it is judged at one time."""

    grade: int
    """1 to 5 (CTCAE)."""
    criteria: tuple[str, ...]
    """What makes it serious (ICH E2A); empty: it is not serious."""
    causality: str
    expected: bool
    outcome: str
    ended_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseEventRecorded(Correctable, Fact):
    """An adverse event and its first judgement; the clocks of its reports start when the site learnt of it."""

    kind: Literal["adverse_event_recorded.1"] = "adverse_event_recorded.1"
    event: int
    term: str
    """Code of the protocol's list."""
    began_on: date
    known_at: datetime
    batch: str | None
    """The product that she had received, if the event may have to do with it."""
    judged: Assessed
    due: tuple[ReportDue, ...]
    rules: str
    """Version of the reporting rules."""
    story: Detached


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseEventFollowed(Correctable, Fact):
    """News of an adverse event: it is judged anew, and its reports are due anew."""

    kind: Literal["adverse_event_followed.1"] = "adverse_event_followed.1"
    event: int
    known_at: datetime
    judged: Assessed
    due: tuple[ReportDue, ...]
    rules: str
    story: Detached


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseEventReported(Correctable, Fact):
    """A report of a serious event went out."""

    kind: Literal["adverse_event_reported.1"] = "adverse_event_reported.1"
    event: int
    report: str
    """Which of the reports that were due."""
    sent_at: datetime
    to: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpStruck(Fact):
    """An entry of follow-up was made in error: it no longer counts, and stays legible."""

    kind: Literal["follow_up_struck.1"] = "follow_up_struck.1"
    seq: int
    why: Detached


FollowUpFact = (
    VisitRecorded
    | ContactRecorded
    | LostToFollowUp
    | ConceptionAttemptRecorded
    | PregnancyFound
    | PregnancyDated
    | UltrasoundRecorded
    | PregnancyEnded
    | AdverseEventRecorded
    | AdverseEventFollowed
    | AdverseEventReported
)
"""Everything of follow-up that can be corrected or struck."""
