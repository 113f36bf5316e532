"""People and stations: accounts, roles, training, delegation, keys."""

from collections.abc import Callable

from flask import Blueprint, redirect, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as N_
from werkzeug.wrappers import Response

from lims.actions import people
from lims.actions.work import Outcome
from lims.domain.acts import Role
from lims.domain.entries.envelope import code_of
from lims.domain.refusals import BadEntry, Reason
from lims.queries import people as query
from lims.queries.people import Opened
from lims.queries.quality import meaning
from lims.web import doing, here
from lims.web.doing import Doing, read_day
from lims.web.forms import ActForm
from lims.web.people_forms import (
    AddPersonForm,
    DelegateForm,
    EndRoleForm,
    GrantRoleForm,
    ReasonForm,
    StationForm,
    TrainingForm,
    VouchForm,
)

bp = Blueprint("people", __name__)

Answer = Response | tuple[str, int] | str

REASONS = {
    "left": N_("left the site"),
    "moved": N_("has other duties now"),
    "lost_badge": N_("lost the badge or a secret"),
    "forgotten": N_("forgot password or PIN"),
    "mistake": N_("it was a mistake"),
    "other": N_("another reason"),
}
SETTINGS = {"lab": N_("Laboratory"), "clinic": N_("Clinic"), "office": N_("Office")}


def _said(text: str | None, *, field: str) -> str:
    found = (text or "").strip()
    if not found:
        raise BadEntry("text.empty", field=field, least=1)
    return found


def _role(text: str | None) -> Role:
    if text not in set(Role) - {Role.SYSTEM}:
        raise BadEntry("choice.unknown", field="role")
    return Role(text)


def _reason(text: str | None) -> str:
    if text not in REASONS:
        raise BadEntry("choice.unknown", field="reason_code")
    return text


def _add(_: str, form: AddPersonForm) -> Outcome:
    return people.add_person(
        here.site(),
        here.actor(),
        here.request_id(),
        user_id=form.user_id.data or "",
        name=form.name.data or "",
        identity_checked_by=form.identity_checked_by.data or "",
    )


def _station(_: str, form: StationForm) -> Outcome:
    if form.setting.data not in SETTINGS:
        raise BadEntry("choice.unknown", field="setting")
    return people.register_station(
        here.site(),
        here.actor(),
        here.request_id(),
        code=_said(form.code.data, field="code"),
        name=_said(form.name.data, field="name"),
        room=_said(form.room.data, field="room"),
        setting=form.setting.data,
        line_clearance=form.line_clearance.data,
    )


def _grant(person: str, form: GrantRoleForm) -> Outcome:
    return people.grant_role(
        here.site(),
        here.actor(),
        here.request_id(),
        person=person,
        role=_role(form.role.data),
        until=read_day(form.until.data, field="until"),
    )


def _end_role(person: str, form: EndRoleForm) -> Outcome:
    return people.end_role(
        here.site(),
        here.actor(),
        here.request_id(),
        person=person,
        role=_role(form.role.data),
        reason_code=_reason(form.reason_code.data),
    )


def _train(person: str, form: TrainingForm) -> Outcome:
    return people.record_training(
        here.site(),
        here.actor(),
        here.request_id(),
        person=person,
        subject=_said(form.subject.data, field="subject"),
        version=_said(form.version.data, field="version"),
        until=read_day(form.until.data, field="until"),
        evidence=_said(form.evidence.data, field="evidence"),
    )


def _delegate(person: str, form: DelegateForm) -> Outcome:
    if form.task.data not in query.opened(here.reader(), person).tasks:
        raise BadEntry("choice.unknown", field="task")
    return people.delegate_task(
        here.site(),
        here.actor(),
        here.request_id(),
        person=person,
        task=form.task.data,
        until=read_day(form.until.data, field="until"),
    )


def _vouch(_: str, form: VouchForm) -> Outcome:
    return people.attest_key(here.site(), here.signing(form), here.request_id(), kid=form.kid.data or "")


def _why(act: Callable[..., Outcome]) -> Callable[[str, ReasonForm], Outcome]:
    def asked(person: str, form: ReasonForm) -> Outcome:
        reason = _reason(form.reason_code.data)
        return act(here.site(), here.actor(), here.request_id(), person=person, reason_code=reason)

    return asked


