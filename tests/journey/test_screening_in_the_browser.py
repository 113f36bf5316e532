"""One woman from pre-screening to her arm in a real browser: coordinator, analyst, investigator, each by one action."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from lims.actions import randomisation
from lims.domain.folds import fold
from lims.domain.participant import Participant
from tests.conftest import wanted_database
from tests.journey.looking import PICTURES, WIDER
from tests.journey.theatre import Hand, Theatre, theatre
from tests.pages.look.test_gallery import violations

COORDINATOR, ANALYST, INVESTIGATOR = "coord-a", "qc-a", "clin-a"
MARKERS = {"nk_share": "40.0", "cd56bright": "70.0", "cd16_dim": "31.0", "cd49a": "14.0", "cd103": "18.0"}


class Walk:
    """One woman who was enrolled and nothing else, and the people who screen her."""

    def __init__(self, at: Theatre) -> None:
        self.at, self.stage = at, at.stage
        self.code = self.stage.enrol(arm=None, consent=False)
        randomisation.open_randomisation(self.stage.site, self.stage.actor("qa-a"), self.stage.request())
        self.found: list[str] = []

    @property
    def person(self) -> Participant:
        stream = f"participant:{self.code}"
        with self.stage.site.ledger.reading() as book:
            record = fold(stream, book.entries(stream))
        assert isinstance(record, Participant)
        return record

    def ago(self, **span: float) -> str:
        """A moment before now, as people write it."""
        at = self.stage.clock.now().astimezone(self.stage.zone) - timedelta(**span)
        return f"{at:%Y-%m-%d %H:%M}"

    def fill(self, hand: Hand, act: str, **fields: str) -> None:
        """The act's form, opened if it is folded, filled in and sent with PIN or signature."""
        page, form = hand.page, f"#form-{act}"
        if not page.locator(form).is_visible():
            page.locator(f"#act-{act} > summary").click()
        for name, value in fields.items():
            box = page.locator(f"{form} [name='{name}']")
            if box.first.evaluate("e => e.tagName") == "SELECT":
                box.select_option(value)
            elif box.first.get_attribute("type") in ("checkbox", "radio"):
                for one in value.split():
                    page.locator(f"{form} label:has([name='{name}'][value={one}])").click()
            else:
                box.fill(value)
        if page.locator(f"{form} input[name=pin]").count():
            page.locator(f"{form} input[name=pin]").fill("471108")
            page.locator(f"{form} button.b-btn-primary").click()
            hand.settle()
        else:
            hand.sign(form)

    def next(self, person: str) -> Hand:
        """The one next action of her page, pressed."""
        hand = self.at.at(person)
        hand.go(f"/participants/{self.code}")
        hand.page.locator(".b-task a.b-btn-primary").first.click()
        hand.settle()
        return hand

    def task(self, person: str) -> Hand:
        """The task on the person's first page, pressed."""
        hand = self.at.at(person)
        hand.go("/")
        hand.page.locator(f"a[href*='{self.code}/screening']").first.click()
        hand.settle()
        return hand

    def look(self, hand: Hand, name: str) -> None:
        """Accessible, and nothing wider than the screen, in both languages."""
        page = hand.page
        for language in ("zh_Hans", "en"):
            page.locator(f"form[action='/session/language'] button[value={language}]:visible").first.click()
            page.wait_for_load_state("networkidle")
            self.found += [f"{name} {language}: {broken}" for broken in violations(page)]
            if (wider := int(page.evaluate(WIDER))) > 0:
                self.found.append(f"{name} {language}: {wider} px wider than the screen")
            if os.environ.get("LIMS_PICTURES"):
                PICTURES.mkdir(parents=True, exist_ok=True)
                page.screenshot(path=PICTURES / f"screening-{name}-{language}.png", full_page=True)

    def play(self) -> None:
        """Pre-screening, consent, menstrual blood, its analysis, the decision, her arm."""
        day = self.ago()[:10]
        hand = self.next(COORDINATOR)
        self.fill(
            hand, "pre_screen", on=day, recruited_by="clinic", failure_type="recurrent_loss", goes_on="yes"
        )
        hand = self.next(COORDINATOR)
        self.fill(hand, "record_consent", scopes="treatment data samples", form_version="3", signed_on=day)
        hand = self.next(COORDINATOR)
        self.fill(
            hand,
            "collect_menstrual_blood",
            last_menses=self.ago(days=1)[:10],
            menses_day="2",
            began_at=self.ago(hours=9),
            ended_at=self.ago(hours=3),
            device="cup",
            medium="heparin",
            volume="4.2",
        )
        hand = self.task(ANALYST)
        self.look(hand, "analysis")
        self.fill(
            hand,
            "analyse_menstrual_blood",
            received_at=self.ago(hours=2),
            preparation="density_gradient",
            cells="2400000",
            viability="86",
            cd45_events="52000",
            gate_version="G1",
            **{f"marker-{code}": value for code, value in MARKERS.items()},
        )
        hand = self.task(INVESTIGATOR)
        self.look(hand, "decision")
        self.fill(
            hand,
            "decide_eligibility",
            failure_type="recurrent_loss",
            wishes_to_conceive="yes",
            eligible="yes",
        )
        self.look(hand, "decided")
        hand = self.next(COORDINATOR)
        self.fill(hand, "randomise")


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Walk]:
    folder: Path = tmp_path_factory.mktemp("screening") / "instance"
    with wanted_database(request) as url, theatre(folder, database=url) as at:
        at.inspected = True
        walk = Walk(at)
        walk.play()
        yield walk


def test_she_has_an_arm_and_the_rule_set_that_judged_her_is_frozen(walked: Walk) -> None:
    """Issue 6, points 2 to 4: consent, menstrual blood, eligibility, then chance."""
    person = walked.person
    decision = person.screening.eligibility
    assert decision is not None and decision.eligible and decision.rule_set is not None
    assert person.allocation is not None and person.allocation.source == "randomisation"


def test_every_look_at_the_page_was_one_to_stand_by(walked: Walk) -> None:
    """WCAG 2.2 AA in English and 中文 at 1180 px."""
    assert not walked.found, "\n".join(walked.found)
