"""verify.html, opened from disk in a browser without a network, finds what lims/documents/verifier.py finds."""

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from lims.documents.findings import Status, Verdict
from lims.documents.record_file import compose
from lims.documents.verifier import verify_file
from tests.conftest import absent
from tests.documents.site_builder import (
    BATCH,
    CODE,
    built,
    closed_batch,
    open_batch,
    paper_of_site,
    sealed_pdf,
)
from tests.documents.spoiling import SPOILINGS, Spoilt

PAGE = Path(__file__).parents[2] / "static" / "verify" / "verify.html"
VERDICTS = {Verdict.INTACT: "INTACT", Verdict.CONSISTENT: "CONSISTENT", Verdict.NOT_INTACT: "NOT"}
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CLOSED = closed_batch()
SEALED = sealed_pdf(CLOSED.content)
chromium = which("chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium is None:
        absent("Chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(offline=True, locale="en-GB", viewport={"width": 1180, "height": 900})
    opened = context.new_page()
    opened.goto(PAGE.as_uri())
    yield opened
    context.close()


def ask(page: Page, content: bytes, code: str) -> tuple[str, str, dict[str, tuple[str, str | None]]]:
    """Hands the file and the code to the page; its verdict, state and checks."""
    page.evaluate("last = null; bytes = null; document.getElementById('answer').replaceChildren()")
    page.fill("#code", code)
    page.set_input_files("#file", {"name": "record", "mimeType": "application/pdf", "buffer": content})
    page.wait_for_selector("[data-verdict]")
    verdict = page.locator("[data-verdict]")
    rows = page.eval_on_selector_all(
        "[data-check]", "rows => rows.map(r => [r.dataset.check, r.dataset.status, r.dataset.at || null])"
    )
    checks = {name: (status, at) for name, status, at in rows}
    return verdict.get_attribute("data-verdict") or "", verdict.get_attribute("data-state") or "", checks


def expected(content: bytes, code: str) -> tuple[str, dict[str, str]]:
    """What the verifier of this system says of the same file."""
    findings = verify_file(content, code)
    return VERDICTS[findings.verdict], {check.name: str(check.status) for check in findings.checks}


def agree(page: Page, content: bytes, code: str) -> None:
    """The page's verdict and every check are those of this system's verifier."""
    verdict, _, checks = ask(page, content, code)
    assert (verdict, {name: status for name, (status, _) in checks.items()}) == expected(content, code)


def test_the_page_is_one_small_file() -> None:
    assert PAGE.stat().st_size < 60_000
    assert "http://" not in PAGE.read_text().replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in PAGE.read_text()


def test_a_sealed_closed_record_is_intact_and_closed(page: Page) -> None:
    assert ask(page, SEALED, CODE)[:2] == ("INTACT", "CLOSED")
    agree(page, SEALED, CODE)


def test_a_paper_without_a_record_proves_its_seal_and_nothing_without_it(page: Page) -> None:
    content = paper_of_site()
    assert ask(page, sealed_pdf(content), CODE)[:2] == ("INTACT", "PAPER")
    for file in (sealed_pdf(content), content):
        agree(page, file, CODE)


@pytest.mark.parametrize("code", ["", "0000-0000-0000-0000-0000", CODE[:-1], CODE.lower()])
def test_the_site_code_is_read_alike(page: Page, code: str) -> None:
    agree(page, SEALED, code)


def test_an_open_record_is_interim_and_its_loose_entries_told(page: Page) -> None:
    content = built(open_batch()).content
    assert ask(page, content, CODE)[:2] == ("CONSISTENT", "INTERIM")
    agree(page, content, CODE)


@pytest.mark.parametrize("spoil", SPOILINGS, ids=[spoil.__name__.strip("_") for spoil in SPOILINGS])
def test_what_is_spoilt_is_found_and_named(page: Page, spoil: Callable[[], Spoilt]) -> None:
    spoilt = spoil()
    verdict, _, checks = ask(page, compose(spoilt.record), CODE)
    assert verdict == "NOT"
    assert checks[spoilt.check] == (Status.FAIL, f"{spoilt.at[0]} {spoilt.at[1]}" if spoilt.at else None)


@pytest.mark.parametrize("part", [0.03, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.999])
def test_a_byte_changed_anywhere_in_the_pdf_is_found(page: Page, part: float) -> None:
    spoilt = bytearray(SEALED)
    spoilt[int(len(spoilt) * part)] ^= 1
    assert ask(page, bytes(spoilt), CODE)[0] == "NOT"


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_byte_changed_in_the_record_is_found(page: Page, part: float) -> None:
    spoilt = bytearray(CLOSED.content)
    spoilt[int(len(spoilt) * part)] ^= 1
    assert ask(page, bytes(spoilt), CODE)[0] == "NOT"


def test_bytes_added_after_the_seal_are_found(page: Page) -> None:
    assert ask(page, SEALED + b"\n", CODE)[0] == "NOT"


def test_a_browser_without_ed25519_uses_the_pages_own(page: Page) -> None:
    page.evaluate("window.ownEd25519Only = true")
    try:
        agree(page, SEALED, CODE)
        assert ask(page, compose(SPOILINGS[0]().record), CODE)[0] == "NOT"
    finally:
        page.evaluate("window.ownEd25519Only = false")


def test_signatures_are_listed_with_name_time_zone_and_sentence(page: Page) -> None:
    ask(page, SEALED, CODE)
    words = page.locator("#signatures").inner_text()
    for part in ("QA officer A 质量", "UTC+08:00", "Asia/Shanghai", "I close this record.", "covers entry 9"):
        assert part in words


def test_withheld_and_disclosed_words_stand_in_the_rows(page: Page) -> None:
    ask(page, SEALED, CODE)
    words = page.locator("#answer").inner_text()
    assert "二次计数 ≤ 80 %" in words
    assert "[withheld: identity]" in words
    assert "Demo participant" not in words


def test_the_page_speaks_chinese_throughout(page: Page) -> None:
    ask(page, SEALED, CODE)
    page.click("#language")
    assert page.locator("#verdict").inner_text() == "完整无改动，来源已确认"
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    page.click("#language")


def test_every_sentence_of_the_page_is_there_in_both_languages(page: Page) -> None:
    assert (
        page.evaluate("Object.entries(WORDS).filter(([k, v]) => v.length !== 2 || !v[0] || !v[1]).length")
        == 0
    )


def test_a_picture_of_each_verdict(page: Page, tmp_path: Path) -> None:
    content = SEALED.replace(BATCH.encode(), BATCH.encode()[:-1] + b"5", 1)
    for name, file, code in (("intact", SEALED, CODE), ("consistent", SEALED, ""), ("not", content, CODE)):
        ask(page, file, code)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
