"""One demo site for all tests here of a worker; a copy of its own for a test that changes much."""

from tests.pages.played import app, played
from tests.pages.quality.conftest import site

__all__ = ["app", "played", "site"]
