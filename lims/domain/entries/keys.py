"""Facts about the instance, its keys, signatures, checkpoints and stations."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from lims.domain.entries.envelope import Detached, Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceFounded(Fact):
    """The genesis entry of stream `system`: what kind of instance this is, for ever."""

    kind: Literal["instance_founded.1"] = "instance_founded.1"
    instance_kind: str
    """production, training or demo."""
    site: str
    zone: str
    """IANA name of the site's time zone."""
    profile: str
    """CN, EU or US: the legal profile that label texts and retention follow."""
    root_kid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSwitchedToReal(Fact):
    """The demo's virtual clock has ended; from here on only real time counts."""

    kind: Literal["clock_switched_to_real.1"] = "clock_switched_to_real.1"
    virtual_end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockCorrectionProposed(Fact):
    """Somebody found the server's clock right again after acts were recorded in its future; a second person confirms.

    `read_at` is what the clock showed then, `last_time` the latest time on file.
    """

    kind: Literal["clock_correction_proposed.1"] = "clock_correction_proposed.1"
    read_at: datetime
    last_time: datetime
    reason: Detached


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockCorrected(Fact):
    """Two people state that the server's clock was wrong and acts may go on.

    From here on `read_at` is the earliest time that counts. A stream whose last entry bears one of the times `ahead`
    goes on at that time until the clock has passed it: within a stream time never runs backwards (I4).
    """

    kind: Literal["clock_corrected.1"] = "clock_corrected.1"
    last_time: datetime
    reason: Detached
    read_at: datetime | None = None
    proposed_seq: int | None = None
    ahead: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteKeyFounded(Fact):
    """A key of the site in stream `keys`: purpose `root` (the first), `seal` or `checkpoint`.

    `attestation` is the root key's signature over the attestation text; the root's own is over itself.
    `certificate` is PEM, for the seal.
    """

    kind: Literal["site_key_founded.1"] = "site_key_founded.1"
    kid: str
    public: str
    purpose: str
    name: str
    certificate: str | None
    attestation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonKeyEnrolled(Fact):
    """A person made a key of their own; nobody may trust it before it is attested."""

    kind: Literal["person_key_enrolled.1"] = "person_key_enrolled.1"
    kid: str
    public: str
    person: str
    name: str
    proof: str
    """The new key's own signature over the attestation text: possession."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonKeyAttested(Fact):
    """A key-holder vouches that this key is that person's: founding people by the site root, others by two."""

    kind: Literal["person_key_attested.1"] = "person_key_attested.1"
    kid: str
    public: str
    person: str
    name: str
    by_kid: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonKeyRevoked(Fact):
    """A key ends; signatures made before stay valid, none can be made after."""

    kind: Literal["person_key_revoked.1"] = "person_key_revoked.1"
    kid: str
    person: str
    reason_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureMade(Fact):
    """An electronic signature over an entry of the same request, earlier in the same stream.

    `intent` is canonical JSON with exactly: covers [stream, seq], covers_hash, language, meaning (code), name
    (printed), nonce, sentence (the exact words signed), shown (digest of the statement on the screen), time, zone.
    `signature` is hex Ed25519 over "lims/signature/1\\n" + intent.
    """

    kind: Literal["signature_made.1"] = "signature_made.1"
    kid: str
    intent: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointMade(Fact):
    """A signed Merkle root over all heads, in stream `checkpoints`.

    Leaves are canonical [stream, seq, hash] sorted by stream, RFC 6962. `changed` lists the heads that differ from
    the checkpoint before. `signature` is hex Ed25519 of the checkpoint key over "lims/checkpoint/1\\n" + canonical
    {number, root, size, previous_root, time}.
    """

    kind: Literal["checkpoint_made.1"] = "checkpoint_made.1"
    number: int
    root: str
    size: int
    previous_root: str
    made_at: datetime
    changed: tuple[tuple[str, int, str], ...]
    kid: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StationRegistered(Fact):
    """A workstation with its name and room, in a stream of its own."""

    kind: Literal["station_registered.1"] = "station_registered.1"
    name: str
    room: str
    setting: str
    """lab, clinic or office: what its pages are laid out for."""
    line_clearance: bool = False
    """It holds one batch at a time; two people clear the line before another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRefused(Fact):
    """A refused act, in the refusals stream of the thing it was aimed at; it changed nothing."""

    kind: Literal["act_refused.1"] = "act_refused.1"
    rule: str
    about: tuple[tuple[str, str], ...]
    """What the message is made of; never another participant's code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactionProposed(Fact):
    """A person asks that a detached value be erased, and why; effective when another person countersigns."""

    kind: Literal["redaction_proposed.1"] = "redaction_proposed.1"
    commitment: str
    reason_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRedacted(Fact):
    """The second signature: the value behind the commitment is gone, the gap stays visible."""

    kind: Literal["value_redacted.1"] = "value_redacted.1"
    commitment: str
    proposed_seq: int
    reason_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentIssued(Fact):
    """A sealed paper went out, in the documents stream of its batch."""

    kind: Literal["document_issued.1"] = "document_issued.1"
    paper: str
    language: str
    copy_number: int
    sha256: str
    size: int
    head_stream: str
    head_seq: int
    head_hash: str
    supersedes: str | None
    subject: str = ""
    """The number of what the paper is about, where that is one thing within the batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupMade(Fact):
    """Everything on file at a moment was written into one encrypted archive, in stream `system`.

    `manifest_hash` and `archive_hash` are hex SHA-256 of the manifest's and of the archive's bytes.
    """

    kind: Literal["backup_made.1"] = "backup_made.1"
    taken_at: datetime
    manifest_hash: str
    archive_hash: str
    entries: int
    files: int
    missing_files: int
    """Files that entries name and that were missing or changed by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupRestored(Fact):
    """This instance was made again from a backup: whatever was put on file after `taken_at` is lost here.

    `newest` are the streams with the latest entries in the backup, latest first, at most twenty: stream, seq and
    time of its last entry. Papers and prints that are newer show what is missing.
    """

    kind: Literal["backup_restored.1"] = "backup_restored.1"
    taken_at: datetime
    manifest_hash: str
    entries: int
    streams: int
    last_entry_at: datetime
    newest: tuple[tuple[str, int, datetime], ...]
    findings: int
    """What a verification of the restored instance found wrong."""
