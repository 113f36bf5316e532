"""What the ledger costs: verification against only hashing, the board by number of batches, an act without a page."""

import dataclasses
import secrets
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import select

from lims.actions import evidence
from lims.actions.evidence import Entered
from lims.actions.founding import open_instance
from lims.actions.keeping import restore_backup
from lims.actions.site import Site, VirtualClock
from lims.actions.work import Actor
from lims.domain.acts import Role
from lims.domain.canonical import entry_hash
from lims.domain.folds import fold, rows_of
from lims.domain.replay import replay
from lims.domain.rows import BatchRow
from lims.ledger.book import Ledger
from lims.ledger.read_tables import find, table_of
from lims.ledger.tables import entries
from lims.ledger.verify import verify
from lims.queries.board import board
from lims.queries.look import Reader
from tests.bench.instances import PASSPHRASE, Built
from tests.bench.measure import Line, Table, median_of, milliseconds, say, side_by_side, timed

OPEN_BATCHES = 40
"""Batches that are under way at any time; all others have ended."""


def only_hash(ledger: Ledger) -> int:
    """The least that could be called a verification: every stored body read and hashed, in its order."""
    count = 0
    question = select(entries.c.prev_hash, entries.c.hash, entries.c.body).order_by(
        entries.c.stream, entries.c.seq
    )
    with ledger.reading() as book:
        for previous, hashed, body in book.connection.execute(question):
            assert entry_hash(previous, body) == hashed
            count += 1
    return count


def verification(
    table: Table, built: Built, folder: Path, *, where: str, database: str | None = None
) -> None:
    """A backup of closed batches made an instance again; the whole `lims verify` against only hashing its bytes."""
    took, restored = timed(
        lambda: restore_backup(
            built.backup,
            folder,
            passphrase=PASSPHRASE,
            database=database,
            clock=VirtualClock(datetime.now(UTC)),
        )
    )
    ledger = restored.site.ledger

    def whole() -> None:
        report = verify(ledger, rows_of=lambda stream, told: rows_of(stream, fold(stream, told)))
        assert report.holds, report.findings

    a, b = side_by_side(whole, lambda: only_hash(ledger), 5)
    count = only_hash(ledger)
    table.add(
        Line(
            what=f"verify {count} entries ({count / a:.0f}/s), {where}",
            ours=milliseconds(a),
            bare=milliseconds(b),
            figure=a / b,
            unit="x",
            target=4,
        )
    )
    _tell_backup(table, built, took, where=where)
    ledger.close()


def _tell_backup(table: Table, built: Built, restore_took: float, *, where: str) -> None:
    for what, took in (("backup", built.backup_took), ("restore, verified", restore_took)):
        table.add(
            Line(
                what=f"{what}, of the same, {where}",
                ours=f"{took:.2f} s",
                bare="",
                figure=took,
                unit=" s",
                target=None,
            )
        )


def in_process(table: Table, built: Built) -> None:
    """Recording without HTTP: the corridor alone, so that one sees what the page costs."""
    site = open_instance(built.folder)
    actor = Actor(person="tech-a", station="BSC-2")
    times = []
    for batch in built.issued[:20]:
        record = partial(
            evidence.record_evidence,
            site,
            actor,
            secrets.token_hex(12),
            batch=batch,
            step="receive",
            slot="seal",
            entered=Entered(option="intact"),
        )
        took, _ = timed(record)
        times.append(took)
    site.ledger.close()
    middle = sorted(times)[len(times) // 2]
    table.add(
        Line(
            what="record one value, the corridor alone: p50",
            ours=milliseconds(middle),
            bare="",
            figure=middle * 1000,
            unit=" ms",
            target=None,
        )
    )


def replayed(table: Table, built: Built) -> None:
    """Every verdict of the batch that ran to its end, made once more."""
    site = open_instance(built.folder)
    with site.ledger.reading() as book:
        entries = book.entries(f"batch:{built.done}")
    took = median_of(lambda: replay(f"batch:{built.done}", entries), 5)
    count = replay(f"batch:{built.done}", entries).count
    site.ledger.close()
    table.add(
        Line(
            what=f"replay of {count} verdicts of {len(entries)} entries",
            ours=milliseconds(took),
            bare="",
            figure=took,
            unit=" s",
            target=0.3,
        )
    )


def boards(table: Table, folder: Path, built: Built) -> None:
    """The board over ten thousand batches against one thousand, as many of them under way in both."""
    site = open_instance(built.folder)
    with site.ledger.reading() as book:
        example = find(book, BatchRow, number=built.done)[0]
    site.ledger.close()
    readers, opened = [], []
    for count in (1_000, 10_000):
        say(f"board over {count} batches")
        made = Ledger.create(f"sqlite:///{folder / f'board-{count}.db'}", files=folder / "files")
        _fill(made, example, count=count)
        reader = Reader(
            person="qa-a",
            roles=frozenset({Role.QA}),
            language="en",
            site=Site(ledger=made, founded=site.founded, clock=site.clock, keys=site.keys, folder=folder),
        )
        readers.append(partial(board, reader, view="culture"))
        opened.append(made)
    few, many = side_by_side(readers[0], readers[1], 40)
    for made in opened:
        made.close()
    table.add(
        Line(
            what=f"board of 10,000 batches against 1,000 ({OPEN_BATCHES} under way)",
            ours=milliseconds(many),
            bare=milliseconds(few),
            figure=many / few,
            unit="x",
            target=1.3,
        )
    )


def _fill(ledger: Ledger, example: BatchRow, *, count: int) -> None:
    table = table_of(BatchRow)
    rows = []
    for at in range(count):
        under_way = at < OPEN_BATCHES
        row = dataclasses.replace(
            example,
            stream=f"batch:{at:06d}",
            number=f"{at:06d}",
            alive=under_way,
            stage="in_process" if under_way else "closed",
            issued_at=example.issued_at - timedelta(hours=at),
        )
        rows.append({each.name: getattr(row, each.name) for each in dataclasses.fields(row)})
    with ledger.writing(write=()) as book:
        book.connection.execute(table.insert(), rows)
