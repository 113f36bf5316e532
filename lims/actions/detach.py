"""Free text, names and identifiers on their way beside the chain: salted, committed, printable."""

import secrets
from dataclasses import dataclass

from lims.domain.canonical import commitment_of
from lims.domain.entries.envelope import Detached
from lims.domain.refusals import BadEntry

LONGEST_WORDS = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A detached value with its salt, to be stored in the same transaction as its commitment."""

    detached: Detached
    salt: str
    value: str


def keep(value: str, *, sort: str) -> Kept:
    """Commit to a value of sort `words`, `identity` or `file` with a fresh salt."""
    salt = secrets.token_hex(16)
    commitment = commitment_of(salt, value)
    detached = Detached(commitment=commitment, sort=sort, size=len(value.encode()))
    return Kept(detached=detached, salt=salt, value=value)


def words(text: str, *, field: str, least: int = 1, longest: int = LONGEST_WORDS) -> Kept:
    """Free text from a person; refused at its field when empty, too long, or with a sign that cannot be printed."""
    text = text.replace("\r\n", "\n").strip()
    if len(text) < least:
        raise BadEntry("text.empty", field=field, least=least)
    if len(text) > longest:
        raise BadEntry("text.long", field=field, longest=longest)
    for sign in text:
        if not (sign.isprintable() or sign == "\n"):
            raise BadEntry("text.unprintable", field=field, sign=f"U+{ord(sign):04X}")
    return keep(text, sort="words")


def words_or_none(text: str, *, field: str) -> Kept | None:
    """Free text that may be left out."""
    return words(text, field=field) if text.strip() else None
