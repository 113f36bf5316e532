"""Signing in and out, locking, a second person's seat, language, theme, and which station this browser is."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, current_app, jsonify, redirect, request, url_for
from flask import session as browser
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from lims.actions import people, secrets
from lims.actions.work import Actor, Outcome
from lims.domain.acts import ACTS, Role
from lims.domain.people import Person
from lims.domain.refusals import BadEntry, NotAllowed, Refused
from lims.language import LANGUAGES
from lims.ledger import sessions
from lims.queries import session as query
from lims.web import here
from lims.web.filters import tr
from lims.web.limits import SIGN_IN, limiter
from lims.web.security import COOKIE
from lims.web.session_forms import (
    BadgeForm,
    EnrolForm,
    NewSecretsForm,
    SignInForm,
    UndertakingForm,
    UnlockForm,
)

bp = Blueprint("session", __name__)

DEMO_LOGINS = "lims.demo_logins"
THEMES = ("bright", "dim")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoLogin:
    """A person of the demo cast whom one tap signs in; `waits` is a message id, or empty: then tasks are counted."""

    user_id: str
    name: str
    role: str
    password: str
    waits: str = ""
    station: str = ""
    """Where the person sits; a demo browser becomes that station."""


def _own_path(wanted: str) -> str:
    """A path of this application to go on with; anything else is Today."""
    parts = urlsplit(wanted)
    plain = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc
    return wanted if plain and not parts.scheme and "\n" not in wanted else "/"


def _demo() -> tuple[DemoLogin, ...]:
    found: tuple[DemoLogin, ...] = current_app.extensions[DEMO_LOGINS]
    return found


def _begin(person: Person, onward: str) -> Response:
    """A session for the person; whoever sat there before has left, and so have their pages' tokens."""
    site = here.site()
    before = here.seat()
    with site.ledger.writing(write=set()) as book:
        if before:
            sessions.end(book, before.session)
        token = sessions.start(
            book,
            person=person.id,
            station=str(browser.get("station", "")),
            now=site.clock.now(),
            language=here.language(),
            theme=str(browser.get("theme", "bright")),
        )
    browser.pop("csrf_token", None)
    answer = redirect(_own_path(onward), 303)
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    answer.set_cookie(COOKIE, token, httponly=True, samesite="Strict", secure=secure, path="/")
    return answer


@bp.route("/sign-in", methods=["GET", "POST"])
@limiter.limit(SIGN_IN, methods=["POST"])
def sign_in() -> Response | tuple[str, int] | str:
    """User id and password; a badge goes to its own page."""
    form = SignInForm(next=request.args.get("next", ""))
    if form.is_sent():
        person = _proved(form, user_id=form.user_id.data or "")
        if person:
            return _begin(person, form.next.data or "/")
    return _sign_in_page(form)


def _proved(form: SignInForm, *, user_id: str) -> Person | None:
    try:
        person = secrets.find_person(here.site(), user_id=user_id)
        if person is None:
            raise BadEntry("secret.unknown", field="user_id")
        secrets.prove_password(here.site(), person, form.password.data or "", during="sign_in")
    except (BadEntry, NotAllowed) as refused:
        _say(form, refused)
        return None
    return person


def _say(form: SignInForm | BadgeForm | EnrolForm | UnlockForm, refused: Refused) -> None:
    form.add_error(
        refused.field if isinstance(refused, BadEntry) else "form", " ".join(here.words(refused.reason))
    )


def _sign_in_page(form: SignInForm) -> tuple[str, int] | str:
    cards = _demo()
    waits = query.waiting(here.site(), tuple(card.user_id for card in cards)) if cards else {}
    stations = query.stations(here.site())
    page = here.render(
        "session/sign_in.html", form=form, cards=cards, waits=waits, stations=stations, at=here.station()
    )
    return (page, 422) if form.problems else page


@bp.route("/sign-in/badge", methods=["GET", "POST"])
@limiter.limit(SIGN_IN, methods=["POST"])
def badge() -> Response | tuple[str, int] | str:
    """A scanned badge, then its person's PIN."""
    form = BadgeForm(code=request.args.get("code", ""), next=request.args.get("next", ""))
    person = secrets.find_person(here.site(), badge=(form.code.data or "").strip())
    if person is None:
        signing_in = SignInForm(next=form.next.data)
        signing_in.add_error("user_id", " ".join(here.words(BadEntry("secret.unknown", field="").reason)))
        return _sign_in_page(signing_in)
    if form.is_sent():
        try:
            secrets.prove_pin(here.site(), person, form.pin.data or "", during="sign_in")
        except (BadEntry, NotAllowed) as refused:
            _say(form, refused)
        else:
            return _begin(person, form.next.data or "/")
    page = here.render("session/badge.html", form=form, name=person.name)
    return (page, 422) if form.problems else page


