"""The figures in Chromium: nothing that axe finds, in both languages, and no page wider than its screen."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, sync_playwright
from waitress.server import create_server

from tests.conftest import absent
from tests.journey.theatre import CHROMIUM, QUIET
from tests.pages.look.test_gallery import violations
from tests.player.cast import PASSWORD

PAGES = ("/figures", "/figures/outcome/clinical", "/figures/lanes", "/figures/products")


@pytest.fixture
def page(figures: Flask) -> Iterator[Page]:
    """The statistician in front of the figures."""
    if not CHROMIUM.exists():
        absent("Chromium")
    server = create_server(figures, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    address = f"http://127.0.0.1:{server.effective_port}"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        shown = chromium.new_page(viewport={"width": 1180, "height": 820}, bypass_csp=True, base_url=address)
        shown.goto("/sign-in")
        shown.fill("input[name=user_id]", "stat-a")
        shown.fill("input[name=password]", PASSWORD)
        shown.keyboard.press("Enter")
        shown.wait_for_url(f"{address}/")
        yield shown
        chromium.close()
    server.close()


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_no_figure_breaks_a_rule_of_wcag(page: Page, language: str) -> None:
    page.request.post("/session/language", form={"language": language})
    found: dict[str, list[str]] = {}
    for address in PAGES:
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        found[address] = violations(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    if language == "en":  # the same page, only much longer
        page.goto("/figures")
        page.locator("form[action='/figures/by-arm'] button").click()
        page.wait_for_selector("#people-clinical")
        found["by arm"] = violations(page)
    assert found == {address: [] for address in found}
