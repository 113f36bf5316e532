"""The blocks that every paper is made of: titles, running text, tables, facts, notes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lims.documents.parts import INK2, INK3, Line, Paragraph, Pen, Span, Style, width_of, wrap
from lims.documents.parts_flow import WIDTH, Block, set_lines, space

BODY = Style(size=9.5)
BOLD = Style(size=9.5, weight=600)
CELL = Style(size=9)
STRONG = Style(size=9, weight=600)
SMALL = Style(size=8.2, colour=INK3)
HEAD = Style(size=8.2, weight=600, colour=INK2)
HAIR = "#C9CFD6"
SHADE = "#F1F3F6"
MOST_LINES = 44
"""A row of a table that is higher goes on as another row on the next page."""

Cell = Sequence[Paragraph]
"""What stands in a cell: paragraphs, one under another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table: its head, and its share of the width."""

    head: str
    share: float


def cell(text: str, style: Style = CELL) -> Cell:
    """A cell of one text."""
    return ((Span(text, style),),)


def title(main: str, other: str, *, new_page: bool = True, remark: str = "") -> list[Block]:
    """A part's title, its other language small beside it; stands in the contents and, as a rule, begins a page."""

    def draw(pen: Pen, x: float, y: float) -> None:
        at = pen.text(x, y + 19, main, Style(size=17, weight=600))
        beside = " · ".join(part for part in (other if other != main else "", remark) if part)
        pen.text(at + 10, y + 19, beside, Style(size=11, colour=INK2))

    head = Block(height=32, draw=draw, keep=True, section=main, new_page=new_page)
    return [head] if new_page else [replace(space(16), keep=True), head]


def heading(main: str, remark: str = "", *, above: float = 14, section: bool = False) -> list[Block]:
    """A section's title with a grey remark on its line, or under it where both do not fit."""
    strong, grey = Style(size=11.5, weight=600), Style(size=9, colour=INK2)
    fits = width_of(main, strong) + 8 + width_of(remark, grey) <= WIDTH
    under = [] if fits else wrap([Span(remark, grey)], WIDTH)

    def draw(pen: Pen, x: float, y: float) -> None:
        at = pen.text(x, y + above + 11, main, strong)
        if fits:
            pen.text(at + 8, y + above + 11, remark, grey)
        set_lines(pen, x, y + above + 16, under)

    height = above + 18 + sum(line.height for line in under)
    return [Block(height=height, draw=draw, keep=True, section=main if section else None)]


def running(
    paragraph: Paragraph, *, indent: float = 0, width: float = WIDTH, below: float = 4
) -> list[Block]:
    """Running text, a block a line, so that it can go on over a page."""
    lines = wrap(paragraph, width - indent)
    blocks = [_line(line, indent) for line in lines]
    if len(blocks) > 1:
        blocks[0] = replace(blocks[0], keep=True)
        blocks[-2] = replace(blocks[-2], keep=True)
    return [*blocks, space(below)]


def _line(line: Line, indent: float) -> Block:
    return Block(height=line.height, draw=lambda pen, x, y: void(set_lines(pen, x + indent, y, [line])))


def void(_: object) -> None:
    """A drawing gives nothing back."""


def plain_text(text: str, style: Style = BODY, **kwargs: float) -> list[Block]:
    """Running text in one style."""
    return running([Span(text, style)], **kwargs)


def note(sign: str, text: str, *, above: float = 4) -> list[Block]:
    """A sign and a grey remark."""
    style = Style(size=8.6, colour=INK2)
    return [space(above), *running([Span("", style, sign=sign), Span(text, style)])]


def table(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], *, below: float = 6) -> list[Block]:
    """A table over the whole width; its head comes again on every page, no row is cut within a line."""
    total = sum(column.share for column in columns)
    widths = [WIDTH * column.share / total for column in columns]
    head = _table_head(columns, widths)
    blocks = [head]
    for row in rows:
        blocks += _row(row, widths, head)
    return [*blocks, space(below)]


def _table_head(columns: Sequence[Column], widths: Sequence[float]) -> Block:
    set_heads = [
        wrap([Span(column.head, HEAD)], wide - 8) for column, wide in zip(columns, widths, strict=True)
    ]
    height = max(sum(line.height for line in lines) for lines in set_heads) + 8

    def draw(pen: Pen, x: float, y: float) -> None:
        pen.box(x, y, WIDTH, height, fill=SHADE)
        pen.line(x, y + height, x + WIDTH, width=0.8)
        for lines, wide in zip(set_heads, widths, strict=True):
            set_lines(pen, x + 4, y + 4, lines)
            x += wide

    return Block(height=height, draw=draw, keep=True)


def _row(row: Sequence[Cell], widths: Sequence[float], head: Block) -> list[Block]:
    cells = [
        [line for paragraph in content for line in wrap(paragraph, wide - 8)]
        for content, wide in zip(row, widths, strict=True)
    ]
    deep = max((len(lines) for lines in cells), default=0)
    pieces = [
        _piece([lines[at : at + MOST_LINES] for lines in cells], widths, last=at + MOST_LINES >= deep)
        for at in range(0, max(deep, 1), MOST_LINES)
    ]
    return [replace(piece, head=head) for piece in pieces]


def _piece(cells: Sequence[Sequence[Line]], widths: Sequence[float], *, last: bool) -> Block:
    height = max(max(sum(line.height for line in lines) for lines in cells) + 7.0, 19.0)

    def draw(pen: Pen, x: float, y: float) -> None:
        at = x
        for lines, wide in zip(cells, widths, strict=True):
            set_lines(pen, at + 4, y + 3.5, lines)
            at += wide
        if last:
            pen.line(x, y + height, x + WIDTH, width=0.5, colour=HAIR)

    return Block(height=height, draw=draw)


def facts(pairs: Sequence[tuple[str, str]], *, columns: int = 2, below: float = 6) -> list[Block]:
    """Named facts in columns, read row by row: caption small over its value."""
    blocks = []
    wide = WIDTH / columns
    for at in range(0, len(pairs), columns):
        cells = [
            (wrap([Span(name, SMALL)], wide - 10), wrap([Span(value, STRONG)], wide - 10))
            for name, value in pairs[at : at + columns]
        ]
        height = max(sum(line.height for lines in held for line in lines) for held in cells) + 5
        blocks.append(_facts_row(cells, wide, height))
    return [*blocks, space(below)]


def _facts_row(cells: Sequence[tuple[list[Line], list[Line]]], wide: float, height: float) -> Block:
    def draw(pen: Pen, x: float, y: float) -> None:
        for captions, values in cells:
            below = set_lines(pen, x, y, captions)
            set_lines(pen, x, below, values)
            x += wide

    return Block(height=height, draw=draw)
