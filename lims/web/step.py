"""Doing a step: one slot, one request; confirming it; a second person's check."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from flask import Blueprint, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lims.actions import culture, deviations, evidence, release, secrets
from lims.actions.attaching import Upload
from lims.actions.evidence import Entered
from lims.actions.work import Actor, Outcome
from lims.domain.entries.batch import DeviationOpened, EvidenceRecorded
from lims.domain.master_batch_record import (
    AnySlot,
    BranchSlot,
    ChoiceSlot,
    CountsSlot,
    FileSlot,
    NumberSlot,
    PhotoSlot,
    SecondPersonSlot,
    TextSlot,
    TimeSlot,
    Who,
)
from lims.domain.refusals import BadEntry, NotAllowed, Refused, Stale
from lims.ledger import sessions
from lims.queries import step as query
from lims.web import acting, errors, here, values
from lims.web.forms import read_means, read_seq
from lims.web.moments import read_moment
from lims.web.step_forms import CheckForm, ConfirmForm, CorrectionForm, EvidenceForm, ExplainForm, ReportForm
from lims.web.step_page import Answer, bars, container_name, draw

bp = Blueprint("step", __name__)

REASONS = ("typing_error", "wrong_field", "late_reading", "printout_differs", "other")
"""Why a value is corrected (screens 2.7)."""


@bp.get("/batches/<number>/steps/<code>")
def page(number: str, code: str) -> Response:
    """A step as it stands, with the slot that is next; one that is not asked for says which branch left it out."""
    found = query.step_or_away(here.reader(), batch=number, step=code)
    if isinstance(found, query.AwayPage):
        return make_response(here.render("step/away.html", page=found))
    return draw(found, Answer())


def _entered(slot: AnySlot | None, form: EvidenceForm) -> Entered:
    """What the slot takes, out of the form."""
    value = form.value.data or ""
    match slot:
        case NumberSlot():
            return Entered(raw=value.strip())
        case ChoiceSlot() | BranchSlot():
            return Entered(option=value)
        case PhotoSlot() | FileSlot():
            return Entered(file=_upload(), reason=form.reason.data or "")
        case TextSlot():
            return Entered(text=value)
        case TimeSlot():
            reader = here.reader()
            at = read_moment(value, now=reader.now, zone=reader.zone, field="at")
            return Entered(at=at, reason=form.reason.data or "")
        case CountsSlot():
            return Entered(counts=form.counts, dilution=form.dilution.data or "")
        case _:
            return Entered(
                raw=form.code.data or "", means=read_means(form.means.data), reason=form.reason.data or ""
            )


def _upload() -> Upload:
    """The file that came with the form; empty when none was chosen, which the act refuses at its field."""
    sent = request.files.get("file")
    return Upload(name=(sent.filename if sent else "") or "file", content=sent.read() if sent else b"")


def _witness(form: EvidenceForm) -> Actor:
    """The second person at this station: the one in the seat, or by user id; proved by PIN."""
    second = here.session().second_person
    user_id = (form.witness.data or "").strip() or (second or "")
    if not user_id:
        raise BadEntry("secret.unknown", field="witness")
    return secrets.witness(here.site(), here.actor(), user_id=user_id, pin=form.pin.data or "")


@bp.post("/batches/<number>/steps/<code>/record/<slot>")
def record(number: str, code: str, slot: str) -> Response:
    """One slot is recorded; the list comes back with the next one open."""
    form = EvidenceForm()
    defined = query.slot_asked(here.reader(), batch=number, step=code, slot=slot)

    def act() -> Outcome:
        return evidence.record_evidence(
            here.site(),
            here.actor(),
            here.request_id(),
            batch=number,
            step=code,
            slot=slot,
            entered=_entered(defined, form),
            witness=_witness(form) if isinstance(defined, SecondPersonSlot) else None,
        )

    answer = _done(form, act, slot)
    if answer.outcome and isinstance(defined, SecondPersonSlot):
        with here.site().ledger.writing(write=set()) as book:
            sessions.end_second(book, here.session())
    return _answered(number, code, answer)


@bp.post("/batches/<number>/steps/<code>/correct/<slot>")
def correct(number: str, code: str, slot: str) -> Response:
    """A later value with a reason and the PIN; the first one stays readable."""
    form = CorrectionForm()
    defined = query.slot_asked(here.reader(), batch=number, step=code, slot=slot)

    def act() -> Outcome:
        return evidence.correct_evidence(
            here.site(),
            secrets.identified(here.site(), here.actor(), form.pin.data or ""),
            here.request_id(),
            batch=number,
            step=code,
            slot=slot,
            replaces_seq=read_seq(form.replaces_seq.data),
            reason_code=form.reason_code.data or "",
            entered=replace(_entered(defined, form), reason=form.reason.data or ""),
        )

    answer = _done(form, act, slot)
    answer.correcting = "" if answer.outcome else slot
    return _answered(number, code, answer)


def _done(form: EvidenceForm, act: Callable[[], Outcome], slot: str) -> Answer:
    """The act's outcome or what stands against it; an entry that cannot be taken stays in its field."""
    answer = Answer(form=form, slot=slot)
    try:
        answer.outcome = here.attempt(form, act)
        answer.status = 200 if answer.outcome else 422
    except Refused as refused:
        form.again()
        answer.refused = refused
        answer.status = refused.status
        if isinstance(refused, Stale):
            answer.conflict = refused
    if answer.outcome:
        answer.toast = _says(answer.outcome)
    return answer


