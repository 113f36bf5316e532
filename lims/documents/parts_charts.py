"""A chart in print: the same shapes as on the page, with the table that stands behind it."""

from dataclasses import replace
from itertools import pairwise

from lims.documents.charts import SMALL, Area, Chart, Mark, Shape, Stroke, Text, Tone
from lims.documents.parts import DONE, DUE, INK, INK2, STOP, Pen, Style, width_of
from lims.documents.parts_blocks import CELL, HAIR, Column, cell, heading, table
from lims.documents.parts_blocks import SMALL as SMALL_WORDS
from lims.documents.parts_flow import WIDTH, Block, space

_FILLS: dict[Tone, str] = {
    "ink": "#434B55",
    "soft": INK2,
    "done": DONE,
    "due": DUE,
    "stop": STOP,
    "verify": "#CFE3FF",
    "open": "#D5D9DF",
    "surface": "#FFFFFF",
}
_STROKES: dict[Tone, str] = {**_FILLS, "ink": INK, "open": HAIR}
_TIP = 6.0


def chart(found: Chart, *, with_table: bool = True) -> list[Block]:
    """The drawing under its title, then its table."""
    scale = WIDTH / found.width

    def draw(pen: Pen, x: float, y: float) -> None:
        for shape in found.shapes:
            _draw(pen, shape, x, y, scale)

    blocks = [
        *heading(found.title, found.says),
        Block(height=found.height * scale, draw=draw, keep=with_table),
        replace(space(6), keep=with_table),
    ]
    if not with_table or not found.rows:
        return blocks
    columns = [Column(head=head, share=_share(found, at)) for at, head in enumerate(found.head)]
    return [*blocks, *table(columns, [[cell(value, SMALL_WORDS) for value in row] for row in found.rows])]


def _share(found: Chart, at: int) -> float:
    """A column's share by its longest words, within bounds, so that lists of codes get the room."""
    longest = max(width_of(row[at], CELL) for row in [found.head, *found.rows])
    return min(max(longest + 8, 60.0), 400.0)


def _draw(pen: Pen, shape: Shape, x: float, y: float, scale: float) -> None:
    match shape:
        case Area():
            pen.box(
                x + shape.x * scale,
                y + shape.y * scale,
                shape.width * scale,
                shape.height * scale,
                fill=_FILLS[shape.tone],
                stroke=0.7 if shape.outlined else 0,
                colour=INK2,
            )
        case Stroke():
            _stroke(pen, shape, x, y, scale)
        case Text():
            _text(pen, shape, x, y, scale)
        case Mark():
            _mark(pen, shape, x + shape.x * scale, y + shape.y * scale, shape.size * scale / 2)


def _stroke(pen: Pen, shape: Stroke, x: float, y: float, scale: float) -> None:
    points = [(x + px * scale, y + py * scale) for px, py in shape.points]
    colour = _STROKES[shape.tone]
    for (x1, y1), (x2, y2) in pairwise(points):
        dash = (4, 3) if shape.dashed else ()
        pen.line(x1, y1, x2, y2, width=shape.width * scale, colour=colour, dash=dash)
    if shape.arrow:
        (x1, _), (x2, y2) = points[-2], points[-1]
        half = _TIP * 0.55
        across = x1 != x2
        tip = (
            [(x2 - _TIP, y2 - half), (x2 - _TIP, y2 + half)]
            if across
            else [(x2 - half, y2 - _TIP), (x2 + half, y2 - _TIP)]
        )
        pen.shape([*tip, (x2, y2)], fill=INK)


def _text(pen: Pen, shape: Text, x: float, y: float, scale: float) -> None:
    size = max(shape.size, SMALL) * scale
    colour = {"ink": INK, "done": DONE}.get(shape.tone, INK2)
    style = Style(size=size, weight=600 if shape.strong else 400, colour=colour)
    at, base = x + shape.x * scale, y + shape.y * scale
    if shape.anchor == "middle":
        pen.centre(at, base, shape.text, style)
    elif shape.anchor == "end":
        pen.right(at, base, shape.text, style)
    else:
        pen.text(at, base, shape.text, style)


def _mark(pen: Pen, shape: Mark, x: float, y: float, r: float) -> None:
    colour = _STROKES[shape.tone]
    match shape.sign:
        case "dot":
            pen.circle(x, y, r, fill=colour)
        case "ring":
            pen.circle(x, y, r, fill="#FFFFFF", stroke=1.1, colour=colour)
        case "square":
            pen.box(x - r, y - r, 2 * r, 2 * r, fill=colour)
        case "diamond":
            pen.shape([(x, y - r * 1.4), (x + r * 1.4, y), (x, y + r * 1.4), (x - r * 1.4, y)], fill=colour)
        case "triangle":
            pen.shape([(x, y - r), (x + r, y + r), (x - r, y + r)], fill=colour)
        case "cross":
            pen.line(x - r, y - r, x + r, y + r, width=1.5, colour=colour)
            pen.line(x - r, y + r, x + r, y - r, width=1.5, colour=colour)
        case "bar":
            pen.line(x, y - r - 1, x, y + r + 1, width=1.7, colour=colour)
