"""A supplier's GS1 code: which product, which lot, until when (GS1 General Specifications, sections 3 and 7).

It comes as the scanner sends it, or as it is printed beside the code with its application identifiers in brackets.
Fields of free length end at a group separator, which scanners send in several ways.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from lims.domain.refusals import BadEntry

FIELD = "scan"
LONGEST = 200
SEPARATOR = "\x1d"
SHOWN_SEPARATOR = "␝"
"""How a separator is kept where no control sign may stand."""
_SENT_AS = (SHOWN_SEPARATOR, "<GS>", "{GS}", "[GS]", "^]")
_SYMBOLOGIES = ("]d2", "]C1", "]Q3", "]e0", "]J1")
"""What a scanner puts before a GS1 DataMatrix, GS1-128, QR, DataBar or DotCode."""
_FRAME = ("[)>\x1e05\x1d", "\x1e\x04")
"""ISO/IEC 15434, format 05: some scanners wrap the same fields in it."""
_WIDE = {0xFF01 + at: 0x21 + at for at in range(94)} | {0x3000: 0x20}
_TAKEN = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+")

GTIN, LOT, EXPIRES, SERIAL = "01", "10", "17", "21"
_DAYS = ("11", "12", "13", "15", "16", "17")


@dataclass(frozen=True, slots=True)
class Shape:
    """How long the field of an application identifier is, and whether it is digits."""

    least: int
    most: int
    digits: bool = True


def _shapes() -> dict[str, Shape]:
    shapes = {
        "00": Shape(18, 18),
        "01": Shape(14, 14),
        "02": Shape(14, 14),
        "20": Shape(2, 2),
        "30": Shape(1, 8),
        "37": Shape(1, 8),
        "242": Shape(1, 6),
        "402": Shape(17, 17),
        "422": Shape(3, 3),
        "426": Shape(3, 3),
        "7001": Shape(13, 13),
        "7003": Shape(10, 10),
    }
    shapes |= {day: Shape(6, 6) for day in _DAYS}
    shapes |= {f"41{at}": Shape(13, 13) for at in range(8)}
    shapes |= {f"3{kind}{at}": Shape(6, 6) for kind in range(10, 70) for at in range(10)}
    words = {"10": 20, "21": 20, "22": 20, "235": 28, "243": 20, "254": 20, "403": 30, "8005": 6, "8200": 70}
    words |= dict.fromkeys(("240", "241", "250", "251", "253", "400", "401"), 30)
    words |= {f"71{at}": 20 for at in range(8)} | {f"9{at}": 90 for at in range(10)}
    return shapes | {ai: Shape(1, most, digits=False) for ai, most in words.items()}


SHAPES: Mapping[str, Shape] = MappingProxyType(_shapes())


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a supplier's code says; what it does not say is empty."""

    gtin: str = ""
    """Global trade item number, 14 digits: the product."""
    lot: str = ""
    expires: date | None = None
    """The last day of use; a code that names only the month means its last day."""
    serial: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    """Every field in its order, also those that nothing here is made of."""


def read(raw: str, *, today: date) -> Label:
    """What the code says. Raises BadEntry, at the field of the scan, for anything that is not wholly understood."""
    if len(raw) > LONGEST:
        raise BadEntry("gs1.too_long", field=FIELD, most=LONGEST)
    text = _unwrapped(raw)
    if not text:
        raise BadEntry("gs1.empty", field=FIELD)
    fields = tuple(_printed(text) if text.startswith("(") else _sent(text))
    known: dict[str, str] = {}
    for ai, value in fields:
        if known.setdefault(ai, value) != value:
            raise BadEntry("gs1.twice", field=FIELD, ai=ai)
        if ai in (GTIN, "02") and check_digit(value[:-1]) != value[-1]:
            raise BadEntry("gs1.check_digit", field=FIELD, gtin=value)
    days = {ai: _day(value, ai=ai, today=today) for ai, value in known.items() if ai in _DAYS}
    return Label(
        gtin=known.get(GTIN, ""),
        lot=known.get(LOT, ""),
        expires=days.get(EXPIRES),
        serial=known.get(SERIAL, ""),
        fields=fields,
    )


def kept(raw: str) -> str:
    """The scan without control signs, which reads as the same."""
    return _unwrapped(raw).replace(SEPARATOR, SHOWN_SEPARATOR)


def check_digit(digits: str) -> str:
    """The last digit of a GTIN: weights 3 and 1 from the right, up to the next ten (7.9)."""
    total = sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def _unwrapped(raw: str) -> str:
    """The fields alone: no frame, no symbology, one sign for the separator."""
    text = raw.strip(" \t\r\n").translate(_WIDE)
    head, tail = _FRAME
    text = text.removeprefix(head).removesuffix("\x04").removesuffix(tail[0])
    for sent in _SENT_AS:
        text = text.replace(sent, SEPARATOR)
    prefix = next((prefix for prefix in _SYMBOLOGIES if text.startswith(prefix)), "")
    return text.removeprefix(prefix).strip(SEPARATOR)


def _sent(text: str) -> Iterator[tuple[str, str]]:
    """The fields of a code as scanners send it."""
    rest = text
    while rest := rest.removeprefix(SEPARATOR):
        ai = next((rest[:size] for size in (2, 3, 4) if rest[:size] in SHAPES), "")
        if not ai:
            raise BadEntry("gs1.unknown", field=FIELD, at=_shown(rest[:4]))
        shape, body = SHAPES[ai], rest[len(ai) :]
        value = body[: shape.most] if shape.least == shape.most else body.partition(SEPARATOR)[0]
        yield ai, _checked(ai, value)
        rest = body[len(value) :]


def _printed(text: str) -> Iterator[tuple[str, str]]:
    """The fields as they are printed beside the code, `(01)09506000134352(10)AB-1`."""
    parts = re.split(r"\((\d{2,4})\)", text)
    if parts[0]:
        raise BadEntry("gs1.unknown", field=FIELD, at=_shown(text[:4]))
    for ai, value in zip(parts[1::2], parts[2::2], strict=True):
        if ai not in SHAPES:
            raise BadEntry("gs1.unknown", field=FIELD, at=ai)
        yield ai, _checked(ai, value.strip(f" {SEPARATOR}"))


def _checked(ai: str, value: str) -> str:
    shape = SHAPES[ai]
    if not shape.least <= len(value) <= shape.most:
        raise BadEntry("gs1.length", field=FIELD, ai=ai, most=shape.most, found=len(value))
    if not _TAKEN.fullmatch(value) or (shape.digits and not value.isdigit()):
        raise BadEntry("gs1.signs", field=FIELD, ai=ai, value=_shown(value))
    return value


def _day(value: str, *, ai: str, today: date) -> date:
    """YYMMDD. The century is the one that makes the year lie from 49 years back to 50 ahead (7.12); day 00 is the
    month's last day (3.4.6)."""
    year, month, day = int(value[:2]), int(value[2:4]), int(value[4:])
    ahead = year - today.year % 100
    century = today.year // 100 + (-1 if ahead >= 51 else 1 if ahead <= -50 else 0)
    try:
        last = monthrange(century * 100 + year, month)[1]
        return date(century * 100 + year, month, day or last)
    except ValueError:
        raise BadEntry("gs1.day", field=FIELD, ai=ai, value=value) from None


def _shown(text: str) -> str:
    return "".join(sign if sign.isprintable() else SHOWN_SEPARATOR for sign in text)
