"""What two batches have in common is read from the record of each: lots, equipment, operators, days."""

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from lims.domain.batch_fold import fold_on
from lims.domain.batch_record import BatchRecord
from lims.domain.deviations import opened
from lims.domain.rows import ShareRow
from lims.domain.shared import SORTS, days, share_rows, shares, shares_around
from tests.rules.played_batch import played_batch


def deviating(step: str | None) -> BatchRecord:
    """The batch with one deviation more, opened the next day."""
    batch = played_batch("tested")
    last = batch.entries[-1]
    fact = opened(batch, rule="reported", severity="major", about=(), step=step).fact
    return fold_on(batch, [replace(last, seq=last.seq + 1, fact=fact, time=last.time + timedelta(days=1))])


def around(step: str | None) -> frozenset[tuple[str, str]]:
    batch = deviating(step)
    return shares_around(batch, list(batch.deviations)[-1])


def test_a_batch_has_lots_equipment_operators_and_days_to_share() -> None:
    assert {what for what, _ in shares(played_batch("tested"))} == set(SORTS)


def test_a_batch_with_nothing_on_file_shares_nothing() -> None:
    assert shares(played_batch("issued")) == frozenset()


def test_a_lot_that_was_scanned_counts_also_after_another_took_its_place() -> None:
    """The wrong lot was opened beside the product; that it was corrected does not take it away."""
    batch = played_batch("tested")
    [place, *_] = [key for key, kept in batch.slots.items() if kept.scans and kept.scans[0].of[:4] == "lot:"]
    kept = batch.slots[place]
    scan = replace(kept.scans[0], code="4000000000000000", name="OTHER")
    first = replace(kept.history[0], fact=replace(kept.fact, value=scan))
    history = MappingProxyType(batch.slots | {place: replace(kept, history=(first, *kept.history))})
    found = shares(replace(batch, slots=history))
    assert ("lot", "OTHER (4000000000000000)") in found and shares(batch) < found


def test_a_day_is_the_one_on_the_clock_of_the_site() -> None:
    """At 20:00 UTC it is tomorrow in Shanghai, so that two batches of one shift meet."""
    batch = played_batch("tested")
    step = next(step for step in batch.plan if days(batch, step))
    slots = {
        place: replace(
            kept, history=tuple(replace(one, time=one.time.replace(hour=20)) for one in kept.history)
        )
        for place, kept in batch.slots.items()
    }
    late = replace(batch, slots=MappingProxyType(slots))
    first = min(kept.history[0].time for (code, _), kept in late.slots.items() if code == step.code)
    assert ("day", (first.date() + timedelta(days=1)).isoformat()) in days(late, step)


def test_a_deviation_of_a_step_looks_at_the_days_of_that_step_and_at_everything_else() -> None:
    batch = deviating("seed")
    step = batch.step("seed")
    assert step is not None
    found = around("seed")
    assert {share for share in found if share[0] == "day"} == days(batch, step)
    assert {share for share in found if share[0] != "day"} == {s for s in shares(batch) if s[0] != "day"}


def test_a_deviation_of_the_whole_product_looks_at_every_day() -> None:
    assert around(None) == shares(deviating(None))


def test_other_batches_find_this_one_by_a_row_for_each_share() -> None:
    batch = played_batch("tested")
    rows = [row for row in share_rows(batch.stream, batch) if isinstance(row, ShareRow)]
    assert {(row.what, row.which) for row in rows} == shares(batch)
    assert {(row.batch, row.stream) for row in rows} == {(batch.number, batch.stream)}
    assert len({row.key for row in rows}) == len(rows)
