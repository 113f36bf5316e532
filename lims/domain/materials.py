"""A lot of material: quarantine, release, what is left of it, and who used it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from lims.domain.entries.envelope import Detached, Draft, Entry, stream_of
from lims.domain.entries.supply import (
    ComponentTaken,
    LotOpened,
    LotPrepared,
    LotRecalled,
    LotReceived,
    LotRejected,
    LotReleased,
    LotUsed,
    PreparationChecked,
    StockCounted,
)
from lims.domain.quantities import plain
from lims.domain.refusals import BadEntry, Refused
from lims.domain.rows import LotRow

COUNT_REASONS = ("spilled", "not_booked", "misread", "delivery_differs", "other")
"""Why the stock is another than the book says."""


class LotStatus(StrEnum):
    """Where a lot stands."""

    QUARANTINE = "quarantine"
    RELEASED = "released"
    REJECTED = "rejected"
    RECALLED = "recalled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """What is on file about one lot; quantities in `unit`."""

    code: str
    item: str = ""
    supplier: str = ""
    supplier_lot: str = ""
    expires: date = date.min
    unit: str = ""
    left: Decimal = Decimal(0)
    """What the book says is left; never below nothing."""
    short: Decimal = Decimal(0)
    """What was taken beyond the book, until somebody counts."""
    in_use_hours: int | None = None
    containers: int | None = None
    opened: int = 0
    """Containers that were opened."""
    opened_at: datetime | None = None
    """When the one in use was opened, or first used."""
    use_until: datetime | None = None
    status: LotStatus = LotStatus.QUARANTINE
    batches: tuple[str, ...] = ()
    """Batches that took from it."""
    made_into: tuple[str, ...] = ()
    """Preparations that took from it."""
    prepared: LotPrepared | None = None
    """How it was made, where it is a preparation."""
    prepared_by: str = ""
    checked_by: str = ""
    last: Entry | None = None

    @property
    def stream(self) -> str:
        """The lot's own stream."""
        return stream_of("lot", self.code)


def fold_lot(stream: str, entries: Iterable[Entry]) -> Lot:
    """The lot as its stream tells."""
    lot = Lot(code=stream.partition(":")[2])
    for entry in entries:
        lot = replace(lot, last=entry)
        match entry.fact:
            case LotReceived() as fact:
                lot = replace(
                    lot,
                    item=fact.item,
                    supplier=fact.supplier,
                    supplier_lot=fact.supplier_lot,
                    expires=fact.expires,
                    unit=fact.unit,
                    left=fact.quantity,
                    in_use_hours=fact.in_use_hours,
                    containers=fact.containers,
                )
            case LotPrepared() as fact:
                lot = replace(
                    lot,
                    item=fact.item,
                    supplier_lot=fact.number,
                    expires=fact.expires,
                    unit=fact.unit,
                    left=fact.quantity,
                    prepared=fact,
                    prepared_by=entry.person,
                    containers=1,
                    opened=1,
                    opened_at=entry.time,
                    use_until=fact.use_until,
                )
            case PreparationChecked():
                lot = replace(lot, checked_by=entry.person)
            case ComponentTaken() as fact:
                lot = replace(lot, made_into=(*lot.made_into, fact.preparation))
                lot = _taken(replace(lot, opened_at=lot.opened_at or entry.time), fact.amount)
            case LotOpened() as fact:
                lot = replace(lot, opened=fact.number, opened_at=entry.time, use_until=fact.use_until)
            case StockCounted() as fact:
                lot = replace(lot, left=fact.counted, short=Decimal(0))
            case LotReleased():
                lot = replace(lot, status=LotStatus.RELEASED)
            case LotRejected():
                lot = replace(lot, status=LotStatus.REJECTED)
            case LotRecalled():
                lot = replace(lot, status=LotStatus.RECALLED)
            case LotUsed() as fact:
                known = lot.batches if fact.batch in lot.batches else (*lot.batches, fact.batch)
                lot = replace(lot, batches=known, opened_at=lot.opened_at or entry.time)
                lot = _taken(lot, fact.amount or Decimal(0))
            case _:
                pass
    return lot


def _taken(lot: Lot, amount: Decimal) -> Lot:
    """What is left after `amount` is taken; what the book did not have is short, never below nothing."""
    short = max(amount - lot.left, Decimal(0))
    return replace(lot, left=lot.left - amount + short, short=lot.short + short)


