"""The exact texts that keys sign: intents, attestations and checkpoints; no key ever comes here."""

from dataclasses import dataclass
from datetime import datetime

from lims.domain.canonical import Json, canon, instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What a person stands behind with a signature: which entry, in which words, and what was shown."""

    covers_stream: str
    covers_seq: int
    covers_hash: str
    language: str
    meaning: str
    name: str
    nonce: str
    sentence: str
    shown: str
    time: datetime
    zone: str

    def text(self) -> str:
        """The canonical intent that the signature entry stores and the key signs."""
        value: dict[str, Json] = {
            "covers": [self.covers_stream, self.covers_seq],
            "covers_hash": self.covers_hash,
            "language": self.language,
            "meaning": self.meaning,
            "name": self.name,
            "nonce": self.nonce,
            "sentence": self.sentence,
            "shown": self.shown,
            "time": instant(self.time),
            "zone": self.zone,
        }
        return canon(value)


def intent_bytes(intent: str) -> bytes:
    """The message of a personal signature."""
    return f"lims/signature/1\n{intent}".encode()


def attestation_bytes(*, kid: str, public: str, holder: str, name: str, purpose: str) -> bytes:
    """The message that vouches for a key: `holder` is a person's id or `site`, purpose person/root/seal/checkpoint."""
    text = canon({"holder": holder, "kid": kid, "name": name, "public": public, "purpose": purpose})
    return f"lims/attestation/1\n{text}".encode()


def checkpoint_bytes(*, number: int, root: str, size: int, previous_root: str, time: datetime) -> bytes:
    """The message of a checkpoint's signature."""
    text = canon(
        {"number": number, "previous_root": previous_root, "root": root, "size": size, "time": instant(time)}
    )
    return f"lims/checkpoint/1\n{text}".encode()


def leaf_text(stream: str, seq: int, head_hash: str) -> str:
    """A checkpoint's leaf for one stream's head."""
    return canon([stream, seq, head_hash])
