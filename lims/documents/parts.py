"""The only door to ReportLab: a pen that draws on A4 from the top left, in pt, with embedded fonts alone."""

import io
from collections.abc import Sequence
from functools import cache
from itertools import groupby
from typing import Any, cast

import zxingcpp
from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from lims.documents.parts_text import (
    INK,
    INK2,
    INK3,
    Line,
    Paragraph,
    Span,
    Style,
    Unprintable,
    check_printable,
    latin,
    runs,
    unprintable,
    width_of,
    wrap,
)

__all__ = [
    "DONE",
    "DUE",
    "INK",
    "INK2",
    "INK3",
    "MM",
    "STOP",
    "Line",
    "Paragraph",
    "Pen",
    "Span",
    "Style",
    "Unprintable",
    "check_printable",
    "unprintable",
    "width_of",
    "wrap",
]

MM = 72 / 25.4
A4 = (210 * MM, 297 * MM)
DONE, DUE, STOP = "#0B5CAD", "#FFC20A", "#8F0018"

Point = tuple[float, float]

rl_config.useA85 = 0
"""A page's drawing is compressed, not spelled in letters on top: a fifth smaller, and sooner."""

_ink = cache(HexColor)
"""A colour as ReportLab takes it, from #RRGGBB."""


class Pen:
    """Draws on pages of one size; y runs down from the top edge. The same calls give the same bytes."""

    def __init__(self, *, title: str, language: str, size: Point = A4, author: str = "") -> None:
        self.width, self.height = size
        self._bytes = io.BytesIO()
        # The first font is named, or an unembedded Helvetica is referenced by every page.
        settings: dict[str, Any] = {
            "pagesize": size,
            "invariant": 1,
            "pageCompression": 1,
            "initialFontName": latin(400).fontName,
            "lang": "zh-Hans" if language.startswith("zh") else "en",
        }
        self._canvas = Canvas(self._bytes, **settings)
        self._matrices: dict[tuple[str, float, str], str] = {}
        self._canvas.setTitle(title)
        self._canvas.setAuthor(author)
        self._canvas.setCreator("lims")

    def text(self, x: float, y: float, text: str, style: Style) -> float:
        """A text with its baseline at y; returns where it ends. Raises Unprintable before it draws a box."""
        start = x
        for held, run in runs(text, style.weight):
            self._fill(style.colour)
            self._canvas.setFont(held.fontName, style.size)
            self._canvas.drawString(x, self.height - y, run.replace("\u00a0", " "))
            x += width_of(run, style)
        if style.struck and text.strip():
            self.line(
                start - 1,
                y - style.size * 0.26,
                start + width_of(text.rstrip(), style) + 1,
                colour=style.colour,
            )
        return x

    def right(self, x: float, y: float, text: str, style: Style) -> float:
        """A text that ends at x; returns where it begins."""
        start = x - width_of(text, style)
        self.text(start, y, text, style)
        return start

    def centre(self, x: float, y: float, text: str, style: Style) -> None:
        """A text with its middle at x."""
        self.text(x - width_of(text, style) / 2, y, text, style)

    def line(
        self,
        x: float,
        y: float,
        to_x: float,
        to_y: float | None = None,
        *,
        width: float = 0.9,
        colour: str = INK,
        dash: Sequence[float] = (),
    ) -> None:
        """A straight rule."""
        self._stroke(width, colour)
        self._canvas.setDash(list(dash))
        self._canvas.line(x, self.height - y, to_x, self.height - (y if to_y is None else to_y))
        self._canvas.setDash([])

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str | None = None,
        stroke: float = 0,
        colour: str = INK,
        radius: float = 0,
    ) -> None:
        """A rectangle with its top left corner at (x, y)."""
        self._stroke(stroke, colour)
        if fill:
            self._fill(fill)
        bottom = self.height - y - height
        flags = {"fill": int(fill is not None), "stroke": int(stroke > 0)}
        if radius:
            self._canvas.roundRect(x, bottom, width, height, radius, **flags)
        else:
            self._canvas.rect(x, bottom, width, height, **flags)

    def shape(
        self,
        points: Sequence[Point],
        *,
        fill: str | None = None,
        stroke: float = 0,
        colour: str = INK,
        closed: bool = True,
    ) -> None:
        """A polygon, or an open stroke through points."""
        self._stroke(stroke, colour)
        if fill:
            self._fill(fill)
        path = self._canvas.beginPath()
        path.moveTo(points[0][0], self.height - points[0][1])
        for x, y in points[1:]:
            path.lineTo(x, self.height - y)
        if closed:
            path.close()
        self._canvas.setLineJoin(1)
        self._canvas.drawPath(path, fill=int(fill is not None), stroke=int(stroke > 0))

    def circle(
        self,
        x: float,
        y: float,
        radius: float,
        *,
        fill: str | None = None,
        stroke: float = 0,
        colour: str = INK,
    ) -> None:
        """A circle round (x, y)."""
        self._stroke(stroke, colour)
        if fill:
            self._fill(fill)
        flags = {"fill": int(fill is not None), "stroke": int(stroke > 0)}
        self._canvas.circle(x, self.height - y, radius, **flags)

    def matrix(self, x: float, y: float, size: float, text: str, *, colour: str = INK) -> None:
        """A DataMatrix of `text`, `size` pt wide, as vector rectangles; the caller keeps it clear all round.

        One that stands on every page is kept once in the file.
        """
        name = self._matrices.setdefault((text, size, colour), f"matrix{len(self._matrices)}")
        if not self._canvas.hasForm(name):
            self._canvas.beginForm(name, 0, 0, size, size)
            self._fill(colour)
            self._rectangles(data_matrix(text), size)
            self._canvas.endForm()
        self._canvas.saveState()
        self._canvas.translate(x, self.height - y - size)
        self._canvas.doForm(name)
        self._canvas.restoreState()

    def _rectangles(self, rows: Sequence[Sequence[bool]], size: float) -> None:
        """The dark cells of a square from its lower left corner, those side by side as one rectangle."""
        cell = size / len(rows)
        path = self._canvas.beginPath()
        for row_at, row in enumerate(rows, start=1):
            at = 0
            for dark, cells in groupby(row):
                wide = len(list(cells))
                if dark:
                    path.rect(at * cell, size - row_at * cell, wide * cell, cell)
                at += wide
        self._canvas.drawPath(path, fill=1, stroke=0)

    def picture(self, x: float, y: float, width: float, height: float, jpeg: bytes) -> None:
        """A JPEG with its top left corner at (x, y); the same bytes are kept once in the file."""
        self._canvas.drawImage(ImageReader(io.BytesIO(jpeg)), x, self.height - y - height, width, height)

    def watermark(
        self,
        word: str,
        *,
        colour: str = "#F3F5F7",
        longest: float = 780,
        largest: float = 150,
        below: float = 0,
    ) -> None:
        """A pale word across the page, `below` its middle; drawn first, so that everything lies over it."""
        size = min(largest, longest / width_of(word, Style(size=1, weight=600)))
        self._canvas.saveState()
        self._canvas.translate(self.width / 2, self.height / 2)
        self._canvas.rotate(52)
        self._fill(colour)
        x = -width_of(word, Style(size=size, weight=600)) / 2
        for held, run in runs(word, 600):
            self._canvas.setFont(held.fontName, size)
            self._canvas.drawString(x, -size * 0.35 - below, run)
            x += width_of(run, Style(size=size, weight=600))
        self._canvas.restoreState()

    def outline(self, title: str) -> None:
        """An entry of the file's outline that leads to this page."""
        key = f"page-{self._canvas.getPageNumber()}-{title}"
        self._canvas.bookmarkPage(key)
        self._canvas.addOutlineEntry(title, key, level=0)

    def next_page(self) -> None:
        """The page is full."""
        self._canvas.showPage()

    def finish(self) -> bytes:
        """The file."""
        self._canvas.save()
        return self._bytes.getvalue()

    def _fill(self, colour: str) -> None:
        """What is filled from now on, texts too; it is written into the page only where it changes."""
        if self._canvas._fillColorObj is not _ink(colour):  # type: ignore[attr-defined]  # the stubs leave it out
            self._canvas.setFillColor(_ink(colour))

    def _stroke(self, width: float, colour: str) -> None:
        if width > 0:
            self._canvas.setStrokeColor(_ink(colour))
            self._canvas.setLineWidth(width)


def data_matrix(text: str) -> list[list[bool]]:
    """The dark modules of a DataMatrix, row by row, without its quiet zone."""
    # Else some texts come out as an oblong that no square place holds.
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
    # The image offers the buffer protocol, which its type does not say.
    image = memoryview(cast(bytes, made.to_image(scale=1, add_quiet_zones=False)))
    assert image.shape is not None
    rows, columns = image.shape
    return [[image[row, column] == 0 for column in range(columns)] for row in range(rows)]
