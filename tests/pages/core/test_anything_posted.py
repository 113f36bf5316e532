"""Whatever anybody posts to a page is taken, refused in words or not found: no fault, and a refusal changes nothing."""

import os
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from lims.actions.site import Site
from lims.app import create_app
from lims.domain.acts import Role
from lims.ledger.keys import unwrap
from lims.web import pages
from lims.web.limits import limiter
from tests.pages.core.posting import Asked, Listening, Posting
from tests.pages.site import WHO, sign_in

EXAMPLES = int(os.environ.get("LIMS_EXAMPLES", 4))
"""How often each page is posted to by each role that may open it."""

BESIDE = ("security:", "checkpoints")


@pytest.fixture
def listening(site: Site, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The pages over a copy of the demo; nobody is locked out, and a key is derived once for each password."""
    opened: dict[tuple[str, str], object] = {}

    def once(wrapped: str, secret: str) -> object:
        if (wrapped, secret) not in opened:
            opened[wrapped, secret] = unwrap(wrapped, secret)
        return opened[wrapped, secret]

    monkeypatch.setattr("lims.actions.secrets.unwrap", once)
    monkeypatch.setattr("lims.domain.people.MOST_FAILURES", 10**6)
    app = create_app(site, secure=False)
    app.config.update(WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    app.request_class = Listening
    limiter.enabled = False
    return app


def on_file(site: Site) -> dict[str, int]:
    """The newest entry of each stream, but for refusals, wrong secrets and checkpoints, which change nothing."""
    with site.ledger.engine.connect() as connection:
        heads = connection.execute(text("SELECT stream, max(seq) FROM entries GROUP BY stream"))
        return {s: seq for s, seq in heads if not s.endswith("!refusals") and not s.startswith(BESIDE)}


def wrong(answer: TestResponse, before: dict[str, int], after: dict[str, int]) -> str:
    """What is wrong with an answer; nothing when it is as it must be."""
    if answer.status_code >= 500:
        return f"fault {answer.headers['X-Reference']}"
    # A mismatch at the bedside is answered with a stop, and is itself on file.
    may_add = answer.status_code < 400 or answer.request.path.startswith("/clinic/")
    if before != after and not may_add:
        return f"refused with {answer.status_code}, yet {sorted(set(after.items()) - set(before.items()))}"
    return ""


def rules_for(app: Flask, role: str) -> list[Rule]:
    """Every rule that takes a POST: often where the role may open it, once where it may not."""
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint)
    taking = [rule for rule in rules if {"POST", "PUT"} & (rule.methods or set())]
    closed = [
        rule for rule in taking if pages.PAGES.get(rule.endpoint, {Role(role)}).isdisjoint({Role(role)})
    ]
    return closed + [rule for rule in taking if rule not in closed] * EXAMPLES


def look_around(posting: Posting, client: FlaskClient) -> None:
    """Open the pages of the site once, for the values that they offer."""
    for rule in sorted(posting.app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
        if "GET" in (rule.methods or set()) and rule.endpoint != "static":
            answer = client.get(posting.address(rule)[0])
            assert answer.status_code < 500, rule
            if answer.mimetype == "text/html":
                posting.offered.feed(answer.text)


@pytest.mark.parametrize("role", sorted(WHO))
def test_nothing_posted_is_a_fault_and_a_refusal_changes_nothing(
    site: Site, listening: Flask, role: str, caplog: pytest.LogCaptureFixture
) -> None:
    posting, client, person = Posting(site, listening, seed=role), listening.test_client(), WHO[role]
    sign_in(client, person)
    look_around(posting, client)
    found = []

    def post(url: str, page: str, fields: dict[str, Any]) -> None:
        before = on_file(site)
        Asked.names.clear()
        told = {name: value for name, value in fields.items() if name != "request_id"}
        answer = client.post(url, data=fields)
        posting.asked[page] |= Asked.names
        if answer.mimetype == "text/html":
            posting.offered.feed(answer.text)
        if said := wrong(answer, before, on_file(site)):
            found.append(f"{url} {told}: {said}")

    for rule in rules_for(listening, role):
        url, page = posting.address(rule)
        if page not in posting.asked:
            post(url, page, {})
        post(url, page, posting.fields(page, person))
        if rule.endpoint.startswith("session."):
            client = listening.test_client()
            sign_in(client, person)
    assert not found, "\n".join([*found, caplog.text])
