"""One batch: where it stands, what is next, what is on file about it."""

from flask import Blueprint, make_response, redirect, url_for
from werkzeug.wrappers import Response
from wtforms import StringField

from lims.actions import release
from lims.queries import batch as query
from lims.web import acting, here
from lims.web.forms import ActForm

bp = Blueprint("batch", __name__)

HOLD_REASONS = ("safety", "identity", "equipment", "documentation", "other")


class HoldForm(ActForm):
    """Why the batch is held."""

    reason_code = StringField()


@bp.get("/batches/<number>")
def page(number: str) -> Response:
    """The whole batch, with its next step as the one action."""
    return _draw(number, HoldForm())


@bp.post("/batches/<number>/hold")
def hold(number: str) -> Response:
    """The batch stops for everybody until quality lifts the hold."""
    form = HoldForm()
    outcome = here.attempt(
        form,
        lambda: release.place_hold(
            here.site(),
            here.actor(),
            here.request_id(),
            batch=number,
            reason_code=form.reason_code.data or "",
        ),
    )
    return redirect(url_for("batch.page", number=number), 303) if outcome else _draw(number, form)


def _draw(number: str, form: HoldForm) -> Response:
    found = query.batch_page(here.reader(), batch=number)
    html = here.render(
        "batch/page.html",
        page=found,
        form=form,
        reasons=HOLD_REASONS,
        cannot_hold=acting.obstacle("place_hold", found.batch),
        cannot_record=acting.obstacle("record_evidence", found.batch),
    )
    return make_response(html, 422 if form.problems else 200)
