"""What several journeys share: the demo, played once."""

from collections.abc import Iterator

import pytest

from lims.actions.site import Site
from lims.demo.play import play_demo
from tests.conftest import wanted_database


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Site]:
    """The demo as a newcomer finds it. Whoever looks at it leaves the records as they are."""
    with wanted_database(request) as url:
        site, _ = play_demo(tmp_path_factory.mktemp("demo") / "instance", database=url)
        yield site
        site.ledger.close()
