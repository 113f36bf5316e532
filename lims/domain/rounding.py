"""Exact arithmetic of the laboratory: one decimal context, one way to round, the ways a number is written.

`Decimal` in a fixed context of 50 digits, whatever the thread's own context is; never a binary float.
"""

from decimal import (
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)
from enum import StrEnum

CONTEXT = Context(prec=50, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])

THIN_SPACE = "\N{THIN SPACE}"
MINUS = "\N{MINUS SIGN}"


def round_half_up(value: Decimal, decimals: int) -> Decimal:
    """The value at `decimals` places, halves away from zero; negative `decimals` round to tens, thousands…"""
    return value.quantize(Decimal((0, (1,), -decimals)), rounding=ROUND_HALF_UP, context=CONTEXT)


def plain(value: Decimal) -> str:
    """The exact value in digits, with no exponent, as it is stored: `2E+7` is `20000000`, zero has no sign."""
    return format(value if value else value.copy_abs(), "f")


def as_written(value: Decimal, decimals: int) -> str:
    """An analytical result at the decimals of its method: leading zero, thin space between thousands."""
    text = plain(round_half_up(value, decimals))
    whole, mark, fraction = text.lstrip("-").partition(".")
    grouped = f"{int(whole):,}".replace(",", THIN_SPACE) if len(whole) > 4 else whole
    return (MINUS if text.startswith("-") else "") + grouped + mark + fraction


def as_given(value: Decimal) -> str:
    """A dose or volume to give: exact, with a leading zero and without trailing zeros (ISMP)."""
    text = plain(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def as_power_of_ten(value: Decimal, decimals: int = 2) -> str:
    """A cell number for reading: `4.60×10⁶`. `decimals` belong to the mantissa."""
    if not value:
        return plain(round_half_up(value, decimals))
    exponent = value.adjusted()
    mantissa = round_half_up(value.scaleb(-exponent, CONTEXT), decimals)
    if abs(mantissa) >= 10:
        exponent += 1
        mantissa = round_half_up(value.scaleb(-exponent, CONTEXT), decimals)
    power = str(exponent).translate(str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"))
    return f"{plain(mantissa).replace('-', MINUS)}×10{power}"


class Magnitude(StrEnum):
    """A value that looks like a slip of the decimal mark against what was expected."""

    TEN_TIMES_HIGHER = "ten_times_higher"
    TEN_TIMES_LOWER = "ten_times_lower"


def magnitude_slip(value: Decimal, expected: Decimal) -> Magnitude | None:
    """Whether a value is about ten times off the one expected (8× is taken as "about"); None if not."""
    if not expected or not value:
        return None
    with localcontext(CONTEXT):
        ratio = abs(value / expected)
    if ratio >= 8:
        return Magnitude.TEN_TIMES_HIGHER
    return Magnitude.TEN_TIMES_LOWER if ratio * 8 <= 1 else None
