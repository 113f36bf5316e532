"""How each act of screening and rounds is done, of the woman who is eligible and not randomised yet."""

from collections.abc import Callable, Mapping

from lims.actions import screening
from lims.actions.screening import Recording
from lims.actions.work import Actor
from lims.domain.entries.screening import MenstrualSampleMissed, PregnancyTested
from lims.domain.trial.course import NotAssessable
from tests.builders import Played
from tests.screened_woman import ABNORMAL, analysis, collection, pre_screening

Attempt = Callable[[Played, Actor, str], object]


def recording(played: Played, who: Actor, request: str) -> Recording:
    """Who records something of the woman who is not randomised yet."""
    return Recording(site=played.stage.site, actor=who, request_id=request, participant=played.unallocated)


ATTEMPTS: Mapping[str, Attempt] = {
    "pre_screen": lambda p, who, request: screening.pre_screen(recording(p, who, request), pre_screening()),
    "collect_menstrual_blood": lambda p, who, request: screening.collect_menstrual_blood(
        recording(p, who, request), collection()
    ),
    "analyse_menstrual_blood": lambda p, who, request: screening.analyse_menstrual_blood(
        recording(p, who, request), analysis(0, ABNORMAL), why="A decimal was misread."
    ),
    "miss_menstrual_blood": lambda p, who, request: screening.miss_menstrual_blood(
        recording(p, who, request),
        MenstrualSampleMissed(number=1, due_on=p.now.date(), why=NotAssessable.MISSED),
    ),
    "decide_eligibility": lambda p, who, request: screening.decide_eligibility(
        recording(p, who, request),
        eligible=False,
        reasons=("declined",),
        failure_type="recurrent_loss",
        wishes_to_conceive=True,
    ),
    "record_pregnancy_test": lambda p, who, request: screening.record_pregnancy_test(
        recording(p, who, request), PregnancyTested(on=p.now.date(), sample="urine", positive=False)
    ),
    "plan_round": lambda p, who, request: screening.plan_round(
        recording(p, who, request), number=1, last_menses=p.now.date(), cycle_day=21
    ),
    "cancel_round": lambda p, who, request: screening.cancel_round(
        recording(p, who, request), number=1, on=p.now.date(), reason="cycle"
    ),
    "end_rounds": lambda p, who, request: screening.end_rounds(
        recording(p, who, request), on=p.now.date(), reason="own_wish"
    ),
    "record_protocol_deviation": lambda p, who, request: screening.record_protocol_deviation(
        recording(p, who, request), on=p.now.date(), code="timing", major=False, story="A day too early."
    ),
}