def _says(outcome: Outcome) -> tuple[str, str, str]:
    """Sign, verdict and what it was, for the bar under the identity band."""
    number = next((e.fact.number for e in outcome.entries if isinstance(e.fact, DeviationOpened)), "")
    if number:
        return "due", gettext("Recorded"), gettext("Deviation {n} is open.").format(n=number)
    if outcome.has(EvidenceRecorded):
        value = outcome.of(EvidenceRecorded).value
        name = getattr(value, "name", "")
        return "done", gettext("OK") if name else gettext("Recorded"), name
    return "done", gettext("Recorded"), ""


def _answered(number: str, code: str, answer: Answer) -> Response:
    """A fragment for htmx; for a plain form the page again, or the page of the refusal."""
    if not here.is_fragment():
        if answer.outcome:
            return redirect(url_for("step.page", number=number, code=code), 303)
        if answer.refused and not answer.conflict:
            return errors.refused(answer.refused)
    return draw(query.step_page(here.reader(), batch=number, step=code), answer)


@bp.post("/batches/<number>/steps/<code>/confirm")
def confirm(number: str, code: str) -> Response:
    """The performer stands behind the step; the next one opens."""
    form = ConfirmForm()
    before = query.step_page(here.reader(), batch=number, step=code)
    outcome = here.attempt(
        form,
        lambda: culture.confirm_step(
            here.site(),
            _standing(before.step.who, form),
            here.request_id(),
            batch=number,
            step=code,
            shown=form.shown.data or "",
        ),
    )
    if outcome is None:
        return draw(before, Answer(confirming=form, status=422))
    batch = query.step_page(here.reader(), batch=number, step=code)
    if batch.following:
        return redirect(url_for("step.page", number=number, code=batch.following), 303)
    return redirect(url_for("batch.page", number=number), 303)


def _standing(who: Who, form: ConfirmForm | CheckForm) -> Actor:
    """The signed-in person as strongly as the step asks."""
    if acting.asks_signature(who):
        return here.signing(form)
    if acting.asks_pin(who):
        return secrets.identified(here.site(), here.actor(), form.pin.data or "")
    return here.actor()


@bp.get("/verify")
def queue() -> str:
    """Steps that wait for a second person; nobody checks their own."""
    checks = query.verification_queue(here.reader())
    return here.render("step/queue.html", checks=checks)


