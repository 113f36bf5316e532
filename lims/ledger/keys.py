"""Keys: made, used and locked away; a private key is on disk only encrypted or among the server's own."""

import json
import os
import secrets
import stat
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lims.domain.canonical import canon, key_id
from lims.ledger.faults import LedgerFault

TIME_COST: Final = 3
MEMORY_KIB: Final = 65_536
LANES: Final = 4
"""Argon2id as RFC 9106 recommends where memory is short: 64 MiB, three passes, four lanes."""

_MOST_MEMORY_KIB: Final = 1_048_576
_FORMAT: Final = "wrapped/1"


class WrongSecret(LedgerFault):
    """The password does not open the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """An Ed25519 key: `private` is its 32-byte seed, `public` 64 hex digits. Never printed."""

    private: bytes
    public: str

    @property
    def kid(self) -> str:
        """The key's identifier."""
        return key_id(self.public)

    def sign(self, message: bytes) -> str:
        """The signature in hex."""
        return Ed25519PrivateKey.from_private_bytes(self.private).sign(message).hex()

    def __repr__(self) -> str:
        return f"KeyPair({self.kid})"


def make_key() -> KeyPair:
    """A new key from the operating system's randomness."""
    return _pair(secrets.token_bytes(32))


def _pair(private: bytes) -> KeyPair:
    public = Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw().hex()
    return KeyPair(private=private, public=public)


def is_signature(signature: str, *, message: bytes, public: str) -> bool:
    """Whether the hex signature over the message was made with the private half of `public`."""
    try:
        _public_key(public).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=512)
def _public_key(public: str) -> Ed25519PublicKey:
    """A site has few keys and many signatures."""
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))


def wrap(pair: KeyPair, password: str) -> str:
    """The private key encrypted under a key derived from the password, with everything needed but the password."""
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    derived = derive_key(password, salt=salt, time_cost=TIME_COST, memory_kib=MEMORY_KIB, lanes=LANES)
    sealed = AESGCM(derived).encrypt(nonce, pair.private, _FORMAT.encode() + pair.public.encode())
    return canon(
        {
            "ciphertext": sealed.hex(),
            "format": _FORMAT,
            "lanes": LANES,
            "memory_kib": MEMORY_KIB,
            "nonce": nonce.hex(),
            "public": pair.public,
            "salt": salt.hex(),
            "time_cost": TIME_COST,
        }
    )


def unwrap(wrapped: str, password: str) -> KeyPair:
    """The key behind a password; raises WrongSecret, or LedgerFault for a damaged wrapping. Takes about 0.1 s."""
    try:
        box = json.loads(wrapped)
        memory, passes, lanes = int(box["memory_kib"]), int(box["time_cost"]), int(box["lanes"])
        salt, nonce, sealed = (bytes.fromhex(box[name]) for name in ("salt", "nonce", "ciphertext"))
        public = str(box["public"])
    except (ValueError, KeyError, TypeError) as fault:
        raise LedgerFault(f"no wrapped key: {fault}") from None
    # A parameter changed in storage must neither weaken the next wrapping nor exhaust the server.
    if (
        box.get("format") != _FORMAT
        or not (MEMORY_KIB <= memory <= _MOST_MEMORY_KIB)
        or not (3 <= passes <= 64)
    ):
        raise LedgerFault("a wrapped key with parameters that nobody wrote here")
    derived = derive_key(password, salt=salt, time_cost=passes, memory_kib=memory, lanes=lanes)
    try:
        pair = _pair(AESGCM(derived).decrypt(nonce, sealed, _FORMAT.encode() + public.encode()))
    except InvalidTag:
        raise WrongSecret("the password does not open the key") from None
    if pair.public != public:
        raise LedgerFault("a wrapped key that is not the private half of its public one")
    return pair


def derive_key(password: str, *, salt: bytes, time_cost: int, memory_kib: int, lanes: int) -> bytes:
    """32 bytes of Argon2id over the password as typed, whichever keyboard composed its characters."""
    typed = unicodedata.normalize("NFKC", password).encode()
    return hash_secret_raw(
        typed,
        salt,
        time_cost=time_cost,
        memory_cost=memory_kib,
        parallelism=lanes,
        hash_len=32,
        type=Type.ID,
    )


def write_root_key(path: Path, pair: KeyPair, *, passphrase: str, data_folder: Path) -> None:
    """Write the site root key, encrypted, for its keepers to take away from the server.

    Raises LedgerFault when the path lies in the data folder (a backup of the data must not hold it), FileExistsError
    when something is there already.
    """
    if path.resolve().is_relative_to(data_folder.resolve()):
        raise LedgerFault("the site root key must not lie in the data folder: give a path outside it")
    _write_secret(path, wrap(pair, passphrase).encode())


def read_root_key(path: Path, *, passphrase: str) -> KeyPair:
    """The site root key from the file that its keepers brought; raises WrongSecret."""
    return unwrap(path.read_text(), passphrase)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerKeys:
    """What the server itself must be able to use: none of it can sign for a person. Never printed."""

    checkpoint: KeyPair
    seal_private: bytes
    """PEM."""
    seal_certificate: bytes
    """PEM."""
    pepper: bytes
    """Mixed into PIN hashes, so that the database alone does not give four digits away."""
    digest_key: bytes
    """Keys the digests of requests, for a plain hash of a name can be guessed."""

    def __repr__(self) -> str:
        return f"ServerKeys({self.checkpoint.kid})"


SERVER_KEY_FILES: Final = ("checkpoint.key", "seal.key", "seal.crt", "pepper.key", "digest.key")


def found_server_keys(folder: Path, *, seal: tuple[bytes, bytes]) -> ServerKeys:
    """Make the server's keys in a folder that only its user can read; `seal` is key and certificate, PEM."""
    made = (make_key().private, *seal, secrets.token_bytes(32), secrets.token_bytes(32))
    write_server_keys(folder, dict(zip(SERVER_KEY_FILES, made, strict=True)))
    return read_server_keys(folder)


def write_server_keys(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Put the server's keys into their folder, which only its user can read; never over others."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    for name in SERVER_KEY_FILES:
        _write_secret(folder / name, contents[name])


def server_key_contents(keys: ServerKeys) -> Mapping[str, bytes]:
    """The server's keys by the name of their file, as a backup carries them: encrypted, and only so."""
    contents = (
        keys.checkpoint.private,
        keys.seal_private,
        keys.seal_certificate,
        keys.pepper,
        keys.digest_key,
    )
    return MappingProxyType(dict(zip(SERVER_KEY_FILES, contents, strict=True)))


def read_server_keys(folder: Path) -> ServerKeys:
    """The server's keys; raises LedgerFault when one is missing or others may read it."""
    checkpoint, seal_private, seal_certificate, pepper, digest_key = (
        _read_secret(folder / name) for name in SERVER_KEY_FILES
    )
    return ServerKeys(
        checkpoint=_pair(checkpoint),
        seal_private=seal_private,
        seal_certificate=seal_certificate,
        pepper=pepper,
        digest_key=digest_key,
    )


def _write_secret(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _read_secret(path: Path) -> bytes:
    try:
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise LedgerFault(f"{path.name} can be read by others: chmod 600")
        return path.read_bytes()
    except FileNotFoundError:
        raise LedgerFault(f"{path.name} is missing from the keys folder") from None
