"""The demo that a newcomer sees: a small laboratory with weeks of history and a batch at every stage."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from lims.actions.site import Site, VirtualClock
from lims.demo.play import LOOK_ALIKE, STORY
from lims.domain.acts import Stage
from lims.domain.folds import fold, rows_of
from lims.domain.rows import BatchRow, ParticipantRow
from lims.ledger.read_tables import find
from lims.ledger.verify import verify


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
        assert len({row.trial_id for row in find(book, ParticipantRow)}) == len(STORY) + 2
    assert sum(batch.alive for batch in batches) >= 2


def test_the_demo_runs_on_real_time_from_then_on(demo: Site) -> None:
    assert not isinstance(demo.clock, VirtualClock)


def test_the_ledger_of_the_demo_is_intact(demo: Site) -> None:
    """Although nothing waited for the disk while it was played."""
    report = verify(demo.ledger, rows_of=lambda stream, told: rows_of(stream, fold(stream, told)))
    assert report.findings == ()
