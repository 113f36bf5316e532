"""The server's clock: how it stands beside what is on file, and putting it right by two signatures."""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from lims.actions import clock
from lims.actions.work import Outcome
from lims.domain.refusals import Reason
from lims.queries import clock as query
from lims.queries.quality import meaning
from lims.web import doing, here
from lims.web.clock_forms import ConfirmForm, ProposeForm
from lims.web.doing import Doing
from lims.web.forms import ActForm, read_seq

bp = Blueprint("clock", __name__)

Answer = Response | tuple[str, int] | str


def _propose(_: str, form: ProposeForm) -> Outcome:
    return clock.propose_clock_correction(
        here.site(), here.signing(form), here.request_id(), reason=form.reason.data or ""
    )


def _confirm(_: str, form: ConfirmForm) -> Outcome:
    return clock.countersign_clock_correction(
        here.site(),
        here.signing(form),
        here.request_id(),
        proposed_seq=read_seq(form.proposed_seq.data),
    )


ACTS: doing.Doings = {
    "propose_clock_correction": Doing(form=ProposeForm, act=_propose),
    "countersign_clock_correction": Doing(form=ConfirmForm, act=_confirm),
}


@bp.get("/clock")
def page() -> Answer:
    """The clock, the latest time on file, and what waits for a second person."""
    return _page(doing.forms(ACTS))


@bp.post("/clock/propose")
def propose() -> Answer:
    """One person states that the clock is right now."""
    return _sent("propose_clock_correction")


@bp.post("/clock/countersign")
def countersign() -> Answer:
    """Another person states the same; acts go on."""
    return _sent("countersign_clock_correction")


def _sent(act: str) -> Answer:
    form, outcome = doing.sent(ACTS, act, "")
    if outcome:
        return redirect(url_for("clock.page"), 303)
    return _page(doing.forms(ACTS, act=act, form=form)), 422


def _page(forms: dict[str, ActForm]) -> str:
    reader = here.reader()
    found = query.standing(reader)
    return doing.draw(
        "clock/page.html",
        found=found,
        forms=forms,
        me=reader.person,
        right="" if found.streams_ahead else " ".join(here.words(Reason(rule="clock.right"))),
        myself=" ".join(here.words(Reason(rule="person.self"))),
        meanings={act: meaning(reader, act, ()) for act in ACTS},
    )
