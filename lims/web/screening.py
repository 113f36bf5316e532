"""A woman's screening and the planning of her rounds: pre-screening, menstrual blood, eligibility, tests, plans."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from lims.actions import screening
from lims.actions.screening import Recording
from lims.actions.work import Actor, Outcome
from lims.domain.entered import entered_amount, entered_number
from lims.domain.entries.screening import (
    MenstrualSampleAnalysed,
    MenstrualSampleCollected,
    MenstrualSampleMissed,
    PregnancyTested,
    PreScreened,
    Reading,
)
from lims.domain.refusals import BadEntry
from lims.domain.trial.course import NotAssessable
from lims.queries import screening as query
from lims.queries.quality import meaning
from lims.queries.screening import Screening
from lims.web import doing, here
from lims.web.doing import Doing, read_day
from lims.web.forms import ActForm
from lims.web.moments import read_moment
from lims.web.screening_forms import (
    AnalyseForm,
    CancelForm,
    CollectForm,
    DecideForm,
    DeviationForm,
    EndForm,
    MissForm,
    PlanForm,
    PreScreenForm,
    TestForm,
    analyse_form,
)
from lims.web.screening_page import way

bp = Blueprint("screening", __name__)

Answer = Response | tuple[str, int] | str
DEVICES = ("cup", "catheter", "vacuum")
PREPARATIONS = ("density_gradient", "lysis", "filter")
SAMPLES = ("urine", "blood")
SEEN = ("clots", "hormones", "intrauterine_device", "antibiotics", "intercourse")
"""What is asked at the collection; each is ticked where it is so."""


def _by(actor: Actor, code: str) -> Recording:
    return Recording(site=here.site(), actor=actor, request_id=here.request_id(), participant=code)


def _listed(text: str | None, known: tuple[str, ...], *, field: str) -> str:
    if text not in known:
        raise BadEntry("choice.unknown", field=field)
    return text or ""


def _yes(text: str | None, *, field: str) -> bool:
    return _listed(text, ("yes", "no"), field=field) == "yes"


def _whole(text: str | None, *, field: str) -> int:
    value = entered_number(text or "", field=field)
    if value != value.to_integral_value() or not 0 <= value <= 100_000_000:
        raise BadEntry("screening.range", field=field, least=0, most=100_000_000)
    return int(value)


def _at(text: str | None, *, field: str) -> datetime:
    reader = here.reader()
    found = read_moment(text or "", now=reader.now, zone=reader.zone, field=field)
    if found is None:
        raise BadEntry("time.unreadable", field=field)
    if found > reader.now:
        raise BadEntry("time.future", field=field)
    return found


def _or_none(text: str | None, *, field: str) -> Decimal | None:
    return entered_amount(text, field=field) if (text or "").strip() and text else None


def _said(text: str | None, *, field: str) -> str:
    if not (found := (text or "").strip()):
        raise BadEntry("text.empty", field=field, least=1)
    if len(found) > 100:
        raise BadEntry("text.long", field=field, longest=100)
    return found


def _pre_screen(code: str, form: PreScreenForm) -> Outcome:
    fact = PreScreened(
        on=read_day(form.on.data, field="on"),
        recruited_by=form.recruited_by.data or "",
        failure_type=form.failure_type.data or "",
        goes_on=_yes(form.goes_on.data, field="goes_on"),
        reasons=tuple(form.reasons.data or ()),
    )
    return screening.pre_screen(_by(here.identified(form), code), fact)


def _collect(code: str, form: CollectForm) -> Outcome:
    seen = frozenset(form.seen.data or ())
    fact = MenstrualSampleCollected(
        number=0,
        last_menses=read_day(form.last_menses.data, field="last_menses"),
        menses_day=_whole(form.menses_day.data, field="menses_day"),
        began_at=_at(form.began_at.data, field="began_at"),
        ended_at=_at(form.ended_at.data, field="ended_at"),
        device=_listed(form.device.data, DEVICES, field="device"),
        volume=entered_amount(form.volume.data or "", field="volume"),
        weight=_or_none(form.weight.data, field="weight"),
        medium=_said(form.medium.data, field="medium"),
        clots="clots" in seen,
        hormones="hormones" in seen,
        intrauterine_device="intrauterine_device" in seen,
        antibiotics="antibiotics" in seen,
        intercourse="intercourse" in seen,
    )
    return screening.collect_menstrual_blood(_by(here.identified(form), code), fact)


def _analyse(code: str, form: AnalyseForm) -> Outcome:
    units = {marker.code: marker.unit for marker in query.screening(here.reader(), code).markers}
    readings = tuple(
        Reading(code=marker, value=entered_amount(text, field=f"marker-{marker}"), unit=unit)
        for marker, unit in units.items()
        if (text := str(form[f"marker-{marker}"].data or "").strip())
    )
    fact = MenstrualSampleAnalysed(
        number=_whole(form.number.data, field="number"),
        received_at=_at(form.received_at.data, field="received_at"),
        transport_temperature=_or_none(form.transport_temperature.data, field="transport_temperature"),
        preparation=_listed(form.preparation.data, PREPARATIONS, field="preparation"),
        cells=entered_amount(form.cells.data or "", field="cells"),
        viability=entered_amount(form.viability.data or "", field="viability"),
        cd45_events=_whole(form.cd45_events.data, field="cd45_events"),
        contamination=_or_none(form.contamination.data, field="contamination"),
        gate_version=_said(form.gate_version.data, field="gate_version"),
        fcs_sha256=(form.fcs_sha256.data or "").strip().lower(),
        readings=readings,
        inadequate=(),
        adequacy_version="",
        rule_set="",
        abnormal=None,
        abnormal_markers=(),
        normalised=None,
        partial=None,
    )
    return screening.analyse_menstrual_blood(_by(here.signing(form), code), fact, why=form.why.data or "")


def _miss(code: str, form: MissForm) -> Outcome:
    why = _listed(form.why.data, tuple(NotAssessable), field="why")
    fact = MenstrualSampleMissed(
        number=0, due_on=read_day(form.due_on.data, field="due_on"), why=NotAssessable(why)
    )
    return screening.miss_menstrual_blood(_by(here.identified(form), code), fact)


def _decide(code: str, form: DecideForm) -> Outcome:
    return screening.decide_eligibility(
        _by(here.signing(form), code),
        eligible=_yes(form.eligible.data, field="eligible"),
        reasons=tuple(form.reasons.data or ()),
        failure_type=form.failure_type.data or "",
        wishes_to_conceive=_yes(form.wishes_to_conceive.data, field="wishes_to_conceive"),
    )


def _test(code: str, form: TestForm) -> Outcome:
    fact = PregnancyTested(
        on=read_day(form.on.data, field="on"),
        sample=_listed(form.sample.data, SAMPLES, field="sample"),
        positive=_yes(form.positive.data, field="positive"),
    )
    return screening.record_pregnancy_test(_by(here.identified(form), code), fact)


def _plan(code: str, form: PlanForm) -> Outcome:
    return screening.plan_round(
        _by(here.identified(form), code),
        number=_whole(form.round.data, field="round"),
        last_menses=read_day(form.last_menses.data, field="last_menses"),
        cycle_day=_whole(form.cycle_day.data, field="cycle_day"),
    )


def _cancel(code: str, form: CancelForm) -> Outcome:
    return screening.cancel_round(
        _by(here.identified(form), code),
        number=_whole(form.round.data, field="round"),
        on=read_day(form.on.data, field="on"),
        reason=form.reason.data or "",
    )


def _end(code: str, form: EndForm) -> Outcome:
    on = read_day(form.on.data, field="on")
    return screening.end_rounds(_by(here.identified(form), code), on=on, reason=form.reason.data or "")


def _deviate(code: str, form: DeviationForm) -> Outcome:
    return screening.record_protocol_deviation(
        _by(here.identified(form), code),
        on=read_day(form.on.data, field="on"),
        code=form.code.data or "",
        major=_yes(form.major.data, field="major"),
        story=form.story.data or "",
    )


def _doings(found: Screening) -> doing.Doings:
    return {
        "pre_screen": Doing(form=PreScreenForm, act=_pre_screen),
        "collect_menstrual_blood": Doing(form=CollectForm, act=_collect),
        "analyse_menstrual_blood": Doing(form=analyse_form(found.markers), act=_analyse),
        "miss_menstrual_blood": Doing(form=MissForm, act=_miss),
        "decide_eligibility": Doing(form=DecideForm, act=_decide),
        "record_pregnancy_test": Doing(form=TestForm, act=_test),
        "plan_round": Doing(form=PlanForm, act=_plan),
        "cancel_round": Doing(form=CancelForm, act=_cancel),
        "end_rounds": Doing(form=EndForm, act=_end),
        "record_protocol_deviation": Doing(form=DeviationForm, act=_deviate),
    }


@bp.get("/participants/<code>/screening")
def page(code: str) -> Answer:
    """How far she is on the way to randomisation, her menstrual blood, and the plans of her rounds."""
    return _draw(query.screening(here.reader(), code))


@bp.post("/participants/<code>/screening/<act>")
def change(code: str, act: str) -> Answer:
    """One act of screening, or of the planning of rounds."""
    found = query.screening(here.reader(), code)
    form, outcome = doing.sent(_doings(found), act, code)
    if outcome:
        return redirect(url_for("screening.page", code=code), 303)
    return _draw(query.screening(here.reader(), code), act=act, form=form), 422


def _draw(found: Screening, *, act: str = "", form: ActForm | None = None) -> str:
    who = found.participant
    waiting = who.screening.to_analyse
    return doing.draw(
        "trial/screening.html",
        page=found,
        who=who,
        way=way(who, may_sample=found.may_sample, again=found.asked_again),
        forms=doing.forms(_doings(found), act=act, form=form),
        meanings=_meanings(who.trial_id, waiting.number if waiting else 0),
        waiting=waiting,
        lists={"devices": DEVICES, "preparations": PREPARATIONS, "samples": SAMPLES, "seen": SEEN},
        not_assessable=tuple(NotAssessable),
        today=here.reader().local(here.reader().now).date().isoformat(),
    )


def _meanings(code: str, number: int) -> Mapping[str, str]:
    about = (("participant", code), ("number", str(number)))
    acts = ("decide_eligibility", "analyse_menstrual_blood")
    return {name: meaning(here.reader(), name, about) for name in acts}
