"""From a copy of everything stored nobody can sign for a person (21 CFR 11.70, 11.200(a)(3))."""

import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import inspect, text

from lims.ledger import credentials
from lims.ledger.book import Ledger
from lims.ledger.keys import KeyPair, ServerKeys, WrongSecret, found_server_keys, unwrap
from tests.ledger.examples import NOON
from tests.ledger.founding import Founded, found

PASSWORD = "only the technician knows"
PIN = "730194"


@pytest.fixture
def stolen(ledger: Ledger, tmp_path: Path) -> tuple[Founded, ServerKeys, list[bytes]]:
    """What a thief has: every cell of every table and the server's keys."""
    people = found(ledger)
    server = found_server_keys(tmp_path / "keys", seal=(b"key", b"certificate"))
    sealed = credentials.seal_credentials(
        people.technician, person="technician-a", password=PASSWORD, pin=PIN, pepper=server.pepper, now=NOON
    )
    with ledger.writing(write=["person:technician-a"]) as book:
        credentials.store(book, sealed)
    cells: list[bytes] = [path.read_bytes() for path in sorted((tmp_path / "keys").iterdir())]
    with ledger.engine.connect() as connection:
        for name in inspect(connection).get_table_names():
            for row in connection.execute(text(f"SELECT * FROM {name}")):
                cells += [str(cell).encode() for cell in row if cell is not None]
    return people, server, cells


def seeds(cells: list[bytes]) -> Iterator[bytes]:
    """Everything stored that could be the 32 bytes of a private key, as bytes or in hex."""
    hexadecimal = set(string.hexdigits.encode())
    for cell in set(cells):
        if len(cell) <= 200:
            yield from (cell[at : at + 32] for at in range(len(cell) - 31))
        for at in range(len(cell) - 63):
            piece = cell[at : at + 64]
            if (at == 0 or cell[at - 1] not in hexadecimal) and hexadecimal.issuperset(piece):
                yield bytes.fromhex(piece.decode())


def is_the_key(seed: bytes, pair: KeyPair) -> bool:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw().hex() == pair.public


def test_no_stored_bytes_are_a_persons_private_key(stolen: tuple[Founded, ServerKeys, list[bytes]]) -> None:
    people, server, cells = stolen
    tried = set(seeds(cells))
    assert server.checkpoint.private in tried
    assert not any(is_the_key(seed, pair) for seed in tried for pair in (people.technician, people.root))


def test_nothing_that_the_server_knows_opens_a_persons_key(
    ledger: Ledger, stolen: tuple[Founded, ServerKeys, list[bytes]]
) -> None:
    """A PIN never unlocks a key, and neither do the pepper or any of the server's keys."""
    people, server, _ = stolen
    with ledger.reading() as book:
        kept = credentials.load(book, "technician-a")
    assert kept is not None and kept.pin is not None
    for guess in (PIN, server.pepper.hex(), server.digest_key.hex(), kept.pin, kept.kid, "technician-a", ""):
        with pytest.raises(WrongSecret):
            unwrap(kept.wrapped, guess)
    assert unwrap(kept.wrapped, PASSWORD) == people.technician
