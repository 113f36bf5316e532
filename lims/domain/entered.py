"""What a person enters, read strictly, with every refusal said at the field where it was entered."""

from decimal import Decimal

from lims.domain.codes import BadCode, read
from lims.domain.quantities import Ambiguous, NotANumber, Reported, parse_number, parse_reported
from lims.domain.refusals import BadEntry


def entered_number(raw: str, *, field: str) -> Decimal:
    """A measured value as typed (screens 3.5)."""
    try:
        return parse_number(raw).value
    except Ambiguous as two:
        raise BadEntry("number.ambiguous", field=field, **two.params) from None
    except NotANumber as fault:
        raise BadEntry(f"number.{fault.reason.value}", field=field, **fault.params) from None


def entered_result(raw: str, *, field: str) -> Reported:
    """A test result as typed, with `<` or `>` if it carries one."""
    try:
        return parse_reported(raw)
    except Ambiguous as two:
        raise BadEntry("number.ambiguous", field=field, **two.params) from None
    except NotANumber as fault:
        raise BadEntry(f"number.{fault.reason.value}", field=field, **fault.params) from None


def entered_amount(raw: str, *, field: str) -> Decimal:
    """A quantity, volume or temperature that cannot be negative."""
    value = entered_number(raw, field=field)
    if value < 0:
        raise BadEntry("number.negative", field=field)
    return value


def entered_code(raw: str, *, field: str) -> str:
    """The 16 digits of a scanned or typed code."""
    try:
        return str(read(raw))
    except BadCode as bad:
        raise BadEntry(f"code.{bad.reason.value}", field=field, **bad.params) from None
