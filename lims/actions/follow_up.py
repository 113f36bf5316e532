"""What is done in a woman's follow-up: visits, contacts, attempts to conceive, pregnancies, adverse events."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from lims.actions.detach import Kept, words, words_or_none
from lims.actions.masters import effective_protocol
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, perform
from lims.domain.entries.envelope import Detached, Draft, stream_of
from lims.domain.entries.follow_up import Assessed
from lims.domain.participant import Participant
from lims.domain.protocol import StudyProtocol
from lims.domain.refusals import BadEntry
from lims.domain.trial import carrying, corrections, safety, visits
from lims.domain.trial.corrections import Instead
from lims.domain.trial.planning import planned, replanned
from lims.domain.trial.pregnancy import (
    Conception,
    DatingMethod,
    DeliveryOnset,
    FetusFate,
    FetusSeen,
    PregnancyEndKind,
)

LONGEST_REFERENCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """An entry is recorded in the place of another one: which, and why."""

    seq: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What a rule of follow-up sees: who she is on file, the protocol, the day, and what is corrected."""

    person: Participant
    protocol: StudyProtocol
    now: datetime
    today: date
    zone: str
    instead: Instead | None

    def check_followed(self, on: date, field: str = "on") -> None:
        """Something of that day may be recorded."""
        visits.check_followed(self.person, on=on, today=self.today, zone=self.zone, field=field)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorder:
    """Who records something of whom, under which request; every act of follow-up starts from it."""

    site: Site
    actor: Actor
    request_id: str
    participant: str
    correction: Correction | None = None

    def perform(
        self,
        act: str,
        asked: Mapping[str, object],
        rule: Callable[[_Told], tuple[Draft, ...]],
        kept: tuple[Kept | None, ...] = (),
    ) -> Outcome:
        """One act on her stream; the plan is worked out again where the protocol now gives another one."""
        stream = stream_of("participant", self.participant)
        why = words(self.correction.why, field="why") if self.correction else None
        instead = Instead(seq=self.correction.seq, why=why.detached) if self.correction and why else None

        def decide(scene: Scene) -> Decision:
            person, protocol = scene.load(stream, Participant), effective_protocol(scene)[0]
            zone = scene.site.founded.zone
            told = _Told(
                person=person,
                protocol=protocol,
                now=scene.now,
                today=scene.today,
                zone=zone,
                instead=instead,
            )
            return Decision(drafts=(*rule(told), *replanned(person, protocol, zone=zone)))

        said = {name: "" if value is None else str(value) for name, value in asked.items()}
        if self.correction:
            said |= {"corrects": str(self.correction.seq), "why": self.correction.why}
        ask = Ask(
            request_id=self.request_id,
            act=act,
            on=stream,
            asked=said,
            kept=(*kept, why),
            read=("study",),
        )
        return perform(self.site, self.actor, ask, decide)


def plan_follow_up(scene: Scene, stream: str) -> Decision:
    """The plan after a fact that can move it, worked out once; whether or not her follow-up has begun by it."""
    person = scene.load(stream, Participant)
    if person.followed.unplanned is None:
        return Decision()
    plan = planned(person, effective_protocol(scene)[0], zone=scene.site.founded.zone)
    return Decision(drafts=(Draft(stream=stream, fact=plan),))


def record_visit(by: Recorder, *, visit: str, on: date, done: bool, how: str, notes: str) -> Outcome:
    """What became of a planned visit, or one that nobody planned."""
    kept = words_or_none(notes, field="notes")

    def rule(told: _Told) -> tuple[Draft, ...]:
        told.check_followed(on)
        return visits.record_visit(
            told.person, visit=visit, on=on, done=done, how=how, notes=_said(kept), instead=told.instead
        )

    asked = {"visit": visit, "on": on, "done": done, "how": how, "notes": notes}
    return by.perform("record_visit", asked, rule, (kept,))


