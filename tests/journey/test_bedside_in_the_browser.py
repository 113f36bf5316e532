"""The bedside check on a telephone: match, stop, an expiry in between, one person twice, and a network that dies."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from lims.domain.entries.batch import IdentityMatched
from tests.actions.test_refusals_bedside import wrong_legs
from tests.builders import At, Played
from tests.journey.looking import Served, looking, shames
from tests.journey.theatre import Hand, Theatre
from tests.player.cast import PIN

PHONE = {"width": 390, "height": 844}


class Bedside:
    """The telephone of one clinician after another at the bedside of one woman."""

    def __init__(self, played: Played, served: Served, browser: Browser) -> None:
        self.played = played
        self.theatre = Theatre(played.stage, browser, served.address, inspected=True)

    def hand(self, person: str = "clin-a", *, page: str = "bedside") -> Hand:
        """The person's telephone with the check open."""
        hand = self.theatre.at(person, **PHONE)
        hand.go(f"/clinic/{page}/{self.played.batch}")
        return hand

    def scan(self, hand: Hand, *codes: str) -> None:
        """One code after the other; without codes the three that belong together."""
        legs = self.played.legs()
        for code in codes or (legs.wristband, legs.product, legs.order):
            hand.scan(code)

    def answer(self, hand: Hand) -> None:
        """Every question as it should be, and one's PIN."""
        hand.page.locator("input[name=patient_stated]").check()
        for check in self.played.record().protocol.bedside_checks:
            hand.page.locator(f"input[name=check-{check.code}][value={check.options[0].code}]").check()
        hand.pin()

    def first_check(self) -> Hand:
        """The whole first check, up to its verdict."""
        hand = self.hand()
        self.scan(hand)
        self.answer(hand)
        hand.press("Confirm identity")
        return hand


@pytest.fixture
def bedside(at: At) -> Iterator[Bedside]:
    played = at("delivered")
    with looking(played.stage.site) as (served, browser):
        yield Bedside(played, served, browser)


def test_a_match_says_so_in_words_and_shape_over_the_whole_width(bedside: Bedside) -> None:
    hand = bedside.first_check()
    band = hand.page.locator(".b-match[data-tone=accepted]")
    assert band.inner_text() == "All three match"
    assert band.locator("svg").is_visible()
    assert shames(hand.page, "bedside-match") == []


@pytest.mark.parametrize("leg", ["wristband", "product", "order"])
def test_each_wrong_leg_stops_at_its_own_scan(bedside: Bedside, leg: str) -> None:
    """Domain 4.5: at the scan, not at the end; the page never says whose it is."""
    right, wrong = bedside.played.legs(), wrong_legs(bedside.played)[leg]
    hand = bedside.hand()
    for name in ("wristband", "product", "order"):
        hand.scan(getattr(wrong, name))
        if name == leg:
            break
        assert getattr(wrong, name) == getattr(right, name)
    stop = hand.page.locator(".b-stop [data-tone=hard_stop]")
    assert stop.locator("h1").inner_text() == "STOP"
    assert bedside.played.berta not in hand.text() and bedside.played.other not in hand.text()
    assert bedside.played.record().hold_reason == "identity_mismatch"
    assert shames(hand.page, f"bedside-stop-{leg}") == []


def test_a_product_that_expires_between_the_scans_is_not_matched(bedside: Bedside) -> None:
    """I6: the server's time when it is confirmed."""
    expiry = bedside.played.record().expires_at
    assert expiry is not None
    bedside.played.stage.clock.go_to(expiry - timedelta(minutes=3))
    hand = bedside.hand()
    bedside.scan(hand)
    bedside.answer(hand)
    bedside.played.stage.clock.go_to(expiry)
    hand.press("Confirm identity")
    assert "expired" in hand.text() and bedside.played.record().match is None


def test_one_person_cannot_open_the_second_check(bedside: Bedside) -> None:
    bedside.first_check()
    hand = bedside.hand(page="confirm")
    assert "You made the first check" in hand.text()
    assert hand.page.locator("#scan").count() == 0


def test_without_a_network_after_the_third_scan_there_is_no_verdict_and_nothing_is_lost(
    bedside: Bedside,
) -> None:
    """Screens 2.14: never a verdict before the server answered."""
    hand = bedside.hand()
    bedside.scan(hand)
    bedside.answer(hand)
    hand.page.context.set_offline(True)
    hand.press("Confirm identity")
    silent = hand.page.locator("[data-asking=silent]")
    silent.wait_for(state="visible")
    assert "No verdict. Do not give." in silent.inner_text()
    assert hand.page.locator(".b-match, .b-stop").count() == 0
    assert bedside.played.record().match is None
    assert shames(hand.page, "bedside-no-network", read_to_the_end=True) == []
    hand.page.context.set_offline(False)
    hand.press("Confirm identity")
    hand.page.locator(".b-match").wait_for(state="visible")
    assert bedside.played.record().match is not None


def test_a_typed_product_asks_for_a_second_reader(bedside: Bedside) -> None:
    """N3."""
    legs = bedside.played.legs()
    hand = bedside.hand()
    bedside.scan(hand, legs.wristband)
    hand.page.locator(".b-cant summary").click()
    hand.page.locator(".b-cant input[name=code]").fill(legs.product)
    hand.press("Take typed code")
    bedside.scan(hand, legs.order)
    bedside.answer(hand)
    hand.press("Confirm identity")
    assert bedside.played.record().match is None
    assert shames(hand.page, "bedside-typed", read_to_the_end=True) == []
    bedside.answer(hand)
    hand.page.fill("input[name=typed_reason]", "The label is wet.")
    hand.page.fill("input[name=witness]", "clin-b")
    hand.page.fill("input[name=witness_pin]", PIN)
    hand.press("Confirm identity")
    matched = bedside.played.record().match
    assert isinstance(matched, IdentityMatched) and matched.typed_witness == "clin-b"
