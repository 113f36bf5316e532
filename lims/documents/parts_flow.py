"""How blocks fill pages: one after another, tables with their head again on every page, page x of y on each."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lims.documents.parts import INK, INK2, INK3, MM, Line, Pen, Style
from lims.documents.parts_signs import chip, chip_width, sign

LEFT, RIGHT = 20 * MM, 210 * MM - 16 * MM
WIDTH = RIGHT - LEFT
TOP, BOTTOM = 66.0, 782.0
ROOM = BOTTOM - TOP

MARKED = "#E9ECF0"
"""A mark must be seen on a black and white print, and never be in the way of the text over it."""

Draw = Callable[[Pen, float, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A piece of the page of a known height, drawn from its top left corner."""

    height: float
    draw: Draw
    keep: bool = False
    """Stays on the page of the block after it."""
    head: "Block | None" = None
    """Drawn again where this block begins a page."""
    section: str | None = None
    """Its title in the contents and in the file's outline."""
    new_page: bool = False
    blank: bool = False
    """Nothing to see: never begins a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Furniture:
    """What stands on every page."""

    batch: str
    who: str
    coi: str
    state: str
    state_word: str
    page_of: str
    """A message with the places {page} and {pages}."""
    foot_left: tuple[str, str]
    foot_right: tuple[str, str]
    statement: str
    """What the system does not do, under the foot of every page."""
    code: str
    band: str | None = None
    watermark: str | None = None
    """What the instance is, pale behind everything."""
    mark: str | None = None
    """What the paper is worth, behind everything too; dark enough for a black and white print."""


Placed = tuple[float, Block]


def paginate(blocks: Sequence[Block]) -> list[list[Placed]]:
    """Every block with its place, page by page."""
    pages: list[list[Placed]] = [[]]
    y = TOP
    for at, block in enumerate(blocks):
        if pages[-1] and (block.new_page or y + _chain(blocks, at) > BOTTOM):
            if block.blank and not block.keep:
                continue
            pages.append([])
            y = TOP
            if block.head is not None:
                pages[-1].append((y, block.head))
                y += block.head.height
        pages[-1].append((y, block))
        y += block.height
    return pages


def _chain(blocks: Sequence[Block], at: int) -> float:
    """The height of a block and of everything it must stay with; never more than half a page beyond itself."""
    height = blocks[at].height
    while blocks[at].keep and at + 1 < len(blocks) and height < ROOM / 2:
        at += 1
        height += blocks[at].height
    return height


def print_pages(pen: Pen, blocks: Sequence[Block], furniture: Furniture, page_of: dict[str, int]) -> bytes:
    """Draw everything; `page_of` is filled with each section's page before the first page is drawn."""
    pages = paginate(blocks)
    for number, page in enumerate(pages, start=1):
        for _, block in page:
            if block.section is not None:
                page_of.setdefault(block.section, number)
    for number, page in enumerate(pages, start=1):
        if furniture.watermark:
            pen.watermark(furniture.watermark, below=-70 if furniture.mark else 0)
        if furniture.mark:
            below = 70 if furniture.watermark else 0
            pen.watermark(furniture.mark, colour=MARKED, longest=620, largest=100, below=below)
        _head(pen, furniture, furniture.page_of.format(page=number, pages=len(pages)))
        for y, block in page:
            if block.section is not None and page_of[block.section] == number:
                pen.outline(block.section)
            block.draw(pen, LEFT, y)
        _foot(pen, furniture)
        pen.next_page()
    return pen.finish()


def _head(pen: Pen, furniture: Furniture, page: str) -> None:
    if furniture.band:
        pen.centre(pen.width / 2, 21, furniture.band, Style(size=8, weight=600, colour=INK2))
    x = pen.text(LEFT, 39.5, furniture.batch, Style(size=11, weight=600))
    x = pen.text(x + 5, 39.5, furniture.who, Style(size=11, weight=500))
    pen.text(x + 10, 39.5, furniture.coi, Style(size=9, colour=INK3))
    start = pen.right(RIGHT, 39.5, page, Style(size=11, weight=600))
    wide = chip_width(furniture.state_word)
    chip(pen, start - 12 - wide, 28, furniture.state, furniture.state_word)
    pen.line(LEFT, 48, RIGHT, width=1)


def _foot(pen: Pen, furniture: Furniture) -> None:
    style = Style(size=8, colour=INK2)
    pen.line(LEFT, 794, RIGHT, width=0.6)
    for at, (left, right) in enumerate(zip(furniture.foot_left, furniture.foot_right, strict=True)):
        pen.text(LEFT, 805 + 10.5 * at, left, style)
        pen.right(RIGHT - 32, 805 + 10.5 * at, right, style)
    pen.text(LEFT, 826, furniture.statement, style)
    pen.matrix(RIGHT - 22, 798, 22, furniture.code)


def set_lines(pen: Pen, x: float, y: float, lines: Iterable[Line]) -> float:
    """Set lines one under another from the top y; returns the bottom."""
    for line in lines:
        base = y + line.height / 2 + line.size * 0.34
        for offset, span in line.pieces:
            if span.sign is not None:
                side = span.style.size * 1.25
                sign(pen, span.sign, x + offset, base - side * 0.80, side)
            else:
                pen.text(x + offset, base, span.text, span.style)
        y += line.height
    return y


def space(height: float) -> Block:
    """Nothing, so high."""
    return Block(height=height, draw=lambda pen, x, y: None, blank=True)


def rule(*, width: float = 1.0, colour: str = INK, above: float = 3, below: float = 3) -> Block:
    """A rule over the whole width."""

    def draw(pen: Pen, x: float, y: float) -> None:
        pen.line(x, y + above, x + WIDTH, width=width, colour=colour)

    return Block(height=above + below, draw=draw)
