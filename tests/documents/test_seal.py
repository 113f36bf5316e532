"""The sealed PDF: one record, one seal, no byte free; and readers other than our own say so too."""

import io
import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which
from time import perf_counter

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

from lims.documents.attachment import PLAIN_UP_TO_LINES, attach_record
from lims.documents.findings import Status, Verdict
from lims.documents.record_file import compose
from lims.documents.seal import PemKey, SealFault, Stamp, TokenKey, seal
from lims.documents.seal_certificate import certificate_public, new_seal
from lims.documents.verifier import verify_pdf
from lims.domain.canonical import file_hash, key_id
from tests.conftest import absent
from tests.documents.site_builder import (
    BATCH,
    CODE,
    ROOT,
    START,
    TECHNICIAN,
    blank_pdf,
    built,
    closed_batch,
    open_batch,
    sealed_pdf,
    site_seal,
)

CLOSED = closed_batch()
SEALED = sealed_pdf(CLOSED.content)
ATTACHED = attach_record(blank_pdf(), CLOSED.content, title=BATCH, language="en", time=START)
KEY = PemKey(key_pem=site_seal().key_pem, certificate_pem=site_seal().certificate_pem)


def contents_of(pdf: bytes) -> tuple[int, int]:
    """Where the hexadecimal digits of /Contents begin and end."""
    found = re.search(rb"/Contents <([0-9a-fA-F]+)>", pdf)
    assert found
    return found.span(1)


FIRST, END = contents_of(SEALED)


def sealed_at(pdf: bytes, *, stamp: Stamp | None = None) -> bytes:
    """The PDF under the site's seal."""
    return seal(pdf, key=KEY, reason="True copy", location="Demo site", time=START, stamp=stamp)


def test_a_sealed_record_is_intact_and_its_origin_confirmed() -> None:
    findings = verify_pdf(SEALED, CODE)
    assert findings.verdict is Verdict.INTACT
    assert findings.file_sha256 == file_hash(SEALED)
    assert findings.record_sha256 == file_hash(CLOSED.content)


def test_the_seal_fixes_even_the_entries_of_an_open_record() -> None:
    assert verify_pdf(sealed_pdf(built(open_batch()).content), CODE).verdict is Verdict.INTACT


def test_without_the_code_a_sealed_record_is_consistent() -> None:
    assert verify_pdf(SEALED, None).verdict is Verdict.CONSISTENT


