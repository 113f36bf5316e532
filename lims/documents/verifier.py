"""Verifying a record offline: from the file and the site code alone, with no database and no server."""

from collections.abc import Callable
from typing import Final

from lims.documents.chain_reading import (
    EntryRead,
    check_reliance,
    read_chain,
    read_founding,
    tell_chains,
)
from lims.documents.disclosure_check import (
    check_disclosure,
    check_files,
    check_redactions,
)
from lims.documents.findings import (
    CHECKS,
    LIMITS,
    N_,
    Check,
    Findings,
    Notes,
    SignatureRead,
    State,
    Status,
    Verdict,
)
from lims.documents.key_list import KeyList, check_code, walk_keys
from lims.documents.proof_check import check_anchors, check_checkpoints, check_closure
from lims.documents.record_file import Chain, RecordFile
from lims.documents.record_reading import Misread, read_record
from lims.documents.record_zip import check_zip
from lims.documents.sealed_pdf import read_sealed_pdf
from lims.documents.signature_check import check_signatures
from lims.domain.canonical import file_hash
from lims.domain.entries.envelope import refusals_of

_MARKS: Final = {Status.OK: "ok", Status.FAIL: "FAIL", Status.UNKNOWN: "?"}


def verify_record(content: bytes, site_code: str | None) -> Findings:
    """What record.json proves by itself; `site_code` is what stands on the site's letter, None when not at hand.

    Without a PDF's seal, entries that no signature or checkpoint fixes keep the verdict at `consistent`.
    """
    return _verify(Notes(), content, site_code=site_code, whole=content)


def verify_pdf(content: bytes, site_code: str | None) -> Findings:
    """What a sealed batch record proves: the seal over the whole file, and the record that lies in it."""
    notes = Notes()
    pdf = read_sealed_pdf(notes, content)
    return _verify(
        notes,
        pdf.record,
        site_code=site_code,
        whole=content,
        certificate=pdf.certificate,
    )


def verify_zip(content: bytes, site_code: str | None) -> Findings:
    """What an exported zip proves: its record, and that each attached file is the one committed to."""
    notes = Notes()
    record = check_zip(notes, content)
    return _verify(notes, record, site_code=site_code, whole=content)


def verify_file(content: bytes, site_code: str | None) -> Findings:
    """Verifies a PDF, a zip or a record.json, told apart by their first bytes."""
    if content.startswith(b"%PDF-"):
        return verify_pdf(content, site_code)
    if content.startswith(b"PK"):
        return verify_zip(content, site_code)
    return verify_record(content, site_code)


def main_lines(findings: Findings, translate: Callable[[str], str] = str) -> list[str]:
    """The findings as lines for a terminal; `translate` is a gettext function."""
    lines = [
        f"{translate(findings.verdict)}",
        f"{translate(N_('Record'))}: {translate(findings.state)} · {findings.site} ({findings.instance_kind})",
    ]
    for check in findings.checks:
        where = f" [{check.stream} {check.seq}]" if check.stream else ""
        lines.append(
            f"{_MARKS[check.status]:>4}  {translate(CHECKS[check.name])}: {check.sentence(translate)}{where}"
        )
    for item in findings.signatures:
        mark = _MARKS[Status.OK if item.valid else Status.FAIL]
        lines.append(f"{mark:>4}  {item.seq}: {item.name}, {item.time} ({item.zone}): {item.sentence}")
    lines += [f"   -  {translate(limit)}" for limit in LIMITS]
    lines.append(f"SHA-256 {findings.file_sha256}")
    return lines


def _verify(
    notes: Notes,
    content: bytes | None,
    *,
    site_code: str | None,
    whole: bytes,
    certificate: bytes | None = None,
) -> Findings:
    record: RecordFile | None = None
    state = State.UNKNOWN
    signatures: tuple[SignatureRead, ...] = ()
    if content is not None:
        try:
            record = read_record(content)
        except Misread as fault:
            notes.fail("layout", N_("It cannot be read: %(fault)s."), fault=str(fault))
    if record is not None:
        notes.ok("layout", N_("Byte for byte as docs/record-format.md lays it out."))
        state, signatures = _check_record(notes, record, site_code=site_code, certificate=certificate)
    return Findings(
        checks=notes.told(),
        verdict=_verdict(notes.told()),
        state=state,
        signatures=signatures,
        site=record.site.name if record else "",
        instance_kind=record.site.kind if record else "",
        record_sha256=file_hash(content) if content is not None else "",
        file_sha256=file_hash(whole),
    )


