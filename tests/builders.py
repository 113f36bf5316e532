"""Instances for tests: one is founded, staffed and played once; every test gets a copy of it at the point it wants.

Founding and hiring cost a second of Argon2 for each person, so that it happens once a worker. The same instance is
brought to PostgreSQL by copying its rows.
"""

import copy
import itertools
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from lims.actions.site import VirtualClock
from lims.actions.work import Actor
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.envelope import Entry
from lims.domain.entries.keys import ActRefused
from lims.domain.folds import Record, fold, rows_of
from lims.domain.participant import Participant
from lims.domain.perfusion import Legs
from lims.domain.refusals import Refused
from lims.domain.rows import RefusedRow, Row
from lims.ledger import read_tables, tables
from lims.ledger.book import Ledger
from lims.ledger.findings import Report
from lims.ledger.verify import verify
from tests.cast import CLIN_A
from tests.conftest import Cluster, wanted_cluster
from tests.player.scripts import BatchScript, chain
from tests.player.stage import Script, Stage

START = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)
"""08:00 at the site."""
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

POINTS = (
    "staffed",
    "issued",
    "counting",
    "seeded",
    "filling",
    "made",
    "tested",
    "reviewed",
    "released",
    "delivered",
    "matched",
    "confirmed",
    "perfused",
    "waiting",
    "disposed",
    "closed",
)
"""How far the first batch is. `waiting`: all results are in and reviewed, the final disposition is not signed."""

SCHEDULE = tuple(POINTS[1:])


@dataclass(kw_only=True)
class Played:
    """A copy of the played instance: stage, people of the trial, batches; free to be changed by its test."""

    stage: Stage
    batch: str
    """The batch that the point tells about, of `anna`."""
    other: str
    """A second batch, issued for `berta`."""
    anna: str
    berta: str
    control: str
    unallocated: str
    unconsented: str
    _scripts: dict[str, BatchScript] = field(default_factory=dict)

    def actor(self, person: str, *, bare: bool = False) -> Actor:
        """The person at their station with key and PIN at hand; `bare`: seated only, no secret given."""
        actor = self.stage.actor(person)
        return replace(actor, signer=None, identified=False) if bare else actor

    def request(self) -> str:
        """A fresh request id."""
        return self.stage.request()

    def by(self, person: str) -> tuple[object, Actor, str]:
        """The three arguments that every act begins with."""
        return (self.stage.site, self.actor(person), self.request())

    def wait(self, *, minutes: float = 0, hours: float = 0, days: float = 0, seconds: float = 0) -> datetime:
        """Let time pass; no timer runs."""
        self.stage.clock.pass_by(timedelta(minutes=minutes, hours=hours, days=days, seconds=seconds))
        return self.stage.clock.now()

    @property
    def now(self) -> datetime:
        """The server's time."""
        return self.stage.clock.now()

    def script(self, batch: str | None = None) -> BatchScript:
        """The script of a batch, to go on playing from here."""
        script = self._scripts[batch or self.batch]
        script.at = max(script.at, self.now)
        return script

    def add_script(self, script: BatchScript) -> None:
        """Remember a further batch's script."""
        self._scripts[script.batch] = script

    def run(self, script: Script) -> None:
        """Play a script on from here."""
        for when in script:
            self.stage._pass_to(max(when, self.now))

    def entries(self, stream: str) -> tuple[Entry, ...]:
        """What is on file in a stream."""
        with self.stage.site.ledger.reading() as book:
            return book.entries(stream)

    def record(self, batch: str | None = None) -> BatchRecord:
        """A batch as it stands."""
        stream = f"batch:{batch or self.batch}"
        found = fold(stream, self.entries(stream))
        assert isinstance(found, BatchRecord)
        return found

    def participant(self, code: str | None = None) -> Participant:
        """A participant as she stands."""
        stream = f"participant:{code or self.anna}"
        found = fold(stream, self.entries(stream))
        assert isinstance(found, Participant)
        return found

    def container(self, kind: str, index: int = 1, *, batch: str | None = None) -> str:
        """The code of a container of a batch."""
        containers = self.record(batch).containers.items()
        return next(code for code, item in containers if (item.container, item.index) == (kind, index))

    def legs(self, *, round_number: int = 1, **other: str) -> Legs:
        """The three codes of the bedside check as they belong together; name a leg to have another code there."""
        person = self.participant()
        order = person.round(round_number).order
        assert order is not None and person.wristband is not None
        from lims.actions.perfusion import read_legs

        right = {
            "wristband": person.wristband,
            "product": self.container("product"),
            "order": order.order,
        }
        return read_legs(**(right | other))

    def checks(self, **other: str) -> tuple[tuple[str, str], ...]:
        """The clinic's checklist with every answer acceptable; name one to answer otherwise."""
        protocol = self.record().protocol
        right = {check.code: check.options[0].code for check in protocol.bedside_checks}
        return tuple((right | other).items())

    def verified(self) -> Report:
        """What a whole verification finds."""
        return verify(self.stage.site.ledger, rows_of=rows_from)

    def close(self) -> None:
        """Give the connections back."""
        self.stage.site.ledger.close()


