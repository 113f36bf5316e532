"""Quality at 18:00: from Today to a signed conditional release, then growth on day 9, then the superseding record."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from lims.actions import aftercare, qc
from lims.documents.findings import Verdict
from lims.documents.verifier import verify_pdf
from lims.domain.acts import Stage
from tests.builders import At, Played
from tests.documents.printed import text_of
from tests.journey.looking import looking, shames
from tests.journey.theatre import Hand, Theatre
from tests.player.cast import PASSWORD
from tests.player.scripts import BatchScript

MOST = 12
"""Presses from Today to the signed release, with two exceptions (issue)."""


class Quality:
    """One quality officer at a desk; every press counts, what is typed into a field does not."""

    def __init__(self, played: Played, script: BatchScript, hand: Hand) -> None:
        self.played = played
        self.script = script
        self.hand = hand
        self.presses = 0

    @property
    def page(self) -> Page:
        """What is on the screen."""
        return self.hand.page

    def press(self, where: str) -> None:
        """One press of the mouse."""
        self.presses += 1
        self.page.locator(where).first.click()
        self.hand.settle()

    def secrets(self, within: str) -> None:
        """User id and password of a form."""
        self.page.locator(f"{within} input[name=user_id]").fill(self.hand.person)
        self.page.locator(f"{within} input[name=password]").fill(PASSWORD)

    def print_record(self, folder: Path) -> bytes:
        """A copy of the batch record, as it is downloaded."""
        self.hand.go(f"/documents/{self.script.batch}")
        self.page.locator("input[name=paper][value=batch_record]").check()
        self.hand.press("Print sealed paper")
        with self.page.expect_download() as taken:
            self.page.locator("a.b-btn:has-text('Download')").first.click()
        path = folder / taken.value.suggested_filename
        taken.value.save_as(path)
        return path.read_bytes()


@pytest.fixture
def quality(at: At) -> Iterator[Quality]:
    """A batch that waits for quality with a deviation to decide and a correction to see."""
    played = at("staffed")
    script = BatchScript(
        stage=played.stage,
        participant=played.anna,
        start=played.now,
        numbers={("receive", "logger_low"): "14.2"},
        mistyped={("harvest", "volume"): "12"},
        undecided=True,
    )
    for part in (script.issued(), script.bench(), script.tested()):
        played.run(part)
    played.add_script(script)
    with looking(played.stage.site) as (served, browser):
        theatre = Theatre(played.stage, browser, served.address, inspected=True)
        yield Quality(played, script, theatre.at("qa-a"))


def test_from_today_to_the_release_then_growth_and_the_superseding_record(
    quality: Quality, tmp_path: Path
) -> None:
    script, page = quality.script, quality.page
    quality.press(f"a[href*='/quality/{script.batch}']")
    page.fill("textarea[name=impact]", "Cells were counted after it; viability is in its limit.")
    quality.press("label:has(input[name=decision][value=accepted])")
    quality.secrets("#decide")
    quality.press("#decide button[type=submit]")
    assert "0 open" in page.locator("main").inner_text()
    assert shames(page, "quality-decided") == []
    quality.press("[data-opens=sign-review]")
    quality.secrets("#sign-review")
    quality.press("#sign-review button[type=submit]")
    quality.press("[data-opens=sign-disposition]")
    quality.press("#sign-disposition label:has(input[value=release])")
    quality.secrets("#sign-disposition")
    quality.press("#sign-disposition button[type=submit]")
    assert script.record.stage is Stage.RELEASED
    assert quality.presses <= MOST
    released = quality.print_record(tmp_path)

    for part in (script.delivered(), script.perfused()):
        quality.played.run(part)
    quality.hand.theatre.wait(hours=3)
    aftercare.end_observation(*quality.played.by("clin-b"), batch=script.batch, outcome="well")
    quality.hand.theatre.wait(days=9)
    script.at = quality.played.now + timedelta(minutes=1)
    qc.enter_result(*quality.played.by("qc-a"), batch=script.batch, test="sterility_b", option="growth")
    quality.hand = quality.hand.theatre.at("qa-a")
    quality.hand.go(f"/quality/{script.batch}")
    told = quality.page.locator("main").inner_text()
    assert "Failed after release" in told and "Critical" in told
    assert "2 open · 0 to see · 2 decided" in told
    assert shames(quality.page, "quality-growth") == []
    again = quality.print_record(tmp_path)
    code = quality.played.stage.founded.code
    assert verify_pdf(released, code).verdict is verify_pdf(again, code).verdict is Verdict.INTACT
    assert f"batch-{script.batch}-copy-1-en.pdf" in text_of(again)
    assert script.record.release is not None  # the first decision stays as it was signed
