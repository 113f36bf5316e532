"""Sealed papers that went out: which there are, whether they still tell everything, and what a given file is."""

from collections.abc import Mapping
from dataclasses import dataclass

from lims.actions.papers import gather
from lims.documents.findings import Findings
from lims.documents.record_zip import export_zip
from lims.documents.verifier import verify_file
from lims.domain.attached import AttachedFile
from lims.domain.canonical import file_hash
from lims.domain.entries.envelope import stream_of
from lims.domain.rows import BatchRow, DocumentRow
from lims.ledger.files import Files
from lims.ledger.read_tables import find
from lims.queries.files import files_of
from lims.queries.look import NotOnFile, Reader, batch_of, people_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """The papers of one batch, newest first."""

    batch: BatchRow
    rows: tuple[DocumentRow, ...]
    head_seq: int
    """The last entry of the record now; a paper of an earlier head does not tell all."""
    files: tuple[AttachedFile, ...]
    """What is attached to the record; the bytes travel in its zip."""
    people: Mapping[str, str]

    @property
    def behind(self) -> int:
        """Entries that the newest paper does not tell; all of them when there is none."""
        return self.head_seq - (self.rows[0].head_seq if self.rows else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The newest papers of all batches, and the batches that can be printed."""

    rows: tuple[DocumentRow, ...]
    batches: tuple[BatchRow, ...]
    people: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What a file is, by its hash, and what it proves by itself."""

    sha256: str
    row: DocumentRow | None
    newest: DocumentRow | None
    """The newest paper of the same batch."""
    behind: int
    """Entries put on file since the newest paper."""
    findings: Findings

    @property
    def is_newest(self) -> bool:
        """Exactly the paper that was issued last."""
        return self.row is not None and self.newest is not None and self.row.sha256 == self.newest.sha256


def papers(reader: Reader, number: str) -> Papers:
    """The papers of a batch; refuses a batch that is not on file."""
    with reader.site.ledger.reading() as book:
        batches = find(book, BatchRow, number=number, limit=1)
        if not batches:
            raise NotOnFile("act.unknown_target", sort="batch", code=number)
        rows = find(book, DocumentRow, batch=number, order=("-copy_number",))
        head = book.head(stream_of("batch", number))
        return Papers(
            batch=batches[0],
            rows=rows,
            head_seq=head.seq if head else 0,
            files=files_of(book, batch_of(reader, book, number)),
            people=people_names(reader, book, {row.issued_by for row in rows}),
        )


def record_zip(reader: Reader, number: str) -> tuple[bytes, int]:
    """The record as it stands with every attached file whose bytes are kept, and the last entry in it."""
    gathered = gather(reader.site, number)
    files = Files(reader.site.ledger.files)
    kept = {item.sha256 for item in gathered.record.files if files.fault(item.sha256) is None}
    contents = {sha256: files.get(sha256) for sha256 in sorted(kept)}
    return export_zip(gathered.record, contents), gathered.batch.seq


def register(reader: Reader) -> Register:
    """The newest papers of the instance."""
    with reader.site.ledger.reading() as book:
        rows = find(book, DocumentRow, order=("-issued_at",), limit=50)
        return Register(
            rows=rows,
            batches=find(book, BatchRow, order=("-number",), limit=50),
            people=people_names(reader, book, {row.issued_by for row in rows}),
        )


def paper(reader: Reader, sha256: str) -> tuple[DocumentRow, bytes]:
    """A paper as it went out; refuses a hash that no entry names."""
    with reader.site.ledger.reading() as book:
        rows = find(book, DocumentRow, sha256=sha256, limit=1)
    if not rows:
        raise NotOnFile("act.unknown_target", sort="document", code=sha256[:16])
    return rows[0], Files(reader.site.ledger.files).get(sha256)


def recognise(reader: Reader, content: bytes, *, site_code: str) -> Recognised:
    """Which issued paper a file is, if any, and what the verifier finds in it."""
    digest = file_hash(content)
    with reader.site.ledger.reading() as book:
        rows = find(book, DocumentRow, sha256=digest, limit=1)
        row = rows[0] if rows else None
        newest = find(book, DocumentRow, batch=row.batch, order=("-copy_number",), limit=1) if row else ()
        head = book.head(stream_of("batch", row.batch)) if row else None
    return Recognised(
        sha256=digest,
        row=row,
        newest=newest[0] if newest else None,
        behind=head.seq - newest[0].head_seq if head and newest else 0,
        findings=verify_file(content, site_code.strip() or None),
    )
