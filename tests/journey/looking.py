"""Looking at pages in Chromium: rules of accessibility, width, the main action in sight, and what the server spent."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask, Response, g, request
from playwright.sync_api import Browser, Page, sync_playwright
from waitress.server import create_server

from lims.actions.site import Site
from lims.app import create_app
from lims.web.limits import limiter
from tests.conftest import absent
from tests.journey.theatre import CHROMIUM, QUIET
from tests.pages.look.test_gallery import violations

PICTURES = Path(__file__).parents[2] / "build" / "looked"
MOST_SECONDS = 1.0
"""Of the server's own work for one page; waiting for the machine is not counted."""
MAIN_ACTIONS = """() => [...document.querySelectorAll(".b-btn-primary, a.b-btn[href^='#']")]
    .filter(e => e.checkVisibility() && e.getBoundingClientRect().width > 0)
    .map(e => [e.innerText.trim(), e.getBoundingClientRect().top, e.getBoundingClientRect().bottom])"""
"""The filled button, or one that leaps to where it is on the same page."""
WIDER = """() => document.documentElement.scrollWidth - document.documentElement.clientWidth"""


class Served:
    """A site behind a server of this process, and what each page cost it."""

    def __init__(self, site: Site) -> None:
        self.app: Flask = create_app(site, secure=False)
        self.spent: dict[str, float] = {}
        self.app.before_request(self._begin)
        self.app.after_request(self._end)
        self.server = create_server(self.app, host="127.0.0.1", port=0, threads=4)
        self.address = f"http://127.0.0.1:{self.server.effective_port}"
        threading.Thread(target=self.server.run, daemon=True).start()

    def _begin(self) -> None:
        g.begun = time.thread_time()

    def _end(self, response: Response) -> Response:
        if "begun" in g and request.endpoint != "static":
            spent = time.thread_time() - g.begun
            self.spent[request.path] = max(spent, self.spent.get(request.path, 0))
        return response


@contextmanager
def looking(site: Site) -> Iterator[tuple[Served, Browser]]:
    """The site served, and a browser; skips plainly where there is no Chromium."""
    if not CHROMIUM.exists():
        absent("Chromium")
    limiter.enabled = False
    served = Served(site)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        try:
            yield served, browser
        finally:
            browser.close()
            served.server.close()


def seated(
    served: Served, browser: Browser, person: str, *, password: str, size: tuple[int, int], language: str
) -> Page:
    """The person's window, signed in, in their language."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, bypass_csp=True)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(f"{served.address}/sign-in")
    page.fill("input[name=user_id]", person)
    page.fill("input[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{served.address}/")
    switch = page.locator(f"form[action='/session/language'] button[value={language}]:visible")
    if page.locator("html").get_attribute("lang") != language.replace("_", "-"):
        switch.first.click()
        page.wait_for_load_state("networkidle")
    return page


def shames(page: Page, name: str, *, read_to_the_end: bool = False) -> list[str]:
    """What one would be ashamed of on the page as it stands, one line each.

    `read_to_the_end`: the page is read first, and the way on stands where it ends.
    """
    page.evaluate("document.fonts.ready")
    if os.environ.get("LIMS_PICTURES"):
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png")
    found = [f"{name}: {broken}" for broken in violations(page)]
    if (wider := int(page.evaluate(WIDER))) > 0:
        found.append(f"{name}: {wider} px wider than the screen")
    height = page.viewport_size["height"] if page.viewport_size else 0
    primary = page.evaluate(MAIN_ACTIONS)
    if (
        primary
        and not read_to_the_end
        and not any(top >= 0 and bottom <= height for _, top, bottom in primary)
    ):
        found.append(f"{name}: the main action is out of sight: {primary}")
    return found
