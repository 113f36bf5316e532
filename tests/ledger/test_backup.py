"""A backup proves itself byte by byte, and comes back on either database through the guards."""

import io
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest

from lims.ledger import credentials, encrypted
from lims.ledger.backup import Manifest, write_archive
from lims.ledger.book import Ledger
from lims.ledger.encrypted import ArchiveDamaged, Header, Opener, Sealer, read_header, unlock
from lims.ledger.faults import LedgerRefused
from lims.ledger.files import Files
from lims.ledger.keys import SERVER_KEY_FILES, WrongSecret
from lims.ledger.restore import check_archive, restore
from lims.ledger.verify import verify
from tests.conftest import Cluster
from tests.ledger.examples import by, note, put, redacted
from tests.ledger.founding import LATER, Founded, found, no_rows

PASSPHRASE = "kept in two envelopes"
CONTENT = bytes(range(256)) * 3
SMALL = 64
"""Bytes a chunk, so that a small archive has many."""


@pytest.fixture(scope="module")
def sealed() -> bytes:
    """A small archive of many chunks."""
    target = io.BytesIO()
    sealer = Sealer(target, passphrase=PASSPHRASE, chunk=SMALL)
    for at in range(0, len(CONTENT), 100):
        sealer.write(CONTENT[at : at + 100])
    sealer.close()
    return target.getvalue()


@pytest.fixture(scope="module")
def opened(sealed: bytes) -> tuple[Header, bytes]:
    """Its header and key; deriving it takes a while."""
    header = read_header(io.BytesIO(sealed))
    return header, unlock(header, PASSPHRASE)


def plain(sealed: bytes, key: bytes) -> bytes:
    source = io.BytesIO(sealed)
    return Opener(source, read_header(source), key=key).read()


def flipped(content: bytes, at: int, bit: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :]


def test_what_goes_in_comes_out(sealed: bytes, opened: tuple[Header, bytes]) -> None:
    assert plain(sealed, opened[1]) == CONTENT


def test_every_flipped_byte_is_found_and_placed(sealed: bytes, opened: tuple[Header, bytes]) -> None:
    header, key = opened
    for at in range(len(sealed)):
        with pytest.raises(ArchiveDamaged) as damaged:
            plain(flipped(sealed, at, at % 8), key)
        assert damaged.value.first <= at <= damaged.value.last
        in_chunk = at >= len(header.text)
        assert not in_chunk or damaged.value.last - damaged.value.first < SMALL + encrypted.TAG


def test_an_archive_that_was_cut_off_anywhere_does_not_open(
    sealed: bytes, opened: tuple[Header, bytes]
) -> None:
    for length in range(len(sealed)):
        with pytest.raises(ArchiveDamaged):
            plain(sealed[:length], opened[1])


def test_chunks_in_another_order_do_not_open(sealed: bytes, opened: tuple[Header, bytes]) -> None:
    start, size = len(opened[0].text), SMALL + encrypted.TAG
    first, second = sealed[start : start + size], sealed[start + size : start + 2 * size]
    with pytest.raises(ArchiveDamaged):
        plain(sealed[:start] + second + first + sealed[start + 2 * size :], opened[1])


@pytest.mark.parametrize("length", [0, 1, SMALL - 1, SMALL, SMALL + 1, 2 * SMALL])
def test_any_length_comes_out_whole(length: int) -> None:
    target = io.BytesIO()
    sealer = Sealer(target, passphrase=PASSPHRASE, chunk=SMALL)
    sealer.write(CONTENT[:length])
    sealer.close()
    header = read_header(io.BytesIO(target.getvalue()))
    assert plain(target.getvalue(), unlock(header, PASSPHRASE)) == CONTENT[:length]


def test_a_wrong_passphrase_is_told_from_damage(sealed: bytes) -> None:
    with pytest.raises(WrongSecret):
        unlock(read_header(io.BytesIO(sealed)), PASSPHRASE + " ")


def test_two_archives_never_share_a_key() -> None:
    salts = set()
    for _ in range(2):
        target = io.BytesIO()
        Sealer(target, passphrase=PASSPHRASE).close()
        salts.add(read_header(io.BytesIO(target.getvalue())).salt)
    assert len(salts) == 2


KEYS = {name: f"the content of {name}".encode() for name in SERVER_KEY_FILES}
WORDS = "Words that were redacted later."


@pytest.fixture
def people(ledger: Ledger) -> Founded:
    """An instance with keys, a signature, values (one redacted), a file and a checkpoint."""
    people = found(ledger)
    with ledger.writing(write=["batch:2", "person:technician-a"]) as book:
        told = note(book, "batch:2", WORDS)
        book.append(redacted("batch:2", told.commitment), by(time=LATER))
        book.erase(told.commitment)
        credentials.store(
            book,
            credentials.seal_credentials(
                people.technician,
                person="technician-a",
                password="only the technician knows",
                pin="730194",
                pepper=b"p" * 32,
                now=LATER,
            ),
        )
    return people


