"""Facts about a participant: consent, arm, chain of identity, rounds."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from lims.domain.entries.envelope import Detached, Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantEnrolled(Fact):
    """A woman joins the trial under a code; her name, birth date and hospital number lie in the identity store."""

    kind: Literal["participant_enrolled.1"] = "participant_enrolled.1"
    trial_id: str
    name: Detached
    birth_date: Detached
    hospital_number: Detached


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySeen(Fact):
    """Somebody was shown who she is; what was shown stands nowhere in here."""

    kind: Literal["identity_seen.1"] = "identity_seen.1"
    participant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecorded(Fact):
    """Consent to a version of the form, for the listed scopes."""

    kind: Literal["consent_recorded.1"] = "consent_recorded.1"
    form_version: str
    scopes: tuple[str, ...]
    signed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWithdrawn(Fact):
    """Consent ends for the listed scopes, at once."""

    kind: Literal["consent_withdrawn.1"] = "consent_withdrawn.1"
    scopes: tuple[str, ...]
    reason: Detached | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationRecorded(Fact):
    """The arm, as the randomisation record gives it; nobody changes it (TR-6)."""

    kind: Literal["allocation_recorded.1"] = "allocation_recorded.1"
    arm: str
    source: str
    reference: str
    allocated_at: datetime
    stratum: str | None = None
    """The stratum as randomisation used it; none without stratification or from an external record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainOfIdentityIssued(Fact):
    """The one random code of this therapy course, allocated before the first collection."""

    kind: Literal["chain_of_identity_issued.1"] = "chain_of_identity_issued.1"
    coi: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WristbandIssued(Fact):
    """A band with a serial of its own was put on the person after an identity check; it kills the band before."""

    kind: Literal["wristband_issued.1"] = "wristband_issued.1"
    serial: str
    identity_document: str
    voids: str | None
    awaits_scan: bool = False
    """It counts only when it was scanned back; a band from before that was asked for counts as it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WristbandIdentityChecked(Fact):
    """A second person compared the identity document with the woman before the band was made."""

    kind: Literal["wristband_identity_checked.1"] = "wristband_identity_checked.1"
    serial: str
    identity_document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WristbandScanned(Fact):
    """The band was read back on her wrist: it counts from now on."""

    kind: Literal["wristband_scanned.1"] = "wristband_scanned.1"
    serial: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WristbandVoided(Fact):
    """A band counts no more, and no other took its place in the same act."""

    kind: Literal["wristband_voided.1"] = "wristband_voided.1"
    serial: str
    reason: Detached


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundBatchOpened(Fact):
    """A batch was issued for this round; the participant's stream decides what is exclusive."""

    kind: Literal["round_batch_opened.1"] = "round_batch_opened.1"
    round: int
    attempt: int
    batch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundBatchEnded(Fact):
    """The batch of this round ended without a perfusion; another attempt may follow."""

    kind: Literal["round_batch_ended.1"] = "round_batch_ended.1"
    round: int
    batch: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PerfusionOrdered(Fact):
    """A physician orders the perfusion of a round; its code is on the order sheet."""

    kind: Literal["perfusion_ordered.1"] = "perfusion_ordered.1"
    round: int
    order: str
    planned_at: datetime
    ward: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundPerfused(Fact):
    """The one perfusion of a round."""

    kind: Literal["round_perfused.1"] = "round_perfused.1"
    round: int
    batch: str
    perfused_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundFinalised(Fact):
    """The batch of a perfused round has its final disposition."""

    kind: Literal["round_finalised.1"] = "round_finalised.1"
    round: int
    batch: str
    disposition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundReopened(Fact):
    """A deviation opened about a product that was given: the round waits for a final disposition that knows of it."""

    kind: Literal["round_reopened.1"] = "round_reopened.1"
    round: int
    batch: str
    deviation: str
