"""Quality: the queue, the review of a batch by its exceptions, and every decision that is signed there."""

from collections.abc import Callable

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from lims.actions import deviations, release
from lims.actions.work import Outcome
from lims.domain.refusals import Reason, Refused
from lims.queries import quality as queries
from lims.web import here
from lims.web.forms import read_seq
from lims.web.quality_forms import (
    CloseForm,
    DeviationForm,
    DispositionForm,
    FinalForm,
    LiftForm,
    ReviewForm,
    SeenForm,
    TerminateForm,
)
from lims.web.quality_page import review_page

bp = Blueprint("quality", __name__, url_prefix="/quality")

Answer = Response | tuple[str, int] | str


@bp.get("/")
def queue() -> Answer:
    """What waits for quality, the earliest expiry first."""
    return here.render("quality/queue.html", queue=queries.queue(here.reader()), now=here.reader().now)


@bp.get("/<number>")
def review(number: str) -> Answer:
    """One batch by its exceptions; `?at=` names the one that is opened."""
    return review_page(number, at=request.args.get("at", ""))


@bp.post("/<number>/deviation")
def deviation(number: str) -> Answer:
    """Quality assesses a deviation and decides."""
    form = DeviationForm()
    return _signed(
        number,
        form,
        lambda: deviations.decide_deviation(
            here.site(),
            here.signing(form),
            here.request_id(),
            batch=number,
            number=form.number.data or "",
            severity=form.severity.data or "",
            decision=form.decision.data or "",
            impact=form.impact.data or "",
        ),
    )


@bp.post("/<number>/review")
def sign_review(number: str) -> Answer:
    """The record and its audit trail were read through the last entry of the page."""
    form = ReviewForm()
    return _signed(
        number,
        form,
        lambda: release.review_record(
            here.site(),
            here.signing(form),
            here.request_id(),
            batch=number,
            seen_seq=form.seen_seq,
            beside=form.beside.data or "",
            shown=queries.shown_at(here.reader(), number, "review_record", seen=form.seen_seq),
        ),
    )


@bp.post("/<number>/disposition")
def disposition(number: str) -> Answer:
    """Release conditionally, hold, or reject; nothing is chosen beforehand."""
    form = DispositionForm()
    acts: dict[str, Callable[[], Outcome]] = {
        "release": lambda: release.release_conditionally(
            here.site(),
            here.signing(form),
            here.request_id(),
            batch=number,
            seen_seq=form.seen_seq,
            justification=form.justification.data or "",
            shown=queries.shown_at(here.reader(), number, "release_conditionally", seen=form.seen_seq),
        ),
        "reject": lambda: release.reject_batch(
            here.site(), here.signing(form), here.request_id(), batch=number, reason=form.reason.data or ""
        ),
        "hold": lambda: release.place_hold(
            here.site(),
            here.signing(form),
            here.request_id(),
            batch=number,
            reason_code=form.hold_reason.data or "",
        ),
    }
    chosen = acts.get(form.decision.data or "")
    if chosen is None:
        form.add_error("form", " ".join(here.words(Reason(rule="choice.unknown"))))
        return review_page(number, form=form), 422
    return _signed(number, form, chosen)


@bp.post("/<number>/lift")
def lift(number: str) -> Answer:
    """A hold ends."""
    form = LiftForm()
    return _signed(
        number,
        form,
        lambda: release.lift_hold(
            here.site(),
            here.signing(form),
            here.request_id(),
            batch=number,
            placed_seq=read_seq(form.placed.data),
            reason=form.reason.data or "",
            finding=form.finding.data or "",
            evidence=form.evidence.data or "",
            reference=form.reference.data or "",
        ),
    )


@bp.post("/<number>/terminate")
def terminate(number: str) -> Answer:
    """The batch ends without a perfusion."""
    form = TerminateForm()
    return _signed(
        number,
        form,
        lambda: release.terminate_batch(
            here.site(),
            here.signing(form),
            here.request_id(),
            batch=number,
            reason_code=form.reason_code.data or "",
            reason=form.reason.data or "",
        ),
    )


@bp.post("/<number>/final")
def final(number: str) -> Answer:
    """The final disposition, when every result is in."""
    form = FinalForm()
    chosen = form.disposition.data or ""
    return _signed(
        number,
        form,
        lambda: release.dispose_finally(
            here.site(),
            here.signing(form),
            here.request_id(),
            batch=number,
            disposition=chosen,
            reason=form.reason.data or "",
            shown=queries.shown_at(
                here.reader(), number, "dispose_finally", seen=form.seen_seq, disposition=chosen
            ),
        ),
    )


@bp.post("/<number>/close")
def close(number: str) -> Answer:
    """The record is complete."""
    form = CloseForm()
    return _signed(
        number,
        form,
        lambda: release.close_record(
            here.site(),
            here.signing(form),
            here.request_id(),
            batch=number,
            shown=queries.shown_at(here.reader(), number, "close_record", seen=form.seen_seq),
        ),
    )


def _signed(number: str, form: SeenForm, act: Callable[[], Outcome]) -> Answer:
    """One signed act: done, asked again with what is wrong at its field, or refused because the page is stale."""
    try:
        outcome = here.attempt(form, act)
    except Refused as refused:
        if refused.rule != "step.stale":
            raise
        return review_page(number, seen=form.seen_seq), 409
    if outcome is None:
        return review_page(number, form=form), 422
    return redirect(url_for("quality.review", number=number), 303)
