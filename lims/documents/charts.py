"""A chart as shapes, drawn alike on the page (SVG) and on paper: every chart carries the table that stands behind it.

A tone is a meaning of the visual language, never a colour by itself; what a chart says by tone it also says in words.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Tone = Literal["ink", "soft", "done", "due", "stop", "verify", "open", "surface"]
Anchor = Literal["start", "middle", "end"]
Sign = Literal["dot", "ring", "square", "diamond", "triangle", "cross", "bar"]
Say = Callable[[str], str]
"""How a message id reads in the language of the page or paper."""

WIDTH = 720.0
SMALL, PLAIN = 12.0, 13.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float
    tone: Tone = "surface"
    outlined: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """A line through points."""

    points: tuple[tuple[float, float], ...]
    tone: Tone = "ink"
    width: float = 1.5
    dashed: bool = False
    arrow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A mark; its form tells what it is, also without colour."""

    x: float
    y: float
    sign: Sign
    tone: Tone = "ink"
    size: float = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Words with their baseline at y."""

    x: float
    y: float
    text: str
    anchor: Anchor = "start"
    size: float = PLAIN
    strong: bool = False
    tone: Tone = "ink"


Shape = Area | Stroke | Mark | Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing with its title, the words for who cannot see it, and the table behind it."""

    code: str
    title: str
    says: str
    """What it shows, in one sentence."""
    height: float
    shapes: tuple[Shape, ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    width: float = WIDTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """From values to places along an axis."""

    least: Decimal
    most: Decimal
    start: float
    end: float

    def at(self, value: Decimal | int) -> float:
        """Where a value lies; what lies outside is drawn at the edge."""
        span = self.most - self.least
        part = (Decimal(value) - self.least) / span if span else Decimal(0)
        return self.start + (self.end - self.start) * float(min(max(part, Decimal(0)), Decimal(1)))


def steps(most: int, *, about: int = 5) -> tuple[int, ...]:
    """Round values from 0 to at least `most`, about so many."""
    rough = max(most / about, 1)
    size = next(size * 10**power for power in range(12) for size in (1, 2, 5) if size * 10**power >= rough)
    return tuple(range(0, (most // size + (1 if most % size else 0)) * size + 1, size)) or (0,)


def axis(
    scale: Scale, ticks: Sequence[tuple[Decimal | int, str]], *, top: float, bottom: float
) -> list[Shape]:
    """Upright grid lines with their values under them."""
    shapes: list[Shape] = []
    for value, words in ticks:
        x = scale.at(value)
        shapes.append(Stroke(points=((x, top), (x, bottom)), tone="open", width=1))
        shapes.append(Text(x=x, y=bottom + 16, text=words, anchor="middle", size=SMALL, tone="soft"))
    return shapes
