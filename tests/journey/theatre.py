"""A served site whose clock a test moves, and its people in real browser windows."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from waitress.server import create_server

from lims.app import create_app
from lims.web.limits import limiter
from tests.conftest import absent
from tests.player.cast import PASSWORD, PIN
from tests.player.stage import Stage

CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LISTEN = """() => {
    document.documentElement.dataset.heard = "nothing";
    document.addEventListener("scan", () => { document.documentElement.dataset.heard = "scan"; }, { once: true });
}"""
"""Marks the page so that a test can tell whether its keys were taken for a scan."""
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"

STILL = """() => document.getAnimations().every(
  (each) => each.playState !== "running" || each.effect.getTiming().iterations === Infinity)"""
"""Nothing moves that will come to an end."""


class Theatre:
    """One site, one clock, one window a person."""

    def __init__(self, stage: Stage, browser: Browser, address: str, *, inspected: bool = False) -> None:
        self.stage = stage
        self.browser = browser
        self.address = address
        self.windows: dict[str, Page] = {}
        self.last_scan = ""
        self.inspected = inspected
        """A test puts a script of its own into the pages, which their policy forbids."""

    def wait(self, **span: float) -> None:
        """Let time pass at the site; after hours everybody signs in again."""
        long = timedelta(**span)
        self.stage.clock.pass_by(long)
        if long > timedelta(minutes=9):
            for page in self.windows.values():
                page.context.close()
            self.windows.clear()

    def at(self, person: str, *, width: int = 1180, height: int = 820) -> "Hand":
        """The person at their window, signed in."""
        page = self.windows.get(person)
        if page is None:
            context = self.browser.new_context(
                viewport={"width": width, "height": height}, bypass_csp=self.inspected
            )
            page = self.windows[person] = context.new_page()
            page.set_default_timeout(20_000)
            page.goto(self.address + "/sign-in")
            page.fill("input[name=user_id]", person)
            page.fill("input[name=password]", PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url(self.address + "/")
        return Hand(self, page, person)


class Hand:
    """What a person does with scanner, keys and clicks."""

    def __init__(self, theatre: Theatre, page: Page, person: str) -> None:
        self.theatre = theatre
        self.page = page
        self.person = person

    def go(self, path: str) -> None:
        """Open a page of the site."""
        self.page.goto(self.theatre.address + path)
        self.page.wait_for_load_state("networkidle")

    def scan(self, code: str) -> None:
        """A wedge scanner: sixteen digits faster than any hand, then Enter."""
        if code == self.theatre.last_scan:
            self.page.wait_for_timeout(2100)  # the same code within 2 s is taken for one scan
        self.theatre.last_scan = code
        for _ in range(8):
            self.page.evaluate(LISTEN)
            self.page.keyboard.type(code)
            self.page.keyboard.press("Enter")
            self.settle()
            if self.was_heard():
                return
            self.page.wait_for_timeout(400)
        raise AssertionError("the machine is too busy to type as fast as a scanner")

    def was_heard(self) -> bool:
        """The page took the keys for a scan; on a busy machine they can come as slowly as from a person."""
        try:
            return bool(self.page.evaluate("document.documentElement.dataset.heard !== 'nothing'"))
        except PlaywrightError:
            return True  # the scan led to another page

    def press(self, words: str) -> None:
        """Press the button or follow the link that says so."""
        self.page.locator(
            f"button:visible:has-text('{words}'), a.b-btn:visible:has-text('{words}')"
        ).first.click()
        self.settle()

    def settle(self) -> None:
        """Until the server has answered and what opened stands still: a forced click does not wait for that."""
        self.page.wait_for_timeout(60)
        self.page.wait_for_load_state("networkidle")
        self.page.locator(".htmx-request, .htmx-swapping, .htmx-settling").first.wait_for(state="detached")
        self.page.wait_for_timeout(60)
        self.page.wait_for_function(STILL)

    def text(self) -> str:
        """What the page says, for a test that failed."""
        return self.page.locator("body").inner_text()

    def pin(self) -> None:
        """Enter one's PIN into the field that is open."""
        self.page.locator("input[name=pin]:visible, .b-pin input[name=pin]").first.fill(PIN)

    def sign(self, within: str) -> None:
        """User id and password of the form, then its one filled button."""
        form = self.page.locator(within)
        form.locator("input[name=user_id]").fill(self.person)
        form.locator("input[name=password]").fill(PASSWORD)
        form.locator("button.b-btn-primary[type=submit]").click()
        self.settle()

    def picture(self, name: str) -> None:
        """Take the README's picture when asked to."""
        if os.environ.get("LIMS_PICTURES"):
            PICTURES.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=PICTURES / f"{name}.png")


@contextmanager
def theatre(folder: Path, *, database: str | None) -> Iterator[Theatre]:
    """Found and staff a site, serve it, open a browser; skip plainly where there is no Chromium."""
    if not CHROMIUM.exists():
        absent("Chromium")
    stage = Stage(folder, start=datetime(2026, 11, 2, 0, 0, tzinfo=UTC), database=database)
    stage.set_up()
    limiter.enabled = False
    server = create_server(create_app(stage.site, secure=False), host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        try:
            yield Theatre(stage, browser, f"http://127.0.0.1:{server.effective_port}")
        finally:
            browser.close()
            server.close()
