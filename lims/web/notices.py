"""Notices of a batch: who was told, who acknowledged it and what was done."""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from lims.actions import notices as actions
from lims.actions.work import Outcome
from lims.domain.notices import NEWS
from lims.queries import notices as queries
from lims.web import here, telling
from lims.web.moments import read_moment
from lims.web.notices_forms import AcknowledgeForm

bp = Blueprint("notices", __name__)

Answer = Response | tuple[str, int] | str


@bp.get("/notices/<number>")
def page(number: str) -> Answer:
    """Every notice of a batch, those that wait first."""
    return _page(number)


@bp.post("/notices/<number>/<notice>")
def acknowledge(number: str, notice: str) -> Answer:
    """The reader has read it and says what was done."""
    return _sent(number, notice, investigator=False)


@bp.post("/notices/<number>/<notice>/investigator")
def investigator(number: str, notice: str) -> Answer:
    """The principal investigator has read it."""
    return _sent(number, notice, investigator=True)


def _sent(number: str, notice: str, *, investigator: bool) -> Answer:
    form = AcknowledgeForm()
    act = actions.acknowledge_as_investigator if investigator else actions.acknowledge_notice

    def do() -> Outcome:
        reader, text = here.reader(), form.contacted_at.data or ""
        at = read_moment(text, now=reader.now, zone=reader.zone, field="contacted_at")
        return act(
            here.site(),
            here.identified(form),
            here.request_id(),
            batch=number,
            notice=notice,
            contacted_at=at,
            done=form.done.data or "",
        )

    if here.attempt(form, do) is None:
        return _page(number, notice=notice, form=form), 422
    return redirect(url_for("notices.page", number=number), 303)


def _page(number: str, *, notice: str = "", form: AcknowledgeForm | None = None) -> str:
    found = queries.batch_notices(here.reader(), number)
    return here.render(
        "notices/page.html",
        found=found,
        batch=found.batch,
        news=NEWS,
        telling=telling,
        form_of=lambda code: form if form and code == notice else AcknowledgeForm.blank(),
    )
