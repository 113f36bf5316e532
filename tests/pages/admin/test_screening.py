"""Screening through the pages: one step after the other, each by whose it is, and nothing of it is advice."""

from collections.abc import Callable
from html import unescape

import pytest

from lims.actions.site import Site
from lims.domain.participant import Participant, fold_participant
from tests.pages.admin.test_trial import enrol
from tests.pages.quality.conftest import Desk, entries_of

Sit = Callable[[str], Desk]
FIRST = {
    "on": "2026-10-01",
    "recruited_by": "clinic",
    "failure_type": "recurrent_loss",
    "goes_on": "yes",
}
TAKEN = {
    "last_menses": "2026-10-01",
    "menses_day": "2",
    "began_at": "2026-10-02 08:00",
    "ended_at": "2026-10-02 20:00",
    "device": "cup",
    "medium": "heparin",
    "volume": "4.5",
    "seen": "clots",
}
MEASURED = {
    "number": "0",
    "received_at": "2026-10-02 22:00",
    "preparation": "lysis",
    "cells": "2400000",
    "viability": "88",
    "cd45_events": "52000",
    "gate_version": "G1",
    "marker-nk_share": "40.0",
    "marker-cd56bright": "70.0",
    "marker-cd16_dim": "31.0",
    "marker-cd49a": "14.0",
    "marker-cd103": "18.0",
}
DECIDED = {"eligible": "yes", "wishes_to_conceive": "yes", "failure_type": "recurrent_loss"}


def of(site: Site, code: str) -> Participant:
    return fold_participant(f"participant:{code}", entries_of(site, f"participant:{code}"))


def consent(sit: Sit, code: str) -> None:
    fields = {
        "pin": "471108",
        "form_version": "3",
        "signed_on": "2026-10-01",
        "scopes": ["treatment", "data"],
    }
    answer = sit("coord-a").client.post(f"/participants/{code}/record_consent", data=fields)
    assert answer.status_code == 303, answer.text


def step(desk: Desk, code: str, act: str, fields: dict[str, str], *, status: int = 303) -> str:
    address = f"/participants/{code}/screening/{act}"
    signed = act in ("analyse_menstrual_blood", "decide_eligibility")
    answer = desk.sign(address, **fields) if signed else desk.identify(address, **fields)
    assert answer.status_code == status, answer.text
    return answer.text


def analysed(sit: Sit, **changed: str) -> str:
    """A woman whose menstrual blood was analysed."""
    code = enrol(sit)
    step(sit("coord-a"), code, "pre_screen", FIRST)
    consent(sit, code)
    step(sit("coord-a"), code, "collect_menstrual_blood", TAKEN)
    step(sit("qc-a"), code, "analyse_menstrual_blood", MEASURED | changed)
    return code


def test_a_woman_is_found_eligible_step_by_step(site: Site, sit: Sit) -> None:
    code = analysed(sit)
    step(sit("clin-a"), code, "decide_eligibility", DECIDED)
    decision = of(site, code).screening.eligibility
    assert decision is not None and decision.eligible and decision.rule_set is not None
    page = sit("coord-a").get(f"/participants/{code}/screening").text
    assert "Rule set, frozen" in page and "abnormal" in page


def test_no_sample_before_consent_and_the_page_says_so(site: Site, sit: Sit) -> None:
    """TR-1."""
    code = enrol(sit)
    step(sit("coord-a"), code, "pre_screen", FIRST)
    page = sit("coord-a").get(f"/participants/{code}/screening").text
    assert "No sample of any kind before consent." in page and 'id="form-collect_menstrual_blood"' not in page
    step(sit("coord-a"), code, "collect_menstrual_blood", TAKEN, status=409)
    assert not of(site, code).screening.samples


