"""What the page says when something is refused, unknown or broken; the one place for the policy of status codes."""

import logging
import secrets
import traceback
from urllib.parse import quote

from flask import Flask, jsonify, make_response, redirect, request, url_for
from flask_babel import gettext
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from lims.domain.refusals import Refused, Stale, Unmet
from lims.web import here

faults = logging.getLogger("lims.faults")
security = logging.getLogger("lims.security")

TITLES = {
    400: "The page is too old",
    403: "Not allowed for you",
    404: "Not on file",
    405: "Not possible this way",
    413: "This is too long",
    429: "Too many tries",
    500: "Something went wrong here",
}
TEXTS = {
    400: (
        "The page was open for too long or came from elsewhere.",
        "Load it again, then enter it once more.",
    ),
    403: ("Your role does not open this page.", "Ask a colleague whose role does, or go back to Today."),
    404: ("There is nothing at this address.", "Check the code or start from Today."),
    405: ("This address takes no such request.", "Start from Today."),
    413: ("What was sent is longer than anything that can be recorded.", "Shorten it and send it again."),
    429: ("Too many tries from this station.", "Wait a minute, then try again."),
    500: (
        "Nothing was recorded. What was on file is unchanged.",
        "Try again; if it stays, name the reference.",
    ),
}


def install(app: Flask) -> None:
    """Handle every way a request can end other than well."""
    app.register_error_handler(here.SignedOut, _signed_out)
    app.register_error_handler(Refused, refused)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(RateLimitExceeded, _too_often)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(500, _fault)


def _signed_out(_: Exception) -> Response:
    """Scripts get 401 and lay the lock over the page; a plain page goes to the sign-in and comes back."""
    if here.is_fragment() or here.is_json():
        return make_response("", 401)
    back = request.full_path.rstrip("?") if request.method == "GET" else "/"
    page = "session.locked" if here.seat() else "session.sign_in"
    suffix = f"?next={quote(back)}" if back != "/" else ""
    return redirect(url_for(page) + suffix, 303)


def refused(refusal: Refused) -> Response:
    """Which rule, why, what next and where it comes from; nothing changed."""
    why, then = here.words(refusal.reason)
    if here.is_json():
        return make_response(jsonify(message=f"{why} {then}", rule=refusal.rule), refusal.status)
    reasons = [here.words(reason) for reason in refusal.reasons] if isinstance(refusal, Unmet) else []
    both = (refusal.yours, refusal.on_file) if isinstance(refusal, Stale) else None
    name = "parts/refused.html" if here.is_fragment() else "refusal.html"
    page = here.render(
        name,
        rule=refusal.rule,
        status=refusal.status,
        why=why,
        then=then,
        source=here.source_of(refusal.reason),
        reasons=reasons,
        both=both,
        about=dict(refusal.reason.about),
        back=_back(),
    )
    answer = make_response(page, refusal.status)
    if here.is_fragment():
        answer.headers["HX-Retarget"] = "#toast"
        answer.headers["HX-Reswap"] = "innerHTML"
    return answer


def _back() -> str:
    """Where the person came from, if that was one of our own pages."""
    came = request.referrer or ""
    own = request.host_url
    return "/" + came[len(own) :] if came.startswith(own) else "/"


def _plain(status: int, *, reference: str = "") -> Response:
    title = gettext(TITLES.get(status, TITLES[500]))
    why, then = (gettext(text) for text in TEXTS.get(status, TEXTS[500]))
    if here.is_json():
        answer = make_response(jsonify(message=f"{why} {then}"), status)
    else:
        page = here.render("fault.html", status=status, title=title, why=why, then=then, reference=reference)
        answer = make_response(page, status)
    if reference:
        answer.headers["X-Reference"] = reference
    return answer


def _forged(error: CSRFError) -> Response:
    """A missing or old token: a script asks for the person again and so gets a new one."""
    security.warning("token refused at %s", request.endpoint)
    if here.is_fragment():
        return make_response("", 401)
    return _plain(400)


def _too_often(_: RateLimitExceeded) -> Response:
    security.warning("too many requests at %s", request.endpoint)
    return _plain(429)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if 300 <= status < 400:
        return error.get_response()
    return _plain(status)


def _fault(error: Exception) -> Response:
    """A fault of ours: the reference leads to the log, and neither shows what was typed or whose it is."""
    reference = secrets.token_hex(4).upper()
    cause = getattr(error, "original_exception", None) or error
    frames = "".join(traceback.format_tb(cause.__traceback__))
    faults.error("fault %s at %s: %s\n%s", reference, request.endpoint, type(cause).__name__, frames)
    return _plain(500, reference=reference)
