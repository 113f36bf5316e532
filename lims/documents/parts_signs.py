"""The signs of the record as drawings: done, due, stop, hold, verify, not started, and the chip of a state."""

from collections.abc import Callable

from lims.documents.parts import DONE, DUE, INK, STOP, Pen, Span, Style, width_of

SIGNS = ("done", "due", "stop", "hold", "verify", "none", "performer")
CHIPS = {
    "done": (DONE, "#FFFFFF"),
    "due": (DUE, INK),
    "stop": (STOP, "#FFFFFF"),
    "hold": ("#FFFFFF", INK),
    "verify": ("#CFE3FF", "#0B2E57"),
    "none": ("#D5D9DF", INK),
}
"""For each state the fill of its chip and the colour of its word."""


def sign(pen: Pen, name: str, x: float, y: float, size: float, *, colour: str | None = None) -> None:
    """The sign of a state in a square of `size` pt whose top left corner is (x, y)."""
    _DRAW[name](pen, x, y, size / 16, colour)


def _done(pen: Pen, x: float, y: float, u: float, colour: str | None) -> None:
    ink = colour or DONE
    pen.circle(x + 8 * u, y + 8 * u, 6.6 * u, stroke=1.7 * u, colour=ink)
    tick = [(x + 5 * u, y + 8.3 * u), (x + 7.2 * u, y + 10.5 * u), (x + 11 * u, y + 5.8 * u)]
    pen.shape(tick, stroke=1.9 * u, colour=ink, closed=False)


def _due(pen: Pen, x: float, y: float, u: float, colour: str | None) -> None:
    points = [(x + 8 * u, y + 1.6 * u), (x + 15 * u, y + 14.2 * u), (x + u, y + 14.2 * u)]
    pen.shape(points, fill=colour or DUE, stroke=1.5 * u, colour=colour or INK)


def _stop(pen: Pen, x: float, y: float, u: float, colour: str | None) -> None:
    ink = colour or STOP
    corners = ((5, 1), (11, 1), (15, 5), (15, 11), (11, 15), (5, 15), (1, 11), (1, 5))
    pen.shape([(x + a * u, y + b * u) for a, b in corners], stroke=1.8 * u, colour=ink)
    pen.line(x + 5.4 * u, y + 5.4 * u, x + 10.6 * u, y + 10.6 * u, width=1.9 * u, colour=ink)
    pen.line(x + 10.6 * u, y + 5.4 * u, x + 5.4 * u, y + 10.6 * u, width=1.9 * u, colour=ink)


def _hold(pen: Pen, x: float, y: float, u: float, colour: str | None) -> None:
    ink = colour or INK
    pen.box(x + 1.5 * u, y + 1.5 * u, 13 * u, 13 * u, stroke=1.6 * u, colour=ink)
    for a, b, c, d in ((1.5, 8, 8, 1.5), (1.5, 14.5, 14.5, 1.5), (8, 14.5, 14.5, 8)):
        pen.line(x + a * u, y + b * u, x + c * u, y + d * u, width=1.6 * u, colour=ink)


def _half(pen: Pen, x: float, y: float, u: float, *, right: bool, ink: str) -> None:
    pen.box(x + 1.5 * u, y + 1.5 * u, 13 * u, 13 * u, stroke=1.6 * u, colour=ink)
    pen.box(x + (8 if right else 1.5) * u, y + 1.5 * u, 6.5 * u, 13 * u, fill=ink)


def _verify(pen: Pen, x: float, y: float, u: float, colour: str | None) -> None:
    _half(pen, x, y, u, right=True, ink=colour or INK)


def _performer(pen: Pen, x: float, y: float, u: float, colour: str | None) -> None:
    _half(pen, x, y, u, right=False, ink=colour or INK)


def _none(pen: Pen, x: float, y: float, u: float, colour: str | None) -> None:
    pen.circle(x + 8 * u, y + 8 * u, 6.4 * u, stroke=1.7 * u, colour=colour or INK)


_DRAW: dict[str, Callable[[Pen, float, float, float, str | None], None]] = {
    "done": _done,
    "due": _due,
    "stop": _stop,
    "hold": _hold,
    "verify": _verify,
    "none": _none,
    "performer": _performer,
}


def chip(pen: Pen, x: float, y: float, state: str, word: str, *, size: float = 8.5) -> float:
    """A filled chip with sign and word from its top left corner; returns its width."""
    wide = chip_width(word, size=size)
    fill, ink = CHIPS[state]
    pen.box(x, y, wide, size * 2.0, fill=fill, stroke=1.1, colour=INK, radius=3)
    sign_colour = None if state == "done" and fill == "#FFFFFF" else ink
    sign(pen, state, x + size * 0.65, y + size * 0.42, size * 1.15, colour=sign_colour)
    pen.text(x + size * 2.2, y + size * 1.36, word, Style(size=size, weight=600, colour=ink))
    return wide


def chip_width(word: str, *, size: float = 8.5) -> float:
    """How wide a chip will be."""
    return size * 2.9 + width_of(word, Style(size=size, weight=600))


def signed(name: str, text: str, style: Style) -> list[Span]:
    """A sign and its word, for a table cell."""
    return [Span("", style, sign=name), Span(text, style)]
