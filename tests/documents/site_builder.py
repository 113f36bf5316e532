"""A small site for document tests: its keys, people and one batch, written entry by entry as the ledger would."""

import io
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pikepdf
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lims.documents.attachment import attach_record
from lims.documents.record_file import (
    Chain,
    Checkpoint,
    ListedFile,
    Opened,
    Pair,
    Proof,
    RecordFile,
    Site,
    Withheld,
    compose,
)
from lims.documents.seal import PemKey, seal
from lims.documents.seal_certificate import NewSeal, new_seal
from lims.domain.canonical import (
    GENESIS,
    canon,
    commitment_of,
    entry_hash,
    file_hash,
    instant,
    key_id,
    leaf_hash,
    merkle_path,
    merkle_root,
    site_code,
)
from lims.domain.signatures import Intent, attestation_bytes, checkpoint_bytes, intent_bytes, leaf_text

BATCH = "batch:0312345678901234"
REFUSALS = f"{BATCH}!refusals"
ZONE = "Asia/Shanghai"
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
REPORT = b"a cytometer's report"


class Key:
    """An Ed25519 key from a fixed seed, so that every run writes the same bytes."""

    def __init__(self, seed: str) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(file_hash(seed.encode())))
        raw = self._private.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw
        )
        self.public = raw.hex()
        self.kid = key_id(self.public)

    def sign(self, message: bytes) -> str:
        return self._private.sign(message).hex()


@dataclass(frozen=True)
class Person:
    """A demo person: id, printed name, key."""

    id: str
    name: str
    key: Key


ROOT, POINTS = Key("root"), Key("checkpoints")
TECHNICIAN = Person("p1", "Technician A", Key("p1"))
OFFICER = Person("p2", "QA officer A 质量", Key("p2"))
NEWCOMER = Person("p3", "Technician B", Key("p3"))


@cache
def site_seal() -> NewSeal:
    """The site's seal, made once a run (P-256 keys cannot be seeded)."""
    return new_seal(site="Demo site", instance_kind="demo", time=START, years=10)


