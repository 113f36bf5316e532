"""A woman's screening as its page shows it: what is on file, what is missing, and what each verdict rests on."""

from dataclasses import dataclass

from lims.domain.acts import Role
from lims.domain.entries.envelope import stream_of
from lims.domain.folds import Folded
from lims.domain.participant import Participant
from lims.domain.protocol import StudyProtocol
from lims.domain.trial.consent import AskedAgain, asked_again
from lims.domain.trial.course import NkAnalysis
from lims.domain.trial.course_of import analyses_of
from lims.domain.trial.definitions import MarkerRule, MenstrualBloodRuleSet
from lims.domain.trial.nk_analysis import judge, rule_set_of
from lims.domain.trial.screened import MenstrualSample
from lims.domain.trial.screening import abnormality, may_sample
from lims.queries.history import Line, history
from lims.queries.look import NotOnFile, Reader
from lims.queries.masters import protocol_in_force

COURSE = frozenset({Role.QA, Role.CLINICIAN, Role.COORDINATOR, Role.INSPECTOR})
"""Who may see the course of a participant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRead:
    """One sample with the verdict that counts, and how the newest rule set would read it."""

    sample: MenstrualSample
    analysis: NkAnalysis | None
    """None while it waits for its analysis."""
    newest: bool | None
    """Abnormal by the newest rule set; only shown beside, never counted once another one is frozen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """What stands on the page of screening; no identity is in here."""

    participant: Participant
    protocol: StudyProtocol
    samples: tuple[SampleRead, ...]
    rules: MenstrualBloodRuleSet | None
    """The rule set that judges her."""
    newest: MenstrualBloodRuleSet | None
    abnormal: bool | None
    """Her menstrual blood by the newest rule set, confirmed as it asks for; what a decision now would freeze."""
    may_sample: bool
    asked_again: AskedAgain | None
    """She is to sign a newer version of the consent form."""
    shows_course: bool
    """Rounds, departures and what is on file; not for the laboratory, which measures without knowing the arm."""
    history: tuple[Line, ...]

    @property
    def markers(self) -> tuple[MarkerRule, ...]:
        """Markers that are measured."""
        return self.rules.markers if self.rules else ()

    @property
    def is_frozen_older(self) -> bool:
        """A newer rule set exists than the one frozen for her."""
        return bool(self.rules and self.newest and self.rules.version != self.newest.version)


def screening(reader: Reader, trial_id: str) -> Screening:
    """The screening of one participant; not on file when there is no such code or no protocol."""
    protocol, stream = protocol_in_force(reader), stream_of("participant", trial_id)
    with reader.site.ledger.reading() as book:
        record = book.derived(stream, Folded.of).record if book.head(stream) else None
        if not isinstance(record, Participant) or protocol is None:
            raise NotOnFile("act.unknown_target", sort="participant", code=trial_id)
        shows_course = bool(reader.roles & COURSE)
        told = history(reader, book, stream) if shows_course else ()
    versions, today = protocol.trial.menstrual_blood, reader.local(reader.now).date()
    newest = rule_set_of(None, versions)
    read = {one.number: one for one in analyses_of(record.screening, protocol)}
    samples = tuple(
        SampleRead(
            sample=sample,
            analysis=read.get(number),
            newest=judge(sample.values, newest).abnormal if newest and sample.analysed else None,
        )
        for number, sample in sorted(record.screening.samples.items())
    )
    return Screening(
        participant=record,
        protocol=protocol,
        samples=samples,
        rules=rule_set_of(record.screening.eligibility, versions),
        newest=newest,
        abnormal=abnormality(record, protocol),
        may_sample=may_sample(record, protocol, today),
        asked_again=asked_again(record.consent, protocol, on=today),
        shows_course=shows_course,
        history=told,
    )
