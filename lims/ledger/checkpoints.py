"""Checkpoints: one signed hash over every stream's last entry, and a short code of it for a paper logbook.

Whoever owns every key of the server can still not rewrite what a checkpoint covers without its code changing on
paper that others hold.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from lims.domain.canonical import GENESIS, leaf_hash, merkle_path, merkle_root, tagged_hash
from lims.domain.entries.envelope import Authorship, Draft, Entry
from lims.domain.entries.keys import CheckpointMade
from lims.domain.signatures import checkpoint_bytes, leaf_text
from lims.ledger.faults import LedgerFault
from lims.ledger.keys import KeyPair
from lims.ledger.open_book import Book
from lims.ledger.tables import heads

STREAM: Final = "checkpoints"
_SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

Heads = dict[str, tuple[int, str]]
"""Seq and hash of the last entry, by stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointProof:
    """That a stream's entry was its last one at a checkpoint: RFC 6962 path from the leaf to the signed root."""

    checkpoint: CheckpointMade
    stream: str
    seq: int
    hash: str
    index: int
    path: tuple[str, ...]
    """Siblings as `L<hex>` or `R<hex>`, bottom first."""

    @property
    def leaf(self) -> str:
        """The canonical text of the leaf."""
        return leaf_text(self.stream, self.seq, self.hash)


def made(entries: Iterable[Entry]) -> Iterator[CheckpointMade]:
    """The checkpoints among the entries of their stream."""
    for entry in entries:
        if isinstance(entry.fact, CheckpointMade):
            yield entry.fact


def apply(known: Heads, checkpoint: CheckpointMade) -> None:
    """Bring the heads of the checkpoint before to those of this one."""
    known.update({stream: (seq, head) for stream, seq, head in checkpoint.changed})


def leaves_of(known: Mapping[str, tuple[int, str]]) -> list[str]:
    """The leaf hashes of heads, in the order of the tree: streams by code point."""
    return [leaf_hash(leaf_text(stream, *known[stream])) for stream in sorted(known)]


def make_checkpoint(book: Book, by: Authorship, *, key: KeyPair) -> Entry:
    """Sign all heads as they are and put the checkpoint on file; the act must have locked stream `checkpoints`.

    Raises LedgerFault when a stream of the last checkpoint is gone or shorter than it was.
    """
    earlier = list(made(book.entries(STREAM)))
    known: Heads = {}
    for checkpoint in earlier:
        apply(known, checkpoint)
    now = {row.stream: (row.seq, row.hash) for row in book.connection.execute(select(heads))}
    for stream, (seq, _) in known.items():
        if stream not in now or now[stream][0] < seq:
            raise LedgerFault(f"{stream} is shorter than at the last checkpoint: verify the instance")
    changed = tuple((stream, *now[stream]) for stream in sorted(now) if known.get(stream) != now[stream])
    number = len(earlier) + 1
    previous_root = earlier[-1].root if earlier else GENESIS
    root = merkle_root(leaves_of(now))
    message = checkpoint_bytes(
        number=number, root=root, size=len(now), previous_root=previous_root, time=by.time
    )
    fact = CheckpointMade(
        number=number,
        root=root,
        size=len(now),
        previous_root=previous_root,
        made_at=by.time,
        changed=changed,
        kid=key.kid,
        signature=key.sign(message),
    )
    return book.append(Draft(stream=STREAM, fact=fact), by)


def proof(book: Book, stream: str) -> CheckpointProof | None:
    """Where the stream stands in the newest checkpoint; None before its first one."""
    checkpoint = None
    known: Heads = {}
    for checkpoint in made(book.entries(STREAM)):
        apply(known, checkpoint)
    if checkpoint is None or stream not in known:
        return None
    index = sorted(known).index(stream)
    seq, head = known[stream]
    return CheckpointProof(
        checkpoint=checkpoint,
        stream=stream,
        seq=seq,
        hash=head,
        index=index,
        path=merkle_path(leaves_of(known), index),
    )


def witness_code(checkpoint: CheckpointMade) -> str:
    """Twelve signs for the logbook and the sponsor's mail: 60 bits of the root and its number, as XXXX-XXXX-XXXX."""
    bits = int(tagged_hash("lims/witness/1", str(checkpoint.number), checkpoint.root)[:15], 16)
    signs = "".join(_SIGNS[(bits >> shift) & 31] for shift in range(55, -1, -5))
    return "-".join(signs[at : at + 4] for at in range(0, 12, 4))
