"""What a person proves themselves with: a password that opens their key, and a PIN that only the server attests."""

import hmac
import string
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, insert, select

from lims.ledger.keys import KeyPair, wrap
from lims.ledger.open_book import Book
from lims.ledger.tables import credentials

LEAST_CHARACTERS: Final = 12
_PIN_HASHER: Final = PasswordHasher()

TOO_SHORT: Final = "too_short"
LEAKED: Final = "leaked"
HOLDS_USER_ID: Final = "holds_user_id"
REPEATS: Final = "repeats"
SEQUENCE: Final = "sequence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A person's wrapped key and PIN hash; `wrapped` opens with the password (`lims.ledger.keys.unwrap`)."""

    person: str
    kid: str
    public: str
    wrapped: str
    pin: str | None
    set_at: datetime


@cache
def _leaked() -> frozenset[str]:
    text = resources.files("lims.ledger").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


_LOOK_ALIKES: Final = str.maketrans("@4301$5!7", "aaeoissit")


def unfit_password(password: str, *, user_id: str) -> str | None:
    """Why a password may not be chosen (`too_short`, `leaked`, `holds_user_id`, `repeats`, `sequence`), or None."""
    folded = unicodedata.normalize("NFKC", password).casefold()
    if len(folded) < LEAST_CHARACTERS:
        return TOO_SHORT
    if user_id and user_id.casefold() in folded:
        return HOLDS_USER_ID
    if _is_repeated(folded):
        return REPEATS
    if _is_sequence(folded):
        return SEQUENCE
    plain = "".join(sign for sign in folded if sign.isalnum())
    core = plain.strip(string.digits)
    spellings = {each.translate(table) for each in (folded, plain, core) for table in ({}, _LOOK_ALIKES)}
    spellings |= {each.strip(string.digits + string.punctuation + " ") for each in spellings}
    return LEAKED if spellings & _leaked() else None


def _is_repeated(text: str) -> bool:
    """One piece of up to a third of the whole, over and over; or fewer than five different characters."""
    if len(set(text)) < 5:
        return True
    return any((text[:size] * len(text))[: len(text)] == text for size in range(1, len(text) // 3 + 1))


_ROWS: Final = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn",
)


def _is_sequence(text: str) -> bool:
    """Runs of four or more along the alphabet, the digits or the keyboard make up most of the text."""
    rows = [row for each in _ROWS for row in (each, each[::-1])]
    covered, at = 0, 0
    while at < len(text):
        length = 1
        while at + length < len(text) and any(text[at : at + length + 1] in row for row in rows):
            length += 1
        covered += length if length >= 4 else 0
        at += length
    return covered * 4 >= len(text) * 3


def unfit_pin(pin: str) -> str | None:
    """Why a PIN may not be chosen: not six digits or more (`too_short`), `repeats` or `sequence`; or None."""
    if not pin.isascii() or not pin.isdigit() or not 6 <= len(pin) <= 12:
        return TOO_SHORT
    if len(set(pin)) < 3:
        return REPEATS
    return SEQUENCE if pin in "012345678901234567890" or pin in "098765432109876543210" else None


def hash_pin(pin: str, *, person: str, pepper: bytes) -> str:
    """Argon2id over the PIN keyed with the server's pepper; stored with its own salt and parameters."""
    return _PIN_HASHER.hash(_peppered(pin, person=person, pepper=pepper))


def is_pin(pin: str, *, stored: str, person: str, pepper: bytes) -> bool:
    """Whether the PIN is the person's. Takes about 0.05 s; never called under a lock."""
    try:
        return _PIN_HASHER.verify(stored, _peppered(pin, person=person, pepper=pepper))
    except (VerificationError, InvalidHashError):
        return False


def _peppered(pin: str, *, person: str, pepper: bytes) -> bytes:
    return hmac.digest(pepper, f"lims/pin/1\n{person}\n{pin}".encode(), "sha256")


def seal_credentials(
    pair: KeyPair, *, person: str, password: str, pin: str | None, pepper: bytes, now: datetime
) -> Credentials:
    """Wrap a key and hash a PIN, before any lock is taken; `store` puts the result on file."""
    hashed = hash_pin(pin, person=person, pepper=pepper) if pin is not None else None
    return Credentials(
        person=person, kid=pair.kid, public=pair.public, wrapped=wrap(pair, password), pin=hashed, set_at=now
    )


def store(book: Book, new: Credentials) -> None:
    """Keep a person's credentials in place of any earlier ones: an old password opens nothing any more."""
    remove(book, new.person)
    book.connection.execute(
        insert(credentials).values(
            person=new.person,
            kid=new.kid,
            public=new.public,
            wrapped=new.wrapped,
            pin=new.pin,
            set_at=new.set_at,
        )
    )


def load(book: Book, person: str) -> Credentials | None:
    """A person's credentials; None before the first login and after a reset."""
    row = (
        book.connection.execute(select(credentials).where(credentials.c.person == person)).mappings().first()
    )
    return Credentials(**row) if row else None


def remove(book: Book, person: str) -> None:
    """End a person's credentials: the wrapped key is gone and with it every further signature of that key."""
    book.connection.execute(delete(credentials).where(credentials.c.person == person))
