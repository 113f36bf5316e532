"""How the page of a step is drawn: whole, or as the fragment that htmx swaps."""

from dataclasses import dataclass
from functools import partial

from flask import make_response, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from lims.actions.attaching import MOST_BYTES
from lims.actions.work import Outcome
from lims.domain.acts import ACTS, Role
from lims.domain.batch_record import BatchRecord
from lims.domain.master_batch_record import Step
from lims.domain.outline import Group, Line
from lims.domain.refusals import Refused, Stale
from lims.domain.statements import about_step
from lims.queries.stations import Bench, bench_of
from lims.queries.step import SlotView, StepPage
from lims.web import acting, here, milestones, values
from lims.web.pages import may
from lims.web.step_forms import ConfirmForm, EvidenceForm, ExplainForm, LabelForm, OfferForm, ReportForm

MOST_BARS = 45
"""More marks than these side by side cannot be told apart."""


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

    def form_of(self, kind: str) -> EvidenceForm | LabelForm | OfferForm | None:
        """The form that came, if it is one of this kind of slot; an address may name any slot."""
        wanted = {"label": LabelForm, "handover": OfferForm}.get(kind, EvidenceForm)
        return self.form if isinstance(self.form, wanted) else None


def draw(page: StepPage, answer: Answer) -> Response:
    """The step with the slot that is next, the reasons why it cannot be confirmed, and what was just refused."""
    correcting = answer.correcting or request.args.get("correct", "")
    panel = answer.panel or request.args.get("panel", "")
    now = page.next_slot(answer.slot if answer.slot and not answer.outcome else request.args.get("slot", ""))
    open_step = not page.before and not page.batch.is_confirmed(page.step.code)
    mine = Role(page.step.role) in here.roles()
    bench = bench_of(here.reader(), station=here.session().station, batch=page.batch)
    recording = acting.obstacle("record_evidence", page.batch) or waits_for(page.step, mine=mine)
    clears = bench.is_taken and open_step and not recording
    recording = recording or (_taken(bench) if bench.is_taken else "")
    refusal = here.words(answer.refused.reason) if answer.refused else None
    template = "step/evidence.html" if here.is_fragment() else "step/page.html"
    html = here.render(
        template,
        page=page,
        answer=answer,
        now=now if open_step and not recording else None,
        others=_others(page, now) if open_step and not recording else (),
        correcting=page.slot(correcting)
        if mine and not acting.obstacle("correct_evidence", page.batch)
        else None,
        may_correct=mine and may("step.correct"),
        panel=panel,
        typed=request.args.get("typed", ""),
        open_step=open_step,
        bench=bench,
        clears=clears,
        recording=recording,
        confirming=answer.confirming or ConfirmForm(),
        waits=_waits(page, recording),
        meaning=meaning("confirm_step", page),
        refusal=refusal,
        hard_stop=bool(answer.refused and answer.refused.rule.startswith("scan.other")),
        shown_of=partial(values.shown, master=page.batch.master),
        limit_of=values.limit_of,
        file_of=values.file_of,
        fragment=here.is_fragment(),
        bars=bars(page.groups, page.group),
        milestone=milestones,
        container_name=partial(container_name, page.batch),
        most_megabytes=MOST_BYTES // 1_000_000,
        may_add=page.batch.master.operations and not acting.obstacle("add_operation", page.batch),
    )
    return make_response(html, answer.status)


def _taken(bench: Bench) -> str:
    """Why nothing is recorded at this station."""
    assert bench.station is not None
    refused = Refused("station.taken", station=bench.station.name, batch=bench.station.batch)
    return here.words(refused.reason)[0]


def waits_for(step: Step, *, mine: bool) -> str:
    """Who does the step, when it is not for the reader's roles."""
    if mine or step.done_by is not None:
        return ""
    if step.role == Role.CLINICIAN.value:
        return str(gettext("This step waits for the clinic."))
    return str(gettext("This step waits for the laboratory."))


def bars(groups: tuple[Group, ...], current: Group) -> list[tuple[str, bool]]:
    """One bar a step; in a long record one a stage, and only the current stage step by step."""
    if sum(len(group.asked) for group in groups) <= MOST_BARS:
        return [(_bar(line), True) for group in groups for line in group.asked]
    found: list[tuple[str, bool]] = []
    for group in groups:
        if group is current:
            found += [(_bar(line), True) for line in group.asked]
        else:
            state = "stop" if group.deviations and group.state == "done" else group.state
            found.append((state, False))
    return found


def _bar(line: Line) -> str:
    if line.state == "now":
        return "now"
    if line.state == "open":
        return "open"
    return "stop" if line.deviations else "done"


def container_name(batch: BatchRecord, code: str) -> str:
    """What a container is called where there is more than one of its kind: Culture vessel 2/3."""
    item = batch.containers[code]
    title = next(kind.title for kind in batch.master.containers if kind.code == item.container)
    name = here.reader().said(title)
    return f"{name} {item.index}/{item.of}" if item.of > 1 else name


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
        said = here.reader().said
        refused = Refused("step.not_yet", step=said(page.step.title), before=said(page.before.title))
        return here.words(refused.reason)[0]
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
