"""A backup: everything that cannot be computed again, as it was at one moment, in one encrypted archive.

Inside the encryption lies a plain tar archive (docs/backup.md): the tables as JSON lines, the server's keys, the
attached files, and last the manifest. Both databases write the same lines, so that a backup of one restores into the
other. Heads and read tables are left out because they follow from the entries; sessions, drafts and leases because
they end with the server. The site root key is on no server, so that no backup can hold it.
"""

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, BinaryIO, Final

from sqlalchemy import Connection, Table, text

from lims.domain.canonical import canon, file_hash, instant, read_instant
from lims.ledger.book import Ledger
from lims.ledger.encrypted import Sealer
from lims.ledger.faults import LedgerFault
from lims.ledger.files import Files
from lims.ledger.tables import credentials, detached, entries
from lims.ledger.verify_keys import file_named

FORMAT: Final = "lims-backup/1"
MANIFEST: Final = "manifest.json"
TABLES: Final[Mapping[str, Table]] = {table.name: table for table in (entries, detached, credentials)}
_PART: Final = 4 * 1024 * 1024
"""Plain characters of a part of a table: what is held in memory at a time."""

Cells = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an archive holds, so that what comes out can be compared with what went in."""

    site: str
    instance_kind: str
    taken_at: datetime
    tables: tuple[tuple[str, int, str], ...]
    """Name, number of rows and SHA-256 of the lines."""
    heads: tuple[tuple[str, int, str, datetime], ...]
    """Stream, seq, hash and time of every stream's last entry, by stream."""
    checkpoint: tuple[int, str] | None
    """Number and root of the newest one."""
    files: tuple[tuple[str, int], ...]
    """SHA-256 and size."""
    faults: tuple[tuple[str, str], ...]
    """Files that an entry names and that were missing or changed when the backup was made."""

    @property
    def count(self) -> int:
        """How many entries."""
        return next(rows for name, rows, _ in self.tables if name == entries.name)

    @property
    def last_entry_at(self) -> datetime:
        """The time of the newest entry."""
        return max(time for _, _, _, time in self.heads)

    def text(self) -> str:
        """The manifest as it lies in the archive."""
        return canon(
            {
                "checkpoint": list(self.checkpoint) if self.checkpoint else None,
                "faults": [list(item) for item in self.faults],
                "files": [list(item) for item in self.files],
                "format": FORMAT,
                "heads": [[stream, seq, head, instant(time)] for stream, seq, head, time in self.heads],
                "instance_kind": self.instance_kind,
                "site": self.site,
                "tables": [list(item) for item in self.tables],
                "taken_at": instant(self.taken_at),
            }
        )

    @property
    def hash(self) -> str:
        """The hex SHA-256 of the manifest's bytes."""
        return file_hash(self.text().encode())


def read_manifest(content: bytes) -> Manifest:
    """The manifest from its bytes; raises LedgerFault for one of another format."""
    told = json.loads(content)
    if told.get("format") != FORMAT:
        raise LedgerFault(f"a backup of format {told.get('format')}; this release reads {FORMAT}")
    return Manifest(
        site=told["site"],
        instance_kind=told["instance_kind"],
        taken_at=read_instant(told["taken_at"]),
        tables=tuple((name, rows, digest) for name, rows, digest in told["tables"]),
        heads=tuple((stream, seq, head, read_instant(time)) for stream, seq, head, time in told["heads"]),
        checkpoint=tuple(told["checkpoint"]) if told["checkpoint"] else None,
        files=tuple((name, size) for name, size in told["files"]),
        faults=tuple((name, fault) for name, fault in told["faults"]),
    )


