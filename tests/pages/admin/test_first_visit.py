"""A new person: added, enrolled, vouched for by two, bound by the undertaking, and only then at work."""

import re
from collections.abc import Callable
from uuid import uuid4

from flask.testing import FlaskClient

from lims.actions.site import Site
from lims.domain.entries.keys import PersonKeyEnrolled, SignatureMade
from tests.pages.quality.conftest import Desk, batch_of, entries_of

Sit = Callable[[str], Desk]
NEW = "tech-n"
OWN = "a sentence nobody else knows 7"
OWN_PIN = "830526"
UNTIL = "2030-12-31"


def add(sit: Sit) -> Desk:
    """The administrator's desk, from which the account was added."""
    admin = sit("admin")
    answer = admin.post(
        "/people/add_person", name="Technician N", user_id=NEW, identity_checked_by="demo card"
    )
    assert answer.status_code == 303 and answer.headers["Location"] == f"/people/{NEW}"
    return admin


def grant(admin: Desk, role: str = "technician") -> int:
    return admin.post(f"/people/{NEW}/grant_role", role=role, until=UNTIL).status_code


def code_on(page: str) -> str:
    """The enrolment code as the administrator's page shows it, or nothing."""
    found = re.search(r'class="b-code">(\d{4}) (\d{4}) (\d{4})</h2>', page)
    return "".join(found.groups()) if found else ""


def enrol(sit: Sit, code: str) -> Desk:
    """The new person's own desk after the first visit."""
    client: FlaskClient = sit("inspector").client.application.test_client()
    fields = {"user_id": NEW, "enrolment": code, "password": OWN, "password_again": OWN}
    answer = client.post(
        "/enrol", data={**fields, "pin": OWN_PIN, "pin_again": OWN_PIN, "request_id": uuid4().hex}
    )
    assert answer.status_code == 303 and answer.headers["Location"] == "/undertaking", answer.text
    return Desk(client, NEW)


def arrived(sit: Sit) -> Desk:
    """The new person with a password and a key that nobody has vouched for."""
    admin = add(sit)
    assert grant(admin) == 303
    return enrol(sit, code_on(admin.get(f"/people/{NEW}").text))


def kid_of(site: Site) -> str:
    facts = [entry.fact for entry in entries_of(site, "keys")]
    return next(fact.kid for fact in facts if isinstance(fact, PersonKeyEnrolled) and fact.person == NEW)


def vouch(site: Site, desk: Desk) -> int:
    return desk.sign(f"/people/{NEW}/attest_key", kid=kid_of(site)).status_code


def bind(desk: Desk) -> int:
    return desk.sign("/undertaking", password=OWN).status_code


def test_a_new_person_works_when_two_vouched_and_the_undertaking_is_signed(site: Site, sit: Sit) -> None:
    person = arrived(sit)
    assert vouch(site, sit("admin")) == 303
    assert vouch(site, sit("qa-a")) == 303
    assert bind(person) == 303
    assert person.get("/batches").status_code == 200
    assert person.post("/batches/0005/hold", reason_code="quality").status_code == 303
    assert batch_of(site, "0005").on_hold


def test_the_enrolment_code_is_shown_to_the_administrator_only(sit: Sit) -> None:
    grant(add(sit))
    assert len(code_on(sit("admin").get(f"/people/{NEW}").text)) == 12
    assert code_on(sit("qa-a").get(f"/people/{NEW}").text) == ""


def test_without_a_role_there_is_no_enrolment_code_yet(sit: Sit) -> None:
    page = add(sit).get(f"/people/{NEW}").text
    assert code_on(page) == "" and "Grant a role first" in page


def test_the_enrolment_code_is_gone_once_there_is_a_key(sit: Sit) -> None:
    arrived(sit)
    assert code_on(sit("admin").get(f"/people/{NEW}").text) == ""


def test_a_wrong_enrolment_code_sets_no_password(site: Site, sit: Sit) -> None:
    grant(add(sit))
    client = sit("inspector").client.application.test_client()
    fields = {"user_id": NEW, "enrolment": "000000000000", "password": OWN, "password_again": OWN}
    answer = client.post("/enrol", data={**fields, "pin": OWN_PIN, "pin_again": OWN_PIN})
    assert answer.status_code == 422
    assert not any(
        isinstance(entry.fact, PersonKeyEnrolled) and entry.fact.person == NEW
        for entry in entries_of(site, "keys")
    )


