"""Facts in a batch's own stream, from issue to closure."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from lims.domain.entries.envelope import Detached, Fact
from lims.domain.entries.values import Judged, Means, Value
from lims.domain.master_batch_record import Frozen, MasterBatchRecord
from lims.domain.protocol import StudyProtocol


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchIssued(Fact):
    """Quality issues a batch for one participant and round; the whole master batch record is frozen into it."""

    kind: Literal["batch_issued.1"] = "batch_issued.1"
    number: str
    participant: str
    coi: str
    round: int
    attempt: int
    arm: str
    consent_form: str
    zone: str
    profile: str
    master: MasterBatchRecord
    master_file_sha256: str
    master_sha256: str
    protocol: StudyProtocol
    protocol_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerLabelled(Fact):
    """A container of the batch has its code; `parents` are the codes it is filled from."""

    kind: Literal["container_labelled.1"] = "container_labelled.1"
    code: str
    container: str
    index: int
    of: int
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRecorded(Fact):
    """One slot of a step has its evidence; `judged` is the verdict at entry, against `limit` as it was shown."""

    kind: Literal["evidence_recorded.1"] = "evidence_recorded.1"
    step: str
    slot: str
    value: Value
    judged: Judged
    limit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceCorrected(Fact):
    """A later entry for a slot; the first stays on file and in print."""

    kind: Literal["evidence_corrected.1"] = "evidence_corrected.1"
    step: str
    slot: str
    replaces_seq: int
    value: Value
    judged: Judged
    limit: str | None
    reason_code: str
    reason: Detached | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationAdded(Fact):
    """An operation that nobody planned is to be done before the step `before`; in this batch it is called `step`."""

    kind: Literal["operation_added.1"] = "operation_added.1"
    operation: str
    step: str
    before: str
    reason: Detached


@dataclass(frozen=True, slots=True, kw_only=True)
class StepConfirmed(Fact):
    """The performer stands behind a step as a whole."""

    kind: Literal["step_confirmed.1"] = "step_confirmed.1"
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepVerified(Fact):
    """A second person checked the recorded step; `through_seq` is the last entry that was seen."""

    kind: Literal["step_verified.1"] = "step_verified.1"
    step: str
    through_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSentBack(Fact):
    """The second person did not agree; the step is open again."""

    kind: Literal["step_sent_back.1"] = "step_sent_back.1"
    step: str
    reason: Detached


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviationOpened(Fact):
    """A deviation, born pre-filled at the failing rule, or opened by a person."""

    kind: Literal["deviation_opened.1"] = "deviation_opened.1"
    number: str
    rule: str
    severity: str
    """minor, major or critical."""
    step: str | None
    slot: str | None
    about: tuple[tuple[str, str], ...]
    words: Detached | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviationExplained(Fact):
    """The bench says what happened, what was done at once, and whether it goes on."""

    kind: Literal["deviation_explained.1"] = "deviation_explained.1"
    number: str
    happened: Detached
    did: Detached
    go_on: str
    """go_on, hold or ask_qa."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviationDecided(Fact):
    """Quality assesses the impact and decides; never the person who opened it."""

    kind: Literal["deviation_decided.1"] = "deviation_decided.1"
    number: str
    severity: str
    decision: str
    """accepted or rejects_batch."""
    impact: Detached


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsPrinted(Fact):
    """Labels of one container left the printer, each with a serial of its own."""

    kind: Literal["labels_printed.1"] = "labels_printed.1"
    step: str
    slot: str
    label: str
    container_code: str
    serials: tuple[str, ...]
    reason_code: str | None
    """Why it is a reprint; the first print has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelAccounted(Fact):
    """What became of one printed label: applied (scanned back), attached to the record, or destroyed."""

    kind: Literal["label_accounted.1"] = "label_accounted.1"
    step: str
    slot: str
    serial: str
    fate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleTaken(Fact):
    """A QC sample of the plan was taken into a container."""

    kind: Literal["sample_taken.1"] = "sample_taken.1"
    sample: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleReceived(Fact):
    """The QC laboratory received the sample by scan."""

    kind: Literal["sample_received.1"] = "sample_received.1"
    sample: str
    code: str
    means: Means


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultEntered(Fact):
    """A test result as the analyst reports it. `outcome`: pass, fail, reported, invalid or not_done; never pending."""

    kind: Literal["result_entered.1"] = "result_entered.1"
    test: str
    sample_code: str
    raw: str
    qualifier: str | None
    value: Decimal | None
    unit: str | None
    option: str | None
    outcome: str
    limit: str | None
    method: str
    instrument: str | None
    reason: Detached | None
    file: str = ""
    """SHA-256 of the instrument's file that it came from, and its line there; empty and 0 for what was typed."""
    line: int = 0
    oos: str = ""
    """The investigation that it is a retest of; empty for every other result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultReviewed(Fact):
    """A second person reviewed the result for accuracy and completeness (21 CFR 211.194(a)(8))."""

    kind: Literal["result_reviewed.1"] = "result_reviewed.1"
    test: str
    result_seq: int
    agreed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPlaced(Fact):
    """The batch is on hold; nothing but records, decisions and refusals goes on."""

    kind: Literal["hold_placed.1"] = "hold_placed.1"
    reason_code: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLifted(Fact):
    """Quality lifts a hold, with a reason; after an identity mismatch also with what was found and what proves it."""

    kind: Literal["hold_lifted.1"] = "hold_lifted.1"
    placed_seq: int
    reason: Detached
    finding: str = ""
    """right_labels or mislabelled; empty for every other hold."""
    evidence: str = ""
    """labels_and_custody or genetic_identity."""
    reference: Detached | None = None
    """Where the evidence lies: the number of the report or of the check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReviewed(Fact):
    """Quality reviewed the record and its audit trail through an entry; a later change reopens it."""

    kind: Literal["record_reviewed.1"] = "record_reviewed.1"
    through_seq: int
    changes_seen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingTest(Frozen):
    """A test that a conditional release leaves open, with its due day."""

    test: str
    due: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedConditionally(Fact):
    """Released for perfusion, final sterility pending (EU GMP Part IV 11.3.2, stage 1)."""

    kind: Literal["released_conditionally.1"] = "released_conditionally.1"
    unit: str
    expires_at: datetime
    pending: tuple[PendingTest, ...]
    previous_round_open: Detached | None
    """Quality's justification when the round before has no final disposition yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRejected(Fact):
    """Quality rejects the batch."""

    kind: Literal["batch_rejected.1"] = "batch_rejected.1"
    reason: Detached


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchTerminated(Fact):
    """The batch ends before its product exists or is used: withdrawal, cancelled cycle, failed culture, expiry."""

    kind: Literal["batch_terminated.1"] = "batch_terminated.1"
    reason_code: str
    reason: Detached | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyOffered(Fact):
    """The giver hands a container over; custody passes when the receiver takes it."""

    kind: Literal["custody_offered.1"] = "custody_offered.1"
    event: str
    container: str
    from_place: str
    to_place: str
    to_role: str
    condition: str
    seal: str | None
    temperature: Decimal | None
    step: str | None
    slot: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyTaken(Fact):
    """The receiver confirms by scanning the container in a session of their own."""

    kind: Literal["custody_taken.1"] = "custody_taken.1"
    offered_seq: int
    container: str
    means: Means
    condition: str
    temperature: Decimal | None
    place: str | None = None
    """Where the receiver stood; the next giver stands there too, or the chain has a gap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyRefused(Fact):
    """The receiver does not take it; custody stays with the giver."""

    kind: Literal["custody_refused.1"] = "custody_refused.1"
    offered_seq: int
    reason: Detached


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityMatched(Fact):
    """Wristband, product and order belong together, and everything that the protocol asks holds, for a short time."""

    kind: Literal["identity_matched.1"] = "identity_matched.1"
    wristband: str
    wristband_means: Means
    product: str
    product_means: Means
    order: str
    order_means: Means
    patient_stated: bool
    checks: tuple[tuple[str, str], ...]
    appearance: str
    valid_until: datetime
    typed_reason: Detached | None = None
    """Why a code was typed; only with the person who read it too."""
    typed_witness: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityConfirmed(Fact):
    """The second person made the same three-way match in a session of their own."""

    kind: Literal["identity_confirmed.1"] = "identity_confirmed.1"
    matched_seq: int
    wristband: str
    product: str
    order: str
    product_means: Means = Means.SCANNED
    order_means: Means = Means.SCANNED
    typed_reason: Detached | None = None
    typed_witness: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityMismatched(Fact):
    """A bedside leg did not match: hard stop; the product is on hold. Codes as scanned, nobody else's identity."""

    kind: Literal["identity_mismatched.1"] = "identity_mismatched.1"
    legs: tuple[str, ...]
    product: str
    scans: Detached | None = None
    """Every code as it was read, with its means; beside the chain, for it can be another person's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Perfused(Fact):
    """The product was given. Volumes in mL; the dose is computed from what was delivered, not from what was filled."""

    kind: Literal["perfused.1"] = "perfused.1"
    started_at: datetime
    ended_at: datetime
    catheter: str
    volume_given: Decimal
    volume_residual: Decimal
    viable_cells: Decimal
    nk_cells: Decimal
    concentration: Decimal
    purity: Decimal
    reaction: str
    matched_seq: int
    confirmed_seq: int
    volume_wasted: Decimal | None = None
    """Spilled or used up in preparing it; none where it was not asked and given was computed from what was left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisposedFinally(Fact):
    """The final disposition when every result is in: conforming or nonconforming (Part IV 11.3.2, stage 2)."""

    kind: Literal["disposed_finally.1"] = "disposed_finally.1"
    disposition: str
    reason: Detached | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordClosed(Fact):
    """The record is complete; `count` entries came before this one. What may follow: docs/record-format.md."""

    kind: Literal["record_closed.1"] = "record_closed.1"
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotated(Fact):
    """A note on the record that changes nothing."""

    kind: Literal["annotated.1"] = "annotated.1"
    words: Detached
    step: str | None
