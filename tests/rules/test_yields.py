"""Yields are computed from what is on file, held against their limit, and told once for each value outside it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from lims.domain.batch_fold import fold_on
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.batch import DeviationOpened
from lims.domain.entries.envelope import Draft
from lims.domain.limits import Limit
from lims.domain.yields import RULE, from_yields, yields_of
from tests.rules.played_batch import played_batch


def with_limit(batch: BatchRecord, *, low: str) -> BatchRecord:
    """The batch with another limit of its recovery after washing: 56.375 of 69.84 million cells, 80.7202… %."""
    assert batch.issued is not None
    limit = Limit(low=Decimal(low), decimals=1, unit="%")
    shares = tuple(
        replace(share, limit=limit) if share.code == "recovery" else share for share in batch.master.yields
    )
    return replace(batch, issued=replace(batch.issued, master=replace(batch.master, yields=shares)))


def test_each_is_its_part_of_what_it_should_be() -> None:
    """By the system, so that nobody computes or verifies one by hand (21 CFR 211.103)."""
    expansion, recovery = yields_of(played_batch("formulate"))
    assert (expansion.actual, expansion.theoretical) == (Decimal(69840000), Decimal(46128000))
    assert expansion.shown == "151.4" and not expansion.is_outside
    assert recovery.percent is not None and recovery.shown == "80.7"
    assert abs(recovery.percent * 69840 - 5637500) < Decimal("1e-20")


def test_before_both_parts_are_on_file_there_is_none() -> None:
    expansion, recovery = yields_of(played_batch("count"))
    assert (expansion.percent, recovery.percent) == (None, None)
    assert expansion.shown == "–" and not expansion.is_outside


@pytest.mark.parametrize(("low", "outside"), [("80.7", False), ("80.8", True)])
def test_the_limit_is_held_at_its_own_decimals(low: str, *, outside: bool) -> None:
    batch = with_limit(played_batch("formulate"), low=low)
    assert yields_of(batch)[1].is_outside is outside
    found = from_yields(batch, {"formulate.total"})
    assert [draft.fact.rule for draft in found if isinstance(draft.fact, DeviationOpened)] == [RULE] * outside


def test_it_is_told_when_either_part_comes_or_changes_and_not_twice() -> None:
    batch = with_limit(played_batch("formulate"), low="90.0")
    assert from_yields(batch, {"seed.volume"}) == []
    (draft,) = from_yields(batch, {"harvest.total"})
    assert isinstance(draft.fact, DeviationOpened)
    assert dict(draft.fact.about) == {"yield": "recovery", "value": "80.7 %", "limit": "≥ 90.0 %"}
    assert (draft.fact.step, draft.fact.slot, draft.fact.severity) == ("formulate", None, "major")
    assert from_yields(on_file(batch, draft), {"harvest.total"}) == []


def on_file(batch: BatchRecord, draft: Draft) -> BatchRecord:
    """The record with one more entry."""
    last = batch.entries[-1]
    return fold_on(batch, [replace(last, seq=last.seq + 1, fact=draft.fact)])