def check_usable(lot: Lot, *, item: str, now: datetime, zone: str) -> None:
    """A lot may be used only if it is the right item, released and unexpired, also once open (21 CFR 211.142, I8).

    Too little in the book is no reason to stop: the cells come first, the book is settled afterwards (screens 2.9).
    """
    if lot.item != item:
        raise Refused("lot.wrong_item", found=lot.item, wanted=item)
    _check_in_stock(lot, today=now.astimezone(ZoneInfo(zone)).date())
    if lot.use_until is not None and lot.use_until < now:
        until = lot.use_until.astimezone(ZoneInfo(zone)).isoformat(sep=" ", timespec="minutes")
        raise Refused("lot.in_use_expired", lot=lot.supplier_lot, until=until)


def _check_in_stock(lot: Lot, *, today: date) -> None:
    if lot.status is not LotStatus.RELEASED:
        raise Refused("lot.not_released", lot=lot.supplier_lot, status=lot.status.value)
    _check_unexpired(lot, today=today)


def _check_unexpired(lot: Lot, *, today: date) -> None:
    if lot.expires < today:
        raise Refused("lot.expired", lot=lot.supplier_lot, expires=lot.expires.isoformat())


def open_container(lot: Lot, *, now: datetime, today: date) -> tuple[Draft, ...]:
    """The next container of a released lot is opened; its in-use life begins."""
    _check_in_stock(lot, today=today)
    if lot.containers is not None and lot.opened >= lot.containers:
        raise Refused("lot.none_closed", lot=lot.supplier_lot, containers=lot.containers)
    return (_opened(lot, now=now),)


def _opened(lot: Lot, *, now: datetime) -> Draft:
    until = now + timedelta(hours=lot.in_use_hours) if lot.in_use_hours is not None else None
    return Draft(stream=lot.stream, fact=LotOpened(number=lot.opened + 1, use_until=until))


def use(
    lot: Lot, *, batch: str, step: str, slot: str, amount: Decimal | None, now: datetime
) -> tuple[Draft, ...]:
    """A batch takes from the lot; the first use of an item with an in-use life opens a container."""
    short = max((amount or Decimal(0)) - lot.left, Decimal(0))
    fact = LotUsed(batch=batch, step=step, slot=slot, amount=amount, short=short or None)
    return (*opened_first(lot, now=now), Draft(stream=lot.stream, fact=fact))


def opened_first(lot: Lot, *, now: datetime) -> tuple[Draft, ...]:
    """What the first use of an item with an in-use life brings with it: its first container is opened."""
    return (_opened(lot, now=now),) if lot.in_use_hours is not None and lot.opened == 0 else ()


def first_to_use(lots: Iterable[LotRow], *, now: datetime, zone: str) -> LotRow | None:
    """Of the lots of one item the one that ends first and can be used now: first expiry, first out."""
    today = now.astimezone(ZoneInfo(zone)).date()
    usable = (
        row
        for row in lots
        if row.status == LotStatus.RELEASED
        and row.expires >= today
        and (row.use_until is None or row.use_until >= now)
        and row.left > 0
    )
    return min(usable, key=lambda row: (ends(row, zone=zone), row.code), default=None)


def ends(lot: Lot | LotRow, *, zone: str) -> datetime:
    """When the lot, or its opened container, is over."""
    midnight = datetime.combine(lot.expires, time.max, tzinfo=ZoneInfo(zone))
    return min(midnight, lot.use_until) if lot.use_until is not None else midnight


def count_stock(
    lot: Lot, *, counted: Decimal, reason_code: str, reason: Detached | None
) -> tuple[Draft, ...]:
    """What is really there takes the place of what the book says, with the reason for the difference."""
    if lot.short == 0 and counted == lot.left:
        raise Refused("lot.counted_same", left=plain(lot.left), unit=lot.unit)
    if reason_code not in COUNT_REASONS:
        raise BadEntry("choice.unknown", field="reason_code")
    if reason_code == "other" and reason is None:
        raise BadEntry("text.empty", field="reason", least=1)
    fact = StockCounted(
        counted=counted, was=lot.left, short=lot.short, reason_code=reason_code, reason=reason
    )
    return (Draft(stream=lot.stream, fact=fact),)


def release(lot: Lot, *, certificate: str, today: date) -> tuple[Draft, ...]:
    """Quality releases a lot from quarantine against its certificate."""
    if lot.status is not LotStatus.QUARANTINE:
        raise Refused("lot.status", status=lot.status.value)
    if lot.prepared is not None and not lot.checked_by:
        raise Refused("preparation.unchecked", lot=lot.supplier_lot)
    _check_unexpired(lot, today=today)
    return (Draft(stream=lot.stream, fact=LotReleased(certificate=certificate)),)
