"""The trial's figures: outcomes with what stands behind each number, flow, enrolment, lanes, cells; by arm."""

from io import BytesIO
from uuid import uuid4

from flask import Blueprint, abort, redirect, send_file, url_for
from werkzeug.wrappers import Response

from lims.actions import figures as actions
from lims.actions.trial_report import issue_trial_report
from lims.actions.work import Outcome as Done
from lims.documents.charts_products import percent
from lims.documents.papers import TRIAL_REPORT, TRIAL_REPORT_BY_ARM, filename
from lims.documents.trial_report_words import definition
from lims.documents.trial_words import (
    CLOCKS,
    DENOMINATORS,
    FLAGS,
    OUTCOMES,
    POPULATIONS,
    STANDINGS,
)
from lims.domain.refusals import Reason
from lims.domain.trial.figures import Figures
from lims.domain.trial.standing import Outcome
from lims.language import LANGUAGES
from lims.queries import figures as query
from lims.queries.documents import paper as opened
from lims.queries.quality import meaning
from lims.web import doing, here
from lims.web import figures_page as page_words
from lims.web.doing import Doing
from lims.web.figures_forms import LockForm, LookForm, ReportForm
from lims.web.forms import ActForm

bp = Blueprint("figures", __name__)

Answer = Response | tuple[str, int] | str


def _look(_: str, form: LookForm) -> Done:
    return actions.see_by_arm(here.site(), here.actor(), here.request_id())


def _lock(_: str, form: LockForm) -> Done:
    return actions.lock_trial(here.site(), here.signing(form), here.request_id())


DOINGS: doing.Doings = {
    "see_by_arm": Doing(form=LookForm, act=_look),
    "lock_trial": Doing(form=LockForm, act=_lock),
}


@bp.get("/figures")
def page() -> Answer:
    """Outcomes of all arms together, the flow and enrolment."""
    return _overview(query.figures(here.reader(), by_arm=False))


@bp.post("/figures/by-arm")
def by_arm() -> Answer:
    """The same by arm, with lists and comparisons; the look is put on file first, and every look is a new one."""
    _form, outcome = doing.sent(DOINGS, "see_by_arm", "")
    if outcome is None or outcome.replayed:
        return redirect(url_for("figures.page"), 303)
    return _overview(query.figures(here.reader(), by_arm=True))


@bp.post("/figures/lock")
def lock() -> Answer:
    """Quality locks the trial."""
    form, outcome = doing.sent(DOINGS, "lock_trial", "")
    if outcome:
        return redirect(url_for("figures.page"), 303)
    return _overview(query.figures(here.reader(), by_arm=False), act="lock_trial", form=form), 422


@bp.post("/figures/print")
def print_out() -> Answer:
    """The report as a sealed paper, pooled or by arm; one by arm is a look and is put on file as one."""
    form = ReportForm()
    if form.language.data not in LANGUAGES:
        form.add_error("language", " ".join(here.words(Reason(rule="choice.unknown"))))
        return _overview(query.figures(here.reader(), by_arm=False), printing=form), 422
    paper = issue_trial_report(
        here.site(),
        here.actor(),
        here.request_id(),
        found=query.for_paper(here.reader(), by_arm=form.by_arm.data == "yes"),
        language=form.language.data,
    )
    return redirect(url_for("figures.paper", sha256=paper.sha256), 303)


@bp.get("/figures/paper/<sha256>.pdf")
def paper(sha256: str) -> Answer:
    """A report exactly as it went out; opening one by arm is a look, and is put on file first."""
    row, content = opened(here.reader(), sha256)
    if row.paper not in (TRIAL_REPORT, TRIAL_REPORT_BY_ARM):
        abort(404)
    if row.paper == TRIAL_REPORT_BY_ARM:
        actions.see_by_arm(here.site(), here.actor(), uuid4().hex, how="paper")
    name = filename(row.paper, row.batch, row.copy_number, row.language)
    return send_file(BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name=name)


@bp.get("/figures/outcome/<name>")
def outcome(name: str) -> Answer:
    """What one outcome means, its settings, and each of its numbers with who is in it."""
    if name not in set(Outcome):
        abort(404)
    chosen, language = Outcome(name), here.language()
    found = query.figures(here.reader(), by_arm=False)
    return _draw(
        "figures/outcome.html",
        found,
        outcome=chosen,
        tables=page_words.outcome_tables(found, chosen),
        terms=page_words.terms_of(found.protocol, language, page_words.say),
        shows_people=page_words.shows_people(found, chosen),
    )


@bp.get("/figures/lanes")
def lanes() -> Answer:
    """One lane a participant; without pregnancies, which only the report by arm shows."""
    found = query.figures(here.reader(), by_arm=False)
    return _draw("figures/charts.html", found, charts=page_words.lane_charts(found), what="lanes")


@bp.get("/figures/products")
def products() -> Answer:
    """How batches ended and how long they took."""
    found = query.figures(here.reader(), by_arm=False)
    return _draw(
        "figures/charts.html",
        found,
        charts=page_words.product_charts(found, here.language()),
        what="products",
    )


def _overview(
    found: Figures, *, act: str = "", form: ActForm | None = None, printing: ReportForm | None = None
) -> str:
    language = here.language()
    return _draw(
        "figures/page.html",
        found,
        parts=page_words.parts(found, language),
        charts=page_words.overview_charts(found, language),
        more=[*page_words.product_charts(found, language), *page_words.lane_charts(found)]
        if found.by_arm
        else [],
        terms=page_words.terms_of(found.protocol, language, page_words.say),
        printing=printing or ReportForm(),
        forms=doing.forms(DOINGS, act=act, form=form),
        meaning=meaning(here.reader(), "lock_trial", ()),
    )


def _draw(template: str, found: Figures, **context: object) -> str:
    say = page_words.say
    return doing.draw(
        template,
        page=found,
        populations={one: say(words[0]) for one, words in POPULATIONS.items()},
        clocks={one: say(words) for one, words in CLOCKS.items()},
        denominators={one: say(words) for one, words in DENOMINATORS.items()},
        percent=lambda found: percent(found, say),
        names={outcome: say(words[0]) for outcome, words in OUTCOMES.items()},
        definitions={one: definition(one, found.definitions, say) for one in Outcome},
        settings={one: page_words.settings_in_words(one, found.definitions, say) for one in Outcome},
        standings={one: say(words) for one, words in STANDINGS.items()},
        flags={one: say(words) for one, words in FLAGS.items()},
        compared=lambda one: page_words.compared(one, say),
        **({"shows_people": True} | context),
    )