@dataclass
class Bench:
    """Writes streams: each call appends one entry and moves the clock by a minute."""

    streams: dict[str, list[Pair]] = field(default_factory=dict)
    detached: dict[str, Opened] = field(default_factory=dict)
    time: datetime = START
    acts: int = 0

    def write(
        self, stream: str, kind: str, fact: dict[str, Any], *, by: str = "system", **changed: Any
    ) -> tuple[str, int, str]:
        """Appends an entry; `changed` replaces fields of its envelope. Returns its reference."""
        entries = self.streams.setdefault(stream, [])
        if not changed.pop("same_act", False):
            self.acts += 1
            self.time += timedelta(minutes=1)
        envelope = {
            "act": "write",
            "fact": fact,
            "kind": kind,
            "person": by,
            "relied_on": [],
            "request": [f"r{self.acts}", "0" * 64],
            "role": "technician",
            "seq": len(entries) + 1,
            "station": "station:1",
            "stream": stream,
            "time": instant(self.time),
        } | changed
        body = canon(envelope)
        entries.append((body, entry_hash(entries[-1][1] if entries else GENESIS, body)))
        return stream, len(entries), entries[-1][1]

    def intent(self, by: Person, over: tuple[str, int, str], **changed: Any) -> str:
        """The text that a person signs over an entry."""
        values: dict[str, Any] = {
            "covers_stream": over[0],
            "covers_seq": over[1],
            "covers_hash": over[2],
            "language": "en",
            "meaning": "performed",
            "name": by.name,
            "nonce": f"n{self.acts}",
            "sentence": "I performed this step.",
            "shown": "1" * 64,
            "time": self.time,
            "zone": ZONE,
        } | changed
        return Intent(**values).text()

    def sign(self, by: Person, over: tuple[str, int, str], *, key: Key | None = None, **changed: Any) -> None:
        """Appends the person's signature over an entry, in the same act."""
        intent = self.intent(by, over, **changed)
        fact = {"intent": intent, "kid": by.key.kid, "signature": (key or by.key).sign(intent_bytes(intent))}
        self.write(over[0], "signature_made.1", fact, by=by.id, same_act=True)

    def detach(self, value: str, *, sort: str = "words") -> dict[str, Any]:
        """The commitment for a detached value, which is kept aside."""
        salt = file_hash(f"salt {len(self.detached)}".encode())[:32]
        commitment = commitment_of(salt, value)
        self.detached[commitment] = Opened(commitment=commitment, salt=salt, value=value)
        return {"commitment": commitment, "size": len(value.encode()), "sort": sort}

    def site_key(
        self, key: Key, purpose: str, *, name: str = "Demo site", signer: Key = ROOT, **more: Any
    ) -> None:
        """A key of the site, signed by the root."""
        self.found_key(key.kid, key.public, purpose, name=name, signer=signer, **more)

    def found_key(
        self,
        kid: str,
        public: str,
        purpose: str,
        *,
        name: str,
        signer: Key,
        certificate: str | None = None,
        **changed: Any,
    ) -> None:
        """A site key's entry as the key list holds it."""
        message = attestation_bytes(kid=kid, public=public, holder="site", name=name, purpose=purpose)
        fact = {
            "attestation": signer.sign(message),
            "certificate": certificate,
            "kid": kid,
            "name": name,
            "public": public,
            "purpose": purpose,
        }
        self.write("keys", "site_key_founded.1", fact, **changed)

    def enrol(self, person: Person) -> None:
        """A person's key with its proof of possession."""
        fact = {
            "kid": person.key.kid,
            "name": person.name,
            "person": person.id,
            "proof": person.key.sign(vouching(person)),
            "public": person.key.public,
        }
        self.write("keys", "person_key_enrolled.1", fact, by=person.id)

    def vouch(self, person: Person, *, by: Person | None = None) -> None:
        """The site root's word for a person's key, or another person's."""
        key = by.key if by else ROOT
        fact = {
            "by_kid": key.kid,
            "kid": person.key.kid,
            "name": person.name,
            "person": person.id,
            "public": person.key.public,
            "signature": key.sign(vouching(person)),
        }
        self.write("keys", "person_key_attested.1", fact, by=by.id if by else "system")

    def revoke(self, person: Person) -> None:
        """The end of a person's key."""
        fact = {"kid": person.key.kid, "person": person.id, "reason_code": "left"}
        self.write("keys", "person_key_revoked.1", fact, by="p2")

    def checkpoint(self, number: int = 1, previous_root: str = "0" * 64) -> Checkpoint:
        """A signed tree over the heads of all streams as they now stand, with a stranger's stream among them."""
        heads = {
            stream: (stream, len(entries), entries[-1][1])
            for stream, entries in self.streams.items()
            if entries
        }
        heads |= {f"lot:{at}": (f"lot:{at}", 3, "ab" * 32) for at in range(4)}
        rows = [heads[stream] for stream in sorted(heads)]
        leaves = [leaf_hash(leaf_text(*row)) for row in rows]
        root, time = merkle_root(leaves), self.time
        message = checkpoint_bytes(
            number=number, root=root, size=len(rows), previous_root=previous_root, time=time
        )
        proofs = tuple(
            Proof(index=at, leaf=row, path=merkle_path(leaves, at))
            for at, row in enumerate(rows)
            if row[0] in (BATCH, REFUSALS, "keys")
        )
        return Checkpoint(
            number=number,
            root=root,
            size=len(rows),
            previous_root=previous_root,
            time=instant(time),
            kid=POINTS.kid,
            signature=POINTS.sign(message),
            proofs=proofs,
        )

    def record(
        self,
        *checkpoints: Checkpoint,
        withheld: tuple[Withheld, ...] = (),
        files: tuple[ListedFile, ...] = (),
    ) -> RecordFile:
        """Everything written so far as a record file."""
        kept = {item.commitment for item in withheld}
        return RecordFile(
            site=Site(
                name="Demo site",
                zone=ZONE,
                kind="demo",
                root_kid=ROOT.kid,
                founding=self.streams["system"][0],
            ),
            keys=tuple(self.streams["keys"]),
            chains=tuple(
                Chain(stream=name, entries=tuple(self.streams.get(name, ()))) for name in (BATCH, REFUSALS)
            ),
            detached=tuple(item for item in self.detached.values() if item.commitment not in kept),
            withheld=withheld,
            checkpoints=checkpoints,
            files=files,
        )


def vouching(person: Person) -> bytes:
    """What is signed about a person's key."""
    return attestation_bytes(
        kid=person.key.kid, public=person.key.public, holder=person.id, name=person.name, purpose="person"
    )


def founded() -> Bench:
    """A site with its root, seal and checkpoint key, two founding people and a third vouched for by both."""
    bench = Bench()
    genesis = {
        "instance_kind": "demo",
        "profile": "CN",
        "root_kid": ROOT.kid,
        "site": "Demo site",
        "zone": ZONE,
    }
    founding = bench.write("system", "instance_founded.1", genesis)
    bench.site_key(ROOT, "root", relied_on=[list(founding)])
    made = site_seal()
    bench.found_key(
        key_id(made.public),
        made.public,
        "seal",
        name="Demo site",
        signer=ROOT,
        certificate=made.certificate_pem.decode(),
    )
    bench.site_key(POINTS, "checkpoint")
    for person in (TECHNICIAN, OFFICER):
        bench.enrol(person)
        bench.vouch(person)
    bench.enrol(NEWCOMER)
    bench.vouch(NEWCOMER, by=TECHNICIAN)
    bench.vouch(NEWCOMER, by=OFFICER)
    return bench


@dataclass(frozen=True)
class Built:
    """A finished record with the bench that wrote it."""

    bench: Bench
    record: RecordFile

    @property
    def content(self) -> bytes:
        return compose(self.record)


