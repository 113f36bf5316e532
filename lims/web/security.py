"""What every request passes before a page runs, and what every answer carries."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask, Response, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from lims.actions.site import Site
from lims.domain.entries.envelope import stream_of
from lims.domain.folds import Folded
from lims.domain.people import Person
from lims.ledger import sessions
from lims.ledger.open_book import Book
from lims.web import here, pages
from lims.web.sitting import Seat

COOKIE = "bench_seat"
IDLE = timedelta(minutes=15)
"""Without input for so long a session is taken as locked, whatever the browser says."""
LONGEST = timedelta(hours=13)
"""A session ends after a shift, whoever sits there."""

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}


def install(app: Flask) -> None:
    """Put the checks before, and the headers behind, every page."""
    app.before_request(_arrive)
    app.after_request(_leave)


def _arrive() -> Answer | None:
    """Find who sits there, then ask the table of pages."""
    endpoint = request.endpoint
    if "\0" in request.path:
        abort(404)
    if endpoint == "static":
        return None
    g.seat = _seat_of(here.site())
    if endpoint is None or endpoint in pages.FOR_ANYONE:
        return None
    found = here.seat()
    if found is None:
        raise here.SignedOut
    if endpoint in pages.FOR_THE_SEATED:
        return None
    if found.session.locked:
        raise here.SignedOut
    if not pages.may(endpoint):
        abort(403)
    if found.person.undertaking is None and endpoint != "session.undertaking":
        return redirect(url_for("session.undertaking"), 303)
    return None


def _seat_of(site: Site) -> Seat | None:
    token = request.cookies.get(COOKIE, "")
    if not token:
        return None
    now = site.clock.now()
    with site.ledger.reading() as book:
        session = sessions.find(book, token)
        seat = _seated(book, session, site=site, now=now) if session else None
    if session is None:
        return None
    if seat is None or now - session.started > LONGEST:
        with site.ledger.writing(write=set()) as book:
            sessions.end(book, session)
        return None
    if seat.session.locked:
        return seat
    if now - session.last_input > IDLE:
        with site.ledger.writing(write=set()) as book:
            sessions.lock(book, session)
            locked = sessions.find(book, token)
        return Seat(session=locked or session, person=seat.person, roles=seat.roles)
    if sessions.needs_touch(session, now=now):
        with site.ledger.writing(write=set()) as book:
            sessions.touch(book, session, now=now)
    return seat


def _seated(book: Book, session: sessions.Session, *, site: Site, now: datetime) -> Seat | None:
    """The person as on file now; nobody once the account is closed (I20)."""
    stream = stream_of("person", session.person)
    person = book.derived(stream, Folded.of).record
    if not isinstance(person, Person) or person.closed or not person.user_id:
        return None
    today = now.astimezone(ZoneInfo(site.founded.zone)).date()
    return Seat(session=session, person=person, roles=person.roles_on(today))


def _leave(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.add("Vary", "Cookie, HX-Request")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
