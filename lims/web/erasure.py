"""Erasing a value that lies beside the chain: asked by one person, agreed by another; the gap stays visible."""

from flask import Blueprint, redirect, request, url_for
from flask_babel import lazy_gettext as N_
from werkzeug.wrappers import Response

from lims.actions import redaction
from lims.actions.work import Outcome
from lims.domain.refusals import BadEntry, Reason
from lims.queries import erasure as query
from lims.queries.quality import meaning
from lims.web import doing, here
from lims.web.doing import Doing
from lims.web.erasure_forms import AgreeForm, ProposeErasureForm
from lims.web.forms import ActForm, read_seq

bp = Blueprint("erasure", __name__)

Answer = Response | tuple[str, int] | str

REASONS = {
    "personal data": N_("it names a person who must not be named there"),
    "request of the participant": N_("she asked for her data to be erased"),
    "wrong record": N_("it was written into the wrong record"),
}


def _propose(stream: str, form: ProposeErasureForm) -> Outcome:
    if form.reason_code.data not in REASONS:
        raise BadEntry("choice.unknown", field="reason_code")
    return redaction.propose_redaction(
        here.site(),
        here.signing(form),
        here.request_id(),
        stream=stream,
        commitment=form.commitment.data or "",
        reason_code=form.reason_code.data,
    )


def _agree(_: str, form: AgreeForm) -> Outcome:
    return redaction.countersign_redaction(
        here.site(),
        here.signing(form),
        here.request_id(),
        stream=form.stream.data or "",
        proposed_seq=read_seq(form.proposed_seq.data),
        reason_code=form.reason_code.data or "",
    )


PROPOSE = {"propose_redaction": Doing(form=ProposeErasureForm, act=_propose)}
AGREE = {"countersign_redaction": Doing(form=AgreeForm, act=_agree)}


@bp.get("/erasure")
def page() -> Answer:
    """What waits for a second person, and what was erased."""
    return _proposals(doing.forms(AGREE))


@bp.get("/erasure/find")
def find() -> Answer:
    """From a batch number or a participant's code to its values."""
    code = request.args.get("code", "").strip()
    sort = "batch" if code.isdigit() else "participant"
    return redirect(url_for("erasure.things", stream=f"{sort}:{code.upper()}"), 303)


@bp.post("/erasure")
def countersign() -> Answer:
    """The second person agrees: the value is gone with this entry."""
    form, outcome = doing.sent(AGREE, "countersign_redaction", "")
    if outcome:
        return redirect(url_for("erasure.page"), 303)
    return _proposals(doing.forms(AGREE, act="countersign_redaction", form=form)), 422


def _proposals(forms: dict[str, ActForm]) -> str:
    reader = here.reader()
    found = query.proposals(reader)
    return doing.draw(
        "erasure/page.html",
        found=found,
        forms=forms,
        reasons=REASONS,
        me=reader.person,
        myself=" ".join(here.words(Reason(rule="person.self"))),
        meaning_for=lambda code: meaning(reader, "countersign_redaction", (("reason", code),)),
    )


@bp.get("/erasure/<stream>")
def things(stream: str) -> Answer:
    """Every value of a batch or a participant that lies beside the chain."""
    return _thing(stream, doing.forms(PROPOSE))


@bp.post("/erasure/<stream>")
def propose(stream: str) -> Answer:
    """One person asks that a value be erased."""
    query.thing(here.reader(), stream)
    form, outcome = doing.sent(PROPOSE, "propose_redaction", stream)
    if outcome:
        return redirect(url_for("erasure.page"), 303)
    return _thing(stream, doing.forms(PROPOSE, act="propose_redaction", form=form)), 422


def _thing(stream: str, forms: dict[str, ActForm]) -> str:
    reader = here.reader()
    return doing.draw(
        "erasure/things.html",
        thing=query.thing(reader, stream),
        forms=forms,
        chosen=forms["propose_redaction"]["commitment"].data or request.args.get("value", ""),
        reasons=REASONS.items(),
        meanings={code: meaning(reader, "propose_redaction", (("reason", code),)) for code in REASONS},
    )
