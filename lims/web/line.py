"""Clearing the line: two people at a station that holds one batch state what was cleared and what comes next."""

from flask import Blueprint, make_response, redirect, url_for
from werkzeug.wrappers import Response

from lims.actions import secrets, stations
from lims.actions.work import Actor
from lims.domain.refusals import BadEntry, Refused
from lims.domain.stations import CHECKS
from lims.queries import stations as query
from lims.web import acting, here
from lims.web.line_forms import LineForm

bp = Blueprint("line", __name__)


@bp.route("/batches/<number>/line", methods=["GET", "POST"])
def page(number: str) -> Response:
    """The checklist and both people; afterwards the station is this batch's."""
    found = query.line_page(here.reader(), station=here.session().station, batch=number)
    form = LineForm()
    if form.is_sent():
        outcome = here.attempt(
            form,
            lambda: stations.clear_line(
                here.site(),
                here.identified(form),
                here.request_id(),
                station=here.session().station,
                cleared=form.cleared.data or "",
                following=number,
                checks=form.checks,
                witness=_second(form),
            ),
        )
        if outcome:
            if step := found.batch.current:
                return redirect(url_for("step.page", number=number, code=step.code), 303)
            return redirect(url_for("batch.page", number=number), 303)
    html = here.render(
        "step/line.html", page=found, form=form, checks=CHECKS, obstacle=_obstacle(found, number)
    )
    return make_response(html, 422 if form.problems else 200)


def _second(form: LineForm) -> Actor:
    """The second person at this station, from their seat or by user id; refused at their own fields."""
    user_id = (form.witness.data or "").strip() or (here.session().second_person or "")
    try:
        return secrets.witness(here.site(), here.actor(), user_id=user_id, pin=form.witness_pin.data or "")
    except BadEntry as bad:
        bad.field = "witness_pin" if bad.field == "pin" else bad.field
        raise


def _obstacle(found: query.LinePage, number: str) -> str:
    """Why nothing can be cleared here now; nothing when it can."""
    station = found.bench.station
    if station is None:
        return here.words(Refused("station.not_asked", station=here.session().station or "–").reason)[0]
    if station.batch == number:
        return here.words(Refused("station.same_batch", station=station.name, batch=number).reason)[0]
    return acting.obstacle("clear_line")
