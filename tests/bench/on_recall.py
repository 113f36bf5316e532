"""What a recall costs: a lot that 300 of 10,000 batches took, from the signed act to its commit."""

import gc
import secrets
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from shutil import copytree

from lims.actions import recall
from lims.actions.founding import open_instance
from lims.actions.secrets import prove_password
from lims.actions.site import Site
from lims.actions.work import Actor
from lims.domain.entries.batch import BatchIssued, StepVerified
from lims.domain.entries.envelope import Authorship, Draft, Entry, stream_of
from lims.domain.entries.supply import LotReceived, LotReleased, LotUsed
from lims.domain.folds import Folded
from lims.domain.people import fold_person
from lims.domain.rows import BatchRow
from lims.ledger.read_tables import find, table_of, write_difference
from tests.bench.instances import Built
from tests.bench.measure import Line, Table, say, timed
from tests.player.cast import PASSWORD

ALL, TOOK = 10_000, 300
LOT = "4000000000001234"
THROUGH = "seed"
"""The batches stand after this step, with everything that a real one has on file until then."""


def recalled(table: Table, built: Built, folder: Path) -> None:
    """The recall of one lot: every batch that took it found, locked, held, with its deviation on file."""
    copytree(built.folder, folder)
    site = open_instance(folder)
    say(f"{ALL} batches, {TOOK} of which took one lot")
    entries = tuple(_until_seeded(site, built.done))
    numbers = [f"R{at:05d}" for at in range(ALL)]
    with site.ledger.hurried():
        for number in numbers[:TOOK]:
            _copy(site, entries, number)
        _lot(site, entries, numbers[:TOOK])
        _rows(site, built.done, numbers[TOOK:])
    site.ledger.close()
    site = open_instance(folder)
    with site.ledger.reading() as book:
        person = fold_person("person:qa-a", book.entries("person:qa-a"))
    actor = Actor(
        person="qa-a",
        station="QA-1",
        signer=prove_password(site, person, PASSWORD, during="sign"),
        identified=True,
    )
    gc.collect()
    gc.freeze()  # as the server does once it has started
    took, outcome = timed(
        lambda: recall.recall_lot(site, actor, secrets.token_hex(12), lot=LOT, reference="R-1")
    )
    with site.ledger.reading() as book:
        held = find(book, BatchRow, ("held", "!=", ""))
    assert len({row.number for row in held} & set(numbers[:TOOK])) == TOOK
    site.ledger.close()
    gc.unfreeze()
    table.add(
        Line(
            what=f"recall of a lot used in {TOOK} of {ALL} batches ({len(outcome.entries)} entries)",
            ours=f"{took:.2f} s",
            bare="",
            figure=took,
            unit=" s",
            target=1.0,
        )
    )


def _until_seeded(site: Site, number: str) -> Iterator[Entry]:
    with site.ledger.reading() as book:
        for entry in book.entries(stream_of("batch", number)):
            yield entry
            if isinstance(entry.fact, StepVerified) and entry.fact.step == THROUGH:
                return


def _copy(site: Site, entries: tuple[Entry, ...], number: str) -> None:
    stream = stream_of("batch", number)
    with site.ledger.writing(write=(stream,)) as book:
        for entry in entries:
            fact = entry.fact
            if isinstance(fact, BatchIssued):
                fact = replace(fact, number=number)
            book.append(Draft(stream=stream, fact=fact), _as_of(entry))
        write_difference(book, stream, {}, book.derived(stream, Folded.of).rows)


def _lot(site: Site, entries: tuple[Entry, ...], numbers: list[str]) -> None:
    stream, last = stream_of("lot", LOT), entries[-1]
    arrived = LotReceived(
        item="medium_a",
        supplier="S",
        supplier_lot="L-1",
        expires=(last.time + timedelta(days=900)).date(),
        quantity=Decimal(100_000),
        unit="mL",
    )
    facts = [arrived, LotReleased(certificate="CoA")]
    uses = [LotUsed(batch=number, step=THROUGH, slot="medium", amount=None) for number in numbers]
    with site.ledger.writing(write=(stream,)) as book:
        for fact in (*facts, *uses):
            book.append(Draft(stream=stream, fact=fact), _as_of(last))
        write_difference(book, stream, {}, book.derived(stream, Folded.of).rows)


def _rows(site: Site, number: str, numbers: list[str]) -> None:
    """The other batches as the boards have them; a recall has no reason to read more of them."""
    with site.ledger.writing(write=()) as book:
        example = find(book, BatchRow, number=number)[0]
        rows = [replace(example, stream=stream_of("batch", name), number=name) for name in numbers]
        values = [{each.name: getattr(row, each.name) for each in fields(row)} for row in rows]
        book.connection.execute(table_of(BatchRow).insert(), values)


def _as_of(entry: Entry) -> Authorship:
    return Authorship(
        time=entry.time,
        person=entry.person,
        role=entry.role,
        station=entry.station,
        act=entry.act,
        request=None,
    )
