"""What is on file of a woman's follow-up: a fold in which a correction takes the place of what it replaces.

Nothing is overdue in here: what is due is worked out from the dates, when somebody looks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType

from lims.domain.entries.envelope import Detached, Entry
from lims.domain.entries.follow_up import (
    AdverseEventFollowed,
    AdverseEventRecorded,
    AdverseEventReported,
    Assessed,
    ConceptionAttemptRecorded,
    ContactRecorded,
    Correctable,
    FollowUpFact,
    FollowUpPlanned,
    FollowUpStruck,
    LostToFollowUp,
    PregnancyEnded,
    ReportDue,
    VisitRecorded,
)
from lims.domain.entries.screening import MenstrualSampleAnalysed, NoFurtherRound
from lims.domain.entries.trial import AllocationRecorded, ConsentRecorded, ConsentWithdrawn, RoundPerfused
from lims.domain.trial.course import AdverseEvent, VisitRecord
from lims.domain.trial.pregnancy import ConceptionAttempt, Pregnancy
from lims.domain.trial.pregnancy_fold import pregnancies_of

ANCHORING = (
    AllocationRecorded,
    ConsentWithdrawn,
    LostToFollowUp,
    MenstrualSampleAnalysed,
    NoFurtherRound,
    RoundPerfused,
)
"""Facts after which her window may begin on another day than planned; acts of follow-up look for themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """One thing on file with everything that it was before, oldest first."""

    seq: int
    """The entry that began it: its place in time, whatever replaced it."""
    entry: Entry
    """The entry that counts."""
    before: tuple[Entry, ...] = ()
    struck: Entry | None = None
    """The entry that says that this one was made in error."""

    @property
    def fact(self) -> FollowUpFact:
        """What it says."""
        assert isinstance(self.entry.fact, FollowUpFact)
        return self.entry.fact

    @property
    def reason(self) -> Detached | None:
        """Why it was struck, or else corrected."""
        struck = self.struck.fact if self.struck else None
        return struck.why if isinstance(struck, FollowUpStruck) else self.fact.why


