"""Is the record still what was put on file? Every hash computed again, every signature checked, from what is stored."""

from dataclasses import dataclass
from datetime import datetime

from lims.domain.canonical import GENESIS, NotCanonical, entry_hash, parse
from lims.domain.keyring import Keyring
from lims.domain.signatures import intent_bytes
from lims.ledger.book import Book
from lims.ledger.checkpoints import proof, witness_code
from lims.ledger.keys import is_signature


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainState:
    """How far a stream was found to be what it was; `broken_at` is its first bad entry."""

    stream: str
    intact_to: int
    checked_at: datetime
    signatures: int = 0
    broken_at: int | None = None
    why: str = ""
    """hash, order, signature or cut."""
    pinned_to: int = 0
    """The last entry that the newest checkpoint covers."""
    checkpoint: int | None = None
    witness: str = ""
    """The checkpoint's short code, as it stands in the logbook."""

    @property
    def is_intact(self) -> bool:
        """Nothing that is on file was changed, as far as the server itself can see."""
        return self.broken_at is None


def check_chain(book: Book, stream: str, keys: Keyring, *, now: datetime) -> ChainState:
    """Compute the stream's chain again from the stored bodies; nothing cached is used."""
    previous, seq, signatures = GENESIS, 0, 0
    for body, hashed in book.bodies(stream):
        why = "" if entry_hash(previous, body) == hashed else "hash"
        why = why or _fault(body, stream=stream, seq=seq + 1, keys=keys)
        if why:
            return ChainState(
                stream=stream,
                intact_to=seq,
                checked_at=now,
                signatures=signatures,
                broken_at=seq + 1,
                why=why,
            )
        seq, previous = seq + 1, hashed
        signatures += '"kind":"signature_made.' in body
    pinned = proof(book, stream)
    cut = pinned is not None and pinned.seq > seq
    return ChainState(
        stream=stream,
        intact_to=seq,
        checked_at=now,
        signatures=signatures,
        broken_at=seq + 1 if cut else None,
        why="cut" if cut else "",
        pinned_to=pinned.seq if pinned else 0,
        checkpoint=pinned.checkpoint.number if pinned else None,
        witness=witness_code(pinned.checkpoint) if pinned else "",
    )


def _fault(body: str, *, stream: str, seq: int, keys: Keyring) -> str:
    try:
        entry = parse(body)
    except NotCanonical:
        return "hash"
    assert isinstance(entry, dict)
    if (entry["stream"], entry["seq"]) != (stream, seq):
        return "order"
    fact = entry["fact"]
    if str(entry["kind"]).startswith("signature_made.") and isinstance(fact, dict):
        key = keys.people.get(str(fact["kid"]))
        message = intent_bytes(str(fact["intent"]))
        if key is None or not is_signature(str(fact["signature"]), message=message, public=key.public):
            return "signature"
    return ""
