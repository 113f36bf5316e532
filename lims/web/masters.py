"""The library: master batch records and the study protocol, proposed by one person, approved by another."""

from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lims.actions import masters
from lims.actions.work import Outcome
from lims.authoring.faults import AuthoringError, Fault
from lims.domain.entries.envelope import code_of
from lims.domain.entries.masters import MasterProposed, ProtocolProposed
from lims.domain.refusals import BadEntry, Reason
from lims.queries import masters as query
from lims.queries.masters import STUDY, Opened
from lims.queries.quality import meaning
from lims.web import acting, doing, here, telling, values
from lims.web.doing import Doing
from lims.web.forms import ActForm
from lims.web.master_reading import READING
from lims.web.masters_forms import ApproveForm, ProposeForm

bp = Blueprint("masters", __name__)

Answer = Response | tuple[str, int] | str


def _text(form: ProposeForm) -> str:
    """The file as it was chosen, or what was mended in the field; refuses what is not UTF-8."""
    sent = request.files.get("file")
    content = sent.read() if sent else b""
    if content:
        try:
            form.text.data = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise BadEntry("text.unprintable", field="file", sign="UTF-8") from None
    if not (form.text.data or "").strip():
        raise BadEntry("text.empty", field="file", least=1)
    # A text field sends its lines with CR LF; the file that is approved has LF.
    return (form.text.data or "").replace("\r\n", "\n")


def _propose_master(_: str, form: ProposeForm) -> Outcome:
    text = _text(form)
    return masters.propose_master(here.site(), here.signing(form), here.request_id(), text=text)


def _propose_protocol(_: str, form: ProposeForm) -> Outcome:
    text = _text(form)
    return masters.propose_protocol(here.site(), here.signing(form), here.request_id(), text=text)


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
    return _library(doing.forms(PROPOSE))


@bp.post("/masters/<act>")
def propose(act: str) -> Answer:
    """A file is handed in; every fault in it is named by its line, and nothing is on file then."""
    try:
        form, outcome = doing.sent(PROPOSE, act, "")
    except AuthoringError as wrong:
        form = ProposeForm()
        form.text.data = form.text.data or _again()
        form.again()
        return _library(doing.forms(PROPOSE, act=act, form=form), faults=wrong.faults), 422
    if outcome is None:
        return _library(doing.forms(PROPOSE, act=act, form=form)), 422
    entry = outcome.entries[0]
    assert isinstance(entry.fact, MasterProposed | ProtocolProposed)
    code = STUDY if entry.stream == STUDY else code_of(entry.stream)
    return redirect(url_for("masters.master", code=code, version=entry.fact.version), 303)


def _again() -> str:
    """The text of the file that was sent, to be mended in the field."""
    sent = request.files.get("file")
    if sent is None:
        return ""
    sent.seek(0)
    return str(sent.read(), encoding="utf-8-sig", errors="replace")


def _named(fault: Fault) -> tuple[str, str]:
    """Where the fault stands, as editors write it, and what it is."""
    sent = request.files.get("file")
    name = sent.filename if sent and sent.filename else gettext("Text")
    return f"{name}:{fault.line}", gettext(fault.message).format(**fault.params)


def _library(forms: dict[str, ActForm], *, faults: tuple[Fault, ...] = ()) -> str:
    reader = here.reader()
    place = (("code", "…"), ("version", "…"))
    return doing.draw(
        "masters/page.html",
        library=query.library(reader),
        forms=forms,
        faults=[_named(fault) for fault in faults],
        meanings={act: meaning(reader, act, place) for act in PROPOSE},
    )


@bp.get("/masters/<code>")
def master(code: str) -> Answer:
    """One version as it reads, its text, both hashes and who stands behind it."""
    return _opened(query.opened(here.reader(), code, request.args.get("version", "")))


@bp.post("/masters/<code>/<act>")
def approve(code: str, act: str) -> Answer:
    """A second person approves over both hashes."""
    form, outcome = doing.sent(APPROVE, act, code)
    version = form["version"].data or ""
    if outcome:
        return redirect(url_for("masters.master", code=code, version=version), 303)
    return _opened(query.opened(here.reader(), code, version), act=act, form=form), 422


def _opened(page: Opened, *, act: str = "", form: ActForm | None = None) -> str:
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
        slot_limit=values.limit_of,
        test_limit=telling.limit_of,
        meaning=meaning(reader, name, (("code", version.code), ("version", version.version))),
        **READING,
    )
