"""A demo instance of each test's own, and the cast at its desks."""

from tests.pages.quality.conftest import sit, site

__all__ = ["sit", "site"]
