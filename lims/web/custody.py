"""Where every container of a batch is, and how it came there."""

from flask import Blueprint, request

from lims.domain.entered import entered_code
from lims.domain.refusals import BadEntry, Refused
from lims.queries import custody as query
from lims.queries import identity
from lims.web import acting, doing, here
from lims.web.identity_drawing import HIGH, WIDE, code_of, drawing_of, title_of

bp = Blueprint("custody", __name__)


@bp.get("/batches/<number>/custody")
def batch(number: str) -> str:
    """The chain of custody; handing over and taking over are done at the container."""
    chain = query.chain(here.reader(), number)
    whose = identity.identity_of(chain.batch)
    return doing.draw(
        "custody/batch.html",
        chain=chain,
        batch=chain.batch,
        cannot_offer=acting.obstacle("offer_custody", chain.batch),
        cannot_log=acting.obstacle("record_temperature_log", chain.batch),
        me=here.me().id,
        minutes=lambda span: int(span.total_seconds()) // 60,
        whose=whose,
        drawing=drawing_of(whose),
        box=(WIDE, HIGH),
        title_of=title_of,
        code_of=code_of,
    )


@bp.get("/trace")
def trace() -> str:
    """Any code back to the participant and forward to everything that came of it."""
    asked = request.args.get("code", "").strip()
    found, problem = None, ""
    if asked:
        try:
            found = identity.trace(here.reader(), _thing(asked))
        except Refused as refused:
            problem = " ".join(here.words(refused.reason))
    return doing.draw(
        "custody/trace.html", asked=asked, found=found, problem=problem, title_of=title_of, code_of=code_of
    )


def _thing(asked: str) -> str:
    """A scanned or typed code in its one spelling; a batch or a participant by its short code."""
    try:
        return entered_code(asked, field="code")
    except BadEntry:
        if sum(sign.isdigit() for sign in asked) >= 16:
            raise
        return asked.upper()
