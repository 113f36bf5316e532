"""A woman's follow-up: what is due, her window, and everything that is recorded, corrected and struck in it."""

from collections import defaultdict

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from lims.actions import follow_up
from lims.actions.work import Outcome
from lims.domain.refusals import BadEntry
from lims.domain.trial.pregnancy import Conception, DatingMethod, DeliveryOnset, PregnancyEndKind
from lims.queries import follow_up as query
from lims.queries.follow_up import FollowUp
from lims.web import doing, here
from lims.web import follow_up_reading as read
from lims.web.doing import Doing, read_day
from lims.web.follow_up_drawing import draw_window
from lims.web.follow_up_forms import (
    ConceptionForm,
    ContactForm,
    DatingForm,
    EndForm,
    EventForm,
    LostForm,
    NewsForm,
    PregnancyForm,
    ReportForm,
    StrikeForm,
    UltrasoundForm,
    VisitForm,
)
from lims.web.follow_up_page import asked_for, choices, next_step, not_now, story_of
from lims.web.forms import ActForm, read_seq

bp = Blueprint("follow_up", __name__)

Answer = Response | tuple[str, int] | str


def _visit(participant: str, form: VisitForm) -> Outcome:
    return follow_up.record_visit(
        read.recorder(participant, form),
        visit=form.visit.data or "",
        on=read_day(form.on.data, field="on"),
        done=read.yes(form.done.data, field="done"),
        how=form.how.data or "",
        notes=form.notes.data or "",
    )


def _contact(participant: str, form: ContactForm) -> Outcome:
    return follow_up.record_contact(
        read.recorder(participant, form),
        on=read_day(form.on.data, field="on"),
        how=form.how.data or "",
        reached=read.yes(form.reached.data, field="reached"),
        notes=form.notes.data or "",
    )


def _lost(participant: str, form: LostForm) -> Outcome:
    return follow_up.declare_lost(read.recorder(participant, form), on=read_day(form.on.data, field="on"))


def _conception(participant: str, form: ConceptionForm) -> Outcome:
    return follow_up.record_conception_attempt(
        read.recorder(participant, form),
        on=read_day(form.on.data, field="on"),
        trying=read.yes(form.trying.data, field="trying"),
        how=read.one_of(Conception, form.how.data, field="how"),
    )


def _pregnancy(participant: str, form: PregnancyForm) -> Outcome:
    return follow_up.find_pregnancy(
        read.recorder(participant, form),
        found_on=read_day(form.found_on.data, field="found_on"),
        test=form.test.data or "",
        conception=read.one_of(Conception, form.conception.data, field="conception"),
        dated_by=read.one_or_none(DatingMethod, form.dated_by.data, field="dated_by"),
        dated_on=read.day_or_none(form.dated_on.data, field="dated_on"),
        embryo_days=read.count(form.embryo_days.data or "0", field="embryo_days"),
    )


def _dating(participant: str, form: DatingForm) -> Outcome:
    return follow_up.date_pregnancy(
        read.recorder(participant, form),
        pregnancy=read_seq(form.pregnancy.data),
        dated_by=read.one_of(DatingMethod, form.dated_by.data, field="dated_by"),
        dated_on=read_day(form.dated_on.data, field="dated_on"),
        embryo_days=read.count(form.embryo_days.data or "0", field="embryo_days"),
    )


def _ultrasound(participant: str, form: UltrasoundForm) -> Outcome:
    scan = follow_up.Scan(
        on=read_day(form.on.data, field="on"),
        sacs_in_uterus=read.count(form.sacs_in_uterus.data, field="sacs_in_uterus"),
        sac_elsewhere=read.yes(form.sac_elsewhere.data, field="sac_elsewhere"),
        fetuses=read.fetuses_seen(form),
        crown_rump_mm=read.millimetres(form.crown_rump.data),
        measured_days=read.measured_days(form.measured.data),
        notes=form.notes.data or "",
    )
    return follow_up.record_ultrasound(
        read.recorder(participant, form), pregnancy=read_seq(form.pregnancy.data), scan=scan
    )


def _end(participant: str, form: EndForm) -> Outcome:
    return follow_up.end_pregnancy(
        read.recorder(participant, form),
        pregnancy=read_seq(form.pregnancy.data),
        on=read_day(form.on.data, field="on"),
        end=read.one_of(PregnancyEndKind, form.end.data, field="end"),
        onset=read.one_or_none(DeliveryOnset, form.onset.data, field="onset"),
        fates=read.fates(form),
        notes=form.notes.data or "",
    )


