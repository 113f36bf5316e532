"""The trial's tables as CSV and as one workbook, with the data dictionary; the same data give the same bytes."""

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Final

import xlsxwriter

from lims.domain.trial.course import Course
from lims.domain.trial.dataset_catalogue import DATASETS
from lims.domain.trial.datasets import TRIAL_ID, Dataset, Value, as_text, dictionary, table

DICTIONARY: Final = "dictionary"
_DATE: Final = "yyyy-mm-dd"
_MOMENT: Final = "yyyy-mm-dd hh:mm:ss"


def csv_files(courses: Sequence[Course]) -> dict[str, bytes]:
    """Every table and the dictionary as CSV (RFC 4180, UTF-8), by file name."""
    files = {f"{dataset.code}.csv": _csv(table(dataset, courses)) for dataset in DATASETS}
    return {f"{DICTIONARY}.csv": dictionary_csv(), **files}


def dictionary_csv() -> bytes:
    """What each column means."""
    return _csv(dictionary(DATASETS))


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8")


def workbook(courses: Sequence[Course], *, taken_at: datetime) -> bytes:
    """One sheet a table, the dictionary first; numbers are numbers, days are days, and nothing is ever a formula."""
    target = BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"created": taken_at.astimezone(UTC).replace(tzinfo=None), "title": "Trial data"})
    head = book.add_format({"bold": True, "bottom": 1})
    formats = {sort: book.add_format({"num_format": code}) for sort, code in _FORMATS.items()}
    sheet = book.add_worksheet(DICTIONARY)
    for at, row in enumerate(dictionary(DATASETS)):
        sheet.write_row(at, 0, row, head if at == 0 else None)
    _read_comfortably(sheet, columns=9)
    for dataset in DATASETS:
        _fill(book.add_worksheet(dataset.code), dataset, courses, head=head, formats=formats)
    book.close()
    return target.getvalue()


_FORMATS: Final = {date: _DATE, datetime: _MOMENT}
_Formats = dict[type[date], object]


def _fill(
    sheet: "xlsxwriter.worksheet.Worksheet",
    dataset: Dataset,
    courses: Sequence[Course],
    *,
    head: object,
    formats: _Formats,
) -> None:
    sheet.write_row(0, 0, [TRIAL_ID.code, *(column.code for column in dataset.columns)], head)
    for at, (trial_id, values) in enumerate(dataset.rows(courses), start=1):
        sheet.write_string(at, 0, trial_id)
        for position, value in enumerate(values, start=1):
            _write(sheet, at, position, value, formats=formats)
    _read_comfortably(sheet, columns=len(dataset.columns) + 1)


def _read_comfortably(sheet: "xlsxwriter.worksheet.Worksheet", *, columns: int) -> None:
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, columns - 1, 18)


def _write(
    sheet: "xlsxwriter.worksheet.Worksheet", row: int, column: int, value: Value, *, formats: _Formats
) -> None:
    match value:
        case None:
            return
        case datetime():
            local = value.astimezone(UTC).replace(tzinfo=None)
            sheet.write_datetime(row, column, local, formats[datetime])
        case date():
            sheet.write_datetime(row, column, value, formats[date])
        case bool():
            sheet.write_string(row, column, as_text(value))
        case int() | Decimal():
            sheet.write_number(row, column, value)
        case _:
            sheet.write_string(row, column, as_text(value))
