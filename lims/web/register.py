"""The certification register: every decision on a batch in order, without gaps; as a page and as CSV."""

import csv
from io import BytesIO, StringIO

from flask import Blueprint, request, send_file
from flask_babel import gettext
from flask_babel import lazy_gettext as N_
from werkzeug.wrappers import Response

from lims.queries.register import Register
from lims.queries.register import register as query
from lims.web import filters, here, telling

bp = Blueprint("register", __name__, url_prefix="/register")

DECISIONS = {
    "released_conditionally": ("due", N_("Released conditionally")),
    "conforming": ("done", N_("Conforming")),
    "nonconforming": ("stop", N_("Nonconforming")),
    "rejected": ("stop", N_("Rejected")),
    "terminated": ("stop", N_("Terminated")),
}
"""The sign and the word of each decision."""

HEAD = (
    *(N_("Number"), N_("Decided"), N_("Batch"), N_("Round"), N_("Product"), N_("Decision"), N_("Counts")),
    *(N_("Signed by"), N_("Record entry"), N_("Certificate copy"), N_("Certificate SHA-256")),
)


@bp.get("/")
def page() -> str:
    """The decisions of a year; `?year=` names it."""
    return here.render("quality/register.html", found=_found(), decisions=DECISIONS, telling=telling)


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
        decided = (row.batch, row.round, row.product, str(DECISIONS[row.decision][1]), counts)
        signed = (telling.person(found.people, row.person), row.seq)
        kept = (paper.copy_number, paper.sha256) if paper else ("", "")
        writer.writerow([line.number, filters.local(row.at), *decided, *signed, *kept])
    # With a byte order mark, so that a spreadsheet program reads 中文 right.
    content = BytesIO(text.getvalue().encode("utf-8-sig"))
    name = f"register-{found.year}.csv"
    return send_file(content, mimetype="text/csv", as_attachment=True, download_name=name)


def _found() -> Register:
    asked = request.args.get("year", "")
    return query(
        here.reader(), int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 5 else None
    )
