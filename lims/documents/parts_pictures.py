"""Attached pictures in print: small, in rows, each with what it is; the bytes that count stay in the attached file."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PIL import Image, ImageOps, UnidentifiedImageError

from lims.documents.parts import MM, Pen, Span, wrap
from lims.documents.parts_blocks import HAIR, SMALL
from lims.documents.parts_flow import WIDTH, Block, set_lines, space

IN_A_ROW = 4
GAP = 3 * MM
WIDE = (WIDTH - (IN_A_ROW - 1) * GAP) / IN_A_ROW
HIGH = 32 * MM
SIDE = 640
"""Pixels of the longer side, about 370 a printed inch."""
MOST_PIXELS = 80_000_000
"""A picture that says it has more is not opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture as it is printed: a small JPEG, its size in pixels, and the lines under it."""

    jpeg: bytes
    width: int
    height: int
    caption: str


def small(content: bytes) -> tuple[bytes, int, int] | None:
    """A small upright JPEG of a picture with its size in pixels; none when the bytes cannot be drawn."""
    try:
        with Image.open(io.BytesIO(content)) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                return None
            opened.draft("RGB", (SIDE, SIDE))
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        return None
    upright.thumbnail((SIDE, SIDE))
    into = io.BytesIO()
    upright.save(into, "JPEG", quality=80)
    return into.getvalue(), upright.width, upright.height


def pictures(items: Sequence[Picture]) -> list[Block]:
    """Rows of pictures, each above its caption; nothing for none."""
    blocks = []
    for at in range(0, len(items), IN_A_ROW):
        row = items[at : at + IN_A_ROW]
        blocks += [_row(row), space(5)]
    return [replace(space(5), keep=True), *blocks] if blocks else []


def _row(row: Sequence[Picture]) -> Block:
    captions = [wrap([Span(item.caption, SMALL)], WIDE) for item in row]
    under = max(sum(line.height for line in lines) for lines in captions)

    def draw(pen: Pen, x: float, y: float) -> None:
        for item, lines in zip(row, captions, strict=True):
            scale = min(WIDE / item.width, HIGH / item.height)
            width, height = item.width * scale, item.height * scale
            pen.picture(x, y, width, height, item.jpeg)
            pen.box(x, y, width, height, stroke=0.5, colour=HAIR)
            set_lines(pen, x, y + height + 3, lines)
            x += WIDE + GAP

    return Block(height=HIGH + 3 + under, draw=draw)
