"""What follows deviations: the list of actions, the page of one, and a deviation from its opening to its closure."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from lims.actions import capa as actions
from lims.actions.work import Outcome
from lims.domain.capa import ACTIONS, CapaState
from lims.domain.investigation import CAUSES, IMPACTS
from lims.domain.refusals import BadEntry
from lims.queries import capa as query
from lims.queries.quality import meaning
from lims.web import doing, here, telling
from lims.web.capa_forms import (
    CloseDeviationForm,
    DoneForm,
    EffectForm,
    InvestigateForm,
    PlanForm,
    VerifyCapaForm,
)
from lims.web.doing import Doing, read_day
from lims.web.forms import ActForm
from lims.web.quality_others import reached

bp = Blueprint("capa", __name__)

Answer = Response | tuple[str, int] | str

NEXT = {
    CapaState.PLANNED: "finish_capa",
    CapaState.DONE: "verify_capa",
    CapaState.VERIFIED: "check_effectiveness",
}
"""What an action waits for."""


@bp.get("/capa")
def page() -> Answer:
    """The list of actions: open, overdue, closed."""
    shown = request.args.get("show", "open")
    shown = shown if shown in query.SHOWN else "open"
    found = query.register(here.reader(), shown)
    return doing.draw("capa/page.html", found=found, shown=shown, word=telling.code_word)


@bp.get("/capa/<number>")
def one(number: str) -> Answer:
    """One action with everything that was said about it."""
    return _one(number)


@bp.post("/capa/<number>/<act>")
def change(number: str, act: str) -> Answer:
    """Done by its owner, verified and judged by quality."""
    form, outcome = doing.sent(CHANGES, act, number)
    if outcome:
        return redirect(url_for("capa.one", number=number), 303)
    return _one(number, act=act, form=form), 422


@bp.get("/deviations/<number>")
def deviation(number: str) -> Answer:
    """One deviation: what happened, its investigation, its actions, its closure."""
    return _deviation(number)


@bp.post("/deviations/<number>/<act>")
def settle(number: str, act: str) -> Answer:
    """Quality investigates, plans and closes."""
    form, outcome = doing.sent(SETTLES, act, number)
    if outcome:
        return redirect(url_for("capa.deviation", number=number), 303)
    return _deviation(number, act=act, form=form), 422


def _done(number: str, form: DoneForm) -> Outcome:
    return actions.finish_capa(
        here.site(), here.identified(form), here.request_id(), number=number, done=form.done.data or ""
    )


def _verify(number: str, form: VerifyCapaForm) -> Outcome:
    return actions.verify_capa(
        here.site(),
        here.identified(form),
        here.request_id(),
        number=number,
        agreed=_yes(form.agreed.data, field="agreed"),
        finding=form.finding.data or "",
    )


def _effect(number: str, form: EffectForm) -> Outcome:
    return actions.check_effectiveness(
        here.site(),
        here.signing(form),
        here.request_id(),
        number=number,
        effective=_yes(form.effective.data, field="effective"),
        finding=form.finding.data or "",
    )


def _yes(text: str | None, *, field: str) -> bool:
    if text not in ("yes", "no"):
        raise BadEntry("choice.unknown", field=field)
    return text == "yes"


def _investigate(number: str, form: InvestigateForm) -> Outcome:
    return actions.investigate_deviation(
        here.site(),
        here.identified(form),
        here.request_id(),
        batch=number.rpartition("-")[0],
        number=number,
        impact_on=form.impact_on.data or "",
        impact=form.impact.data or "",
        cause=form.cause.data or "",
        root_cause=form.root_cause.data or "",
    )


def _plan(number: str, form: PlanForm) -> Outcome:
    return actions.open_capa(
        here.site(),
        here.identified(form),
        here.request_id(),
        deviations=(number, *(form.deviations.data or "").replace(",", " ").split()),
        action=form.action.data or "",
        description=form.description.data or "",
        owner=form.owner.data or "",
        due=read_day(form.due.data, field="due"),
        criterion=form.criterion.data or "",
        check_on=read_day(form.check_on.data, field="check_on"),
        follows=form.follows.data or "",
    )


def _close(number: str, form: CloseDeviationForm) -> Outcome:
    return actions.close_deviation(
        here.site(),
        here.signing(form),
        here.request_id(),
        batch=number.rpartition("-")[0],
        number=number,
        conclusion=form.conclusion.data or "",
    )


CHANGES: doing.Doings = {
    "finish_capa": Doing(form=DoneForm, act=_done),
    "verify_capa": Doing(form=VerifyCapaForm, act=_verify),
    "check_effectiveness": Doing(form=EffectForm, act=_effect),
}
SETTLES: doing.Doings = {
    "investigate_deviation": Doing(form=InvestigateForm, act=_investigate),
    "open_capa": Doing(form=PlanForm, act=_plan),
    "close_deviation": Doing(form=CloseDeviationForm, act=_close),
}


def _one(number: str, *, act: str = "", form: ActForm | None = None) -> str:
    reader = here.reader()
    found = query.one(reader, number)
    wanted = NEXT.get(found.capa.state, "")
    is_mine = found.capa.fact.owner == reader.person
    results = {"yes": "effective", "no": "not effective"}
    return doing.draw(
        "capa/one.html",
        found=found,
        capa=found.capa,
        now=reader.now,
        word=telling.code_word,
        forms=doing.forms(CHANGES, act=act, form=form),
        wanted=wanted,
        is_mine=is_mine,
        meanings=[
            (value, meaning(reader, "check_effectiveness", (("number", number), ("result", result))))
            for value, result in results.items()
        ],
    )


def _deviation(number: str, *, act: str = "", form: ActForm | None = None) -> str:
    reader = here.reader()
    found = query.deviation(reader, number)
    return doing.draw(
        "capa/deviation.html",
        found=found,
        batch=found.batch,
        deviation=found.deviation,
        followed=found.followed,
        now=reader.now,
        opened={"others": reached(found.batch, number)},
        telling=telling,
        word=telling.code_word,
        forms=doing.forms(SETTLES, act=act, form=form),
        causes=CAUSES,
        impacts=IMPACTS,
        actions=ACTIONS,
        meaning=meaning(reader, "close_deviation", (("number", number),)),
    )
