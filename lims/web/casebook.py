"""A participant's casebook: the copies that went out, and the next one."""

from io import BytesIO

from flask import Blueprint, abort, redirect, send_file, url_for
from werkzeug.wrappers import Response

from lims.actions.casebook import issue_casebook
from lims.documents.papers import CASEBOOK, filename
from lims.domain.refusals import Reason
from lims.language import LANGUAGES
from lims.queries import casebook as query
from lims.queries.documents import paper
from lims.queries.trial import course
from lims.web import here
from lims.web.masters_forms import BlankForm

bp = Blueprint("casebook", __name__)

Answer = Response | tuple[str, int] | str


@bp.get("/participants/<code>/casebook")
def page(code: str) -> Answer:
    """What went out about her, newest first."""
    return _page(code, BlankForm(language=here.language()))


@bp.post("/participants/<code>/casebook")
def print_out(code: str) -> Answer:
    """The next copy, sealed and on file."""
    form = BlankForm()
    if form.language.data not in LANGUAGES:
        form.add_error("language", " ".join(here.words(Reason(rule="choice.unknown"))))
        return _page(code, form), 422
    case = query.case(here.reader(), code)
    issue_casebook(here.site(), here.actor(), here.request_id(), case=case, language=form.language.data)
    return redirect(url_for("casebook.page", code=code), 303)


def _page(code: str, form: BlankForm) -> str:
    reader = here.reader()
    return here.render(
        "casebook/page.html",
        who=course(reader, code).participant,
        copies=query.copies(reader, code),
        form=form,
        languages=(("en", "English"), ("zh_Hans", "中文")),
    )


@bp.get("/casebooks/<sha256>.pdf")
def download(sha256: str) -> Answer:
    """A casebook exactly as it went out."""
    row, content = paper(here.reader(), sha256)
    if row.paper != CASEBOOK:
        abort(404)
    name = filename(row.paper, row.batch, row.copy_number, row.language)
    return send_file(BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name=name)