def rows_from(stream: str, entries: tuple[Entry, ...]) -> "dict[str, Row]":
    """The rows of a stream as verification wants them."""
    return dict(rows_of(stream, fold(stream, entries)))


def record_of(entries: tuple[Entry, ...], stream: str) -> Record:
    """The record that entries tell."""
    return fold(stream, entries)


@dataclass(frozen=True)
class Snapshot:
    """An instance as it stood at a point: its database file, the time, the people of the trial."""

    database: Path
    played: Played
    now: datetime


class Theatre:
    """Plays the one instance of a worker on demand and hands out copies of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.snapshots: dict[str, Snapshot] = {}
        self.on_postgresql: dict[str, str] = {}
        stage = Stage(folder / "instance", start=START)
        stage.set_up()
        people = [stage.enrol(), stage.enrol()]
        self.live = Played(
            stage=stage,
            batch="",
            other="",
            anna=people[0],
            berta=people[1],
            control=stage.enrol(arm="control"),
            unallocated=stage.enrol(arm=None),
            unconsented=stage.enrol(consent=False),
        )
        self._course = self._story()
        self._keep("staffed")

    def _keep(self, point: str) -> None:
        path = self.folder / f"{point}.db"
        with (
            sqlite3.connect(self.folder / "instance" / "ledger.db") as source,
            sqlite3.connect(path) as target,
        ):
            source.backup(target)
        self.snapshots[point] = Snapshot(database=path, played=_frozen(self.live), now=self.live.now)

    def at(self, point: str) -> Snapshot:
        """The instance at a point, played on as far as needed."""
        while point not in self.snapshots:
            self._keep(next(self._course))
        return self.snapshots[point]

    def template(self, point: str, cluster: Cluster) -> str:
        """The name of a PostgreSQL database with the instance at a point, for tests to copy."""
        if point not in self.on_postgresql:
            name = f"played_{point}_{uuid4().hex}"
            cluster.run(f"CREATE DATABASE {name} TEMPLATE founded")
            bring_to_postgresql(self.at(point), cluster.url(name), self.folder / "files")
            self.on_postgresql[point] = name
        return self.on_postgresql[point]

    def _story(self) -> Iterator[str]:
        live, stage = self.live, self.live.stage
        one = BatchScript(stage=stage, participant=live.anna, start=stage.clock.now())
        two = BatchScript(stage=stage, participant=live.berta, start=stage.clock.now())
        for script in (one, two):
            script.at = max(script.at, stage.clock.now())
            live.run(script.issued())
            live.add_script(script)
        live.batch, live.other = one.batch, two.batch
        one.at = stage.clock.now()
        yield "issued"
        course = chain(
            one.bench(),
            one.tested(),
            one.released(),
            one.delivered(),
            one.perfused(),
            one.closed(),
        )
        left = list(SCHEDULE[1:])
        for when in course:
            if left and _is_at(left[0], live.record()):
                yield left.pop(0)
            stage._pass_to(max(when, stage.clock.now()))
        yield from left


def _is_at(point: str, batch: BatchRecord) -> bool:
    """The generator stands before its next act: is the record now where the point says?"""
    match point:
        case "counting":
            return ("count", "volume") in batch.slots
        case "seeded":
            return batch.is_confirmed("seed") and batch.steps["seed"].verified is None
        case "filling":
            return ("fill", "appearance") in batch.slots
        case "made":
            return all(batch.is_finished(step) for step in batch.master.steps)
        case "tested":
            gating = [test for test in batch.master.tests if test.gate == "conditional"]
            return all(batch.test_state(test) == "pass" for test in gating)
        case "reviewed":
            return batch.reviewed is not None
        case "released":
            return batch.released is not None
        case "delivered":
            held = batch.custody.get(batch.unit_code or "")
            return held is not None and held.place == "clinic" and held.offer is None
        case "matched":
            return batch.matched is not None
        case "confirmed":
            return batch.confirmed is not None
        case "perfused":
            return batch.perfused is not None
        case "waiting":
            return all(batch.test_state(test) == "pass" for test in batch.master.tests)
        case "disposed":
            return batch.disposed is not None
        case _:
            return False


def _frozen(live: Played) -> Played:
    """The live play without its connections, as it stands now."""
    stage = copy.copy(live.stage)
    frozen = replace(live, stage=stage, _scripts={})
    for number, script in live._scripts.items():
        frozen._scripts[number] = copy.copy(script)
    return frozen


def copied(snapshot: Snapshot, url: str, files: Path) -> Played:
    """A play over a database that was copied from the snapshot."""
    ledger = Ledger.open(url, files=files)
    stage = copy.copy(snapshot.played.stage)
    stage.clock = VirtualClock(snapshot.now)
    stage.site = replace(stage.site, ledger=ledger, clock=stage.clock, folder=files.parent)
    stage.signers = dict(stage.signers)
    stage._numbers = itertools.count(100)
    played = replace(snapshot.played, stage=stage, _scripts={})
    for number, script in snapshot.played._scripts.items():
        mine = copy.copy(script)
        mine.stage = stage
        played._scripts[number] = mine
    return played


def bring_to_postgresql(snapshot: Snapshot, url: str, files: Path) -> None:
    """Copy every row of the snapshot into a new PostgreSQL database with the tables and guards of an instance."""
    source = Ledger.open(f"sqlite:///{snapshot.database}", files=files)
    target = Ledger.open(url, files=files)
    wanted = [*tables.metadata.sorted_tables, *map(read_tables.table_of, read_tables.row_classes())]
    with (
        source.engine.connect() as there,
        target.engine.connect().execution_options(writing=True) as here,
        here.begin(),
    ):
        for table in wanted:
            order = [table.c.stream, table.c.seq] if table.name == "entries" else []
            rows = [dict(row) for row in there.execute(select(table).order_by(*order)).mappings()]
            if table.name == tables.shapes.name or not rows:
                continue
            for row in rows:
                here.execute(table.insert(), row)
    source.close()
    target.close()


@pytest.fixture(scope="session")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Theatre:
    """The one instance that is founded and played for all tests of this worker."""
    return Theatre(tmp_path_factory.mktemp("theatre"))


class At:
    """Gives copies of the instance; closes them when the test ends."""

    def __init__(self, theatre: Theatre, folder: Path, cluster: Cluster | None = None) -> None:
        self.theatre, self.folder, self.cluster = theatre, folder, cluster
        self.databases = ExitStack()
        self.opened: list[Played] = []

    def __call__(self, point: str) -> Played:
        snapshot = self.theatre.at(point)
        folder = self.folder / uuid4().hex
        folder.mkdir()
        (folder / "files").mkdir()
        played = copied(snapshot, self._database(point, folder), folder / "files")
        self.opened.append(played)
        return played

    def _database(self, point: str, folder: Path) -> str:
        if self.cluster is None:
            shutil.copy(self.theatre.at(point).database, folder / "ledger.db")
            return f"sqlite:///{folder / 'ledger.db'}"
        template = self.theatre.template(point, self.cluster)
        return self.databases.enter_context(self.cluster.database(template=template))

    def close(self) -> None:
        """Give every copy back."""
        for played in self.opened:
            played.close()
        self.opened.clear()
        self.databases.close()


@pytest.fixture
def at(theatre: Theatre, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[At]:
    """`at("released")`: a fresh copy of the played instance at that point, on the database of this run."""
    gives = At(theatre, tmp_path, wanted_cluster(request))
    yield gives
    gives.close()


@pytest.fixture(scope="module")
def shared_at(
    theatre: Theatre, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator["SharedAt"]:
    """Like `at`, but one copy of each point for a whole module: for acts that change nothing."""
    gives = SharedAt(At(theatre, tmp_path_factory.mktemp("shared"), wanted_cluster(request)))
    yield gives
    gives.at.close()


class SharedAt:
    """One copy of each point."""

    def __init__(self, at: At) -> None:
        self.at = at
        self.given: dict[str, Played] = {}

    def __call__(self, point: str) -> Played:
        if point not in self.given:
            self.given[point] = self.at(point)
        return self.given[point]


@pytest.fixture
def on_both(theatre: Theatre, database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[At]:
    """`on_both("counting")`: a copy of the instance on SQLite and, in a second run, on PostgreSQL."""
    cluster: Cluster | None = request.getfixturevalue("cluster") if database == "postgresql" else None
    gives = At(theatre, tmp_path, cluster)
    yield gives
    gives.close()


@dataclass(frozen=True)
class OnFile:
    """Everything that an act could change, in a form that can be compared."""

    heads: dict[str, tuple[int, str]]
    rows: dict[str, list[tuple[object, ...]]]


def on_file(played: Played) -> OnFile:
    """What is on file now: heads of all streams, and the rows of every table that a refusal must not change."""
    heads: dict[str, tuple[int, str]] = {}
    rows: dict[str, list[tuple[object, ...]]] = {}
    # Row classes that other tests made up have no table here.
    rows_on_file = map(read_tables.table_of, read_tables.row_classes())
    names = [*tables.metadata.tables.values(), *rows_on_file]
    with played.stage.site.ledger.engine.connect() as connection:
        for stream, seq, hashed in connection.execute(
            text("SELECT stream, max(seq), max(hash) FROM entries GROUP BY stream")
        ):
            heads[stream] = (seq, hashed)
        for table in names:
            if table.name not in ("entries", "heads", RefusedRow.table):
                found = connection.execute(select(table)).all()
                rows[table.name] = sorted((tuple(row) for row in found), key=repr)
    return OnFile(heads=heads, rows=rows)


@contextmanager
def refuses(played: Played, rule: str, *, filed: str | None) -> Iterator[pytest.ExceptionInfo[Refused]]:
    """The act is refused by this rule, changes nothing, and the refusal is on file in that stream.

    `filed` None: a refusal at the door (unreadable entry, wrong secret, unknown step), which files nothing.
    """
    before = on_file(played)
    with pytest.raises(Refused) as caught:
        yield caught
    assert caught.value.rule == rule, caught.value
    after = on_file(played)
    assert after.rows == before.rows
    changed = {
        name for name in after.heads.keys() | before.heads if after.heads.get(name) != before.heads.get(name)
    }
    assert changed == ({filed} if filed else set())
    if filed:
        last = played.entries(filed)[-1].fact
        assert isinstance(last, ActRefused)
        assert last.rule == rule


def refusals(batch: str) -> str:
    """The refusals stream of a batch."""
    return f"batch:{batch}!refusals"


GIVEN_BY = CLIN_A
