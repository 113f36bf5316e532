"""Sealed papers: print one, fetch it again, and find out what a file is that somebody holds."""

from collections.abc import Sequence
from io import BytesIO

from flask import Blueprint, current_app, redirect, request, send_file, send_from_directory, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lims.actions import papers as actions
from lims.documents.findings import CHECKS, LIMITS
from lims.documents.papers import (
    BATCH_RECORD,
    BLANK_MASTER,
    CASEBOOK,
    PAPERS,
    TRIAL_REPORT,
    TRIAL_REPORT_BY_ARM,
    filename,
)
from lims.domain.refusals import Reason
from lims.domain.rows import DocumentRow
from lims.language import LANGUAGES
from lims.queries import documents as queries
from lims.web import here
from lims.web.documents_forms import PrintForm, VerifyForm

bp = Blueprint("documents", __name__, url_prefix="/documents")

Answer = Response | tuple[str, int] | str


@bp.get("/")
def page() -> Answer:
    """The newest papers of the instance."""
    return here.render(
        "documents/page.html", register=queries.register(here.reader()), home=home, named=named
    )


@bp.get("/<number>")
def batch(number: str) -> Answer:
    """The papers of one batch."""
    return _batch(number, PrintForm(language=here.language(), paper=request.args.get("paper", "")))


@bp.post("/<number>")
def print_out(number: str) -> Answer:
    """A new sealed copy of a paper, of the record as it stands."""
    form = PrintForm()
    kind, _, subject = (form.paper.data or BATCH_RECORD).partition("/")
    unknown = " ".join(here.words(Reason(rule="choice.unknown")))
    if form.language.data not in LANGUAGES:
        form.add_error("language", unknown)
        return _batch(number, form), 422
    if kind not in PAPERS:
        form.add_error("paper", unknown)
        return _batch(number, form), 422
    paper = actions.issue_paper(
        here.site(),
        here.actor(),
        here.request_id(),
        batch=number,
        language=form.language.data,
        paper=kind,
        subject=subject,
    )
    return redirect(url_for("documents.batch", number=number, issued=paper.sha256), 303)


@bp.get("/file/<sha256>")
def download(sha256: str) -> Answer:
    """A paper exactly as it went out."""
    row, content = queries.paper(here.reader(), sha256)
    if row.paper in (TRIAL_REPORT, TRIAL_REPORT_BY_ARM):
        return redirect(url_for("figures.paper", sha256=sha256))
    name = filename(row.paper, row.batch, row.copy_number, row.language, subject=row.subject)
    return send_file(BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name=name)


@bp.get("/<number>/record.zip")
def record_zip(number: str) -> Answer:
    """The record with its attached files, to be checked by the verifier without this server."""
    content, seq = queries.record_zip(here.reader(), number)
    name = f"batch-{number}-r{seq}.zip"
    return send_file(BytesIO(content), mimetype="application/zip", as_attachment=True, download_name=name)


@bp.get("/verify")
def verify() -> Answer:
    """Ask what a file is."""
    return here.render("documents/verify.html", form=VerifyForm(), found=None)


@bp.post("/verify")
def verify_file() -> Answer:
    """What the file is, by its hash, and what it proves by itself."""
    form = VerifyForm()
    sent = request.files.get("file")
    content = sent.read() if sent else b""
    if not content:
        form.add_error("file", gettext("Choose a file: a PDF, a zip or a record.json."))
        return here.render("documents/verify.html", form=form, found=None), 422
    found = queries.recognise(here.reader(), content, site_code=form.site_code.data or "")
    return here.render(
        "documents/verify.html",
        form=form,
        found=found,
        checks=CHECKS,
        limits=LIMITS,
        said=lambda check: check.sentence(gettext),
        name=sent.filename if sent else "",
        home=home,
        named=named,
    )


@bp.get("/verify.html")
def verifier() -> Answer:
    """The verifier that opens from disk, without any server."""
    folder = f"{current_app.static_folder}/verify"
    return send_from_directory(folder, "verify.html", as_attachment=True, download_name="verify.html")


def home(row: DocumentRow) -> str:
    """The page where the papers of the same thing stand: a batch, a participant, a version of a master, the trial."""
    if row.paper == BLANK_MASTER:
        code, _, version = row.batch.partition("/")
        return url_for("masters.master", code=code, version=version)
    if row.paper in (TRIAL_REPORT, TRIAL_REPORT_BY_ARM):
        return url_for("figures.page")
    if row.paper == CASEBOOK:
        return url_for("casebook.page", code=row.batch)
    return url_for("documents.batch", number=row.batch)


def named(row: DocumentRow) -> str:
    """What the paper is of, as people say it: `0042`, or `MBR-DNK-010 v1`."""
    return row.subject or row.batch.replace("/", " v")


def _batch(number: str, form: PrintForm) -> str:
    found = queries.papers(here.reader(), number)
    why = {copies.key: _why(copies.unmet) for copies in found.copies}
    chosen = found.of(form.paper.data or "") or found.of(BATCH_RECORD)
    return here.render(
        "documents/batch.html",
        papers=found,
        why=why,
        chosen=chosen,
        form=form,
        issued=request.args.get("issued", ""),
        languages=(("en", "English"), ("zh_Hans", "中文")),
    )


def _why(reasons: Sequence[Reason]) -> str:
    return " ".join(part for reason in reasons for part in here.words(reason))
