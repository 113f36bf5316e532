"""Verification of a whole instance: is everything on file what was put there, and nothing gone?

It proves that bytes are as they were written and signed. It does not prove that what was written was true.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from lims.domain.canonical import commitment_of
from lims.domain.entries.envelope import Entry
from lims.domain.entries.keys import DocumentIssued, SignatureMade, ValueRedacted
from lims.domain.entries.outgoing import DataFrozen
from lims.domain.rows import Row
from lims.ledger import checkpoints, database, read_tables, triggers
from lims.ledger.book import Book, Ledger
from lims.ledger.files import Files
from lims.ledger.findings import Check, Counts, Finding, Report
from lims.ledger.tables import detached, entries, heads
from lims.ledger.verify_entries import StreamRead, first_undecodable, read_streams
from lims.ledger.verify_keys import Keys, checkpoint_findings, file_named, signature_fault, walk

RowsOf = Callable[[str, tuple[Entry, ...]], Mapping[str, Row]]
"""The rows that a stream's entries give: the domain's fold, then its rows."""

_FOLD_FAULTS: Final = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What a fold may raise over entries that chain well and yet were never written by an act."""

_SHA256: Final = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(slots=True)
class _Walk:
    """What the walk over all streams gathers for the checks that need more than one stream."""

    findings: list[Finding] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    heads: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    damaged: set[str] = field(default_factory=set)
    relied_on: list[tuple[str, int, tuple[str, int, str]]] = field(default_factory=list)
    commitments: dict[str, tuple[str, int, int, str]] = field(default_factory=dict)
    redacted: set[str] = field(default_factory=set)
    files: dict[str, tuple[str, int]] = field(default_factory=dict)

    def find(self, check: Check, what: str, *, stream: str = "", seq: int = 0) -> None:
        self.findings.append(Finding(check=check, stream=stream, seq=seq, what=what))


def verify(ledger: Ledger, *, rows_of: RowsOf, witnessed: Collection[str] = ()) -> Report:
    """Everything that is wrong with an instance, at one moment; nothing is changed.

    `witnessed` are checkpoint codes from paper logbooks: each must be that of a checkpoint on file.
    """
    walked = _Walk()
    with ledger.reading() as book:
        try:
            _check_guards(book, walked)
            keys = _walk_keys(book, walked)
            rows = read_tables.RowsInOrder(book)
            for found in read_streams(book.connection):
                _check_stream(found, keys=keys, walked=walked)
                _check_rows(found, rows.of(found.stream), rows_of=rows_of, walked=walked)
            for row in rows.left_over():
                walked.find(Check.ROW, f"{row.table} {row.key}: its stream has no entry", stream=row.stream)
            _check_heads(book, walked)
            _check_pinned(book, walked, keys=keys, witnessed=witnessed)
            _check_values(book, walked)
        except DatabaseError as fault:
            place = first_undecodable(book.connection) if book.connection.dialect.name == "sqlite" else ""
            walked.find(Check.ENTRY, f"storage gives no text back: {place or fault.orig}")
    _check_files(Files(ledger.files), walked)
    order = list(Check)
    walked.findings.sort(key=lambda each: order.index(each.check))
    return Report(findings=tuple(walked.findings), counts=walked.counts)


def _check_guards(book: Book, walked: _Walk) -> None:
    current, newest = database.revisions(book.connection)
    if current != newest:
        walked.find(Check.GUARD, f"tables at revision {current}, this release needs {newest}")
    for name in triggers.missing_or_altered(book.connection):
        walked.find(Check.GUARD, f"{name} is missing or altered")
    for name in read_tables.stale(book):
        walked.find(Check.GUARD, f"read table {name} is not in the shape of this release: rebuild it")


def _walk_keys(book: Book, walked: _Walk) -> Keys:
    """The keys first, for signatures anywhere need them; entries before a damaged one are still walked."""
    found = list(read_streams(book.connection, only="keys"))
    keys, findings = walk(found[0].entries if found else ())
    walked.findings.extend(findings)
    return keys


def _check_stream(found: StreamRead, *, keys: Keys, walked: _Walk) -> None:
    stream = found.stream
    walked.counts.streams += 1
    walked.counts.entries += len(found.entries)
    if found.fault:
        walked.damaged.add(stream)
        walked.find(Check.ENTRY, found.fault.why, stream=stream, seq=found.fault.seq)
    for seq, commitment, size, sort in found.detached:
        walked.commitments[commitment] = (stream, seq, size, sort)
    for entry in found.entries:
        for item in entry.relied_on:
            walked.relied_on.append((stream, entry.seq, (item.stream, item.seq, item.hash)))
        match entry.fact:
            case SignatureMade() as fact:
                walked.counts.signatures += 1
                if fault := signature_fault(entry, fact, keys=keys, stream=found.entries):
                    walked.find(Check.SIGNATURE, fault, stream=stream, seq=entry.seq)
            case ValueRedacted() as fact:
                walked.redacted.add(fact.commitment)
            case DocumentIssued() | DataFrozen() as fact:
                walked.files[fact.sha256] = (stream, entry.seq)
    if found.entries:
        last = found.entries[-1]
        walked.heads[stream] = (last.seq, last.hash, stream)


