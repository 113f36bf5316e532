"""One batch: where it stands, what is next, what is on file about it."""

from flask import Blueprint, make_response, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response
from wtforms import StringField

from lims.actions import release
from lims.domain.acts import Role
from lims.queries import batch as query
from lims.web import acting, here, milestones
from lims.web.forms import ActForm
from lims.web.pages import link, may
from lims.web.step_page import bars, waits_for

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


def _next(found: query.BatchPage) -> tuple[str, str, str]:
    """The one thing to do: where, the words on its button, and why the reader cannot do it; all empty at the end."""
    batch, step = found.batch, found.current
    if step is None:
        review = link("quality.review", number=batch.number) if may("quality.review") else ""
        return review, str(gettext("Open review")) if review else "", ""
    title = here.reader().said(step.title)
    here_it_is = link("step.page", number=batch.number, code=step.code)
    if step.done_by is not None:
        href, word = milestones.place(step.done_by, batch)
        return href or here_it_is, word, "" if href else milestones.how(step.done_by)
    mine = Role(step.role) in here.roles()
    why = acting.obstacle("record_evidence", batch) or waits_for(step, mine=mine)
    return here_it_is, str(gettext("Continue: %(step)s", step=title)), why


def _draw(number: str, form: HoldForm) -> Response:
    found = query.batch_page(here.reader(), batch=number)
    html = here.render(
        "batch/page.html",
        page=found,
        form=form,
        reasons=HOLD_REASONS,
        words=here.words,
        cannot_hold=acting.obstacle("place_hold", found.batch),
        milestone=milestones,
        next=_next(found),
        bars=bars(found.groups, found.now_in) if found.now_in else [],
        may_add=found.batch.master.operations and not acting.obstacle("add_operation", found.batch),
    )
    return make_response(html, 422 if form.problems else 200)
