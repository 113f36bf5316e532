"""The temperature of a journey: the logger's own file, shown before it goes on file."""

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField

from lims.actions import temperature_log
from lims.actions.attaching import Upload
from lims.actions.temperature_log import ReadLog
from lims.authoring.loggers import load_loggers
from lims.domain.refusals import BadEntry, Refused
from lims.queries import journey as query
from lims.web import acting, doing, here
from lims.web.forms import ActForm

bp = Blueprint("temperature", __name__)


class LogForm(ActForm):
    """The file of one logger about one journey."""

    logger = StringField()
    model = StringField()
    file = StringField()
    sha256 = HiddenField()
    name = HiddenField()


@bp.get("/batches/<number>/custody/<int:seq>/temperature")
def page(number: str, seq: int) -> Response:
    """Which journey it is, and where its file is chosen."""
    return _page(number, seq, LogForm())


@bp.post("/batches/<number>/custody/<int:seq>/temperature")
def preview(number: str, seq: int) -> Response:
    """What the file says about the journey; nothing is on record yet."""
    form = LogForm()
    sent = request.files.get("file")
    try:
        upload = (
            Upload(name=sent.filename or "logger.csv", content=sent.read())
            if sent and sent.filename
            else temperature_log.held(here.site(), name=form.name.data or "", sha256=form.sha256.data or "")
        )
        form.sha256.data, form.name.data = temperature_log.hold(here.site(), upload), upload.name
        record = query.journey(here.reader(), batch=number, seq=seq).batch
        read = temperature_log.understand(
            record, offered_seq=seq, model=form.model.data or "", content=upload.content
        )
    except BadEntry as bad:
        form.add_error(bad.field, " ".join(here.words(bad.reason)))
        return _page(number, seq, form)
    except Refused as refused:
        form.add_error("form", " ".join(here.words(refused.reason)))
        return _page(number, seq, form)
    return _page(number, seq, form, read=read)


@bp.post("/batches/<number>/custody/<int:seq>/temperature/record")
def record(number: str, seq: int) -> Response:
    """The file goes on record as it was shown."""
    form = LogForm()
    outcome = here.attempt(
        form,
        lambda: temperature_log.record_temperature_log(
            here.site(),
            here.actor(),
            here.request_id(),
            batch=number,
            offered_seq=seq,
            logger=form.logger.data or "",
            model=form.model.data or "",
            upload=temperature_log.held(
                here.site(), name=form.name.data or "", sha256=form.sha256.data or ""
            ),
        ),
    )
    if outcome:
        return redirect(url_for("custody.batch", number=number), 303)
    return _page(number, seq, form)


def _page(number: str, seq: int, form: LogForm, *, read: ReadLog | None = None) -> Response:
    found = query.journey(here.reader(), batch=number, seq=seq)
    html = doing.draw(
        "custody/temperature.html",
        found=found,
        form=form,
        read=read,
        models=load_loggers().models,
        cannot=acting.obstacle("record_temperature_log", found.batch),
    )
    return make_response(html, 422 if form.problems else 200)
