"""The audit trail as pages."""

from collections.abc import Callable

import pytest

from lims.actions.site import Site
from lims.domain.entries.batch import EvidenceCorrected
from tests.pages.quality.conftest import Desk, batch_of

Sit = Callable[[str], Desk]


def correction(site: Site) -> int:
    return next(e.seq for e in batch_of(site, "0004").entries if isinstance(e.fact, EvidenceCorrected))


def test_changes_only_shows_corrections_and_leaves_first_entries_out(sit: Sit) -> None:
    page = sit("qa-b").get("/audit/batch/0004").text
    assert "corrected Harvest volume" in page
    assert "recorded Harvest volume" not in page


def test_everything_shows_first_entries_too(sit: Sit) -> None:
    assert "recorded Harvest volume" in sit("qa-b").get("/audit/batch/0004?view=people").text


def test_the_record_as_it_was_shows_the_first_value_and_no_later_one(site: Site, sit: Sit) -> None:
    page = sit("qa-b").get(f"/audit/batch/0004/as-of/{correction(site) - 1}").text
    assert "12 mL" in page and "120.0 mL" not in page


def test_a_kind_narrows_the_trail_and_the_page_says_so(sit: Sit) -> None:
    page = sit("qa-b").get("/audit/batch/0004?sort=corrected").text
    assert "1 of " in page and "Shown: Corrected." in page


def test_refused_acts_are_shown_when_asked_for(sit: Sit) -> None:
    desk = sit("qa-b")
    desk.sign("/quality/0004/disposition", decision="release", seen="1")
    sentence = "QA officer B was refused"
    assert sentence not in desk.get("/audit/batch/0004?view=people").text
    assert sentence in desk.get("/audit/batch/0004?view=people&refused=1").text


def test_the_state_of_the_chain_stands_beside_the_trail(site: Site, sit: Sit) -> None:
    page = sit("tech-a").get("/audit/batch/0004").text
    assert f"checked to entry {batch_of(site, '0004').seq}" in page


@pytest.mark.parametrize("user_id", ["qa-b", "admin", "inspector"])
def test_the_whole_instance_is_read_by_quality_administration_and_inspection(sit: Sit, user_id: str) -> None:
    assert sit(user_id).get("/audit/").status_code == 200


@pytest.mark.parametrize("user_id", ["tech-a", "qc-a", "clin-a", "coord-a"])
def test_the_whole_instance_is_closed_to_everybody_else(sit: Sit, user_id: str) -> None:
    assert sit(user_id).get("/audit/").status_code == 403


def test_a_person_can_be_followed(site: Site, sit: Sit) -> None:
    person = batch_of(site, "0004").entries[correction(site) - 1].person
    assert "corrected Harvest volume" in sit("inspector").get(f"/audit/person/{person}").text


@pytest.mark.parametrize("address", ["/audit/batch/9999", "/audit/person/x", "/audit/batch/0004/as-of/99999"])
def test_what_is_not_on_file_is_said_so(sit: Sit, address: str) -> None:
    assert sit("inspector").get(address).status_code == 404


def test_a_wrong_filter_is_left_out(sit: Sit) -> None:
    address = "/audit/batch/0004?view=nothing&sort=nothing&start=-4"
    assert sit("qa-b").get(address).status_code == 200
