"""How the page of a step is drawn: whole, or as the fragment that htmx swaps."""

from dataclasses import dataclass
from functools import partial

from flask import make_response, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from lims.actions.work import Outcome
from lims.domain.acts import ACTS
from lims.domain.refusals import Refused, Stale
from lims.domain.statements import about_step
from lims.queries.step import SlotView, StepPage
from lims.web import acting, here, values
from lims.web.step_forms import ConfirmForm, EvidenceForm, ExplainForm, LabelForm, OfferForm, ReportForm


@dataclass(slots=True, kw_only=True)
class Answer:
    """What the last request changed about how the page is drawn."""

    status: int = 200
    outcome: Outcome | None = None
    refused: Refused | None = None
    conflict: Stale | None = None
    toast: tuple[str, str, str] | None = None
    slot: str = ""
    form: EvidenceForm | LabelForm | OfferForm | None = None
    correcting: str = ""
    confirming: ConfirmForm | None = None
    reporting: ReportForm | None = None
    panel: str = ""
    explaining: ExplainForm | None = None
    explained: str = ""


def draw(page: StepPage, answer: Answer) -> Response:
    """The step with the slot that is next, the reasons why it cannot be confirmed, and what was just refused."""
    correcting = answer.correcting or request.args.get("correct", "")
    panel = answer.panel or request.args.get("panel", "")
    now = page.next_slot(answer.slot if not answer.outcome else request.args.get("slot", ""))
    open_step = not page.before and not page.batch.is_confirmed(page.step.code)
    recording = acting.obstacle("record_evidence", page.batch)
    refusal = here.words(answer.refused.reason) if answer.refused else None
    template = "step/evidence.html" if here.is_fragment() else "step/page.html"
    html = here.render(
        template,
        page=page,
        answer=answer,
        now=now if open_step and not recording else None,
        others=_others(page, now) if open_step and not recording else (),
        correcting=page.slot(correcting) if not acting.obstacle("correct_evidence", page.batch) else None,
        panel=panel,
        typed=request.args.get("typed", ""),
        open_step=open_step,
        recording=recording,
        confirming=answer.confirming or ConfirmForm(),
        waits=_waits(page, recording),
        meaning=meaning("confirm_step", page),
        refusal=refusal,
        hard_stop=bool(answer.refused and answer.refused.rule.startswith("scan.other")),
        shown_of=partial(values.shown, master=page.batch.master),
        limit_of=values.limit_of,
        fragment=here.is_fragment(),
    )
    return make_response(html, answer.status)


def _others(page: StepPage, now: SlotView | None) -> tuple[SlotView, ...]:
    """Further open slots that a scan may fill out of order: each code type leads to one slot only."""
    taken = set(now.accepts) if now else set()
    found = []
    for view in page.slots:
        if view.filled or not view.accepts or taken & set(view.accepts):
            continue
        taken |= set(view.accepts)
        found.append(view)
    return tuple(found)


def _waits(page: StepPage, recording: str) -> str:
    """Why the step cannot be confirmed yet, in words; nothing when it can."""
    if page.before:
        step = page.before.code
        return here.words(Refused("step.not_yet", step=page.step.code, before=step).reason)[0]
    if recording:
        return recording
    if page.missing:
        titles = {view.code: view.slot.title for view in page.slots}
        said = here.reader().said
        names = [said(titles[dict(reason.about)["slot"]]) for reason in page.missing]
        shown = ", ".join(names[:3]) + ("…" if len(names) > 3 else "")
        return str(gettext("needs: {what}")).format(what=shown)
    if page.blocking:
        return here.words(Refused("step.qa_first", number=page.blocking.number).reason)[0]
    return ""


def meaning(act: str, page: StepPage) -> str:
    """The sentence that a signature under the step stands for."""
    text = str(gettext(ACTS[act].meaning or ACTS[act].label))
    return text.format(**dict(about_step(page.step, language=here.language())))
