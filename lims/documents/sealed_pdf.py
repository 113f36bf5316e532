"""Reading a sealed PDF: exactly one record, exactly one seal, nothing outside it, not a byte changed."""

import hashlib
import io
import re
from dataclasses import dataclass
from typing import Any, Final

import pikepdf
from pikepdf import Array, Name

from lims.documents.findings import N_, Notes
from lims.documents.record_file import RECORD_NAME
from lims.documents.seal_container import NoContainer, read_container

_HEX: Final = re.compile(rb"(?:[0-9a-f]{2})*|(?:[0-9A-F]{2})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedPdf:
    """What lies in the PDF: the record's bytes and the seal's certificate (DER), None where there is none."""

    record: bytes | None
    certificate: bytes | None


def read_sealed_pdf(notes: Notes, content: bytes) -> SealedPdf:
    """The record and the seal's certificate, with the checks of the seal; a PDF that is none fails `attachment`."""
    try:
        with pikepdf.open(io.BytesIO(content)) as document:
            record = _record(notes, document)
            signature = _only_seal(notes, document)
            if signature is None:
                return SealedPdf(record=record, certificate=None)
            ranges = [int(bound) for bound in signature.ByteRange.as_list()]
            stored = bytes(signature.Contents)
    except (pikepdf.PdfError, AttributeError, KeyError, TypeError, ValueError) as fault:
        notes.fail(
            "attachment",
            N_("The PDF cannot be read: %(fault)s."),
            fault=type(fault).__name__,
        )
        return SealedPdf(record=None, certificate=None)
    if not _check_range(notes, content, ranges=ranges, stored=stored):
        return SealedPdf(record=record, certificate=None)
    certificate = _check_container(notes, content, ranges=ranges)
    if certificate is not None and not notes.failed("seal", "range", "contents", "digest"):
        _check_again(notes, content, certificate)
    return SealedPdf(record=record, certificate=certificate)


def _record(notes: Notes, document: pikepdf.Pdf) -> bytes | None:
    files = [
        item for item in document.Root.get(Name.AF, Array()).as_list() if str(item.get("/UF")) == RECORD_NAME
    ]
    named = document.Root.get(Name.Names, pikepdf.Dictionary()).get("/EmbeddedFiles", pikepdf.Dictionary())
    listed = [str(item) for item in named.get("/Names", Array()).as_list()[::2]]
    if len(files) != 1 or listed.count(RECORD_NAME) != 1 or files[0].get("/AFRelationship") != Name.Source:
        notes.fail(
            "attachment",
            N_("There must be one attached record.json, marked as the source."),
        )
        return None
    stream = files[0].EF.F
    others = (
        files[0].EF.get("/UF", stream),
        *(item.EF.F for item in named.Names.as_list()[1::2]),
    )
    if any(other.objgen != stream.objgen for other in others if isinstance(other, pikepdf.Stream)):
        notes.fail("attachment", N_("Different files are attached under one name."))
        return None
    notes.ok("attachment", N_("record.json is attached to these pages."))
    return stream.read_bytes()


def _only_seal(notes: Notes, document: pikepdf.Pdf) -> Any | None:
    form = document.Root.get(Name.AcroForm, pikepdf.Dictionary())
    signed = [item for item in form.get(Name.Fields, Array()).as_list() if item.get(Name.FT) == Name.Sig]
    signed = [item.V for item in signed if Name.V in item]
    if len(signed) != 1:
        notes.fail(
            "seal",
            N_("%(count)s signatures are in the PDF where one seal belongs."),
            count=len(signed),
        )
        return None
    certified = document.Root.get(Name.Perms, pikepdf.Dictionary()).get(Name.DocMDP)
    rules = signed[0].get(Name.Reference, Array()).as_list()
    forbids = (
        len(rules) == 1 and rules[0].TransformMethod == Name.DocMDP and int(rules[0].TransformParams.P) == 1
    )
    if certified is None or certified.objgen != signed[0].objgen or not forbids:
        notes.fail("seal", N_("The seal does not certify the PDF against every change."))
        return signed[0]
    notes.ok("seal", N_("One certifying seal that forbids every later change (DocMDP P=1)."))
    return signed[0]


def _check_range(notes: Notes, content: bytes, *, ranges: list[int], stored: bytes) -> bool:
    if len(ranges) != 4 or min(ranges) < 0:
        notes.fail("range", N_("The range of the seal is not one gap in one file."))
        return False
    start, gap, after, rest = ranges
    if start != 0 or not gap < after or after + rest != len(content):
        notes.fail(
            "range",
            N_("The seal does not reach from the first byte of the file to its last."),
        )
        return False
    if content[gap : gap + 1] != b"<" or content[after - 1 : after] != b">":
        notes.fail("range", N_("The seal leaves out more than its own bytes."))
        return False
    written = content[gap + 1 : after - 1]
    if not _HEX.fullmatch(written) or bytes.fromhex(written.decode()) != stored:
        notes.fail(
            "contents",
            N_("The seal's bytes are not written in one case of hexadecimal digits."),
        )
        return False
    notes.ok(
        "range",
        N_("Total document signed: %(size)s bytes, less the seal itself."),
        size=len(content),
    )
    return True


def _check_container(notes: Notes, content: bytes, *, ranges: list[int]) -> bytes | None:
    """Checks that /Contents is one canonical container and zeros, signed, and that its digest is the file's."""
    _, gap, after, _ = ranges
    try:
        container = read_container(bytes.fromhex(content[gap + 1 : after - 1].decode()))
    except NoContainer as fault:
        notes.fail(
            "contents",
            N_("The seal's bytes are not one signature and zeros: %(fault)s."),
            fault=str(fault),
        )
        return None
    notes.ok("contents", N_("One certificate, one signature, then zeros."))
    if hashlib.sha256(content[:gap] + content[after:]).digest() != container.message_digest:
        notes.fail("digest", N_("A sealed byte of the file has been changed."))
    elif not container.is_signed():
        notes.fail("digest", N_("The seal's signature is not valid."))
    return container.certificate


def _check_again(notes: Notes, content: bytes, certificate: bytes) -> None:
    from lims.documents.seal import SealFault, read_seal  # here: pyHanko takes half a second to load

    try:
        read = read_seal(content, certificate)
    except SealFault as fault:
        notes.fail("digest", N_("The seal cannot be validated: %(fault)s."), fault=str(fault))
        return
    if not read.whole_file or not read.changes_forbidden:
        notes.fail(
            "range",
            N_("A second reader finds that the seal does not cover the whole file."),
        )
    if not read.intact:
        notes.fail("digest", N_("The seal's signature is not valid."))
    notes.ok("digest", N_("Digest and signature of the seal are valid."))
