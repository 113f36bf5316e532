"""A recall goes through everything that was prepared from a lot, and nobody outruns it, on both databases."""

import contextlib
import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from lims.actions import preparations, recall, supply
from lims.actions.recall import reach_of
from lims.authoring.stock import load_stock
from lims.domain.entries.supply import LotRejected
from lims.domain.materials import LotStatus, fold_lot
from lims.domain.refusals import Refused
from lims.domain.rows import TaskRow
from lims.ledger.read_tables import find
from tests.actions.test_refusals_trial import finish_count, refusals, scan
from tests.attacks.test_crowd_of_people import OnBoth, crowd
from tests.builders import At, Played, refuses
from tests.cast import QA_A, TECH_A, TECH_B


@pytest.mark.parametrize("turn", range(4))
def test_no_preparation_escapes_a_recall(on_both: OnBoth, turn: int) -> None:
    """Whichever comes first: what was prepared from the lot is recalled with it, or it was refused the lot."""
    played = on_both("staffed")
    saline, albumin = (component(played, item, f"{item}-{turn}") for item in ("saline", "hsa"))
    order = random.Random(turn)

    def prepare() -> str:
        try:
            prepared(played, saline, albumin)
        except Refused as refused:
            return refused.rule
        return "prepared"

    def call_back() -> str:
        recall.recall_lot(
            played.stage.site, played.actor(QA_A), played.request(), lot=albumin, reference="R-1"
        )
        return "recalled"

    acts: list[Callable[[], object]] = [prepare, call_back, prepare]
    order.shuffle(acts)
    outcome = crowd(acts)
    with played.stage.site.ledger.reading() as book:
        made = reach_of(book, f"lot:{albumin}").lots
        from_saline = reach_of(book, f"lot:{saline}").preparations
    assert set(outcome) - {"prepared", "recalled"} <= {"lot.not_released"}
    assert len(made) == 1 + outcome.count("prepared") == 1 + len(from_saline)
    assert {lot.status for lot in made} == {LotStatus.RECALLED}
    assert played.verified().findings == ()


def test_a_recall_reaches_a_batch_through_what_was_prepared_from_what_was_prepared(on_both: OnBoth) -> None:
    played = finish_count(on_both("counting"))
    saline, albumin = (component(played, item, item) for item in ("saline", "hsa"))
    buffer = prepared(played, saline, albumin)
    supply_of(played, buffer)
    serum, cytokine = component(played, "ab_serum", "serum"), component(played, "il15", "il15", unit="µL")
    medium_base = component(played, "nk_medium", "base")
    medium = prepared(played, medium_base, serum, cytokine, recipe="medium_a", amounts=("475", "25", "500"))
    supply_of(played, medium)
    scan(played, "seed", "medium", medium)
    other = played.other
    recall.recall_lot(played.stage.site, played.actor(QA_A), played.request(), lot=serum, reference="R-1")
    with played.stage.site.ledger.reading() as book:
        reach = reach_of(book, f"lot:{serum}")
    assert reach.batches == (played.batch,)
    assert reach.through(played.batch) == (reach.preparations[0].supplier_lot,)
    assert played.record().hold_reason == "lot_recalled"
    assert [d.fact.rule for d in played.record().deviations.values()] == ["lot.recalled"]
    assert played.record(other).hold_reason == ""
    assert {lot.status for lot in reach.lots} == {LotStatus.RECALLED}
    assert played.verified().findings == ()


def component(
    played: Played, item: str, name: str, *, unit: str = "mL", in_use_hours: int | None = None
) -> str:
    """A released lot of a component."""
    outcome = supply.receive_lot(
        played.stage.site,
        played.actor(TECH_A),
        played.request(),
        item=item,
        supplier="S",
        supplier_lot=name,
        expires=played.stage.until,
        quantity="5000",
        unit=unit,
        in_use_hours=in_use_hours,
    )
    code = outcome.entries[0].stream.partition(":")[2]
    supply.release_lot(played.stage.site, played.actor(QA_A), played.request(), lot=code, certificate="CoA")
    return code


