"""Measured values: what a person typed, what it was read as, and how it stands against its limits.

The one door for callers: reading is here, rounding and writing in `rounding`, limits and verdicts in `limits`.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from lims.domain.limits import Assessment, Judgement, Limit, Qualifier, Standing, Verdict, assess
from lims.domain.rounding import (
    CONTEXT,
    MINUS,
    Magnitude,
    as_given,
    as_power_of_ten,
    as_written,
    magnitude_slip,
    plain,
    round_half_up,
)

__all__ = [
    "CONTEXT",
    "Ambiguous",
    "Assessment",
    "Judgement",
    "Limit",
    "Magnitude",
    "NotANumber",
    "NumberRefusal",
    "Parsed",
    "Qualifier",
    "Reported",
    "Standing",
    "Verdict",
    "as_given",
    "as_power_of_ten",
    "as_written",
    "assess",
    "magnitude_slip",
    "parse_number",
    "parse_reported",
    "plain",
    "round_half_up",
]

LONGEST_ENTRY = 64
MOST_DIGITS = 30
LARGEST_EXPONENT = 30


class NumberRefusal(StrEnum):
    """Why a typed value was not read as a number."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    OTHER_DIGITS = "other_digits"
    NOT_FINITE = "not_finite"
    TWO_MARKS = "two_marks"
    MIXED_MARKS = "mixed_marks"
    SPACE_INSIDE = "space_inside"
    MARK_AT_END = "mark_at_end"
    TOO_LARGE = "too_large"
    NOT_UNDERSTOOD = "not_understood"


# English is the message id; the pages translate it and fill in the parameters.
NUMBER_REFUSAL_MESSAGES: Mapping[NumberRefusal, str] = MappingProxyType(
    {
        NumberRefusal.EMPTY: "Nothing was entered. Enter a number.",
        NumberRefusal.TOO_LONG: "This is too long to be a measured value (at most {limit} characters).",
        NumberRefusal.OTHER_DIGITS: "“{text}” is not one of the digits 0–9. Enter the number with digits 0–9.",
        NumberRefusal.NOT_FINITE: "“{text}” is not a measured value. Enter a number.",
        NumberRefusal.TWO_MARKS: "“{text}” has more than one “{mark}”. Enter it without marks between thousands.",
        NumberRefusal.MIXED_MARKS: "“{text}” has both “,” and “.”. Enter it without marks between thousands.",
        NumberRefusal.SPACE_INSIDE: "“{text}” has a space inside that does not part thousands. "
        "Enter it without the space.",
        NumberRefusal.MARK_AT_END: "“{text}” ends with “{mark}”. Enter the digits after it, or leave it out.",
        NumberRefusal.TOO_LARGE: "“{text}” is beyond any measured value (more than {limit} digits).",
        NumberRefusal.NOT_UNDERSTOOD: "“{text}” is not understood as a number. Examples: 1200000, 1.2e6, "
        "1.2×10^6, 1.2M, 120万. The unit is already beside the field.",
    }
)


class NotANumber(ValueError):
    """A typed value that cannot be read as one number; nothing was dropped or guessed."""

    def __init__(self, reason: NumberRefusal, **params: str) -> None:
        self.reason = reason
        self.params: Mapping[str, str] = MappingProxyType(dict(params))
        self.message = NUMBER_REFUSAL_MESSAGES[reason]
        super().__init__(self.message.format(**params))


class Ambiguous(ValueError):
    """A typed value with two readings: the person must say which was meant ("1.234 or 1234?").

    `candidates` can each be sent back through `parse_number`.
    """

    message = "Did you mean {first} or {second}?"

    def __init__(self, first: str, second: str) -> None:
        self.candidates = (first, second)
        self.params: Mapping[str, str] = MappingProxyType({"first": first, "second": second})
        super().__init__(self.message.format(first=first, second=second))


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A typed value and what it was read as: `raw` exactly as typed, `value` exact."""

    raw: str
    value: Decimal

    @property
    def understood(self) -> str:
        """The value in plain digits, as it is stored and echoed."""
        return plain(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A test result as reported: an optional `<` or `>` and a number, never a word."""

    raw: str
    qualifier: Qualifier | None
    value: Decimal


_SPACES = "\u0020\u00a0\u2007\u2009\u200a\u202f\u3000"
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_SUPERSCRIPT_RUN = re.compile("(?<=10)[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?:"
    r"(?P<mantissa>[0-9.,]+)(?:[eE](?P<exponent>[+-]?[0-9]{1,4})|[×xX*]10\^(?P<power>[+-]?[0-9]{1,4})"
    r"|(?P<suffix>[M万]))?"
    r"|10\^(?P<bare>[+-]?[0-9]{1,4}))",
    re.ASCII,
)
_GROUPED = re.compile(r"(?<![0-9.,])[0-9]{1,3}(?: [0-9]{3})+(?![0-9])")
_SUFFIXES: Mapping[str, int] = MappingProxyType({"M": 6, "万": 4})


