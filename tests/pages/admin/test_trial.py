"""Participants through the pages: identity apart, consent and arm by PIN, band and order as codes, the batch signed."""

from collections.abc import Callable

import pytest

from lims.actions.site import Site
from lims.domain.entries.envelope import Entry
from lims.domain.entries.trial import IdentitySeen
from lims.domain.participant import Participant, fold_participant
from tests.pages.quality.conftest import Desk, batch_of, entries_of

Sit = Callable[[str], Desk]
WHO = {"name": "Demo participant 99 演示", "birth_date": "1991-02-03", "hospital_number": "DEMO-0099"}


def enrol(sit: Sit) -> str:
    """A new participant's trial code."""
    answer = sit("coord-a").post("/participants", **WHO)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].rpartition("/")[2]


def ready(sit: Sit, *, arm: str = "perfusion") -> str:
    """A participant with consent and arm."""
    code, desk = enrol(sit), sit("coord-a")
    agreed = desk.client.post(
        f"/participants/{code}/record_consent",
        data={
            "pin": "471108",
            "form_version": "3",
            "signed_on": "2026-10-01",
            "scopes": ["treatment", "data", "samples"],
        },
    )
    assert agreed.status_code == 303, agreed.text
    fields = {"arm": arm, "source": "list", "reference": "R-99", "allocated_at": "2026-10-01 09:00"}
    assert desk.identify(f"/participants/{code}/record_allocation", **fields).status_code == 303
    return code


def issue(sit: Sit, code: str, *, number: str = "1") -> tuple[int, str]:
    answer = sit("qa-a").sign(f"/participants/{code}/issue_batch", round=number, master="MBR-DNK-010")
    return answer.status_code, answer.text


def of(site: Site, code: str) -> Participant:
    return fold_participant(f"participant:{code}", entries_of(site, f"participant:{code}"))


def last(site: Site, code: str) -> Entry:
    return entries_of(site, f"participant:{code}")[-1]


def test_a_participant_reaches_an_issued_batch(site: Site, sit: Sit) -> None:
    code = ready(sit)
    status, page = issue(sit, code)
    assert status == 303, page
    number = of(site, code).round(1).open_batch
    assert number and batch_of(site, number).issue.participant == code
    assert number in sit("coord-a").get(f"/participants/{code}").text


def test_no_page_but_the_identity_page_shows_who_she_is(sit: Sit) -> None:
    code = enrol(sit)
    desk = sit("coord-a")
    pages = [desk.get(path).text for path in ("/participants", f"/participants/{code}", "/audit", "/")]
    for page in pages:
        assert not [value for value in WHO.values() if value in page]
    assert WHO["name"] in desk.post(f"/participants/{code}/identity").text


@pytest.mark.parametrize("user_id", ["qa-a", "inspector", "tech-a", "qc-a", "admin"])
def test_who_she_is_is_only_for_coordinator_and_clinician(sit: Sit, user_id: str) -> None:
    assert sit(user_id).post("/participants/DNK-001/identity").status_code == 403


def test_each_look_at_an_identity_is_on_file_without_what_was_seen(site: Site, sit: Sit) -> None:
    """GCP 2.7, PIPL 51: who was shown who she is. The same request sent again shows nothing."""
    code, desk = enrol(sit), sit("clin-a")
    head = last(site, code).seq
    for _ in range(2):
        assert WHO["name"] in desk.post(f"/participants/{code}/identity").text
    looks = entries_of(site, f"looks:{code}")
    assert [(entry.person, entry.fact) for entry in looks] == [("clin-a", IdentitySeen(participant=code))] * 2
    assert last(site, code).seq == head
    with site.ledger.reading() as book:
        told = [body for body, _ in book.bodies(f"looks:{code}")]
    assert not [value for value in WHO.values() for body in told if value in body]
    again = {"request_id": looks[0].request.id if looks[0].request else ""}
    assert desk.post(f"/participants/{code}/identity", **again).status_code == 303
    assert "looked at who" in desk.get(f"/participants/{code}").text


def test_the_identity_form_keeps_no_draft(sit: Sit) -> None:
    page = sit("coord-a").get("/participants").text
    form = page[page.index('id="act-enrol_participant"') :]
    assert "data-no-draft" in form[: form.index(">", form.index("<form"))]


def test_a_birth_date_that_is_none_is_said_and_what_was_typed_stays(sit: Sit) -> None:
    answer = sit("coord-a").post("/participants", **{**WHO, "birth_date": "3 Feb"})
    assert answer.status_code == 422
    assert "This is not a date." in answer.text and WHO["hospital_number"] in answer.text


def test_consent_without_a_scope_is_asked_again(site: Site, sit: Sit) -> None:
    code = enrol(sit)
    desk = sit("coord-a")
    answer = desk.identify(f"/participants/{code}/record_consent", form_version="3", signed_on="2026-10-01")
    assert answer.status_code == 422
    assert not of(site, code).consent


