"""Stock at the bench: what ends first goes first, what is open ends by itself, the cells never wait for the book."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.actions import supply
from lims.domain.entries.envelope import Detached, Entry, Fact
from lims.domain.entries.supply import LotReceived, LotReleased, LotUsed, StockCounted
from lims.domain.entries.values import FromStock, Scanned
from lims.domain.folds import fold
from lims.domain.master_batch_record import ScanMaterialSlot
from lims.domain.materials import Lot, first_to_use, fold_lot
from lims.domain.readings import Asked, Found, Given, read_value
from lims.domain.refusals import BadEntry
from lims.domain.rows import LotRow, TaskRow
from lims.ledger.read_tables import find
from tests.actions.test_refusals_trial import finish_count, refusals, scan
from tests.builders import At, Played, refuses
from tests.cast import QA_A, TECH_A

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def arrive(played: Played, name: str, *, days: int = 90, **more: Any) -> str:
    """A released lot of medium A that ends in so many days."""
    site = played.stage.site
    outcome = supply.receive_lot(
        site,
        played.actor(TECH_A),
        played.request(),
        **{
            "item": "medium_a",
            "supplier": "S",
            "supplier_lot": name,
            "expires": played.now.date() + timedelta(days=days),
            "quantity": "500",
            "unit": "mL",
            **more,
        },
    )
    code = outcome.entries[0].stream.partition(":")[2]
    supply.release_lot(site, played.actor(QA_A), played.request(), lot=code, certificate="CoA")
    return code


def lot_of(played: Played, code: str) -> Lot:
    found = fold(f"lot:{code}", played.entries(f"lot:{code}"))
    assert isinstance(found, Lot)
    return found


def taken(played: Played) -> FromStock:
    value = played.record().value("seed", "medium")
    assert isinstance(value, Scanned) and value.stock is not None
    return value.stock


def tasks(played: Played, code: str) -> tuple[TaskRow, ...]:
    with played.stage.site.ledger.reading() as book:
        return find(book, TaskRow, stream=f"lot:{code}")


def test_more_than_the_book_has_is_taken_and_somebody_settles_it_with_a_reason(at: At) -> None:
    """Screens 2.9: warn, do not block the cells; record first, reconcile later."""
    played = finish_count(at("counting"))
    lot = arrive(played, "E-1", quantity="99.9")
    scan(played, "seed", "medium", lot)
    assert (taken(played).short, taken(played).unit) == (Decimal("0.1"), "mL")
    assert (lot_of(played, lot).left, lot_of(played, lot).short) == (Decimal(0), Decimal("0.1"))
    assert [task.what for task in tasks(played, lot)] == ["count_stock"]

    def count(**more: str) -> None:
        given = {"counted": "12.5", "reason_code": "delivery_differs", **more}
        supply.count_stock(played.stage.site, played.actor(TECH_A), played.request(), lot=lot, **given)

    for wrong in ({"counted": "-1"}, {"reason_code": "no such"}, {"reason_code": "other"}):
        with pytest.raises(BadEntry):
            count(**wrong)
    count()
    assert (lot_of(played, lot).left, lot_of(played, lot).short) == (Decimal("12.5"), Decimal(0))
    assert tasks(played, lot) == ()
    with refuses(played, "lot.counted_same", filed=f"lot:{lot}!refusals"):
        count()


def test_a_lot_that_ends_later_is_taken_and_the_record_says_so(at: At) -> None:
    played = finish_count(at("counting"))
    arrive(played, "SOON", days=5)
    scan(played, "seed", "medium", played.stage.lots["medium_a"])
    assert taken(played).first == "SOON"
    assert "seed" in {step for step, _ in played.record().slots}


def test_the_lot_that_ends_first_is_taken_without_a_word(at: At) -> None:
    played = finish_count(at("counting"))
    scan(played, "seed", "medium", arrive(played, "SOON", days=5))
    assert (taken(played).first, taken(played).short) == ("", None)


def test_a_reason_is_asked_only_where_the_master_batch_record_says_so(at: At) -> None:
    played = finish_count(at("counting"))
    batch = played.record()
    step = next(item for item in batch.plan if item.code == "seed")
    slot = next(item for item in step.evidence if isinstance(item, ScanMaterialSlot))
    lot = lot_of(played, played.stage.lots["medium_a"])
    with played.stage.site.ledger.reading() as book:
        sooner = replace(
            find(book, LotRow, code=lot.code)[0], code="1", supplier_lot="SOON", expires=date(2026, 1, 1)
        )

    def read(
        slot: ScanMaterialSlot, first: LotRow | None, reason: Detached | None = None
    ) -> FromStock | None:
        asked = Asked(step="seed", slot="medium", given=Given(raw=lot.code, reason=reason), person=TECH_A)
        found = Found(lot=lot, first=first)
        value, _judged, _limit = read_value(batch, step, slot, asked, found, now=played.now)
        assert isinstance(value, Scanned)
        return value.stock

    strict = replace(slot, reason_if_not_first=True)
    with pytest.raises(BadEntry) as asked_for:
        read(strict, sooner)
    assert (asked_for.value.rule, asked_for.value.field) == ("lot.not_first", "reason")
    why = Detached(commitment="c" * 64, sort="words", size=3)
    assert (stock := read(strict, sooner, why)) and (stock.first, stock.reason) == ("SOON", why)
    assert (stock := read(slot, sooner)) and stock.first == "SOON"
    assert (stock := read(strict, None)) and stock.first == ""


def test_the_first_use_opens_a_container_and_its_life_ends_by_itself(at: At) -> None:
    played = finish_count(at("counting"))
    lot = arrive(played, "OPEN", days=5, in_use_hours=24, containers=2)
    assert lot_of(played, lot).use_until is None
    supply.open_container(played.stage.site, played.actor(TECH_A), played.request(), lot=lot)
    opened = lot_of(played, lot)
    assert opened.use_until == opened.opened_at + timedelta(hours=24) if opened.opened_at else False
    played.wait(hours=25)
    with refuses(played, "lot.in_use_expired", filed=refusals(played.batch)):
        scan(played, "seed", "medium", lot)
    supply.open_container(played.stage.site, played.actor(TECH_A), played.request(), lot=lot)
    scan(played, "seed", "medium", lot)
    assert taken(played).use_until == lot_of(played, lot).use_until
    with refuses(played, "lot.none_closed", filed=f"lot:{lot}!refusals"):
        supply.open_container(played.stage.site, played.actor(TECH_A), played.request(), lot=lot)
    assert played.verified().findings == ()


def test_a_first_use_without_opening_opens_it_in_the_same_act(at: At) -> None:
    played = finish_count(at("counting"))
    lot = arrive(played, "OPEN", days=5, in_use_hours=24)
    scan(played, "seed", "medium", lot)
    assert (lot_of(played, lot).opened, taken(played).use_until) == (1, played.now + timedelta(hours=24))


def entry(seq: int, fact: Fact) -> Entry:
    return Entry(
        stream="lot:1", seq=seq, time=NOON, person="p", role="", station="", act="", request=None,
        relied_on=(), fact=fact, hash="",
    )  # fmt: skip


def received(quantity: str) -> LotReceived:
    return LotReceived(
        item="m",
        supplier="S",
        supplier_lot="L",
        expires=date(2027, 1, 1),
        quantity=Decimal(quantity),
        unit="mL",
    )


amounts = st.decimals("0.1", "400", places=1)


@given(st.lists(amounts, max_size=30))
def test_nothing_is_lost_between_what_came_and_what_was_taken(uses: list[Decimal]) -> None:
    facts: list[Fact] = [received("500"), LotReleased(certificate="c")]
    facts += [LotUsed(batch="1", step="s", slot="s", amount=amount) for amount in uses]
    lot = fold_lot("lot:1", [entry(seq, fact) for seq, fact in enumerate(facts, start=1)])
    assert lot.left >= 0 and lot.short >= 0
    assert Decimal(500) + lot.short == sum(uses, Decimal(0)) + lot.left
    counted = StockCounted(
        counted=Decimal(7), was=lot.left, short=lot.short, reason_code="misread", reason=None
    )
    settled = fold_lot("lot:1", [*(entry(at, fact) for at, fact in enumerate([*facts, counted], start=1))])
    assert (settled.left, settled.short) == (Decimal(7), Decimal(0))


rows = st.builds(
    LotRow,
    stream=st.just("lot:1"),
    key=st.just(""),
    code=st.text("0123456789", min_size=4, max_size=4),
    item=st.just("m"),
    supplier=st.just("S"),
    supplier_lot=st.just("L"),
    expires=st.dates(date(2026, 2, 20), date(2026, 3, 20)),
    status=st.sampled_from(["released", "quarantine", "rejected", "recalled"]),
    left=st.sampled_from([Decimal(0), Decimal(5)]),
    short=st.just(Decimal(0)),
    unit=st.just("mL"),
    use_until=st.none() | st.datetimes(datetime(2026, 2, 20), datetime(2026, 3, 20), timezones=st.just(UTC)),
)


@given(st.lists(rows, max_size=8))
def test_first_expiry_first_out_names_a_lot_that_can_be_used_and_none_ends_sooner(lots: list[LotRow]) -> None:
    first = first_to_use(lots, now=NOON, zone="UTC")
    good = [row for row in lots if row.status == "released" and row.left and row.expires >= NOON.date()]
    usable = [row for row in good if row.use_until is None or row.use_until >= NOON]
    assert (first is None) == (not usable)
    if first is not None:

        def end(row: LotRow) -> tuple[date, datetime]:
            day = min(row.expires, row.use_until.date()) if row.use_until else row.expires
            return day, row.use_until or datetime.max.replace(tzinfo=UTC)

        assert first in usable
        assert end(first)[0] == min(end(row)[0] for row in usable)
