"""Verification of keys, signatures and checkpoints: who vouched for whom, who signed what, which heads are pinned."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from lims.domain.canonical import GENESIS, NotCanonical, key_id, merkle_root, parse
from lims.domain.entries.envelope import Entry
from lims.domain.entries.keys import (
    CheckpointMade,
    PersonKeyAttested,
    PersonKeyEnrolled,
    PersonKeyRevoked,
    SignatureMade,
    SiteKeyFounded,
)
from lims.domain.signatures import attestation_bytes, checkpoint_bytes, intent_bytes
from lims.ledger import checkpoints
from lims.ledger.findings import Check, Finding
from lims.ledger.keys import is_signature

VOUCHERS: Final = 2
STREAM: Final = "keys"


@dataclass(slots=True)
class HeldKey:
    """A person's key as far as the walk has come."""

    fact: PersonKeyEnrolled
    vouchers: set[str] = field(default_factory=set)
    valid_from: datetime | None = None
    revoked: datetime | None = None

    @property
    def message(self) -> bytes:
        """What those who vouch for the key sign."""
        own = self.fact
        return attestation_bytes(
            kid=own.kid, public=own.public, holder=own.person, name=own.name, purpose="person"
        )

    def is_valid_at(self, time: datetime) -> bool:
        """Vouched for by then and not yet revoked."""
        return (
            self.valid_from is not None
            and self.valid_from <= time
            and not (self.revoked and self.revoked <= time)
        )


@dataclass(slots=True)
class Keys:
    """The keys of the site, walked from its root."""

    root: SiteKeyFounded | None = None
    site: dict[str, SiteKeyFounded] = field(default_factory=dict)
    people: dict[str, HeldKey] = field(default_factory=dict)

    def take(self, entry: Entry) -> str | None:
        """Walk on by one entry; what is wrong with it, or None. A key at fault is not taken in."""
        match entry.fact:
            case SiteKeyFounded() as fact:
                return self._take_site_key(fact, entry.seq)
            case PersonKeyEnrolled() as fact:
                return self._take_enrolled(fact)
            case PersonKeyAttested() as fact:
                return self._take_attested(fact, entry)
            case PersonKeyRevoked() as fact:
                key = self.people.get(fact.kid)
                if key is None or key.fact.person != fact.person:
                    return "it revokes a key that nobody enrolled"
                key.revoked = key.revoked or entry.time
        return None

    def _take_site_key(self, fact: SiteKeyFounded, seq: int) -> str | None:
        if (fact.purpose == "root") != (self.root is None) or (fact.purpose == "root") != (seq == 1):
            return "the root key is the first of the stream and the only one"
        if fact.kid != key_id(fact.public) or fact.kid in self.site or fact.kid in self.people:
            return "the key's identifier is not its own"
        message = attestation_bytes(
            kid=fact.kid, public=fact.public, holder="site", name=fact.name, purpose=fact.purpose
        )
        root = self.root or fact
        if not is_signature(fact.attestation, message=message, public=root.public):
            return "the site's root key did not sign this key"
        self.root = root
        self.site[fact.kid] = fact
        return None

    def _take_enrolled(self, fact: PersonKeyEnrolled) -> str | None:
        key = HeldKey(fact)
        if fact.kid != key_id(fact.public) or fact.kid in self.site or fact.kid in self.people:
            return "the key's identifier is not its own"
        if not is_signature(fact.proof, message=key.message, public=fact.public):
            return "the person did not prove to hold the key"
        self.people[fact.kid] = key
        return None

    def _take_attested(self, fact: PersonKeyAttested, entry: Entry) -> str | None:
        key = self.people.get(fact.kid)
        if key is None or (fact.public, fact.person, fact.name) != (
            key.fact.public,
            key.fact.person,
            key.fact.name,
        ):
            return "it vouches for a key that nobody enrolled so"
        if self.root and fact.by_kid == self.root.kid:
            public, voucher = self.root.public, "site"
        else:
            held = self.people.get(fact.by_kid)
            if held is None or not held.is_valid_at(entry.time) or held.fact.person != entry.person:
                return "the one who vouches held no valid key at that time"
            public, voucher = held.fact.public, held.fact.person
        if voucher == key.fact.person or key.revoked:
            return "nobody vouches for their own key, or for a revoked one"
        if not is_signature(fact.signature, message=key.message, public=public):
            return "the one who vouches did not sign this"
        key.vouchers.add(voucher)
        if key.valid_from is None and ("site" in key.vouchers or len(key.vouchers) >= VOUCHERS):
            key.valid_from = entry.time
        return None


