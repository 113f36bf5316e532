"""A lot that must not be used any more: everything made from it, every batch that took it, in one look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lims.domain import notices
from lims.domain.acts import ALIVE
from lims.domain.batch_record import BatchRecord
from lims.domain.deviations import next_number, opened
from lims.domain.entries.batch import HoldPlaced
from lims.domain.entries.envelope import Draft
from lims.domain.entries.supply import LotRecalled, LotRejected
from lims.domain.late_failure import after_disposition
from lims.domain.materials import Lot, LotStatus
from lims.domain.refusals import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far a lot went: itself, then every preparation made from it, however far."""

    lots: tuple[Lot, ...]

    @property
    def lot(self) -> Lot:
        """The lot that is looked at."""
        return self.lots[0]

    @property
    def preparations(self) -> tuple[Lot, ...]:
        """What was made from it."""
        return self.lots[1:]

    @property
    def batches(self) -> tuple[str, ...]:
        """Every batch that took from any of them."""
        return tuple(dict.fromkeys(number for lot in self.lots for number in lot.batches))

    def through(self, batch: str) -> tuple[str, ...]:
        """The preparations by which it came into a batch; none where the batch took the lot itself."""
        return tuple(lot.supplier_lot for lot in self.preparations if batch in lot.batches)


def recalled(reach: Reach, *, reference: str) -> tuple[Draft, ...]:
    """The lot and all that was made from it are recalled."""
    if reach.lot.status is LotStatus.RECALLED:
        raise Refused("lot.status", status=reach.lot.status.value)
    made = tuple(lot.code for lot in reach.preparations)
    first = LotRecalled(reference=reference, batches=reach.batches, preparations=made)
    others = (
        Draft(
            stream=lot.stream,
            fact=LotRecalled(reference=reference, batches=lot.batches, because_of=reach.lot.code),
        )
        for lot in reach.preparations
        if lot.status is not LotStatus.RECALLED
    )
    return (Draft(stream=reach.lot.stream, fact=first), *others)


def rejected(reach: Reach, *, reason_code: str) -> tuple[Draft, ...]:
    """The lot is rejected, in quarantine or in use, and so is all that was made from it."""
    ended = (LotStatus.REJECTED, LotStatus.RECALLED)
    if reach.lot.status in ended:
        raise Refused("lot.status", status=reach.lot.status.value)
    made = tuple(lot.code for lot in reach.preparations)
    first = LotRejected(reason_code=reason_code, batches=reach.batches, preparations=made)
    others = (
        Draft(
            stream=lot.stream,
            fact=LotRejected(reason_code=reason_code, batches=lot.batches, because_of=reach.lot.code),
        )
        for lot in reach.preparations
        if lot.status not in ended
    )
    return (Draft(stream=reach.lot.stream, fact=first), *others)


def stopped(reach: Reach, batches: Sequence[BatchRecord], *, rule: str, now: datetime) -> tuple[Draft, ...]:
    """Each batch gets a critical deviation and those who must know a notice; each whose product can still reach a
    person is held in the same act.
    """
    drafts: list[Draft] = []
    for batch in batches:
        about = [("value", reach.lot.supplier_lot)]
        if through := reach.through(batch.number):
            about.append(("through", ", ".join(through)))
        drafts.append(opened(batch, rule=rule, severity="critical", about=tuple(about)))
        drafts += after_disposition(batch, drafts[-1:])
        news = "recall_given" if batch.perfused else "recall"
        drafts += notices.give(batch, news, reference=next_number(batch), now=now)
        if batch.stage in ALIVE:
            held = HoldPlaced(reason_code=rule.replace(".", "_"), reference=reach.lot.supplier_lot)
            drafts.append(Draft(stream=batch.stream, fact=held))
    return tuple(drafts)
