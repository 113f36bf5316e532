"""The long batch at several points of its life, played once a worker; a test takes a copy that it may change."""

import copy
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from lims.actions.site import VirtualClock
from lims.ledger.book import Ledger
from tests.long.play import Long, set_up
from tests.player.scripts import chain

POINTS = ("clinic", "labels", "looking", "made", "released")
"""clinic: the clinician's step waits. labels: labels of two vessels are printed next. looking: day 8, the culture is
looked at next; behind it a turbid day, a divided one, an added operation, two checks left. made: QC and quality are
next. released: at the clinic, to be given."""


@dataclass(frozen=True)
class Snapshot:
    """The instance as it stood: its database, its time, its script."""

    database: Path
    now: datetime
    long: Long


class Life:
    """Plays the long batch on demand and keeps it at each point."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.long = set_up(folder / "instance")
        self.kept: dict[str, Snapshot] = {}
        self._course = self._story()

    def at(self, point: str) -> Long:
        """A copy of the instance at a point."""
        while point not in self.kept:
            self._keep(next(self._course))
        return self._copied(self.kept[point])

    def _story(self) -> Iterator[str]:
        long, script = self.long, self.long.script
        yield "clinic"
        long.run(script.play("seed", half=True))
        yield "labels"
        long.run(script.play("look_d8"))
        yield "looking"
        long.run(chain(script.play(), script.verify_rest()))
        yield "made"
        long.run(chain(script.tested(), script.released(), script.delivered()))
        yield "released"

    def _keep(self, point: str) -> None:
        path = self.folder / f"{point}.db"
        with (
            sqlite3.connect(self.folder / "instance" / "ledger.db") as source,
            sqlite3.connect(path) as target,
        ):
            source.backup(target)
        stage = copy.copy(self.long.stage)
        script = replace(copy.copy(self.long.script), stage=stage)
        script.at, script.batch = self.long.script.at, self.long.script.batch
        now = self.long.stage.clock.now()
        self.kept[point] = Snapshot(
            database=path, now=now, long=Long(stage=stage, script=script, folder=self.folder)
        )

    def _copied(self, kept: Snapshot) -> Long:
        folder = self.folder / uuid4().hex
        shutil.copytree(self.folder / "instance" / "files", folder / "files")
        shutil.copy(kept.database, folder / "ledger.db")
        stage = copy.copy(kept.long.stage)
        stage.clock = VirtualClock(kept.now)
        ledger = Ledger.open(f"sqlite:///{folder / 'ledger.db'}", files=folder / "files")
        stage.site = replace(stage.site, ledger=ledger, clock=stage.clock, folder=folder)
        script = copy.copy(kept.long.script)
        script.stage = stage
        return Long(stage=stage, script=script, folder=folder)
