"""An instance with keys, people, a signed batch, values, a file and a checkpoint: something worth verifying."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lims.domain.canonical import canon, commitment_of
from lims.domain.entries.batch import Annotated
from lims.domain.entries.envelope import Detached, Draft, Entry
from lims.domain.entries.keys import PersonKeyAttested, PersonKeyEnrolled, SignatureMade, SiteKeyFounded
from lims.domain.rows import Row
from lims.domain.signatures import Intent, attestation_bytes, intent_bytes
from lims.ledger.book import Book, Ledger
from lims.ledger.checkpoints import make_checkpoint
from lims.ledger.files import Files
from lims.ledger.keys import KeyPair, make_key
from tests.ledger.examples import NOON, SALT, by, note, put

LATER = NOON + timedelta(hours=3)


@dataclass(frozen=True)
class Founded:
    """The keys of an instance that `found` made."""

    root: KeyPair
    checkpoint: KeyPair
    technician: KeyPair
    quality: KeyPair
    file: str


def no_rows(stream: str, entries: tuple[Entry, ...]) -> Mapping[str, Row]:
    """For tests in which the read tables do not matter."""
    return {}


def enrol(book: Book, pair: KeyPair, *, person: str, root: KeyPair) -> None:
    """A founding person's key, vouched for by the site root."""
    name = person.replace("-", " ").title()
    message = attestation_bytes(kid=pair.kid, public=pair.public, holder=person, name=name, purpose="person")
    enrolled = PersonKeyEnrolled(
        kid=pair.kid, public=pair.public, person=person, name=name, proof=pair.sign(message)
    )
    attested = PersonKeyAttested(
        kid=pair.kid,
        public=pair.public,
        person=person,
        name=name,
        by_kid=root.kid,
        signature=root.sign(message),
    )
    for fact in (enrolled, attested):
        book.append(Draft(stream="keys", fact=fact), by(person=person))


def site_key(pair: KeyPair, *, purpose: str, root: KeyPair) -> SiteKeyFounded:
    """A key of the site that the root vouches for."""
    message = attestation_bytes(kid=pair.kid, public=pair.public, holder="site", name="Demo", purpose=purpose)
    return SiteKeyFounded(
        kid=pair.kid,
        public=pair.public,
        purpose=purpose,
        name="Demo",
        certificate=None,
        attestation=root.sign(message),
    )


def signature(entry: Entry, pair: KeyPair, *, name: str, time: datetime) -> Draft:
    """A person's signature over an entry."""
    intent = Intent(
        covers_stream=entry.stream,
        covers_seq=entry.seq,
        covers_hash=entry.hash,
        language="en",
        meaning="confirm_step",
        name=name,
        nonce="0" * 32,
        sentence="I did this step.",
        shown="0" * 64,
        time=time,
        zone="Asia/Shanghai",
    ).text()
    fact = SignatureMade(kid=pair.kid, intent=intent, signature=pair.sign(intent_bytes(intent)))
    return Draft(stream=entry.stream, fact=fact)


def found(ledger: Ledger) -> Founded:
    """Put all of it on file."""
    files = Files(ledger.files)
    keys = Founded(make_key(), make_key(), make_key(), make_key(), files.put(b"\x00cytometer file"))
    streams = ["keys", "lot:1", "batch:1", "batch:2", "checkpoints"]
    with ledger.writing(write=streams) as book:
        for purpose, pair in (("root", keys.root), ("checkpoint", keys.checkpoint)):
            fact = site_key(pair, purpose=purpose, root=keys.root)
            book.append(Draft(stream="keys", fact=fact), by(person="system"))
        enrol(book, keys.technician, person="technician-a", root=keys.root)
        enrol(book, keys.quality, person="quality-a", root=keys.root)
        put(book, "lot:1", 2)
        last = put(book, "batch:1", 4)[-1]
        book.append(signature(last, keys.technician, name="Technician A", time=last.time), by(time=last.time))
        note(book, "batch:1", "The medium was warm.")
        _attach(book, keys.file)
        put(book, "batch:2", 3)
        make_checkpoint(book, by(time=LATER, person="system"), key=keys.checkpoint)
    return keys


def _attach(book: Book, sha256: str) -> None:
    value = canon({"name": "run.fcs", "sha256": sha256, "size": 15})
    commitment = commitment_of(SALT, value)
    told = Detached(commitment=commitment, sort="file", size=len(value))
    book.append(Draft(stream="batch:1", fact=Annotated(words=told, step=None)), by(time=LATER))
    book.keep(commitment=commitment, salt=SALT, value=value, sort="file")