STAFF: doing.Doings = {
    "add_person": Doing(form=AddPersonForm, act=_add),
    "register_station": Doing(form=StationForm, act=_station),
}
PERSON: doing.Doings = {
    "grant_role": Doing(form=GrantRoleForm, act=_grant),
    "end_role": Doing(form=EndRoleForm, act=_end_role),
    "record_training": Doing(form=TrainingForm, act=_train),
    "delegate_task": Doing(form=DelegateForm, act=_delegate),
    "attest_key": Doing(form=VouchForm, act=_vouch),
    "reset_credentials": Doing(form=ReasonForm, act=_why(people.reset_credentials)),
    "end_lock_out": Doing(form=ReasonForm, act=_why(people.end_lock_out)),
    "close_person": Doing(form=ReasonForm, act=_why(people.close_person)),
}


@bp.get("/people")
def page() -> Answer:
    """Every account with its roles and its key, and every station."""
    return _staff(doing.forms(STAFF))


@bp.post("/people/<act>")
def add(act: str) -> Answer:
    """A new account, or a new station."""
    form, outcome = doing.sent(STAFF, act, "")
    if outcome and act == "add_person":
        return redirect(url_for("people.person", person=code_of(outcome.entries[0].stream)), 303)
    if outcome:
        return redirect(url_for("people.page") + "#stations", 303)
    return _staff(doing.forms(STAFF, act=act, form=form)), 422


def _staff(forms: dict[str, ActForm]) -> str:
    return doing.draw(
        "people/page.html", staff=query.staff(here.reader()), forms=forms, settings=SETTINGS.items()
    )


@bp.get("/people/<person>")
def person(person: str) -> Answer:
    """One account: what this person may do, until when, and what is on file about it."""
    return _person(query.opened(here.reader(), person))


@bp.post("/people/<person>/<act>")
def change(person: str, act: str) -> Answer:
    """Roles, training, delegation, key, credentials, the account itself."""
    query.opened(here.reader(), person)
    form, outcome = doing.sent(PERSON, act, person)
    if outcome:
        return redirect(url_for("people.person", person=person), 303)
    return _person(query.opened(here.reader(), person), act=act, form=form), 422


def _person(page: Opened, *, act: str = "", form: ActForm | None = None) -> str:
    forms = doing.forms(PERSON, act=act, form=form)
    if form is None and page.key and "attest_key" in forms:
        forms["attest_key"] = PERSON["attest_key"].blank(kid=page.key.kid)
    own = page.person.id == here.me().id
    myself = " ".join(here.words(Reason(rule="person.self"))) if own else ""
    # The code is shown to the administrator who hands it over in person; nobody else sees it (21 CFR 11.300(c)).
    waits = page.needs_code and Role.ADMINISTRATOR in here.roles() and not own
    has_role = bool(page.person.roles_on(page.today))
    code = people.enrolment_code(here.site(), page.person.id) if waits and has_role else ""
    return doing.draw(
        "people/person.html",
        page=page,
        who=page.person,
        forms=forms,
        why=_not_now(page, myself),
        code=code,
        needs_role=waits and not has_role,
        roles=[role.value for role in Role if role is not Role.SYSTEM],
        reasons=REASONS.items(),
        meaning=meaning(here.reader(), "attest_key", (("name", page.person.name),)),
    )


def _not_now(page: Opened, myself: str) -> dict[str, str]:
    """For each act why it cannot be done to this account now; the act itself checks again."""
    closed = here.words(Reason(rule="act.account_closed"))[0] if page.person.closed else ""
    why = dict.fromkeys(PERSON, myself or closed)
    if page.key is None or page.key.revoked:
        why["attest_key"] = why["attest_key"] or gettext("There is no key yet: no password was chosen.")
    elif page.key.trusted:
        why["attest_key"] = why["attest_key"] or gettext("The key is trusted already.")
    elif page.vouched:
        why["attest_key"] = why["attest_key"] or " ".join(here.words(Reason(rule="key.already_vouched")))
    return why