def prepared(
    played: Played, *lots: str, recipe: str = "wash_buffer", amounts: tuple[str, ...] = ("475", "25")
) -> str:
    """A preparation of these lots, in the order of the recipe."""
    known = load_stock().recipe(recipe)
    assert known is not None
    items = [part.item for part in known.components]
    outcome = preparations.prepare_lot(
        played.stage.site,
        played.actor(TECH_A),
        played.request(),
        recipe=recipe,
        lots=dict(zip(items, lots, strict=True)),
        amounts=dict(zip(items, amounts, strict=True)),
    )
    return outcome.entries[0].stream.partition(":")[2]


def supply_of(played: Played, lot: str) -> None:
    """Checked by a second person, and released by quality where the check does not."""
    preparations.check_preparation(played.stage.site, played.actor("tech-b"), played.request(), lot=lot)
    with contextlib.suppress(Refused):
        supply.release_lot(
            played.stage.site, played.actor(QA_A), played.request(), lot=lot, certificate="batch sheet"
        )


def test_a_rejected_lot_in_use_holds_its_batches_like_a_recall(at: At) -> None:
    """Look-back of a lot that quality rejects after it was used; what was perfused is marked, not held."""
    played = at("released")
    lot = played.stage.lots["medium_a"]
    recall.reject_lot(
        played.stage.site, played.actor(QA_A), played.request(), lot=lot, reason_code="failed_test"
    )
    assert played.record().hold_reason == "lot_rejected"
    assert [d.fact.rule for d in played.record().open_deviations] == ["lot.rejected"]
    fact = played.entries(f"lot:{lot}")[-1].fact
    assert isinstance(fact, LotRejected) and fact.batches == (played.batch,)


def test_the_clinic_is_told_of_a_product_already_given(at: At) -> None:
    """Domain 6: in process, hold; perfused, notice to the clinician, until quality has decided."""
    played = at("perfused")
    lot = played.stage.lots["medium_a"]
    recall.recall_lot(played.stage.site, played.actor(QA_A), played.request(), lot=lot, reference="R-1")
    with played.stage.site.ledger.reading() as book:
        told = find(
            book, TaskRow, stream=f"batch:{played.batch}", role="clinician", what="acknowledge_notice"
        )
    assert len(told) == 1 and not played.record().on_hold
    assert played.verified().findings == ()


def test_who_prepared_it_does_not_check_it_and_unchecked_it_is_not_used(at: At) -> None:
    """21 CFR 211.101(d)."""
    played = finish_count(at("counting"))
    lots = [component(played, item, item) for item in ("nk_medium", "ab_serum")]
    medium = prepared(
        played,
        *lots,
        component(played, "il15", "il15", unit="µL"),
        recipe="medium_a",
        amounts=("475", "25", "500"),
    )
    site = played.stage.site
    with refuses(played, "step.performer_verifies", filed=f"lot:{medium}!refusals"):
        preparations.check_preparation(site, played.actor(TECH_A), played.request(), lot=medium)
    with refuses(played, "preparation.unchecked", filed=f"lot:{medium}!refusals"):
        supply.release_lot(site, played.actor(QA_A), played.request(), lot=medium, certificate="x")
    preparations.check_preparation(site, played.actor(TECH_B), played.request(), lot=medium)
    with refuses(played, "lot.not_released", filed=refusals(played.batch)):
        scan(played, "seed", "medium", medium)
    supply.release_lot(site, played.actor(QA_A), played.request(), lot=medium, certificate="batch sheet")
    scan(played, "seed", "medium", medium)


def test_a_preparation_ends_with_its_first_component(at: At) -> None:
    played = at("staffed")
    saline = component(played, "saline", "saline")
    albumin = component(played, "hsa", "short", in_use_hours=2)
    buffer = fold_lot("lot:1", played.entries(f"lot:{prepared(played, saline, albumin)}"))
    assert buffer.use_until == played.now + timedelta(hours=2)
    assert buffer.prepared and [part.lot for part in buffer.prepared.components] == [saline, albumin]
