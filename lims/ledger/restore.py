"""Out of a backup: proved whole first, then put on file through the same guards as on the day it was written."""

import gzip
import json
import re
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from sqlalchemy import insert, text, update
from sqlalchemy.exc import DBAPIError

from lims.domain.canonical import file_hash, instant
from lims.domain.entries.envelope import Entry
from lims.domain.rows import Row
from lims.ledger import read_tables
from lims.ledger.backup import MANIFEST, TABLES, Cells, Manifest, Tally, read_manifest
from lims.ledger.book import Book, Ledger
from lims.ledger.encrypted import Opener, read_header, unlock
from lims.ledger.faults import LedgerFault
from lims.ledger.files import Files
from lims.ledger.keys import SERVER_KEY_FILES
from lims.ledger.tables import detached, heads

RowsOf = Callable[[str, tuple[Entry, ...]], Mapping[str, Row]]

_PART: Final = re.compile(rf"tables/({'|'.join(TABLES)})-\d{{6}}\.jsonl\.gz\Z")
_FILE: Final = re.compile(r"files/([0-9a-f]{64})\Z")
_KEY: Final = re.compile(rf"keys/({'|'.join(map(re.escape, SERVER_KEY_FILES))})\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An archive that proved whole: what it says of itself, and the server's keys. Never printed."""

    manifest: Manifest
    keys: Mapping[str, bytes]

    def __repr__(self) -> str:
        return f"Opened({self.manifest.hash})"


class Taker(Protocol):
    """Where the content of an archive goes."""

    def rows(self, table: str, rows: list[Cells]) -> None:
        """Some rows of a table, in the order of their keys."""
        ...

    def file(self, content: bytes) -> None:
        """An attached file."""
        ...


class Nowhere:
    """For an archive that is only proved."""

    def rows(self, table: str, rows: list[Cells]) -> None:
        """Dropped."""

    def file(self, content: bytes) -> None:
        """Dropped."""


def read_archive(archive: Path, *, passphrase: str, into: Taker) -> Opened:
    """Every byte of an archive proved, its content handed on, counts and heads compared with its manifest.

    Raises ArchiveDamaged with the place of the damage, WrongSecret, LedgerFault where it does not hold what its
    manifest says.
    """
    tally, keys, kept = Tally(), {}, []
    manifest: Manifest | None = None
    with archive.open("rb") as source:
        header = read_header(source)
        for name, content in _members(Opener(source, header, key=unlock(header, passphrase))):
            if manifest is not None:
                raise LedgerFault(f"{name} follows the manifest, which is the last")
            if found := _PART.match(name):
                into.rows(found[1], _rows_in(found[1], content, tally))
            elif found := _FILE.match(name):
                if file_hash(content) != found[1]:
                    raise LedgerFault(f"{name} is not what its name says")
                kept.append((found[1], len(content)))
                into.file(content)
            elif found := _KEY.match(name):
                keys[found[1]] = content
            elif name == MANIFEST:
                manifest = read_manifest(content)
            else:
                raise LedgerFault(f"{name} has no place in a backup")
    if manifest is None:
        raise LedgerFault("the archive has no manifest")
    if differences := list(_differences(manifest, tally, tuple(kept))):
        raise LedgerFault(f"not what the manifest says: {', '.join(differences)}")
    if set(keys) != set(SERVER_KEY_FILES):
        raise LedgerFault("the server's keys are not all there")
    return Opened(manifest=manifest, keys=keys)


def _members(opener: Opener) -> Iterator[tuple[str, bytes]]:
    stream: Any = opener
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        for member in tar:
            file = tar.extractfile(member)
            if file is None:
                raise LedgerFault(f"{member.name} is no file")
            yield member.name, file.read()
    while opener.read(65_536):
        pass  # the end of the tar is not the end of the archive: the last chunk must prove itself too


def _rows_in(table: str, content: bytes, tally: Tally) -> list[Cells]:
    rows = []
    for line in gzip.decompress(content).decode().splitlines(keepends=True):
        cells = json.loads(line)
        tally.take(table, line, cells)
        rows.append(cells)
    return rows


def _differences(manifest: Manifest, tally: Tally, kept: tuple[tuple[str, int], ...]) -> Iterator[str]:
    for told, found in zip(manifest.tables, tally.tables, strict=True):
        if told != found:
            yield f"{told[0]}: {told[1]} rows told, {found[1]} found"
    if manifest.heads != tally.all_heads:
        yield "heads of streams"
    if manifest.checkpoint != tally.checkpoint:
        yield "the newest checkpoint"
    if manifest.files != kept:
        yield f"{len(manifest.files)} files told, {len(kept)} found"


def check_archive(archive: Path, *, passphrase: str) -> Opened:
    """Prove an archive from its first byte to its last, without putting anything anywhere."""
    return read_archive(archive, passphrase=passphrase, into=Nowhere())


def restore(
    archive: Path, *, passphrase: str, url: str, files: Path, rows_of: RowsOf
) -> tuple[Ledger, Opened]:
    """An open ledger with what the archive holds, in a database that holds no ledger yet.

    The archive is proved whole before the database is touched. Raises as `read_archive`, LedgerRefused when the
    database already holds a ledger, and LedgerFault when its guards refuse what the archive holds.
    """
    check_archive(archive, passphrase=passphrase)
    ledger = Ledger.create(url, files=files)
    try:
        with ledger.writing(write=()) as book:
            filling = _Filling(book, Files(files))
            opened = read_archive(archive, passphrase=passphrase, into=filling)
            filling.finish(opened.manifest)
            read_tables.rebuild(book, rows_of)
    except DBAPIError as fault:
        ledger.close()
        raise LedgerFault(f"the database refused what the archive holds: {fault.orig}") from None
    except LedgerFault:
        ledger.close()
        raise
    return ledger, opened


class _Filling:
    """Puts rows on file in the order in which they once came; the guards stay in place."""

    def __init__(self, book: Book, files: Files) -> None:
        self._book = book
        self._files = files
        self._redacted: list[str] = []

    def rows(self, table: str, rows: list[Cells]) -> None:
        """Some rows of a table; a redacted value comes in empty, and goes once its redaction is on file."""
        if table == detached.name:
            gone = [row["commitment"] for row in rows if row["value"] is None]
            self._redacted += gone
            empty = {"value": "", "salt": ""}
            rows = [row | empty if row["value"] is None else row for row in rows]
        columns = [column.name for column in TABLES[table].columns]
        places = ", ".join(f":{name}" for name in columns)
        statement = text(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})")
        self._book.connection.execute(statement, rows)

    def file(self, content: bytes) -> None:
        """An attached file."""
        self._files.put(content)

    def finish(self, manifest: Manifest) -> None:
        """Erase what was redacted; write the heads."""
        connection = self._book.connection
        for commitment in self._redacted:
            where = detached.c.commitment == commitment
            connection.execute(update(detached).where(where).values(salt=None, value=None))
        told = [
            {"stream": stream, "seq": seq, "hash": head, "time": instant(time)}
            for stream, seq, head, time in manifest.heads
        ]
        connection.execute(insert(heads), told)
