"""What fixes a chain from outside: checkpoints, which entries nothing fixes, whether the record is closed."""

from collections.abc import Mapping, Sequence

from lims.documents.chain_reading import EntryRead, Malformed
from lims.documents.findings import N_, Notes, State
from lims.documents.key_list import KeyList, is_signed_by
from lims.documents.record_file import Checkpoint, Proof
from lims.documents.signature_check import SIGNATURE_KIND, SignaturesRead
from lims.domain.canonical import NotCanonical, leaf_hash, node_hash, read_instant
from lims.domain.signatures import checkpoint_bytes, leaf_text

CLOSE_KIND = "record_closed.1"
Streams = Mapping[str, Sequence[EntryRead]]


def check_checkpoints(
    notes: Notes, checkpoints: Sequence[Checkpoint], *, streams: Streams, keys: KeyList
) -> dict[str, int]:
    """Each checkpoint is signed and its leaves agree with the chains; returns the last pinned seq of each stream."""
    pinned: dict[str, int] = {}
    previous: Checkpoint | None = None
    for point in checkpoints:
        fault = _signature_fault(point, keys)
        if fault is None and previous and not _follows(point, previous):
            fault = N_("Checkpoint %(number)s does not follow from the one before it.")
        if fault is None and not point.proofs:
            fault = N_("Checkpoint %(number)s proves nothing about this record.")
        for proof in () if fault else point.proofs:
            fault = fault or _proof_fault(point, proof, streams)
            stream, seq, _ = proof.leaf
            if fault:
                notes.fail("checkpoints", fault, (stream, seq), number=point.number)
            else:
                pinned[stream] = max(pinned.get(stream, 0), seq)
        if fault:
            notes.fail("checkpoints", fault, number=point.number)
        previous = point
    if not checkpoints:
        notes.ok("checkpoints", N_("The file holds no checkpoint."))
    notes.ok(
        "checkpoints",
        N_("%(count)s checkpoints; the last is number %(last)s, of %(time)s, root %(root)s."),
        count=len(checkpoints),
        last=previous.number if previous else 0,
        time=previous.time if previous else "",
        root=previous.root if previous else "",
    )
    return pinned


def _signature_fault(point: Checkpoint, keys: KeyList) -> str | None:
    key = keys.site.get(point.kid)
    if key is None or key.purpose != "checkpoint" or key.since > point.time:
        return N_("Checkpoint %(number)s was not signed by a checkpoint key of this site.")
    try:
        time = read_instant(point.time)
    except NotCanonical:
        return N_("The time of checkpoint %(number)s is not in its one spelling.")
    message = checkpoint_bytes(
        number=point.number,
        root=point.root,
        size=point.size,
        previous_root=point.previous_root,
        time=time,
    )
    if not is_signed_by(key.public, signature=point.signature, message=message):
        return N_("The signature of checkpoint %(number)s is not valid.")
    return None


def _follows(point: Checkpoint, previous: Checkpoint) -> bool:
    if point.number <= previous.number or point.time < previous.time:
        return False
    return point.number > previous.number + 1 or point.previous_root == previous.root


def _proof_fault(point: Checkpoint, proof: Proof, streams: Streams) -> str | None:
    stream, seq, head = proof.leaf
    if root_of(proof, size=point.size) != point.root:
        return N_("The path of a leaf does not lead to the root of checkpoint %(number)s.")
    if stream not in streams:
        return N_("Checkpoint %(number)s is shown for a stream that is not in this file.")
    entries = streams[stream]
    if seq > len(entries):
        return N_("Entries that checkpoint %(number)s pins are missing at the end.")
    if seq < 1 or entries[seq - 1].hash != head:
        return N_("Checkpoint %(number)s pins another entry here.")
    if entries[seq - 1].time > point.time:
        return N_("The entry is later than checkpoint %(number)s, which pins it.")
    return None


