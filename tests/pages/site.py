"""A played demo site with its application, for tests of pages."""

from dataclasses import dataclass

from flask.testing import FlaskClient

from lims.actions.site import Site
from tests.player.cast import PASSWORD

WHO = {
    "technician": "tech-a",
    "qc_analyst": "qc-a",
    "qa": "qa-a",
    "clinician": "clin-a",
    "coordinator": "coord-a",
    "administrator": "admin",
    "inspector": "inspector",
    "statistician": "stat-a",
}
"""One person of the demo cast for each role."""


@dataclass(frozen=True)
class Played:
    """A demo site and the number of a batch that stands in the middle of its count step."""

    site: Site
    number: str


def sign_in(client: FlaskClient, user_id: str) -> None:
    """Sign the person in with their password."""
    answer = client.post("/sign-in", data={"user_id": user_id, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
