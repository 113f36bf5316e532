"""Passwords and PINs that may be chosen, and what is kept of them."""

import pytest

from lims.ledger.book import Ledger
from lims.ledger.credentials import (
    hash_pin,
    is_pin,
    load,
    remove,
    seal_credentials,
    store,
    unfit_password,
    unfit_pin,
)
from lims.ledger.keys import WrongSecret, make_key, unwrap
from tests.ledger.examples import NOON

PEPPER = b"p" * 32


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "too_short"),
        ("elevensigns", "too_short"),
        ("technician1 is me", "holds_user_id"),
        ("TECHNICIAN1-is-me", "holds_user_id"),
        ("aaaaaaaaaaaa", "repeats"),
        ("abc!abc!abc!", "repeats"),
        ("123456789012", "sequence"),
        ("qwertyuiopasdf", "sequence"),
        ("abcdefghijkl!", "sequence"),
        ("password1234", "leaked"),
        ("P@ssw0rd1234", "leaked"),
        ("Pa55word.1234", "leaked"),
        ("correcthorsebatterystaple", "leaked"),
        ("Woaini5201314", "leaked"),
        ("celltherapy99", "leaked"),
        ("iloveyouforever7", "leaked"),
        ("ｐａｓｓｗｏｒｄ１２３４", "leaked"),
    ],
)
def test_a_password_that_others_guess_is_refused(password: str, why: str) -> None:
    assert unfit_password(password, user_id="technician1") == why


@pytest.mark.parametrize(
    "password",
    [
        "correct cell battery staple",
        "nobody knows this one",
        "胶囊里住着十二只小小的蓝色企鹅",
        "Vq7#mZp2!kLd9",
    ],
)
def test_a_password_of_ones_own_may_be_chosen(password: str) -> None:
    assert unfit_password(password, user_id="technician1") is None


@pytest.mark.parametrize(
    "pin", ["12345", "1234567890123", "12345a", "１２３４５６", "", "111111", "121212", "123456", "987654"]
)
def test_a_pin_that_others_guess_is_refused(pin: str) -> None:
    assert unfit_pin(pin) is not None


def test_a_pin_of_ones_own_may_be_chosen() -> None:
    assert unfit_pin("730194") is None


def test_a_pin_is_right_for_its_person_and_this_server_only() -> None:
    stored = hash_pin("730194", person="p1", pepper=PEPPER)
    assert is_pin("730194", stored=stored, person="p1", pepper=PEPPER)
    assert not is_pin("730195", stored=stored, person="p1", pepper=PEPPER)
    assert not is_pin("730194", stored=stored, person="p2", pepper=PEPPER)
    assert not is_pin("730194", stored=stored, person="p1", pepper=b"q" * 32)
    assert not is_pin("730194", stored="damaged", person="p1", pepper=PEPPER)


def test_an_old_password_opens_nothing_after_a_change(ledger: Ledger) -> None:
    """A wrapped key in an append-only place would be opened by an old password for ever."""
    pair = make_key()
    for password in ("the first of them all", "the second of them all"):
        sealed = seal_credentials(pair, person="p1", password=password, pin="730194", pepper=PEPPER, now=NOON)
        with ledger.writing(write=["person:p1"]) as book:
            store(book, sealed)
    with ledger.reading() as book:
        kept = load(book, "p1")
    assert kept is not None and kept.kid == pair.kid and kept.set_at == NOON
    assert unwrap(kept.wrapped, "the second of them all") == pair
    with pytest.raises(WrongSecret):
        unwrap(kept.wrapped, "the first of them all")


def test_removed_credentials_are_gone(ledger: Ledger) -> None:
    sealed = seal_credentials(make_key(), person="p1", password="x" * 12, pin=None, pepper=PEPPER, now=NOON)
    with ledger.writing(write=["person:p1"]) as book:
        store(book, sealed)
        remove(book, "p1")
        assert load(book, "p1") is None
