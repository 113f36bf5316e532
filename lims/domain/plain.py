"""Domain values as canonical JSON: the writing half of the codec (lims/ledger/codec.py reads it back, strictly)."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from lims.domain.canonical import Json, instant


def to_plain(value: object) -> Json:
    """A frozen domain value as JSON: decimals and times as strings, mappings as lists of pairs.

    Raises TypeError for anything that has no place in a record (a float, a set, an open file).
    """
    if isinstance(value, Enum):
        return str(value.value)
    if value is None or isinstance(value, bool | str | int):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return [[to_plain(key), to_plain(item)] for key, item in value.items()]
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no place in a record")
