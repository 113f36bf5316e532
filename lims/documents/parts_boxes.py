"""The boxes of a batch record: state banner, identity, deviation, disposition, genealogy, custody track."""

from collections.abc import Sequence
from dataclasses import dataclass

from lims.documents.parts import DONE, INK, INK2, INK3, STOP, Line, Pen, Span, Style, width_of, wrap
from lims.documents.parts_blocks import BODY, BOLD, HAIR, SMALL
from lims.documents.parts_flow import WIDTH, Block, set_lines, space
from lims.documents.parts_signs import chip, sign

AMBER, TINT = "#FFF3CC", "#FBEDEF"
FILLS = {
    "due": AMBER,
    "stop": TINT,
    "done": "#FFFFFF",
    "none": "#FFFFFF",
    "hold": "#FFFFFF",
    "verify": "#FFFFFF",
}


def banner(state: str, word: str, other: str, says: str) -> list[Block]:
    """The state of the record in one band over the whole width."""
    lines = wrap([Span(says, BODY)], WIDTH - 68)
    height = 34 + sum(line.height for line in lines)

    def draw(pen: Pen, x: float, y: float) -> None:
        pen.box(x, y, WIDTH, height, fill=FILLS[state], stroke=1.6, radius=4)
        sign(pen, state, x + 13, y + height / 2 - 14, 28)
        at = pen.text(x + 54, y + 21, word, Style(size=15, weight=600))
        if other != word:
            pen.text(at + 10, y + 21, other, Style(size=12, weight=600))
        set_lines(pen, x + 54, y + 27, lines)

    return [Block(height=height, draw=draw), space(16)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What the identity block shows: rows of (caption, value), and the code with its caption."""

    first: Sequence[tuple[str, str]]
    """Four short ones."""
    rows: Sequence[tuple[tuple[str, str], tuple[str, str]]]
    code: str
    code_caption: str
    code_shown: str


def identity(block: Identity) -> list[Block]:
    """Who and what this record is about, with the code of the chain of identity."""
    code_wide = 112.0
    wide = WIDTH - code_wide
    heights = [42.0] + [
        18 + max(len(wrap([Span(value, BOLD)], wide / 2 - 16)) for _, value in row) * 13.0
        for row in block.rows
    ]
    height = max(sum(heights), 104)

    def draw(pen: Pen, x: float, y: float) -> None:
        pen.box(x, y, WIDTH, height, stroke=0.8)
        pen.line(x + wide, y, x + wide, y + height, width=0.8)
        for at, (caption, value) in enumerate(block.first):
            left = x + at * wide / 4
            if at:
                pen.line(left, y, left, y + heights[0], width=0.5, colour=HAIR)
            pen.text(left + 8, y + 13, caption, SMALL)
            size = 16.0 if width_of(value, Style(size=16, weight=600)) < wide / 4 - 12 else 12.0
            pen.text(left + 8, y + 33, value, Style(size=size, weight=600))
        below = y + heights[0]
        for row, deep in zip(block.rows, heights[1:], strict=True):
            pen.line(x, below, x + wide, width=0.5, colour=HAIR)
            for at, (caption, value) in enumerate(row):
                left = x + at * wide / 2
                if at:
                    pen.line(left, below, left, below + deep, width=0.5, colour=HAIR)
                pen.text(left + 8, below + 11, caption, SMALL)
                set_lines(pen, left + 8, below + 13, wrap([Span(value, BOLD)], wide / 2 - 16))
            below += deep
        middle = x + wide + code_wide / 2
        pen.matrix(middle - 30, y + 10, 60, block.code)
        pen.centre(middle, y + 83, block.code_caption, SMALL)
        pen.centre(middle, y + 95, block.code_shown, Style(size=8.4, weight=600))

    return [Block(height=height, draw=draw), space(6)]


def counts(items: Sequence[tuple[str, str]]) -> list[Block]:
    """Big counts, four in a row, each under a short rule."""
    blocks = []
    for at in range(0, len(items), 4):
        row = items[at : at + 4]
        first = at == 0

        def draw(
            pen: Pen, x: float, y: float, row: Sequence[tuple[str, str]] = row, first: bool = first
        ) -> None:
            for number, (value, caption) in enumerate(row):
                left = x + number * WIDTH / 4
                pen.line(
                    left,
                    y + 2,
                    left + WIDTH / 4 - 10,
                    width=1.2 if first else 0.5,
                    colour=INK if first else HAIR,
                )
                pen.text(left, y + 17, value, Style(size=13, weight=600))
                pen.text(left, y + 29, caption, Style(size=8.6, colour=INK2))

        blocks.append(Block(height=36, draw=draw, keep=first))
    return [*blocks, space(2)]


def callout(number: str, verdict: str, paragraphs: Sequence[str], signed: str) -> list[Block]:
    """A deviation under its step; a long one goes on over a page as further boxes."""
    inner = WIDTH - 44
    lines = [line for text in paragraphs for line in wrap([Span(text, BODY)], inner)]
    lines += wrap([Span(signed, SMALL)], inner)
    heads = wrap([Span(number, BOLD)], inner - width_of(verdict, BOLD) - 12)
    first = _called(lines[:40], heads, verdict)
    more = [_called(lines[at : at + 40], (), "") for at in range(40, len(lines), 40)]
    return [space(6), first, *more, space(10)]


def _called(lines: Sequence[Line], heads: Sequence[Line], verdict: str) -> Block:
    """One box of a callout; only the first has the head."""
    top = sum(line.height for line in heads) + (8 if heads else 6)
    height = top + sum(line.height for line in lines) + 6

    def draw(pen: Pen, x: float, y: float) -> None:
        pen.box(x, y, WIDTH, height, fill=TINT, stroke=0.8, colour=STOP)
        pen.box(x, y, 4, height, fill=STOP)
        if heads:
            sign(pen, "stop", x + 13, y + 6, 12)
            set_lines(pen, x + 32, y + 5, heads)
            pen.right(x + WIDTH - 8, y + 15, verdict, BOLD)
        set_lines(pen, x + 32, y + top, lines)

    return Block(height=height, draw=draw)


def disposition(
    state: str, word: str, other: str, sentence: str, facts: Sequence[tuple[str, str]]
) -> list[Block]:
    """A decision with the words that were signed, and who signed when over what."""
    lines = wrap([Span(sentence, Style(size=11.5))], WIDTH - 28)
    each = (WIDTH - 28) / len(facts)
    values = [wrap([Span(value, Style(size=9, weight=600))], each - 8) for _, value in facts]
    deep = max(sum(line.height for line in held) for held in values)
    quoted = sum(line.height for line in lines)
    height = 40 + quoted + 26 + deep + 10

    def draw(pen: Pen, x: float, y: float) -> None:
        pen.box(x, y, WIDTH, height, fill="#FFFFFF", stroke=1.4, radius=4)
        wide = chip(pen, x + 14, y + 10, state, word, size=9.5)
        if other != word:
            pen.text(x + 14 + wide + 12, y + 23, other, Style(size=10.5, weight=600))
        below = set_lines(pen, x + 14, y + 36, lines) + 6
        pen.line(x + 14, below, x + WIDTH - 14, width=0.5, colour=HAIR)
        for at, ((caption, _), held) in enumerate(zip(facts, values, strict=True)):
            pen.text(x + 14 + at * each, below + 13, caption, SMALL)
            set_lines(pen, x + 14 + at * each, below + 16, held)

    return [Block(height=height, draw=draw), space(8)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One event of the custody track."""

    when: str
    state: str
    event: str
    between: str
    temperature: str
    remark: str


def track(events: Sequence[Held]) -> list[Block]:
    """Who held it, from top to bottom: a line as far as it is done, dashed where something is due."""
    blocks = []
    for at, event in enumerate(events):
        last = at + 1 == len(events)
        wide = (150.0, 70.0, 88.0)
        texts = (
            wrap([Span(event.event, BOLD), Span("\n" + event.between, SMALL)], wide[0] + 36),
            wrap([Span(event.temperature, BOLD)], wide[1]),
            wrap([Span(event.remark, SMALL)], wide[2]),
        )
        height = max(sum(line.height for line in held) for held in texts) + 12
        dashed = not last and events[at + 1].state == "none"
        blocks.append(_event(event, texts, height, last=last, dashed=dashed))
    return [*blocks, space(4)]


def _event(event: Held, texts: Sequence[Sequence[Line]], height: float, *, last: bool, dashed: bool) -> Block:
    def draw(pen: Pen, x: float, y: float) -> None:
        when = wrap([Span(event.when, Style(size=8.6, weight=600))], 76)
        set_lines(pen, x, y + 4, when)
        if not last:
            dash = (2.0, 2.0) if dashed else ()
            pen.line(
                x + 92,
                y + 17,
                x + 92,
                y + height + 3,
                width=1.2 if dashed else 2.4,
                colour=INK3 if dashed else DONE,
                dash=dash,
            )
        pen.box(x + 85, y + 4, 14, 14, fill="#FFFFFF")
        sign(pen, event.state, x + 85.5, y + 4.5, 13)
        set_lines(pen, x + 110, y + 3, texts[0])
        set_lines(pen, x + 310, y + 3, texts[1])
        set_lines(pen, x + 392, y + 3, texts[2])
        if not last:
            pen.line(x + 110, y + height - 2, x + WIDTH, width=0.5, colour=HAIR)

    return Block(height=height, draw=draw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A thing of the genealogy: participant, draw, batch, vessel or sample; the product is filled."""

    shape: str
    name: str
    kind: str
    filled: bool = False


def genealogy(trunk: Sequence[Node], leaves: Sequence[Node]) -> list[Block]:
    """Where the product came from, as shapes from left to right."""
    height = max(64.0, 36.0 * len(leaves)) + 26
    step = 92.0

    def draw(pen: Pen, x: float, y: float) -> None:
        middle = y + height / 2 - 6
        for at, node in enumerate(trunk):
            centre = x + 28 + at * step
            if at + 1 < len(trunk):
                pen.line(centre + 15, middle, centre + step - 15, width=0.9, colour=INK3)
            _shape(pen, node, centre, middle, 13)
            pen.centre(centre, middle + 28, node.name, Style(size=8.4, weight=600))
            pen.centre(centre, middle + 38, node.kind, Style(size=8, colour=INK2))
        fork = x + 28 + (len(trunk) - 1) * step + 36
        pen.line(fork - 21, middle, fork, width=0.9, colour=INK3)
        tops = [middle + (at - (len(leaves) - 1) / 2) * 36 for at in range(len(leaves))]
        if tops:
            pen.line(fork, tops[0], fork, tops[-1], width=0.9, colour=INK3)
        for node, top in zip(leaves, tops, strict=True):
            pen.line(fork, top, fork + 22, width=0.9, colour=INK3)
            _shape(pen, node, fork + 34, top, 9)
            pen.text(fork + 50, top - 1, node.name, Style(size=8.4, weight=600))
            pen.text(fork + 50, top + 9.5, node.kind, Style(size=8, colour=INK2))

    return [Block(height=height, draw=draw), space(4)]


def _shape(pen: Pen, node: Node, x: float, y: float, r: float) -> None:
    fill = INK if node.filled else "#FFFFFF"
    match node.shape:
        case "participant":
            pen.circle(x, y, r, fill=fill, stroke=1.2)
        case "draw":
            pen.shape(
                [(x, y - r * 1.2), (x + r * 1.2, y), (x, y + r * 1.2), (x - r * 1.2, y)],
                fill=fill,
                stroke=1.2,
            )
        case "batch":
            pen.box(x - r, y - r, 2 * r, 2 * r, fill=fill, stroke=1.2)
        case "vessel":
            pen.box(x - r, y - r, 2 * r, 2 * r, fill=fill, stroke=1.2, radius=6)
        case _:
            pen.shape([(x, y - r), (x + r * 1.1, y + r), (x - r * 1.1, y + r)], fill=fill, stroke=1.2)


def contents(entries: Sequence[str], page_of: dict[str, int]) -> list[Block]:
    """The sections with their pages; the pages are known when this is drawn."""
    return [_entry(name, page_of) for name in entries]


def _entry(name: str, page_of: dict[str, int]) -> Block:
    def draw(pen: Pen, x: float, y: float) -> None:
        end = pen.text(x, y + 10, name, BODY)
        page = pen.right(x + WIDTH, y + 10, str(page_of.get(name, "–")), BOLD)
        if end + 6 < page - 12:
            pen.line(end + 6, y + 9.5, page - 12, width=0.5, colour=INK3, dash=(0.6, 2.2))

    return Block(height=13.2, draw=draw)


def legend(signs: Sequence[tuple[str, str]], was: tuple[str, str]) -> list[Block]:
    """Every sign with its word, and how a corrected value looks."""
    small = Style(size=8.6)

    def draw(pen: Pen, x: float, y: float) -> None:
        at = x
        for name, word in signs:
            sign(pen, name, at, y + 3, 10)
            at = pen.text(at + 14, y + 11.5, word, small) + 14
        after = pen.text(x, y + 29, was[0], small.but(struck=True))
        pen.text(after + 6, y + 29, was[1], small)

    return [Block(height=36, draw=draw)]


def step_head(number: str, name: str, remark: str) -> list[Block]:
    """A step's number in an ink block, its title, and day and date at the right end."""
    inside = Style(size=11, weight=600, colour="#FFFFFF")
    wide = max(26.0, width_of(number, inside) + 10)
    lines = wrap([Span(name, Style(size=13, weight=600))], WIDTH - wide - 14 - width_of(remark, SMALL) - 10)
    height = sum(line.height for line in lines) + 10

    def draw(pen: Pen, x: float, y: float) -> None:
        pen.box(x, y + 5, wide, 18, fill=INK, radius=3)
        pen.centre(x + wide / 2, y + 18, number, inside)
        set_lines(pen, x + wide + 10, y + 5, lines)
        pen.right(x + WIDTH, y + 18, remark, SMALL)

    return [space(8), Block(height=height, draw=draw, keep=True)]