def record_contact(by: Recorder, *, on: date, how: str, reached: bool, notes: str) -> Outcome:
    """A try to reach her."""
    kept = words_or_none(notes, field="notes")

    def rule(told: _Told) -> tuple[Draft, ...]:
        told.check_followed(on)
        return visits.record_contact(
            told.person, on=on, how=how, reached=reached, notes=_said(kept), instead=told.instead
        )

    asked = {"on": on, "how": how, "reached": reached, "notes": notes}
    return by.perform("record_contact", asked, rule, (kept,))


def declare_lost(by: Recorder, *, on: date) -> Outcome:
    """Lost to follow-up."""

    def rule(told: _Told) -> tuple[Draft, ...]:
        told.check_followed(on)
        return visits.declare_lost(told.person, on=on, protocol=told.protocol, instead=told.instead)

    return by.perform("declare_lost", {"on": on}, rule)


def record_conception_attempt(by: Recorder, *, on: date, trying: bool, how: Conception) -> Outcome:
    """Whether she tried to conceive in a cycle."""

    def rule(told: _Told) -> tuple[Draft, ...]:
        told.check_followed(on)
        return visits.record_conception_attempt(
            told.person, on=on, trying=trying, how=how, instead=told.instead
        )

    return by.perform("record_conception_attempt", {"on": on, "trying": trying, "how": how}, rule)


def find_pregnancy(
    by: Recorder,
    *,
    found_on: date,
    test: str,
    conception: Conception,
    dated_by: DatingMethod | None,
    dated_on: date | None,
    embryo_days: int,
) -> Outcome:
    """A pregnancy came to light."""

    def rule(told: _Told) -> tuple[Draft, ...]:
        told.check_followed(found_on, "found_on")
        return carrying.find_pregnancy(
            told.person,
            found_on=found_on,
            test=test,
            conception=conception,
            dated_by=dated_by,
            dated_on=dated_on,
            embryo_days=embryo_days,
            today=told.today,
            instead=told.instead,
        )

    asked: dict[str, object] = {"found_on": found_on, "test": test, "conception": conception}
    asked |= {"dated_by": dated_by, "dated_on": dated_on, "embryo_days": embryo_days}
    return by.perform("find_pregnancy", asked, rule)


