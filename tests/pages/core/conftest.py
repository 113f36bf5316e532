"""The played demo site is made once for the tests of a worker."""

from tests.pages.played import app, played

__all__ = ["app", "played"]
