"""Shares with their 95 % intervals, and two shares compared; all in Decimal, so that every machine prints the same.

Sources: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209-212, the score interval of one share; R. G. Newcombe, Statist.
Med. 17 (1998) 873-890, method 10, the difference of two; D. Katz et al., Biometrics 34 (1978) 469-474, the ratio of
two by its logarithm. The tests hold each against statsmodels.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from lims.domain.master_batch_record import Frozen

Z95 = Decimal("1.959963984540054235524594430521")
"""The 0.975 quantile of the normal distribution."""
_DIGITS = Context(prec=28, rounding=ROUND_HALF_UP)
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate(Frozen):
    """A value with its 95 % interval; shares and differences as fractions of one."""

    value: Decimal
    low: Decimal
    high: Decimal


def share(yes: int, of: int) -> Estimate | None:
    """A share with its Wilson interval; None of nobody, which is 'n/a' and never 0 %."""
    if of == 0:
        return None
    if not 0 <= yes <= of:
        raise ValueError("a share counts between nobody and everybody")
    with localcontext(_DIGITS):
        value, n, square = Decimal(yes) / of, Decimal(of), Z95 * Z95
        middle = value + square / (2 * n)
        half = Z95 * ((value * (1 - value) + square / (4 * n)) / n).sqrt()
        below = 1 + square / n
        low = Decimal(0) if yes == 0 else (middle - half) / below
        high = _ONE if yes == of else (middle + half) / below
        return Estimate(value=value, low=low, high=high)


def difference(yes: int, of: int, other_yes: int, other_of: int) -> Estimate | None:
    """The first share minus the second, with Newcombe's hybrid score interval; None if either is of nobody."""
    one, two = share(yes, of), share(other_yes, other_of)
    if one is None or two is None:
        return None
    with localcontext(_DIGITS):
        value = one.value - two.value
        down = ((one.value - one.low) ** 2 + (two.high - two.value) ** 2).sqrt()
        up = ((one.high - one.value) ** 2 + (two.value - two.low) ** 2).sqrt()
        return Estimate(value=value, low=value - down, high=value + up)


def ratio(yes: int, of: int, other_yes: int, other_of: int) -> Estimate | None:
    """The first share over the second, with Katz's interval; None when either counts nobody: it has no logarithm."""
    if 0 in (yes, of, other_yes, other_of):
        return None
    with localcontext(_DIGITS):
        value = (Decimal(yes) / of) / (Decimal(other_yes) / other_of)
        spread = (_ONE / yes - _ONE / of + _ONE / other_yes - _ONE / other_of).sqrt()
        return Estimate(
            value=value, low=(value.ln() - Z95 * spread).exp(), high=(value.ln() + Z95 * spread).exp()
        )
