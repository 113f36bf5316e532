"""The certification register: every decision on a batch in order, without gaps; as a page, CSV and a sealed paper."""

import csv
from io import BytesIO, StringIO

from flask import Blueprint, abort, redirect, request, send_file, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as N_
from werkzeug.wrappers import Response

from lims.actions.register import issue_register
from lims.documents.papers import REGISTER, filename
from lims.documents.quality_review_words import DECISIONS
from lims.domain.refusals import Reason
from lims.domain.register import Register
from lims.language import LANGUAGES
from lims.queries.documents import paper as opened
from lims.queries.register import register as query
from lims.web import filters, here, telling
from lims.web.quality_review_forms import RegisterForm

bp = Blueprint("register", __name__, url_prefix="/register")

Answer = Response | tuple[str, int] | str
SIGNS = {
    "released_conditionally": "due",
    "conforming": "done",
    "nonconforming": "stop",
    "rejected": "stop",
    "terminated": "stop",
}
"""The sign of each decision."""

HEAD = (
    *(N_("Number"), N_("Decided"), N_("Batch"), N_("Round"), N_("Product"), N_("Decision"), N_("Counts")),
    *(N_("Signed by"), N_("Record entry"), N_("Certificate copy"), N_("Certificate SHA-256")),
)


@bp.get("/")
def page() -> str:
    """The decisions of a year; `?year=` names it."""
    return _page(RegisterForm(formdata=None))


@bp.get("/register.csv")
def table() -> Response:
    """The same as a table to print or keep."""
    found = _found()
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([str(name) for name in HEAD])
    for line in found.lines:
        row, paper = line.row, line.certificate
        counts = gettext("yes") if row.counts else gettext("no")
        decided = (row.batch, row.round, row.product, gettext(DECISIONS[row.decision]), counts)
        signed = (telling.person(found.people, row.person), row.seq)
        kept = (paper.copy_number, paper.sha256) if paper else ("", "")
        writer.writerow([line.number, filters.local(row.at), *decided, *signed, *kept])
    # With a byte order mark, so that a spreadsheet program reads 中文 right.
    content = BytesIO(text.getvalue().encode("utf-8-sig"))
    name = f"register-{found.year}.csv"
    return send_file(content, mimetype="text/csv", as_attachment=True, download_name=name)


@bp.post("/print")
def print_out() -> Answer:
    """The same as a sealed paper."""
    form = RegisterForm()
    language = form.language.data or ""
    if language not in LANGUAGES:
        form.add_error("language", " ".join(here.words(Reason(rule="choice.unknown"))))
        return _page(form), 422
    made = issue_register(here.site(), here.actor(), here.request_id(), found=_found(), language=language)
    return redirect(url_for("register.paper", sha256=made.sha256), 303)


@bp.get("/paper/<sha256>.pdf")
def paper(sha256: str) -> Answer:
    """A register exactly as it went out."""
    row, content = opened(here.reader(), sha256)
    if row.paper != REGISTER:
        abort(404)
    name = filename(row.paper, row.batch, row.copy_number, row.language)
    return send_file(BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name=name)


def _page(form: RegisterForm) -> str:
    words = {code: gettext(text) for code, text in DECISIONS.items()}
    return here.render(
        "quality/register.html", found=_found(), form=form, signs_of=SIGNS, words=words, telling=telling
    )


def _found() -> Register:
    asked = request.values.get("year", "")
    return query(
        here.reader(), int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 5 else None
    )
