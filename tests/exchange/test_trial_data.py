"""Tables, dictionary, workbook and ODM of a simulated trial: everything on file is in them, and reads back the same."""

import csv
import json
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from io import BytesIO, StringIO
from typing import Any, get_args, get_type_hints
from zipfile import ZipFile

import openpyxl
import pytest

from lims.domain.trial.course import Cancellation, Course, CourseRound, ProtocolDeviation
from lims.domain.trial.dataset_catalogue import DATASETS
from lims.domain.trial.datasets import as_text
from lims.exchange.odm import About, odm_xml
from lims.exchange.odm_check import Unfaithful, check_odm
from lims.exchange.package import in_form, package
from lims.exchange.tables import csv_files, workbook
from lims.queries.outgoing import Snapshot
from tests.course_builder import CONTROL, PERFUSION
from tests.trial_generator import simulate

COURSES = tuple(simulate(seed=6).courses)
AT = datetime(2031, 1, 1, 8, 30, tzinfo=UTC)
ABOUT = About(study="DNK", title="Trial", version="1", taken_at=AT, site="Demo", file_oid="F.1")
SNAPSHOT = Snapshot(
    courses=COURSES[:30],
    taken_at=AT,
    sources="ab" * 32,
    study="DNK",
    title="Trial",
    version="1",
    site="Demo",
    kind="demo",
    open_queries=0,
)


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content.decode("utf-8"), newline="")))


def leaves(kind: Any, path: str = "") -> set[str]:
    """Every plain field under a dataclass, as `class.field`."""
    found = set()
    for field in fields(kind):
        hint = get_type_hints(kind)[field.name]
        inner = next((part for part in (hint, *get_args(hint)) if is_dataclass(part)), None)
        found |= leaves(inner) if inner else {f"{kind.__name__}.{field.name}"}
    return found


class Watched:
    """A value that notes which of its plain fields were read."""

    def __init__(self, value: Any, seen: set[str]) -> None:
        self._value, self._seen = value, seen

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._value, name)
        if is_dataclass(found):
            return Watched(found, self._seen)
        if isinstance(found, tuple) and found and is_dataclass(found[0]):
            return tuple(Watched(item, self._seen) for item in found)
        self._seen.add(f"{type(self._value).__name__}.{name}")
        return found


def test_every_field_of_a_course_is_in_a_table() -> None:
    """What is on file of a woman leaves whole; a field that a later release adds is named here."""
    seen: set[str] = set()
    whole = [replace(COURSES[0], deviations=(DEVIATION,), rounds=(CALLED_OFF,)), *COURSES]
    for course in whole:
        for dataset in DATASETS:
            list(dataset.rows([Watched(course, seen)]))  # type: ignore[list-item]
    assert leaves(Course) - seen == set()


DEVIATION = ProtocolDeviation(on=date(2027, 1, 1), code="=1+1", major=True)
CALLED_OFF = CourseRound(number=1, cancellations=(Cancellation(on=date(2027, 1, 1), reason="pregnancy"),))


def test_the_dictionary_tells_every_column_of_every_table() -> None:
    files = csv_files(COURSES)
    told = {(row["dataset"], row["column"]) for row in read(files["dictionary.csv"])}
    heads = {
        (name.removesuffix(".csv"), column)
        for name, content in files.items()
        if name != "dictionary.csv"
        for column in content.decode().splitlines()[0].split(",")
    }
    assert told == heads
    assert all(row["meaning_en"] and row["meaning_zh"] for row in read(files["dictionary.csv"]))


def test_a_coded_value_is_one_of_the_dictionary() -> None:
    files = csv_files(COURSES)
    codes = {
        (row["dataset"], row["column"]): {item.split(" = ")[0] for item in row["codes"].split(" | ")}
        for row in read(files["dictionary.csv"])
        if row["codes"]
    }
    assert len(codes) > 20
    for (dataset, column), known in codes.items():
        assert {row[column] for row in read(files[f"{dataset}.csv"])} <= known | {""}


