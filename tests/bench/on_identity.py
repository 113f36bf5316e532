"""What identity costs at the bedside and in a trace, with ten thousand batches and a hundred thousand codes on file."""

import secrets
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from lims.actions import perfusion
from lims.actions.founding import open_instance, switch_to_real_time
from lims.actions.site import Site
from lims.actions.timers import make_checkpoint
from lims.actions.work import Actor
from lims.domain.acts import Role
from lims.domain.codes import CodeType, compose
from lims.domain.entries.batch import IdentityMatched, IdentityMismatched
from lims.domain.participant import fold_participant
from lims.domain.perfusion import Legs
from lims.domain.rows import BatchRow, CodeRow, Row
from lims.ledger.book import Book
from lims.ledger.read_tables import find, table_of
from lims.queries.identity import trace
from lims.queries.look import Reader
from tests.bench.instances import seats
from tests.bench.measure import Table, median_of, percentile, say, tell_time, timed
from tests.bench.over_http import Client, lims
from tests.player.scripts import BatchScript, chain
from tests.player.stage import Stage

ALL, CODES_EACH, AT_THE_WARD = 10_000, 10, 12
BENCH_TO_WARD = timedelta(days=14, hours=4, minutes=40)
"""From the issue of a batch to its product on the ward, half an hour ago."""
R = TypeVar("R", bound=Row)


def verdicts(table: Table, folder: Path) -> None:
    """Each scan at the bedside over HTTP, the act of matching, and a trace from a tube and from a participant."""
    end = datetime.now(UTC) - timedelta(seconds=5)
    stage = Stage(folder, start=end - timedelta(days=45))
    say(f"{AT_THE_WARD} products to the ward among {ALL} batches")
    stage.set_up()
    scripts = [
        BatchScript(stage=stage, participant=stage.enrol(), start=end - BENCH_TO_WARD - timedelta(minutes=at))
        for at in range(AT_THE_WARD)
    ]
    whole = [
        chain(one.issued(), one.bench(), one.tested(), one.released(), one.delivered()) for one in scripts
    ]
    stage.play(*whole, until=end)
    _fill(stage.site, scripts[0].batch)
    legs = {script.batch: _legs(stage.site, script) for script in scripts}
    checks = tuple((each.code, each.options[0].code) for each in scripts[0].record.protocol.bedside_checks)
    _acts(table, stage, scripts, legs, checks)
    make_checkpoint(stage.site)
    switch_to_real_time(stage.site, virtual_end=stage.clock.now())
    stage.site.ledger.close()
    _scans(table, folder, legs)
    _traces(table, folder, legs)


def _legs(site: Site, script: BatchScript) -> Legs:
    with site.ledger.reading() as book:
        stream = f"participant:{script.participant}"
        person = fold_participant(stream, book.entries(stream))
    order = person.round(script.round_number).order
    assert order is not None and person.wristband is not None
    product = script.container("product")
    return perfusion.read_legs(wristband=person.wristband, product=product, order=order.order)


def _acts(
    table: Table,
    stage: Stage,
    scripts: list[BatchScript],
    legs: Mapping[str, Legs],
    checks: tuple[tuple[str, str], ...],
) -> None:
    times = []
    for script in scripts[: AT_THE_WARD // 2]:
        took, outcome = timed(
            partial(
                perfusion.match_identity,
                stage.site,
                stage.actor("clin-a"),
                stage.request(),
                batch=script.batch,
                legs=legs[script.batch],
                patient_stated=True,
                checks=checks,
                appearance="normal",
            )
        )
        assert outcome.has(IdentityMatched)
        times.append(took)
    tell_time(table, f"match at the bedside on file, {ALL} batches: p50", percentile(times, 0.5), target=50)


def _scans(table: Table, folder: Path, legs: Mapping[str, Legs]) -> None:
    """What a clinician waits for after each scan: the page's answer, with everything scanned so far compared."""
    seat = seats(folder, count=1, person="clin-a", station="WARD-3")[0]
    times = []
    with lims(folder, log=folder.parent / "bedside.log") as server:
        client = Client(server.port, seat=seat)
        for number, one in legs.items():
            page = f"/clinic/bedside/{number}"
            client.begin(page)
            so_far: dict[str, str] = {}
            for leg, code in (("wristband", one.wristband), ("product", one.product), ("order", one.order)):
                asked = so_far | {"code": code, "means": "scanned", "request_id": secrets.token_hex(12)}
                took, good = timed(partial(client.post, page, asked))
                assert good, number
                times.append(took)
                so_far |= {leg: code, f"{leg}_means": "scanned"}
    what = f"a scan at the bedside over HTTP, {ALL} batches"
    tell_time(table, f"{what}: p50", percentile(times, 0.5), target=50)
    tell_time(table, f"{what}: slowest of {len(times)}", max(times), target=None)


def _traces(table: Table, folder: Path, legs: Mapping[str, Legs]) -> None:
    site = open_instance(folder)
    reader = Reader(person="qa-a", roles=frozenset({Role.QA}), language="en", site=site)
    first, *others = (one.product for one in legs.values())
    cold, found = timed(lambda: trace(reader, first))
    assert found.back and found.batches
    tell_time(table, "trace of a product, the first after a start", cold, target=200)
    warm = median_of(lambda: [trace(reader, code) for code in others], 3) / len(others)
    tell_time(table, f"trace of a product, {ALL * CODES_EACH} codes on file: p50", warm, target=200)
    who = found.batches[0].participant
    tell_time(table, "trace of a participant", median_of(lambda: trace(reader, who), 5), target=200)
    _stops(table, site, legs)
    site.ledger.close()


def _stops(table: Table, site: Site, legs: Mapping[str, Legs]) -> None:
    """Another woman's product at the bedside: both batches locked and held, people told, before the page says STOP."""
    actor, times = Actor(person="clin-a", station="WARD-3"), []
    numbers = list(legs)
    for own, other in zip(numbers[::2], numbers[1::2], strict=True):
        swapped = replace(legs[own], product=legs[other].product)
        took, outcome = timed(
            partial(perfusion.report_mismatch, site, actor, secrets.token_hex(12), batch=own, legs=swapped)
        )
        assert outcome.has(IdentityMismatched)
        times.append(took)
    tell_time(
        table, f"STOP on file with both batches held, {ALL} batches: p50", percentile(times, 0.5), target=50
    )


def _fill(site: Site, number: str) -> None:
    """All the other batches and their codes, as the tables that are asked at the bedside have them."""
    with site.ledger.writing(write=()) as book:
        batch = find(book, BatchRow, number=number)[0]
        code = find(book, CodeRow, stream=batch.stream, what="container", limit=1)[0]
        batches, codes = [], []
        for at in range(ALL):
            other = replace(
                batch, stream=f"batch:B{at:05d}", number=f"B{at:05d}", participant=f"B-{at:05d}", alive=False
            )
            batches.append(other)
            codes += [
                replace(
                    code,
                    stream=other.stream,
                    key=f"{each}",
                    code=_random_code(),
                    participant=other.participant,
                )
                for each in range(CODES_EACH)
            ]
        _insert(book, batches)
        _insert(book, codes)


def _random_code() -> str:
    return compose(CodeType.CONTAINER, f"{secrets.randbelow(10**12):012d}")


def _insert(book: Book, rows: list[R]) -> None:
    values = [{each.name: getattr(row, each.name) for each in fields(row)} for row in rows]
    book.connection.execute(table_of(type(rows[0])).insert(), values)
