"""The library: master batch records and the study protocol, proposed by one person, approved by another."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from io import BytesIO

from flask import Blueprint, abort, redirect, request, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lims.actions import masters
from lims.actions.master_paper import issue_blank_master
from lims.actions.work import Outcome
from lims.authoring.faults import AuthoringError
from lims.documents.papers import BLANK_MASTER, filename
from lims.domain.acts import ACTS
from lims.domain.entries.envelope import code_of
from lims.domain.entries.masters import MasterProposed, ProtocolProposed
from lims.domain.refusals import BadEntry, Reason
from lims.language import LANGUAGES
from lims.queries import masters as query
from lims.queries.documents import paper
from lims.queries.masters import STUDY, Opened, Understood
from lims.queries.quality import meaning
from lims.web import acting, doing, here, telling, values
from lims.web.doing import Doing
from lims.web.forms import ActForm
from lims.web.master_reading import READING
from lims.web.masters_forms import ApproveForm, BlankForm, ProposeForm

bp = Blueprint("masters", __name__)

Answer = Response | tuple[str, int] | str


def _text(form: ProposeForm) -> str:
    """The text of the file that was read before, byte for byte."""
    try:
        return _content(form).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadEntry("text.empty", field="content", least=1) from None


def _propose_master(_: str, form: ProposeForm) -> Outcome:
    return masters.propose_master(here.site(), here.signing(form), here.request_id(), text=_text(form))


def _propose_protocol(_: str, form: ProposeForm) -> Outcome:
    return masters.propose_protocol(here.site(), here.signing(form), here.request_id(), text=_text(form))


def _approve(code: str, form: ApproveForm) -> Outcome:
    approve = masters.approve_protocol if code == STUDY else masters.approve_master
    return approve(
        here.site(),
        here.signing(form),
        here.request_id(),
        code=query.opened(here.reader(), code, form.version.data or "").version.code,
        version=form.version.data or "",
        file_sha256=form.file_sha256.data or "",
        canonical_sha256=form.canonical_sha256.data or "",
    )


PROPOSE: doing.Doings = {
    "propose_master": Doing(form=ProposeForm, act=_propose_master),
    "propose_protocol": Doing(form=ProposeForm, act=_propose_protocol),
}
APPROVE: doing.Doings = {
    "approve_master": Doing(form=ApproveForm, act=_approve),
    "approve_protocol": Doing(form=ApproveForm, act=_approve),
}


@bp.get("/masters")
def page() -> Answer:
    """Every master batch record with its versions, and the study protocol."""
    return _library()


@bp.post("/masters/read/<act>")
def read(act: str) -> Answer:
    """A file as it is understood, or every fault in it by line; handing it in is the next step."""
    if act not in PROPOSE:
        abort(404)
    sent = request.files.get("file")
    content = sent.read() if sent else b""
    return _as_read(act, content, PROPOSE[act].blank(content=b64encode(content).decode()))


@bp.post("/masters/<act>")
def propose(act: str) -> Answer:
    """The version that was read is handed in, signed by its author."""
    try:
        form, outcome = doing.sent(PROPOSE, act, "")
    except AuthoringError:
        form, outcome = PROPOSE[act].form(), None
    if outcome is None:
        return _as_read(act, _content(form), form)
    entry = outcome.entries[0]
    assert isinstance(entry.fact, MasterProposed | ProtocolProposed)
    code = STUDY if entry.stream == STUDY else code_of(entry.stream)
    return redirect(url_for("masters.master", code=code, version=entry.fact.version), 303)


def _content(form: ActForm) -> bytes:
    """The bytes of the file that was read before; none when what came is no such file."""
    try:
        return b64decode(form["content"].data or "", validate=True)
    except ValueError:
        return b""


def _as_read(act: str, content: bytes, form: ActForm) -> tuple[str, int]:
    """The file as it is understood, with the form that hands it in, or what is wrong with it."""
    if not content:
        return _library(faults=[(0, " ".join(here.words(Reason(rule="file.none"))))], act=act), 422
    try:
        found = query.understood(content, is_protocol=act == "propose_protocol")
    except AuthoringError as wrong:
        faults = [(fault.line, gettext(fault.message).format(**fault.params)) for fault in wrong.faults]
        return _library(faults=faults, act=act, name=wrong.source), 422
    return _library(found=found, act=act, form=form), 422 if form.problems else 200


def _library(
    *,
    faults: Sequence[tuple[int, str]] = (),
    found: Understood | None = None,
    act: str = "",
    form: ActForm | None = None,
    name: str = "",
) -> str:
    reader = here.reader()
    about = (("code", found.code), ("version", found.version)) if found else ()
    return doing.draw(
        "masters/page.html",
        library=query.library(reader),
        forms={act: form} if form else {},
        acts_here=[name for name in PROPOSE if ACTS[name].by & reader.roles],
        faults=faults,
        found=found,
        act=act,
        name=name,
        meaning=meaning(reader, act, about) if found else "",
    )


@bp.get("/masters/<code>")
def master(code: str) -> Answer:
    """One version as it reads, its text, both hashes and who stands behind it."""
    return _opened(query.opened(here.reader(), code, request.args.get("version", "")))


@bp.post("/masters/<code>/blank")
def print_blank(code: str) -> Answer:
    """One version on paper, for reading; never a record of any batch."""
    form = BlankForm()
    version = form.version.data or ""
    if form.language.data not in LANGUAGES:
        form.add_error("language", " ".join(here.words(Reason(rule="choice.unknown"))))
        return _opened(query.opened(here.reader(), code, version), printing=form), 422
    issue_blank_master(
        here.site(),
        here.actor(),
        here.request_id(),
        code=code,
        version=version,
        language=form.language.data,
    )
    return redirect(url_for("masters.master", code=code, version=version, _anchor="papers"), 303)


@bp.get("/masters/blank/<sha256>.pdf")
def blank(sha256: str) -> Answer:
    """A blank print exactly as it went out."""
    row, content = paper(here.reader(), sha256)
    if row.paper != BLANK_MASTER:
        abort(404)
    name = filename(row.paper, row.batch, row.copy_number, row.language)
    return send_file(BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name=name)


@bp.post("/masters/<code>/<act>")
def approve(code: str, act: str) -> Answer:
    """A second person approves over both hashes."""
    form, outcome = doing.sent(APPROVE, act, code)
    version = form["version"].data or ""
    if outcome:
        return redirect(url_for("masters.master", code=code, version=version), 303)
    return _opened(query.opened(here.reader(), code, version), act=act, form=form), 422


def _opened(
    page: Opened, *, act: str = "", form: ActForm | None = None, printing: BlankForm | None = None
) -> str:
    version, reader = page.version, here.reader()
    name = "approve_protocol" if page.listed.is_protocol else "approve_master"
    own = version.author == reader.person
    why = " ".join(here.words(Reason(rule="master.author_approves"))) if own else acting.obstacle(name)
    blank = APPROVE[name].blank(
        version=version.version,
        file_sha256=version.file_sha256,
        canonical_sha256=version.canonical_sha256,
    )
    return doing.draw(
        "masters/master.html",
        page=page,
        version=version,
        act=name,
        forms={name: form if form is not None and act == name else blank},
        why=why,
        view=request.args.get("view", "read"),
        printing=printing or BlankForm(language=here.language(), version=version.version),
        languages=(("en", "English"), ("zh_Hans", "中文")),
        slot_limit=values.limit_of,
        test_limit=telling.limit_of,
        meaning=meaning(reader, name, (("code", version.code), ("version", version.version))),
        **READING,
    )
