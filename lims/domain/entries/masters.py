"""Facts about what is approved before any batch: study protocols and master batch records."""

from dataclasses import dataclass
from typing import Literal

from lims.domain.entries.envelope import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolProposed(Fact):
    """The author hands in a version of the study protocol, in stream `study`; its file's text stays on file."""

    kind: Literal["protocol_proposed.1"] = "protocol_proposed.1"
    code: str
    version: str
    file_sha256: str
    canonical_sha256: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolApproved(Fact):
    """A person other than the author approves the version over both hashes."""

    kind: Literal["protocol_approved.1"] = "protocol_approved.1"
    code: str
    version: str
    file_sha256: str
    canonical_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterProposed(Fact):
    """The author hands in a version of a master batch record, in its stream."""

    kind: Literal["master_proposed.1"] = "master_proposed.1"
    code: str
    version: str
    file_sha256: str
    canonical_sha256: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterApproved(Fact):
    """A quality person other than the author approves the version (21 CFR 211.186(a))."""

    kind: Literal["master_approved.1"] = "master_approved.1"
    code: str
    version: str
    file_sha256: str
    canonical_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterRetired(Fact):
    """No batch may be issued from this version any more; running batches keep it."""

    kind: Literal["master_retired.1"] = "master_retired.1"
    version: str
    reason_code: str
