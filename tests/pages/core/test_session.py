"""Who sits there: lock and unlock, closed accounts, forged requests, faults with a reference."""

import logging
from uuid import uuid4

import pytest
from flask import Flask

from lims.actions import people
from lims.actions.work import Actor
from lims.app import DemoLogin, create_app
from tests.conftest import wanted_dialect
from tests.pages.site import Played, sign_in
from tests.player.cast import PIN

JSON = {"Accept": "application/json"}


def test_the_site_stands_on_the_database_of_this_run(played: Played) -> None:
    assert played.site.ledger.engine.dialect.name == wanted_dialect()


def test_a_locked_session_shows_nothing_until_the_same_person_is_back(app: Flask) -> None:
    """The lock is on the server; the page over it is only its picture."""
    client = app.test_client()
    sign_in(client, "tech-b")
    assert client.post("/session/lock", headers=JSON).status_code == 200
    assert client.get("/batches").status_code == 303
    assert client.get("/batches", headers={"HX-Request": "true"}).status_code == 401
    wrong = client.post("/session/unlock", data={"secret": "000001"}, headers=JSON)
    assert wrong.status_code == 422
    right = client.post("/session/unlock", data={"secret": PIN}, headers=JSON)
    assert right.status_code == 200
    assert client.get("/batches").status_code == 200


def test_a_closed_account_stops_at_its_next_request(app: Flask, played: Played) -> None:
    """I20: a live session ends with the account."""
    client = app.test_client()
    sign_in(client, "qc-b")
    assert client.get("/").status_code == 200
    admin = Actor(person="admin", station="")
    people.close_person(played.site, admin, uuid4().hex, person="qc-b", reason_code="left")
    answer = client.get("/")
    assert answer.status_code == 303
    assert "/sign-in" in answer.headers["Location"]


def test_a_forged_request_is_refused(played: Played) -> None:
    """Without the page's token nothing is recorded."""
    client = create_app(played.site, secure=True).test_client()
    assert client.post("/sign-in", data={"user_id": "tech-a", "password": "x"}).status_code == 400


def test_only_a_demo_shows_logins(played: Played) -> None:
    """A tap signs nobody in where no such login was given."""
    made = create_app(played.site, secure=False)
    made.config["WTF_CSRF_ENABLED"] = False
    assert made.test_client().post("/sign-in/demo", data={"person": "tech-a"}).status_code == 403
    card = DemoLogin(user_id="tech-a", name="Technician A", role="technician", password="wrong here")
    assert (
        "Technician A"
        in create_app(played.site, secure=False, demo_logins=[card]).test_client().get("/sign-in").text
    )


def test_a_fault_has_a_reference_and_its_log_no_personal_data(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The person names the reference; the log leads to the place and holds no value."""

    told = " ".join(("Demo", "participant", "1"))

    def fails(*_: object) -> None:
        raise RuntimeError(told)

    monkeypatch.setattr("lims.web.today.query.today", fails)
    client = app.test_client()
    sign_in(client, "qa-a")
    with caplog.at_level(logging.ERROR, logger="lims.faults"):
        answer = client.get("/")
    assert answer.status_code == 500
    assert answer.headers["X-Reference"] in caplog.text
    assert told not in caplog.text
