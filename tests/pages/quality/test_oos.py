"""The page of an investigation: examined by the laboratory, judged by quality, nothing typed is lost."""

from collections.abc import Callable

import pytest

from lims.actions.site import Site
from lims.domain.oos import CHECKS
from tests.pages.quality.conftest import Desk, batch_of
from tests.pages.quality.test_qc import perfused

Sit = Callable[[str], Desk]
CLEAN = {f"check_{check}": "in_order" for check in CHECKS}


@pytest.fixture
def failing(site: Site, sit: Sit) -> str:
    """The address of an investigation: growth after the perfusion."""
    number = perfused(site)
    assert sit("qc-a").identify(f"/qc/{number}/sterility_b", option="growth").status_code == 303
    (found,) = (item for item in batch_of(site, number).investigations.values() if not item.is_over)
    return f"/qc/{number}/oos/{found.number}"


def test_the_way_leads_from_today_through_both_phases(site: Site, sit: Sit, failing: str) -> None:
    assert failing in sit("qc-b").get("/").text
    assert failing not in sit("qc-a").get("/").text, "the analyst does not examine their own result"
    examined = sit("qc-b").sign(f"{failing}/examine", findings="Bottles and controls looked at.", **CLEAN)
    assert examined.status_code == 303
    assert failing in sit("qa-a").get("/").text
    page = sit("qa-a").get(failing).text
    assert "No laboratory error was found" in page and "Bottles and controls looked at." in page
    assert 'value="invalidated"' not in page and 'value="retest"' not in page
    assert sit("qa-a").sign(f"{failing}/judge", decision="confirmed", why="It is hers.").status_code == 303
    assert "Confirmed: the result stands" in sit("qa-a").get(failing).text
    (last,) = (i for i in batch_of(site, failing.split("/")[2]).investigations.values() if i.is_over)
    assert last.stands


def test_a_question_without_answer_is_told_at_its_field_and_nothing_typed_is_lost(
    sit: Sit, failing: str
) -> None:
    answer = sit("qc-b").sign(f"{failing}/examine", findings="Looked at.", **(CLEAN | {"check_method": ""}))
    assert answer.status_code == 422
    assert "Choose one of the answers." in answer.text and "Looked at." in answer.text
    assert sit("qc-b").sign(f"{failing}/examine", **CLEAN).status_code == 422


def test_the_page_offers_nothing_to_who_may_not_act(sit: Sit, failing: str) -> None:
    assert "Sign examination" not in sit("qc-a").get(failing).text
    assert sit("qc-a").sign(f"{failing}/examine", findings="Mine.", **CLEAN).status_code == 403
    assert sit("qc-b").sign(f"{failing}/judge", decision="confirmed", why="So.").status_code == 403
    assert sit("qa-a").sign(f"{failing}/judge", decision="confirmed", why="So.").status_code == 409


def test_a_number_that_is_none_is_refused(sit: Sit) -> None:
    assert sit("qa-a").get("/qc/0005/oos/0005-99").status_code == 409
