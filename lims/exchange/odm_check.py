"""An ODM file read back before it leaves: valid by the standard's schema, and every value the one that went in."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from odmlib.exceptions import OdmlibError
from odmlib.loader import ODMLoader
from odmlib.odm_loader import XMLODMLoader
from odmlib.odm_parser import ODMSchemaValidator
from odmlib.oid_generator import create_oid_checker

from lims.domain.trial.course import Course
from lims.domain.trial.dataset_catalogue import DATASETS
from lims.domain.trial.datasets import as_text

Item = tuple[str, str, str, str, str]
"""Woman, form, row, item and value."""


class Unfaithful(Exception):
    """A file that does not say what is on file; it never leaves."""


def check_odm(content: bytes, courses: Sequence[Course]) -> None:
    """Raises Unfaithful unless the file is valid ODM 1.3.2, its references hold, and it tells these courses."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "odm.xml"
        path.write_bytes(content)
        schema: Any = ODMSchemaValidator(standard="odm", version="1.3.2")
        if not schema.validate_tree(str(path)):
            raise Unfaithful("the file is not valid by the schema of ODM 1.3.2")
        loader = ODMLoader(XMLODMLoader())
        loader.open_odm_document(str(path))
        root = loader.root()
    try:
        root.verify_oids(create_oid_checker("odm_1_3_2"))
    except OdmlibError as fault:
        raise Unfaithful(f"a reference of the file leads nowhere: {fault}") from None
    found, wanted = list(_items(root)), list(_wanted(courses))
    if found != wanted:
        differs = next(
            (pair for pair in zip(found, wanted, strict=False) if pair[0] != pair[1]), "their number"
        )
        raise Unfaithful(f"the file read back differs from what is on file: {differs}")


def _wanted(courses: Sequence[Course]) -> Iterator[Item]:
    for course in courses:
        for dataset in DATASETS:
            for at, (trial_id, values) in enumerate(dataset.rows([course]), start=1):
                for column, value in zip(dataset.columns, values, strict=True):
                    if text := as_text(value):
                        yield trial_id, dataset.code, str(at), column.code, text


def _items(root: Any) -> Iterator[Item]:
    for data in root.ClinicalData:
        for subject in data.SubjectData:
            for event in subject.StudyEventData:
                for form in event.FormData:
                    for group in form.ItemGroupData:
                        yield from _row(subject.SubjectKey, form.FormOID, group)


def _row(subject: str, form: str, group: Any) -> Iterator[Item]:
    dataset = form.removeprefix("FO.")
    for item in group.ItemData:
        column = item.ItemOID.removeprefix(f"IT.{dataset}.")
        yield subject, dataset, group.ItemGroupRepeatKey, column, item.Value
