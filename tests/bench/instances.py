"""What is measured: an instance with many batches just issued and one that ran to its end, and a PostgreSQL for it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from glob import glob
from pathlib import Path

import psycopg

from lims.actions.founding import open_instance, switch_to_real_time
from lims.actions.keeping import make_backup
from lims.actions.timers import make_checkpoint
from lims.ledger import sessions
from tests.bench.measure import say, timed
from tests.player.scripts import BatchScript, chain
from tests.player.stage import Script, Stage

PASSPHRASE = "a bench for measuring"


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A demo instance on real time; `issued` wait for their first step, `done` is closed.

    `backup` was taken when only closed batches were on file: what a site that works has most of.
    """

    folder: Path
    issued: tuple[str, ...]
    done: str
    backup: Path
    backup_took: float


def build(folder: Path, *, batches: int, closed: int = 5, database: str | None = None) -> Built:
    """Found, staff and play it."""
    end = datetime.now(UTC) - timedelta(seconds=5)
    stage = Stage(folder, start=end - timedelta(days=45), database=database)
    say("people and stock")
    stage.set_up()
    say(f"{closed} batches to their end")
    done = [
        BatchScript(
            stage=stage, participant=stage.enrol(), start=end - timedelta(days=44) + timedelta(hours=at)
        )
        for at in range(closed)
    ]
    stage.play(*map(_to_its_end, done), until=end - timedelta(hours=2))
    backup = folder.with_name(folder.name + ".backup")
    backup_took, _ = timed(lambda: make_backup(stage.site, backup, passphrase=PASSPHRASE))
    say(f"{batches} batches issued")
    issued = [
        BatchScript(stage=stage, participant=stage.enrol(), start=end - timedelta(hours=1))
        for _ in range(batches)
    ]
    stage.play(*(script.issued() for script in issued), until=end)
    make_checkpoint(stage.site)
    switch_to_real_time(stage.site, virtual_end=stage.clock.now())
    stage.site.ledger.close()
    return Built(
        folder=folder,
        issued=tuple(script.batch for script in issued),
        done=done[0].batch,
        backup=backup,
        backup_took=backup_took,
    )


def _to_its_end(script: BatchScript) -> Script:
    return chain(
        script.issued(),
        script.bench(),
        script.tested(),
        script.released(),
        script.delivered(),
        script.perfused(),
        script.closed(),
    )


def seats(folder: Path, *, count: int, person: str = "tech-a", station: str = "BSC-2") -> list[str]:
    """Tokens of people who signed in a moment ago."""
    site = open_instance(folder)
    with site.ledger.writing(write=()) as book:
        tokens = [
            sessions.start(
                book, person=person, station=station, now=site.clock.now(), language="en", theme="bright"
            )
            for _ in range(count)
        ]
    site.ledger.close()
    return tokens


@contextmanager
def postgresql() -> Iterator[Path | None]:
    """A server of our own that waits for the disk, by its socket's folder; None where none is installed."""
    found = sorted(glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[-2]))
    if not found:
        yield None
        return
    tools = Path(found[-1])
    home = Path(tempfile.mkdtemp(prefix="lims-bench-pg-", dir="/var/tmp"))
    # PostgreSQL refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(home, user)

    def run(*command: object) -> None:
        words = [str(word) for word in command]
        subprocess.run(words, user=user, check=True, stdout=subprocess.DEVNULL, cwd="/")

    run(tools / "initdb", "-D", home / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8")
    options = f"-c listen_addresses='' -c unix_socket_directories='{home}'"
    run(tools / "pg_ctl", "-D", home / "data", "-o", options, "-l", home / "log", "-w", "start")
    try:
        yield home
    finally:
        run(tools / "pg_ctl", "-D", home / "data", "-m", "fast", "stop")
        shutil.rmtree(home, ignore_errors=True)


def database(home: Path, name: str) -> str:
    """The address of a new database."""
    with psycopg.connect(host=str(home), user="postgres", dbname="postgres", autocommit=True) as there:
        there.execute(f"CREATE DATABASE {name}".encode())
    return f"postgresql+psycopg://postgres@/{name}?host={home}"