def test_a_superseded_version_is_refused_at_its_field_and_a_newer_one_asks_again(
    site: Site, sit: Sit
) -> None:
    """Signed while it was in force it is taken; since then she is to sign again, and no batch is issued before."""
    code, desk = enrol(sit), sit("coord-a")
    fields = {"pin": "471108", "form_version": "2", "scopes": ["treatment", "data"]}
    today = desk.client.post(
        f"/participants/{code}/record_consent", data={**fields, "signed_on": "2026-10-01"}
    )
    assert today.status_code == 422 and not of(site, code).consent
    assert "superseded by version 3 on 2026-01-01" in today.text and 'value="2026-10-01"' in today.text
    then = desk.client.post(
        f"/participants/{code}/record_consent", data={**fields, "signed_on": "2025-12-30"}
    )
    assert then.status_code == 303
    page = desk.get(f"/participants/{code}").text
    assert "To be asked again" in page and "version 3 to be signed, since 2026-01-01" in page
    fields = {"arm": "perfusion", "source": "list", "reference": "R-99", "allocated_at": "2026-10-01 09:00"}
    desk.identify(f"/participants/{code}/record_allocation", **fields)
    status, told = issue(sit, code)
    assert status == 409 and "she has not signed version 3 yet" in told
    assert of(site, code).round(1).open_batch is None


def test_a_wrong_pin_records_no_arm(site: Site, sit: Sit) -> None:
    code = enrol(sit)
    fields = {"arm": "perfusion", "source": "list", "reference": "R-1", "allocated_at": ""}
    answer = sit("coord-a").identify(f"/participants/{code}/record_allocation", pin="000001", **fields)
    assert answer.status_code == 422
    assert of(site, code).allocation is None


def test_a_control_gets_no_batch_and_the_page_says_why(site: Site, sit: Sit) -> None:
    code = ready(sit, arm="control")
    status, page = issue(sit, code)
    assert status == 409
    assert "receives no product" in page
    assert of(site, code).round(1).open_batch is None


def test_a_participant_without_consent_gets_no_batch(sit: Sit) -> None:
    status, page = issue(sit, enrol(sit))
    assert status == 409 and "onsent" in page


def test_a_round_beyond_the_protocol_is_refused(sit: Sit) -> None:
    status, _ = issue(sit, ready(sit), number="3")
    assert status == 409


def test_a_second_batch_of_the_same_round_is_refused(sit: Sit) -> None:
    code = ready(sit)
    assert issue(sit, code)[0] == 303
    assert issue(sit, code)[0] == 409


def test_only_quality_issues(sit: Sit) -> None:
    code = ready(sit)
    answer = sit("coord-a").sign(f"/participants/{code}/issue_batch", round="1", master="MBR-DNK-010")
    assert answer.status_code == 403


def test_the_words_of_the_signature_stand_on_the_page(sit: Sit) -> None:
    code = ready(sit)
    page = sit("qa-a").get(f"/participants/{code}").text
    assert f"I issue this batch of MBR-DNK-010 version 1 for {code}, round 1." in page


def test_a_withdrawn_consent_holds_the_batch_in_the_making(site: Site, sit: Sit) -> None:
    code = ready(sit)
    issue(sit, code)
    number = of(site, code).round(1).open_batch or ""
    answer = sit("coord-a").identify(f"/participants/{code}/withdraw_consent", scopes="treatment", reason="")
    assert answer.status_code == 303
    assert batch_of(site, number).on_hold
    assert "Consent withdrawn" in sit("qa-a").get(f"/participants/{code}").text


def test_a_wristband_is_printed_with_its_serial_and_no_identity(site: Site, sit: Sit) -> None:
    code, desk = ready(sit), sit("clin-a")
    second = {"witness": "clin-b", "witness_pin": "471108"}
    done = desk.identify(f"/participants/{code}/issue_wristband", identity_document="demo card", **second)
    assert done.status_code == 303
    serial = of(site, code).band_waiting
    assert "Not scanned back" in desk.get(f"/participants/{code}").text
    wrong = desk.identify(f"/participants/{code}/issue_wristband", identity_document="demo card")
    assert wrong.status_code == 422 and of(site, code).band_waiting == serial
    back = desk.post(f"/participants/{code}/scan_wristband", code=serial or "", means="scanned")
    assert back.status_code == 303 and of(site, code).wristband == serial
    page = desk.get(f"/participants/{code}/wristband").text
    assert f"/codes/{serial}.svg" in page and WHO["name"] not in page
    assert desk.get(f"/codes/{serial}.svg").mimetype == "image/svg+xml"


def test_without_a_wristband_there_is_nothing_to_print(sit: Sit) -> None:
    assert sit("clin-a").get(f"/participants/{enrol(sit)}/wristband").status_code == 404


def test_an_order_has_a_sheet_with_its_code(site: Site, sit: Sit) -> None:
    code, desk = ready(sit), sit("clin-a")
    done = desk.sign(
        f"/participants/{code}/order_perfusion", round="1", planned_at="2027-01-05 10:00", ward="Ward 3"
    )
    assert done.status_code == 303, done.text
    order = of(site, code).round(1).order
    assert order and f"/codes/{order.order}.svg" in desk.get(f"/participants/{code}/order/1").text


def test_a_participant_who_is_not_on_file_is_not_found(sit: Sit) -> None:
    assert sit("coord-a").get("/participants/DNK-999").status_code == 404
