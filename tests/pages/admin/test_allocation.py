"""Randomisation through the pages: opened by quality, each participant by the coordinator, told at the close."""

import json
from collections.abc import Callable
from io import BytesIO
from uuid import uuid4

import pytest

from lims.actions import secrets
from lims.actions.site import Site
from lims.authoring.load import load_protocol
from lims.domain.entries.randomisation import PlaceTaken
from lims.domain.trial.randomisation import Randomisation, fold_randomisation
from lims.ledger.sealed import unseal
from lims.rehearsal.screening import screen
from tests.pages.admin.test_trial import enrol, of
from tests.pages.quality.conftest import Desk, entries_of
from tests.pages.quality.test_papers import actor
from tests.player.cast import PASSWORD
from tests.player.stage import TEMPLATES

Sit = Callable[[str], Desk]


def consented(site: Site, sit: Sit) -> str:
    code = enrol(sit)
    agreed = sit("coord-a").client.post(
        f"/participants/{code}/record_consent",
        data={
            "pin": "471108",
            "form_version": "3",
            "signed_on": "2026-10-01",
            "scopes": ["treatment", "data", "samples"],
        },
    )
    assert agreed.status_code == 303, agreed.text
    protocol = load_protocol((TEMPLATES / "PROTOCOL-DNK.yaml").read_text()).record
    screen(
        site,
        code,
        trial=protocol.trial,
        actor=lambda person: secrets.signing(site, actor(site, person), PASSWORD, user_id=person),
        request=lambda: uuid4().hex,
    )
    return code


def opened(sit: Sit) -> None:
    assert sit("qa-a").sign("/randomisation/open_randomisation").status_code == 303


def state(site: Site) -> Randomisation:
    return fold_randomisation("randomisation", entries_of(site, "randomisation"))


def test_the_coordinator_randomises_and_the_page_says_the_arm(site: Site, sit: Sit) -> None:
    opened(sit)
    code, desk = consented(site, sit), sit("coord-a")
    page = f"/participants/{code}/randomisation"
    assert f"Randomise {code}" in desk.get(page).text
    assert f'href="{page}"' in desk.get(f"/participants/{code}").text
    assert desk.sign(f"{page}/randomise").status_code == 303
    taken = state(site).taken[-1]
    assert taken.participant == code
    allocation = of(site, code).allocation
    assert allocation is not None and allocation.arm == taken.arm
    assert "place 1" in desk.get(page).text
    assert code in sit("qa-a").get("/randomisation").text


def test_an_arm_is_not_asked_for_by_hand_where_it_is_drawn(site: Site, sit: Sit) -> None:
    code = consented(site, sit)
    assert "record_allocation-arm" in sit("coord-a").get(f"/participants/{code}").text
    opened(sit)
    assert "record_allocation-arm" not in sit("coord-a").get(f"/participants/{code}").text


def test_the_page_says_why_she_cannot_be_randomised_yet(sit: Sit) -> None:
    opened(sit)
    page = sit("coord-a").get(f"/participants/{enrol(sit)}/randomisation").text
    assert "There is no current consent" in page and 'id="form-randomise"' not in page


def test_a_wrong_password_randomises_nobody(site: Site, sit: Sit) -> None:
    opened(sit)
    code = consented(site, sit)
    answer = sit("coord-a").sign(f"/participants/{code}/randomisation/randomise", password="not hers at all")
    assert answer.status_code == 422
    assert state(site).taken == () and of(site, code).allocation is None


def test_randomised_in_error_is_shown_beside_the_arm(site: Site, sit: Sit) -> None:
    opened(sit)
    code, desk = consented(site, sit), sit("coord-a")
    page = f"/participants/{code}/randomisation"
    desk.sign(f"{page}/randomise")
    done = desk.identify(f"{page}/mark_randomised_in_error", reason="Her age is outside.")
    assert done.status_code == 303
    for path in (page, f"/participants/{code}"):
        assert "Randomised in error" in desk.get(path).text


@pytest.mark.parametrize("user_id", ["qa-a", "clin-a", "coord-a", "admin", "inspector"])
def test_before_the_close_no_page_and_no_file_tells_what_is_sealed(
    site: Site, sit: Sit, user_id: str
) -> None:
    """screens 19: nobody sees the seed, block sizes or the next allocation, whatever the role."""
    opened(sit)
    sit("coord-a").sign(f"/participants/{consented(site, sit)}/randomisation/randomise")
    seal = state(site).opened
    assert seal is not None
    seed = json.loads(unseal(seal.sealed, purpose="randomisation", keys=site.keys))["seed"]
    desk = sit(user_id)
    pages = [desk.get(path) for path in ("/randomisation", "/participants", "/audit", "/")]
    assert not [page for page in pages if seed in page.text or seal.sealed in page.text]
    assert desk.get("/randomisation.json").status_code == 404


def test_after_the_close_everything_is_told_and_agrees(site: Site, sit: Sit) -> None:
    opened(sit)
    sit("coord-a").sign(f"/participants/{consented(site, sit)}/randomisation/randomise")
    assert sit("qa-a").sign("/randomisation/close_randomisation").status_code == 303
    desk = sit("inspector")
    assert "agrees with the 1 place" in desk.get("/randomisation").text
    told = json.loads(desk.get("/randomisation.json").text)
    assert json.loads(told["secret"])["seed"] in desk.get("/randomisation").get_data(as_text=True).replace(
        "&#34;", '"'
    )
    assert told["places"] == [[1, "", state(site).taken[0].arm]]


def test_an_imported_list_is_taken_over_or_said_to_be_wrong_at_its_field(site: Site, sit: Sit) -> None:
    desk = sit("qa-a")
    wrong = desk.sign("/randomisation/import_allocation_list", file=(BytesIO(b"arm\nplacebo\n"), "list.csv"))
    assert wrong.status_code == 422 and "Line 2 names no arm" in wrong.text
    assert state(site).opened is None
    done = desk.sign(
        "/randomisation/import_allocation_list", file=(BytesIO(b"arm\ncontrol\nperfusion\n"), "list.csv")
    )
    assert done.status_code == 303
    sit("coord-a").sign(f"/participants/{consented(site, sit)}/randomisation/randomise")
    facts = [entry.fact for entry in entries_of(site, "randomisation")]
    assert [fact.arm for fact in facts if isinstance(fact, PlaceTaken)] == ["control"]


def test_the_pages_are_complete_in_chinese(site: Site, sit: Sit) -> None:
    opened(sit)
    code, desk = consented(site, sit), sit("coord-a")
    desk.post("/session/language", language="zh_Hans")
    assert "无人知道下一个组别" in desk.get("/randomisation").text
    assert f"随机化 {code}" in desk.get(f"/participants/{code}/randomisation").text
