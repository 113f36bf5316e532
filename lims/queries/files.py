"""Photos and files attached to a batch: found by hash, told only to those who may read the batch."""

from lims.domain.attached import AttachedFile, attached_in, described
from lims.domain.batch_record import BatchRecord
from lims.ledger.faults import LedgerFault
from lims.ledger.files import Files
from lims.ledger.open_book import Book
from lims.queries.look import NotOnFile, Reader, batch_of


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
