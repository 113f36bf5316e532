"""A writer that is killed loses nothing it acknowledged, and a crowd of writers fails nobody."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest

from lims.domain.entries.envelope import Entry
from lims.ledger.book import Ledger
from lims.ledger.verify import verify
from tests.ledger.examples import by, step
from tests.ledger.founding import no_rows

ROOT = Path(__file__).parents[2]


def writer(url: str, files: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.attacks.writer", url, str(files)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("after", [1, 7, 40])
def test_kill_9_loses_no_acknowledged_act_and_leaves_no_half_one(
    database_url: str, tmp_path: Path, after: int
) -> None:
    process = writer(database_url, tmp_path)
    assert process.stdout is not None
    acknowledged = 0
    for line in process.stdout:
        acknowledged = int(line)
        if acknowledged >= after:
            break
    time.sleep(0.003 * after % 0.01)
    process.send_signal(signal.SIGKILL)
    acknowledged = max([acknowledged, *(int(line) for line in process.stdout if line.endswith("\n"))])
    process.wait()
    ledger = Ledger.open(database_url, files=tmp_path)
    report = verify(ledger, rows_of=no_rows)
    with ledger.reading() as book:
        lot, batch = book.entries("lot:1"), book.entries("batch:1")
    ledger.close()
    assert report.findings == ()
    assert len(lot) == len(batch) >= acknowledged >= after


def crowd(count: int, act: Callable[[int], None]) -> None:
    """Let `count` threads do their acts at the same moment; any failure is raised here."""
    barrier = Barrier(count)

    def one(number: int) -> None:
        barrier.wait()
        act(number)

    with ThreadPoolExecutor(count) as pool:
        for done in [pool.submit(one, number) for number in range(count)]:
            done.result()


def append_many(ledger: Ledger, stream: str, count: int, read: tuple[str, ...] = ()) -> None:
    for number in range(count):

        def act(number: int = number) -> Entry:
            with ledger.writing(write=[stream], read=read) as book:
                for other in read:
                    book.head(other)
                return book.append(step(stream, f"step-{number}"), by(time=datetime.now(UTC)))

        ledger.retrying(act)


def test_eight_writers_on_one_batch_all_succeed(ledger: Ledger) -> None:
    crowd(8, lambda number: append_many(ledger, "batch:1", 15))
    with ledger.reading() as book:
        assert len(book.entries("batch:1")) == 8 * 15
    assert verify(ledger, rows_of=no_rows).holds


def test_eight_writers_on_eight_batches_that_use_one_lot_all_succeed(ledger: Ledger) -> None:
    crowd(8, lambda number: append_many(ledger, f"batch:{number}", 15, ("lot:1", "person:1")))
    with ledger.reading() as book:
        assert [len(book.entries(f"batch:{number}")) for number in range(8)] == [15] * 8
    assert verify(ledger, rows_of=no_rows).holds


def test_two_processes_write_one_instance(ledger: Ledger, database_url: str) -> None:
    """As the server and a command line at the same time."""
    other = Ledger.open(database_url, files=ledger.files)
    crowd(4, lambda number: append_many((ledger, other)[number % 2], "batch:1", 15))
    other.close()
    assert verify(ledger, rows_of=no_rows).counts.entries == 60


def test_acts_that_lock_many_streams_in_any_order_do_not_block_each_other_for_ever(ledger: Ledger) -> None:
    streams = ["lot:1", "lot:2", "batch:1", "batch:2", "participant:1"]

    def act(number: int) -> None:
        for turn in range(10):
            write = streams[turn % 5 :] if number % 2 else streams[: turn % 5 + 1][::-1]

            def once(write: list[str] = write) -> None:
                with ledger.writing(write=write, read=streams) as book:
                    now = datetime.now(UTC)
                    for stream in write:
                        book.append(step(stream), by(time=now))

            ledger.retrying(once)

    crowd(6, act)
    assert verify(ledger, rows_of=no_rows).holds


def test_a_recall_waits_for_the_batch_that_is_reading_the_lot(ledger: Ledger) -> None:
    """Without the shared lock, a batch could use a lot that is being recalled and escape the hold."""
    order: list[str] = []
    began = Barrier(2)

    def use() -> None:
        with ledger.writing(write=["batch:1"], read=["lot:1"]) as book:
            began.wait()
            time.sleep(0.15)
            book.append(step("batch:1", "use"), by(time=datetime.now(UTC)))
            order.append("used")

    def recall() -> None:
        began.wait()
        with ledger.writing(write=["lot:1"]) as book:
            order.append("recalled")
            book.lock(write=["batch:1"])
            assert book.head("batch:1") is not None

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(use), pool.submit(recall)]:
            done.result()
    assert order == ["used", "recalled"]


def test_a_reader_does_not_wait_for_a_writer(ledger: Ledger) -> None:
    with ledger.writing(write=["batch:1"]) as writing:
        writing.append(step("batch:1"), by())
        began = time.monotonic()
        with ThreadPoolExecutor(1) as pool, ledger.reading() as reading:
            assert pool.submit(lambda: reading.head("batch:1")).result() is None
        assert time.monotonic() - began < 1
