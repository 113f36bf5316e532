"""Pages of the long batch in a browser: WCAG rules, no page wider than its screen, uploads, stages that unfold."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from waitress.server import create_server

from tests.conftest import absent
from tests.journey.theatre import CHROMIUM, QUIET
from tests.long.play import PICTURE
from tests.pages.long.conftest import Served
from tests.pages.look.test_gallery import violations
from tests.player.cast import PASSWORD

At = Callable[[str], Served]

BENCH = (
    "/batches",
    "/batches?view=states",
    "/batches?view=days",
    "/batches/0001",
    "/batches/0001/operation",
    "/batches/0001/steps/look_d8?slot=culture",
    "/batches/0001/steps/look_d8?slot=picture",
    "/batches/0001/steps/look_d4",
    "/batches/0001/steps/look_d4?correct=picture",
    "/batches/0001/steps/gram_d3",
    "/batches/0001/steps/is_issued",
    "/batches/0001/steps/look_again_1",
    "/batches/0001/steps/seed",
    "/verify",
)
DESK = (
    "/quality/0001",
    "/audit/batch/0001?view=all",
    "/audit/batch/0001/as-of/150",
    "/documents/0001",
    "/batches/0001/custody",
    "/masters/MBR-LONG-110",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        absent("Chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def address(life: object) -> Iterator[Callable[[Served], str]]:
    servers = []

    def serve(served: Served) -> str:
        served.app.config.update(WTF_CSRF_ENABLED=True)
        server = create_server(served.app, host="127.0.0.1", port=0, threads=4)
        servers.append(server)
        threading.Thread(target=server.run, daemon=True).start()
        return f"http://127.0.0.1:{server.effective_port}"

    yield serve
    for server in servers:
        server.close()


def signed_in(browser: Browser, address: str, person: str, *, width: int = 1180) -> Page:
    height = 820 if width > 1000 else 1180
    page = browser.new_page(viewport={"width": width, "height": height}, bypass_csp=True)
    page.goto(f"{address}/sign-in")
    page.fill("input[name=user_id]", person)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")
    return page


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
@pytest.mark.parametrize("width", [820, 1180])
def test_no_page_of_the_long_batch_breaks_a_rule_or_its_screen(
    browser: Browser, address: Callable[[Served], str], life: object, width: int, language: str
) -> None:
    """WCAG 2.2 AA and axe's best practice at the width of a tablet, upright and across."""
    at = address(Served(life.at("looking")))  # type: ignore[attr-defined]
    wrong = []
    for person, paths in (("tech-a", BENCH), ("qa-a", DESK)):
        page = signed_in(browser, at, person, width=width)
        page.locator(f"button[name=language][value={language}]").first.evaluate(
            "button => button.form.requestSubmit(button)"
        )
        page.wait_for_load_state("networkidle")
        for path in paths:
            page.goto(at + path)
            page.wait_for_load_state("networkidle")
            wide = page.evaluate("document.documentElement.scrollWidth")
            wrong += [f"{path}: {wide} wide"] if wide > width else []
            wrong += [f"{path}: {found}" for found in violations(page)]
        page.close()
    assert wrong == []


def test_a_picture_is_seen_before_it_is_recorded_and_beside_its_slot_afterwards(
    browser: Browser, address: Callable[[Served], str], life: object, tmp_path: Path
) -> None:
    at = address(Served(life.at("looking")))  # type: ignore[attr-defined]
    file = tmp_path / "well 2.png"
    file.write_bytes(PICTURE)
    page = signed_in(browser, at, "tech-a")
    page.goto(f"{at}/batches/0001/steps/look_d8?slot=picture")
    assert page.get_attribute("input[name=file]", "capture") == "environment"
    page.set_input_files("input[name=file]", file)
    page.wait_for_selector("img[data-upload-preview]:not([hidden])")
    assert "well 2.png" in page.inner_text("[data-upload-name]")
    page.click("text=Record picture")
    page.wait_for_selector(".b-files img")
    page.wait_for_function("document.querySelector('.b-files img').complete")
    assert page.evaluate("document.querySelector('.b-files img').naturalWidth") == 640
    page.close()


def test_a_file_that_is_too_large_is_told_before_it_is_sent(
    browser: Browser, address: Callable[[Served], str], life: object, tmp_path: Path
) -> None:
    at = address(Served(life.at("looking")))  # type: ignore[attr-defined]
    file = tmp_path / "large.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(20_000_001))
    page = signed_in(browser, at, "tech-a")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.goto(f"{at}/batches/0001/steps/look_d8?slot=picture")
    page.set_input_files("input[name=file]", file)
    page.wait_for_selector("[data-upload-large]:not([hidden])")
    page.click("text=Record picture")
    page.wait_for_timeout(300)
    assert sent == []
    page.close()


def test_the_targets_of_branch_and_upload_are_64_high(
    browser: Browser, address: Callable[[Served], str], life: object
) -> None:
    at = address(Served(life.at("looking")))  # type: ignore[attr-defined]
    page = signed_in(browser, at, "tech-a", width=820)
    for slot in ("culture", "picture"):
        page.goto(f"{at}/batches/0001/steps/look_d8?slot={slot}")
        low = page.evaluate("""() => [...document.querySelectorAll(
            '.b-slot-now button, .b-slot-now .b-choice, .b-slot-now .b-input, .b-foot .b-btn')]
            .filter(e => e.getBoundingClientRect().height < 63.9).map(e => e.outerHTML.slice(0, 80))""")
        assert low == [], slot
    page.close()


def test_the_index_unfolds_the_stage_that_it_leads_to(
    browser: Browser, address: Callable[[Served], str], life: object
) -> None:
    at = address(Served(life.at("looking")))  # type: ignore[attr-defined]
    page = signed_in(browser, at, "tech-a")
    page.goto(f"{at}/batches/0001")
    for stage in ("day_3", "harvest"):
        page.click(f".b-index a[href='#stage-{stage}']")
        page.wait_for_selector(f"#stage-{stage}[open] .b-steps")
        assert page.is_visible(f"#stage-{stage} .b-steps")
    page.close()


def test_the_current_step_is_in_sight_when_the_batch_page_opens(
    browser: Browser, address: Callable[[Served], str], life: object
) -> None:
    """Next step without scrolling or searching, at the size of a tablet."""
    at = address(Served(life.at("looking")))  # type: ignore[attr-defined]
    for width in (820, 1180):
        page = signed_in(browser, at, "tech-a", width=width)
        page.goto(f"{at}/batches/0001")
        for what in (".b-next .b-btn-primary", ".b-step-now"):
            box = page.locator(what).bounding_box()
            height = page.viewport_size["height"] if page.viewport_size else 0
            assert box and box["y"] >= 0 and box["y"] + box["height"] <= height, (width, what, box)
        page.close()