def _event(participant: str, form: EventForm) -> Outcome:
    return follow_up.record_adverse_event(
        read.recorder(participant, form),
        term=form.term.data or "",
        began_on=read_day(form.began_on.data, field="began_on"),
        known_at=read.moment(form.known_at.data, field="known_at"),
        batch=form.batch.data or None,
        judged=read.judgement(form),
        story=form.story.data or "",
    )


def _news(participant: str, form: NewsForm) -> Outcome:
    return follow_up.follow_adverse_event(
        read.recorder(participant, form),
        event=read_seq(form.event.data),
        known_at=read.moment(form.known_at.data, field="known_at"),
        judged=read.judgement(form),
        story=form.story.data or "",
    )


def _report(participant: str, form: ReportForm) -> Outcome:
    event, _, report = (form.report.data or "").partition(":")
    if not report:
        raise BadEntry("choice.unknown", field="report")
    return follow_up.report_adverse_event(
        read.recorder(participant, form),
        event=read_seq(event),
        report=report,
        sent_at=read.moment(form.sent_at.data, field="sent_at"),
        to=form.to.data or "",
        reference=form.reference.data or "",
    )


def _strike(participant: str, form: StrikeForm) -> Outcome:
    return follow_up.strike_follow_up(
        read.recorder(participant, form), seq=read_seq(form.seq.data), why=form.why.data or ""
    )


DOINGS: doing.Doings = {
    "record_visit": Doing(form=VisitForm, act=_visit),
    "record_contact": Doing(form=ContactForm, act=_contact),
    "declare_lost": Doing(form=LostForm, act=_lost),
    "record_conception_attempt": Doing(form=ConceptionForm, act=_conception),
    "find_pregnancy": Doing(form=PregnancyForm, act=_pregnancy),
    "date_pregnancy": Doing(form=DatingForm, act=_dating),
    "record_ultrasound": Doing(form=UltrasoundForm, act=_ultrasound),
    "end_pregnancy": Doing(form=EndForm, act=_end),
    "record_adverse_event": Doing(form=EventForm, act=_event),
    "follow_adverse_event": Doing(form=NewsForm, act=_news),
    "report_adverse_event": Doing(form=ReportForm, act=_report),
    "strike_follow_up": Doing(form=StrikeForm, act=_strike),
}


@bp.get("/participants/<code>/follow-up")
def page(code: str) -> Answer:
    """Her window, what is due, and what is on file; an address can ask for one form, filled in."""
    found = query.follow_up(here.reader(), code)
    act, values = asked_for(
        found,
        task=request.args.get("task", ""),
        correct=read_seq(request.args.get("correct")),
        strike=read_seq(request.args.get("strike")),
    )
    if act in DOINGS and act in doing.forms(DOINGS):
        return _draw(found, act=act, form=DOINGS[act].blank(**values))
    return _draw(found)


@bp.post("/participants/<code>/follow-up/<act>")
def change(code: str, act: str) -> Answer:
    """Something is recorded, corrected or struck."""
    query.follow_up(here.reader(), code)
    form, outcome = doing.sent(DOINGS, act, code)
    if outcome:
        return redirect(url_for("follow_up.page", code=code), 303)
    return _draw(query.follow_up(here.reader(), code), act=act, form=form), 422


def _draw(found: FollowUp, *, act: str = "", form: ActForm | None = None) -> str:
    forms = doing.forms(DOINGS, act=act, form=form)
    for name in ("date_pregnancy", "record_ultrasound", "end_pregnancy"):
        # Of the newest pregnancy, unless the form came with another one.
        if name in forms and name != act and found.pregnancies:
            number = found.pregnancies[-1].reading.pregnancy.number
            forms[name] = DOINGS[name].blank(pregnancy=str(number))
    return doing.draw(
        "follow_up/page.html",
        page=found,
        who=found.participant,
        forms=forms,
        open_act=act,
        next=next_step(found),
        drawing=draw_window(found),
        story=story_of(found),
        choices=choices(found),
        fetuses=read.FETUSES,
        why=defaultdict(str, {name: why for name, why in not_now(found).items() if name != act}),
    )
