"""Labels of a step: printed, scanned back with what became of each, and as a paper to stick on."""

import logging

from flask import Blueprint, make_response, redirect, url_for
from werkzeug.wrappers import Response

from lims.actions import culture
from lims.actions.work import Outcome
from lims.domain.refusals import Refused
from lims.queries import labels as papers
from lims.queries import step as query
from lims.web import errors, here
from lims.web.step_forms import LabelForm
from lims.web.step_page import Answer, draw

bp = Blueprint("labels", __name__)
security = logging.getLogger("lims.security")


@bp.post("/batches/<number>/steps/<step>/labels/<slot>/print")
def print_out(number: str, step: str, slot: str) -> Response:
    """The slot's labels, or one more with a reason; every serial is fresh."""
    form = LabelForm()
    return _answered(
        number,
        step,
        slot,
        form,
        lambda: culture.print_labels(
            here.site(),
            here.actor(),
            here.request_id(),
            batch=number,
            step=step,
            slot=slot,
            reason_code=form.reason_code.data or "",
            container=form.container.data or "",
        ),
    )


@bp.post("/batches/<number>/steps/<step>/labels/<slot>/account")
def account(number: str, step: str, slot: str) -> Response:
    """One printed label, scanned back: applied, attached to the record, or destroyed."""
    form = LabelForm()
    return _answered(
        number,
        step,
        slot,
        form,
        lambda: culture.account_label(
            here.site(),
            here.actor(),
            here.request_id(),
            batch=number,
            step=step,
            slot=slot,
            serial=form.code.data or "",
            fate=form.fate.data or "",
        ),
    )


@bp.get("/batches/<number>/labels/<serial>.pdf")
def paper(number: str, serial: str) -> Response:
    """The label to stick on, drawn from the record."""
    label = papers.label_pdf(here.reader(), batch=number, serial=serial)
    if label.identified:
        security.info(
            "second identifier of %s printed on label %s by %s", label.participant, serial, here.me().id
        )
    answer = make_response(label.content)
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="label-{number}-{serial}.pdf"'
    return answer


def _answered(number: str, step: str, slot: str, form: LabelForm, act: object) -> Response:
    assert callable(act)
    answer = Answer(form=form, slot=slot)
    try:
        outcome: Outcome | None = here.attempt(form, act)
    except Refused as refused:
        if not here.is_fragment():
            return errors.refused(refused)
        form.again()
        outcome, answer.refused, answer.status = None, refused, refused.status
    else:
        answer.outcome, answer.status = outcome, 200 if outcome else 422
    if outcome and not here.is_fragment():
        return redirect(url_for("step.page", number=number, code=step), 303)
    return draw(query.step_page(here.reader(), batch=number, step=step), answer)
