"""An archive that can be kept anywhere: nothing of it can be read or altered without its passphrase.

Layout (docs/backup.md): three header lines, then chunks of AES-256-GCM. The key is derived from the passphrase with
Argon2id and a salt of the archive's own, so that counting nonces never meet twice under one key. The last chunk is
marked in its nonce: an archive that was cut off, even between two chunks, does not open.
"""

import hmac
import json
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lims.domain.canonical import canon
from lims.ledger.faults import LedgerFault
from lims.ledger.keys import LANES, MEMORY_KIB, TIME_COST, WrongSecret, derive_key

MAGIC: Final = "lims-backup/1"
CHUNK: Final = 65_536
"""Plain bytes a chunk: how closely damage can be located."""
TAG: Final = 16
_LONGEST_LINE: Final = 1024
_MOST_CHUNK: Final = 16 * 1024 * 1024


class ArchiveDamaged(LedgerFault):
    """The archive is not what was written; `first` and `last` bound the bytes (from 0) in which the damage lies."""

    def __init__(self, why: str, *, first: int, last: int) -> None:
        super().__init__(f"the archive is damaged in bytes {first} to {last}: {why}")
        self.first = first
        self.last = last


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What an archive says in clear: how its key is derived, and nothing about what it holds."""

    salt: bytes
    check: bytes
    """Tells a wrong passphrase from a damaged chunk."""
    chunk: int
    text: bytes
    """The header as stored; every chunk is bound to it."""


def _keys(derived: bytes) -> tuple[bytes, bytes]:
    """The key of the chunks, and what stands in the header to recognise it by."""
    parts = HKDF(algorithm=SHA256(), length=64, salt=None, info=MAGIC.encode()).derive(derived)
    return parts[:32], sha256(parts[32:]).digest()


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class Sealer:
    """Writes an archive; `close` ends it, without which it never opens."""

    def __init__(self, target: BinaryIO, *, passphrase: str, chunk: int = CHUNK) -> None:
        salt = secrets.token_bytes(16)
        derived = derive_key(passphrase, salt=salt, time_cost=TIME_COST, memory_kib=MEMORY_KIB, lanes=LANES)
        key, check = _keys(derived)
        told = canon({"check": check.hex(), "chunk": chunk, "kdf": _KDF, "salt": salt.hex()})
        lines = f"{MAGIC}\n{told}\n"
        header = f"{lines}{sha256(lines.encode()).hexdigest()}\n".encode()
        self._target = target
        self._cipher = AESGCM(key)
        self._bound = sha256(header).digest()
        self._size = chunk
        self._number = 0
        self._waiting = bytearray()
        target.write(header)

    def write(self, content: bytes) -> int:
        """Take content in; it reaches the target chunk by chunk."""
        self._waiting += content
        # The newest chunk waits, for only `close` knows whether it is the last.
        while len(self._waiting) > self._size:
            self._seal(bytes(self._waiting[: self._size]), last=False)
            del self._waiting[: self._size]
        return len(content)

    def close(self) -> None:
        """Write the chunk that is marked as the last."""
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _seal(self, plain: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number, last=last), plain, self._bound)
        self._target.write(sealed)
        self._number += 1


_KDF: Final = f"argon2id {TIME_COST} {MEMORY_KIB} {LANES}"
"""One fixed strength: a header that asks for another one was written by nobody here."""


def read_header(source: BinaryIO) -> Header:
    """The header of an archive; no passphrase is needed to see whether it is whole. Raises ArchiveDamaged."""
    lines = [source.readline(_LONGEST_LINE) for _ in range(3)]
    text = b"".join(lines)
    last = max(len(text) - 1, 0)
    if lines[0] != f"{MAGIC}\n".encode():
        raise ArchiveDamaged(f"it does not begin as {MAGIC}", first=0, last=last)
    if lines[2] != f"{sha256(lines[0] + lines[1]).hexdigest()}\n".encode():
        raise ArchiveDamaged("its header is not what was written", first=0, last=last)
    match json.loads(lines[1]):
        case {"check": str(check), "chunk": int(chunk), "kdf": str(kdf), "salt": str(salt)}:
            if kdf == _KDF and 0 < chunk <= _MOST_CHUNK and len(salt) == 32:
                return Header(salt=bytes.fromhex(salt), check=bytes.fromhex(check), chunk=chunk, text=text)
    raise LedgerFault("an archive with parameters that this release does not write")


def unlock(header: Header, passphrase: str) -> bytes:
    """The key of the archive's chunks; raises WrongSecret. Takes about 0.1 s."""
    derived = derive_key(
        passphrase, salt=header.salt, time_cost=TIME_COST, memory_kib=MEMORY_KIB, lanes=LANES
    )
    key, check = _keys(derived)
    if not hmac.compare_digest(check, header.check):
        raise WrongSecret("the passphrase does not open the archive")
    return key


class Opener:
    """Reads an archive after its header, as a file of plain bytes; no byte is given out before it is proved."""

    def __init__(self, source: BinaryIO, header: Header, *, key: bytes) -> None:
        self._source = source
        self._cipher = AESGCM(key)
        self._bound = sha256(header.text).digest()
        self._size = header.chunk + TAG
        self._at = len(header.text)
        self._number = 0
        self._ahead = source.read(self._size)
        self._plain = b""
        self._ended = False

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, all that is left without it; raises ArchiveDamaged at the first bad chunk."""
        parts = []
        wanted = size
        while wanted != 0 and (self._plain or not self._ended):
            if not self._plain:
                self._plain = self._next()
            part = self._plain if wanted < 0 else self._plain[:wanted]
            self._plain = self._plain[len(part) :]
            parts.append(part)
            wanted -= len(part) if wanted > 0 else 0
        return b"".join(parts)

    def _next(self) -> bytes:
        sealed, self._ahead = self._ahead, self._source.read(self._size)
        self._ended = not self._ahead
        first, last = self._at, self._at + max(len(sealed), 1) - 1
        try:
            plain = self._cipher.decrypt(_nonce(self._number, last=self._ended), sealed, self._bound)
        except InvalidTag:
            why = "they are not what was written" + (", or the end is missing" if self._ended else "")
            raise ArchiveDamaged(why, first=first, last=last) from None
        self._number += 1
        self._at += len(sealed)
        return plain
