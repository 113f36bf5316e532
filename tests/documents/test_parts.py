"""Setting text on paper: nothing is lost, no line runs over, Chinese breaks where it may."""

import io

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lims.documents.parts import Pen, Span, Style, Unprintable, data_matrix, unprintable, width_of, wrap
from lims.documents.parts_blocks import Column, cell, heading, table
from lims.documents.parts_flow import BOTTOM, Block, paginate
from lims.documents.parts_text import NOT_FIRST
from lims.domain.canonical import file_hash

SIGNS = st.text(alphabet="abcXYZ 0123456789-.,:;()·%批次记录受试者，。（）“”—µ×10⁷ ", max_size=200)
STYLE = Style(size=9)


def set_text(text: str, width: float) -> list[str]:
    lines = wrap([Span(text, STYLE)], width)
    return ["".join(span.text for _, span in line.pieces) for line in lines]


@settings(deadline=None)  # the first example also reads the fonts
@given(SIGNS, st.floats(min_value=40, max_value=400))
def test_no_sign_is_lost_in_wrapping(text: str, width: float) -> None:
    assert "".join(set_text(text, width)) == text


@settings(deadline=None)  # the first example also reads the fonts
@given(SIGNS, st.floats(min_value=60, max_value=400))
def test_no_line_runs_over_its_column(text: str, width: float) -> None:
    for line in set_text(text, width):
        assert width_of(line.rstrip(" "), STYLE) <= width + STYLE.size * 1.1


def test_a_chinese_line_never_begins_with_a_closing_sign() -> None:
    text = "扫描运输箱，检查封签，扫描温度记录仪。逐管扫描；如有一管被拒绝，立即停止。" * 4
    for width in range(60, 200, 7):
        assert all(line[0] not in NOT_FIRST for line in set_text(text, width))


def test_words_stay_whole_where_they_fit() -> None:
    assert set_text("Scan every tube. Stop.", 60) == ["Scan every ", "tube. Stop."]


def test_a_date_is_never_broken_at_its_dash() -> None:
    assert set_text("Expires 2026-11-25", 70) == ["Expires ", "2026-11-25"]


def test_a_digest_that_is_too_long_is_cut() -> None:
    assert len(set_text("0123456789abcdef" * 4, 100)) > 1


def test_a_sign_without_a_font_is_named() -> None:
    assert unprintable("Technician 甲 \U0002a6d6 ✓\n") == {"\U0002a6d6", "✓"} - ({"✓"} - unprintable("✓"))


def test_control_signs_are_not_printable() -> None:
    assert unprintable("a\x07b\u202e") == {"\x07", "\u202e"}


def test_nothing_is_drawn_for_a_sign_without_a_font() -> None:
    pen = Pen(title="test", language="en")
    with pytest.raises(Unprintable):
        pen.text(50, 50, "\U0002a6d6", STYLE)


def test_a_table_repeats_its_head_on_every_page() -> None:
    rows = [(cell(f"row {at}"), cell("value")) for at in range(120)]
    pages = paginate(table([Column(head="Name", share=1), Column(head="Value", share=1)], rows))
    head = pages[0][0][1]
    assert len(pages) > 2 and all(page[0][1] is head for page in pages)


def test_no_block_runs_over_the_foot() -> None:
    rows = [(cell("词" * 700), cell("value")) for _ in range(9)]
    pages = paginate(table([Column(head="Name", share=1), Column(head="Value", share=3)], rows))
    assert all(y + block.height <= BOTTOM for page in pages for y, block in page if block.height > 10)


def test_a_heading_stays_with_what_it_heads() -> None:
    filler = Block(height=BOTTOM - 66 - 30, draw=lambda pen, x, y: None)
    row = Block(height=20, draw=lambda pen, x, y: None)
    pages = paginate([filler, *heading("Results"), row])
    assert len(pages) == 2 and len(pages[1]) == 2


def test_extracted_chinese_is_the_chinese_that_was_set() -> None:
    pen = Pen(title="test", language="zh_Hans")
    pen.text(50, 50, "批生产记录 r119，NK细胞 2.0×10⁷", STYLE)
    pen.next_page()
    text = pypdf.PdfReader(io.BytesIO(pen.finish())).pages[0].extract_text()
    assert "".join(text.split()) == "批生产记录r119，NK细胞2.0×10⁷"


def test_a_square_code_is_square_whatever_it_says() -> None:
    """A text of the foot comes out as an oblong now and then, if it is let."""
    for at in range(200):
        rows = data_matrix(f"0037 r{at} {file_hash(str(at).encode())[:16]}")
        assert len(rows) == len(rows[0]), at
