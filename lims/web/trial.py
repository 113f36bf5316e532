"""Participants: enrolment, consent, arm, wristband, order, batch; and the one page that shows who somebody is."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from lims.actions import receipt, secrets, trial
from lims.actions.work import Actor, Outcome
from lims.domain.entries.trial import ParticipantEnrolled
from lims.domain.refusals import BadEntry
from lims.queries import trial as query
from lims.queries.look import NotOnFile
from lims.queries.quality import meaning
from lims.queries.randomisation import is_opened
from lims.queries.trial import Course
from lims.web import doing, here
from lims.web.doing import Doing, read_day
from lims.web.forms import ActForm, read_means
from lims.web.moments import read_moment
from lims.web.trial_forms import (
    AllocationForm,
    ConsentForm,
    EnrolForm,
    IssueForm,
    LookForm,
    OrderForm,
    ScanBackForm,
    VoidBandForm,
    WithdrawForm,
    WristbandForm,
)
from lims.web.trial_page import next_step, tracks

bp = Blueprint("trial", __name__)

Answer = Response | tuple[str, int] | str


def _enrol(_: str, form: EnrolForm) -> Outcome:
    return trial.enrol_participant(
        here.site(),
        here.actor(),
        here.request_id(),
        name=form.name.data or "",
        birth_date=read_day(form.birth_date.data, field="birth_date"),
        hospital_number=form.hospital_number.data or "",
    )


def _consent(participant: str, form: ConsentForm) -> Outcome:
    return trial.give_consent(
        here.site(),
        here.identified(form),
        here.request_id(),
        participant=participant,
        form_version=_said(form.form_version.data, field="form_version"),
        scopes=tuple(form.scopes.data or ()),
        signed_on=read_day(form.signed_on.data, field="signed_on"),
    )


def _said(text: str | None, *, field: str) -> str:
    found = (text or "").strip()
    if not found:
        raise BadEntry("text.empty", field=field, least=1)
    return found


def _withdraw(participant: str, form: WithdrawForm) -> Outcome:
    return trial.withdraw_consent(
        here.site(),
        here.identified(form),
        here.request_id(),
        participant=participant,
        scopes=tuple(form.scopes.data or ()),
        reason=form.reason.data or "",
    )


def _allocate(participant: str, form: AllocationForm) -> Outcome:
    reader = here.reader()
    at = read_moment(form.allocated_at.data or "", now=reader.now, zone=reader.zone, field="allocated_at")
    return trial.record_allocation(
        here.site(),
        here.identified(form),
        here.request_id(),
        participant=participant,
        arm=form.arm.data or "",
        source=_said(form.source.data, field="source"),
        reference=_said(form.reference.data, field="reference"),
        allocated_at=at or reader.now,
    )


def _band(participant: str, form: WristbandForm) -> Outcome:
    return trial.put_on_wristband(
        here.site(),
        here.identified(form),
        here.request_id(),
        participant=participant,
        identity_document=form.identity_document.data or "",
        witness=_second(form),
    )


def _second(form: WristbandForm) -> Actor:
    """The second person at this station, proved by PIN; refused at their own fields."""
    user_id, pin = (form.witness.data or "").strip(), form.witness_pin.data or ""
    try:
        return secrets.witness(here.site(), here.actor(), user_id=user_id, pin=pin)
    except BadEntry as bad:
        bad.field = "witness_pin" if bad.field == "pin" else bad.field
        raise


def _scan_back(participant: str, form: ScanBackForm) -> Outcome:
    return trial.scan_wristband(
        here.site(),
        here.actor(),
        here.request_id(),
        participant=participant,
        code=form.code.data or "",
        means=read_means(form.means.data),
    )


def _void_band(participant: str, form: VoidBandForm) -> Outcome:
    return trial.void_wristband(
        here.site(),
        here.identified(form),
        here.request_id(),
        participant=participant,
        reason=form.reason.data or "",
    )


def _round(text: str | None) -> int:
    if not text or not text.isascii() or not text.isdigit() or len(text) > 2:
        raise BadEntry("choice.unknown", field="round")
    return int(text)


def _order(participant: str, form: OrderForm) -> Outcome:
    reader = here.reader()
    text = _said(form.planned_at.data, field="planned_at")
    planned = read_moment(text, now=reader.now, zone=reader.zone, field="planned_at")
    return trial.order_perfusion(
        here.site(),
        here.signing(form),
        here.request_id(),
        participant=participant,
        number=_round(form.round.data),
        planned_at=planned or reader.now,
        ward=_said(form.ward.data, field="ward"),
    )


def _issue(participant: str, form: IssueForm) -> Outcome:
    number, master = _round(form.round.data), form.master.data or ""
    if master not in query.course(here.reader(), participant).masters:
        raise BadEntry("choice.unknown", field="master")
    return receipt.issue_batch(
        here.site(),
        here.signing(form),
        here.request_id(),
        participant=participant,
        round_number=number,
        master=master,
    )


def _look(participant: str, _: LookForm) -> Outcome:
    return trial.see_identity(here.site(), here.actor(), here.request_id(), participant=participant)


LOOK: doing.Doings = {"see_identity": Doing(form=LookForm, act=_look)}
ENROL = {"enrol_participant": Doing(form=EnrolForm, act=_enrol)}
COURSE: doing.Doings = {
    "record_consent": Doing(form=ConsentForm, act=_consent),
    "record_allocation": Doing(form=AllocationForm, act=_allocate),
    "order_perfusion": Doing(form=OrderForm, act=_order),
    "issue_batch": Doing(form=IssueForm, act=_issue),
    "issue_wristband": Doing(form=WristbandForm, act=_band),
    "scan_wristband": Doing(form=ScanBackForm, act=_scan_back),
    "void_wristband": Doing(form=VoidBandForm, act=_void_band),
    "withdraw_consent": Doing(form=WithdrawForm, act=_withdraw),
}


@bp.get("/participants")
def participants() -> Answer:
    """Everyone enrolled, under trial codes."""
    return _list(doing.forms(ENROL))


@bp.post("/participants")
def enrol() -> Answer:
    """A participant joins."""
    form, outcome = doing.sent(ENROL, "enrol_participant", "")
    if outcome:
        trial_id = outcome.of(ParticipantEnrolled).trial_id
        return redirect(url_for("trial.participant", code=trial_id), 303)
    return _list(doing.forms(ENROL, act="enrol_participant", form=form)), 422


def _list(forms: dict[str, ActForm]) -> str:
    return doing.draw(
        "trial/participants.html",
        rows=query.participants(here.reader()),
        forms=forms,
    )


@bp.get("/participants/<code>")
def participant(code: str) -> Answer:
    """Her course: consent, arm, rounds, and what is to be done next."""
    return _course(query.course(here.reader(), code))


@bp.post("/participants/<code>/<act>")
def change(code: str, act: str) -> Answer:
    """Consent, arm, wristband, order, batch."""
    query.course(here.reader(), code)
    form, outcome = doing.sent(COURSE, act, code)
    if outcome:
        return redirect(url_for("trial.participant", code=code), 303)
    return _course(query.course(here.reader(), code), act=act, form=form), 422


def _course(page: Course, *, act: str = "", form: ActForm | None = None) -> str:
    reader, lane = here.reader(), page.next_round
    # One master batch record at a time, so that the sentence on the page is the one that is signed.
    wanted = request.values.get("master", "")
    master = wanted if wanted in page.masters else next(iter(page.masters), "")
    about = (
        ("participant", page.participant.trial_id),
        ("round", str(lane.round.number if lane else "–")),
        ("master", master or "–"),
        ("version", page.masters.get(master, "–")),
    )
    return doing.draw(
        "trial/participant.html",
        page=page,
        who=page.participant,
        lane=lane,
        tracks=tracks(page),
        next=next_step(page, randomised_here=is_opened(reader)),
        forms=doing.forms({**LOOK, **COURSE}, act=act, form=form),
        why=_not_now(page),
        meanings={name: meaning(reader, name, about) for name in ("order_perfusion", "issue_batch")},
        master=master,
        randomised_here=is_opened(reader),
        words=here.words,
    )


def _not_now(page: Course) -> dict[str, list[str]]:
    """For each act every reason why it cannot be done now; the act itself checks again."""
    lane = page.next_round
    found: dict[str, list[str]] = {act: [] for act in COURSE}
    if lane:
        found["issue_batch"] = [" ".join(here.words(reason)) for reason in lane.why_no_batch]
        found["order_perfusion"] = [" ".join(here.words(reason)) for reason in lane.why_no_order]
    return found


@bp.get("/participants/<code>/wristband")
def wristband(code: str) -> Answer:
    """The band that counts, to print: its serial as a code, and the trial code; who she is stands nowhere on it."""
    page = query.course(here.reader(), code)
    who = page.participant
    serial = who.wristband or who.band_waiting
    if serial is None or page.band is None:
        raise NotOnFile("act.unknown_target", sort="wristband", code=code)
    return here.render("trial/wristband.html", page=page, who=who, serial=serial)


@bp.get("/participants/<code>/order/<int:number>")
def order_sheet(code: str, number: int) -> Answer:
    """The order of a round, to print: its code is scanned at the bedside."""
    page = query.course(here.reader(), code)
    order = page.participant.round(number).order
    if order is None:
        raise NotOnFile("act.unknown_target", sort="order", code=f"{code} {number}")
    return here.render("trial/order_sheet.html", page=page, who=page.participant, order=order)


@bp.post("/participants/<code>/identity")
def identity(code: str) -> Answer:
    """Who she is. The look is put on file first, and every look is a new one; the page is kept by no browser."""
    page = query.course(here.reader(), code)
    _form, outcome = doing.sent(LOOK, "see_identity", code)
    if outcome is None or outcome.replayed:
        return redirect(url_for("trial.participant", code=code), 303)
    who = query.identity(here.reader(), code)
    return doing.draw("trial/identity.html", who=who, page=page, now=here.reader().now)
