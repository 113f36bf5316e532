"""Master batch records and the study protocol: every version with its text, what is in force, what it is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from lims.authoring.faults import AuthoringError, Fault, fault
from lims.authoring.load import load_master_batch_record, load_protocol
from lims.documents.papers import BLANK_MASTER, version_code
from lims.domain.entries.envelope import code_of, sort_of, stream_of
from lims.domain.folds import Folded
from lims.domain.master_batch_record import MasterBatchRecord, ScanEquipmentSlot, Words
from lims.domain.masters import Version, Versions
from lims.domain.protocol import StudyProtocol
from lims.domain.rows import BatchRow, DocumentRow
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find
from lims.queries.history import Line, history
from lims.queries.look import NotOnFile, Reader, people_names

STUDY = "study"
"""The code under which the study protocol stands among the master batch records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One master batch record, or the study protocol, with its versions, newest first."""

    code: str
    is_protocol: bool
    title: Words
    versions: tuple[Version, ...]
    effective: Version | None
    batches: int
    """Batches on file that were issued from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One version: what it says, its text, who stands behind it."""

    listed: Listed
    version: Version
    record: MasterBatchRecord | StudyProtocol
    names: Mapping[str, str]
    history: tuple[Line, ...]
    papers: tuple[DocumentRow, ...]
    """Blank prints of this version, newest first."""

    @property
    def master(self) -> MasterBatchRecord | None:
        """The master batch record, unless this is the study protocol."""
        return self.record if isinstance(self.record, MasterBatchRecord) else None

    @property
    def protocol(self) -> StudyProtocol | None:
        """The study protocol, unless this is a master batch record."""
        return self.record if isinstance(self.record, StudyProtocol) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A file that was read and is not handed in: which version of what it is, and what to think about before."""

    code: str
    version: str
    title: Words
    file_sha256: str
    canonical_sha256: str
    warnings: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What the effective master batch records name: items of material by code, classes of equipment."""

    items: Mapping[str, Words]
    units: Mapping[str, str]
    equipment_classes: tuple[str, ...]


def library(reader: Reader) -> tuple[Listed, ...]:
    """The study protocol first, then every master batch record."""
    with reader.site.ledger.reading() as book:
        streams = [name for name in (STUDY, *book.streams("master")) if book.head(name) and "!" not in name]
        return tuple(_listed(book, stream) for stream in streams)


def opened(reader: Reader, code: str, version: str = "") -> Opened:
    """A version, or the one in force, or the newest; not on file when there is none."""
    with reader.site.ledger.reading() as book:
        stream = STUDY if code == STUDY else stream_of("master", code)
        if book.head(stream) is None:
            raise NotOnFile("act.unknown_target", sort="master", code=code)
        listed = _listed(book, stream)
        chosen = next(
            (item for item in listed.versions if item.version == version),
            None if version else listed.effective or listed.versions[0],
        )
        if chosen is None:
            raise NotOnFile("act.unknown_target", sort="master", code=f"{code} {version}")
        people = {chosen.author} | ({chosen.approved.person} if chosen.approved else set())
        key = version_code(code, chosen.version)
        papers = find(book, DocumentRow, batch=key, paper=BLANK_MASTER, order=("-copy_number",))
        people |= {row.issued_by for row in papers}
        return Opened(
            listed=listed,
            version=chosen,
            record=read_protocol(chosen.text) if listed.is_protocol else read_master(chosen.text),
            names=people_names(reader, book, people),
            history=history(reader, book, stream),
            papers=papers,
        )


def _listed(book: Book, stream: str) -> Listed:
    versions = book.derived(stream, Folded.of).record
    assert isinstance(versions, Versions)
    newest = versions.effective or versions.versions[-1]
    protocol = stream == STUDY
    title = (read_protocol(newest.text) if protocol else read_master(newest.text)).title
    code = STUDY if protocol else code_of(stream)
    return Listed(
        code=code,
        is_protocol=protocol,
        title=title,
        versions=tuple(reversed(versions.versions)),
        effective=versions.effective,
        batches=0 if protocol else len(find(book, BatchRow, master=code)),
    )


def catalogue(reader: Reader) -> Catalogue:
    """What can be received and registered, as the master batch records in force name it."""
    items: dict[str, Words] = {}
    units: dict[str, str] = {}
    classes: set[str] = set()
    for record in masters_in_force(reader):
        items |= {item.code: item.title for item in record.materials}
        units |= {item.code: item.unit for item in record.materials}
        slots = [slot for step in record.steps for slot in step.evidence]
        classes |= {slot.equipment_class for slot in slots if isinstance(slot, ScanEquipmentSlot)}
    return Catalogue(items=items, units=units, equipment_classes=tuple(sorted(classes)))


def masters_in_force(reader: Reader) -> tuple[MasterBatchRecord, ...]:
    """Every master batch record from which a batch can be issued now."""
    with reader.site.ledger.reading() as book:
        streams = [name for name in book.streams("master") if sort_of(name) == "master" and "!" not in name]
        folded = [book.derived(stream, Folded.of).record for stream in streams]
    found = [item.effective for item in folded if isinstance(item, Versions)]
    return tuple(read_master(version.text) for version in found if version)


def protocol_in_force(reader: Reader) -> StudyProtocol | None:
    """The study protocol that counts now."""
    with reader.site.ledger.reading() as book:
        versions = book.derived(STUDY, Folded.of).record
    effective = versions.effective if isinstance(versions, Versions) else None
    return read_protocol(effective.text) if effective else None


def understood(content: bytes, *, is_protocol: bool) -> Understood:
    """What the bytes of a file say; raises AuthoringError with every fault by its line."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as wrong:
        line = content[: wrong.start].count(b"\n") + 1
        raise AuthoringError("file", [fault(line, "this is not UTF-8 text")]) from None
    loaded = load_protocol(text) if is_protocol else load_master_batch_record(text)
    return Understood(
        code=loaded.record.code,
        version=loaded.record.version,
        title=loaded.record.title,
        file_sha256=loaded.file_sha256,
        canonical_sha256=loaded.canonical_sha256,
        warnings=loaded.warnings,
    )


@lru_cache(maxsize=32)
def read_master(text: str) -> MasterBatchRecord:
    """An approved text is read again to show it; it was without fault when it was handed in."""
    return load_master_batch_record(text).record


@lru_cache(maxsize=8)
def read_protocol(text: str) -> StudyProtocol:
    """As `read_master`, for the study protocol."""
    return load_protocol(text).record
