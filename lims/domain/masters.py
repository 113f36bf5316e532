"""Versions of master batch records and of the study protocol: proposed by one person, approved by another."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lims.domain.entries.envelope import Draft, Entry, Fact
from lims.domain.entries.masters import (
    MasterApproved,
    MasterProposed,
    MasterRetired,
    ProtocolApproved,
    ProtocolProposed,
)
from lims.domain.refusals import NotAllowed, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version on file: its text, both hashes, who stands behind it, and whether it is in force."""

    code: str
    version: str
    text: str
    file_sha256: str
    canonical_sha256: str
    author: str
    proposed: Entry
    approved: Entry | None = None
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """All versions of one master batch record, or of the study protocol, oldest first."""

    stream: str
    versions: tuple[Version, ...] = ()

    @property
    def effective(self) -> Version | None:
        """The newest approved version that is not retired."""
        return next((v for v in reversed(self.versions) if v.approved and not v.retired), None)

    @property
    def waiting(self) -> tuple[Version, ...]:
        """Versions that wait for a second person."""
        return tuple(v for v in self.versions if v.approved is None)


def fold_versions(stream: str, entries: Iterable[Entry]) -> Versions:
    """The versions as the stream tells."""
    versions: dict[str, Version] = {}
    for entry in entries:
        match entry.fact:
            case MasterProposed() | ProtocolProposed() as fact:
                versions[fact.version] = Version(
                    code=fact.code,
                    version=fact.version,
                    text=fact.text,
                    file_sha256=fact.file_sha256,
                    canonical_sha256=fact.canonical_sha256,
                    author=entry.person,
                    proposed=entry,
                )
            case MasterApproved() | ProtocolApproved() as fact:
                versions[fact.version] = replace(versions[fact.version], approved=entry)
            case MasterRetired() as fact:
                versions[fact.version] = replace(versions[fact.version], retired=True)
            case _:
                pass
    return Versions(stream=stream, versions=tuple(versions.values()))


def propose(
    on_file: Versions, *, code: str, version: str, text: str, file_sha256: str, canonical_sha256: str
) -> tuple[Draft, ...]:
    """A new version is handed in; a version number is used once."""
    if any(v.version == version for v in on_file.versions):
        raise Refused("master.version_exists", version=version)
    proposed = ProtocolProposed if on_file.stream == "study" else MasterProposed
    fact: Fact = proposed(
        code=code, version=version, text=text, file_sha256=file_sha256, canonical_sha256=canonical_sha256
    )
    return (Draft(stream=on_file.stream, fact=fact),)


def approve(
    on_file: Versions, *, version: str, file_sha256: str, canonical_sha256: str, person: str
) -> tuple[Draft, ...]:
    """A second quality person approves exactly the bytes and the content that were proposed (21 CFR 211.186(a))."""
    waiting = next((v for v in on_file.waiting if v.version == version), None)
    if waiting is None:
        raise Refused("master.not_proposed", code=on_file.stream, version=version)
    if waiting.author == person:
        raise NotAllowed("master.author_approves")
    if (waiting.file_sha256, waiting.canonical_sha256) != (file_sha256, canonical_sha256):
        raise Refused("master.hash_differs")
    approved = ProtocolApproved if on_file.stream == "study" else MasterApproved
    fact: Fact = approved(
        code=waiting.code, version=version, file_sha256=file_sha256, canonical_sha256=canonical_sha256
    )
    return (Draft(stream=on_file.stream, fact=fact),)
