"""Pages of what follows a deviation: the way from the review to its closure, as each of its people sees it."""

from collections.abc import Callable

import pytest

from lims.actions.site import Site
from lims.domain.capa import STREAM, fold_capas
from lims.domain.rows import DeviationRow, PersonRow
from lims.ledger.read_tables import find
from tests.pages.quality.conftest import Desk, entries_of

Sit = Callable[[str], Desk]
DUE, JUDGED = "2099-01-01", "2099-02-01"


@pytest.fixture
def number(site: Site) -> str:
    """A decided deviation of the demo."""
    with site.ledger.reading() as book:
        return find(book, DeviationRow, decided=True, closed=False, order=("number",))[0].number


def person(site: Site, user_id: str) -> str:
    with site.ledger.reading() as book:
        return find(book, PersonRow, user_id=user_id)[0].person


def plan(site: Site, desk: Desk, number: str, **more: str) -> int:
    fields = {
        "action": "corrective",
        "description": "Replace the catch.",
        "owner": person(site, "tech-b"),
        "due": DUE,
        "criterion": "No open door in seven days.",
        "check_on": JUDGED,
    }
    return desk.identify(f"/deviations/{number}/open_capa", **{**fields, **more}).status_code


def test_quality_plans_an_action_that_its_owner_finds_on_today(site: Site, sit: Sit, number: str) -> None:
    assert plan(site, sit("qa-b"), number) == 303
    capa = next(iter(fold_capas(STREAM, entries_of(site, STREAM)).by_number))
    assert capa in sit("tech-b").get("/").text
    assert capa not in sit("tech-a").get("/").text
    assert capa in sit("tech-a").get("/capa").text
    page = sit("tech-b").get(f"/capa/{capa}").text
    assert "No open door in seven days." in page and 'name="done"' in page
    assert 'name="done"' not in sit("tech-a").get(f"/capa/{capa}").text
    assert sit("tech-b").identify(f"/capa/{capa}/finish_capa", done="New catch.").status_code == 303
    assert "New catch." in sit("qa-a").get(f"/capa/{capa}").text
    verified = sit("qa-a").identify(f"/capa/{capa}/verify_capa", agreed="yes", finding="Seen.")
    assert verified.status_code == 303
    assert "2099-02-01" in sit("qa-a").get(f"/capa/{capa}").text
    early = sit("qa-a").sign(f"/capa/{capa}/check_effectiveness", effective="yes", finding="Counted.")
    assert early.status_code == 409


def test_what_was_typed_is_kept_beside_the_fault(site: Site, sit: Sit, number: str) -> None:
    for more in ({"due": "tomorrow"}, {"check_on": "2098-01-01"}, {"owner": ""}, {"action": ""}):
        assert plan(site, sit("qa-b"), number, **more) == 422
    desk = sit("qa-b")
    answer = desk.identify(
        f"/deviations/{number}/investigate_deviation",
        impact="Kept words.",
        cause="fate",
        root_cause="A catch.",
    )
    assert answer.status_code == 422 and "Kept words." in answer.text
    assert entries_of(site, STREAM) == ()


def test_a_deviation_is_investigated_and_closed_on_its_page(site: Site, sit: Sit, number: str) -> None:
    desk = sit("qa-b")
    assert "/deviations/" in sit("qa-b").get(f"/quality/{number.rpartition('-')[0]}?at={number}").text
    done = desk.identify(
        f"/deviations/{number}/investigate_deviation",
        impact_on="nothing",
        impact="None.",
        cause="equipment",
        root_cause="A worn catch.",
    )
    assert done.status_code == 303
    page = desk.get(f"/deviations/{number}").text
    assert "A worn catch." in page and "Equipment" in page
    closed = desk.sign(f"/deviations/{number}/close_deviation", conclusion="Nothing is left.")
    assert closed.status_code == 303
    assert "Nothing is left." in desk.get(f"/deviations/{number}").text
    assert number not in desk.get("/capa").text


def test_what_is_not_on_file_is_not_found(sit: Sit) -> None:
    for address in ("/capa/CAPA-1999-0001", "/deviations/0001-99", "/deviations/x"):
        assert sit("qa-b").get(address).status_code == 404
