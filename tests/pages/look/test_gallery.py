"""The components of every page, in a browser: WCAG rules in both themes, and no page wider than its screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

AXE = Path(__file__).parents[2] / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def opened(browser: Browser, address: str, **size: int) -> Page:
    page = browser.new_page(viewport={"width": size.get("width", 1180), "height": 820}, bypass_csp=True)
    page.goto(address)
    page.evaluate("document.fonts.ready")
    return page


@pytest.fixture(params=["bright", "dim"])
def theme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def gallery(browser: Browser, address: str, theme: str) -> Iterator[Page]:
    page = opened(browser, f"{address}/page/parts/gallery.html?rail&theme={theme}")
    yield page
    page.close()


def violations(page: Page) -> list[str]:
    """Each broken rule with the elements that break it, one line each."""
    page.add_script_tag(path=str(AXE))
    found: list[dict[str, Any]] = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}}).then(r => r.violations)", RULES
    )
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def test_the_gallery_breaks_no_accessibility_rule(gallery: Page) -> None:
    """WCAG 2.2 AA and axe's best practice, contrast in both themes included."""
    assert violations(gallery) == []


def test_the_open_signing_dialog_breaks_no_accessibility_rule(gallery: Page) -> None:
    gallery.click("[data-opens=sign]")
    assert violations(gallery) == []


def test_the_signing_dialog_puts_the_focus_on_the_first_empty_field(gallery: Page) -> None:
    gallery.click("[data-opens=sign]")
    assert gallery.evaluate("document.activeElement.id") == "sign-password"


@pytest.mark.parametrize("width", [390, 820, 1180, 1440])
def test_no_page_is_wider_than_its_screen(browser: Browser, address: str, width: int) -> None:
    page = opened(browser, f"{address}/page/parts/gallery.html?rail", width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_every_bench_button_and_field_is_64_high(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}/page/parts/gallery.html")
    low = page.evaluate("""() => [...document.querySelectorAll(
            '.b-bench .b-slot-now button, .b-slot-now .b-input, .b-foot .b-btn')]
        .filter(e => !e.closest('.b-counts') && e.getBoundingClientRect().height < 64)
        .map(e => e.outerHTML.slice(0, 80))""")
    assert low == []
    page.close()


def test_screenshots_of_the_gallery_can_be_taken(gallery: Page, theme: str, tmp_path: Path) -> None:
    picture = tmp_path / f"gallery_{theme}.png"
    gallery.screenshot(path=str(picture), full_page=True)
    assert picture.read_bytes()[:4] == b"\x89PNG"


def test_the_strict_policy_is_never_broken(browser: Browser, address: str) -> None:
    """No inline script, style or handler, and nothing from another host."""
    page = browser.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if "Policy" in message.text else None)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/page/parts/gallery.html?rail")
    page.wait_for_load_state("networkidle")
    assert complaints == []
    assert [url for url in asked if not url.startswith(address)] == []
    page.close()
