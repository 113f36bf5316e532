"""The demo that a newcomer sees: a small laboratory with weeks of history and a batch at every stage."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from lims.actions.site import Site, VirtualClock
from lims.demo.play import HISTORY, LOOK_ALIKE, OTHERS, SCREENING, STORY
from lims.domain.acts import Role, Stage
from lims.domain.entries.envelope import stream_of
from lims.domain.folds import fold, rows_of
from lims.domain.participant import fold_participant
from lims.domain.rows import BatchRow, ParticipantRow
from lims.domain.trial.flow import Place
from lims.ledger.read_tables import find
from lims.ledger.verify import verify
from lims.queries.figures import figures
from lims.queries.look import Reader


@pytest.fixture(scope="module")
def batches(demo: Site) -> tuple[BatchRow, ...]:
    with demo.ledger.reading() as book:
        return tuple(find(book, BatchRow))


def test_there_is_a_batch_at_every_stage(batches: tuple[BatchRow, ...]) -> None:
    stages = Counter(batch.stage for batch in batches)
    wanted = {"issued", "in_process", "testing", "released", "perfused", "rejected", "closed"}
    assert wanted <= stages.keys()
    assert stages[Stage.IN_PROCESS] >= 3 and len(batches) == len(STORY)


def test_cells_stand_at_several_culture_days(batches: tuple[BatchRow, ...]) -> None:
    days = {batch.step_day for batch in batches if batch.stage == Stage.IN_PROCESS}
    assert len(days) >= 3


def test_the_history_goes_back_twelve_weeks(batches: tuple[BatchRow, ...]) -> None:
    assert min(batch.issued_at for batch in batches) <= datetime.now(UTC) - timedelta(weeks=12)


def test_a_product_waits_at_the_bedside_with_hours_to_go(batches: tuple[BatchRow, ...]) -> None:
    released = [batch for batch in batches if batch.stage == Stage.RELEASED]
    assert released and all(
        batch.expires_at and batch.expires_at > datetime.now(UTC) + timedelta(hours=4) for batch in released
    )


def test_two_women_whom_only_codes_tell_apart_have_cells_at_once(
    demo: Site, batches: tuple[BatchRow, ...]
) -> None:
    alike = [tale for tale in STORY if tale.who in LOOK_ALIKE]
    assert len(alike) == 2
    with demo.ledger.reading() as book:
        codes = {row.trial_id for row in find(book, ParticipantRow)}
    assert len(codes) == len(STORY) + len(OTHERS) + 3 * len(SCREENING)
    assert sum(batch.alive for batch in batches) >= 2


def test_women_stand_at_every_place_of_the_flow_before_a_product(demo: Site) -> None:
    """Nobody gets an arm whom nobody screened; some declined, some are normal, some wait."""
    reader = Reader(person="qa-a", roles=frozenset({Role.QA}), language="en", site=demo)
    trunk = {box.place: box for box in figures(reader, by_arm=False).flow.trunk}
    not_analysed, not_randomised = trunk[Place.NOT_ANALYSED], trunk[Place.NOT_RANDOMISED]
    assert trunk[Place.RANDOMISED].count == len(STORY) + 1
    assert trunk[Place.REGISTERED].count == trunk[Place.RANDOMISED].count + not_randomised.count
    assert {reason for reason, _ in not_analysed.reasons} == {"declined", "undecided"}
    assert {reason for reason, _ in not_randomised.reasons} == {"menstrual_blood_normal", "undecided"}


def test_days_that_are_told_lie_where_the_story_lies(demo: Site) -> None:
    """A demo shifts its rehearsals to today: days move with the hours, and are never in the future."""
    today = demo.clock.now().date()
    told = []
    with demo.ledger.reading() as book:
        for row in find(book, ParticipantRow):
            stream = stream_of("participant", row.trial_id)
            first = fold_participant(stream, book.entries(stream)).screening.pre_screened
            told += [first.on] if first else []
    assert len(told) > len(STORY)
    assert all(today - HISTORY <= on <= today + timedelta(days=1) for on in told)


def test_the_demo_runs_on_real_time_from_then_on(demo: Site) -> None:
    assert not isinstance(demo.clock, VirtualClock)


def test_the_ledger_of_the_demo_is_intact(demo: Site) -> None:
    """Although nothing waited for the disk while it was played."""
    report = verify(demo.ledger, rows_of=lambda stream, told: rows_of(stream, fold(stream, told)))
    assert report.findings == ()