def root_of(proof: Proof, *, size: int) -> str | None:
    """The root that an audit path leads to (RFC 6962), or None when it is no path for this index and size."""
    index, width = proof.index, size
    if not 0 <= index < width:
        return None
    node, path = leaf_hash(leaf_text(*proof.leaf)), list(proof.path)
    while width > 1:
        if index ^ 1 < width:
            step = path.pop(0) if path else ""
            sibling = step[1:]
            if (
                step[:1] != "LR"[1 - index % 2]
                or len(sibling) != 64
                or set(sibling) - set("0123456789abcdef")
            ):
                return None
            node = node_hash(sibling, node) if index % 2 else node_hash(node, sibling)
        index, width = index // 2, (width + 1) // 2
    return None if path else node


def check_anchors(
    notes: Notes,
    streams: Streams,
    *,
    pinned: Mapping[str, int],
    signed: SignaturesRead,
    sealed: bool,
) -> None:
    """Which entries could be rewritten by whoever holds only this file: none when the PDF's seal covers them."""
    if sealed:
        notes.ok("anchors", N_("The seal fixes every entry."))
        return
    for stream, entries in streams.items():
        covered = max((seq for name, seq in signed.signers if name == stream), default=0)
        fixed = max(covered, pinned.get(stream, 0))
        if stream == "system" and _founding_is_relied_on(streams):
            fixed = 1
        if fixed < len(entries):
            notes.unknown(
                "anchors",
                N_(
                    "Entries of %(stream)s from %(seq)s on are fixed by no signature or checkpoint in this file,"
                    " only by the seal of its PDF."
                ),
                stream=stream,
                seq=fixed + 1,
            )
    notes.ok("anchors", N_("Signatures and checkpoints fix every entry."))


def _founding_is_relied_on(streams: Streams) -> bool:
    keys, system = streams.get("keys") or (), streams["system"]
    return bool(keys and system) and ("system", 1, system[0].hash) in keys[0].relied_on


def check_closure(notes: Notes, entries: Sequence[EntryRead], signed: SignaturesRead) -> State:
    """Whether the batch record is closed: a signed close with the right count, and nothing but its signature after."""
    close = next((entry for entry in reversed(entries) if entry.kind == CLOSE_KIND), None)
    if close is None:
        notes.ok("closure", N_("The record is open: INTERIM. Later entries may follow."))
        return State.INTERIM
    try:
        count = close.number("count")
    except Malformed:
        count = -1
    if count != close.seq - 1:
        notes.fail(
            "closure",
            N_("The close counts %(count)s entries before it."),
            close.place,
            count=count,
        )
        return State.UNKNOWN
    if not signed.signers.get(close.place):
        notes.ok(
            "closure",
            N_("The close at entry %(seq)s is not signed: INTERIM."),
            seq=close.seq,
        )
        return State.INTERIM
    later = [entry for entry in entries[close.seq :] if entry.kind != SIGNATURE_KIND]
    foreign = [entry for entry in later if entry.name not in AFTER_CLOSE]
    if foreign:
        notes.ok(
            "closure",
            N_("Entry %(seq)s came after the close and may not: INTERIM."),
            seq=foreign[0].seq,
        )
        return State.INTERIM
    if later:
        notes.ok(
            "closure",
            N_("Closed at entry %(seq)s, then added to: INTERIM until it is closed again."),
            seq=close.seq,
        )
        return State.INTERIM
    notes.ok(
        "closure",
        N_("Closed and signed at entry %(seq)s, with %(count)s entries before it."),
        seq=close.seq,
        count=count,
    )
    return State.CLOSED


AFTER_CLOSE = frozenset(
    {
        "result_entered",
        "result_reviewed",
        "complaint_received",
        "annotated",
        "hold_placed",
        "hold_lifted",
        "recall_received",
        "redaction_proposed",
        "value_redacted",
        "signature_made",
    }
)
"""What may follow a close (kinds without version): late results, complaints, annotations, recalls, redactions."""
