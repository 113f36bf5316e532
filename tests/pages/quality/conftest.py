"""A copy of the demo instance for each test, and the pages as one of its cast sees them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lims.actions.site import Site
from lims.app import DemoLogin, create_app
from lims.domain.batch_fold import fold_batch
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.envelope import Entry
from lims.web.limits import limiter
from tests.pages.conftest import Demo, copied
from tests.player.cast import FOUNDERS, PASSWORD, PIN, STAFF


@dataclass(frozen=True)
class Desk:
    """One person's browser."""

    client: FlaskClient
    user_id: str

    def get(self, address: str) -> TestResponse:
        return self.client.get(address)

    def post(self, address: str, **fields: str) -> TestResponse:
        return self.client.post(address, data={"request_id": uuid4().hex, **fields})

    def sign(self, address: str, *, password: str = PASSWORD, **fields: str) -> TestResponse:
        return self.post(address, user_id=self.user_id, password=password, **fields)

    def identify(self, address: str, *, pin: str = PIN, **fields: str) -> TestResponse:
        return self.post(address, pin=pin, **fields)


@pytest.fixture
def site(demo: Demo, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Site]:
    """An instance of the test's own."""
    with copied(demo, tmp_path / "instance", request) as site:
        yield site


@pytest.fixture
def sit(site: Site) -> Callable[[str], Desk]:
    """Somebody of the cast at a desk."""
    cast = (*FOUNDERS, *STAFF)
    logins = [
        DemoLogin(user_id=one.user_id, name=one.name, role=one.role.value, password=PASSWORD) for one in cast
    ]
    app = create_app(site, secure=False, demo_logins=logins)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    limiter.enabled = False

    def at_desk(user_id: str) -> Desk:
        client = app.test_client()
        assert client.post("/sign-in/demo", data={"person": user_id}).status_code == 303
        return Desk(client, user_id)

    return at_desk


def entries_of(site: Site, stream: str) -> tuple[Entry, ...]:
    """What is on file in a stream."""
    with site.ledger.reading() as book:
        return book.entries(stream)


def batch_of(site: Site, number: str) -> BatchRecord:
    """A batch as it stands."""
    return fold_batch(f"batch:{number}", entries_of(site, f"batch:{number}"))
