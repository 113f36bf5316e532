"""Yields: what a stage gave against what it should have given, in percent, computed when both are on file.

21 CFR 211.103 and 211.188(b)(7); a share outside its limit is investigated (211.192). Nobody types one.
"""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal, localcontext

from lims.domain.batch_record import BatchRecord
from lims.domain.deviations import opened
from lims.domain.entries.envelope import Draft, Entry
from lims.domain.limits import assess
from lims.domain.master_batch_record import Yield
from lims.domain.rounding import CONTEXT, as_written

RULE = "yield.outside"
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class YieldFound:
    """One declared yield of a batch; no percent while a part of it is missing, or the theoretical one is nothing."""

    share: Yield
    actual: Decimal | None
    theoretical: Decimal | None
    percent: Decimal | None
    last: Entry | None
    """The entry that brought its actual part."""

    @property
    def shown(self) -> str:
        """The percent at the decimals of its limit, or that there is none."""
        return "–" if self.percent is None else as_written(self.percent, max(self.share.limit.decimals, 0))

    @property
    def is_outside(self) -> bool:
        """Computed, and beyond its limit."""
        return self.percent is not None and assess(self.percent, limit=self.share.limit).opens_deviation


def yields_of(batch: BatchRecord) -> tuple[YieldFound, ...]:
    """Every yield that the master batch record declares, as far as the record goes."""
    return tuple(_found(batch, share) for share in batch.master.yields)


def _found(batch: BatchRecord, share: Yield) -> YieldFound:
    actual, theoretical = batch.number_at(share.actual), batch.number_at(share.theoretical)
    percent = None
    if actual is not None and theoretical:
        with localcontext(CONTEXT):
            percent = actual / theoretical * HUNDRED
    slot = batch.slots.get(_place(share.actual))
    return YieldFound(
        share=share,
        actual=actual,
        theoretical=theoretical,
        percent=percent,
        last=slot.last if slot else None,
    )


def _place(reference: str) -> tuple[str, str]:
    step, slot, *_field = reference.split(".")
    return step, slot


def from_yields(batch: BatchRecord, changed: Collection[str]) -> list[Draft]:
    """Deviations of yields that these slots (`step.slot`) complete or change, where they lie outside their limit.

    A yield that a correction changes again is told again, unless the same value is on file already.
    """
    found: list[Draft] = []
    # A step can hold the same share as a computed value with the same limit: then that has told it.
    told = {
        (known.fact.step, about.get("value"), about.get("limit"))
        for known in batch.deviations.values()
        for about in (dict(known.fact.about),)
    }
    for share in batch.master.yields:
        parts = {".".join(_place(part)) for part in (share.actual, share.theoretical)}
        if parts.isdisjoint(changed) or not (item := _found(batch, share)).is_outside:
            continue
        shown, limit = f"{item.shown} %", share.limit.shown()
        step, _slot = _place(share.actual)
        if (step, shown, limit) in told:
            continue
        about = (("yield", share.code), ("value", shown), ("limit", limit))
        found.append(opened(batch, rule=RULE, severity="major", about=about, step=step, drafts=found))
    return found
