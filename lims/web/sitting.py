"""Who sits at this browser: the site, the session on the server and the person with the roles of today."""

from dataclasses import dataclass

from flask import current_app, g, request
from flask import session as browser

from lims.actions.site import Site
from lims.domain.acts import Role
from lims.domain.people import Person
from lims.language import LANGUAGES
from lims.ledger.sessions import Session

EXTENSION = "lims.site"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Somebody signed in: the session on the server, the person as on file, the roles of today."""

    session: Session
    person: Person
    roles: frozenset[Role]


def site() -> Site:
    """The instance that this application serves."""
    found: Site = current_app.extensions[EXTENSION]
    return found


def seat() -> Seat | None:
    """Who is signed in, or None."""
    found: Seat | None = g.get("seat")
    return found


def roles() -> frozenset[Role]:
    """What the person is appointed to today; nothing when nobody is signed in."""
    found = seat()
    return found.roles if found else frozenset()


def language() -> str:
    """The language of the page: the session's, else the browser's."""
    found = seat()
    if found:
        return found.session.language
    kept = browser.get("language")
    if kept in LANGUAGES:
        return str(kept)
    asked = request.accept_languages.best_match(["en", "zh-Hans", "zh-CN", "zh", "zh-TW"]) or "en"
    return "en" if asked == "en" else "zh_Hans"


def station() -> str:
    """The code of the station that this browser is; empty when it is none."""
    found = seat()
    return found.session.station if found else str(browser.get("station", ""))