@pytest.mark.parametrize(
    ("at", "field", "value"),
    [
        ("collect_menstrual_blood", "volume", "much"),
        ("collect_menstrual_blood", "device", "bucket"),
        ("analyse_menstrual_blood", "marker-cd49a", "-3"),
        ("analyse_menstrual_blood", "fcs_sha256", "abc"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field_and_nothing_typed_is_lost(
    site: Site, sit: Sit, at: str, field: str, value: str
) -> None:
    code = enrol(sit)
    step(sit("coord-a"), code, "pre_screen", FIRST)
    consent(sit, code)
    if at == "analyse_menstrual_blood":
        step(sit("coord-a"), code, "collect_menstrual_blood", TAKEN)
    given, who = (TAKEN, "coord-a") if at == "collect_menstrual_blood" else (MEASURED, "qc-a")
    before = len(of(site, code).entries)
    page = step(sit(who), code, at, given | {field: value}, status=422)
    assert f'id="{at}-{field}-error"' in page
    assert given.get("medium", "52000") in page
    assert len(of(site, code).entries) == before


def test_normal_menstrual_blood_is_not_eligible_whatever_is_chosen(site: Site, sit: Sit) -> None:
    """The registered text: abnormal NK cells of menstrual blood."""
    normal = {"marker-cd16_dim": "12.0", "marker-cd49a": "40.0"}
    code = analysed(sit, **normal)
    page = step(sit("clin-a"), code, "decide_eligibility", DECIDED, status=409)
    assert "menstrual blood normal" in page and of(site, code).screening.eligibility is None
    step(sit("clin-a"), code, "decide_eligibility", DECIDED | {"eligible": "no"})
    decision = of(site, code).screening.eligibility
    assert decision is not None and decision.reasons == ("menstrual_blood_normal",)


@pytest.mark.parametrize(
    ("user_id", "act", "fields"),
    [("coord-a", "decide_eligibility", DECIDED), ("coord-a", "analyse_menstrual_blood", MEASURED)],
)
def test_who_enrols_neither_measures_nor_decides(
    site: Site, sit: Sit, user_id: str, act: str, fields: dict[str, str]
) -> None:
    code = analysed(sit)
    before = len(of(site, code).entries)
    step(sit(user_id), code, act, fields, status=403)
    assert len(of(site, code).entries) == before


def test_the_pages_give_no_medical_advice_and_no_identity(sit: Sit) -> None:
    code = analysed(sit)
    for address in (f"/participants/{code}", f"/participants/{code}/screening"):
        page = sit("coord-a").get(address).text
        assert "This system records and gates; it gives no medical advice." in unescape(page)
        assert "Demo participant 99" not in page


def test_improvement_is_told_with_both_sensitivities_and_not_to_the_laboratory(sit: Sit) -> None:
    """Domain 5: pregnancy is never “not improved”; the laboratory measures without knowing the course."""
    code = analysed(sit)
    told = [
        "of those with an assessable follow-up sample",
        "worst case, pregnant left out",
        "worst case, pregnant counted as improved",
    ]
    page, bench = (sit(who).get(f"/participants/{code}/screening").text for who in ("coord-a", "qc-a"))
    assert [words for words in told if words not in page] == []
    assert [words for words in told if words in bench] == []


def test_the_analyst_opens_screening_and_not_the_course(sit: Sit) -> None:
    """Laboratory roles see a trial code, the sample and the markers, nothing else of her."""
    code = analysed(sit)
    assert sit("qc-a").get(f"/participants/{code}/screening").status_code == 200
    assert sit("qc-a").get(f"/participants/{code}").status_code == 403


def test_the_analyst_measures_without_knowing_the_arm(sit: Sit) -> None:
    code = analysed(sit)
    step(sit("clin-a"), code, "decide_eligibility", DECIDED)
    fields = {"arm": "perfusion", "source": "list", "reference": "R-97", "allocated_at": ""}
    assert sit("coord-a").identify(f"/participants/{code}/record_allocation", **fields).status_code == 303
    address = f"/participants/{code}/screening"
    assert "R-97" in sit("coord-a").get(address).text
    seen = sit("qc-a").get(address).text
    assert "R-97" not in seen and "perfusion" not in seen


def test_a_round_is_planned_called_off_and_ended_on_the_page(site: Site, sit: Sit) -> None:
    code = analysed(sit)
    step(sit("clin-a"), code, "decide_eligibility", DECIDED)
    fields = {"arm": "perfusion", "source": "list", "reference": "R-98", "allocated_at": ""}
    assert sit("coord-a").identify(f"/participants/{code}/record_allocation", **fields).status_code == 303
    now = site.clock.now().date().isoformat()
    plan = {"round": "1", "last_menses": now, "cycle_day": "21"}
    step(sit("clin-a"), code, "plan_round", plan)
    assert "day 21 of the cycle" in sit("clin-a").get(f"/participants/{code}/screening").text
    step(sit("clin-a"), code, "cancel_round", {"round": "1", "on": now, "reason": "cycle"})
    step(sit("clin-a"), code, "end_rounds", {"on": now, "reason": "own_wish"})
    step(sit("clin-a"), code, "plan_round", plan, status=409)
    assert of(site, code).screening.no_further is not None


def test_a_sample_waits_on_the_first_page_of_the_analyst_and_a_decision_on_that_of_the_investigator(
    sit: Sit,
) -> None:
    code = enrol(sit)
    step(sit("coord-a"), code, "pre_screen", FIRST)
    consent(sit, code)
    step(sit("coord-a"), code, "collect_menstrual_blood", TAKEN)
    assert f"/participants/{code}/screening#form-analyse_menstrual_blood" in sit("qc-a").get("/").text
    step(sit("qc-a"), code, "analyse_menstrual_blood", MEASURED)
    assert f"/participants/{code}/screening#form-decide_eligibility" in sit("clin-a").get("/").text
    assert f"/participants/{code}/screening#form" not in sit("qc-a").get("/").text


def test_the_next_step_of_a_participant_is_the_one_that_is_not_done(site: Site, sit: Sit) -> None:
    """Screens 2.16: the next due action for this person."""
    assert sit("qa-a").sign("/randomisation/open_randomisation").status_code == 303
    code = enrol(sit)
    page = f"/participants/{code}"
    assert f"{page}/screening#form-pre_screen" in sit("coord-a").get(page).text
    step(sit("coord-a"), code, "pre_screen", FIRST)
    assert 'href="#form-record_consent"' in sit("coord-a").get(page).text
    consent(sit, code)
    assert f"{page}/screening#form-collect_menstrual_blood" in sit("coord-a").get(page).text
    step(sit("coord-a"), code, "collect_menstrual_blood", TAKEN)
    step(sit("qc-a"), code, "analyse_menstrual_blood", MEASURED)
    assert f"{page}/screening#form-decide_eligibility" in sit("clin-a").get(page).text
    step(sit("clin-a"), code, "decide_eligibility", DECIDED)
    assert f'href="{page}/randomisation"' in sit("coord-a").get(page).text
