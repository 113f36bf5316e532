"""Product quality review: the figures of a period on a page, and the same as a sealed paper."""

from datetime import date, timedelta
from io import BytesIO

from flask import Blueprint, abort, redirect, request, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lims.actions.quality_review import issue_quality_review
from lims.documents.papers import QUALITY_REVIEW, filename
from lims.documents.quality_review_words import DECISIONS, OUTSIDE, REFUSED, SEVERITIES, measured
from lims.domain.refusals import BadEntry, Reason
from lims.language import LANGUAGES
from lims.queries.documents import paper as opened
from lims.queries.quality_review import quality_review
from lims.web import here, telling
from lims.web.doing import read_day
from lims.web.quality_review_forms import PeriodForm

bp = Blueprint("quality_review", __name__, url_prefix="/quality-review")

Answer = Response | tuple[str, int] | str
YEAR = timedelta(days=365)


@bp.get("/")
def page() -> Answer:
    """The review of a period; the last year where none is asked for."""
    form = PeriodForm.from_address(request.args)
    if not form.begin.data and not form.end.data:
        reader = here.reader()
        today = reader.now.astimezone(reader.zone).date()
        form.begin.data, form.end.data = (today - YEAR).isoformat(), today.isoformat()
    period = _period(form)
    return _page(form, period) if period else (_page(form, None), 422)


@bp.post("/print")
def print_out() -> Answer:
    """The same as a sealed paper."""
    form = PeriodForm()
    period = _period(form)
    language = form.language.data or ""
    if language not in LANGUAGES:
        form.add_error("language", " ".join(here.words(Reason(rule="choice.unknown"))))
    if period is None or form.problems:
        return _page(form, period), 422
    made = issue_quality_review(
        here.site(),
        here.actor(),
        here.request_id(),
        found=quality_review(here.reader(), *period),
        language=language,
    )
    return redirect(url_for("quality_review.paper", sha256=made.sha256), 303)


@bp.get("/paper/<sha256>.pdf")
def paper(sha256: str) -> Answer:
    """A review exactly as it went out."""
    row, content = opened(here.reader(), sha256)
    if row.paper != QUALITY_REVIEW:
        abort(404)
    name = filename(row.paper, row.batch, row.copy_number, row.language)
    return send_file(BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name=name)


def _period(form: PeriodForm) -> tuple[date, date] | None:
    """The days that were asked for; none, and what is wrong at its field, where they are no period."""
    days: list[date] = []
    for name in ("begin", "end"):
        try:
            days.append(read_day(form[name].data, field=name))
        except BadEntry as bad:
            form.add_error(name, " ".join(here.words(bad.reason)))
    if len(days) < 2:
        return None
    if days[1] < days[0]:
        form.add_error("end", " ".join(here.words(Reason(rule="period.backwards"))))
        return None
    return days[0], days[1]


def _page(form: PeriodForm, period: tuple[date, date] | None) -> str:
    found = quality_review(here.reader(), *period) if period else None
    return here.render(
        "quality/period.html",
        form=form,
        found=found,
        versions={one.code: one.code for one in found.versions} if found else {},
        words={
            code: gettext(text) for code, text in {**DECISIONS, **SEVERITIES, **OUTSIDE, **REFUSED}.items()
        },
        telling=telling,
        measured=measured,
    )
