"""Fixtures: a demo site that tests share, and its application without limits on how often one signs in."""

from collections.abc import Iterator

import pytest
from flask import Flask

from lims.app import create_app
from lims.domain.rows import BatchRow
from lims.ledger.read_tables import find
from lims.web.limits import limiter
from tests.pages.conftest import Demo, copied
from tests.pages.site import Played


@pytest.fixture(scope="session")
def played(
    demo: Demo, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Played]:
    """A demo site; the batch is the one that stands at its count."""
    with copied(demo, tmp_path_factory.mktemp("pages") / "demo", request) as site:
        with site.ledger.reading() as book:
            row = find(book, BatchRow, current_step="count", limit=1)[0]
        yield Played(site=site, number=row.number)


@pytest.fixture(scope="session")
def app(played: Played) -> Flask:
    """The application of the site; tokens against forged requests are tested on their own."""
    made = create_app(played.site, secure=False)
    made.config.update(WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    limiter.enabled = False
    return made
