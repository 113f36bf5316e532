"""What quality must look at in a batch: every exception, computed from the record and never entered by hand."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lims.domain.acts import ALIVE
from lims.domain.batch_record import BatchRecord
from lims.domain.canonical import tagged_hash
from lims.domain.control_chart import Trend
from lims.domain.entries.batch import (
    CustodyRefused,
    CustodyTaken,
    DeviationOpened,
    EvidenceCorrected,
    EvidenceRecorded,
    HoldLifted,
    HoldPlaced,
    IdentityMatched,
    IdentityMismatched,
    LabelsPrinted,
    OperationAdded,
    RecordReviewed,
    SampleReceived,
    StepSentBack,
    StepVerified,
)
from lims.domain.entries.envelope import Entry
from lims.domain.entries.keys import ActRefused, ClockCorrected, ClockCorrectionProposed
from lims.domain.entries.masters import MasterApproved, MasterRetired
from lims.domain.entries.trial import AllocationRecorded, ConsentRecorded, ConsentWithdrawn
from lims.domain.entries.values import Means, Moment, Scanned
from lims.domain.exception_classes import Class, class_of
from lims.domain.master_batch_record import SecondPerson


class Sort(StrEnum):
    """How an exception is on file, and so how it is answered; what it is an exception of is its `Class`."""

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
    UNVERIFIED = "unverified"
    """A step that work went on from before a second person had verified it."""
    VOIDED = "voided"
    """A verification that a correction made void."""
    OPERATION = "operation"
    """An operation that the master batch record did not plan."""
    TREND = "trend"
    """A result in its specification and out of its trend."""
    CONSENT = "consent"
    """Consent or arm changed while the batch was under way."""
    VERSION = "version"
    """Another version of the master batch record was approved, or this one retired, meanwhile."""
    CLOCK = "clock"
    """The server's clock was found to stand back."""
    REFUSED = "refused"
    """Acts that a rule refused: they changed nothing, and somebody tried."""


_CLASSES = {
    Sort.RESULT: Class.RESULT,
    Sort.HOLD: Class.HOLD,
    Sort.LABELS: Class.LABELS,
    Sort.MISMATCH: Class.IDENTITY,
    Sort.TYPED: Class.TYPED,
    Sort.LATE: Class.LATE,
    Sort.CORRECTION: Class.CORRECTION,
    Sort.SENT_BACK: Class.VERIFICATION,
    Sort.REPRINT: Class.LABELS,
    Sort.CUSTODY: Class.CUSTODY,
    Sort.UNVERIFIED: Class.VERIFICATION,
    Sort.VOIDED: Class.SIGNATURE,
    Sort.OPERATION: Class.TEMPLATE,
    Sort.TREND: Class.RESULT,
    Sort.CONSENT: Class.CONSENT,
    Sort.VERSION: Class.TEMPLATE,
    Sort.CLOCK: Class.CLOCK,
}
"""The class of every sort that has one of its own; deviations and refused acts have that of their rule."""


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
    times: int = 1
    """How often the same act was refused by the same rule."""
    trends: tuple[Trend, ...] = ()

    @property
    def classed(self) -> Class:
        """What it is an exception of."""
        match self.entry.fact:
            case DeviationOpened(rule=rule) | ActRefused(rule=rule):
                return class_of(rule)
            case _:
                return _CLASSES[self.sort]

    @property
    def key(self) -> str:
        """How a link names it."""
        return f"{self.sort.value}-{self.entry.seq}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is on file beside the batch's own record and can be an exception of it."""

    refusals: tuple[Entry, ...] = ()
    """Acts on the batch that were refused."""
    participant: tuple[Entry, ...] = ()
    system: tuple[Entry, ...] = ()
    master: tuple[Entry, ...] = ()
    trends: Mapping[str, tuple[Trend, ...]] = field(default_factory=dict)
    """By test, what is out of trend with the batch's result."""


NOTHING_AROUND = Around()
ORDER = {sort: place for place, sort in enumerate(Sort)}
STANDINGS = {standing: place for place, standing in enumerate(Standing)}


def exceptions_of(batch: BatchRecord, around: Around = NOTHING_AROUND) -> tuple[ExceptionFound, ...]:
    """Every exception of the batch, those that wait first, then in the order of the list and of the record."""
    found = [
        *_deviations(batch),
        *_results(batch),
        *_holds(batch),
        *_labels(batch),
        *_unverified(batch),
        *_in_entries(batch),
        *_trends(batch, around.trends),
        *_beside(batch, around),
        *_refused(batch, around.refusals),
    ]
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


