"""Handing a container over, and taking it in a session of one's own."""

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from lims.actions import custody
from lims.queries import handover as query
from lims.web import acting, here
from lims.web.forms import read_means
from lims.web.step_forms import DeclineForm, OfferForm, TakeForm

bp = Blueprint("handover", __name__)


@bp.post("/batches/<number>/handover")
def offer(number: str) -> Response:
    """The holder offers a container to someone with a role."""
    form = OfferForm()
    code = (form.container.data or "").strip()
    step, slot = request.form.get("step", ""), request.form.get("slot", "")
    outcome = here.attempt(
        form,
        lambda: custody.offer_custody(
            here.site(),
            here.actor(),
            here.request_id(),
            batch=number,
            container=code,
            to_role=form.to_role.data or "",
            to_place=form.to_place.data or "",
            condition=form.condition.data or "",
            seal=form.seal.data or "",
            temperature=form.temperature.data or "",
            step=step or None,
            slot=slot or None,
        ),
    )
    if outcome and step:
        return redirect(url_for("step.page", number=number, code=step), 303)
    if outcome:
        return redirect(url_for("handover.page", number=number, container=code), 303)
    return _page(number, code, offering=form)


@bp.get("/batches/<number>/handover/<container>")
def page(number: str, container: str) -> Response:
    """What is handed over, by whom, to whom."""
    return _page(number, container)


@bp.post("/batches/<number>/handover/<container>/take")
def take(number: str, container: str) -> Response:
    """The receiver scans what they hold in their hand, and stands behind it by PIN."""
    form = TakeForm()
    outcome = here.attempt(
        form,
        lambda: custody.take_custody(
            here.site(),
            here.identified(form),
            here.request_id(),
            batch=number,
            scanned=form.code.data or "",
            means=read_means(form.means.data),
            condition=form.condition.data or "",
            temperature=form.temperature.data or "",
        ),
    )
    if outcome:
        return redirect(url_for("handover.page", number=number, container=container), 303)
    return _page(number, container, taking=form)


@bp.post("/batches/<number>/handover/<container>/refuse")
def refuse(number: str, container: str) -> Response:
    """The receiver does not take it, and says why; it stays with the giver."""
    form = DeclineForm()
    outcome = here.attempt(
        form,
        lambda: custody.refuse_custody(
            here.site(),
            here.identified(form),
            here.request_id(),
            batch=number,
            container=container,
            reason=form.reason.data or "",
        ),
    )
    if outcome:
        return redirect(url_for("handover.page", number=number, container=container), 303)
    return _page(number, container, declining=form)


def _page(
    number: str,
    container: str,
    *,
    offering: OfferForm | None = None,
    taking: TakeForm | None = None,
    declining: DeclineForm | None = None,
) -> Response:
    found = query.handover(here.reader(), batch=number, container=container)
    html = here.render(
        "handover/page.html",
        found=found,
        offering=offering or OfferForm(container=container),
        taking=taking or TakeForm(),
        declining=declining or DeclineForm(),
        cannot_offer=acting.obstacle("offer_custody", found.batch),
        cannot_take=acting.obstacle("take_custody", found.batch),
        own=bool(found.custody and found.custody.offer and found.custody.offer.person == here.me().id),
    )
    wrong = any(form and form.problems for form in (offering, taking, declining))
    return make_response(html, 422 if wrong else 200)
