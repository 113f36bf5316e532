"""What the system computes by itself: calculations, in-process controls, hold times, label balances.

Nothing here can be typed. Whatever an entry makes computable is entered in the same act, and what a correction
changes is computed again, with before and after on file.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from lims.domain.batch_fold import fold_on
from lims.domain.batch_record import BatchRecord
from lims.domain.deviations import from_evidence
from lims.domain.entries.batch import (
    EvidenceCorrected,
    EvidenceRecorded,
    LabelAccounted,
    LabelsPrinted,
)
from lims.domain.entries.envelope import SYSTEM, Draft, Entry
from lims.domain.entries.values import (
    Branched,
    Calculated,
    Controlled,
    Elapsed,
    Judged,
    Labelled,
    Stretch,
    TotalTime,
    Value,
)
from lims.domain.formulas import FormulaError, formula
from lims.domain.limits import Standing, assess
from lims.domain.master_batch_record import (
    AnySlot,
    BranchSlot,
    CalculationSlot,
    HoldTimeSlot,
    InProcessControlSlot,
    LabelBalanceSlot,
    LabelSlot,
    NumberSlot,
    TotalTimeSlot,
    Verdict,
)
from lims.domain.quantities import round_half_up
from lims.domain.refusals import Refused
from lims.domain.time_limits import HoldVerdict, hold_time
from lims.domain.yields import from_yields

STANDINGS = {
    Standing.NO_LIMIT: Judged.UNJUDGED,
    Standing.WITHIN: Judged.WITHIN,
    Standing.ALERT: Judged.ALERT,
    Standing.OUTSIDE: Judged.OUTSIDE,
}


CHANGES = (EvidenceRecorded, EvidenceCorrected, LabelsPrinted, LabelAccounted)
"""Facts about a slot that can change what is computed from it."""


def is_computed(slot: AnySlot) -> bool:
    """Nobody fills the slot: the system works it out when what it is made of is on file."""
    if isinstance(slot, BranchSlot):
        return slot.of is not None
    return isinstance(
        slot, CalculationSlot | InProcessControlSlot | HoldTimeSlot | TotalTimeSlot | LabelBalanceSlot
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """A computed value with its verdict and the limit it was held against."""

    value: Value
    judged: Judged
    limit: str | None


def with_drafts(
    batch: BatchRecord, drafts: Sequence[Draft], *, now: datetime, person: str = SYSTEM
) -> BatchRecord:
    """The record as it would be with these entries; nothing is stored."""
    provisional = [
        Entry(
            stream=batch.stream,
            seq=batch.seq + at,
            time=now,
            person=person,
            role="",
            station="",
            act="",
            request=None,
            relied_on=(),
            fact=draft.fact,
            hash="",
        )
        for at, draft in enumerate((d for d in drafts if d.stream == batch.stream), start=1)
    ]
    return fold_on(batch, provisional)


def cascade(batch: BatchRecord, drafts: Sequence[Draft], *, now: datetime) -> tuple[Draft, ...]:
    """Every computed slot that these entries make computable in the open step, or change anywhere.

    And the deviation of each yield that they bring outside its limit.
    """
    added: list[Draft] = []
    after = with_drafts(batch, drafts, now=now)
    while fresh := _next(after, (*drafts, *added)):
        added += fresh
        after = with_drafts(after, fresh, now=now)
    return (*added, *from_yields(after, _changed((*drafts, *added))))


def _changed(drafts: Sequence[Draft]) -> set[str]:
    """The slots that these entries give a value, as `step.slot`."""
    return {f"{draft.fact.step}.{draft.fact.slot}" for draft in drafts if isinstance(draft.fact, CHANGES)}


def _next(batch: BatchRecord, drafts: Sequence[Draft]) -> list[Draft]:
    current = batch.current
    changed = _changed(drafts)
    for step in batch.plan:
        for slot in step.evidence:
            if not (is_computed(slot) or isinstance(slot, LabelSlot)):
                continue
            on_file = batch.slots.get((step.code, slot.code))
            if on_file is None and (current is None or step.code != current.code):
                continue
            if on_file is not None and not _is_touched(step.code, slot, changed):
                continue
            computed = compute(batch, step.code, slot)
            if computed is None or (on_file and on_file.value == computed.value):
                continue
            fact: EvidenceRecorded | EvidenceCorrected
            if on_file is None:
                fact = EvidenceRecorded(
                    step=step.code,
                    slot=slot.code,
                    value=computed.value,
                    judged=computed.judged,
                    limit=computed.limit,
                )
            else:
                fact = EvidenceCorrected(
                    step=step.code,
                    slot=slot.code,
                    replaces_seq=on_file.last.seq,
                    value=computed.value,
                    judged=computed.judged,
                    limit=computed.limit,
                    reason_code="recalculated",
                    reason=None,
                )
            found = [Draft(stream=batch.stream, fact=fact)]
            if computed.judged.opens_deviation:
                found += from_evidence(batch, fact, drafts=())
            return found
    return []


def sources(slot: AnySlot) -> Iterator[str]:
    """Everything on file that a computed slot is made of: step.slot, or step.slot.field of a count."""
    match slot:
        case CalculationSlot():
            yield from (item.source for item in slot.inputs if item.source is not None)
        case InProcessControlSlot():
            yield slot.of
        case BranchSlot() if slot.of is not None:
            yield slot.of
        case HoldTimeSlot():
            yield from (slot.since, slot.until)
        case TotalTimeSlot():
            for span in slot.spans:
                yield from (part for part in (span.since, span.until, span.reading) if part is not None)
        case _:
            return


def _is_touched(step: str, slot: AnySlot, changed: Collection[str]) -> bool:
    """What changed can have made the slot's value another one."""
    if isinstance(slot, LabelBalanceSlot):
        return True
    if isinstance(slot, LabelSlot):
        return f"{step}.{slot.code}" in changed
    return any(".".join(source.split(".")[:2]) in changed for source in sources(slot))