@bp.post("/sign-in/demo")
@limiter.limit(SIGN_IN)
def demo() -> Response:
    """One tap signs in, on a demo instance only; on any other there are no such logins."""
    wanted = request.form.get("person", "")
    login = next((card for card in _demo() if card.user_id == wanted), None)
    person = secrets.find_person(here.site(), user_id=wanted) if login else None
    if login is None or person is None:
        raise NotAllowed("instance.kind", kind=here.site().founded.instance_kind)
    secrets.prove_password(here.site(), person, login.password, during="sign_in")
    if login.station:
        browser["station"] = login.station
    return _begin(person, request.form.get("next", "/"))


@bp.route("/enrol", methods=["GET", "POST"])
@limiter.limit(SIGN_IN, methods=["POST"])
def enrol() -> Response | tuple[str, int] | str:
    """A new person's first visit: enrolment code, own password and PIN; the undertaking comes next."""
    form = EnrolForm(user_id=request.args.get("user_id", ""))
    if form.is_sent():
        person = secrets.find_person(here.site(), user_id=form.user_id.data or "")
        if person is None:
            form.add_error("user_id", " ".join(here.words(BadEntry("secret.unknown", field="").reason)))
        elif _same_twice(form) and here.attempt(form, lambda: _enrolled(form, person)):
            secrets.prove_password(here.site(), person, form.password.data or "", during="sign_in")
            return _begin(person, url_for("session.undertaking"))
    page = here.render("session/enrol.html", form=form)
    return (page, 422) if form.problems else page


def _same_twice(form: EnrolForm) -> bool:
    if form.password.data != form.password_again.data:
        form.add_error("password_again", gettext("This is not what was typed above."))
    if form.pin.data != form.pin_again.data:
        form.add_error("pin_again", gettext("This is not what was typed above."))
    return not form.problems


def _enrolled(form: EnrolForm, person: Person) -> Outcome:
    actor = Actor(person=person.id, station=here.station(), language=here.language())
    return people.set_credentials(
        here.site(),
        actor,
        here.request_id(),
        enrolment=form.enrolment.data or "",
        password=form.password.data or "",
        pin=form.pin.data or "",
    )


@bp.route("/undertaking", methods=["GET", "POST"])
def undertaking() -> Response | tuple[str, int] | str:
    """Once, before anything else: the signature binds like the one by hand; it waits until two vouched for the key."""
    form = UndertakingForm()
    if form.is_sent() and here.attempt(
        form, lambda: people.sign_undertaking(here.site(), here.signing(form), here.request_id())
    ):
        return redirect(url_for("session.mine"), 303)
    act = ACTS["sign_undertaking"]
    meaning = tr(act.meaning or "")
    key = query.own_key(here.reader())
    page = here.render(
        "session/undertaking.html", form=form, meaning=meaning, done=here.me().undertaking, key=key
    )
    return (page, 422) if form.problems else page


@bp.route("/me", methods=["GET", "POST"])
def mine() -> Response | tuple[str, int] | str:
    """The person's own page: roles and training with their end, the key, and a new password."""
    form = NewSecretsForm()
    if form.is_sent():
        for first, second in (("new_password", "new_again"), ("pin", "pin_again")):
            if form[first].data != form[second].data:
                form.add_error(second, gettext("This is not what was typed above."))
        if not form.problems and here.attempt(form, lambda: _changed(form)):
            return redirect(url_for("session.mine"), 303)
    me, reader = here.me(), here.reader()
    page = here.render(
        "session/mine.html",
        form=form,
        me=me,
        key=query.own_key(reader),
        today=query.today(reader),
        stations=query.stations(here.site()),
        at=here.station(),
    )
    return (page, 422) if form.problems else page


def _changed(form: NewSecretsForm) -> Outcome:
    try:
        return people.change_password(
            here.site(),
            here.signing(form),
            here.request_id(),
            password=form.new_password.data or "",
            pin=form.pin.data or "",
        )
    except BadEntry as bad:
        if bad.field == "password" and bad.rule.startswith("secret.") and bad.rule != "secret.wrong":
            raise BadEntry(bad.rule, field="new_password", **dict(bad.reason.about)) from None
        raise


@bp.post("/session/lock")
def lock() -> Response:
    """Hide the record; the page of a script stays, with what was typed."""
    with here.site().ledger.writing(write=set()) as book:
        sessions.lock(book, here.session())
    return jsonify(locked=True) if not _is_page() else redirect(url_for("session.locked"), 303)


def _is_page() -> bool:
    return "text/html" in request.headers.get("Accept", "")


