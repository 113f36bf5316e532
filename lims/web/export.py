"""Data that leave for statistics: tables, freezes, the dictionary; questions about data and their answers."""

from io import BytesIO

from flask import Blueprint, abort, redirect, request, send_file, url_for
from werkzeug.wrappers import Response

from lims.actions import outgoing
from lims.actions.work import Outcome
from lims.domain.canonical import file_hash
from lims.domain.entries.outgoing import QueryRaised
from lims.domain.refusals import BadEntry, Reason
from lims.domain.trial.dataset_catalogue import DATASETS, title_of
from lims.domain.trial.outgoing import FORMS, Made
from lims.exchange.package import in_form, package
from lims.exchange.tables import dictionary_csv
from lims.queries import outgoing as query
from lims.queries.outgoing import Asked, Snapshot
from lims.queries.quality import meaning
from lims.web import acting, doing, here
from lims.web.doing import Doing
from lims.web.export_forms import AnswerForm, AskForm, FreezeForm, SendForm, SettleForm
from lims.web.forms import ActForm

bp = Blueprint("export", __name__)

Answer = Response | tuple[str, int] | str

FILES = {
    "csv": ("trial-data.zip", "application/zip"),
    "xlsx": ("trial-data.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "odm": ("trial-data-odm.xml", "application/xml"),
}


def _made(snapshot: Snapshot, content: bytes) -> Made:
    return Made(
        sha256=file_hash(content),
        size=len(content),
        women=len(snapshot.courses),
        taken_at=snapshot.taken_at,
        sources=snapshot.sources,
    )


def _freeze(_: str, form: FreezeForm) -> Outcome:
    actor = here.signing(form)
    snapshot = query.snapshot(here.reader())
    content = package(snapshot)
    return outgoing.freeze_data(
        here.site(),
        actor,
        here.request_id(),
        content=content,
        made=_made(snapshot, content),
        purpose=form.purpose.data or "",
        open_queries=snapshot.open_queries,
    )


@bp.get("/data")
def page() -> Answer:
    """What went out, and what can go out now."""
    return _page()


@bp.post("/data/export")
def send() -> Answer:
    """The tables in one form; that they went out is on file before they do."""
    form, made = SendForm(), list[bytes]()
    if here.attempt(form, lambda: _export(form, made)) is None:
        return _page(act="export_data", form=form), 422
    name, kind = FILES[form.form.data]
    return send_file(BytesIO(made[0]), mimetype=kind, as_attachment=True, download_name=name)


def _export(form: SendForm, made: list[bytes]) -> Outcome:
    actor, wanted = here.identified(form), form.form.data or ""
    if wanted not in FORMS:
        raise BadEntry("choice.unknown", field="form")
    snapshot = query.snapshot(here.reader())
    made.append(in_form(wanted, snapshot))
    return outgoing.export_data(
        here.site(), actor, here.request_id(), form=wanted, made=_made(snapshot, made[0])
    )


FREEZE: doing.Doings = {"freeze_data": Doing(form=FreezeForm, act=_freeze)}


@bp.post("/data/freeze")
def freeze() -> Answer:
    """The tables are kept for the statistician."""
    form, outcome = doing.sent(FREEZE, "freeze_data", "")
    if outcome:
        return redirect(url_for("export.page"), 303)
    return _page(act="freeze_data", form=form), 422


def _page(*, act: str = "", form: ActForm | None = None) -> str:
    reader = here.reader()
    blank: doing.Doings = {"export_data": Doing(form=SendForm, act=lambda *_: abort(404)), **FREEZE}
    return doing.draw(
        "export/page.html",
        sent=query.sent(reader),
        waiting=query.queries(reader, closed=False),
        datasets=DATASETS,
        forms=doing.forms(blank, act=act, form=form),
        meaning=meaning(reader, "freeze_data", ()),
        not_yet="" if query.may_send(reader) else here.words(Reason(rule="figures.by_arm"))[0],
    )


@bp.get("/data/freeze/<int:number>.zip")
def frozen(number: int) -> Answer:
    """A freeze exactly as it was kept."""
    fact, content = query.frozen_file(here.reader(), number)
    name = f"trial-data-freeze-{fact.number}-{fact.sha256[:8]}.zip"
    return send_file(BytesIO(content), mimetype="application/zip", as_attachment=True, download_name=name)


@bp.get("/data/dictionary.csv")
def dictionary() -> Answer:
    """What each column means; it holds no data."""
    content = BytesIO(dictionary_csv())
    return send_file(content, mimetype="text/csv", as_attachment=True, download_name="dictionary.csv")


@bp.get("/queries")
def queries() -> Answer:
    """Every open question about data, the longest open first."""
    everything = request.args.get("all") == "yes"
    rows = query.queries(here.reader(), closed=everything)
    return doing.draw(
        "export/queries.html", rows=rows, everything=everything, now=here.reader().now, titled=title_of
    )


def _ask(participant: str, form: AskForm) -> Outcome:
    return outgoing.raise_query(
        here.site(),
        here.actor(),
        here.request_id(),
        participant=participant,
        place=form.place.data or "",
        question=form.question.data or "",
    )


ASK: doing.Doings = {"raise_query": Doing(form=AskForm, act=_ask)}


@bp.get("/participants/<code>/queries")
def asked(code: str) -> Answer:
    """Every question about one participant."""
    return _asked(code)


@bp.post("/participants/<code>/queries")
def ask(code: str) -> Answer:
    """Quality asks."""
    form, outcome = doing.sent(ASK, "raise_query", code)
    if outcome:
        number = outcome.of(QueryRaised).number
        return redirect(url_for("export.query", code=code, number=number), 303)
    return _asked(code, form=form), 422


def _asked(code: str, *, form: ActForm | None = None) -> str:
    return doing.draw(
        "export/asked.html",
        code=code,
        found=query.asked_about(here.reader(), code),
        datasets=DATASETS,
        titled=title_of,
        forms=doing.forms(ASK, act="raise_query" if form else "", form=form),
    )


@bp.get("/participants/<code>/queries/<int:number>", endpoint="query")
def one(code: str, number: int) -> Answer:
    """One question with its answers."""
    return _one(code, _find(code, number))


@bp.post("/participants/<code>/queries/<int:number>/<act>")
def settle(code: str, number: int, act: str) -> Answer:
    """Answered by the clinic, closed by quality."""
    found = _find(code, number)
    form, outcome = doing.sent(_doings(number), act, code)
    if outcome:
        return redirect(url_for("export.query", code=code, number=number), 303)
    return _one(code, found, act=act, form=form), 422


def _find(code: str, number: int) -> Asked:
    found = next(
        (item for item in query.asked_about(here.reader(), code) if item.query.number == number), None
    )
    if found is None:
        abort(404)
    return found


def _doings(number: int) -> doing.Doings:
    def answer(participant: str, form: AnswerForm) -> Outcome:
        return outgoing.answer_query(
            here.site(),
            here.identified(form),
            here.request_id(),
            participant=participant,
            number=number,
            answer=form.answer.data or "",
        )

    def close(participant: str, form: SettleForm) -> Outcome:
        return outgoing.close_query(
            here.site(), here.identified(form), here.request_id(), participant=participant, number=number
        )

    return {
        "answer_query": Doing(form=AnswerForm, act=answer),
        "close_query": Doing(form=SettleForm, act=close),
    }


def _one(code: str, found: Asked, *, act: str = "", form: ActForm | None = None) -> str:
    return doing.draw(
        "export/query.html",
        code=code,
        item=found,
        about=title_of(found.fact.dataset, found.fact.column),
        forms=doing.forms(_doings(found.query.number), act=act, form=form),
        may_answer=not acting.obstacle("answer_query"),
    )
