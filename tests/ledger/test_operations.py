"""Files, sessions, drafts and leases: what an instance needs beside its records."""

from datetime import timedelta
from pathlib import Path

import pytest

from lims.ledger import drafts, leases, sessions
from lims.ledger.book import Ledger
from lims.ledger.faults import LedgerFault
from lims.ledger.files import Files
from tests.ledger.examples import NOON

MINUTE = timedelta(minutes=1)


def test_a_file_comes_back_by_its_hash(tmp_path: Path) -> None:
    files = Files(tmp_path)
    sha256 = files.put(b"cytometer")
    assert files.put(b"cytometer") == sha256
    assert (files.get(sha256), list(files), files.fault(sha256)) == (b"cytometer", [sha256], None)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [sha256]


def test_a_changed_file_is_not_given_out(tmp_path: Path) -> None:
    files = Files(tmp_path)
    sha256 = files.put(b"cytometer")
    (tmp_path / sha256[:2] / sha256).write_bytes(b"cytometes")
    assert files.fault(sha256) == "not what was attached"
    with pytest.raises(LedgerFault):
        files.get(sha256)


def test_a_damaged_file_is_put_right_by_putting_it_again(tmp_path: Path) -> None:
    files = Files(tmp_path)
    sha256 = files.put(b"cytometer")
    (tmp_path / sha256[:2] / sha256).write_bytes(b"cyto")
    files.put(b"cytometer")
    assert files.get(sha256) == b"cytometer"


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not the hash"):
        Files(tmp_path).get(name)


def test_an_erased_file_is_missing(tmp_path: Path) -> None:
    files = Files(tmp_path)
    sha256 = files.put(b"cytometer")
    files.erase(sha256)
    assert files.fault(sha256) == "missing"


def begin(ledger: Ledger, person: str = "technician-a") -> str:
    with ledger.writing(write=()) as book:
        return sessions.start(book, person=person, station="1", now=NOON, language="zh", theme="dark")


def load(ledger: Ledger, token: str) -> sessions.Session:
    with ledger.reading() as book:
        session = sessions.find(book, token)
    assert session is not None
    return session


def test_a_session_is_found_by_its_token_which_is_not_stored(ledger: Ledger) -> None:
    token = begin(ledger)
    session = load(ledger, token)
    assert (session.person, session.language, session.theme, session.locked) == (
        "technician-a",
        "zh",
        "dark",
        False,
    )
    assert token not in repr(session)
    with ledger.reading() as book:
        assert sessions.find(book, session.token_hash) is None


def test_a_lock_ends_the_second_seat_and_asks_for_every_component_again(ledger: Ledger) -> None:
    """21 CFR 11.200(a)(1)(ii)."""
    token = begin(ledger)
    with ledger.writing(write=()) as book:
        session = load(ledger, token)
        sessions.mark_signed(book, session)
        sessions.seat_second(book, session, person="technician-b", now=NOON)
        sessions.lock(book, session)
    locked = load(ledger, token)
    assert (locked.locked, locked.signed_once, locked.second_person) == (True, False, None)
    with ledger.writing(write=()) as book:
        sessions.unlock(book, locked, now=NOON + MINUTE)
    assert (load(ledger, token).locked, load(ledger, token).last_input) == (False, NOON + MINUTE)


def test_nobody_is_their_own_second_person(ledger: Ledger) -> None:
    session = load(ledger, begin(ledger))
    with pytest.raises(ValueError, match="second"), ledger.writing(write=()) as book:
        sessions.seat_second(book, session, person="technician-a", now=NOON)


def test_reading_a_page_seldom_writes(ledger: Ledger) -> None:
    session = load(ledger, begin(ledger))
    assert not sessions.needs_touch(session, now=NOON + timedelta(seconds=5))
    assert sessions.needs_touch(session, now=NOON + MINUTE)


def test_closing_an_account_ends_all_its_sessions_and_no_others(ledger: Ledger) -> None:
    tokens = [begin(ledger), begin(ledger), begin(ledger, "quality-a")]
    with ledger.writing(write=()) as book:
        assert len(sessions.of_person(book, "technician-a")) == 2
        sessions.end_all(book, person="technician-a")
        assert [sessions.find(book, token) is None for token in tokens] == [True, True, False]


def test_a_draft_waits_for_its_person_and_page(ledger: Ledger) -> None:
    with ledger.writing(write=()) as book:
        drafts.save(book, person="technician-a", page="/batch/1", content="1.2", now=NOON)
        drafts.save(book, person="technician-a", page="/batch/1", content="1.23", now=NOON)
        assert drafts.load(book, person="technician-a", page="/batch/1") == "1.23"
        assert drafts.load(book, person="technician-b", page="/batch/1") is None
        drafts.discard(book, person="technician-a", page="/batch/1")
        assert drafts.load(book, person="technician-a", page="/batch/1") is None


def test_one_scheduler_holds_the_lease_until_it_lapses(ledger: Ledger) -> None:
    with ledger.writing(write=()) as book:
        assert leases.take(book, "timers", holder="one", now=NOON, length=MINUTE)
        assert not leases.take(book, "timers", holder="two", now=NOON + MINUTE / 2, length=MINUTE)
        assert leases.take(book, "timers", holder="one", now=NOON + MINUTE / 2, length=MINUTE)
        assert leases.holder_of(book, "timers", now=NOON + MINUTE) == "one"
        assert not leases.take(book, "timers", holder="two", now=NOON + MINUTE, length=MINUTE)
        assert leases.take(book, "timers", holder="two", now=NOON + MINUTE * 3 / 2, length=MINUTE)


def test_a_lease_given_back_is_free_at_once(ledger: Ledger) -> None:
    with ledger.writing(write=()) as book:
        leases.take(book, "timers", holder="one", now=NOON, length=MINUTE)
        leases.give_back(book, "timers", holder="two")
        assert leases.holder_of(book, "timers", now=NOON) == "one"
        leases.give_back(book, "timers", holder="one")
        assert leases.holder_of(book, "timers", now=NOON) is None