@bp.get("/session/locked")
def locked() -> Response | str:
    """A locked session that came without scripts."""
    if not here.session().locked:
        return redirect(_own_path(request.args.get("next", "/")), 303)
    form = UnlockForm(next=request.args.get("next", ""))
    return here.render("session/locked.html", form=form, name=here.me().name)


@bp.post("/session/unlock")
@limiter.limit(SIGN_IN)
def unlock() -> Response | tuple[str, int] | tuple[Response, int]:
    """The same person is back: PIN or password."""
    form = UnlockForm()
    secret, site, person = form.secret.data or "", here.site(), here.me()
    try:
        if len(secret) == 6 and secret.isdigit():
            secrets.prove_pin(site, person, secret, during="unlock")
        else:
            secrets.prove_password(site, person, secret, during="unlock")
    except (BadEntry, NotAllowed) as refused:
        if here.is_json():
            return jsonify(message=" ".join(here.words(refused.reason))), refused.status
        form.add_error("secret", " ".join(here.words(refused.reason)))
        return here.render("session/locked.html", form=form, name=person.name), 422
    with site.ledger.writing(write=set()) as book:
        sessions.unlock(book, here.session(), now=site.clock.now())
    if here.is_json():
        return jsonify(csrf=generate_csrf())
    return redirect(_own_path(form.next.data or "/"), 303)


def _left(onward: str) -> Response:
    with here.site().ledger.writing(write=set()) as book:
        sessions.end(book, here.session())
    browser.pop("csrf_token", None)
    page = url_for("session.sign_in", next=onward) if onward != "/" else url_for("session.sign_in")
    answer = redirect(page, 303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


@bp.post("/session/switch")
def switch() -> Response:
    """Another person takes over the station and comes back to the same page; drafts stay with their own person."""
    came, own = request.referrer or "", request.host_url
    return _left("/" + came[len(own) :] if came.startswith(own) else "/")


@bp.post("/session/sign-out")
def sign_out() -> Response:
    """The person leaves."""
    return _left("/")


@bp.post("/session/seat")
def seat() -> Response:
    """A second person's badge at this station; their PIN comes with the act they stand behind."""
    second = secrets.find_person(here.site(), badge=request.form.get("code", "").strip())
    if second is None:
        raise NotAllowed("secret.unknown")
    take_seat(second)
    return redirect(_own_path(request.form.get("next", "/")), 303)


def take_seat(second: Person) -> None:
    """Seat a second person beside the signed-in one; the signed-in one cannot be their own second."""
    if second.id == here.me().id:
        raise NotAllowed("step.performer_verifies")
    site = here.site()
    with site.ledger.writing(write=set()) as book:
        sessions.seat_second(book, here.session(), person=second.id, now=site.clock.now())


@bp.post("/session/leave-seat")
def leave_seat() -> Response:
    """The second person leaves."""
    with here.site().ledger.writing(write=set()) as book:
        sessions.end_second(book, here.session())
    return redirect(_own_path(request.form.get("next", "/")), 303)


def _prefer(*, language: str = "", theme: str = "") -> Response:
    onward = _own_path(request.form.get("next", "/"))
    if language in LANGUAGES:
        browser["language"] = language
    if theme in THEMES:
        browser["theme"] = theme
    browser.permanent = True
    if found := here.seat():
        with here.site().ledger.writing(write=set()) as book:
            sessions.prefer(
                book,
                found.session,
                language=language if language in LANGUAGES else found.session.language,
                theme=theme if theme in THEMES else found.session.theme,
            )
    return redirect(onward, 303)


@bp.post("/session/language")
def language() -> Response:
    """English or 中文, for this page and the next."""
    return _prefer(language=request.form.get("language", ""))


@bp.post("/session/theme")
def theme() -> Response:
    """Bright, or dim for rooms with little light."""
    return _prefer(theme=request.form.get("theme", ""))


@bp.post("/session/station")
def station() -> Response:
    """This browser is that registered station from now on; a live session moves with it at the next sign-in.

    One that holds a batch until its line is cleared stays what it is, unless an administrator moves it.
    """
    code, known = request.form.get("station", ""), query.stations(here.site())
    now = next((row for row in known if row.station == browser.get("station", "")), None)
    if now and now.line_clearance and code != now.station and Role.ADMINISTRATOR not in here.roles():
        raise NotAllowed("station.fixed", station=now.name)
    if any(row.station == code for row in known):
        browser["station"] = code
        browser.permanent = True
    return redirect(_own_path(request.form.get("next", "/")), 303)


@bp.get("/favicon.ico")
def favicon() -> Response:
    """The sign of the application."""
    return redirect(url_for("static", filename="favicon.svg"), 302)
