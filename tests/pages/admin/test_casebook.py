"""The casebook: everything on file about one woman, sealed, recognised again, without her identity."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest

from lims.actions.site import Site
from lims.documents.trial_words import STATEMENT
from lims.domain.entries.keys import DocumentIssued
from lims.language import words_in
from tests.documents.printed import pages_of, squeezed, text_of
from tests.pages.admin.test_trial import WHO, ready
from tests.pages.quality.conftest import Desk, entries_of

Sit = Callable[[str], Desk]


def printed(desk: Desk, code: str, language: str = "en") -> bytes:
    assert desk.post(f"/participants/{code}/casebook", language=language).status_code == 303
    link = re.search(
        r'href="(/casebooks/[0-9a-f]{64}\.pdf)"', desk.get(f"/participants/{code}/casebook").text
    )
    assert link
    return desk.get(link[1]).data


def asked(sit: Sit, code: str) -> None:
    page = f"/participants/{code}/queries"
    sit("qa-a").post(
        page, place="participants.randomisation_on", question="Day of the list, or of the entry?"
    )
    sit("coord-a").identify(f"{page}/1/answer_query", answer="Of the list.")


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_everything_on_file_stands_in_the_casebook(site: Site, sit: Sit, language: str) -> None:
    """Issue 6, point 9."""
    code = ready(sit)
    asked(sit, code)
    content = printed(sit("qa-a"), code, language)
    text, advice = squeezed(text_of(content)), squeezed(words_in(language)(STATEMENT))
    assert all(advice in squeezed(page) for page in pages_of(content))
    for told in (code, "2026-10-01", "Day of the list, or of the entry?", "Of the list.", "R-99"):
        assert squeezed(told) in text, told
    last = entries_of(site, f"participant:{code}")[-1]
    assert last.hash in text
    assert squeezed("Participant casebook" if language == "en" else "受试者病例报告册") in text
    assert "DEMO" in text


def test_who_she_is_stands_nowhere_in_it(sit: Sit) -> None:
    """GCP 2.7, PIPL 51."""
    text = squeezed(text_of(printed(sit("coord-a"), ready(sit))))
    assert not [value for value in WHO.values() if squeezed(value) in text]


def test_a_second_print_supersedes_the_first(site: Site, sit: Sit) -> None:
    code = ready(sit)
    printed(sit("qa-a"), code)
    text = squeezed(text_of(printed(sit("qa-a"), code)))
    facts = [entry.fact for entry in entries_of(site, f"documents:{code}")]
    first, second = (fact for fact in facts if isinstance(fact, DocumentIssued))
    assert (second.copy_number, second.supersedes) == (2, first.sha256)
    assert f"casebook-{code}-copy-1-en.pdf" in text


def test_it_is_recognised_and_leads_back_to_her_page(sit: Sit) -> None:
    code, desk = ready(sit), sit("qa-a")
    content = printed(desk, code)
    fields = {"file": (BytesIO(content), "paper.pdf")}
    page = desk.client.post("/documents/verify", data=fields, content_type="multipart/form-data").text
    assert f"exactly Participant casebook {code}, copy 1, the newest" in page
    assert f"/participants/{code}/casebook" in page and "NOT INTACT" not in page


@pytest.mark.parametrize("user_id", ["tech-a", "qc-a", "admin"])
def test_who_does_not_see_participants_prints_none(site: Site, sit: Sit, user_id: str) -> None:
    code = ready(sit)
    assert sit(user_id).post(f"/participants/{code}/casebook", language="en").status_code == 403
    assert not entries_of(site, f"documents:{code}")


def test_an_unknown_language_is_asked_back(sit: Sit) -> None:
    code = ready(sit)
    assert sit("qa-a").post(f"/participants/{code}/casebook", language="xx").status_code == 422


def test_a_participant_who_is_not_on_file_has_no_casebook(sit: Sit) -> None:
    assert sit("qa-a").post("/participants/DNK-999/casebook", language="en").status_code == 404
