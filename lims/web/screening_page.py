"""The way to randomisation in words and signs: its steps in order, and the one that comes next."""

from dataclasses import dataclass

from flask_babel import gettext

from lims.domain.acts import ACTS
from lims.domain.participant import Participant
from lims.domain.trial.consent import AskedAgain
from lims.web import filters, here
from lims.web.pages import link, may


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One step of screening: where it stands, and the act that does it."""

    state: str
    """done, due, stop or open."""
    title: str
    note: str
    act: str


def way(who: Participant, *, may_sample: bool, again: AskedAgain | None) -> tuple[Stop, ...]:
    """Pre-screening, consent, menstrual blood, eligibility: the first that is not done is due."""
    stops = (_looked(who), _consent(may_sample, again), *_blood(who), _eligible(who))
    due = next((at for at, stop in enumerate(stops) if stop.state != "done"), len(stops))
    return tuple(
        Stop(state="open", title=stop.title, note=stop.note, act="")
        if at > due or (at == due and who.allocation)
        else stop
        for at, stop in enumerate(stops)
    )


def next_stop(who: Participant, *, may_sample: bool, again: AskedAgain | None) -> Stop | None:
    """The step that comes next; None when every step is done, or she is randomised already."""
    stops = way(who, may_sample=may_sample, again=again)
    return next((stop for stop in stops if stop.state in ("due", "stop")), None)


def _looked(who: Participant) -> Stop:
    first, title = who.screening.pre_screened, gettext("Pre-screening")
    if first is None:
        return Stop(state="due", title=title, note=gettext("not recorded"), act="pre_screen")
    state = "done" if first.goes_on else "stop"
    note = first.on.isoformat() if first.goes_on else gettext("does not go on")
    return Stop(state=state, title=title, note=note, act="pre_screen")


def _consent(given: bool, again: AskedAgain | None) -> Stop:
    note = gettext("in force") if given else gettext("No sample of any kind before consent.")
    if again:
        note = to_sign(again)
    return Stop(state="done" if given else "due", title=gettext("Consent"), note=note, act="record_consent")


def to_sign(again: AskedAgain) -> str:
    """Which version she is to sign, and since when."""
    since = again.since.isoformat()
    return str(gettext("version %(v)s to be signed, since %(on)s", v=again.form.version, on=since))


def _blood(who: Participant) -> tuple[Stop, Stop]:
    screening = who.screening
    taken, waiting = gettext("Menstrual blood taken"), screening.to_analyse
    measured = gettext("Menstrual blood analysed")
    if screening.baseline:
        on = screening.baseline.on
        day = on.isoformat() if on else ""
        done = Stop(state="done", title=taken, note=day, act="collect_menstrual_blood")
        return done, Stop(
            state="done", title=measured, note=gettext("baseline adequate"), act="analyse_menstrual_blood"
        )
    analyse = Stop(state="due", title=measured, note=gettext("waits"), act="analyse_menstrual_blood")
    if waiting:
        on = waiting.on
        return Stop(
            state="done", title=taken, note=on.isoformat() if on else "", act="collect_menstrual_blood"
        ), analyse
    again = gettext("the last sample was not adequate") if screening.samples else gettext("not taken")
    return Stop(state="due", title=taken, note=again, act="collect_menstrual_blood"), analyse


def _eligible(who: Participant) -> Stop:
    decision, title = who.screening.eligibility, gettext("Eligibility")
    if decision is None:
        return Stop(state="due", title=title, note=gettext("not decided"), act="decide_eligibility")
    note = decision.on.isoformat() + " · "
    note += gettext("eligible") if decision.eligible else gettext("not eligible")
    return Stop(
        state="done" if decision.eligible else "stop", title=title, note=note, act="decide_eligibility"
    )


def who_does(act: str) -> str:
    """Whose turn it is, when it is not the reader's."""
    roles = ACTS[act].by
    return "" if roles & here.roles() else ", ".join(filters.tr(role.value) for role in sorted(roles))


def address(code: str, act: str) -> str:
    """Where an act of screening is done; nothing for who may not open the page."""
    if act == "record_consent":
        return link("trial.participant", code=code) + "#form-record_consent"
    return link("screening.page", code=code) + f"#form-{act}" if may("screening.page") else ""
