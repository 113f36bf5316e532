"""The instance that the tests copy is itself sound at every point."""

import pytest

from tests.builders import POINTS, At


@pytest.mark.parametrize("point", POINTS)
def test_the_played_instance_holds_at_every_point(at: At, point: str) -> None:
    assert at(point).verified().findings == ()
