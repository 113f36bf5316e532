"""A demo instance, played once a worker, and copies of it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from lims.actions.founding import open_instance, write_configuration
from lims.actions.site import Site
from tests.conftest import wanted_database
from tests.player.demo import play_demo


@dataclass(frozen=True)
class Demo:
    """A played instance that nobody works on: data folder, site code, and database unless it is in the folder."""

    folder: Path
    code: str
    database: str | None


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Demo]:
    """The instance that tests copy."""
    folder = tmp_path_factory.mktemp("demo") / "instance"
    with wanted_database(request) as url:
        site, founded = play_demo(folder, database=url)
        site.ledger.close()
        yield Demo(folder=folder, code=founded.code, database=url)


@contextmanager
def copied(demo: Demo, folder: Path, request: pytest.FixtureRequest) -> Iterator[Site]:
    """A copy of the instance, open."""
    shutil.copytree(demo.folder, folder)
    with wanted_database(request, template=demo.database) as url:
        write_configuration(folder, database=url)
        site = open_instance(folder)
        yield site
        site.ledger.close()
