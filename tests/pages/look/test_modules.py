"""What the small modules do at the bench: scanning, the echo, lost answers, the lock, drafts, countdowns."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

FLASK = "3000000039018795"
OTHER = "2100000041770289"
BEATS = """async ([keys, gap]) => {
  for (const [key, code] of keys) {
    const target = document.activeElement;
    const down = new KeyboardEvent('keydown', {key, code, bubbles: true, cancelable: true});
    if (target.dispatchEvent(down) && key.length === 1 && target.matches('input'))
      document.execCommand('insertText', false, key);
    if (gap) await new Promise(next => setTimeout(next, gap));
  }
}"""


def wrong_check(code: str) -> str:
    return code[:-1] + str((int(code[-1]) + 1) % 10)


@pytest.fixture
def posted(app: Flask) -> Iterator[list[dict[str, str]]]:
    entries: list[dict[str, str]] = app.extensions["posted"]
    entries.clear()
    app.extensions["answers"].clear()
    yield entries


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1180, "height": 820})
    made.set_default_timeout(6000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, address: str, posted: list[dict[str, str]]) -> Page:
    opened = context.new_page()
    opened.goto(f"{address}/bench")
    opened.wait_for_selector("html[data-ready]", state="attached")
    opened.evaluate(
        BEATS, [[["1", "Digit1"], ["2", "Digit2"]], 150]
    )  # a cold script is slower than any scanner
    return opened


def wedge(page: Page, code: str, *, end: str = "Enter", gap: int = 0, wide: bool = False) -> None:
    """A keyboard-wedge scanner: sixteen digits, a few milliseconds apart, then its suffix."""
    keys = [[chr(0xFF10 + int(digit)) if wide else digit, f"Digit{digit}"] for digit in code]
    page.evaluate(BEATS, [keys + ([[end, end]] if end else []), gap])


@pytest.mark.parametrize("end", ["Enter", "Tab", ""])
def test_a_scan_goes_to_the_open_slot_of_its_type_whatever_its_suffix(
    page: Page, posted: list[dict[str, str]], end: str
) -> None:
    wedge(page, FLASK, end=end)
    page.wait_for_selector("text=answer 200")
    assert [(entry["code"], entry["means"], entry["request_id"]) for entry in posted] == [
        (FLASK, "scanned", "r-2")
    ]


def test_full_width_digits_of_an_input_method_are_read(page: Page, posted: list[dict[str, str]]) -> None:
    wedge(page, FLASK, wide=True)
    page.wait_for_selector("text=answer 200")
    assert posted[0]["code"] == FLASK


def test_a_code_that_no_slot_wants_opens_what_it_names(page: Page) -> None:
    wedge(page, OTHER)
    page.wait_for_url("**/scan?code=" + OTHER)


def test_the_same_code_within_two_seconds_is_recorded_once(page: Page, posted: list[dict[str, str]]) -> None:
    wedge(page, FLASK)
    wedge(page, FLASK)
    page.wait_for_selector("#toast >> text=Already read")
    assert len(posted) == 1


def test_a_code_with_wrong_check_digits_is_refused_on_the_page(
    page: Page, posted: list[dict[str, str]]
) -> None:
    wedge(page, wrong_check(FLASK))
    page.wait_for_selector("#toast >> text=Misread")
    assert posted == []


def test_digits_typed_by_hand_are_not_a_scan(page: Page, posted: list[dict[str, str]]) -> None:
    wedge(page, FLASK, gap=45)
    page.wait_for_timeout(200)
    assert posted == []


def test_a_scan_into_a_focused_field_leaves_the_field_as_it_was(
    page: Page, posted: list[dict[str, str]]
) -> None:
    page.fill("#value-viability", "92")
    page.focus("#value-viability")
    wedge(page, FLASK)
    page.wait_for_selector("text=answer 200")
    assert page.input_value("#value-viability") == "92"
    assert [entry["request_id"] for entry in posted] == ["r-2"]


@pytest.mark.parametrize(
    ("typed", "state", "says"),
    [
        ("92", "within", "Read as 92 % · within"),
        ("78.5", "outside", "Read as 78.5 % · 1.5 below 80 %"),
        ("78,5", "outside", "Read as 78.5 % · 1.5 below 80 %"),
        ("79.95", "within", "Read as 79.95 % · within"),
        ("79.94", "outside", "Read as 79.94 % · 0.1 below 80 %"),
        ("９２．５", "within", "Read as 92.5 % · within"),
        ("1,234", "ask", "1.234 or 1234?"),
        ("1.2e6", "outside", "Read as 1 200 000 % · 1 199 900.0 above 100 %"),
        ("1.2×10^6", "outside", "Read as 1 200 000 % · 1 199 900.0 above 100 %"),
        ("120万", "outside", "Read as 1 200 000 % · 1 199 900.0 above 100 %"),
        ("1.234,5", "refused", "Two decimal marks"),
        ("ninety", "refused", "This is not a number."),
        ("", "empty", ""),
    ],
)
def test_the_echo_says_how_a_number_was_read(page: Page, typed: str, state: str, says: str) -> None:
    page.fill("#value-viability", "1")
    page.fill("#value-viability", typed)
    echo = page.locator("#value-viability-echo")
    assert echo.get_attribute("data-echo") == state
    assert says in echo.inner_text().replace("\u00a0", " ").replace("\u2009", " ")


def test_the_button_says_what_it_will_record(page: Page) -> None:
    page.fill("#value-viability", "78.5")
    assert page.locator("[data-slot=viability] button").inner_text() == "Record 78.5\u00a0%, open deviation"


def test_an_entry_the_server_failed_on_is_sent_again_under_the_same_request_id(
    page: Page, app: Flask, posted: list[dict[str, str]]
) -> None:
    app.extensions["answers"][:] = [503]
    page.fill("#value-viability", "92")
    page.click("text=Record 92")
    page.wait_for_selector("#outbox >> text=Draft, not recorded")
    page.wait_for_selector("text=answer 200")
    assert [(entry["request_id"], entry["value"]) for entry in posted] == [("r-1", "92"), ("r-1", "92")]


def test_an_entry_that_never_reached_the_server_is_shown_as_a_draft(
    page: Page, context: BrowserContext
) -> None:
    context.set_offline(True)
    page.fill("#value-viability", "92")
    page.click("text=Record 92")
    page.wait_for_selector("#outbox >> text=Draft, not recorded")
    assert page.get_attribute("[data-connection]", "data-connection") == "offline"


def test_a_session_that_ended_asks_for_the_person_and_records_the_one_entry_once(
    page: Page, app: Flask, posted: list[dict[str, str]]
) -> None:
    app.extensions["answers"][:] = [401]
    page.fill("#value-viability", "92")
    page.click("text=Record 92")
    page.fill("#lock-secret", "123456")
    page.click("#lock button:has-text('Unlock')")
    page.wait_for_selector("text=answer 200")
    assert [entry["request_id"] for entry in posted] == ["r-1", "r-1"]
    assert posted[1]["csrf_token"] == "renewed"


def test_a_wrong_pin_leaves_the_page_locked_and_says_why(page: Page) -> None:
    page.click("[data-lock-now] button")
    page.fill("#lock-secret", "000000")
    page.click("#lock button:has-text('Unlock')")
    page.wait_for_selector("#lock >> text=4 tries left")
    assert page.evaluate("document.getElementById('lock').open")


def test_escape_does_not_unlock(page: Page) -> None:
    page.click("[data-lock-now] button")
    for _ in range(3):
        page.keyboard.press("Escape")
    assert page.evaluate("document.getElementById('lock').open")


def test_the_page_locks_after_the_set_time_without_input(page: Page, address: str) -> None:
    page.goto(f"{address}/bench?lock=1")
    page.wait_for_selector("#lock[open]")


def test_what_was_typed_comes_back_after_a_reload_marked_as_not_recorded(page: Page) -> None:
    page.locator("#value-viability").press_sequentially("91")
    page.reload()
    assert page.input_value("#value-viability") == "91"
    assert page.is_visible("text=Typed earlier, not recorded")


def test_another_person_never_sees_the_draft(page: Page, address: str) -> None:
    page.locator("#value-viability").press_sequentially("91")
    page.goto(f"{address}/bench?person=p2")
    assert page.input_value("#value-viability") == ""


def test_a_recorded_value_leaves_no_draft(page: Page) -> None:
    page.locator("#value-viability").press_sequentially("91")
    page.click("text=Record 91")
    page.wait_for_selector("text=answer 200")
    page.reload()
    assert page.input_value("#value-viability") == ""


@pytest.mark.parametrize(
    ("left", "band", "says"),
    [(3600 * 4 + 30, "open", "4 h 00 left"), (3000, "due", "49 min left"), (-725, "stop", "Overdue 12 min")],
)
def test_a_countdown_shows_its_band(page: Page, address: str, left: int, band: str, says: str) -> None:
    page.goto(f"{address}/bench?left={left}")
    box = page.locator("main [data-countdown]")
    assert (box.get_attribute("data-band"), says in box.inner_text()) == (band, True)
