"""record.json has one layout, and travels with its attached files."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pytest

from lims.documents.findings import Status, Verdict
from lims.documents.record_file import compose
from lims.documents.record_reading import Misread, read_record
from lims.documents.record_zip import MANIFEST_NAME, export_zip
from lims.documents.verifier import verify_file, verify_zip
from lims.domain.canonical import file_hash
from tests.documents.site_builder import BATCH, CODE, REPORT, closed_batch

BUILT = closed_batch()
CONTENTS = {file_hash(REPORT): REPORT}


def test_a_record_read_back_is_the_record_composed() -> None:
    assert compose(read_record(BUILT.content)) == BUILT.content


def test_every_array_element_stands_on_a_line_of_its_own() -> None:
    lines = BUILT.content.decode().splitlines()
    body, head = BUILT.record.chains[0].entries[2]
    assert json.dumps([body, head], ensure_ascii=False, separators=(",", ":")) + "," in lines


def test_the_record_is_plain_utf8_that_any_json_reader_reads() -> None:
    assert json.loads(BUILT.content)["chains"][0]["stream"] == BATCH


def test_values_are_put_in_order_of_their_commitments() -> None:
    backwards = replace(BUILT.record, detached=tuple(reversed(BUILT.record.detached)))
    assert compose(backwards) == BUILT.content


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace(b",\n", b", \n", 1),
        lambda text: text[:-1],
        lambda text: text + b"\n",
        lambda text: text.replace("二".encode(), b"\\u4e8c", 1),
        lambda text: text.replace(b'"format":', b'"format":"lims/record/1",\n"format":', 1),
        lambda text: text.replace(b"lims/record/1", b"lims/record/2", 1),
        lambda text: text.replace(b'"number":1,', b'"number":1.0,', 1),
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: b"[" * 100_000,
        lambda text: b"{}",
        lambda text: b"\xff",
    ],
)
def test_another_spelling_of_the_same_record_is_no_record_file(spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(Misread):
        read_record(spoil(BUILT.content))


def test_the_zip_holds_record_files_and_sums() -> None:
    with zipfile.ZipFile(io.BytesIO(export_zip(BUILT.record, CONTENTS))) as archive:
        sums = archive.read(MANIFEST_NAME).decode().splitlines()
        assert {file_hash(archive.read(line[66:])) for line in sums} == {line[:64] for line in sums}
        assert len(archive.namelist()) == len(sums) + 1


def test_the_same_record_makes_the_same_zip() -> None:
    assert export_zip(BUILT.record, CONTENTS) == export_zip(BUILT.record, CONTENTS)


def test_a_zip_with_all_its_files_is_intact() -> None:
    assert verify_file(export_zip(BUILT.record, CONTENTS), CODE).verdict is Verdict.INTACT


def test_a_file_that_is_not_there_is_listed_as_absent() -> None:
    findings = verify_zip(export_zip(BUILT.record, {}), CODE)
    assert findings.verdict is Verdict.INTACT
    assert "report.csv" in findings.check("files").sentence()


def test_a_zip_is_not_made_with_bytes_that_are_not_the_file_on_record() -> None:
    with pytest.raises(ValueError, match=r"report\.csv"):
        export_zip(BUILT.record, {file_hash(REPORT): b"other"})


@pytest.mark.parametrize("change", ["drop", "alter", "add"])
def test_a_file_changed_in_the_zip_is_found(change: str) -> None:
    spoiled = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(export_zip(BUILT.record, CONTENTS))) as archive,
        zipfile.ZipFile(spoiled, "w") as other,
    ):
        for name in archive.namelist():
            if name.startswith("files/") and change == "drop":
                continue
            other.writestr(
                name, b"?" if name.startswith("files/") and change == "alter" else archive.read(name)
            )
        if change == "add":
            other.writestr("files/extra", b"")
    assert verify_zip(spoiled.getvalue(), CODE).check("files").status is Status.FAIL


def test_a_damaged_zip_is_not_intact() -> None:
    assert verify_zip(b"PK\x03\x04 nothing", CODE).verdict is Verdict.NOT_INTACT
