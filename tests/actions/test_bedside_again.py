"""At the bedside nothing matches that was not scanned, and what left the clinician's hands is checked anew (I6)."""

from dataclasses import replace

import pytest

from tests.actions.test_refusals_bedside import _offer as offer
from tests.actions.test_refusals_bedside import confirm, give, match
from tests.builders import At, refusals, refuses
from tests.cast import CLIN_A


@pytest.mark.parametrize("leg", ["wristband", "product", "order"])
def test_a_leg_that_nobody_scanned_matches_nothing(at: At, leg: str) -> None:
    """Domain 4.4: band, product and order are compared; an empty code is no code."""
    played = at("delivered")
    with refuses(played, "bedside.leg_missing", filed=refusals(played.batch)):
        match(played, legs=replace(played.legs(), **{leg: ""}))


def test_the_second_person_scans_every_leg_too(at: At) -> None:
    played = at("delivered")
    match(played)
    with refuses(played, "bedside.leg_missing", filed=refusals(played.batch)):
        confirm(played, legs=replace(played.legs(), order=""))


def test_what_was_handed_on_since_the_check_is_not_given(at: At) -> None:
    """I6: at the start the product is in the hands of those who checked it."""
    played = at("confirmed")
    offer(played, CLIN_A)
    with refuses(played, "bedside.not_here", filed=refusals(played.batch)):
        give(played)
