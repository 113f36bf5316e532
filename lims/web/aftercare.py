"""After a perfusion: what was delivered, the observation with its time, and decisions on a dose outside its limit."""

from flask import Blueprint, abort, redirect, url_for
from werkzeug.wrappers import Response
from wtforms import RadioField, TextAreaField

from lims.actions import aftercare
from lims.actions.work import Outcome
from lims.domain.dose_given import endotoxin_given
from lims.queries import clinic as query
from lims.queries.clinic import After
from lims.queries.quality import meaning
from lims.web import acting, doing, here
from lims.web.doing import Doing
from lims.web.forms import ActForm, PinForm, SignForm

bp = Blueprint("aftercare", __name__)

Answer = Response | tuple[str, int] | str


class ObservationForm(PinForm):
    """How she is when the observation ends."""

    outcome = RadioField(validate_choice=False)
    note = TextAreaField()


class DoseForm(SignForm):
    """What a dose outside its limit comes to, and why."""

    decision = RadioField(validate_choice=False)
    reason = TextAreaField()


def _end(number: str, form: ObservationForm) -> Outcome:
    return aftercare.end_observation(
        here.site(),
        here.identified(form),
        here.request_id(),
        batch=number,
        outcome=form.outcome.data or "",
        note=form.note.data or "",
    )


def _judge(number: str, form: DoseForm) -> Outcome:
    return aftercare.judge_dose(
        here.site(),
        here.signing(form),
        here.request_id(),
        batch=number,
        decision=form.decision.data or "",
        reason=form.reason.data or "",
    )


def _settle(number: str, form: DoseForm) -> Outcome:
    return aftercare.settle_dose(
        here.site(),
        here.signing(form),
        here.request_id(),
        batch=number,
        decision=form.decision.data or "",
        reason=form.reason.data or "",
    )


DOINGS: doing.Doings = {
    "end_observation": Doing(form=ObservationForm, act=_end),
    "judge_dose": Doing(form=DoseForm, act=_judge),
    "settle_dose": Doing(form=DoseForm, act=_settle),
}


@bp.get("/clinic/after/<number>")
def page(number: str) -> Answer:
    """What was delivered, and what is still to be done about it."""
    return _draw(_found(number))


@bp.post("/clinic/after/<number>/<act>")
def change(number: str, act: str) -> Answer:
    """The observation ends, or somebody decides on the dose."""
    _found(number)
    form, outcome = doing.sent(DOINGS, act, number)
    if outcome:
        return redirect(url_for("aftercare.page", number=number), 303)
    return _draw(_found(number), act=act, form=form), 422


def _found(number: str) -> After:
    return query.after(here.reader(), batch=number) or abort(404)


def _draw(found: After, *, act: str = "", form: ActForm | None = None) -> str:
    issue = found.batch.issue
    about = (("participant", issue.participant), ("round", str(issue.round)))
    return doing.draw(
        "clinic/after.html",
        found=found,
        batch=found.batch,
        endotoxin=endotoxin_given(found.batch),
        forms=doing.forms(DOINGS, act=act, form=form),
        open_act=act,
        why={name: acting.obstacle(name, found.batch) for name in DOINGS},
        meanings={name: meaning(here.reader(), name, about) for name in ("judge_dose", "settle_dose")},
        now=here.reader().now,
    )
