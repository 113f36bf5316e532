"""A person's signature: made with their own unlocked key over the entry that the act has just put on file."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from lims.domain.entries.envelope import Draft, Entry
from lims.domain.entries.keys import SignatureMade
from lims.domain.signatures import Intent, intent_bytes
from lims.ledger.keys import KeyPair


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A person's key, unlocked with their own password for this one request; never stored, never in a session."""

    name: str
    pair: KeyPair

    @property
    def kid(self) -> str:
        """The key's identifier."""
        return self.pair.kid


def sign(
    signer: Signer,
    covered: Entry,
    *,
    meaning: str,
    sentence: str,
    language: str,
    shown: str,
    time: datetime,
    zone: str,
) -> Draft:
    """The signature entry over `covered`, with the exact sentence that was signed."""
    intent = Intent(
        covers_stream=covered.stream,
        covers_seq=covered.seq,
        covers_hash=covered.hash,
        language=language,
        meaning=meaning,
        name=signer.name,
        nonce=secrets.token_hex(16),
        sentence=sentence,
        shown=shown,
        time=time,
        zone=zone,
    ).text()
    fact = SignatureMade(kid=signer.kid, intent=intent, signature=signer.pair.sign(intent_bytes(intent)))
    return Draft(stream=covered.stream, fact=fact)