@pytest.fixture
def other_url(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database of the other sort than the ledger's own."""
    if database == "postgresql":
        yield f"sqlite:///{tmp_path / 'other.db'}"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    name = f"test_{uuid4().hex}"
    cluster.run(f"CREATE DATABASE {name}")
    yield cluster.url(name)
    cluster.run(f"DROP DATABASE {name} WITH (FORCE)")


def back_up(ledger: Ledger, archive: Path, *, now: Callable[[], datetime] = lambda: LATER) -> Manifest:
    with archive.open("wb") as file:
        return write_archive(
            file,
            ledger=ledger,
            keys=KEYS,
            passphrase=PASSPHRASE,
            site="Demo",
            instance_kind="demo",
            now=now,
        )


def everything(ledger: Ledger) -> list[tuple[str, ...]]:
    with ledger.reading() as book:
        found = [(stream, *cells) for stream in book.streams() for cells in book.bodies(stream)]
        for table in ("detached", "credentials", "heads"):
            rows = book.connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            found += sorted((table, *map(str, row)) for row in rows)
    return found


def test_a_backup_of_one_database_restores_into_the_other_byte_for_byte(
    ledger: Ledger, people: Founded, other_url: str, tmp_path: Path
) -> None:
    manifest = back_up(ledger, tmp_path / "a.backup")
    again, opened = restore(
        tmp_path / "a.backup", passphrase=PASSPHRASE, url=other_url, files=tmp_path / "f", rows_of=no_rows
    )
    assert everything(again) == everything(ledger)
    assert verify(again, rows_of=no_rows).findings == verify(ledger, rows_of=no_rows).findings == ()
    assert (opened.manifest, opened.keys) == (manifest, KEYS)
    assert Files(tmp_path / "f").get(people.file) == b"\x00cytometer file"
    again.close()


def test_the_manifest_tells_counts_heads_files_and_the_newest_checkpoint(
    ledger: Ledger, people: Founded, tmp_path: Path
) -> None:
    manifest = back_up(ledger, tmp_path / "a.backup")
    with ledger.reading() as book:
        heads = {stream: book.head(stream) for stream in book.streams()}
        checkpoint = book.entries("checkpoints")[-1].fact
    assert {stream: (seq, head, time) for stream, seq, head, time in manifest.heads} == {
        stream: (head.seq, head.hash, head.time) for stream, head in heads.items() if head
    }
    assert manifest.count == sum(head.seq for head in heads.values() if head)
    assert manifest.files == ((people.file, 15),)
    assert manifest.checkpoint == (1, getattr(checkpoint, "root", ""))


def test_a_backup_is_of_one_moment(ledger: Ledger, people: Founded, tmp_path: Path) -> None:
    """What is recorded while it is written is not half in it, and nobody waits for it."""
    before = everything(ledger)

    def meanwhile() -> datetime:
        with ledger.writing(write=["batch:1"]) as book:
            put(book, "batch:1", start=LATER)
        return LATER

    back_up(ledger, tmp_path / "a.backup", now=meanwhile)
    again, _ = restore(
        tmp_path / "a.backup",
        passphrase=PASSPHRASE,
        url=f"sqlite:///{tmp_path / 'again.db'}",
        files=tmp_path / "f",
        rows_of=no_rows,
    )
    assert everything(again) == before != everything(ledger)
    again.close()


@pytest.fixture
def lone(sqlite_template: Path, tmp_path: Path) -> Iterator[Ledger]:
    """A ledger on SQLite, where the database does not matter."""
    path = tmp_path / "lone.db"
    path.write_bytes(sqlite_template.read_bytes())
    ledger = Ledger.open(f"sqlite:///{path}", files=tmp_path / "files")
    yield ledger
    ledger.close()


def test_an_archive_gives_nothing_away_in_clear(lone: Ledger, tmp_path: Path) -> None:
    found(lone)
    back_up(lone, tmp_path / "a.backup")
    content = (tmp_path / "a.backup").read_bytes()
    assert not any(
        clear in content for clear in (b"medium was warm", b"cytometer", b"checkpoint.key", b"batch:1")
    )


def test_neither_sessions_nor_drafts_nor_leases_are_in_a_backup(lone: Ledger, tmp_path: Path) -> None:
    found(lone)
    assert [name for name, _, _ in back_up(lone, tmp_path / "a.backup").tables] == [
        "entries",
        "detached",
        "credentials",
    ]


def test_a_missing_file_is_told_and_does_not_stop_the_backup(lone: Ledger, tmp_path: Path) -> None:
    people = found(lone)
    Files(lone.files).erase(people.file)
    manifest = back_up(lone, tmp_path / "a.backup")
    assert (manifest.files, manifest.faults) == ((), ((people.file, "missing"),))
    assert check_archive(tmp_path / "a.backup", passphrase=PASSPHRASE).manifest == manifest


def test_damage_of_a_backup_is_named_before_anything_is_written(lone: Ledger, tmp_path: Path) -> None:
    found(lone)
    back_up(lone, tmp_path / "a.backup")
    content = (tmp_path / "a.backup").read_bytes()
    (tmp_path / "a.backup").write_bytes(flipped(content, len(content) // 2, 0))
    with pytest.raises(ArchiveDamaged, match=r"damaged in bytes \d+ to \d+"):
        restore(
            tmp_path / "a.backup",
            passphrase=PASSPHRASE,
            url=f"sqlite:///{tmp_path / 'again.db'}",
            files=tmp_path / "f",
            rows_of=no_rows,
        )
    assert not (tmp_path / "again.db").exists()


def test_a_restore_never_writes_over_a_ledger(lone: Ledger, tmp_path: Path) -> None:
    found(lone)
    back_up(lone, tmp_path / "a.backup")
    before = everything(lone)
    with pytest.raises(LedgerRefused):
        restore(
            tmp_path / "a.backup",
            passphrase=PASSPHRASE,
            url=str(lone.engine.url),
            files=tmp_path / "f",
            rows_of=no_rows,
        )
    assert everything(lone) == before