def parse_number(raw: str) -> Parsed:
    """Read a value as typed at the bench: `1.2e6`, `1.2×10^6`, `1.2×10⁶`, `1.2M`, `120万`, `１．２`.

    One comma or one dot is the decimal mark, but `1,234` raises `Ambiguous`. Raises `NotANumber` with
    the reason for everything else; no character is ever silently dropped except spaces at the ends,
    around `×`, and between thousands.
    """
    text = _fold(raw)
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise _why_not_understood(text, raw)
    sign = found["sign"]
    if found["bare"] is not None:
        mantissa, exponent = "1", int(found["bare"])
    else:
        tail = text[found.end("mantissa") :]
        mantissa = _decimal_mark(found["mantissa"], sign=sign, tail=tail, raw=raw)
        exponent = int(found["exponent"] or found["power"] or _SUFFIXES.get(found["suffix"] or "", 0))
    if abs(exponent) > LARGEST_EXPONENT or len(mantissa.replace(".", "")) > MOST_DIGITS:
        raise NotANumber(NumberRefusal.TOO_LARGE, text=raw.strip(), limit=str(MOST_DIGITS))
    value = Decimal(mantissa).scaleb(exponent, CONTEXT) if mantissa.strip("0.") else Decimal(mantissa)
    if abs(value.adjusted()) > LARGEST_EXPONENT:
        raise NotANumber(NumberRefusal.TOO_LARGE, text=raw.strip(), limit=str(MOST_DIGITS))
    if sign == "-" and value:
        value = value.copy_negate()
    return Parsed(raw=raw, value=value)


def parse_reported(raw: str) -> Reported:
    """Read a test result that may carry `<` or `>` before its number (`<0.05`)."""
    if len(raw) > LONGEST_ENTRY:
        raise NotANumber(NumberRefusal.TOO_LONG, limit=str(LONGEST_ENTRY))
    text = raw.strip()
    first = unicodedata.normalize("NFKC", text[:1])
    if first in ("<", ">"):
        return Reported(raw=raw, qualifier=Qualifier(first), value=parse_number(text[1:]).value)
    return Reported(raw=raw, qualifier=None, value=parse_number(raw).value)


def _fold(raw: str) -> str:
    """Bring full-width forms, superscript powers and spaces to plain ASCII; refuse what must not be folded."""
    if len(raw) > LONGEST_ENTRY:
        raise NotANumber(NumberRefusal.TOO_LONG, limit=str(LONGEST_ENTRY))
    text = raw.strip()
    if not text:
        raise NotANumber(NumberRefusal.EMPTY)
    wide_ascii = "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in text)
    powers = _SUPERSCRIPT_RUN.sub(lambda run: "^" + run[0].translate(_SUPERSCRIPTS), wide_ascii)
    # Before NFKC, which would turn "5²" into 52 and "①" into 1: only full-width digits may fold.
    for char in powers:
        if char.isnumeric() and char not in "0123456789万":
            raise NotANumber(NumberRefusal.OTHER_DIGITS, text=char)
    folded = unicodedata.normalize("NFKC", powers).replace(MINUS, "-")
    return _without_spaces(folded.translate({ord(space): " " for space in _SPACES}), raw=text)


def _without_spaces(text: str, *, raw: str) -> str:
    around_signs = re.sub(r" *([×xX*^eEM万]) *", r"\1", text)
    after_sign = re.sub(r"^([+-]) +", r"\1", around_signs)
    grouped = _GROUPED.sub(lambda group: group[0].replace(" ", ""), after_sign)
    if re.search(r"[0-9.,] +[0-9.,]", grouped):
        raise NotANumber(NumberRefusal.SPACE_INSIDE, text=raw)
    return grouped


def _decimal_mark(mantissa: str, *, sign: str, tail: str, raw: str) -> str:
    """The mantissa with at most one dot. Raises when its marks can be read in more than one way."""
    commas, dots = mantissa.count(","), mantissa.count(".")
    text = raw.strip()
    if commas and dots:
        raise NotANumber(NumberRefusal.MIXED_MARKS, text=text)
    if commas + dots > 1:
        raise NotANumber(NumberRefusal.TWO_MARKS, text=text, mark="," if commas else ".")
    if mantissa[-1] in ",.":
        raise NotANumber(NumberRefusal.MARK_AT_END, text=text, mark=mantissa[-1])
    if commas and re.fullmatch(r"[0-9]+,[0-9]{3}", mantissa):
        minus = "-" if sign == "-" else ""
        raise Ambiguous(
            minus + mantissa.replace(",", ".") + tail,
            minus + mantissa.replace(",", "") + tail,
        )
    return mantissa.replace(",", ".")


def _why_not_understood(text: str, raw: str) -> NotANumber:
    shown = raw.strip()
    if text.lstrip("+-").casefold() in {"nan", "snan", "inf", "infinity", "∞"}:
        return NotANumber(NumberRefusal.NOT_FINITE, text=shown)
    return NotANumber(NumberRefusal.NOT_UNDERSTOOD, text=shown)