def _unverified(batch: BatchRecord) -> Iterator[ExceptionFound]:
    """Steps that still wait for their second person although a later step has begun."""
    later = False
    for step in reversed(batch.production):
        record = batch.steps.get(step.code)
        if later and record and record.confirmed and not record.verified:
            if step.second_person is SecondPerson.REVIEW:
                yield ExceptionFound(
                    sort=Sort.UNVERIFIED, standing=Standing.OPEN, entry=record.confirmed, step=step.code
                )
        later = later or record is not None


def _in_entries(batch: BatchRecord) -> Iterator[ExceptionFound]:
    """Exceptions that are one entry each, and that a record review answers."""
    before: dict[tuple[str, str], Entry] = {}
    verified: set[str] = set()
    for entry in batch.entries:
        for sort in _sorts(entry, verified):
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
        match entry.fact:
            case EvidenceRecorded() | EvidenceCorrected() as fact:
                before[fact.step, fact.slot] = entry
                verified.discard(fact.step)
            case StepVerified() as fact:
                verified.add(fact.step)
            case _:
                pass


def _sorts(entry: Entry, verified: set[str]) -> Iterator[Sort]:
    """The sorts of one entry; `verified` are the steps that were verified when it came."""
    fact = entry.fact
    if is_typed(entry):
        yield Sort.TYPED
    match fact:
        case EvidenceCorrected():
            yield Sort.CORRECTION
            if fact.step in verified:
                yield Sort.VOIDED
        case OperationAdded():
            yield Sort.OPERATION
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


def _trends(batch: BatchRecord, trends: Mapping[str, tuple[Trend, ...]]) -> Iterator[ExceptionFound]:
    for test, found in trends.items():
        result = batch.result_of(batch.master.test(test))
        if result and found:
            entry = result.review or result.entry
            yield ExceptionFound(
                sort=Sort.TREND,
                standing=_seen(batch, entry),
                entry=result.entry,
                code=test,
                decided=_review_of(batch, entry),
                trends=found,
            )


def _beside(batch: BatchRecord, around: Around) -> Iterator[ExceptionFound]:
    """What changed around the batch after it was issued: consent and arm, the master batch record, the clock."""
    wanted = (
        (Sort.CONSENT, around.participant, ConsentRecorded | ConsentWithdrawn | AllocationRecorded),
        (Sort.VERSION, around.master, MasterApproved | MasterRetired),
        (Sort.CLOCK, around.system, ClockCorrectionProposed | ClockCorrected),
    )
    issued, last = batch.entries[0].time, batch.entries[-1].time
    under_way = batch.stage in ALIVE
    for sort, entries, kinds in wanted:
        for entry in entries:
            if isinstance(entry.fact, kinds) and entry.time > issued and (under_way or entry.time <= last):
                yield ExceptionFound(
                    sort=sort,
                    standing=_seen(batch, entry),
                    entry=entry,
                    decided=_review_of(batch, entry),
                )


def _refused(batch: BatchRecord, refusals: tuple[Entry, ...]) -> Iterator[ExceptionFound]:
    """One exception for each act and rule: the last time, and how often."""
    met: dict[tuple[str, str], list[Entry]] = {}
    for entry in refusals:
        if isinstance(entry.fact, ActRefused):
            met.setdefault((entry.act, entry.fact.rule), []).append(entry)
    for entries in met.values():
        yield ExceptionFound(
            sort=Sort.REFUSED,
            standing=_seen(batch, entries[-1]),
            entry=entries[-1],
            code=entries[-1].act,
            decided=_review_of(batch, entries[-1]),
            times=len(entries),
        )


def digest_beside(batch: BatchRecord, found: Iterable[ExceptionFound]) -> str:
    """What a page of exceptions showed that is not in the batch's own record: 64 hex digits, equal for equal lists."""
    beside = (item for item in found if item.entry.stream != batch.stream)
    told = sorted(f"{item.entry.stream} {item.entry.seq} {item.times}" for item in beside)
    return tagged_hash("lims/beside/1", *told)


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
    """The record review that has seen an entry of the batch, or was signed after an entry beside it."""
    reviews = (item for item in batch.entries if isinstance(item.fact, RecordReviewed))
    if entry.stream != batch.stream:
        return next((item for item in reviews if item.time >= entry.time), None)
    return next((item for item in reviews if _through(item) >= entry.seq), None)


def _through(review: Entry) -> int:
    return review.fact.through_seq if isinstance(review.fact, RecordReviewed) else 0


def _seen(batch: BatchRecord, entry: Entry) -> Standing:
    return Standing.DECIDED if _review_of(batch, entry) else Standing.TO_SEE