def test_poppler_calls_the_seal_valid_over_the_total_document(tmp_path: Path) -> None:
    if which("pdfsig") is None:
        absent("needs pdfsig (poppler-utils)")
    file = tmp_path / "sealed.pdf"
    file.write_bytes(SEALED)
    told = subprocess.run(["pdfsig", str(file)], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid." in told
    assert "Total document signed" in told


def test_sealing_takes_less_than_half_a_second() -> None:
    taken = []
    for _ in range(3):
        begun = perf_counter()
        sealed_at(ATTACHED)
        taken.append(perf_counter() - begun)
    assert min(taken) < 0.5


def test_the_signing_time_is_the_one_told() -> None:
    with pikepdf.open(io.BytesIO(SEALED)) as pdf:
        assert str(pdf.Root.AcroForm.Fields[0].V.M) == "D:20260302100000Z"


def test_the_record_can_be_read_in_the_file_with_a_text_editor() -> None:
    assert CLOSED.content in SEALED


def test_a_very_long_record_lies_deflated() -> None:
    long = b"x\n" * (PLAIN_UP_TO_LINES + 1)
    attached = attach_record(blank_pdf(), long, title=BATCH, language="en", time=START)
    assert len(attached) < len(long)
    with pikepdf.open(io.BytesIO(attached)) as pdf:
        assert pdf.Root.AF[0].EF.F.read_bytes() == long


def test_the_same_pages_and_record_make_the_same_file() -> None:
    pages = blank_pdf()
    one, two = (
        attach_record(pages, CLOSED.content, title=BATCH, language="en", time=START) for _ in range(2)
    )
    assert one == two


def test_the_file_is_built_as_an_archive_file() -> None:
    with pikepdf.open(io.BytesIO(SEALED)) as pdf:
        words = pdf.open_metadata()
        assert (words["pdfaid:part"], words["pdfaid:conformance"]) == ("3", "B")
        assert pdf.Root.OutputIntents[0].DestOutputProfile.read_bytes()[36:40] == b"acsp"
        assert pdf.Root.AF[0].AFRelationship == pikepdf.Name.Source
    assert b"/ObjStm" not in SEALED
    assert b"/XRef" not in SEALED


def test_no_person_is_named_in_the_files_metadata() -> None:
    with pikepdf.open(io.BytesIO(blank_pdf())) as pdf:
        pdf.docinfo["/Author"] = TECHNICIAN.name
        out = io.BytesIO()
        pdf.save(out)
    attached = attach_record(out.getvalue(), b"{}\n", title=BATCH, language="en", time=START)
    assert TECHNICIAN.name.encode() not in attached


def test_a_visible_stamp_is_drawn_and_the_seal_still_holds() -> None:
    stamp = Stamp(pdf=blank_pdf(), page=0, box=(100, 100, 300, 160))
    assert verify_pdf(sealed_at(ATTACHED, stamp=stamp), CODE).verdict is Verdict.INTACT


def test_a_sealed_file_is_not_sealed_again() -> None:
    with pytest.raises(SealFault, match="already sealed"):
        sealed_at(SEALED)


def test_a_key_that_does_not_open_is_told() -> None:
    with pytest.raises(SealFault):
        seal(ATTACHED, key=replace(KEY, key_pem=b"nothing"), reason="", location="", time=START)


def test_an_encrypted_key_seals_with_its_passphrase() -> None:
    made = new_seal(site="Demo site", instance_kind="demo", time=START, years=1, passphrase=b"correct horse")
    key = PemKey(key_pem=made.key_pem, certificate_pem=made.certificate_pem, passphrase=b"correct horse")
    assert seal(ATTACHED, key=key, reason="", location="", time=START)


def test_a_token_without_its_driver_is_told() -> None:
    key = TokenKey(settings={"module-path": "/nowhere.so", "cert-label": "seal"})
    with pytest.raises(SealFault):
        seal(ATTACHED, key=key, reason="", location="", time=START)


def test_the_seal_of_a_demo_site_says_so() -> None:
    name = x509.load_pem_x509_certificate(site_seal().certificate_pem).subject.rfc4514_string()
    assert name == "CN=DEMO Demo site seal"


def test_a_seal_that_the_root_did_not_vouch_for_is_found() -> None:
    other = new_seal(site="Demo site", instance_kind="demo", time=START, years=10)
    assert verify_pdf(sealed_pdf(CLOSED.content, made=other), CODE).check("certificate").status is Status.FAIL


def test_an_rsa_seal_is_read_as_well() -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Demo seal")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(7)
        .not_valid_before(START)
        .not_valid_after(START + timedelta(days=9))
        .sign(private, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    made = replace(
        site_seal(),
        key_pem=private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        certificate_pem=pem,
    )
    bench = open_batch()
    public = certificate_public(pem)
    bench.found_key(key_id(public), public, "seal", name="Demo site", signer=ROOT, certificate=pem.decode())
    findings = verify_pdf(sealed_pdf(built(bench).content, made=made), CODE)
    assert findings.verdict is Verdict.INTACT


@settings(max_examples=120, deadline=None)
@given(st.integers(0, len(SEALED) - 1).filter(lambda at: not FIRST <= at < END), st.integers(1, 255))
def test_any_byte_changed_under_the_seal_is_found(place: int, change: int) -> None:
    spoilt = bytearray(SEALED)
    spoilt[place] ^= change
    assert verify_pdf(bytes(spoilt), CODE).verdict is Verdict.NOT_INTACT


@settings(max_examples=150, deadline=None)
@given(st.integers(FIRST, END - 1), st.integers(1, 255))
def test_any_byte_changed_in_the_seals_own_is_found(place: int, change: int) -> None:
    spoilt = bytearray(SEALED)
    spoilt[place] ^= change
    findings = verify_pdf(bytes(spoilt), CODE)
    assert findings.verdict is Verdict.NOT_INTACT
    assert findings.file_sha256 != file_hash(SEALED)


def test_one_digit_in_the_other_case_is_found() -> None:
    digits = SEALED[FIRST:END]
    at = FIRST + next(i for i, sign in enumerate(digits) if chr(sign).isalpha())
    spoilt = SEALED[:at] + SEALED[at : at + 1].swapcase() + SEALED[at + 1 :]
    assert verify_pdf(spoilt, CODE).check("contents").status is Status.FAIL


def test_something_hidden_in_the_padding_is_found() -> None:
    assert verify_pdf(SEALED[: END - 2] + b"01" + SEALED[END:], CODE).check("contents").status is Status.FAIL


def test_bytes_after_the_end_are_found() -> None:
    assert verify_pdf(SEALED + b"\n", CODE).check("range").status is Status.FAIL


def test_an_overlay_saved_after_sealing_is_found() -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(SEALED))
    writer.root["/Lang"] = writer.root.raw_get("/Lang")
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    assert verify_pdf(out.getvalue(), CODE).check("range").status is Status.FAIL


def test_a_signature_that_certifies_nothing_is_no_seal() -> None:
    (certificate,) = load_certs_from_pemder_data(KEY.certificate_pem)
    private = load_private_key_from_pemder_data(KEY.key_pem, None)
    signer = signers.SimpleSigner(certificate, private, SimpleCertificateStore())
    metadata = signers.PdfSignatureMetadata(field_name="Seal", md_algorithm="sha256")
    out = signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(ATTACHED)), metadata, signer)
    assert verify_pdf(out.getvalue(), CODE).check("seal").status is Status.FAIL


def test_an_unsealed_pdf_with_a_record_is_not_intact() -> None:
    assert verify_pdf(ATTACHED, CODE).check("seal").status is Status.FAIL


def test_a_pdf_without_a_record_is_not_intact() -> None:
    assert verify_pdf(sealed_at(blank_pdf()), CODE).check("attachment").status is Status.FAIL


def test_a_second_file_of_the_same_name_is_found() -> None:
    with pikepdf.open(io.BytesIO(ATTACHED)) as pdf:
        pdf.Root.AF.append(pdf.Root.AF[0])
        out = io.BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    assert verify_pdf(sealed_at(out.getvalue()), CODE).check("attachment").status is Status.FAIL


def test_a_record_that_is_not_intact_is_not_saved_by_a_good_seal() -> None:
    chain = CLOSED.record.chains[0]
    cut = replace(CLOSED.record, chains=(replace(chain, entries=chain.entries[:-1]), CLOSED.record.chains[1]))
    findings = verify_pdf(sealed_pdf(compose(cut)), CODE)
    assert findings.check("digest").status is Status.OK
    assert findings.verdict is Verdict.NOT_INTACT


def test_the_clock_of_the_machine_plays_no_part() -> None:
    long_ago = datetime(2001, 1, 1, tzinfo=UTC)
    assert b"D:20010101" in seal(ATTACHED, key=KEY, reason="", location="", time=long_ago).replace(
        b"\\072", b":"
    )
