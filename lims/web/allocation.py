"""Randomisation: opened and closed by quality, a participant randomised by the coordinator, the told list to check."""

from flask import Blueprint, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from lims.actions import randomisation
from lims.actions.work import Outcome
from lims.domain.refusals import BadEntry
from lims.queries import randomisation as query
from lims.queries.quality import meaning
from lims.queries.randomisation import Desk
from lims.web import acting, doing, here
from lims.web.allocation_forms import (
    CloseForm,
    ImportForm,
    InErrorForm,
    OpenForm,
    RandomiseForm,
    randomise_form,
)
from lims.web.doing import Doing
from lims.web.forms import ActForm

bp = Blueprint("allocation", __name__)

Answer = Response | tuple[str, int] | str


def _open(_: str, form: OpenForm) -> Outcome:
    return randomisation.open_randomisation(here.site(), here.signing(form), here.request_id())


def _import(_: str, form: ImportForm) -> Outcome:
    sent = request.files.get("file")
    content = sent.read() if sent else b""
    if not content:
        raise BadEntry("file.none", field="file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadEntry("randomisation.not_text", field="file") from None
    return randomisation.import_allocation_list(here.site(), here.signing(form), here.request_id(), text=text)


def _close(_: str, form: CloseForm) -> Outcome:
    return randomisation.close_randomisation(here.site(), here.signing(form), here.request_id())


STUDY: doing.Doings = {
    "open_randomisation": Doing(form=OpenForm, act=_open),
    "import_allocation_list": Doing(form=ImportForm, act=_import),
    "close_randomisation": Doing(form=CloseForm, act=_close),
}


def _randomise(participant: str, form: RandomiseForm) -> Outcome:
    strata = tuple(
        (name.partition("-")[2], str(field.data or ""))
        for name, field in form._fields.items()
        if name.startswith("factor-")
    )
    return randomisation.randomise(
        here.site(), here.signing(form), here.request_id(), participant=participant, strata=strata
    )


def _in_error(participant: str, form: InErrorForm) -> Outcome:
    return randomisation.mark_randomised_in_error(
        here.site(),
        here.identified(form),
        here.request_id(),
        participant=participant,
        reason=form.reason.data or "",
    )


@bp.get("/randomisation")
def page() -> Answer:
    """What was opened, who has which place, and what is told after the close."""
    return _page()


@bp.post("/randomisation/<act>")
def change(act: str) -> Answer:
    """Opened or closed, each once."""
    form, outcome = doing.sent(STUDY, act, "")
    if outcome:
        return redirect(url_for("allocation.page"), 303)
    return _page(act=act, form=form), 422


def _page(*, act: str = "", form: ActForm | None = None) -> str:
    reader = here.reader()
    return doing.draw(
        "allocation/page.html",
        page=query.standing(reader),
        forms=doing.forms(STUDY, act=act, form=form),
        meanings={name: meaning(reader, name, ()) for name in STUDY},
    )


@bp.get("/randomisation.json")
def told() -> Answer:
    """What it takes to run the closed list again; not found before the close."""
    answer = jsonify(query.told(here.reader()))
    answer.headers["Content-Disposition"] = "attachment; filename=randomisation.json"
    return answer


@bp.get("/participants/<code>/randomisation")
def participant(code: str) -> Answer:
    """What is asked before she is randomised; afterwards her arm and place."""
    return _desk(query.desk(here.reader(), code))


@bp.post("/participants/<code>/randomisation/<act>")
def randomise(code: str, act: str) -> Answer:
    """She is randomised, or marked as randomised in error."""
    found = query.desk(here.reader(), code)
    form, outcome = doing.sent(_doings(found), act, code)
    if outcome:
        return redirect(url_for("allocation.participant", code=code), 303)
    return _desk(found, act=act, form=form), 422


def _doings(found: Desk) -> doing.Doings:
    return {
        "randomise": Doing(form=randomise_form(found.factors), act=_randomise),
        "mark_randomised_in_error": Doing(form=InErrorForm, act=_in_error),
    }


def _desk(found: Desk, *, act: str = "", form: ActForm | None = None) -> str:
    reader = here.reader()
    code = found.participant.trial_id
    return doing.draw(
        "allocation/participant.html",
        page=found,
        who=found.participant,
        forms=doing.forms(_doings(found), act=act, form=form),
        meaning=meaning(reader, "randomise", (("participant", code),)),
        unmet=[here.words(reason) for reason in found.unmet],
        may_not=acting.obstacle("randomise"),
    )
