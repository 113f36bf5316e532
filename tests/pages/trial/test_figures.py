"""The figures on the page: who sees what, and that each look by arm is on file (issue 6 point 8; ICH E9 4.5)."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lims.domain.entries.envelope import Entry, refusals_of
from lims.domain.entries.figures import FiguresSeen
from lims.domain.entries.keys import ActRefused
from lims.domain.trial.sight import STREAM
from lims.domain.trial.standing import EFFICACY, Outcome
from tests.pages.site import WHO, Played, sign_in
from tests.trial_generator import CLINICAL, Simulated

READERS = ("qa", "clinician", "coordinator", "inspector", "statistician")
OTHERS = ("technician", "qc_analyst", "administrator")
PAGES = ("/figures", "/figures/lanes", "/figures/products", *(f"/figures/outcome/{one}" for one in Outcome))
CODE = re.compile(r"DNK-\d{5}")
ARMS = ("NK cell perfusion", "Control")


def client_of(app: Flask, role: str) -> FlaskClient:
    client = app.test_client()
    sign_in(client, WHO[role])
    return client


def filed(played: Played, stream: str = STREAM) -> tuple[Entry, ...]:
    with played.site.ledger.reading() as book:
        return book.entries(stream)


def rates(text: str) -> str:
    """The outcome tables of a page, without flow and enrolment."""
    return text[text.index('id="part-itt"') : text.index('id="chart-flow"')]


@pytest.mark.parametrize("role", OTHERS)
def test_who_makes_or_tests_cells_has_no_figures(figures: Flask, role: str) -> None:
    assert client_of(figures, role).get("/figures").status_code == 403


@pytest.mark.parametrize("role", READERS)
def test_no_pooled_page_splits_an_outcome_by_arm_or_names_who_had_it(figures: Flask, role: str) -> None:
    """Role × figure: everyone with the page sees every figure, of all arms together.

    Trial codes beside outcomes could be split by arm by anyone who can open a participant.
    """
    client, told = client_of(figures, role), {}
    for page in PAGES:
        answer = client.get(page)
        assert answer.status_code == 200, page
        assert "it gives no medical advice" in unescape(answer.text)
        told[page] = answer.text
    hidden = [rates(told["/figures"]), *(told[f"/figures/outcome/{one}"] for one in EFFICACY)]
    for text in hidden:
        assert not CODE.search(text)
        assert not any(arm in text for arm in ARMS)
    assert "improved" not in told["/figures/products"]
    assert "clinical pregnancy" not in told["/figures/lanes"].lower()
    assert CODE.search(told["/figures/outcome/completion"])


@pytest.mark.parametrize("role", sorted(set(READERS) - {"statistician"}))
def test_until_lock_by_arm_is_refused_and_the_refusal_is_on_file(
    figures: Flask, played: Played, role: str
) -> None:
    client = client_of(figures, role)
    looks, refused = len(filed(played)), len(filed(played, refusals_of(STREAM)))
    answer = client.post("/figures/by-arm", data={"request_id": f"look-{role}"})
    assert answer.status_code == 403
    assert not CODE.search(answer.text)
    assert "Show by arm" not in client.get("/figures").text
    assert len(filed(played)) == looks
    last = filed(played, refusals_of(STREAM))[refused:]
    assert [entry.fact.rule for entry in last if isinstance(entry.fact, ActRefused)] == ["figures.by_arm"]


def test_the_statistician_sees_by_arm_and_each_look_is_on_file(
    figures: Flask, played: Played, trial: Simulated
) -> None:
    client, before = client_of(figures, "statistician"), len(filed(played))
    first = client.post("/figures/by-arm", data={"request_id": "look-1"})
    assert first.status_code == 200
    text = unescape(first.text)
    assert all(arm in rates(first.text) for arm in ARMS)
    assert "risk difference" in text and "risk ratio" in text
    clinical = [one.trial_id for one in trial.truth if one.arm and one.story in CLINICAL]
    assert all(code in text for code in clinical)
    assert client.post("/figures/by-arm", data={"request_id": "look-2"}).status_code == 200
    seen = filed(played)[before:]
    assert [entry.person for entry in seen] == ["stat-a", "stat-a"]
    assert all(isinstance(entry.fact, FiguresSeen) and entry.fact.how == "page" for entry in seen)


def test_an_old_look_cannot_be_sent_again(figures: Flask, played: Played) -> None:
    """The same request is answered from file: it would be a look that nobody wrote down."""
    client = client_of(figures, "statistician")
    client.post("/figures/by-arm", data={"request_id": "look-once"})
    before = len(filed(played))
    again = client.post("/figures/by-arm", data={"request_id": "look-once"})
    assert (again.status_code, len(filed(played))) == (303, before)


def test_a_report_by_arm_opens_for_nobody_else_by_any_address(figures: Flask, played: Played) -> None:
    statistician = client_of(figures, "statistician")
    sent = {"request_id": "print-1", "language": "en", "by_arm": "yes"}
    address = statistician.post("/figures/print", data=sent).headers["Location"]
    before = len(filed(played))
    assert statistician.get(address).data.startswith(b"%PDF")
    (look,) = filed(played)[before:]
    assert isinstance(look.fact, FiguresSeen) and look.fact.how == "paper"
    sha256 = address.rpartition("/")[2]
    for role in ("coordinator", "clinician", "qa"):
        other = client_of(figures, role)
        assert other.get(address).status_code == 403
        assert other.get(f"/documents/file/{sha256.removesuffix('.pdf')}").status_code == 403
        refused = other.post("/figures/print", data=sent | {"request_id": f"print-{role}"})
        assert refused.status_code == 403
    assert len(filed(played)) == before + 1


def test_everyone_with_the_page_prints_the_pooled_report(figures: Flask) -> None:
    client = client_of(figures, "coordinator")
    sent = {"request_id": "pooled", "language": "zh_Hans", "by_arm": "no"}
    answer = client.post("/figures/print", data=sent, follow_redirects=True)
    assert answer.data.startswith(b"%PDF")


def test_the_figures_of_the_demo_are_read_from_what_is_on_file(app: Flask) -> None:
    """No simulated courses here: the same people as on the page of participants."""
    client = client_of(app, "coordinator")
    listed = set(re.findall(r"/participants/([A-Z]+-\d+)", client.get("/participants").text))
    page = client.get("/figures").text
    flow = page[page.index('id="chart-flow"') : page.index('id="chart-enrolment"')]
    assert listed
    assert all(code in flow for code in listed)


def test_an_unknown_language_or_outcome_is_said(figures: Flask) -> None:
    client = client_of(figures, "qa")
    assert client.post("/figures/print", data={"request_id": "x", "language": "xx"}).status_code == 422
    assert client.get("/figures/outcome/beauty").status_code == 404


def test_the_page_is_complete_in_chinese(figures: Flask) -> None:
    client = client_of(figures, "statistician")
    client.post("/session/language", data={"language": "zh_Hans"})
    text = client.post("/figures/by-arm", data={"request_id": "look-zh"}).text
    assert "意向性分析集" in text
    assert "本系统仅作记录与放行把关" in text
