"""Labels say what must be on them, in both languages, and a scanner reads them."""

import io
from pathlib import Path

import pypdf
import pytest

from lims.documents.label_paper import face_of, print_label
from tests.documents.printed import codes_on, printed, squeezed, text_of
from tests.rules.played_batch import played

SECOND = "HN 3302 演示"


def labels(point: str, *, partial: bool = False, kind: str = "demo") -> bytes:
    batch = played(point).record
    return print_label(
        batch,
        serials=list(batch.labels)[-3:],
        kind=kind,
        site_name="Demo Cell Laboratory",
        second_identifier=SECOND,
        partial=partial,
    )


def test_every_serial_has_a_page_of_its_own() -> None:
    assert len(pypdf.PdfReader(io.BytesIO(labels("fill"))).pages) == 3


@pytest.mark.parametrize(("partial", "size"), [(False, (100, 60)), (True, (60, 20))])
def test_a_label_has_the_size_of_its_stock(partial: bool, size: tuple[int, int]) -> None:
    page = pypdf.PdfReader(io.BytesIO(labels("fill", partial=partial))).pages[0]
    found = (float(page.mediabox.width) * 25.4 / 72, float(page.mediabox.height) * 25.4 / 72)
    assert found == pytest.approx(size, abs=0.01)


def test_a_product_label_carries_identity_expiry_and_every_legal_text() -> None:
    text, batch = squeezed(text_of(labels("fill"))), played("fill").record
    wanted = [batch.issue.participant, batch.number, "1/2", SECOND, "2026-11-25 22:26", "+08:00", "1/1"]
    wanted += [
        words
        for legal in batch.protocol.legal_texts
        if legal.code != "sterility_pending"
        for words in (legal.words.en, legal.words.zh)
    ]
    for part in wanted:
        assert squeezed(part) in text


@pytest.mark.parametrize(
    ("point", "status"), [("fill", "QUARANTINE"), ("released", "CONDITIONAL RELEASE"), ("seed", "IN PROCESS")]
)
def test_a_label_says_how_its_container_stands(point: str, status: str) -> None:
    assert status in text_of(labels(point))


def test_a_text_of_another_profile_is_left_out() -> None:
    batch = played("fill").record
    serial = list(batch.labels)[-1]
    face = face_of(batch, serial=serial, kind="demo", site_name="Demo", second_identifier=None)
    assert len(face.legal) == sum(
        text.profile in ("ALL", "CN") and text.code not in ("autologous", "sterility_pending")
        for text in batch.protocol.legal_texts
    )


def test_a_scanner_reads_the_container_and_the_serial(tmp_path: Path) -> None:
    batch = played("fill").record
    serial = list(batch.labels)[-3]
    assert codes_on(labels("fill"), tmp_path, dpi=300) == {batch.labels[serial].container, serial}


def test_a_scanner_reads_the_small_label(tmp_path: Path) -> None:
    batch = played("fill").record
    serial = list(batch.labels)[-3]
    assert codes_on(labels("fill", partial=True), tmp_path, dpi=300) == {batch.labels[serial].container}


def test_the_specimen_in_the_record_has_no_code_that_a_scanner_could_take_for_the_thing(
    tmp_path: Path,
) -> None:
    content = printed("released")
    reader = pypdf.PdfReader(io.BytesIO(content))
    page = next(at for at, p in enumerate(reader.pages, start=1) if "SPECIMEN" in p.extract_text())
    found = codes_on(content, tmp_path, page=page)
    assert not found & set(played("released").record.containers)
    assert SECOND not in text_of(content)
