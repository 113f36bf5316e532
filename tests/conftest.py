"""What tests of several areas share: an instance's ledger on each of the two databases."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from lims.ledger.book import Ledger

pytest_plugins = ("tests.builders",)


@dataclass(frozen=True)
class Cluster:
    """A private PostgreSQL server that lives as long as the tests."""

    socket: Path

    def url(self, name: str) -> str:
        """The address of one of its databases."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.socket}"

    def run(self, statement: str) -> None:
        """Run a statement outside any transaction, such as CREATE DATABASE."""
        with psycopg.connect(
            host=str(self.socket), user="postgres", dbname="postgres", autocommit=True
        ) as there:
            there.execute(statement.encode())

    @contextmanager
    def database(self, *, template: str = "template1") -> Iterator[str]:
        """The address of a new database, a copy of `template`; it is dropped at the end."""
        name = f"test_{uuid4().hex}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")


def absent(what: str) -> None:
    """Skip for want of a tool; where skips are forbidden (in CI) its absence is a failure."""
    if os.environ.get("LIMS_FORBID_SKIPS"):
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server of our own, from the newest installed version."""
    found = sorted(glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[-2]))
    if not found:
        absent("PostgreSQL is not installed (apt package postgresql)")
    tools = Path(found[-1])
    home = Path(tempfile.mkdtemp(prefix="lims-pg-", dir="/tmp"))
    # PostgreSQL refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(home, user)
    initdb: list[str | Path] = [
        tools / "initdb",
        "-D",
        home / "data",
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    subprocess.run(initdb, user=user, check=True, stdout=subprocess.DEVNULL, cwd="/")
    options = (
        f"-c listen_addresses='' -c unix_socket_directories='{home}' -c fsync=off -c max_connections=300"
    )
    start: list[str | Path] = [
        tools / "pg_ctl",
        "-D",
        home / "data",
        "-o",
        options,
        "-l",
        home / "log",
        "-w",
        "start",
    ]
    subprocess.run(start, user=user, check=True, stdout=subprocess.DEVNULL, cwd="/")
    try:
        cluster = Cluster(socket=home)
        cluster.run("CREATE DATABASE founded")
        Ledger.create(cluster.url("founded"), files=home / "files").close()
        yield cluster
    finally:
        stop: list[str | Path] = [tools / "pg_ctl", "-D", home / "data", "-m", "immediate", "stop"]
        subprocess.run(stop, user=user, check=True, stdout=subprocess.DEVNULL, cwd="/")
        shutil.rmtree(home, ignore_errors=True)


def wanted_cluster(request: pytest.FixtureRequest) -> Cluster | None:
    """The PostgreSQL server when LIMS_DATABASE asks for a run on it; none for a run on SQLite."""
    if os.environ.get("LIMS_DATABASE") != "postgresql":
        return None
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster


@contextmanager
def wanted_database(request: pytest.FixtureRequest, *, template: str | None = None) -> Iterator[str | None]:
    """The address of a PostgreSQL database when LIMS_DATABASE asks for one, empty or a copy of that at `template`.

    None in a run on SQLite: an instance keeps its file in its own folder, and a copied folder holds the copy.
    """
    cluster = wanted_cluster(request)
    if cluster is None:
        yield None
        return
    copied = make_url(template).database if template else None
    with cluster.database(template=copied or "template1") as url:
        yield url


def wanted_dialect() -> str:
    """The name of the database of this run."""
    return os.environ.get("LIMS_DATABASE", "sqlite")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the tables and guards of an instance."""
    path = tmp_path_factory.mktemp("template") / "founded.db"
    Ledger.create(f"sqlite:///{path}", files=path.parent / "files").close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Which of the two databases the test runs on."""
    return str(request.param)


@pytest.fixture
def empty_database_url(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database in which no instance was made yet."""
    if database == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.db'}"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    with cluster.database() as url:
        yield url


@pytest.fixture
def database_url(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database with the tables and guards of an instance and no entry yet."""
    if database == "sqlite":
        path = tmp_path / "ledger.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    with cluster.database(template="founded") as url:
        yield url


@pytest.fixture
def ledger(database_url: str, tmp_path: Path) -> Iterator[Ledger]:
    """An open ledger without entries, on each of the two databases."""
    ledger = Ledger.open(database_url, files=tmp_path / "files")
    yield ledger
    ledger.close()
