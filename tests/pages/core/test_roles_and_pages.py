"""Every page × every role: the server answers as the table of pages says, and nobody else gets in."""

from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import IntegerConverter, Rule

from lims.documents.trial_words import STATEMENT
from lims.domain.acts import Role
from lims.web import pages
from lims.web.shell import NO_ADVICE
from tests.pages.site import WHO, Played, sign_in


def _values(rule: Rule, played: Played) -> dict[str, str]:
    known = {"number": played.number, "code": "receive", "step": "receive", "slot": "volume"}
    numbers = {name for name, kind in rule._converters.items() if isinstance(kind, IntegerConverter)}
    return {name: known.get(name, "1" if name in numbers else "x") for name in rule.arguments}


def test_every_endpoint_is_in_a_table(app: Flask) -> None:
    """A page that nobody thought about is closed, and this test names it."""
    known = pages.FOR_ANYONE | pages.FOR_THE_SEATED | set(pages.PAGES)
    missing = sorted({rule.endpoint for rule in app.url_map.iter_rules()} - known)
    assert not missing, missing


@pytest.mark.parametrize("role", sorted(WHO))
def test_a_role_opens_its_pages_and_no_others(app: Flask, played: Played, role: str) -> None:
    """21 CFR 11.10(g): authority checks on the server, derived from one table."""
    client = app.test_client()
    sign_in(client, WHO[role])
    wrong = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint in pages.FOR_ANYONE | pages.FOR_THE_SEATED:
            continue
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        with app.test_request_context():
            url = app.url_for(rule.endpoint, **_values(rule, played))
        answer = client.open(url, method=method)
        status = answer.status_code
        if rule.endpoint.partition(".")[0] in NO_ADVICE and answer.mimetype == "text/html" and status == 200:
            if STATEMENT not in unescape(answer.text):
                wrong.append((rule.endpoint, "says nothing about advice", status))
        allowed = Role(role) in pages.roles_of(rule.endpoint)
        if allowed != (status != 403) and not (allowed and method == "POST"):
            wrong.append((rule.endpoint, method, status))
        if status >= 500:
            wrong.append((rule.endpoint, method, status))
    assert not wrong


def test_nobody_sees_a_page_without_signing_in(app: Flask, played: Played) -> None:
    """Everything but the sign-in pages asks who is there."""
    client: FlaskClient = app.test_client()
    for path in ("/", "/batches", f"/batches/{played.number}", "/verify", "/me"):
        answer = client.get(path)
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/sign-in")
    assert client.get("/", headers={"HX-Request": "true"}).status_code == 401


def test_answers_carry_the_policy(app: Flask) -> None:
    """No page may load or run anything from elsewhere, nor inline."""
    answer = app.test_client().get("/sign-in")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
