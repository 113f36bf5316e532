"""How each act of follow-up is done, of the woman of the control arm, with arguments that suit the played instance."""

from collections.abc import Callable, Mapping

from lims.actions import follow_up
from lims.actions.follow_up import Recorder, Scan
from lims.actions.work import Actor
from lims.domain.entries.follow_up import Assessed
from lims.domain.trial.pregnancy import Conception, DatingMethod, PregnancyEndKind
from tests.builders import Played

Attempt = Callable[[Played, Actor, str], object]

MILD = Assessed(
    grade=1, criteria=(), causality="possible", expected=True, outcome="recovering", ended_on=None
)
GRAVE = Assessed(
    grade=3,
    criteria=("hospitalisation",),
    causality="possible",
    expected=False,
    outcome="recovering",
    ended_on=None,
)


def recorder(played: Played, who: Actor, request: str) -> Recorder:
    """Who records something of the woman of the control arm."""
    return Recorder(site=played.stage.site, actor=who, request_id=request, participant=played.control)


ATTEMPTS: Mapping[str, Attempt] = {
    "record_visit": lambda p, who, request: follow_up.record_visit(
        recorder(p, who, request),
        visit="unscheduled",
        on=p.now.date(),
        done=True,
        how="clinic",
        notes="She came by herself.",
    ),
    "record_contact": lambda p, who, request: follow_up.record_contact(
        recorder(p, who, request), on=p.now.date(), how="telephone", reached=False, notes=""
    ),
    "declare_lost": lambda p, who, request: follow_up.declare_lost(
        recorder(p, who, request), on=p.now.date()
    ),
    "record_conception_attempt": lambda p, who, request: follow_up.record_conception_attempt(
        recorder(p, who, request), on=p.now.date(), trying=True, how=Conception.NATURAL
    ),
    "find_pregnancy": lambda p, who, request: follow_up.find_pregnancy(
        recorder(p, who, request),
        found_on=p.now.date(),
        test="urine",
        conception=Conception.NATURAL,
        dated_by=None,
        dated_on=None,
        embryo_days=0,
    ),
    "date_pregnancy": lambda p, who, request: follow_up.date_pregnancy(
        recorder(p, who, request),
        pregnancy=1,
        dated_by=DatingMethod.LMP,
        dated_on=p.now.date(),
        embryo_days=0,
    ),
    "record_ultrasound": lambda p, who, request: follow_up.record_ultrasound(
        recorder(p, who, request),
        pregnancy=1,
        scan=Scan(
            on=p.now.date(),
            sacs_in_uterus=1,
            sac_elsewhere=False,
            fetuses=(),
            crown_rump_mm=None,
            measured_days=None,
            notes="",
        ),
    ),
    "end_pregnancy": lambda p, who, request: follow_up.end_pregnancy(
        recorder(p, who, request),
        pregnancy=1,
        on=p.now.date(),
        end=PregnancyEndKind.BIOCHEMICAL,
        onset=None,
        fates=(),
        notes="",
    ),
    "record_adverse_event": lambda p, who, request: follow_up.record_adverse_event(
        recorder(p, who, request),
        term="fever",
        began_on=p.now.date(),
        known_at=p.now,
        batch=None,
        judged=MILD,
        story="38.2 °C in the evening.",
    ),
    "follow_adverse_event": lambda p, who, request: follow_up.follow_adverse_event(
        recorder(p, who, request), event=1, known_at=p.now, judged=GRAVE, story="Admitted to the ward."
    ),
    "report_adverse_event": lambda p, who, request: follow_up.report_adverse_event(
        recorder(p, who, request),
        event=1,
        report="sponsor",
        sent_at=p.now,
        to="Safety desk of the sponsor",
        reference="SD-1",
    ),
    "strike_follow_up": lambda p, who, request: follow_up.strike_follow_up(
        recorder(p, who, request), seq=1, why="Recorded for the wrong woman."
    ),
}