@bp.route("/batches/<number>/steps/<code>/verify", methods=["GET", "POST"])
def verify(number: str, code: str) -> Response:
    """The recorded step beside its instruction; agreeing is a decision, not a click through."""
    page = query.step_page(here.reader(), batch=number, step=code)
    form = CheckForm()
    if request.method == "POST":
        outcome = here.attempt(
            form,
            lambda: culture.verify_step(
                here.site(),
                _standing(page.step.second_who, form),
                here.request_id(),
                batch=number,
                step=code,
                seen_seq=read_seq(form.seen.data),
                shown=form.shown.data or "",
            ),
        )
        if outcome:
            return redirect(url_for("step.queue"), 303)
    return _verify_page(page, form)


@bp.post("/batches/<number>/steps/<code>/send-back")
def send_back(number: str, code: str) -> Response:
    """The second person does not agree, and says why; the step opens again for its performer."""
    page, form = query.step_page(here.reader(), batch=number, step=code), CheckForm()
    outcome = here.attempt(
        form,
        lambda: culture.send_step_back(
            here.site(),
            _standing(page.step.second_who, form),
            here.request_id(),
            batch=number,
            step=code,
            reason=form.reason.data or "",
        ),
    )
    return redirect(url_for("step.queue"), 303) if outcome else _verify_page(page, form)


def _verify_page(page: query.StepPage, form: CheckForm) -> Response:
    mine = here.me().id in page.record.performers
    own = here.words(NotAllowed("step.performer_verifies").reason)[0] if mine else ""
    html = here.render(
        "step/verify.html",
        page=page,
        form=form,
        waits=query.awaits_check(page),
        obstacle=acting.obstacle("verify_step", page.batch) or own,
        shown_of=partial(values.shown, master=page.batch.master),
        limit_of=values.limit_of,
        file_of=values.file_of,
        may_correct=False,
        container_name=partial(container_name, page.batch),
        bars=bars(page.groups, page.group),
    )
    return make_response(html, 422 if form.problems else 200)


@bp.post("/batches/<number>/steps/<code>/deviation")
def deviation(number: str, code: str) -> Response:
    """A person reports that something went otherwise than written."""
    form = ReportForm()
    outcome = here.attempt(
        form,
        lambda: deviations.open_deviation(
            here.site(), here.actor(), here.request_id(), batch=number, step=code, text=form.text.data or ""
        ),
    )
    return _back_to_step(number, code, outcome, Answer(reporting=form, panel="deviation"))


@bp.post("/batches/<number>/steps/<code>/note")
def note(number: str, code: str) -> Response:
    """A note that changes nothing."""
    form = ReportForm()
    outcome = here.attempt(
        form,
        lambda: release.annotate(
            here.site(), here.actor(), here.request_id(), batch=number, step=code, text=form.text.data or ""
        ),
    )
    return _back_to_step(number, code, outcome, Answer(reporting=form, panel="note"))


@bp.post("/batches/<number>/steps/<code>/explain/<deviation>")
def explain(number: str, code: str, deviation: str) -> Response:
    """What happened, what was done at once, does it go on: asked at the bench, right where it happened."""
    form = ExplainForm()
    outcome = here.attempt(
        form,
        lambda: deviations.explain_deviation(
            here.site(),
            here.actor(),
            here.request_id(),
            batch=number,
            number=deviation,
            happened=form.happened.data or "",
            did=form.did.data or "",
            go_on=form.go_on.data or "",
        ),
    )
    return _back_to_step(number, code, outcome, Answer(explaining=form, explained=deviation))


def _back_to_step(number: str, code: str, outcome: Outcome | None, answer: Answer) -> Response:
    if outcome and not here.is_fragment():
        return redirect(url_for("step.page", number=number, code=code), 303)
    if outcome:
        answer = Answer(toast=_says(outcome))
    else:
        answer.status = 422
    return draw(query.step_page(here.reader(), batch=number, step=code), answer)
