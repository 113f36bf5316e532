"""The cast at its desks on an instance that a test has changed, for example its clock."""

from collections.abc import Callable

from lims.actions.site import Site
from lims.app import create_app
from lims.web.limits import limiter
from tests.pages.quality.conftest import Desk
from tests.player.cast import PASSWORD


def desk_of(site: Site) -> Callable[[str], Desk]:
    """Somebody of the cast at a desk, signed in by password."""
    app = create_app(site, secure=False)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    limiter.enabled = False

    def at_desk(user_id: str) -> Desk:
        client = app.test_client()
        answer = client.post("/sign-in", data={"user_id": user_id, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return Desk(client, user_id)

    return at_desk