def open_batch() -> Bench:
    """A batch under way: text, an attached file, an identity, a signed step, a refusal, a redaction."""
    bench = founded()
    bench.write(
        BATCH,
        "batch_issued.1",
        {"name": bench.detach("Demo participant", sort="identity")},
        by="p2",
        relied_on=[["lot:1", 3, "ab" * 32], ["keys", 1, bench.streams["keys"][0][1]]],
    )
    step = bench.write(
        BATCH,
        "step_confirmed.1",
        {"step": "count", "value": "78.5", "reason": bench.detach("二次计数 ≤ 80 %\n")},
        by="p1",
    )
    bench.sign(TECHNICIAN, step)
    bench.write(
        REFUSALS, "act_refused.1", {"about": [["step", "count"]], "rule": "verifier_is_performer"}, by="p1"
    )
    described = canon(
        {"name": "report.csv", "sha256": file_hash(REPORT), "size": len(REPORT), "type": "text/csv"}
    )
    note = bench.detach("a name that does not belong here")
    bench.write(BATCH, "annotated.1", {"file": bench.detach(described, sort="file"), "words": note}, by="p3")
    fact = {"commitment": note["commitment"], "reason_code": "privacy"}
    proposed = bench.write(BATCH, "redaction_proposed.1", fact, by="p1")
    bench.sign(TECHNICIAN, proposed)
    done = bench.write(BATCH, "value_redacted.1", fact | {"proposed_seq": proposed[1]}, by="p2")
    bench.sign(OFFICER, done, meaning="approved", sentence="I approve the removal.")
    return bench


def withheld_of(bench: Bench) -> tuple[Withheld, ...]:
    """The participant's name (identity) and the note that was redacted."""
    name, note = [item for item in bench.detached.values() if item.value.startswith(("Demo", "a name"))]
    redacted = next(
        seq for seq, (body, _) in enumerate(bench.streams[BATCH], 1) if '"kind":"value_redacted.1"' in body
    )
    return (
        Withheld(commitment=name.commitment, why="identity"),
        Withheld(commitment=note.commitment, why="redacted", entry=(BATCH, redacted)),
    )


def listed_files() -> tuple[ListedFile, ...]:
    """The one attached file."""
    return (ListedFile(name="report.csv", sha256=file_hash(REPORT), size=len(REPORT), present=True),)


def built(bench: Bench, *checkpoints: Checkpoint) -> Built:
    """The bench's record with the usual withheld values and files."""
    return Built(bench, bench.record(*checkpoints, withheld=withheld_of(bench), files=listed_files()))


def closed_batch() -> Built:
    """The batch closed, signed and pinned by two checkpoints."""
    bench = open_batch()
    first = bench.checkpoint(1)
    close_batch(bench)
    return built(bench, first, bench.checkpoint(2, first.root))


def paper_of_site() -> bytes:
    """record.json of a paper that is no record: the keys alone, pinned by a checkpoint."""
    bench = open_batch()
    point = bench.checkpoint(1)
    keys_only = replace(point, proofs=tuple(proof for proof in point.proofs if proof.leaf[0] == "keys"))
    whole = built(bench, keys_only).record
    return compose(replace(whole, chains=(), detached=(), withheld=(), files=()))


def close_batch(bench: Bench) -> None:
    """A signed close with the count of all entries before it."""
    close = bench.write(BATCH, "record_closed.1", {"count": len(bench.streams[BATCH])}, by="p2")
    bench.sign(OFFICER, close, meaning="closed", sentence="I close this record.")


def with_entries(record: RecordFile, stream: str, entries: tuple[Pair, ...]) -> RecordFile:
    """The record with one chain's entries replaced."""
    if stream == "keys":
        return replace(record, keys=entries)
    chains = tuple(
        replace(chain, entries=entries) if chain.stream == stream else chain for chain in record.chains
    )
    return replace(record, chains=chains)


def rehashed(bodies: list[str]) -> tuple[Pair, ...]:
    """A chain written anew over these bodies: what a forger without keys can always do."""
    pairs: list[Pair] = []
    for body in bodies:
        pairs.append((body, entry_hash(pairs[-1][1] if pairs else GENESIS, body)))
    return tuple(pairs)


def blank_pdf() -> bytes:
    """One empty page."""
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page(page_size=(595, 842))
    document.save(out)
    return out.getvalue()


def sealed_pdf(content: bytes, *, made: NewSeal | None = None) -> bytes:
    """A one-page PDF with this record inside, sealed."""
    made = made or site_seal()
    attached = attach_record(blank_pdf(), content, title=BATCH, language="en", time=START)
    key = PemKey(key_pem=made.key_pem, certificate_pem=made.certificate_pem)
    return seal(attached, key=key, reason="True copy", location="Demo site", time=START + timedelta(hours=9))


CODE = site_code(ROOT.public)
