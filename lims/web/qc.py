"""The QC laboratory: samples come in by scan, results are entered and reviewed by a second person."""

from flask import Blueprint, redirect, request, url_for
from flask_babel import lazy_gettext as N_
from werkzeug.wrappers import Response

from lims.actions import qc as actions
from lims.domain.refusals import Reason
from lims.queries import qc as queries
from lims.queries.quality import meaning
from lims.queries.trends import trends_in
from lims.web import filters, here, telling
from lims.web.forms import read_means
from lims.web.qc_forms import OrganismForm, ReceiveForm, ResultForm, ResultReviewForm

bp = Blueprint("qc", __name__, url_prefix="/qc")

Answer = Response | tuple[str, int] | str

NO_RESULT = (
    ("", N_("The test gave a result")),
    ("invalid", N_("The test is invalid")),
    ("not_done", N_("The test was not done")),
)


@bp.get("/")
def worklist() -> Answer:
    """What waits in the laboratory."""
    return _worklist(ReceiveForm())


@bp.post("/receive")
def receive() -> Answer:
    """The sample in hand is the laboratory's from now on; any sample of any batch, by its code alone."""
    form = ReceiveForm()
    code = form.code.data or ""
    number = queries.batch_of_code(here.reader(), code)
    if number is None:
        form.add_error("code", " ".join(here.words(Reason(rule="scan.unknown"))))
        return _worklist(form), 422
    outcome = here.attempt(
        form,
        lambda: actions.receive_sample(
            here.site(),
            here.actor(),
            here.request_id(),
            batch=number,
            code=code,
            means=read_means(form.means.data),
        ),
    )
    if outcome is None:
        return _worklist(form), 422
    return redirect(url_for("qc.worklist", received=number), 303)


@bp.get("/<number>")
def batch(number: str) -> Answer:
    """Every sample and test of a batch; `?test=` names the one that is worked on."""
    return _batch(number, request.args.get("test", ""))


@bp.post("/<number>/<test>")
def enter(number: str, test: str) -> Answer:
    """The analyst's result."""
    form = ResultForm()
    outcome = here.attempt(
        form,
        lambda: actions.enter_result(
            here.site(),
            here.identified(form),
            here.request_id(),
            batch=number,
            test=test,
            raw=form.raw.data or "",
            option=form.option.data or "",
            outcome=form.outcome.data or "",
            instrument=form.instrument.data or "",
            reason=form.reason.data or "",
        ),
    )
    if outcome is None:
        return _batch(number, test, entry=form), 422
    return redirect(url_for("qc.batch", number=number), 303)


@bp.post("/<number>/<test>/review")
def review(number: str, test: str) -> Answer:
    """A second person stands behind the result, or does not."""
    form = ResultReviewForm()
    if form.agreed.data not in ("yes", "no"):
        form.add_error("agreed", " ".join(here.words(Reason(rule="choice.unknown"))))
        return _batch(number, test, judging=form), 422
    outcome = here.attempt(
        form,
        lambda: actions.review_result(
            here.site(),
            here.signing(form),
            here.request_id(),
            batch=number,
            test=test,
            agreed=form.agreed.data == "yes",
        ),
    )
    if outcome is None:
        return _batch(number, test, judging=form), 422
    return redirect(url_for("qc.batch", number=number), 303)


@bp.post("/<number>/<test>/organism")
def organism(number: str, test: str) -> Answer:
    """What was found out later about a product that failed after its release."""
    form = OrganismForm()
    outcome = here.attempt(
        form,
        lambda: actions.report_organism(
            here.site(),
            here.identified(form),
            here.request_id(),
            batch=number,
            test=test,
            news=form.news.data or "",
            finding=form.finding.data or "",
        ),
    )
    if outcome is None:
        return _batch(number, test, later=form), 422
    return redirect(url_for("qc.batch", number=number, test=test) + "#test", 303)


def _worklist(form: ReceiveForm) -> str:
    return here.render(
        "qc/worklist.html",
        work=queries.worklist(here.reader()),
        form=form,
        received=request.args.get("received", ""),
    )


def _batch(
    number: str,
    test: str,
    *,
    entry: ResultForm | None = None,
    judging: ResultReviewForm | None = None,
    later: OrganismForm | None = None,
) -> str:
    tests = queries.batch_tests(here.reader(), number)
    chosen = tests.test(test)
    return here.render(
        "qc/batch.html",
        tests=tests,
        batch=tests.batch,
        chosen=chosen,
        trends=trends_in(here.reader(), number, [item.test.code for item in tests.tests if item.result]),
        entry=entry or ResultForm(),
        judging=judging or ResultReviewForm(),
        later=later or OrganismForm(),
        no_result=NO_RESULT,
        telling=telling,
        options_of=lambda test: [(option.code, filters.said(option.title)) for option in test.options],
        meaning=meaning(here.reader(), "review_result", (("test", test),)) if chosen else "",
    )