def _check_rows(found: StreamRead, kept: Iterable[Row], *, rows_of: RowsOf, walked: _Walk) -> None:
    if found.fault:
        return
    try:
        wanted = {(row.table, row.key): row for row in rows_of(found.stream, tuple(found.entries)).values()}
    except _FOLD_FAULTS as fault:
        what = f"its entries tell no record: {type(fault).__name__} {fault}"
        walked.find(Check.ROW, what, stream=found.stream)
        return
    on_file = {(row.table, row.key): row for row in kept}
    walked.counts.rows += len(wanted)
    if wanted == on_file:
        return
    for table, key in sorted(wanted.keys() | on_file.keys()):
        if difference := _difference(wanted.get((table, key)), on_file.get((table, key))):
            walked.find(Check.ROW, f"{table} {key}: {difference}", stream=found.stream)


def _difference(wanted: Row | None, on_file: Row | None) -> str:
    if wanted is None:
        return "a row that the record does not give"
    if on_file is None:
        return "missing"
    names = [
        each.name for each in fields(wanted) if getattr(wanted, each.name) != getattr(on_file, each.name)
    ]
    return f"{', '.join(names)} differ from the record" if names else ""


def _check_heads(book: Book, walked: _Walk) -> None:
    on_file = {row.stream: (row.seq, row.hash) for row in book.connection.execute(select(heads))}
    for stream in sorted(on_file.keys() | walked.heads.keys()):
        if stream in walked.damaged:
            continue
        head = walked.heads.get(stream)
        if head is None:
            walked.find(Check.HEAD, "no entry of it is on file any more", stream=stream)
        elif on_file.get(stream) != head[:2]:
            walked.find(Check.HEAD, "the head on file is not its last entry", stream=stream)


def _check_pinned(book: Book, walked: _Walk, *, keys: Keys, witnessed: Collection[str]) -> None:
    """Every entry that another relied on, and every head of every checkpoint, is still on file."""
    pinned = [(Check.RELIANCE, *each) for each in walked.relied_on]
    found = list(read_streams(book.connection, only=checkpoints.STREAM))
    made = found[0].entries if found else []
    for item in checkpoint_findings(made, keys=keys):
        if isinstance(item, Finding):
            walked.findings.append(item)
        else:
            pinned.append((Check.CHECKPOINT, item[0].stream, item[0].seq, item[1]))
    codes = {checkpoints.witness_code(fact) for fact in checkpoints.made(made)}
    walked.counts.checkpoints = len(codes)
    for code in witnessed:
        if code not in codes:
            walked.find(Check.CHECKPOINT, f"no checkpoint on file has the code {code}")
    on_file = _on_file(book, {head[2] for _, _, _, head in pinned})
    told: Counter[tuple[Check, str]] = Counter()
    for check, stream, seq, head in pinned:
        if on_file.get(head[2]) != head[:2]:
            told[check, head[0]] += 1
            if told[check, head[0]] == 1:
                what = f"not on file as {stream} entry {seq} knew it: changed, cut off or dropped"
                walked.find(check, what, stream=head[0], seq=head[1])


def _on_file(book: Book, hashes: Iterable[str]) -> dict[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    for chunk in _chunks(sorted(hashes)):
        question = select(entries.c.hash, entries.c.stream, entries.c.seq).where(entries.c.hash.in_(chunk))
        found.update({row.hash: (row.stream, row.seq) for row in book.connection.execute(question)})
    return found


def _chunks(items: list[str]) -> Iterator[list[str]]:
    for at in range(0, len(items), 500):
        yield items[at : at + 500]


def _check_values(book: Book, walked: _Walk) -> None:
    left = dict(walked.commitments)
    for row in book.connection.execute(select(detached)):
        walked.counts.values += 1
        stream, seq, size, sort = left.pop(row.commitment, ("", 0, 0, ""))
        fault = None
        if not stream:
            fault = None if walked.damaged else f"value {row.commitment[:16]}… belongs to no entry"
        elif row.value is None and row.salt is None:
            if row.commitment not in walked.redacted:
                fault = "its value was erased without a redaction"
        elif row.commitment in walked.redacted:
            fault = "its value was redacted and is still kept"
        elif row.value is None or row.salt is None or commitment_of(row.salt, row.value) != row.commitment:
            fault = "its value is not the one committed to"
        elif (len(row.value.encode()), row.sort) != (size, sort):
            fault = "size or sort of its value differ from the entry"
        elif sort == "file":
            walked.files[file_named(row.value) or ""] = (stream, seq)
        if fault:
            walked.find(Check.VALUE, fault, stream=stream, seq=seq)
    for stream, seq, _, _ in left.values():
        walked.find(Check.VALUE, "its value is missing", stream=stream, seq=seq)


def _check_files(files: Files, walked: _Walk) -> None:
    for sha256, (stream, seq) in walked.files.items():
        walked.counts.files += 1
        fault = files.fault(sha256) if _SHA256.match(sha256) else "not named by its hash"
        if fault:
            walked.find(Check.FILE, f"file {sha256[:16]}… is {fault}", stream=stream, seq=seq)
