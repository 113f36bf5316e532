"""Rows of the read tables: what lists, boards and searches show; a function of the record, without authority."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a read table, owned by one stream; `key` tells it from the stream's other rows of that table.

    A subclass names its `table`, adds fields of str, int, bool, Decimal, date, datetime or None, and lists in
    `indexed` what is searched or sorted by.
    """

    table: ClassVar[str]
    indexed: ClassVar[tuple[str, ...]] = ()

    stream: str
    key: str
