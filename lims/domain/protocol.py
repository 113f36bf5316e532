"""The study protocol as data: arms, rounds, route, consent and the clinic's own gates."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from lims.domain.canonical import Json, canon, tagged_hash
from lims.domain.master_batch_record import Frozen, Option, Words
from lims.domain.plain import to_plain
from lims.domain.quantities import Limit
from lims.domain.trial.definitions import TrialDefinitions


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm(Frozen):
    """An arm of the trial; only an arm that `receives_product` can have a batch."""

    code: str
    title: Words
    share: int
    receives_product: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentScope(Frozen):
    """What a participant can consent to; a batch needs every scope that is `needed_for_batch`."""

    code: str
    title: Words
    needed_for_batch: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentForm(Frozen):
    """A version of the consent form; it is in force from its day until the next one of the list is."""

    version: str
    """As it is printed on the form."""
    in_force_from: date
    asked_again: bool = False
    """Who consented to an earlier version is asked again."""
    waits: tuple[Literal["sample", "round"], ...] = ()
    """What waits until she has: the next sample of menstrual blood, the next batch of a round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level(Frozen):
    """One of the things that a factor of stratification can be."""

    code: str
    title: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class StratumFactor(Frozen):
    """A factor by which randomisation is stratified, with what it can be; every combination has blocks of its own."""

    code: str
    title: Words
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicalCheck(Frozen):
    """A question of the clinic's checklist before perfusion; a wrong answer stops it."""

    code: str
    title: Words
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalText(Frozen):
    """A text that a label must carry under a profile (`CN`, `EU`, `US`, or `ALL`)."""

    code: str
    profile: str
    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class LateFailure(Frozen):
    """What follows when a product fails a test after its release."""

    holds_others: tuple[str, ...] = ()
    """QC tests whose late failure holds every batch in process that shares something with the failed one."""
    equipment: tuple[str, ...] = ("biosafety_cabinet", "incubator", "hypoxia_incubator")
    """Classes of equipment that count as shared; a lot, an operator and a day at the bench always do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices(Frozen):
    """How long somebody who must be told may take to acknowledge it, and what happens when they do not."""

    acknowledge_minutes: int = 240
    escalate_every_minutes: int = 60
    escalations: int = 3
    """How often it is told again before nobody is told any more; it stays open and overdue."""


_LATER = frozenset({"strata", "handover_minutes", "late_failure", "notices", "consent_forms"})
"""Fields that the first protocols did not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyProtocol(Frozen):
    """One approved version of the trial's rules that the system enforces."""

    format: Literal["protocol/1"] = "protocol/1"
    code: str
    version: str
    title: Words
    registry: str
    participant_prefix: str
    arms: tuple[Arm, ...]
    rounds: int
    route: Words
    round_interval_days: int
    consent_scopes: tuple[ConsentScope, ...]
    bedside_checks: tuple[ClinicalCheck, ...]
    bedside_valid_minutes: int
    least_hours_at_release: int
    least_hours_at_dispatch: int
    volume_given: Limit
    observation_minutes: int
    least_delivered_dose: Decimal
    greatest_delivered_dose: Decimal | None = None
    never_out_of_specification: tuple[str, ...] = ()
    """QC tests of which no failed result can ever be released, under any signature."""
    legal_texts: tuple[LegalText, ...] = ()
    trial: TrialDefinitions = field(default_factory=TrialDefinitions)
    """What the trial's screening and figures go by; every reported number carries this protocol's version."""
    strata: tuple[StratumFactor, ...] = ()
    """Factors of stratification; none by default."""
    handover_minutes: int | None = None
    """How long a hand-over may wait for its receiver; the system's own limit where the protocol sets none."""
    late_failure: LateFailure | None = None
    """Which batches a late failure holds; where the protocol says nothing, every test that can never be released."""
    consent_forms: tuple[ConsentForm, ...] = ()
    """Versions of the consent form, oldest first; without any, every version is taken."""
    notices: Notices | None = None
    """Delays of notices; four hours, then three times an hour, where the protocol says nothing."""
    placeholders: tuple[str, ...] = ()
    """Names of the fields that the site must still set."""

    def arm(self, code: str) -> Arm | None:
        """The arm of that code, or none."""
        return next((arm for arm in self.arms if arm.code == code), None)

    @property
    def batch_scopes(self) -> frozenset[str]:
        """Scopes of consent that a batch needs."""
        return frozenset(scope.code for scope in self.consent_scopes if scope.needed_for_batch)

    @property
    def sample_scopes(self) -> frozenset[str]:
        """Scopes of consent that a sample of menstrual blood needs."""
        named = self.trial.screening.sample_scope
        return frozenset({named}) if named else self.batch_scopes

    def plain(self) -> Json:
        """The protocol as canonical JSON; what came later and is not used is left out, so that earlier hashes stay."""
        told = to_plain(self)
        assert isinstance(told, dict)
        return {name: value for name, value in told.items() if value or name not in _LATER}

    @property
    def sha256(self) -> str:
        """The hash that two people approve."""
        return tagged_hash("lims/protocol/1", canon(self.plain()))
