"""A course: everything that the figures and the exports read of one woman, under her trial code only.

It is a reading, never a source: folded from her stream and from what her batches tell, and without names,
free text or any hospital number. A `date` is a calendar day in the site's zone; a moment is aware UTC.
Tuples are in the order in which things happened, then in the order in which they were recorded.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from lims.domain.master_batch_record import Frozen
from lims.domain.trial.pregnancy import ConceptionAttempt, Pregnancy


class Cohort(StrEnum):
    """Where a woman is counted (registry text: data are recorded for all who undergo the analysis)."""

    PRE_SCREENED = "pre_screened"
    """Not yet analysed: in no denominator."""
    NOT_RANDOMISED = "not_randomised"
    """Menstrual blood analysed, never randomised: followed from the analysis, never in an arm's denominator."""
    RANDOMISED = "randomised"


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility(Frozen):
    """The decision whether she may be randomised, with the rule set that was frozen by it."""

    on: date
    eligible: bool
    reasons: tuple[str, ...] = ()
    """Codes of why not; empty for an eligible woman."""
    failure_type: str = ""
    """Code of the type of reproductive failure."""
    rule_set: str = ""
    """Version of the menstrual-blood rule set that judged her."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Randomisation(Frozen):
    """Her arm, for ever; an allocation made in error is a mark and stays in its arm (TR-6)."""

    on: date
    at: datetime
    arm: str
    receives_product: bool
    stratum: str = ""
    in_error_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolDeviation(Frozen):
    """A departure from the protocol; a major one ends her place in the per-protocol population."""

    on: date
    code: str
    major: bool


class NotAssessable(StrEnum):
    """Why a planned menstrual-blood analysis cannot be judged; never the same as 'not improved' (domain 5)."""

    PREGNANT = "pregnant"
    AMENORRHOEA = "amenorrhoea"
    INADEQUATE = "inadequate"
    MISSED = "missed"
    SUPPRESSED = "suppressed"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerReading(Frozen):
    """One measured marker and how the frozen rule set judged it."""

    code: str
    value: Decimal
    unit: str
    abnormal: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NkAnalysis(Frozen):
    """One menstrual-blood NK analysis with its verdicts against her own baseline."""

    number: int
    """0 is the baseline (MB-0)."""
    on: date
    """Day of collection; of a sample that was never taken, the day it was due."""
    rule_set: str = ""
    not_assessable: NotAssessable | None = None
    abnormal: bool | None = None
    """Verdict of the rule set's combination; None when it cannot be judged."""
    normalised: bool | None = None
    """Every marker abnormal at baseline is inside its range and none is newly abnormal; None for the baseline."""
    partial: bool | None = None
    """At least the protocol's share of each distance to the nearest limit is gone; None for the baseline."""
    readings: tuple[MarkerReading, ...] = ()


class AttemptEnd(StrEnum):
    """How a manufacturing attempt ended."""

    PERFUSED = "perfused"
    REJECTED = "rejected"
    """Quality's disposition."""
    FAILED = "failed"
    """Growth, contamination, or any end of the process before disposition."""
    CANCELLED = "cancelled"
    """The clinic's reason: pregnancy, withdrawal, cycle."""
    EXPIRED = "expired"
    """Released, and not perfused in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured(Frozen):
    """One attribute of a product as its quality control measured it, e.g. CD56 in percent."""

    code: str
    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ManufacturingAttempt(Frozen):
    """One batch made for a round."""

    number: int
    batch: str
    opened_on: date
    collected_at: datetime | None = None
    """When the vein was opened: the start of vein to perfusion."""
    released_at: datetime | None = None
    ended: AttemptEnd | None = None
    """None while it is open."""
    ended_on: date | None = None
    measured: tuple[Measured, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation(Frozen):
    """A planned round, or the try of one, was called off."""

    on: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseRound(Frozen):
    """One round: the attempts made for it and its one perfusion."""

    number: int
    planned_on: date | None = None
    attempts: tuple[ManufacturingAttempt, ...] = ()
    cancellations: tuple[Cancellation, ...] = ()
    perfused_at: datetime | None = None
    perfused_on: date | None = None
    batch: str = ""
    """The batch that was perfused."""
    delivered_dose: Decimal | None = None
    """Viable cells that reached the uterine cavity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRecord(Frozen):
    """What became of a planned visit."""

    code: str
    on: date
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseEvent(Frozen):
    """An adverse event as coded; its narrative stays with her record."""

    number: int
    began_on: date
    code: str
    grade: int
    serious: bool
    related: str
    """Code of the investigator's judgement."""
    ended_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course(Frozen):
    """One woman's way through the trial."""

    trial_id: str
    pre_screened_on: date | None = None
    not_going_on: tuple[str, ...] = ()
    """Codes of why she did not go on after the first look."""
    consented_on: date | None = None
    registered_on: date | None = None
    """Day of her baseline menstrual-blood analysis: from here she is followed, whatever comes."""
    eligibility: Eligibility | None = None
    randomisation: Randomisation | None = None
    planned_rounds: int = 0
    """Rounds her arm plans: 0 without product."""
    no_further_round_on: date | None = None
    """Day of the decision that no further round follows."""
    withdrawn_on: date | None = None
    lost_on: date | None = None
    """Lost to follow-up: the day after which nothing is known."""
    deviations: tuple[ProtocolDeviation, ...] = ()
    analyses: tuple[NkAnalysis, ...] = ()
    rounds: tuple[CourseRound, ...] = ()
    visits: tuple[VisitRecord, ...] = ()
    reached_on: date | None = None
    """The last day on which she was reached outside a visit."""
    conception_attempts: tuple[ConceptionAttempt, ...] = ()
    pregnancies: tuple[Pregnancy, ...] = ()
    adverse_events: tuple[AdverseEvent, ...] = ()

    @property
    def cohort(self) -> Cohort:
        """In which denominator she can stand at all."""
        if self.randomisation:
            return Cohort.RANDOMISED
        return Cohort.NOT_RANDOMISED if self.registered_on else Cohort.PRE_SCREENED

    @property
    def perfusions(self) -> tuple[CourseRound, ...]:
        """The rounds in which she received cells."""
        return tuple(one for one in self.rounds if one.perfused_on)

    @property
    def has_major_deviation(self) -> bool:
        """A deviation that ends per protocol is on file; so is an allocation made in error."""
        error = self.randomisation is not None and self.randomisation.in_error_on is not None
        return error or any(one.major for one in self.deviations)
