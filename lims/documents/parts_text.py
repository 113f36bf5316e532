"""Text on paper: the bundled fonts, which signs they hold, how wide a text runs and where its lines break."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONTS = Path(__file__).parents[2] / "static" / "fonts" / "pdf"
LATIN = {
    400: ("IBMPlexSans_400Regular", "PlexRegular"),
    500: ("IBMPlexSans_500Medium", "PlexMedium"),
    600: ("IBMPlexSans_600SemiBold", "PlexSemiBold"),
}
CHINESE = {
    400: ("NotoSansSC_400Regular", "NotoSCRegular"),
    500: ("NotoSansSC_400Regular", "NotoSCRegular"),
    600: ("NotoSansSC_600SemiBold", "NotoSCSemiBold"),
}
INK, INK2, INK3 = "#15181C", "#434B55", "#5A636E"
SIGN_GAP = 5.0
NOT_FIRST = "，。、；：？！）】」』》〉”’…—·％℃,.;:?!)]}%°"
"""Signs that never begin a line."""
NOT_LAST = "（【「『《〈“‘([{"
"""Signs that never end a line."""
INVISIBLE = frozenset("\n\u00a0\u2060")


class Unprintable(ValueError):
    """Signs that no bundled font holds; nothing was printed, for a name must never print as a box."""

    def __init__(self, signs: Iterable[str]) -> None:
        self.signs = frozenset(signs)
        super().__init__(
            "no bundled font holds " + " ".join(f"U+{ord(sign):04X}" for sign in sorted(self.signs))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a text is set: size in pt, weight 400, 500 or 600, colour as #RRGGBB, struck through."""

    size: float = 9.5
    weight: int = 400
    colour: str = INK
    struck: bool = False

    def but(
        self,
        *,
        size: float | None = None,
        weight: int | None = None,
        colour: str | None = None,
        struck: bool | None = None,
    ) -> "Style":
        """The same style with something changed."""
        return Style(
            size=self.size if size is None else size,
            weight=self.weight if weight is None else weight,
            colour=self.colour if colour is None else colour,
            struck=self.struck if struck is None else struck,
        )


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text in one style, or a sign (its name) as wide as a letter and a half."""

    text: str
    style: Style = Style()
    sign: str | None = None


Paragraph = Sequence[Span]


@dataclass(frozen=True, slots=True)
class Line:
    """One set line: pieces with their offset from its start, and its height, in pt."""

    pieces: tuple[tuple[float, Span], ...]
    width: float
    height: float
    size: float


@cache
def font(name: str, file: str) -> TTFont:
    """A bundled font, registered once."""
    found = TTFont(name, str(FONTS / f"{file}.ttf"))
    pdfmetrics.registerFont(found)
    return found


@cache
def latin(weight: int) -> TTFont:
    """IBM Plex Sans in a weight."""
    file, name = LATIN[weight]
    return font(name, file)


@cache
def chinese(weight: int) -> TTFont:
    """Noto Sans SC in a weight; 500 is set as 400."""
    file, name = CHINESE[weight]
    return font(name, file)


@cache
def font_of(sign: str, weight: int) -> TTFont | None:
    """The font that holds a sign: Plex first, Noto Sans SC behind it; none if neither does."""
    for candidate in (latin(weight), chinese(weight)):
        if ord(sign) in candidate.face.charToGlyph:
            return candidate
    return None


@cache
def sign_width(sign: str, weight: int) -> float:
    """How far a sign advances, in parts of the size."""
    held = font_of("\u0020" if sign in INVISIBLE else sign, weight)
    if held is None:
        raise Unprintable([sign])
    code = ord(" ") if sign in INVISIBLE else ord(sign)
    widths: dict[int, float] = held.face.charWidths
    return float(widths[code]) / 1000


def unprintable(text: str) -> set[str]:
    """The signs of a text that cannot be printed; empty for a text that can. Line ends are printable."""
    return {sign for sign in set(text) - INVISIBLE if not sign.isprintable() or font_of(sign, 400) is None}


def check_printable(texts: Iterable[str]) -> None:
    """Raises Unprintable if any text holds a sign that no bundled font has."""
    missing: set[str] = set()
    for text in texts:
        missing |= unprintable(text)
    if missing:
        raise Unprintable(missing)


def width_of(text: str, style: Style) -> float:
    """How wide a text runs on one line, in pt."""
    return style.size * _advance(text, style.weight)


@lru_cache(maxsize=20_000)
def _advance(text: str, weight: int) -> float:
    """How far a text advances, in parts of the size; a record says the same words a thousand times."""
    return sum([sign_width(sign, weight) for sign in text])


def runs(text: str, weight: int) -> Iterator[tuple[TTFont, str]]:
    """The text in runs of one font each; Raises Unprintable."""
    if text.isascii() and text.isprintable():  # Plex holds them all
        if text:
            yield latin(weight), text
        return
    start, now = 0, None
    for at, sign in enumerate(text):
        held = font_of("\u0020" if sign in INVISIBLE else sign, weight)
        if held is None:
            raise Unprintable([sign])
        if held is not now:
            if now is not None:
                yield now, text[start:at]
            start, now = at, held
    if now is not None:
        yield now, text[start:]


_WIDE: Final = "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0010ffff]"
"""A line may break before and after it: Chinese and full-width signs."""
_BREAK: Final = re.compile(
    f"(?<=[^{re.escape(NOT_LAST)}])(?=[^{re.escape(NOT_FIRST)}])"
    f"(?:(?<= )(?=[^ ])|(?<=[^ ])(?:(?<={_WIDE})|(?={_WIDE})))"
)
"""Where a line may end and the next begin; a date or a lot never breaks at its dash."""


def breaks_between(left: str, right: str) -> bool:
    """Whether a line may end after `left` and the next begin with `right`."""
    return _BREAK.search(left + right) is not None


def wrap(paragraph: Paragraph, width: float, *, leading: float = 1.36) -> list[Line]:
    """The lines of a paragraph at a width in pt; `\\n` ends a line, a word that is too long is cut."""
    lines: list[Line] = []
    setter = _Setter(width, leading)
    for span in paragraph:
        if span.sign is not None:
            lines += setter.atom(span)
            continue
        parts = span.text.split("\n")
        for at, part in enumerate(parts):
            if at:
                lines.append(setter.end(span.style))
            lines += setter.words(part, span.style)
    lines.append(setter.end(paragraph[-1].style if paragraph else Style()))
    return lines


class _Setter:
    """Sets words one after another; keeps the line that is not full yet."""

    def __init__(self, width: float, leading: float) -> None:
        self.room, self.leading = width, leading
        self.pieces: list[tuple[float, Span]] = []
        self.at = 0.0
        self.last = ""

    def atom(self, span: Span) -> list[Line]:
        wide = span.style.size * 1.25 + SIGN_GAP
        full = [self.end(span.style)] if self.pieces and self.at + wide > self.room else []
        self.pieces.append((self.at, span))
        self.at += wide
        self.last = ""
        return full

    def words(self, text: str, style: Style) -> list[Line]:
        full: list[Line] = []
        for word in split_words(text):
            wide = width_of(word.rstrip(" "), style)
            joined = self.pieces and self.last and not breaks_between(self.last, word[0])
            if self.at + wide > self.room and self.pieces and not (joined and wide < style.size):
                full.append(self.end(style))
            while wide > self.room:
                fits = self._fitting(word, style)
                self._put(word[:fits], style)
                full.append(self.end(style))
                word = word[fits:]
                wide = width_of(word.rstrip(" "), style)
            self._put(word, style)
        return full

    def _fitting(self, word: str, style: Style) -> int:
        wide = 0.0
        for at, sign in enumerate(word):
            wide += style.size * sign_width(sign, style.weight)
            if wide > self.room and at:
                return at
        return len(word)

    def _put(self, word: str, style: Style) -> None:
        if not word:
            return
        if self.pieces and self.pieces[-1][1].sign is None and self.pieces[-1][1].style is style:
            offset, before = self.pieces[-1]
            self.pieces[-1] = (offset, Span(before.text + word, style))
        else:
            self.pieces.append((self.at, Span(word, style)))
        self.at += width_of(word, style)
        self.last = word[-1]

    def end(self, style: Style) -> Line:
        size = max((span.style.size for _, span in self.pieces), default=style.size)
        line = Line(pieces=tuple(self.pieces), width=self.at, height=size * self.leading, size=size)
        self.pieces, self.at, self.last = [], 0.0, ""
        return line


def split_words(text: str) -> list[str]:
    """Pieces between which a line may break; a space stays with the word before it."""
    return _BREAK.split(text) if text else []
