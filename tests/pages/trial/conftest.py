"""A demo site whose figures are those of a simulated trial: what people record page by page is tested elsewhere."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from lims.domain.trial.course import Course
from lims.queries.look import Reader
from tests.pages.played import app, played
from tests.pages.site import Played
from tests.trial_generator import Simulated, simulate

__all__ = ["app", "played"]


@pytest.fixture(scope="session")
def trial(played: Played) -> Simulated:
    """159 randomised, 60 more analysed, begun two and a half years ago: some are still followed."""
    return simulate(seed=11, begin=played.site.clock.now().date() - timedelta(days=900))


@pytest.fixture
def figures(app: Flask, trial: Simulated, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application, with the courses of the simulated trial."""

    def courses(reader: Reader) -> tuple[Course, ...]:
        return tuple(trial.courses)

    monkeypatch.setattr("lims.queries.figures.courses", courses)
    yield app
