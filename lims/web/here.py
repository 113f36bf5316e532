"""Where a request stands: which site, which session, who sits there, and how an act is asked for and answered."""

import hmac
from collections.abc import Callable
from uuid import uuid4

from flask import render_template, request
from flask_babel import gettext

from lims.actions import secrets
from lims.actions.site import Site
from lims.actions.work import Actor, Outcome
from lims.domain.people import Person
from lims.domain.refusals import RULES, BadEntry, NotAllowed, Reason
from lims.ledger.sessions import Session
from lims.queries.look import Reader
from lims.web.forms import ActForm, PinForm, SignForm
from lims.web.shell import Shell
from lims.web.sitting import Seat, language, roles, seat, site, station

__all__ = ["Seat", "language", "roles", "seat", "site", "station"]


class SignedOut(Exception):
    """Nobody is signed in, or the session is locked: the page asks for the person again."""


def _seated() -> Seat:
    found = seat()
    if found is None:
        raise SignedOut
    return found


def session() -> Session:
    """The session on the server."""
    return _seated().session


def me() -> Person:
    """The signed-in person."""
    return _seated().person


def reader() -> Reader:
    """Who looks, for queries."""
    return Reader(person=me().id, roles=roles(), language=language(), site=site())


def actor() -> Actor:
    """The signed-in person as one who acts, attributed by the seat."""
    return Actor(person=me().id, station=session().station, language=language())


def signing(form: SignForm) -> Actor:
    """The person with their key unlocked by user id and password, for one signed act."""
    return secrets.signing(site(), actor(), form.password.data or "", user_id=form.user_id.data or "")


def identified(form: PinForm) -> Actor:
    """The person with their PIN proved, for one act."""
    return secrets.identified(site(), actor(), form.pin.data or "")


def request_id() -> str:
    """The id that was made when the page was drawn: the same one means the same request."""
    return request.form.get("request_id", "")[:64] or uuid4().hex


def is_fragment() -> bool:
    """htmx asked, and takes a part of a page."""
    return request.headers.get("HX-Request") == "true"


def is_json() -> bool:
    """A script asked, and takes JSON."""
    return request.accept_mimetypes.best == "application/json"


def words(reason: Reason) -> tuple[str, str]:
    """Why it is refused and what to do next, in the language of the page; what fills the places is translated too."""
    about = {name: gettext(value) if value else "" for name, value in reason.about}
    return gettext(reason.why).format(**about), gettext(reason.then).format(**about)


def attempt(form: ActForm, act: Callable[[], Outcome]) -> Outcome | None:
    """The act's outcome, or None when an entry cannot be taken: the form then says so and is drawn again (422)."""
    try:
        return act()
    except BadEntry as bad:
        why, then = words(bad.reason)
        form.add_error(bad.field, f"{why} {then}")
    except NotAllowed as refused:
        if refused.rule != "secret.locked":
            raise
        why, then = words(refused.reason)
        form.add_error("form", f"{why} {then}")
    form.again()
    return None


def render(template: str, **context: object) -> str:
    """A page or a fragment with the frame's facts and a request id of its own."""
    context.setdefault("request_id", uuid4().hex)
    return render_template(template, shell=Shell(), **context)


def derive(at: Site, purpose: str) -> bytes:
    """A key of the server for one purpose, derived from the one that never leaves it."""
    return hmac.digest(at.keys.digest_key, f"lims/web/{purpose}".encode(), "sha256")


def source_of(reason: Reason) -> str:
    """The clause or invariant that a rule comes from."""
    return RULES[reason.rule].source