def test_the_undertaking_waits_and_names_who_vouched(site: Site, sit: Sit) -> None:
    person = arrived(sit)
    vouch(site, sit("admin"))
    page = person.get("/undertaking").text
    assert "1 of 2 vouched for your key" in page
    assert "Administrator vouched" in page
    assert 'name="password"' not in page


def test_the_waiting_page_shows_the_fingerprint_that_the_vouchers_compare(site: Site, sit: Sit) -> None:
    person = arrived(sit)
    assert kid_of(site) in person.get("/undertaking").text
    assert kid_of(site) in sit("qa-a").get(f"/people/{NEW}").text


def test_one_voucher_is_not_enough_for_the_undertaking(site: Site, sit: Sit) -> None:
    person = arrived(sit)
    vouch(site, sit("admin"))
    assert bind(person) == 403
    assert not any(isinstance(e.fact, SignatureMade) for e in entries_of(site, f"person:{NEW}"))


def test_nobody_vouches_twice(site: Site, sit: Sit) -> None:
    arrived(sit)
    assert vouch(site, sit("admin")) == 303
    assert vouch(site, sit("admin")) == 409


def test_before_the_undertaking_every_page_leads_to_it(site: Site, sit: Sit) -> None:
    person = arrived(sit)
    for path in ("/", "/batches", "/me"):
        assert person.get(path).headers["Location"] == "/undertaking"


def test_roles_that_exclude_each_other_are_refused_in_words(sit: Sit) -> None:
    admin = add(sit)
    grant(admin, "qa")
    answer = admin.post(f"/people/{NEW}/grant_role", role="technician", until=UNTIL)
    assert answer.status_code == 403 and "cannot be held by one person" in answer.text


def test_a_reset_takes_the_key_and_gives_another_code(site: Site, sit: Sit) -> None:
    person = arrived(sit)
    first = kid_of(site)
    admin = sit("admin")
    assert admin.post(f"/people/{NEW}/reset_credentials", reason_code="forgotten").status_code == 303
    assert len(code_on(admin.get(f"/people/{NEW}").text)) == 12
    assert person.get("/undertaking").headers["Location"].startswith("/sign-in")
    assert sit("qa-a").sign(f"/people/{NEW}/attest_key", kid=first).status_code == 409


def test_nobody_grants_themselves_a_role(sit: Sit) -> None:
    assert sit("admin").post("/people/admin/grant_role", role="inspector", until=UNTIL).status_code == 403


def test_a_date_that_is_none_is_said_at_its_field_and_keeps_the_rest(sit: Sit) -> None:
    answer = sit("admin").post("/people/tech-b/grant_role", role="inspector", until="next year")
    assert answer.status_code == 422
    assert "This is not a date." in answer.text and "next year" in answer.text


def test_delegation_offers_only_tasks_that_are_delegated(sit: Sit) -> None:
    desk = sit("qa-a")
    assert desk.post("/people/clin-b/delegate_task", task="order_perfusion", until=UNTIL).status_code == 303
    assert desk.post("/people/clin-b/delegate_task", task="release_lot", until=UNTIL).status_code == 422


def test_a_station_is_registered_once(sit: Sit) -> None:
    fields = {"code": "BSC-9", "name": "BSC-9", "room": "Grade B room", "setting": "lab"}
    admin = sit("admin")
    assert admin.post("/people/register_station", **fields).status_code == 303
    assert "BSC-9" in admin.get("/people").text
    assert admin.post("/people/register_station", **fields).status_code == 409


def test_a_locked_out_person_is_let_in_again_by_another(sit: Sit) -> None:
    desk = sit("tech-b")
    for _ in range(5):
        desk.client.post("/sign-in", data={"user_id": "tech-b", "password": "not this one at all"})
    admin = sit("admin")
    assert "Locked out" in admin.get("/people").text
    assert admin.post("/people/tech-b/end_lock_out", reason_code="forgotten").status_code == 303
    assert "Locked out" not in admin.get("/people").text
