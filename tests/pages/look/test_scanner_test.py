"""The scanner's own test page: what a scanner sends, what is wrong with it, and how it is mended."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from lims.domain.codes import read
from lims.web.scan import TEST_CODES

CODE = TEST_CODES[0]
SENDS = """([keys, gap]) => {
  const field = document.querySelector('[data-scan-raw]');
  const at = performance.now();
  keys.forEach(([key, code, held], place) => {
    const down = new KeyboardEvent('keydown',
      {key, code, shiftKey: held === 'shift', altKey: held === 'alt', bubbles: true, cancelable: true});
    Object.defineProperty(down, 'timeStamp', {value: at + place * gap});
    field.dispatchEvent(down);
  });
}"""
Keys = list[list[str]]
ENTER = [["Enter", "Enter"]]
FRENCH = dict(zip("1234567890", "&é\"'(-è_çà", strict=True))


def plain(code: str) -> Keys:
    return [[digit, f"Digit{digit}"] for digit in code]


@pytest.fixture(scope="module")
def page(browser: Browser, address: str) -> Iterator[Page]:
    made = browser.new_context(viewport={"width": 1180, "height": 820})
    made.set_default_timeout(6000)
    opened = made.new_page()
    opened.goto(f"{address}/scan/test")
    opened.wait_for_selector("html[data-ready]", state="attached")
    yield opened
    made.close()


@pytest.mark.parametrize(
    ("keys", "gap", "verdict", "found"),
    [
        (plain(CODE) + ENTER, 5, "done", {"suffix-enter"}),
        ([*plain(CODE), ["Tab", "Tab"]], 5, "done", {"suffix-tab"}),
        (plain(CODE), 5, "due", {"suffix-none"}),
        (plain(CODE) + ENTER, 60, "stop", {"suffix-enter", "slow"}),
        ([[FRENCH[d], f"Digit{d}"] for d in CODE] + ENTER, 5, "due", {"suffix-enter", "layout"}),
        ([["!", f"Digit{d}", "shift"] for d in CODE] + ENTER, 5, "stop", {"suffix-enter", "layout-lost"}),
        ([[chr(0xFF10 + int(d)), ""] for d in CODE] + ENTER, 5, "due", {"suffix-enter", "ime"}),
        ([["Process", f"Digit{d}"] for d in CODE] + ENTER, 5, "due", {"suffix-enter", "ime"}),
        ([["Process", ""] for _ in CODE] + ENTER, 5, "stop", {"suffix-enter", "ime-lost"}),
        ([[d, f"Numpad{d}", "alt"] for d in CODE] + ENTER, 5, "stop", {"suffix-enter", "alt"}),
        ([["]", "BracketRight"], *plain(CODE), *ENTER], 5, "stop", {"suffix-enter", "extra"}),
        (plain(CODE[:-1]) + ENTER, 5, "stop", {"suffix-enter", "damaged"}),
        (plain(CODE[1] + CODE[0] + CODE[2:]) + ENTER, 5, "stop", {"suffix-enter", "damaged"}),
    ],
    ids=[
        *("enter", "tab", "none", "slow", "french", "shifted", "wide"),
        *("process", "swallowed", "alt", "prefix", "short", "swapped"),
    ],
)
def test_a_scan_is_told_for_what_it_is(
    page: Page, keys: Keys, gap: int, verdict: str, found: set[str]
) -> None:
    page.evaluate(SENDS, [keys, gap])
    shown = page.locator(f"[data-verdict={verdict}]")
    shown.wait_for(state="visible")
    assert page.locator("[data-verdict]:visible").count() == 1
    lines = page.locator("[data-finding]:visible").all()
    assert {line.get_attribute("data-finding") for line in lines} == found


def test_each_code_that_was_read_is_ticked_and_tab_still_leaves_the_field(page: Page) -> None:
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    for at, code in enumerate(TEST_CODES, start=1):
        page.evaluate(SENDS, [plain(code) + ENTER, 5])
        assert page.locator("[data-test-read]:visible").count() == at
    page.focus("[data-scan-raw]")
    page.keyboard.press("Tab")
    assert page.evaluate("!document.activeElement.matches('[data-scan-raw]')")


def test_the_test_codes_are_codes_with_every_digit() -> None:
    assert [str(read(code)) for code in TEST_CODES] == list(TEST_CODES)
    assert set("".join(TEST_CODES)) == set("0123456789")