@dataclass(slots=True)
class Tally:
    """What passed by, counted the same way on the way in and on the way out."""

    rows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TABLES, 0))
    digests: dict[str, Any] = field(default_factory=lambda: {name: sha256() for name in TABLES})
    heads: dict[str, tuple[int, str, datetime]] = field(default_factory=dict)
    checkpoint: tuple[int, str] | None = None
    named: dict[str, None] = field(default_factory=dict)
    """Files that entries name, by hash."""

    def take(self, name: str, line: str, cells: Cells) -> None:
        """One row of a table."""
        self.rows[name] += 1
        self.digests[name].update(line.encode())
        if name == entries.name:
            self.heads[cells["stream"]] = (cells["seq"], cells["hash"], read_instant(cells["time"]))
            if cells["kind"].startswith(("document_issued.", "data_frozen.")):
                self.named[json.loads(cells["body"])["fact"]["sha256"]] = None
            elif cells["kind"].startswith("checkpoint_made."):
                fact = json.loads(cells["body"])["fact"]
                self.checkpoint = (fact["number"], fact["root"])
        elif name == detached.name and cells["sort"] == "file" and cells["value"] is not None:
            self.named[file_named(cells["value"]) or ""] = None

    @property
    def tables(self) -> tuple[tuple[str, int, str], ...]:
        """As the manifest tells them."""
        return tuple((name, self.rows[name], self.digests[name].hexdigest()) for name in TABLES)

    @property
    def all_heads(self) -> tuple[tuple[str, int, str, datetime], ...]:
        """As the manifest tells them."""
        return tuple((stream, *self.heads[stream]) for stream in sorted(self.heads))


def write_archive(
    target: BinaryIO,
    *,
    ledger: Ledger,
    keys: Mapping[str, bytes],
    passphrase: str,
    site: str,
    instance_kind: str,
    now: Callable[[], datetime],
) -> Manifest:
    """Write the archive: the database as at one moment, then the files that it names.

    Nobody waits meanwhile. `keys` are the server's, by file name. A file that is missing or changed does not stop
    the backup; it is told among the manifest's `faults`.
    """
    tally = Tally()
    sealer = Sealer(target, passphrase=passphrase)
    stream: Any = sealer
    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        with ledger.reading() as book:
            book.head("system")  # the moment is that of the first question
            taken_at = now()
            for name in TABLES:
                for number, part in enumerate(_parts(book.connection, name, tally), start=1):
                    _add(tar, f"tables/{name}-{number:06d}.jsonl.gz", part, taken_at)
        for name, content in keys.items():
            _add(tar, f"keys/{name}", content, taken_at)
        kept, faults = _add_files(tar, Files(ledger.files), sorted(tally.named), taken_at)
        manifest = Manifest(
            site=site,
            instance_kind=instance_kind,
            taken_at=taken_at,
            tables=tally.tables,
            heads=tally.all_heads,
            checkpoint=tally.checkpoint,
            files=kept,
            faults=faults,
        )
        _add(tar, MANIFEST, manifest.text().encode(), taken_at)
    sealer.close()
    return manifest


def _parts(connection: Connection, name: str, tally: Tally) -> Iterator[bytes]:
    """The rows of a table in the order of their keys, as JSON lines, compressed a part at a time."""
    lines: list[str] = []
    held = 0
    for cells in _rows(connection, TABLES[name]):
        line = json.dumps(cells, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n"
        tally.take(name, line, cells)
        lines.append(line)
        held += len(line)
        if held >= _PART:
            yield _compressed(lines)
            lines, held = [], 0
    if lines:
        yield _compressed(lines)


def _rows(connection: Connection, table: Table) -> Iterable[Cells]:
    """Cells exactly as stored: text and whole numbers on both databases."""
    columns = ", ".join(column.name for column in table.columns)
    order = ", ".join(column.name for column in table.primary_key)
    question = text(f"SELECT {columns} FROM {table.name} ORDER BY {order}")
    for row in connection.execute(question, execution_options={"yield_per": 1000}):
        yield dict(row._mapping)


def _compressed(lines: list[str]) -> bytes:
    return gzip.compress("".join(lines).encode(), compresslevel=3, mtime=0)


def _add(tar: tarfile.TarFile, name: str, content: bytes, taken_at: datetime) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    member.mode = 0o600
    member.mtime = int(taken_at.timestamp())
    tar.addfile(member, io.BytesIO(content))


def _add_files(
    tar: tarfile.TarFile, files: Files, names: Iterable[str], taken_at: datetime
) -> tuple[tuple[tuple[str, int], ...], tuple[tuple[str, str], ...]]:
    kept, faults = [], []
    for sha256_ in names:
        try:
            content = files.get(sha256_)
        except FileNotFoundError:
            faults.append((sha256_, "missing"))
        except (LedgerFault, ValueError):
            faults.append((sha256_, "not what was attached"))
        else:
            _add(tar, f"files/{sha256_}", content, taken_at)
            kept.append((sha256_, len(content)))
    return tuple(kept), tuple(faults)
