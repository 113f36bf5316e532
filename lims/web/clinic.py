"""The bedside: three scans, two people, one verdict; then the perfusion."""

from collections.abc import Callable
from decimal import Decimal

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from lims.actions import perfusion, secrets
from lims.actions.perfusion import LEAST_REASON, TypedCode
from lims.actions.work import Outcome
from lims.domain.dose import dose_of
from lims.domain.entered import entered_code
from lims.domain.entries.batch import IdentityMismatched
from lims.domain.quantities import plain
from lims.domain.refusals import BadEntry
from lims.domain.statements import digest, statement
from lims.queries import clinic as query
from lims.queries.clinic import Bedside
from lims.queries.quality import meaning
from lims.web import acting, here
from lims.web.clinic_forms import BedsideForm, PerfusionForm
from lims.web.moments import read_moment

bp = Blueprint("clinic", __name__)


@bp.get("/clinic")
def page() -> str:
    """Products for the clinic, and what is to be done with each."""
    reader = here.reader()
    return here.render(
        "clinic/page.html",
        products=query.expected(reader),
        waiting=query.waiting_after(reader),
        now=reader.now,
    )


@bp.get("/clinic/band/<code>")
def band(code: str) -> Response:
    """A wristband was scanned: to the bedside check of the person who wears it."""
    serial = entered_code(code, field="code")
    return redirect(url_for("clinic.bedside", number=query.batch_for_band(here.reader(), serial=serial)), 303)


@bp.route("/clinic/bedside/<number>", methods=["GET", "POST"])
def bedside(number: str) -> Response:
    """The first person's check: scan by scan, then the questions, then the verdict."""
    return _check(number, second=False)


@bp.route("/clinic/confirm/<number>", methods=["GET", "POST"])
def confirm(number: str) -> Response:
    """The second person's own check, in a session of their own."""
    return _check(number, second=True)


def _check(number: str, *, second: bool) -> Response:
    found = query.bedside(here.reader(), batch=number)
    form = BedsideForm()
    if not form.is_sent():
        return _draw(found, form, second=second)
    try:
        form.take_scan()
    except BadEntry as bad:
        form.add_error(bad.field, " ".join(here.words(bad.reason)))
        return _draw(found, form, second=second)
    legs = form.legs()
    if query.mismatch(found, legs):
        outcome = perfusion.report_mismatch(
            here.site(), here.actor(), here.request_id(), batch=number, legs=legs
        )
        return _stop(found, outcome)
    if form.next_leg is not None or "verdict" not in request.form:
        form.again()
        return _draw(found, form, second=second)
    verdict = here.attempt(form, _verdict(number, form, second=second))
    if verdict is None:
        return _draw(found, form, second=second)
    if verdict.has(IdentityMismatched):
        return _stop(found, verdict)
    return redirect(url_for("clinic.matched", number=number), 303)


def _verdict(number: str, form: BedsideForm, *, second: bool) -> Callable[[], Outcome]:
    def first() -> Outcome:
        found = query.bedside(here.reader(), batch=number)
        checks = tuple(
            (check.code, request.form.get(f"check-{check.code}", ""))
            for check in found.batch.protocol.bedside_checks
        )
        return perfusion.match_identity(
            here.site(),
            here.identified(form),
            here.request_id(),
            batch=number,
            legs=form.legs(),
            patient_stated=bool(form.patient_stated.data),
            checks=checks,
            appearance=dict(checks).get("appearance", "normal"),
            typed=_typed(form),
        )

    def other() -> Outcome:
        return perfusion.confirm_identity(
            here.site(),
            here.identified(form),
            here.request_id(),
            batch=number,
            legs=form.legs(),
            typed=_typed(form),
        )

    return other if second else first


def _typed(form: BedsideForm) -> TypedCode | None:
    """Why a code was typed and who read it too; the second reader's user id and PIN are refused at their fields."""
    if not form.is_typed:
        return None
    reason, user_id = (form.typed_reason.data or "").strip(), (form.witness.data or "").strip()
    if len(reason) < LEAST_REASON:
        raise BadEntry("text.empty", field="typed_reason", least=LEAST_REASON)
    try:
        second = secrets.witness(here.site(), here.actor(), user_id=user_id, pin=form.witness_pin.data or "")
    except BadEntry as bad:
        bad.field = "witness_pin" if bad.field == "pin" else bad.field
        raise
    return TypedCode(reason=reason, witness=second)


def _draw(found: Bedside, form: BedsideForm, *, second: bool) -> Response:
    html = here.render(
        "clinic/bedside.html",
        found=found,
        batch=found.batch,
        form=form,
        second=second,
        given=request.form,
        obstacle=acting.obstacle("confirm_identity" if second else "match_identity", found.batch),
        now=here.reader().now,
    )
    return make_response(html, 422 if form.problems else 200)


def _stop(found: Bedside, outcome: Outcome) -> Response:
    """The whole screen; it names the leg, never whose product it is."""
    html = here.render(
        "clinic/stop.html", batch=found.batch, legs=outcome.of(IdentityMismatched).legs, now=here.reader().now
    )
    return make_response(html, 409)


@bp.get("/clinic/matched/<number>")
def matched(number: str) -> Response:
    """The verdict: all three match, for so long; then the second person, then the perfusion."""
    found = query.bedside(here.reader(), batch=number)
    if not found.matched:
        return redirect(url_for("clinic.bedside", number=number), 303)
    return make_response(
        here.render("clinic/matched.html", found=found, batch=found.batch, now=here.reader().now)
    )


@bp.route("/clinic/perfusion/<number>", methods=["GET", "POST"])
def record(number: str) -> Response:
    """What was given, signed; three volumes account for the unit, and the dose is computed."""
    found = query.bedside(here.reader(), batch=number)
    if found.batch.perfusion is not None and request.method == "GET":
        return redirect(url_for("aftercare.page", number=number), 303)
    form = PerfusionForm()
    if form.is_sent() and here.attempt(form, lambda: _perfuse(number, form)):
        return redirect(url_for("aftercare.page", number=number), 303)
    issue = found.batch.issue
    about = (("participant", issue.participant), ("round", str(issue.round)))
    html = here.render(
        "clinic/perfusion.html",
        found=found,
        batch=found.batch,
        form=form,
        filled=plain(dose_of(found.batch).volume or Decimal(0)),
        obstacle=acting.obstacle("record_perfusion", found.batch),
        shown=digest(statement("record_perfusion", found.batch, about)),
        meaning=meaning(here.reader(), "record_perfusion", about),
        now=here.reader().now,
    )
    return make_response(html, 422 if form.problems else 200)


def _perfuse(number: str, form: PerfusionForm) -> Outcome:
    reader = here.reader()
    moments = {
        name: read_moment(form[name].data or "", now=reader.now, zone=reader.zone, field=name)
        for name in ("started_at", "ended_at")
    }
    return perfusion.record_perfusion(
        here.site(),
        here.signing(form),
        here.request_id(),
        batch=number,
        started_at=moments["started_at"] or reader.now,
        ended_at=moments["ended_at"] or reader.now,
        catheter=form.catheter.data or "",
        given=form.given.data or "",
        residual=form.residual.data or "",
        wasted=form.wasted.data or "",
        reaction=form.reaction.data or "",
        shown=form.shown.data or None,
    )