def walk(entries: Iterable[Entry]) -> tuple[Keys, tuple[Finding, ...]]:
    """The keys of stream `keys` and every entry of it that does not follow from those before."""
    keys, findings = Keys(), []
    for entry in entries:
        if fault := keys.take(entry):
            findings.append(Finding(check=Check.KEY, stream=entry.stream, seq=entry.seq, what=fault))
    return keys, tuple(findings)


def signature_fault(entry: Entry, signed: SignatureMade, *, keys: Keys, stream: list[Entry]) -> str | None:
    """What is wrong with a personal signature, or None; `stream` holds the entries before it."""
    key = keys.people.get(signed.kid)
    if key is None:
        return "made with a key that is not among the site's"
    if key.fact.person != entry.person:
        return "made with another person's key"
    if not key.is_valid_at(entry.time):
        return "made with a key that was not yet vouched for, or was revoked"
    if not is_signature(signed.signature, message=intent_bytes(signed.intent), public=key.fact.public):
        return "not the signature of what it says"
    try:
        intent = parse(signed.intent)
    except NotCanonical as fault:
        return f"what was signed is not canonical: {fault}"
    match intent:
        case {"covers": [str(covered), int(seq)], "covers_hash": str(head), "name": str(name)}:
            if name != key.fact.name:
                return "the printed name is not the key's"
            if covered != entry.stream or not 0 < seq < entry.seq or stream[seq - 1].hash != head:
                return "the entry that it covers is another"
        case _:
            return "what was signed is no intent"
    return None


def checkpoint_findings(
    entries: Iterable[Entry], *, keys: Keys
) -> Iterator[Finding | tuple[Entry, tuple[str, int, str]]]:
    """What is wrong with checkpoints, and every head they list with the checkpoint that lists it."""
    known: checkpoints.Heads = {}
    before: CheckpointMade | None = None
    for entry in entries:
        fact = entry.fact
        if not isinstance(fact, CheckpointMade):
            continue
        shorter = [name for name, seq, _ in fact.changed if seq < known.get(name, (0, ""))[0]]
        checkpoints.apply(known, fact)
        if fault := _checkpoint_fault(fact, before, known=known, keys=keys, at=entry.time):
            yield Finding(check=Check.CHECKPOINT, stream=entry.stream, seq=entry.seq, what=fault)
        for name in shorter:
            what = f"checkpoint {fact.number} has an earlier end than the one before"
            yield Finding(check=Check.CHECKPOINT, stream=name, what=what)
        for head in fact.changed:
            yield entry, head
        before = fact


def _checkpoint_fault(
    fact: CheckpointMade, before: CheckpointMade | None, *, known: checkpoints.Heads, keys: Keys, at: datetime
) -> str | None:
    if fact.number != (before.number + 1 if before else 1):
        return f"its number {fact.number} does not follow"
    if fact.previous_root != (before.root if before else GENESIS):
        return "it does not follow from the checkpoint before"
    if fact.size != len(known) or fact.root != merkle_root(checkpoints.leaves_of(known)):
        return "its root is not that of the heads it lists"
    key = keys.site.get(fact.kid)
    if key is None or key.purpose != "checkpoint" or fact.made_at != at:
        return "not made by a checkpoint key of this site, at its time"
    message = checkpoint_bytes(
        number=fact.number,
        root=fact.root,
        size=fact.size,
        previous_root=fact.previous_root,
        time=fact.made_at,
    )
    if not is_signature(fact.signature, message=message, public=key.public):
        return "its signature is not valid"
    return None


def file_named(value: str) -> str | None:
    """The SHA-256 in the detached description of an attached file; None when it is no such description."""
    try:
        plain = json.loads(value)
    except ValueError:
        return None
    sha256 = plain.get("sha256") if isinstance(plain, dict) else None
    return sha256 if isinstance(sha256, str) else None
