"""Files that instruments wrote: shown before they go on record, with a tray for what belongs to no sample."""

from collections.abc import Sequence
from functools import partial

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, RadioField, StringField, TextAreaField

from lims.actions import instruments as actions
from lims.actions.attaching import Upload
from lims.actions.instruments import Understood
from lims.actions.temperature_log import held, hold
from lims.actions.work import Outcome
from lims.authoring.instruments import load_instruments
from lims.documents.charts import Chart
from lims.documents.charts_flow import density
from lims.documents.fcs import read_flow_file
from lims.domain.instruments import FlowFile
from lims.domain.refusals import BadEntry, Reason, Refused
from lims.language import words_in
from lims.queries import instruments as query
from lims.web import acting, here, telling
from lims.web.forms import ActForm, PinForm, read_means

bp = Blueprint("instruments", __name__)


class FileForm(PinForm):
    """A file of an instrument, or a column that was pasted from a spreadsheet."""

    instrument = StringField()
    model = StringField()
    file = StringField()
    pasted = TextAreaField()
    sha256 = HiddenField()
    name = HiddenField()


class SettleForm(PinForm):
    """Whose a line of the tray is."""

    decision = RadioField(validate_choice=False)
    sample = StringField()
    means = HiddenField(default="typed")
    reason = TextAreaField()


@bp.get("/qc-files/")
def files() -> Response:
    """Where a file of results is taken in, and the lines that wait for their sample."""
    return _files(FileForm(), opened=request.args.get("line", ""))


@bp.post("/qc-files/")
def preview() -> Response:
    """What the file would come to, line by line; nothing is on record yet."""
    return _understood(FileForm())


@bp.post("/qc-files/record")
def record() -> Response:
    """The file goes on record, its known samples have results, and the others wait."""
    form = FileForm()
    outcome = here.attempt(
        form,
        lambda: actions.take_results_file(
            here.site(),
            here.identified(form),
            here.request_id(),
            instrument=form.instrument.data or "",
            model=form.model.data or "",
            upload=_chosen(form, "results.csv"),
        ),
    )
    if outcome:
        return redirect(url_for("instruments.files"), 303)
    return _understood(form)


@bp.post("/qc-files/<instrument>/<int:seq>/<int:line>/<test>")
def settle(instrument: str, seq: int, line: int, test: str) -> Response:
    """A line of the tray has its sample after all, or is none of ours."""
    form = SettleForm()
    key = f"{instrument}-{seq}-{line}-{test}"
    if form.decision.data not in ("ours", "foreign"):
        form.add_error("decision", " ".join(here.words(Reason(rule="choice.unknown"))))
        return _files(FileForm(), settling=form, opened=key)
    outcome = here.attempt(form, lambda: _settle(form, instrument, seq, line, test))
    if outcome:
        return redirect(url_for("instruments.files"), 303)
    return _files(FileForm(), settling=form, opened=key)


def _settle(form: SettleForm, instrument: str, seq: int, line: int, test: str) -> Outcome:
    given = partial(actions.give_file_line, sample=form.sample.data or "", means=read_means(form.means.data))
    act = actions.dismiss_file_line if form.decision.data == "foreign" else given
    return act(
        here.site(),
        here.identified(form),
        here.request_id(),
        instrument=instrument,
        taken_seq=seq,
        line=line,
        test=test,
        reason=form.reason.data or "",
    )


@bp.get("/batches/<number>/flow/<test>")
def flow(number: str, test: str) -> Response:
    """The cytometer's files of a test as density plots, and where another one is chosen."""
    return _flow(number, test, FileForm())


@bp.post("/batches/<number>/flow/<test>")
def flow_preview(number: str, test: str) -> Response:
    """What the file says of itself, with its events; nothing is on record yet."""
    form = FileForm()
    try:
        upload = _chosen(form, "measurement.fcs")
        told = read_flow_file(upload.content)
        chart = density(upload.content, say=words_in(here.reader().language))
    except Refused as refused:
        _tell(form, refused)
        return _flow(number, test, form)
    return _flow(number, test, form, told=told, charts=(chart,))


@bp.post("/batches/<number>/flow/<test>/record")
def flow_record(number: str, test: str) -> Response:
    """The file goes on record as it came."""
    form = FileForm()
    outcome = here.attempt(
        form,
        lambda: actions.keep_flow_file(
            here.site(),
            here.identified(form),
            here.request_id(),
            batch=number,
            test=test,
            instrument=form.instrument.data or "",
            upload=_chosen(form, "measurement.fcs"),
        ),
    )
    if outcome:
        return redirect(url_for("instruments.flow", number=number, test=test), 303)
    return _flow(number, test, form)


def _chosen(form: FileForm, name: str) -> Upload:
    """The file that came, what was pasted, or the one that was kept when the page was drawn before."""
    sent = request.files.get("file")
    if sent and sent.filename:
        upload = Upload(name=sent.filename, content=sent.read())
    elif form.pasted.data:
        upload = Upload(name="pasted.txt", content=form.pasted.data.encode())
    else:
        upload = held(here.site(), name=form.name.data or name, sha256=form.sha256.data or "")
    form.sha256.data, form.name.data = hold(here.site(), upload), upload.name
    return upload


def _understood(form: FileForm) -> Response:
    try:
        upload = _chosen(form, "results.csv")
        read = actions.understand_results(
            here.site(),
            here.reader().person,
            instrument=form.instrument.data or "",
            model=form.model.data or "",
            upload=upload,
        )
    except Refused as refused:
        _tell(form, refused)
        return _files(form)
    return _files(form, read=read)


def _tell(form: ActForm, refused: Refused) -> None:
    field = refused.field if isinstance(refused, BadEntry) else "form"
    form.add_error(field, " ".join(here.words(refused.reason)))


def _files(
    form: FileForm, *, read: Understood | None = None, settling: SettleForm | None = None, opened: str = ""
) -> Response:
    html = here.render(
        "qc/files.html",
        form=form,
        read=read,
        models=load_instruments().models,
        tray=query.tray(here.reader()),
        settling=settling or SettleForm(),
        opened=opened,
        telling=telling,
        words=here.words,
    )
    wrong = form.problems or (settling and settling.problems)
    return make_response(html, 422 if wrong else 200)


def _flow(
    number: str, test: str, form: FileForm, *, told: FlowFile | None = None, charts: Sequence[Chart] = ()
) -> Response:
    page = query.flow(here.reader(), batch=number, test=test)
    shown = {} if told else {entry.seq: _plot(page, entry.seq) for entry in page.kept}
    html = here.render(
        "qc/flow.html",
        page=page,
        batch=page.batch,
        form=form,
        told=told,
        charts=charts,
        shown=shown,
        cannot=acting.obstacle("keep_flow_file", page.batch),
        telling=telling,
    )
    return make_response(html, 422 if form.problems else 200)


def _plot(page: query.FlowPage, seq: int) -> Chart | None:
    """The plot over the channels that the address asks for; none where the bytes are gone."""
    upload = query.flow_content(here.reader(), page, seq)
    if upload is None:
        return None
    asked = {axis: request.args.get(axis, "") for axis in ("x", "y")}
    return density(upload.content, **asked, say=words_in(here.reader().language))