def compute(batch: BatchRecord, step: str, slot: AnySlot) -> Computed | None:
    """The value of a computed slot now; none while something that it is made of is missing."""
    match slot:
        case CalculationSlot():
            return _calculation(batch, slot)
        case InProcessControlSlot():
            return _control(batch, slot)
        case HoldTimeSlot():
            return _elapsed(batch, slot)
        case LabelSlot():
            balance = batch.label_balance(step, slot.code)
            accounted = balance.applied + balance.attached + balance.destroyed
            whole = balance.printed > 0 and accounted == balance.printed
            return Computed(value=balance, judged=Judged.WITHIN, limit=None) if whole else None
        case LabelBalanceSlot():
            return _whole_balance(batch)
        case TotalTimeSlot():
            return _total_time(batch, slot)
        case BranchSlot() if slot.of:
            return _branch(batch, slot, slot.of)
        case _:
            return None


def _calculation(batch: BatchRecord, slot: CalculationSlot) -> Computed | None:
    inputs: list[tuple[str, Decimal]] = []
    for item in slot.inputs:
        known = item.constant if item.source is None else batch.number_at(item.source)
        if known is None:
            return None
        inputs.append((item.name, known))
    try:
        exact = formula(slot.formula).evaluate(dict(inputs))
    except FormulaError as fault:
        raise Refused(f"formula.{fault.fault.value}", **fault.params) from None
    assessment = assess(exact, limit=slot.limit, alert=slot.alert)
    judged = STANDINGS[assessment.standing]
    limit = slot.limit or slot.alert
    value = Calculated(
        formula=slot.formula,
        formula_version=slot.formula_version,
        inputs=tuple(inputs),
        unit=slot.unit,
        decimals=slot.decimals,
        exact=exact,
        value=round_half_up(exact, slot.decimals),
    )
    return Computed(value=value, judged=judged, limit=limit.shown() if limit else None)


