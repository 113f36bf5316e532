"""A coordinator follows one woman in a real browser, from the positive test to the birth, in both languages."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from lims.actions import timers
from lims.domain.folds import fold
from lims.domain.participant import Participant
from lims.domain.trial.planning import State, standing
from lims.domain.trial.pregnancy_reading import EndName
from tests.conftest import wanted_database
from tests.journey.looking import PICTURES, WIDER
from tests.journey.theatre import Hand, Theatre, theatre
from tests.pages.look.test_gallery import violations

COORDINATOR = "coord-a"


class Walk:
    """One woman of the control arm, and the coordinator who follows her."""

    def __init__(self, at: Theatre) -> None:
        self.at, self.stage = at, at.stage
        self.code = self.stage.enrol(arm="control")
        timers.run_due(self.stage.site)
        self.begun = self.today
        self.found: list[str] = []

    @property
    def today(self) -> str:
        return self.stage.clock.now().astimezone(self.stage.zone).date().isoformat()

    @property
    def person(self) -> Participant:
        stream = f"participant:{self.code}"
        with self.stage.site.ledger.reading() as book:
            record = fold(stream, book.entries(stream))
        assert isinstance(record, Participant)
        return record

    def hand(self) -> Hand:
        return self.at.at(COORDINATOR)

    def wait_until(self, day: int) -> None:
        """So many days after her follow-up began, which is the first day of her last menses too."""
        begun = self.stage.clock.now().astimezone(self.stage.zone).date()
        left = (begun - type(begun).fromisoformat(self.begun)).days
        self.at.wait(days=day - left)
        timers.run_due(self.stage.site)

    def open(self) -> Hand:
        hand = self.hand()
        hand.go(f"/participants/{self.code}")
        hand.press("Follow-up, pregnancies and adverse events")
        return hand

    def fill(self, hand: Hand, act: str, **fields: str) -> None:
        """The act's form, opened if it is folded, filled in and sent with the PIN."""
        page, form = hand.page, f"#form-{act}"
        if not page.locator(form).is_visible():
            page.locator(f"#act-{act} > summary").click()
        for name, value in fields.items():
            box = page.locator(f"{form} [name={name}]")
            if box.first.evaluate("e => e.tagName") == "SELECT":
                box.select_option(value)
            elif box.first.get_attribute("type") == "checkbox":
                page.locator(f"{form} label:has([name={name}][value={value}])").click()
            else:
                box.fill(value)
        page.locator(f"{form} input[name=pin]").fill("471108")
        page.locator(f"{form} button.b-btn-primary").click()
        hand.settle()

    def look(self, name: str) -> None:
        """Accessible, and nothing wider than the screen, in both languages."""
        page = self.open().page
        for language in ("zh_Hans", "en"):
            page.locator(f"form[action='/session/language'] button[value={language}]:visible").first.click()
            page.wait_for_load_state("networkidle")
            self.found += [f"{name} {language}: {broken}" for broken in violations(page)]
            if (wider := int(page.evaluate(WIDER))) > 0:
                self.found.append(f"{name} {language}: {wider} px wider than the screen")
            _picture(page, f"follow-up-{name}-{language}")

    def play(self) -> None:
        """Test, sac, a heartbeat at twelve weeks, an event on the way, birth."""
        self.wait_until(33)
        hand = self.open()
        self.fill(hand, "record_visit", visit="M1", on=self.today, done="yes", how="clinic")
        self.fill(
            hand,
            "find_pregnancy",
            found_on=self.today,
            test="blood",
            conception="natural",
            dated_by="lmp",
            dated_on=self.begun,
        )
        self.wait_until(46)
        self.scan(heartbeat_a="yes", measured="5w3d")
        self.look("redated")
        self.wait_until(95)
        self.scan(heartbeat_a="yes", size_a="yes")
        hand = self.open()
        self.fill(
            hand,
            "record_adverse_event",
            term="bleeding",
            began_on=self.today,
            grade="3",
            criteria="hospitalisation",
            causality="possible",
            expected="no",
            outcome="recovering",
            story="Admitted for two nights.",
        )
        hand.go("/")
        self.found += [] if "Report to the sponsor" in hand.text() else ["the report is not on Today"]
        _picture(hand.page, "follow-up-today")
        self.look("event")
        self.wait_until(275)
        self.look("extended")
        hand = self.open()
        self.fill(
            hand,
            "end_pregnancy",
            on=self.today,
            end="ended",
            onset="spontaneous",
            fate_a="born_alive",
            weight_a="3240",
        )
        self.look("born")

    def scan(self, **seen: str) -> None:
        """From the one button that Today shows."""
        hand = self.hand()
        hand.go("/")
        hand.page.locator(f"a[href*='{self.code}/follow-up?task=coordinator/pregnancy']").first.click()
        hand.settle()
        self.fill(hand, "record_ultrasound", on=self.today, sacs_in_uterus="1", sac_elsewhere="no", **seen)


def _picture(page: Page, name: str) -> None:
    if os.environ.get("LIMS_PICTURES"):
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Walk]:
    folder: Path = tmp_path_factory.mktemp("follow-up") / "instance"
    with wanted_database(request) as url, theatre(folder, database=url) as at:
        at.inspected = True
        walk = Walk(at)
        walk.play()
        yield walk


def test_the_birth_is_on_file_and_counts_as_one(walked: Walk) -> None:
    """Live birth at 26 weeks or later with signs of life; the scan re-dated by eight days (domain 1.4, 1.5)."""
    today = walked.stage.clock.now().astimezone(walked.stage.zone).date()
    now = standing(walked.person.followed, on=today, zone=str(walked.stage.zone))
    reading = now.readings[0]
    assert (reading.end, reading.end_days) == (EndName.LIVE_BIRTH, 275 - 8)
    assert reading.clinical_on is not None and reading.ongoing_on is not None


def test_her_follow_up_ends_with_the_birth_beyond_the_six_months(walked: Walk) -> None:
    today = walked.stage.clock.now().astimezone(walked.stage.zone).date()
    tomorrow = today + timedelta(days=1)
    now = standing(walked.person.followed, on=tomorrow, zone=str(walked.stage.zone))
    assert (now.state, now.until, now.extended) == (State.ENDED, today, True)


def test_every_look_at_the_page_was_one_to_stand_by(walked: Walk) -> None:
    """WCAG 2.2 AA in English and 中文 at 1180 px, and what is due stands on Today."""
    assert not walked.found, "\n".join(walked.found)
