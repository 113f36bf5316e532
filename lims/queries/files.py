"""Photos and files attached to a batch: found by hash, told only to those who may read the batch."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lims.domain.batch_record import BatchRecord
from lims.domain.entries.batch import EvidenceCorrected, EvidenceRecorded
from lims.domain.entries.envelope import Entry
from lims.domain.entries.values import Attached
from lims.ledger.faults import LedgerFault
from lims.ledger.files import Files
from lims.ledger.open_book import Book
from lims.queries.look import NotOnFile, Reader, batch_of

PICTURES = frozenset({"image/jpeg", "image/png"})
"""What a page shows; everything else is for keeping only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedFile:
    """An attached file as the record describes it."""

    name: str
    sha256: str
    size: int
    media_type: str

    @property
    def is_picture(self) -> bool:
        """A page can show it."""
        return self.media_type in PICTURES


def described(value: Attached, words: Mapping[str, str]) -> AttachedFile | None:
    """What the record says of an attached file; none once it was erased."""
    told = words.get(value.file.commitment)
    if told is None:
        return None
    about = json.loads(told)
    return AttachedFile(
        name=str(about["name"]),
        sha256=str(about["sha256"]),
        size=int(about["size"]),
        media_type=value.media_type,
    )


def attached_in(entries: Iterable[Entry]) -> Iterator[Attached]:
    """Every file that these entries attach, replaced ones among them."""
    for entry in entries:
        fact = entry.fact
        if isinstance(fact, EvidenceRecorded | EvidenceCorrected) and isinstance(fact.value, Attached):
            yield fact.value


def files_of(book: Book, batch: BatchRecord) -> tuple[AttachedFile, ...]:
    """The files of a batch, each once, first to last."""
    values = tuple(attached_in(batch.entries))
    kept = book.values({value.file.commitment for value in values})
    words = {name: item.value for name, item in kept.items() if item.value is not None}
    found = (described(value, words) for value in values)
    return tuple({file.sha256: file for file in found if file is not None}.values())


def attached(reader: Reader, *, batch: str, sha256: str) -> tuple[AttachedFile, bytes]:
    """A file that this batch attached, byte for byte; not on file for any other hash, and once it was erased."""
    with reader.site.ledger.reading() as book:
        record = batch_of(reader, book, batch)
        file = next((item for item in files_of(book, record) if item.sha256 == sha256), None)
    if file is None:
        raise NotOnFile("act.unknown_target", sort="file", code=sha256[:16])
    try:
        return file, Files(reader.site.ledger.files).get(sha256)
    except (FileNotFoundError, LedgerFault):
        raise NotOnFile("act.unknown_target", sort="file", code=sha256[:16]) from None