def _control(batch: BatchRecord, slot: InProcessControlSlot) -> Computed | None:
    found = batch.number_at(slot.of)
    if found is None:
        return None
    for band in slot.bands:
        judgement = band.limit.judge(found)
        if judgement.is_within:
            judged = {
                Verdict.GO: Judged.WITHIN,
                Verdict.QA_DECIDES: Judged.QA_DECIDES,
                Verdict.STOP: Judged.STOP,
            }[band.verdict]
            value = Controlled(value=judgement.compared, unit=slot.unit, verdict=band.verdict.value)
            return Computed(value=value, judged=judged, limit=slot.bands[0].limit.shown())
    value = Controlled(value=found, unit=slot.unit, verdict=Verdict.STOP.value)
    return Computed(value=value, judged=Judged.STOP, limit=slot.bands[0].limit.shown())


def _elapsed(batch: BatchRecord, slot: HoldTimeSlot) -> Computed | None:
    since, until = batch.moment_at(slot.since), batch.moment_at(slot.until)
    if since is None or until is None:
        return None
    if until < since:
        raise Refused("time.order", slot=slot.title.en)
    stop = timedelta(minutes=slot.stop_minutes) if slot.stop_minutes is not None else None
    held = hold_time(since=since, until=until, most=timedelta(minutes=slot.most_minutes), stop=stop)
    judged = {
        HoldVerdict.WITHIN: Judged.WITHIN,
        HoldVerdict.OVER: Judged.OUTSIDE,
        HoldVerdict.STOP: Judged.STOP,
    }[held.verdict]
    value = Elapsed(since=since, until=until, seconds=int(held.elapsed.total_seconds()))
    return Computed(value=value, judged=judged, limit=f"≤ {slot.most_minutes} min")


def _whole_balance(batch: BatchRecord) -> Computed | None:
    """Printed labels of the whole batch against their fates; none while one of them is unaccounted for (F17)."""
    fates = [label.fate for label in batch.labels.values()]
    if not fates or None in fates:
        return None
    value = Labelled(
        printed=len(fates),
        applied=fates.count("applied"),
        attached=fates.count("attached"),
        destroyed=fates.count("destroyed"),
    )
    return Computed(value=value, judged=Judged.WITHIN, limit=None)


def _total_time(batch: BatchRecord, slot: TotalTimeSlot) -> Computed | None:
    stretches = []
    for span in slot.spans:
        since, until = batch.moment_at(span.since), batch.moment_at(span.until)
        counted = _in_band(batch, span.reading) if span.reading else True
        if since is None or until is None or counted is None:
            return None
        if until < since:
            raise Refused("time.order", slot=slot.title.en)
        stretches.append(Stretch(since=since, until=until, counted=counted))
    passed = sum((item.until - item.since for item in stretches if item.counted), timedelta())
    value = TotalTime(stretches=tuple(stretches), seconds=int(passed.total_seconds()))
    hours = Decimal(value.seconds) / 3600
    assessment = assess(hours, limit=slot.limit)
    limit = slot.limit.shown() if slot.limit else None
    return Computed(value=value, judged=STANDINGS[assessment.standing], limit=limit)


def _in_band(batch: BatchRecord, reading: str) -> bool | None:
    """The reading kept its limit; none while it is not on file."""
    step, code = reading.split(".")[:2]
    slot, number = batch.slot_of(step, code), batch.number_at(reading)
    if number is None or not isinstance(slot, NumberSlot):
        return None
    return slot.limit is None or slot.limit.judge(number).is_within


def _branch(batch: BatchRecord, slot: BranchSlot, of: str) -> Computed | None:
    found = batch.number_at(of)
    if found is None:
        return None
    way = next((way for way in slot.ways if way.limit and way.limit.judge(found).is_within), None)
    if way is None or way.limit is None:
        raise Refused("branch.no_way", slot=slot.title.en)
    value = Branched(way=way.code, value=found, unit=slot.unit)
    return Computed(
        value=value, judged=Judged.WITHIN if way.acceptable else Judged.OUTSIDE, limit=way.limit.shown()
    )
