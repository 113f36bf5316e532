"""Codes of people and things: 16 digits that survive any keyboard and cannot be mistaken for one another.

Two digits say what it is, twelve are a random serial, two are check digits (ISO 7064 MOD 97-10). A code says
nothing about a person. Sixteen digits are no GTIN length, and no input method turns digits into other signs.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

SERIAL_DIGITS = 12
CODE_DIGITS = 16
LONGEST_SCAN = 64
MOST_MINT_TRIES = 100


class CodeType(StrEnum):
    """What a code stands for; its first two digits."""

    PARTICIPANT = "10"
    """On the wristband."""
    CHAIN_OF_IDENTITY = "20"
    PRODUCT_UNIT = "21"
    CONTAINER = "30"
    TUBE = "31"
    """Starting material as it arrives."""
    QC_SAMPLE = "32"
    MATERIAL_LOT = "40"
    REAGENT_PREPARATION = "41"
    EQUIPMENT = "50"
    LOCATION = "51"
    STATION = "52"
    BADGE = "60"
    DOCUMENT = "70"
    """Orders, forms and other papers."""
    LABEL = "71"
    """The serial of a spare label or chart sticker; never identifies a thing."""
    COMMAND = "80"
    """A card whose scan presses a button."""
    SHIPPER = "90"
    """Transport box or temperature logger."""


class CodeRefusal(StrEnum):
    """Why a scan or a typed code was not taken."""

    EMPTY = "empty"
    NOT_DIGITS = "not_digits"
    WRONG_LENGTH = "wrong_length"
    CHECK_DIGITS = "check_digits"
    UNKNOWN_TYPE = "unknown_type"
    WRONG_TYPE = "wrong_type"


# English is the message id; the pages translate it and fill in the parameters.
CODE_REFUSAL_MESSAGES: Mapping[CodeRefusal, str] = MappingProxyType(
    {
        CodeRefusal.EMPTY: "No code was read. Scan the code again.",
        CodeRefusal.NOT_DIGITS: "“{text}” is not one of our codes: they are {length} digits. "
        "Scan the square code of our label.",
        CodeRefusal.WRONG_LENGTH: "The code has {found} digits instead of {length}. Scan or type it again.",
        CodeRefusal.CHECK_DIGITS: "The check digits of {text} do not fit: a digit is wrong or two are swapped. "
        "Scan it again, or compare every digit with the label.",
        CodeRefusal.UNKNOWN_TYPE: "{text} begins with {type}, which stands for nothing here. Scan our own label.",
        CodeRefusal.WRONG_TYPE: "{text} is another kind of code than the one asked for. Scan the right label.",
    }
)


class BadCode(ValueError):
    """A scan that is not a code of ours; nothing was looked up."""

    def __init__(self, reason: CodeRefusal, **params: str) -> None:
        self.reason = reason
        self.params: Mapping[str, str] = MappingProxyType(dict(params))
        self.message = CODE_REFUSAL_MESSAGES[reason]
        super().__init__(self.message.format(**params))


class NoFreeCode(RuntimeError):
    """Every drawn serial was already in use: the source of random digits is broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code whose check digits fit."""

    type: CodeType
    serial: str

    def __str__(self) -> str:
        return compose(self.type, self.serial)

    @property
    def grouped(self) -> str:
        """As printed under the square code."""
        return grouped(str(self))


def check_digits(payload: str) -> str:
    """The two ISO 7064 MOD 97-10 check digits of a string of digits (02 to 98)."""
    return f"{98 - int(payload) * 100 % 97:02d}"


def compose(type: CodeType, serial: str) -> str:
    """The 16 digits of a code. Raises ValueError unless the serial is 12 digits."""
    if len(serial) != SERIAL_DIGITS or not _only_digits(serial):
        raise ValueError("the serial of a code is 12 digits")
    payload = type.value + serial
    return payload + check_digits(payload)


def read(raw: str, *expected: CodeType) -> Code:
    """The code in a scan or typed line; spaces and full-width digits are read as what they mean.

    Raises BadCode with the reason. With `expected` types, any other type is refused as well.
    """
    if len(raw) > LONGEST_SCAN:
        raise BadCode(CodeRefusal.WRONG_LENGTH, found=str(len(raw)), length=str(CODE_DIGITS))
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", raw))
    if not text:
        raise BadCode(CodeRefusal.EMPTY)
    # ¹ and ① become digits under NFKC: only full-width ones may.
    if not _only_digits(text) or any(char.isnumeric() and not _is_plain_digit(char) for char in raw):
        raise BadCode(CodeRefusal.NOT_DIGITS, text=raw.strip(), length=str(CODE_DIGITS))
    if len(text) != CODE_DIGITS:
        raise BadCode(CodeRefusal.WRONG_LENGTH, found=str(len(text)), length=str(CODE_DIGITS))
    # Compared with the computed digits, not modulo 97: 00, 01 and 99 are never check digits.
    if check_digits(text[:-2]) != text[-2:]:
        raise BadCode(CodeRefusal.CHECK_DIGITS, text=grouped(text))
    try:
        type = CodeType(text[:2])
    except ValueError:
        raise BadCode(CodeRefusal.UNKNOWN_TYPE, text=grouped(text), type=text[:2]) from None
    if expected and type not in expected:
        raise BadCode(CodeRefusal.WRONG_TYPE, text=grouped(text))
    return Code(type=type, serial=text[2:-2])


def grouped(code: str) -> str:
    """The digits as people read them aloud: `21 0000 0041 7702 89`."""
    middle = code[2:-2]
    return " ".join([code[:2], *(middle[at : at + 4] for at in range(0, len(middle), 4)), code[-2:]])


def mint(type: CodeType, random_digits: Callable[[int], str], in_use: Callable[[str], bool]) -> str:
    """A new code of this type, at least two edits away from every other code that can be read.

    `random_digits(n)` gives n random digits, `in_use(code)` whether a code was ever given out. Raises
    NoFreeCode when no unused serial is drawn.

    Two edits apart: let x be a code and y differ from it by one wrong digit. Then x − y = d·10^k with
    0 < |d| < 10, which 97, a prime that divides neither d nor 10, does not divide. If y has two neighbouring
    digits a, b swapped, x − y = 9·(a − b)·10^k, and 97 divides neither 9 nor 0 < |a − b| < 10. Both codes
    leave 1 modulo 97, so y can't be one. A digit lost or added changes the length. This holds among all
    codes, used or not, so no neighbour needs to be looked up.
    """
    for _ in range(MOST_MINT_TRIES):
        code = compose(type, random_digits(SERIAL_DIGITS))
        if not in_use(code):
            return code
    raise NoFreeCode(f"no unused serial in {MOST_MINT_TRIES} draws")


def _only_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_plain_digit(char: str) -> bool:
    return char in "0123456789０１２３４５６７８９"
