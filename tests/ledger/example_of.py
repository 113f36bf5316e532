"""A filled-in example of any class of facts, made from its field types; every member of every union appears."""

import types
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


def examples_of(hint: Any, name: str = "example") -> list[Any]:
    """Values of the type: several where a union or a choice leaves several."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return [value for part in get_args(hint) for value in examples_of(part, name)]
    if origin is Literal:
        return list(get_args(hint))
    if origin is tuple:
        return _tuples(get_args(hint), name)
    if is_dataclass(hint) and isinstance(hint, type):
        return _dataclasses(hint)
    return [_plain(hint, name)]


def _tuples(parts: tuple[Any, ...], name: str) -> list[Any]:
    if len(parts) == 2 and parts[1] is Ellipsis:
        return [tuple(examples_of(parts[0], name)), ()]
    return [tuple(examples_of(part, name)[0] for part in parts)]


def _dataclasses(hint: type) -> list[Any]:
    hints = get_type_hints(hint)
    names = [field.name for field in fields(hint)]
    columns = [examples_of(hints[name], name) for name in names]
    made = []
    for at in range(max((len(column) for column in columns), default=1)):
        values = {
            name: column[at] if at < len(column) else column[0]
            for name, column in zip(names, columns, strict=True)
        }
        try:
            made.append(hint(**values))
        except ValueError:
            continue  # a class that checks itself does not take every combination
    return made


def _plain(hint: Any, name: str) -> Any:
    plain = {
        type(None): None,
        bool: True,
        int: 7,
        str: f"{name} – 例",
        Decimal: Decimal("1.50"),
        datetime: datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC),
        date: date(2026, 3, 1),
    }
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    return plain[hint]
