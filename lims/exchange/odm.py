"""The trial's tables as CDISC ODM 1.3.2, made and checked with odmlib: definitions and data in one file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from odmlib.odm_1_3_2 import model as odm

from lims.domain.master_batch_record import Words
from lims.domain.trial.course import Course
from lims.domain.trial.dataset_catalogue import DATASETS
from lims.domain.trial.datasets import Column, Dataset, Sort, as_text

DATA_TYPES: Final[Mapping[Sort, str]] = MappingProxyType(
    {
        "text": "text",
        "code": "text",
        "yes_no": "text",
        "integer": "integer",
        "decimal": "float",
        "date": "date",
        "moment": "datetime",
    }
)
"""What a column is in ODM. Values are written with the digits that were recorded."""
EVENT: Final = "SE.COURSE"
LONGEST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Which study, which version of its protocol, as at when, from which system."""

    study: str
    title: str
    version: str
    taken_at: datetime
    site: str
    file_oid: str


def odm_xml(courses: Sequence[Course], about: About) -> bytes:
    """The whole file; a value that is not known has no ItemData."""
    taken_at = about.taken_at.astimezone(UTC).isoformat(timespec="seconds")
    root = odm.ODM(
        FileOID=about.file_oid,
        FileType="Snapshot",
        Granularity="All",
        ODMVersion="1.3.2",
        CreationDateTime=taken_at,
        AsOfDateTime=taken_at,
        Originator=about.site,
        SourceSystem="lims",
    )
    version = f"MDV.{about.version}"
    root.Study = [_study(about, version)]
    data = odm.ClinicalData(StudyOID=f"ST.{about.study}", MetaDataVersionOID=version)
    data.SubjectData = [_subject(course) for course in courses]
    root.ClinicalData = [data]
    text: str = root.to_xml_string(xml_declaration=True)
    return text.encode("utf-8")


def _study(about: About, version: str) -> Any:
    study = odm.Study(OID=f"ST.{about.study}")
    study.GlobalVariables = odm.GlobalVariables(
        StudyName=odm.StudyName(_content=about.study),
        StudyDescription=odm.StudyDescription(_content=about.title),
        ProtocolName=odm.ProtocolName(_content=about.study),
    )
    defined = odm.MetaDataVersion(OID=version, Name=f"Protocol {about.study} version {about.version}")
    defined.Protocol = odm.Protocol(
        StudyEventRef=[odm.StudyEventRef(StudyEventOID=EVENT, OrderNumber=1, Mandatory="Yes")]
    )
    event = odm.StudyEventDef(OID=EVENT, Name="Course through the trial", Repeating="No", Type="Common")
    event.FormRef = [
        odm.FormRef(FormOID=f"FO.{one.code}", OrderNumber=at, Mandatory="No")
        for at, one in enumerate(DATASETS, start=1)
    ]
    defined.StudyEventDef = [event]
    defined.FormDef = [_form(one) for one in DATASETS]
    defined.ItemGroupDef = [_group(one) for one in DATASETS]
    defined.ItemDef = [_item(one, column) for one in DATASETS for column in one.columns]
    defined.CodeList = [_code_list(oid, column) for oid, column in _code_lists().items()]
    study.MetaDataVersion = [defined]
    return study


def _form(dataset: Dataset) -> Any:
    form = odm.FormDef(OID=f"FO.{dataset.code}", Name=dataset.title.en, Repeating="No")
    form.ItemGroupRef = [odm.ItemGroupRef(ItemGroupOID=f"IG.{dataset.code}", OrderNumber=1, Mandatory="No")]
    return form


def _group(dataset: Dataset) -> Any:
    group = odm.ItemGroupDef(OID=f"IG.{dataset.code}", Name=dataset.title.en, Repeating="Yes")
    group.Description = _said(dataset.row)
    group.ItemRef = [
        odm.ItemRef(ItemOID=_oid(dataset, column), OrderNumber=at, Mandatory="No")
        for at, column in enumerate(dataset.columns, start=1)
    ]
    return group


def _item(dataset: Dataset, column: Column) -> Any:
    kind = DATA_TYPES[column.sort]
    sizes = {"Length": LONGEST} if kind in ("text", "integer", "float") else {}
    if kind == "float":
        sizes["SignificantDigits"] = LONGEST
    item = odm.ItemDef(OID=_oid(dataset, column), Name=column.code, DataType=kind, **sizes)
    item.Description = _said(column.title, unit=column.unit)
    if column.codes:
        item.CodeListRef = odm.CodeListRef(CodeListOID=_list_oid(column))
    return item


def _said(words: Words, *, unit: str = "") -> Any:
    """A text in both languages."""
    tail = f" ({unit})" if unit else ""
    texts = [
        odm.TranslatedText(_content=words.en + tail, lang="en"),
        odm.TranslatedText(_content=words.zh + tail, lang="zh-Hans"),
    ]
    return odm.Description(TranslatedText=texts)


def _code_lists() -> dict[str, Column]:
    """Each code list once, by its OID; columns with the same codes share one."""
    return {_list_oid(column): column for one in DATASETS for column in one.columns if column.codes}


def _list_oid(column: Column) -> str:
    if column.sort == "yes_no":
        return "CL.yes_no"
    shared = min(
        f"{one.code}.{other.code}" for one in DATASETS for other in one.columns if other.codes == column.codes
    )
    return f"CL.{shared}"


def _code_list(oid: str, column: Column) -> Any:
    listed = odm.CodeList(OID=oid, Name=oid.removeprefix("CL."), DataType="text")
    listed.CodeListItem = [
        odm.CodeListItem(
            CodedValue=code, Decode=odm.Decode(TranslatedText=_said(words).TranslatedText), OrderNumber=at
        )
        for at, (code, words) in enumerate(column.codes, start=1)
    ]
    return listed


def _oid(dataset: Dataset, column: Column) -> str:
    return f"IT.{dataset.code}.{column.code}"


def _subject(course: Course) -> Any:
    event = odm.StudyEventData(StudyEventOID=EVENT)
    event.FormData = list(_forms(course))
    return odm.SubjectData(SubjectKey=course.trial_id, StudyEventData=[event])


def _forms(course: Course) -> Iterator[Any]:
    for dataset in DATASETS:
        rows = [values for _, values in dataset.rows([course])]
        if rows:
            groups = [_row(dataset, at, values) for at, values in enumerate(rows, start=1)]
            yield odm.FormData(FormOID=f"FO.{dataset.code}", ItemGroupData=groups)


def _row(dataset: Dataset, at: int, values: Sequence[Any]) -> Any:
    items = [
        odm.ItemData(ItemOID=_oid(dataset, column), Value=as_text(value))
        for column, value in zip(dataset.columns, values, strict=True)
        if as_text(value)
    ]
    return odm.ItemGroupData(ItemGroupOID=f"IG.{dataset.code}", ItemGroupRepeatKey=str(at), ItemData=items)
