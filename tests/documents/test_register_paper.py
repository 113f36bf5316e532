"""The certification register on paper: every decision under its number, with the certificate that tells it."""

from datetime import timedelta

import pytest

from lims.documents.register import print_register
from lims.domain.register import Line, Register
from lims.domain.rows import DocumentRow
from tests.documents.printed import pages_of, squeezed
from tests.documents.test_quality_review import BEGAN, decision, site_copy

CERTIFICATE = DocumentRow(
    stream="documents:0001",
    key="3",
    batch="0001",
    paper="conditional_release",
    subject="",
    language="en",
    copy_number=2,
    sha256="5a" * 32,
    head_seq=90,
    issued_at=BEGAN + timedelta(hours=1),
    issued_by="qa-a",
)


def year_of_two() -> Register:
    """A released batch with its certificate, a rejected one without, and one that has no line."""
    return Register(
        year=2026,
        years=(2026,),
        lines=(
            Line(number="2026-0001", row=decision("0001", "released_conditionally"), certificate=CERTIFICATE),
            Line(number="2026-0002", row=decision("0002", "rejected"), certificate=None),
        ),
        gaps=("0003",),
        people={"qa-a": "QA officer A"},
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Certification register", "Released conditionally", "Rejected", "Batches without a line")),
        ("zh_Hans", ("放行登记册", "有条件放行", "已拒绝", "缺登记的批次")),
    ],
)
def test_every_line_and_gap_is_on_paper(language: str, words: tuple[str, ...]) -> None:
    text = squeezed("".join(pages_of(print_register(site_copy(language=language), year_of_two()))))
    told = ("2026-0001", "2026-0002", "0003", "5a5a5a5a5a5a…", "QA officer A", *words)
    assert [one for one in told if squeezed(one) not in text] == []


def test_the_same_copy_gives_the_same_bytes() -> None:
    assert print_register(site_copy(), year_of_two()) == print_register(site_copy(), year_of_two())
