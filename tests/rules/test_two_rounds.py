"""Two real batches of one woman, from issue to perfusion: the trial counts her as complete, with what was given."""

from datetime import timedelta
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from lims.domain.codes import CodeType
from lims.domain.entries.envelope import stream_of
from lims.domain.trial.course import Course
from lims.domain.trial.course_of import course_of
from lims.domain.trial.dataset_catalogue import DATASETS
from lims.domain.trial.figures import compose
from lims.domain.trial.populations import Population
from lims.domain.trial.standing import Clock, Denominator, Outcome
from tests.rules.play_setup import TRIAL_ID
from tests.rules.played_batch import POINTS, Play
from tests.rules.stage_play import ZONE, templates

PROTOCOL = templates()[1].record
PERFUSED = POINTS.index("perfused") + 1


class SecondRound(Play):
    """The same woman's next batch at the same site, of which only a part is given."""

    number = "0041"
    round_number = 2
    residual = Decimal("0.60")

    def __init__(self, first: Play) -> None:
        self.site, self.lots, self.things, self.band = first.site, first.lots, first.things, first.band
        self.stream = stream_of("batch", self.number)
        self.order = self.site.code(CodeType.DOCUMENT)

    def issued(self) -> None:
        self.order_perfusion()
        self.issue()


@cache
def rounds() -> tuple[Play, SecondRound]:
    """Round 1 to its final disposition, then round 2 to its perfusion."""
    first = Play()
    for point in POINTS[: POINTS.index("disposed") + 1]:
        first.to(point)
    second = SecondRound(first)
    for point in POINTS[:PERFUSED]:
        second.to(point)
    return first, second


def course(*, upto: int = 2) -> Course:
    """Her course; `upto` 1 as it stood before the second batch was issued."""
    first, second = rounds()
    plays = (first, second)[:upto]
    whole = first.site.participant(TRIAL_ID)
    if upto == 1:
        before = second.batch.entries[0].time
        first.site.streams["participant:before"] = [
            entry for entry in first.site.streams[whole.stream] if entry.time < before
        ]
        whole = first.site.participant("before")
    batches = {play.number: play.batch for play in plays}
    return course_of(whole, protocol=PROTOCOL, batches=batches, zone=ZoneInfo(ZONE))


def completion(found: Course) -> tuple[int, int, int]:
    """Who completed the planned rounds, of how many, and how many are pending; both arms together."""
    on = rounds()[1].site.now.date() + timedelta(days=400)
    figures = compose([found], PROTOCOL, on=on, locked=False, by_arm=False, may=False)
    table = next(
        one
        for one in figures.report.tables
        if (one.population, one.clock) == (Population.ITT, Clock.FOLLOW_UP)
        and (one.outcome, one.denominator) == (Outcome.COMPLETION, Denominator.POPULATION)
    )
    (figure,) = table.figures
    return figure.yes, figure.of, figure.pending


def test_two_perfused_rounds_complete_what_the_protocol_plans() -> None:
    """Registry text: completion of two rounds."""
    assert completion(course()) == (1, 1, 0)


def test_one_perfused_round_does_not() -> None:
    assert completion(course(upto=1)) == (0, 0, 1)


def test_what_was_given_of_each_round_stands_in_the_trial_data() -> None:
    """1.05 mL and 0.60 mL of 2.05×10⁷ viable cells/mL: a partial dose is the dose that was delivered."""
    first, second = rounds()
    given = [one.delivered_dose for one in course().perfusions]
    assert given == [21_525_000, 12_300_000]
    table = next(one for one in DATASETS if one.code == "rounds")
    rows = [dict(zip([c.code for c in table.columns], row, strict=True)) for _, row in table.rows([course()])]
    assert [row["delivered_dose"] for row in rows] == given
    assert [row["batch"] for row in rows] == [first.number, second.number]
