"""A secret that lies among the entries and that only the running server opens."""

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lims.ledger.faults import LedgerFault
from lims.ledger.keys import ServerKeys

_FORMAT: Final = "sealed/1"


def seal(secret: str, *, purpose: str, keys: ServerKeys) -> str:
    """The secret under AES-256-GCM with a key of its purpose, derived from one that never leaves the server."""
    nonce = secrets.token_bytes(12)
    ciphertext = AESGCM(_key(keys, purpose)).encrypt(nonce, secret.encode(), purpose.encode())
    return f"{_FORMAT}:{nonce.hex()}:{ciphertext.hex()}"


def unseal(sealed: str, *, purpose: str, keys: ServerKeys) -> str:
    """The secret again; raises LedgerFault where these are not the keys that sealed it, or it was altered."""
    try:
        found, nonce, ciphertext = sealed.split(":")
        opened = AESGCM(_key(keys, purpose)).decrypt(
            bytes.fromhex(nonce), bytes.fromhex(ciphertext), purpose.encode()
        )
    except (ValueError, InvalidTag):
        raise LedgerFault(f"what is sealed for {purpose} does not open with this server's keys") from None
    if found != _FORMAT:
        raise LedgerFault(f"{found} is no way in which this release seals")
    return opened.decode()


def _key(keys: ServerKeys, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"lims/{_FORMAT}/{purpose}".encode()).derive(
        keys.digest_key
    )
