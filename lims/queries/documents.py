"""Sealed papers that went out: which there are, whether they still tell everything, and what a given file is."""

from collections.abc import Mapping
from dataclasses import dataclass

from lims.actions.papers import gather
from lims.documents.findings import Findings
from lims.documents.papers import PAPERS, TITLES, TRIAL_REPORT_BY_ARM, Paper
from lims.documents.record_zip import export_zip
from lims.documents.verifier import verify_file
from lims.domain.attached import AttachedFile
from lims.domain.canonical import file_hash
from lims.domain.entries.envelope import stream_of
from lims.domain.refusals import Reason
from lims.domain.rows import BatchRow, DocumentRow
from lims.domain.trial.sight import check_sight
from lims.ledger.files import Files
from lims.ledger.read_tables import find
from lims.queries.figures import trial_is_locked
from lims.queries.files import files_of
from lims.queries.look import NotOnFile, Reader, batch_of, people_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """One sort of paper of a batch: every copy that went out, newest first, and why there can be none now."""

    paper: Paper
    subject: str
    """What within the batch these are about; empty for the whole batch."""
    rows: tuple[DocumentRow, ...]
    unmet: tuple[Reason, ...]
    ended_by: DocumentRow | None
    """The newest paper of another sort that ends this one."""

    @property
    def key(self) -> str:
        """What the form names it by: its kind, and its subject if it has one."""
        return f"{self.paper.kind}/{self.subject}" if self.subject else self.paper.kind

    @property
    def next_copy(self) -> int:
        """The number that the next copy gets."""
        return self.rows[0].copy_number + 1 if self.rows else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """The papers of one batch, sort by sort in the order of the table of papers."""

    batch: BatchRow
    copies: tuple[Copies, ...]
    head_seq: int
    """The last entry of the record now; a paper of an earlier head does not tell all."""
    files: tuple[AttachedFile, ...]
    """What is attached to the record; the bytes travel in its zip."""
    people: Mapping[str, str]

    def behind(self, row: DocumentRow) -> int:
        """Entries that a paper does not tell."""
        return self.head_seq - row.head_seq

    def of(self, key: str) -> Copies | None:
        """The papers of one sort about one subject."""
        return next((copies for copies in self.copies if copies.key == key), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The newest papers of all batches, and the batches that can be printed."""

    rows: tuple[DocumentRow, ...]
    titles: Mapping[str, str]
    """What each sort of paper is called, as message ids."""
    batches: tuple[BatchRow, ...]
    people: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What a file is, by its hash, and what it proves by itself."""

    sha256: str
    row: DocumentRow | None
    title: str
    """What its sort of paper is called, as a message id."""
    newest: DocumentRow | None
    """The paper that counts now: the newest of its sort, or the newest of a sort that ended it."""
    newest_title: str
    behind: int
    """Entries put on file since the newest paper."""
    findings: Findings

    @property
    def is_newest(self) -> bool:
        """Exactly the paper that counts now."""
        return self.row is not None and self.newest is not None and self.row.sha256 == self.newest.sha256


def papers(reader: Reader, number: str) -> Papers:
    """The papers of a batch; refuses a batch that is not on file."""
    with reader.site.ledger.reading() as book:
        batches = find(book, BatchRow, number=number, limit=1)
        if not batches:
            raise NotOnFile("act.unknown_target", sort="batch", code=number)
        rows = find(book, DocumentRow, batch=number, order=("-copy_number",))
        record = batch_of(reader, book, number)
        return Papers(
            batch=batches[0],
            copies=tuple(
                _copies(paper, subject, rows, paper.unmet_about(record, subject))
                for paper in PAPERS.values()
                for subject in paper.subjects_of(record)
            ),
            head_seq=record.seq,
            files=files_of(book, record),
            people=people_names(reader, book, {row.issued_by for row in rows}),
        )


def _copies(paper: Paper, subject: str, rows: tuple[DocumentRow, ...], unmet: tuple[Reason, ...]) -> Copies:
    return Copies(
        paper=paper,
        subject=subject,
        rows=tuple(row for row in rows if (row.paper, row.subject) == (paper.kind, subject)),
        unmet=unmet,
        ended_by=_ended_by(paper.kind, rows),
    )


def _ended_by(kind: str, rows: tuple[DocumentRow, ...]) -> DocumentRow | None:
    return next((row for row in rows if row.paper in PAPERS and kind in PAPERS[row.paper].ends), None)


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
            titles=TITLES,
            batches=find(book, BatchRow, order=("-number",), limit=50),
            people=people_names(reader, book, {row.issued_by for row in rows}),
        )


def paper(reader: Reader, sha256: str) -> tuple[DocumentRow, bytes]:
    """A paper as it went out; refuses a hash that no entry names, and outcomes by arm to who may not see them yet."""
    with reader.site.ledger.reading() as book:
        rows = find(book, DocumentRow, sha256=sha256, limit=1)
    if not rows:
        raise NotOnFile("act.unknown_target", sort="document", code=sha256[:16])
    if rows[0].paper == TRIAL_REPORT_BY_ARM:
        check_sight(reader.roles, locked=trial_is_locked(reader))
    return rows[0], Files(reader.site.ledger.files).get(sha256)


def recognise(reader: Reader, content: bytes, *, site_code: str) -> Recognised:
    """Which issued paper a file is, if any, and what the verifier finds in it."""
    digest = file_hash(content)
    with reader.site.ledger.reading() as book:
        found = find(book, DocumentRow, sha256=digest, limit=1)
        row = found[0] if found else None
        rows = find(book, DocumentRow, batch=row.batch, order=("-copy_number",)) if row else ()
        head = book.head(stream_of("batch", row.batch)) if row else None
    newest = _counts(row.paper, row.subject, rows) if row else None
    return Recognised(
        sha256=digest,
        row=row,
        title=_title(row),
        newest=newest,
        newest_title=_title(newest),
        behind=head.seq - newest.head_seq if head and newest else 0,
        findings=verify_file(content, site_code.strip() or None),
    )


def _counts(kind: str, subject: str, rows: tuple[DocumentRow, ...]) -> DocumentRow | None:
    """The paper that counts now instead of any of this sort about this subject."""
    same = (row for row in rows if (row.paper, row.subject) == (kind, subject))
    return _ended_by(kind, rows) or next(same, None)


def _title(row: DocumentRow | None) -> str:
    return TITLES[row.paper] if row else ""
