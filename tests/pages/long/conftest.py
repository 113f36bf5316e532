"""The long batch with its application, and a browser to look at its pages with."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lims.app import create_app
from lims.web.limits import limiter
from tests.long.play import Long
from tests.long.points import Life
from tests.pages.site import sign_in


@pytest.fixture(scope="session")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """The long batch, played on as far as a test wants it."""
    return Life(tmp_path_factory.mktemp("long"))


class Served:
    """A copy of the instance at a point, with its application and people who sign in."""

    def __init__(self, long: Long, *, csrf: bool = False) -> None:
        self.long = long
        self.app: Flask = create_app(long.stage.site, secure=False)
        self.app.config.update(WTF_CSRF_ENABLED=csrf, PROPAGATE_EXCEPTIONS=False)
        limiter.enabled = False
        self.people: dict[str, FlaskClient] = {}

    @property
    def number(self) -> str:
        """The batch's number."""
        return self.long.number

    def by(self, person: str) -> FlaskClient:
        """The person, signed in."""
        if person not in self.people:
            self.people[person] = client = self.app.test_client()
            sign_in(client, person)
        return self.people[person]


@pytest.fixture(scope="session")
def reading(life: Life) -> Callable[[str], Served]:
    """`reading("looking")`: the batch at a point, one copy for all tests that only read."""
    kept: dict[str, Served] = {}

    def give(point: str) -> Served:
        if point not in kept:
            kept[point] = Served(life.at(point))
        return kept[point]

    return give


@pytest.fixture
def writing(life: Life) -> Callable[[str], Served]:
    """`writing("looking")`: a copy of its own for a test that changes something."""
    return lambda point: Served(life.at(point))
