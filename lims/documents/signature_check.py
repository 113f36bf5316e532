"""Checking electronic signatures: made with that person's own key, over that entry, at that time, in those words."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lims.documents.chain_reading import EntryRead, Malformed
from lims.documents.findings import N_, Notes, SignatureRead
from lims.documents.key_list import KeyList, is_signed_by
from lims.domain.canonical import NotCanonical, parse
from lims.domain.signatures import intent_bytes

SIGNATURE_KIND = "signature_made.1"
_INTENT_TEXTS = (
    "covers_hash",
    "language",
    "meaning",
    "name",
    "nonce",
    "sentence",
    "shown",
    "time",
    "zone",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What one signature entry says; `covers` is (stream, seq) of the entry that it stands over."""

    entry: EntryRead
    intent: str
    covers: tuple[str, int]
    words: dict[str, str]

    def told(self, *, valid: bool) -> SignatureRead:
        """The signature for a reader."""
        return SignatureRead(
            stream=self.entry.stream,
            seq=self.entry.seq,
            covers_seq=self.covers[1],
            name=self.words["name"],
            time=self.words["time"],
            zone=self.words["zone"],
            meaning=self.words["meaning"],
            sentence=self.words["sentence"],
            valid=valid,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignaturesRead:
    """All signatures in order, and by (stream, seq) of the entry covered the persons who validly signed it."""

    told: tuple[SignatureRead, ...]
    signers: dict[tuple[str, int], frozenset[str]]


def check_signatures(notes: Notes, chains: Iterable[Sequence[EntryRead]], keys: KeyList) -> SignaturesRead:
    """Every `signature_made` entry of all chains, checked one by one."""
    told: list[SignatureRead] = []
    signers: dict[tuple[str, int], frozenset[str]] = {}
    nonces: set[str] = set()
    for entries in chains:
        for entry in entries:
            if entry.kind != SIGNATURE_KIND:
                continue
            signed = _read(notes, entry)
            if signed is None:
                continue
            fault = _fault_of(signed, entries, keys)
            if fault is None and signed.words["nonce"] in nonces:
                fault = N_("The same signature is on file twice.")
            nonces.add(signed.words["nonce"])
            if fault:
                notes.fail("signatures", fault, entry.place)
            else:
                signers[signed.covers] = signers.get(signed.covers, frozenset()) | {entry.person}
            told.append(signed.told(valid=fault is None))
    notes.ok(
        "signatures",
        N_("%(count)s signatures, each by a key that was that person's at that time."),
        count=len(told),
    )
    return SignaturesRead(told=tuple(told), signers=signers)


def _read(notes: Notes, entry: EntryRead) -> Signed | None:
    try:
        text = entry.text("intent")
        covers, words = _intent(text)
        entry.text("kid")
        entry.text("signature")
    except (Malformed, NotCanonical, json.JSONDecodeError):
        notes.fail(
            "signatures",
            N_("The text that was signed is not in its one spelling."),
            entry.place,
        )
        return None
    return Signed(entry=entry, intent=text, covers=covers, words=words)


def _intent(text: str) -> tuple[tuple[str, int], dict[str, str]]:
    value: Any = parse(text)
    if not isinstance(value, dict) or set(value) != {*_INTENT_TEXTS, "covers"}:
        raise Malformed("intent")
    for field in _INTENT_TEXTS:
        if not isinstance(value[field], str):
            raise Malformed(field)
    match value.pop("covers"):
        case [str(stream), int(seq)]:
            return (stream, seq), value
        case _:
            raise Malformed("covers")


def _fault_of(signed: Signed, entries: Sequence[EntryRead], keys: KeyList) -> str | None:
    entry, words = signed.entry, signed.words
    key = keys.people.get(entry.text("kid"))
    if key is None:
        return N_("The key is not on the list.")
    if not is_signed_by(
        key.public,
        signature=entry.text("signature"),
        message=intent_bytes(signed.intent),
    ):
        return N_("The signature was not made over these words with this key.")
    if (entry.person, words["name"]) != (key.person, key.name):
        return N_("The signature is not that of the person named.")
    if not key.is_valid_at(entry.time):
        return N_("The key was not valid at that time.")
    if words["time"] != entry.time:
        return N_("The signed time is not the entry's.")
    stream, seq = signed.covers
    if stream != entry.stream or not 1 <= seq < entry.seq or seq > len(entries):
        return N_("It does not cover an earlier entry of this stream.")
    covered = entries[seq - 1]
    if covered.hash != words["covers_hash"]:
        return N_("It covers an entry with another hash.")
    if covered.request != entry.request or covered.person != entry.person:
        return N_("It covers an entry of another act.")
    return None