def _verdict(checks: tuple[Check, ...]) -> Verdict:
    reached = {check.status for check in checks}
    if Status.FAIL in reached or not any(check.name == "layout" for check in checks):
        return Verdict.NOT_INTACT
    return Verdict.CONSISTENT if Status.UNKNOWN in reached else Verdict.INTACT


def _check_record(
    notes: Notes,
    record: RecordFile,
    *,
    site_code: str | None,
    certificate: bytes | None,
) -> tuple[State, tuple[SignatureRead, ...]]:
    founding = read_founding(notes, record.site.founding)
    key_entries = read_chain(notes, Chain(stream="keys", entries=record.keys))
    chains = [read_chain(notes, chain) for chain in record.chains]
    _check_streams(notes, record, sealed=certificate is not None)
    tell_chains(notes, (key_entries, *chains))
    if founding is None or notes.failed("canonical"):
        return State.UNKNOWN, ()
    read = ((founding,), key_entries, *chains)
    keys = walk_keys(notes, key_entries)
    check_code(notes, keys, site_code)
    _check_site(notes, record, founding, keys)
    check_reliance(notes, read)
    signed = check_signatures(notes, (key_entries, *chains), keys)
    everything = [entry for entries in read for entry in entries]
    check_disclosure(notes, record, everything)
    check_redactions(notes, record, everything, signed)
    check_files(notes, record, everything)
    streams = {"keys": key_entries}
    streams |= {chain.stream: entries for chain, entries in zip(record.chains, chains, strict=True)}
    pinned = check_checkpoints(notes, record.checkpoints, streams=streams, keys=keys)
    if certificate is not None:
        _check_certificate(notes, keys, certificate)
    sealed = certificate is not None and not notes.failed(
        "seal", "range", "contents", "certificate", "digest"
    )
    streams["system"] = (founding,)
    check_anchors(notes, streams, pinned=pinned, signed=signed, sealed=sealed)
    if not chains:
        return State.PAPER, signed.told
    return check_closure(notes, chains[0], signed), signed.told


def _check_streams(notes: Notes, record: RecordFile, *, sealed: bool) -> None:
    names = [chain.stream for chain in record.chains]
    if not names and not sealed:
        notes.fail("stream", N_("Without a record inside, only a sealed PDF proves anything."))
    elif names and (
        len(names) != 2
        or not record.chains[0].entries
        or names[1] != refusals_of(names[0])
        or names[0] == names[1]
    ):
        notes.fail(
            "stream",
            N_("The file must hold one record's stream and its refusals, in this order."),
        )
    if not record.keys:
        notes.fail("stream", N_("The key list is missing."))


def _check_site(notes: Notes, record: RecordFile, founding: EntryRead, keys: KeyList) -> None:
    site, fact = record.site, founding.fact
    told = (site.kind, site.name, site.zone, site.root_kid)
    if founding.kind != "instance_founded.1" or told != tuple(
        fact.get(field) for field in ("instance_kind", "site", "zone", "root_kid")
    ):
        notes.fail(
            "site",
            N_("Name, kind or zone of the site are not as it was founded."),
            founding.place,
        )
    elif keys.root is None or keys.root.kid != site.root_kid:
        notes.fail("site", N_("The site was founded with another root key."), founding.place)
    notes.ok(
        "site",
        N_("%(name)s, a %(kind)s instance, %(zone)s."),
        name=site.name,
        kind=site.kind,
        zone=site.zone,
    )


def _check_certificate(notes: Notes, keys: KeyList, certificate: bytes) -> None:
    digest = file_hash(certificate)
    if any(key.purpose == "seal" and key.public == digest for key in keys.site.values()):
        notes.ok("certificate", N_("The site's root key vouches for the seal's certificate."))
    else:
        notes.fail("certificate", N_("The seal's certificate is not on the site's key list."))
