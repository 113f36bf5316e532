"""What quality must look at in a batch: every exception, computed from the record and never entered by hand."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from lims.domain.batch_record import BatchRecord
from lims.domain.entries.batch import (
    CustodyRefused,
    CustodyTaken,
    EvidenceCorrected,
    EvidenceRecorded,
    HoldLifted,
    HoldPlaced,
    IdentityMatched,
    IdentityMismatched,
    LabelsPrinted,
    RecordReviewed,
    SampleReceived,
    StepSentBack,
)
from lims.domain.entries.envelope import Entry
from lims.domain.entries.values import Means, Moment, Scanned


class Sort(StrEnum):
    """The closed list of what counts as an exception (screens 2.11)."""

    DEVIATION = "deviation"
    RESULT = "result"
    HOLD = "hold"
    LABELS = "labels"
    MISMATCH = "mismatch"
    TYPED = "typed"
    LATE = "late"
    CORRECTION = "correction"
    SENT_BACK = "sent_back"
    REPRINT = "reprint"
    CUSTODY = "custody"


class Standing(StrEnum):
    """Whether somebody still has to act on it."""

    OPEN = "open"
    """A decision of its own is missing."""
    TO_SEE = "to_see"
    """It is decided by a record review that has seen it."""
    DECIDED = "decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionFound:
    """One exception with the entry it comes from."""

    sort: Sort
    standing: Standing
    entry: Entry
    code: str = ""
    """The deviation's number, the test's or the step's code, whatever names it."""
    step: str | None = None
    slot: str | None = None
    severity: str = ""
    decided: Entry | None = None
    was: Entry | None = None
    """The entry that a correction replaces."""

    @property
    def key(self) -> str:
        """How a link names it."""
        return f"{self.sort.value}-{self.entry.seq}"


ORDER = {sort: place for place, sort in enumerate(Sort)}
STANDINGS = {standing: place for place, standing in enumerate(Standing)}


def exceptions_of(batch: BatchRecord) -> tuple[ExceptionFound, ...]:
    """Every exception of the batch, those that wait first, then in the order of the list and of the record."""
    found = [*_deviations(batch), *_results(batch), *_holds(batch), *_labels(batch), *_in_entries(batch)]
    return tuple(sorted(found, key=lambda item: (STANDINGS[item.standing], ORDER[item.sort], item.entry.seq)))


def _deviations(batch: BatchRecord) -> Iterator[ExceptionFound]:
    for deviation in batch.deviations.values():
        yield ExceptionFound(
            sort=Sort.DEVIATION,
            standing=Standing.DECIDED if deviation.decided else Standing.OPEN,
            entry=deviation.opened,
            code=deviation.number,
            step=deviation.fact.step,
            slot=deviation.fact.slot,
            severity=deviation.severity,
            decided=deviation.decided,
        )


def _results(batch: BatchRecord) -> Iterator[ExceptionFound]:
    """Results that nobody reviewed or agreed with, that are no result or void, and every retest."""
    for test, entered in batch.results.items():
        for result in entered:
            decided = result.void or result.review
            if decided is None:
                standing = Standing.OPEN
            elif result.counts and result.fact.outcome not in ("invalid", "not_done") and not result.fact.oos:
                continue
            else:
                standing = _seen(batch, decided)
            yield ExceptionFound(
                sort=Sort.RESULT, standing=standing, entry=result.entry, code=test, decided=decided
            )


def _holds(batch: BatchRecord) -> Iterator[ExceptionFound]:
    lifted = {entry.fact.placed_seq: entry for entry in batch.entries if isinstance(entry.fact, HoldLifted)}
    for entry in batch.entries:
        if isinstance(entry.fact, HoldPlaced):
            by = lifted.get(entry.seq)
            yield ExceptionFound(
                sort=Sort.HOLD,
                standing=Standing.DECIDED if by else Standing.OPEN,
                entry=entry,
                code=entry.fact.reason_code,
                decided=by,
            )


def _labels(batch: BatchRecord) -> Iterator[ExceptionFound]:
    """Labels printed whose fate nobody recorded, one exception for each printing."""
    for entry in batch.entries:
        if isinstance(entry.fact, LabelsPrinted):
            left = [code for code in entry.fact.serials if batch.labels[code].fate is None]
            if left:
                yield ExceptionFound(
                    sort=Sort.LABELS,
                    standing=Standing.OPEN,
                    entry=entry,
                    code=str(len(left)),
                    step=entry.fact.step,
                )


def _in_entries(batch: BatchRecord) -> Iterator[ExceptionFound]:
    """Exceptions that are one entry each, and that a record review answers."""
    before: dict[tuple[str, str], Entry] = {}
    for entry in batch.entries:
        for sort in _sorts(entry):
            step, slot = _place(entry)
            yield ExceptionFound(
                sort=sort,
                standing=_seen(batch, entry),
                entry=entry,
                step=step,
                slot=slot,
                decided=_review_of(batch, entry),
                was=before.get((step or "", slot or "")) if sort is Sort.CORRECTION else None,
            )
        if isinstance(entry.fact, EvidenceRecorded | EvidenceCorrected):
            before[entry.fact.step, entry.fact.slot] = entry


def _sorts(entry: Entry) -> Iterator[Sort]:
    fact = entry.fact
    if is_typed(entry):
        yield Sort.TYPED
    match fact:
        case EvidenceCorrected():
            yield Sort.CORRECTION
        case StepSentBack():
            yield Sort.SENT_BACK
        case LabelsPrinted() if fact.reason_code:
            yield Sort.REPRINT
        case IdentityMismatched():
            yield Sort.MISMATCH
        case CustodyRefused():
            yield Sort.CUSTODY
        case _:
            pass
    if isinstance(fact, EvidenceRecorded | EvidenceCorrected) and is_late(entry):
        yield Sort.LATE


def codes_read(entry: Entry) -> tuple[Means, ...]:
    """How each code of an entry got into the record."""
    match entry.fact:
        case EvidenceRecorded(value=Scanned() as value) | EvidenceCorrected(value=Scanned() as value):
            return (value.means,)
        case SampleReceived(means=means) | CustodyTaken(means=means):
            return (means,)
        case IdentityMatched() as fact:
            return fact.wristband_means, fact.product_means, fact.order_means
        case _:
            return ()


def is_typed(entry: Entry) -> bool:
    """A code was typed that is meant to be scanned."""
    return Means.TYPED in codes_read(entry)


def is_late(entry: Entry) -> bool:
    """The entry was made after its window, with a reason."""
    fact = entry.fact
    value = fact.value if isinstance(fact, EvidenceRecorded | EvidenceCorrected) else None
    return isinstance(value, Moment) and value.late


def _place(entry: Entry) -> tuple[str | None, str | None]:
    return getattr(entry.fact, "step", None), getattr(entry.fact, "slot", None)


def _review_of(batch: BatchRecord, entry: Entry) -> Entry | None:
    """The record review that has seen an entry."""
    reviews = (item for item in batch.entries if isinstance(item.fact, RecordReviewed))
    return next((item for item in reviews if _through(item) >= entry.seq), None)


def _through(review: Entry) -> int:
    return review.fact.through_seq if isinstance(review.fact, RecordReviewed) else 0


def _seen(batch: BatchRecord, entry: Entry) -> Standing:
    return Standing.DECIDED if _review_of(batch, entry) else Standing.TO_SEE