def test_the_tables_count_what_the_courses_count() -> None:
    files = csv_files(COURSES)
    assert len(read(files["participants.csv"])) == len(COURSES) == 219
    assert len(read(files["pregnancies.csv"])) == sum(len(one.pregnancies) for one in COURSES)
    arms = [row["randomisation_arm"] for row in read(files["participants.csv"])]
    assert (arms.count(PERFUSION), arms.count(CONTROL), arms.count("")) == (106, 53, 60)


def test_the_workbook_reads_back_as_the_tables() -> None:
    book = openpyxl.load_workbook(BytesIO(workbook(COURSES, taken_at=AT)))
    assert book.sheetnames == ["dictionary", *(dataset.code for dataset in DATASETS)]
    files = csv_files(COURSES)
    for dataset in DATASETS:
        rows = list(book[dataset.code].iter_rows(values_only=True))
        wanted = [list(row.values()) for row in read(files[f"{dataset.code}.csv"])]
        assert [plain(dataset.columns, row) for row in rows[1:]] == wanted


def plain(columns: Any, row: Any) -> list[str]:
    """A row of the workbook as the tables write it."""
    told = [str(row[0])]
    for column, value in zip(columns, row[1:], strict=True):
        if isinstance(value, datetime):
            told.append(
                as_text(value.replace(tzinfo=UTC)) if column.sort == "moment" else value.date().isoformat()
            )
        elif column.sort == "decimal" and value is not None:
            told.append(str(value))
        else:
            told.append(as_text(value))
    return told


def test_a_text_that_looks_like_a_formula_stays_a_text() -> None:
    course = replace(
        COURSES[0], deviations=(ProtocolDeviation(on=date(2027, 1, 1), code="=1+1", major=True),)
    )
    book = openpyxl.load_workbook(BytesIO(workbook([course], taken_at=AT)))
    cell = book["deviations"]["C2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_the_odm_file_reads_back_as_what_is_on_file() -> None:
    """CDISC ODM 1.3.2: valid by its schema, references hold, every value the same."""
    check_odm(odm_xml(COURSES, ABOUT), COURSES)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f'Value="{PERFUSION}"'.encode(), f'Value="{CONTROL}"'.encode()),
        (b'ItemOID="IT.participants.cohort"', b'ItemOID="IT.participants.unknown"'),
        (b'ODMVersion="1.3.2"', b'ODMVersion="9"'),
        (b"SubjectData", b"SubjectDatum"),
    ],
)
def test_an_odm_file_that_says_something_else_never_leaves(old: bytes, new: bytes) -> None:
    content = odm_xml(COURSES[:20], ABOUT)
    assert old in content
    with pytest.raises(Unfaithful):
        check_odm(content.replace(old, new), COURSES[:20])


def test_the_same_moment_gives_the_same_bytes() -> None:
    """A freeze can be made again and compared by its hash."""
    assert package(SNAPSHOT) == package(SNAPSHOT)


def test_the_manifest_has_the_hash_of_every_file() -> None:
    with ZipFile(BytesIO(package(SNAPSHOT))) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        names = set(archive.namelist()) - {"manifest.json"}
        assert {name: sha256(archive.read(name)).hexdigest() for name in names} == manifest["sha256"]
    assert (manifest["women"], manifest["sources"]) == (30, "ab" * 32)


def test_one_more_digit_is_another_freeze() -> None:
    more = replace(COURSES[0], planned_rounds=9)
    assert package(replace(SNAPSHOT, courses=(more, *SNAPSHOT.courses[1:]))) != package(SNAPSHOT)


def test_decimals_leave_with_the_digits_that_were_recorded() -> None:
    assert as_text(Decimal("1.50")) == "1.50"


def test_the_csv_form_is_a_zip_of_every_table() -> None:
    with ZipFile(BytesIO(in_form("csv", SNAPSHOT))) as archive:
        assert set(archive.namelist()) == {*csv_files(COURSES), "manifest.json"}