def date_pregnancy(
    by: Recorder, *, pregnancy: int, dated_by: DatingMethod, dated_on: date, embryo_days: int
) -> Outcome:
    """A further dating of a pregnancy."""

    def rule(told: _Told) -> tuple[Draft, ...]:
        told.check_followed(dated_on, "dated_on")
        return carrying.date_pregnancy(
            told.person,
            pregnancy=pregnancy,
            dated_by=dated_by,
            dated_on=dated_on,
            embryo_days=embryo_days,
            today=told.today,
            instead=told.instead,
        )

    asked = {"pregnancy": pregnancy, "dated_by": dated_by, "dated_on": dated_on, "embryo_days": embryo_days}
    return by.perform("date_pregnancy", asked, rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a sonographer wrote down."""

    on: date
    sacs_in_uterus: int
    sac_elsewhere: bool
    fetuses: tuple[FetusSeen, ...]
    crown_rump_mm: Decimal | None
    measured_days: int | None
    notes: str


def record_ultrasound(by: Recorder, *, pregnancy: int, scan: Scan) -> Outcome:
    """One scan of a pregnancy."""
    kept = words_or_none(scan.notes, field="notes")

    def rule(told: _Told) -> tuple[Draft, ...]:
        told.check_followed(scan.on)
        return carrying.record_ultrasound(
            told.person,
            pregnancy=pregnancy,
            on=scan.on,
            sacs_in_uterus=scan.sacs_in_uterus,
            sac_elsewhere=scan.sac_elsewhere,
            fetuses=scan.fetuses,
            crown_rump_mm=scan.crown_rump_mm,
            measured_days=scan.measured_days,
            notes=_said(kept),
            today=told.today,
            instead=told.instead,
        )

    return by.perform("record_ultrasound", {"pregnancy": pregnancy, "scan": scan}, rule, (kept,))


def end_pregnancy(
    by: Recorder,
    *,
    pregnancy: int,
    on: date,
    end: PregnancyEndKind,
    onset: DeliveryOnset | None,
    fates: tuple[FetusFate, ...],
    notes: str,
) -> Outcome:
    """How a pregnancy ended, fetus by fetus."""
    kept = words_or_none(notes, field="notes")

    def rule(told: _Told) -> tuple[Draft, ...]:
        told.check_followed(on)
        return carrying.end_pregnancy(
            told.person,
            pregnancy=pregnancy,
            on=on,
            end=end,
            onset=onset,
            fates=fates,
            notes=_said(kept),
            instead=told.instead,
        )

    asked = {"pregnancy": pregnancy, "on": on, "end": end, "onset": onset, "fates": fates, "notes": notes}
    return by.perform("end_pregnancy", asked, rule, (kept,))


def record_adverse_event(
    by: Recorder,
    *,
    term: str,
    began_on: date,
    known_at: datetime,
    batch: str | None,
    judged: Assessed,
    story: str,
) -> Outcome:
    """An adverse event; after a withdrawal too, for safety is reported to the end (ICH E6)."""
    kept = words(story, field="story")

    def rule(told: _Told) -> tuple[Draft, ...]:
        return safety.record_event(
            told.person,
            term=term,
            began_on=began_on,
            known_at=known_at,
            batch=batch,
            judged=judged,
            story=kept.detached,
            rules=told.protocol.trial.safety,
            now=told.now,
            today=told.today,
            instead=told.instead,
        )

    asked: dict[str, object] = {"term": term, "began_on": began_on, "known_at": known_at, "batch": batch}
    return by.perform("record_adverse_event", asked | {"judged": judged, "story": story}, rule, (kept,))


def follow_adverse_event(
    by: Recorder, *, event: int, known_at: datetime, judged: Assessed, story: str
) -> Outcome:
    """News of an adverse event."""
    kept = words(story, field="story")

    def rule(told: _Told) -> tuple[Draft, ...]:
        return safety.follow_event(
            told.person,
            event=event,
            known_at=known_at,
            judged=judged,
            story=kept.detached,
            rules=told.protocol.trial.safety,
            now=told.now,
            today=told.today,
            instead=told.instead,
        )

    asked = {"event": event, "known_at": known_at, "judged": judged, "story": story}
    return by.perform("follow_adverse_event", asked, rule, (kept,))


def report_adverse_event(
    by: Recorder, *, event: int, report: str, sent_at: datetime, to: str, reference: str
) -> Outcome:
    """A report that was due went out; `to` is an office, never a person."""
    for field, text in (("to", to), ("reference", reference)):
        if not text.strip():
            raise BadEntry("text.empty", field=field, least=1)
        if len(text) > LONGEST_REFERENCE:
            raise BadEntry("text.long", field=field, longest=LONGEST_REFERENCE)

    def rule(told: _Told) -> tuple[Draft, ...]:
        return safety.report_event(
            told.person,
            event=event,
            report=report,
            sent_at=sent_at,
            to=to.strip(),
            reference=reference.strip(),
            now=told.now,
            instead=told.instead,
        )

    asked = {"event": event, "report": report, "sent_at": sent_at, "to": to, "reference": reference}
    return by.perform("report_adverse_event", asked, rule)


def strike_follow_up(by: Recorder, *, seq: int, why: str) -> Outcome:
    """An entry was made in error: it stays legible and no longer counts."""
    kept = words(why, field="why")

    def rule(told: _Told) -> tuple[Draft, ...]:
        return corrections.strike(told.person, seq=seq, why=kept.detached)

    return by.perform("strike_follow_up", {"seq": seq, "why": why}, rule, (kept,))


def _said(kept: Kept | None) -> Detached | None:
    return kept.detached if kept else None