@dataclass(frozen=True, slots=True, kw_only=True)
class EventOnFile:
    """An adverse event with its judgements, oldest first, and the reports that went out."""

    recorded: AdverseEventRecorded
    followed: tuple[AdverseEventFollowed, ...] = ()
    reported: tuple[AdverseEventReported, ...] = ()

    @property
    def judged(self) -> Assessed:
        """As it is judged now."""
        return self.followed[-1].judged if self.followed else self.recorded.judged

    @property
    def due(self) -> tuple[ReportDue, ...]:
        """Reports that it asks for and that have not gone out."""
        due = self.followed[-1].due if self.followed else self.recorded.due
        sent = {report.report for report in self.reported}
        return tuple(one for one in due if one.code not in sent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """Everything of her follow-up, as it counts now, and how it came to be so."""

    plan: FollowUpPlanned | None = None
    unplanned: Entry | None = None
    """The newest fact after which the plan was not worked out again."""
    filed: tuple[Filed, ...] = ()
    visits: tuple[VisitRecord, ...] = ()
    contacts: tuple[ContactRecorded, ...] = ()
    conception_attempts: tuple[ConceptionAttempt, ...] = ()
    pregnancies: tuple[Pregnancy, ...] = ()
    fates: Mapping[int, PregnancyEnded] = field(default_factory=lambda: MappingProxyType({}))
    """How each pregnancy ended, fetus by fetus."""
    events: tuple[EventOnFile, ...] = ()
    lost_on: date | None = None
    withdrawn_at: datetime | None = None
    """When she took back the last of her consent."""

    @property
    def adverse_events(self) -> tuple[AdverseEvent, ...]:
        """Her adverse events as they are judged now."""
        return tuple(_event(one) for one in self.events)

    def pregnancy(self, number: int) -> Pregnancy | None:
        """The pregnancy of that number, if it counts."""
        return next((one for one in self.pregnancies if one.number == number), None)

    def event(self, number: int) -> EventOnFile | None:
        """The adverse event of that number, if it counts."""
        return next((one for one in self.events if one.recorded.event == number), None)

    def filed_as(self, seq: int) -> Filed | None:
        """The thing whose entry that counts has this number."""
        return next((one for one in self.filed if one.entry.seq == seq), None)

    @property
    def tries_in_vain(self) -> int:
        """Contacts in vain since she was last heard of."""
        heard = max(
            [one.on for one in self.contacts if one.reached] + [one.on for one in self.visits if one.done],
            default=date.min,
        )
        return sum(not one.reached and one.on >= heard for one in self.contacts)


def followed_of(entries: Iterable[Entry]) -> Followed:
    """Her follow-up as the entries of her stream tell."""
    known = tuple(entries)
    filed = filed_of(known)
    counts = [one.fact for one in filed if one.struck is None]
    plan, unplanned = _plan(known)
    pregnancies, ends = pregnancies_of(counts)
    lost = _lost_on(counts)
    return Followed(
        plan=plan,
        unplanned=unplanned,
        filed=filed,
        visits=tuple(
            VisitRecord(code=fact.visit, on=fact.on, done=fact.done)
            for fact in counts
            if isinstance(fact, VisitRecorded)
        ),
        contacts=tuple(fact for fact in counts if isinstance(fact, ContactRecorded)),
        conception_attempts=tuple(
            ConceptionAttempt(on=fact.on, trying=fact.trying, how=fact.how)
            for fact in counts
            if isinstance(fact, ConceptionAttemptRecorded)
        ),
        pregnancies=tuple(
            replace(one, lost_on=lost) if lost and one.end is None else one for one in pregnancies
        ),
        fates=ends,
        events=_events(counts),
        lost_on=lost,
        withdrawn_at=_withdrawn_at(known),
    )


def filed_of(entries: Iterable[Entry]) -> tuple[Filed, ...]:
    """Everything that can be corrected, in the order in which it first came, with corrections in their places."""
    found: dict[int, Filed] = {}
    root: dict[int, int] = {}
    for entry in entries:
        match entry.fact:
            case FollowUpStruck(seq=seq) if seq in root:
                found[root[seq]] = replace(found[root[seq]], struck=entry)
            case Correctable(replaces_seq=int(seq)) if seq in root:
                first = found[root[seq]]
                root[entry.seq] = first.seq
                found[first.seq] = replace(first, entry=entry, before=(*first.before, first.entry))
            case Correctable():
                root[entry.seq] = entry.seq
                found[entry.seq] = Filed(seq=entry.seq, entry=entry)
            case _:
                pass
    return tuple(found.values())


def _plan(entries: tuple[Entry, ...]) -> tuple[FollowUpPlanned | None, Entry | None]:
    plan, unplanned = None, None
    for entry in entries:
        if isinstance(entry.fact, FollowUpPlanned):
            plan, unplanned = entry.fact, None
        elif isinstance(entry.fact, ANCHORING):
            unplanned = entry
    return plan, unplanned


def _withdrawn_at(entries: tuple[Entry, ...]) -> datetime | None:
    scopes: set[str] = set()
    withdrew: datetime | None = None
    for entry in entries:
        match entry.fact:
            case ConsentRecorded(scopes=given):
                scopes |= set(given)
                withdrew = None
            case ConsentWithdrawn(scopes=taken):
                scopes -= set(taken)
                withdrew = None if scopes else entry.time
            case _:
                pass
    return withdrew


def _lost_on(facts: list[FollowUpFact]) -> date | None:
    """Lost from that day, unless she was heard of after it was declared."""
    lost: date | None = None
    for fact in facts:
        match fact:
            case LostToFollowUp():
                lost = fact.on
            case ContactRecorded(reached=True) | VisitRecorded(done=True):
                lost = None if lost and fact.on > lost else lost
            case _:
                pass
    return lost


def _events(facts: list[FollowUpFact]) -> tuple[EventOnFile, ...]:
    found: dict[int, EventOnFile] = {}
    for fact in facts:
        match fact:
            case AdverseEventRecorded():
                found[fact.event] = EventOnFile(recorded=fact)
            case AdverseEventFollowed() if here := found.get(fact.event):
                found[fact.event] = replace(here, followed=(*here.followed, fact))
            case AdverseEventReported() if here := found.get(fact.event):
                found[fact.event] = replace(here, reported=(*here.reported, fact))
            case _:
                pass
    return tuple(found.values())


def _event(one: EventOnFile) -> AdverseEvent:
    return AdverseEvent(
        number=one.recorded.event,
        began_on=one.recorded.began_on,
        code=one.recorded.term,
        grade=one.judged.grade,
        serious=bool(one.judged.criteria),
        related=one.judged.causality,
        ended_on=one.judged.ended_on,
    )
