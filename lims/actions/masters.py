"""What is done about master batch records and the study protocol: proposed as YAML, approved over two hashes."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, perform
from lims.authoring.load import load_master_batch_record, load_protocol
from lims.domain.entries.envelope import stream_of
from lims.domain.master_batch_record import MasterBatchRecord
from lims.domain.masters import Version, Versions, approve, propose
from lims.domain.protocol import StudyProtocol
from lims.domain.refusals import Refused

R = TypeVar("R", MasterBatchRecord, StudyProtocol)


def propose_master(site: Site, actor: Actor, request_id: str, *, text: str, name: str = "") -> Outcome:
    """Hand in a version; a file with any error is refused by line before anything is on file."""
    loaded = load_master_batch_record(text, name=name) if name else load_master_batch_record(text)
    record = loaded.record
    return _propose(
        site,
        actor,
        request_id,
        act="propose_master",
        stream=stream_of("master", record.code),
        code=record.code,
        version=record.version,
        text=text,
        file_sha256=loaded.file_sha256,
        canonical_sha256=record.sha256,
    )


def propose_protocol(site: Site, actor: Actor, request_id: str, *, text: str, name: str = "") -> Outcome:
    """Hand in a version of the study protocol."""
    loaded = load_protocol(text, name=name) if name else load_protocol(text)
    record = loaded.record
    return _propose(
        site,
        actor,
        request_id,
        act="propose_protocol",
        stream="study",
        code=record.code,
        version=record.version,
        text=text,
        file_sha256=loaded.file_sha256,
        canonical_sha256=record.sha256,
    )


def _propose(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    act: str,
    stream: str,
    code: str,
    version: str,
    text: str,
    file_sha256: str,
    canonical_sha256: str,
) -> Outcome:
    def rule(scene: Scene) -> Decision:
        versions = scene.record(stream)
        assert isinstance(versions, Versions)
        drafts = propose(
            versions,
            code=code,
            version=version,
            text=text,
            file_sha256=file_sha256,
            canonical_sha256=canonical_sha256,
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act=act,
        on=stream,
        asked={"code": code, "version": version, "file": file_sha256},
        about=(("code", code), ("version", version)),
    )
    return perform(site, actor, ask, rule)


def approve_master(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    code: str,
    version: str,
    file_sha256: str,
    canonical_sha256: str,
) -> Outcome:
    """A second quality person approves exactly the bytes and the content that were shown."""
    stream = stream_of("master", code)
    return _approve(
        site, actor, request_id, "approve_master", stream, code, version, file_sha256, canonical_sha256
    )


def approve_protocol(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    code: str,
    version: str,
    file_sha256: str,
    canonical_sha256: str,
) -> Outcome:
    """A second person approves the protocol's version."""
    return _approve(
        site, actor, request_id, "approve_protocol", "study", code, version, file_sha256, canonical_sha256
    )


def _approve(
    site: Site,
    actor: Actor,
    request_id: str,
    act: str,
    stream: str,
    code: str,
    version: str,
    file_sha256: str,
    canonical_sha256: str,
) -> Outcome:
    def rule(scene: Scene) -> Decision:
        drafts = approve(
            scene.load(stream, Versions),
            version=version,
            file_sha256=file_sha256,
            canonical_sha256=canonical_sha256,
            person=actor.person,
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act=act,
        on=stream,
        asked={"code": code, "version": version, "file": file_sha256, "canonical": canonical_sha256},
        about=(("code", code), ("version", version)),
    )
    return perform(site, actor, ask, rule)


def effective_protocol(scene: Scene) -> tuple[StudyProtocol, Version]:
    """The protocol in force, read from its approved text."""
    versions = scene.record("study")
    assert isinstance(versions, Versions)
    version = versions.effective
    if version is None:
        raise Refused("master.not_approved", code="study")
    return _read(version, _protocol), version


def effective_master(scene: Scene, code: str) -> tuple[MasterBatchRecord, Version]:
    """The master batch record in force, read from its approved text; its content still has the approved hash."""
    versions = scene.load(stream_of("master", code), Versions)
    version = versions.effective
    if version is None:
        raise Refused("master.not_approved", code=code)
    return _read(version, _master), version


def master_of(version: Version) -> MasterBatchRecord:
    """A version of a master batch record, read from its text; it still has the hash that was signed."""
    return _read(version, _master)


def _read(version: Version, load: Callable[[str], R]) -> R:
    record = load(version.text)
    if record.sha256 != version.canonical_sha256:
        raise Refused("master.hash_differs")
    return record


@lru_cache(maxsize=16)
def _protocol(text: str) -> StudyProtocol:
    return load_protocol(text).record


@lru_cache(maxsize=16)
def _master(text: str) -> MasterBatchRecord:
    return load_master_batch_record(text).record
