"""A lot of material: quarantine, release, what is left of it, and who used it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from lims.domain.entries.envelope import Draft, Entry, stream_of
from lims.domain.entries.supply import LotRecalled, LotReceived, LotRejected, LotReleased, LotUsed
from lims.domain.quantities import plain
from lims.domain.refusals import Refused


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
    status: LotStatus = LotStatus.QUARANTINE
    batches: tuple[str, ...] = ()
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
                )
            case LotReleased():
                lot = replace(lot, status=LotStatus.RELEASED)
            case LotRejected():
                lot = replace(lot, status=LotStatus.REJECTED)
            case LotRecalled():
                lot = replace(lot, status=LotStatus.RECALLED)
            case LotUsed() as fact:
                known = lot.batches if fact.batch in lot.batches else (*lot.batches, fact.batch)
                lot = replace(lot, left=lot.left - (fact.amount or Decimal(0)), batches=known)
            case _:
                pass
    return lot


def check_usable(lot: Lot, *, item: str, amount: Decimal | None, today: date) -> None:
    """A lot may be used only if it is the right item, released, unexpired and enough (21 CFR 211.142, I8)."""
    if lot.item != item:
        raise Refused("lot.wrong_item", found=lot.item, wanted=item)
    if lot.status is not LotStatus.RELEASED:
        raise Refused("lot.not_released", lot=lot.supplier_lot, status=lot.status.value)
    if lot.expires < today:
        raise Refused("lot.expired", lot=lot.supplier_lot, expires=lot.expires.isoformat())
    if amount is not None and amount > lot.left:
        raise Refused(
            "lot.too_little", lot=lot.supplier_lot, left=plain(lot.left), unit=lot.unit, amount=plain(amount)
        )


def release(lot: Lot, *, certificate: str, today: date) -> tuple[Draft, ...]:
    """Quality releases a lot from quarantine against its certificate."""
    if lot.status is not LotStatus.QUARANTINE:
        raise Refused("lot.status", status=lot.status.value)
    if lot.expires < today:
        raise Refused("lot.expired", lot=lot.supplier_lot, expires=lot.expires.isoformat())
    return (Draft(stream=lot.stream, fact=LotReleased(certificate=certificate)),)


def reject(lot: Lot, *, reason_code: str) -> tuple[Draft, ...]:
    """Quality rejects a lot that is in quarantine or released."""
    if lot.status in (LotStatus.REJECTED, LotStatus.RECALLED):
        raise Refused("lot.status", status=lot.status.value)
    return (Draft(stream=lot.stream, fact=LotRejected(reason_code=reason_code)),)
