"""The trial's data as tables for statisticians: which tables there are, and what each column means.

Pseudonymised: a woman stands under her trial code; no name, birth date, hospital number, free text, staff or label
code is in any column. Each value leaves as text: `YYYY-MM-DD`, moments in UTC, decimals with the digits recorded.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from lims.domain.master_batch_record import Words
from lims.domain.trial.course import Course

Value = str | int | bool | Decimal | date | datetime | None
Sort = Literal["text", "code", "yes_no", "integer", "decimal", "date", "moment"]
Codes = tuple[tuple[str, Words], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its code, what it means, and how its value is had from the row's thing."""

    code: str
    title: Words
    sort: Sort
    of: Callable[[Any], Value]
    unit: str = ""
    codes: Codes = ()
    """The coded values it can have and what they mean; empty where the protocol or the site names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One table: what a row is, its columns, and the rows that a woman's course gives."""

    code: str
    title: Words
    row: Words
    columns: tuple[Column, ...]
    each: Callable[[Course], Iterable[object]]

    def rows(self, courses: Sequence[Course]) -> Iterator[tuple[str, tuple[Value, ...]]]:
        """Trial code and values of every row, by woman, in the order of her course."""
        for course in courses:
            for thing in self.each(course):
                yield course.trial_id, tuple(column.of(thing) for column in self.columns)


def as_text(value: Value) -> str:
    """A value as it leaves: empty for what is not known."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case StrEnum():
            return value.value
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case _:
            return str(value)


TRIAL_ID = Column(
    code="trial_id", title=Words(en="Trial code", zh="试验编号"), sort="text", of=lambda _: None
)
"""Stands first in every table; it is the woman's, not the thing's."""


def dictionary(datasets: Sequence[Dataset]) -> Iterator[tuple[str, ...]]:
    """The data dictionary, a line a column, below its own head."""
    yield ("dataset", "row_is", "position", "column", "type", "unit", "meaning_en", "meaning_zh", "codes")
    for dataset in datasets:
        for at, column in enumerate((TRIAL_ID, *dataset.columns), start=1):
            codes = " | ".join(f"{code} = {words.en} / {words.zh}" for code, words in column.codes)
            about = (column.unit, column.title.en, column.title.zh, codes)
            yield (dataset.code, dataset.row.en, str(at), column.code, column.sort, *about)


def table(dataset: Dataset, courses: Sequence[Course]) -> Iterator[tuple[str, ...]]:
    """The table as text, its head first."""
    yield (TRIAL_ID.code, *(column.code for column in dataset.columns))
    for trial_id, values in dataset.rows(courses):
        yield (trial_id, *map(as_text, values))
