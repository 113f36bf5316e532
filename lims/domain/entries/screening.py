"""Facts of screening and rounds: pre-screening, menstrual blood, eligibility, pregnancy tests, plans, cancellations."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from lims.domain.entries.envelope import Detached, Fact
from lims.domain.master_batch_record import Frozen
from lims.domain.trial.course import NotAssessable
from lims.domain.trial.definitions import MenstrualBloodRuleSet


@dataclass(frozen=True, slots=True, kw_only=True)
class PreScreened(Fact):
    """A first look, before any sample: how she came, what she suffers from, and whether she goes on."""

    kind: Literal["pre_screened.1"] = "pre_screened.1"
    on: date
    recruited_by: str
    failure_type: str
    goes_on: bool
    reasons: tuple[str, ...]
    """Codes of why she does not; empty for one who goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MenstrualSampleCollected(Fact):
    """Menstrual blood was taken. Volume in mL, weight in g; number 0 is the baseline."""

    kind: Literal["menstrual_sample_collected.1"] = "menstrual_sample_collected.1"
    number: int
    last_menses: date
    menses_day: int
    began_at: datetime
    ended_at: datetime
    device: str
    """cup, catheter or vacuum."""
    volume: Decimal
    weight: Decimal | None
    clots: bool
    medium: str
    hormones: bool
    intrauterine_device: bool
    antibiotics: bool
    intercourse: bool
    """Within 48 h before: semen carries leukocytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Frozen):
    """One marker as it was measured."""

    code: str
    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MenstrualSampleAnalysed(Fact):
    """The NK cells of a sample as measured, and the verdict of the rule set that judged it then, for ever.

    Transport in °C, cells as a count, viability in percent; `contamination` is the ratio of CD16 bright to CD3 cells
    (peripheral blood in the sample).
    """

    kind: Literal["menstrual_sample_analysed.1"] = "menstrual_sample_analysed.1"
    number: int
    received_at: datetime
    transport_temperature: Decimal | None
    preparation: str
    cells: Decimal
    viability: Decimal
    cd45_events: int
    contamination: Decimal | None
    gate_version: str
    fcs_sha256: str
    """Of the cytometer's file; empty when it is kept on paper only."""
    readings: tuple[Reading, ...]
    inadequate: tuple[str, ...]
    """Which conditions of adequacy are not met; a sample with one is never judged."""
    adequacy_version: str
    rule_set: str
    abnormal: bool | None
    abnormal_markers: tuple[str, ...]
    normalised: bool | None
    partial: bool | None
    replaces_seq: int | None = None
    """The earlier entry of the same sample that this one corrects; that one stays legible."""
    why: Detached | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MenstrualSampleMissed(Fact):
    """A planned sample was not taken, or can never be judged; never the same as 'not improved'."""

    kind: Literal["menstrual_sample_missed.1"] = "menstrual_sample_missed.1"
    number: int
    due_on: date
    why: NotAssessable


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityDecided(Fact):
    """The investigator's decision whether she may be randomised; the rule set that judged her is frozen in here."""

    kind: Literal["eligibility_decided.1"] = "eligibility_decided.1"
    on: date
    eligible: bool
    reasons: tuple[str, ...]
    failure_type: str
    wishes_to_conceive: bool
    abnormal: bool | None
    """Verdict of the rule set on her menstrual blood, confirmed in as many cycles as it asks for."""
    rule_set: MenstrualBloodRuleSet | None
    protocol: str
    """Version of the study protocol."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PregnancyTested(Fact):
    """A pregnancy test before a blood collection or a perfusion."""

    kind: Literal["pregnancy_tested.1"] = "pregnancy_tested.1"
    on: date
    sample: str
    """urine or blood."""
    positive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundPlanned(Fact):
    """The day of a round by her cycle: day 1 is the first of bleeding."""

    kind: Literal["round_planned.1"] = "round_planned.1"
    round: int
    last_menses: date
    cycle_day: int
    planned_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundCancelled(Fact):
    """A planned round, or the try of one, was called off; another try may follow."""

    kind: Literal["round_cancelled.1"] = "round_cancelled.1"
    round: int
    on: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoFurtherRound(Fact):
    """The decision that no further round follows: her follow-up begins with it."""

    kind: Literal["no_further_round.1"] = "no_further_round.1"
    on: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolDeviationRecorded(Fact):
    """A departure from the study protocol; a major one ends her place among those treated as planned."""

    kind: Literal["protocol_deviation_recorded.1"] = "protocol_deviation_recorded.1"
    on: date
    code: str
    major: bool
    story: Detached
