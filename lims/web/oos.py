"""A result outside its specification: its investigation on one page, phase by phase."""

from flask import Blueprint, redirect, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as N_
from werkzeug.wrappers import Response

from lims.actions import oos as actions
from lims.domain.oos import ANSWERS, CHECKS, DECISIONS, Phase
from lims.queries.oos import InvestigationSeen, investigation_of
from lims.queries.quality import meaning
from lims.web import here, telling
from lims.web.oos_forms import ExamineForm, JudgeForm

bp = Blueprint("oos", __name__, url_prefix="/qc")

Answer = Response | tuple[str, int] | str

PHASES = {
    Phase.TO_EXAMINE: ("verify", N_("To examine")),
    Phase.TO_JUDGE: ("verify", N_("To judge")),
    Phase.RETESTING: ("due", N_("Retesting")),
    Phase.TO_CONCLUDE: ("verify", N_("To judge")),
    Phase.INVALIDATED: ("done", N_("Void")),
    Phase.CONFIRMED: ("stop", N_("Confirmed")),
    Phase.NOT_CONFIRMED: ("done", N_("Not confirmed")),
}
"""The sign and the word of each phase."""


@bp.get("/<number>/oos/<oos>")
def page(number: str, oos: str) -> Answer:
    """The result, what the laboratory found, what quality judged, and the retests."""
    return _page(number, oos)


@bp.post("/<number>/oos/<oos>/examine")
def examine(number: str, oos: str) -> Answer:
    """The laboratory's examination, signed."""
    form = ExamineForm()
    outcome = here.attempt(
        form,
        lambda: actions.examine_oos(
            here.site(),
            here.signing(form),
            here.request_id(),
            batch=number,
            number=oos,
            checks=form.checks,
            findings=form.findings.data or "",
        ),
    )
    if outcome is None:
        return _page(number, oos, examining=form), 422
    return redirect(url_for("oos.page", number=number, oos=oos), 303)


@bp.post("/<number>/oos/<oos>/judge")
def judge(number: str, oos: str) -> Answer:
    """Quality's judgement, signed."""
    form = JudgeForm()
    outcome = here.attempt(
        form,
        lambda: actions.judge_oos(
            here.site(),
            here.signing(form),
            here.request_id(),
            batch=number,
            number=oos,
            decision=form.decision.data or "",
            why=form.why.data or "",
        ),
    )
    if outcome is None:
        return _page(number, oos, judging=form), 422
    return redirect(url_for("oos.page", number=number, oos=oos), 303)


def _page(
    number: str, oos: str, *, examining: ExamineForm | None = None, judging: JudgeForm | None = None
) -> str:
    seen = investigation_of(here.reader(), number, oos)
    return here.render(
        "qc/oos.html",
        seen=seen,
        batch=seen.batch,
        examining=examining or ExamineForm(),
        judging=judging or JudgeForm(),
        asked=CHECKS,
        answers=[(code, gettext(words)) for code, words in ANSWERS.items()],
        decisions=_choices(seen),
        phases=PHASES,
        telling=telling,
        said={**ANSWERS, **DECISIONS},
        meanings={
            "examine": meaning(here.reader(), "examine_oos", (("number", oos),)),
            "judge": meaning(here.reader(), "judge_oos", (("number", oos), ("decision", "…"))),
        },
    )


def _choices(seen: InvestigationSeen) -> list[tuple[str, str]]:
    """What quality can judge in this phase; the server refuses the rest all the same."""
    if seen.phase is Phase.TO_CONCLUDE:
        allowed = ["not_confirmed", "confirmed"] if seen.reporting.passes else ["confirmed"]
    elif seen.examined and seen.examined.found == "laboratory_error":
        allowed = ["invalidated", "confirmed"]
    else:
        allowed = (["retest"] if seen.test.retest else []) + ["confirmed"]
    return [(code, gettext(DECISIONS[code])) for code in allowed]
