"""One demo site for all tests here of a worker."""

from tests.pages.played import app, played

__all__ = ["app", "played"]
