"""Attached files, each under the hash of its content, on disk before the entry that names it."""

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lims.domain.canonical import file_hash
from lims.ledger.faults import LedgerFault

_HASH = re.compile(r"[0-9a-f]{64}\Z")


class Files:
    """The folder of attached files; a file that no entry names is harmless, so it is never part of a transaction."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> str:
        """Keep the content and return its hex SHA-256; it is on disk when this returns."""
        sha256 = file_hash(content)
        path = self._path(sha256)
        if path.exists() and path.stat().st_size == len(content):
            return sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=".unfinished-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, path)
        except OSError:
            Path(unfinished).unlink(missing_ok=True)
            raise
        for folder in (path.parent, self.folder):
            _flush_folder(folder)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The content under that hash; raises FileNotFoundError, or LedgerFault when the content was changed."""
        content = self._path(sha256).read_bytes()
        if file_hash(content) != sha256:
            raise LedgerFault(f"file {sha256} is not what was attached")
        return content

    def fault(self, sha256: str) -> str | None:
        """What is wrong with a file that an entry names: missing, changed, or nothing."""
        try:
            self.get(sha256)
        except FileNotFoundError:
            return "missing"
        except LedgerFault:
            return "not what was attached"
        return None

    def erase(self, sha256: str) -> None:
        """Remove a file whose redaction is on file; nothing happens when it is gone already."""
        self._path(sha256).unlink(missing_ok=True)

    def __iter__(self) -> Iterator[str]:
        """The hashes of all files that are kept."""
        for path in sorted(self.folder.glob("??/*")):
            if _HASH.match(path.name):
                yield path.name

    def _path(self, sha256: str) -> Path:
        if not _HASH.match(sha256):
            raise ValueError(f"{sha256!r} is not the hash of a file")
        return self.folder / sha256[:2] / sha256


def _flush_folder(folder: Path) -> None:
    """Make a rename survive a power cut; Windows does it by itself and cannot open folders."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
