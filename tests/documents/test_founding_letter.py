"""The founding letter: one page that tells whoever holds it which records are this site's."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pypdf

from lims.documents.founding_letter import Founder, print_founding_letter
from lims.domain.canonical import site_code
from tests.documents.printed import codes_on, squeezed, text_of

CODE = site_code("ab" * 32)


def letter(kind: str = "demo") -> bytes:
    return print_founding_letter(
        site_code=CODE,
        kind=kind,
        site_name="Demo Cell Laboratory 演示",
        zone="Asia/Shanghai",
        profile="CN",
        root_kid="0f" * 16,
        seal_fingerprint="9c1f" * 16,
        founders=[
            Founder(name="Administrator A", kid="1a" * 16),
            Founder(name="QA officer A", kid="2b" * 16),
        ],
        founded_at=datetime(2026, 1, 5, 3, 4, 5, tzinfo=UTC),
        language="en",
    )


def test_the_letter_is_one_page() -> None:
    assert len(pypdf.PdfReader(io.BytesIO(letter())).pages) == 1


def test_the_letter_holds_what_an_inspector_needs() -> None:
    text = squeezed(text_of(letter()))
    wanted = (
        CODE,
        "Administrator A",
        "QA officer A",
        "1a" * 16,
        "0f" * 16,
        "9c1f" * 16,
        "2026-01-05 11:04:05 +08:00",
    )
    for part in wanted:
        assert squeezed(part) in text


def test_only_a_production_letter_is_without_a_mark() -> None:
    assert "not for clinical use" in text_of(letter())
    assert "not for clinical use" not in text_of(letter("production"))


def test_a_scanner_reads_the_site_code(tmp_path: Path) -> None:
    assert codes_on(letter(), tmp_path) == {CODE}


def test_the_same_founding_prints_the_same_letter() -> None:
    assert letter() == letter()
