"""Recording evidence: what a slot takes, how the system judges it at entry, and what it computes from it."""

from datetime import datetime

from lims.domain.batch_record import BatchRecord, StepRecord
from lims.domain.computing import cascade
from lims.domain.deviations import check_qa_first, from_evidence
from lims.domain.entries.batch import EvidenceCorrected, EvidenceRecorded, SampleTaken
from lims.domain.entries.envelope import Draft, Fact, Reliance
from lims.domain.entries.supply import EquipmentUsed
from lims.domain.entries.values import (
    Branched,
    Choice,
    Counts,
    Moment,
    Number,
    Scanned,
    Value,
)
from lims.domain.master_batch_record import (
    AnySlot,
    BranchSlot,
    ChoiceSlot,
    CountsSlot,
    FileSlot,
    NumberSlot,
    PhotoSlot,
    SampleSlot,
    ScanEquipmentSlot,
    ScanLocationSlot,
    ScanMaterialSlot,
    SecondPersonSlot,
    Step,
    TextSlot,
    TimeSlot,
)
from lims.domain.materials import use
from lims.domain.readings import Asked, Found, check_not_foreign, read_value
from lims.domain.refusals import BadEntry, NotAllowed, Refused, Stale


def record(batch: BatchRecord, asked: Asked, found: Found, *, now: datetime) -> tuple[Draft, ...]:
    """The entries that fill a slot: the evidence, what it takes from stock, what it makes computable, deviations.

    Refuses out of order, a filled slot, a wrong code or an unreadable value. A value outside its limit is not
    refused: it stays on file and opens a deviation (DI-6).
    """
    # Before any other reason: whoever holds another batch's container is stopped, and its code goes into no message.
    check_not_foreign(found)
    step = _open_step(batch, asked.step)
    slot = _slot(batch, asked)
    _check_not_second(batch, asked, slot)
    on_file = batch.slots.get((asked.step, asked.slot))
    if on_file is not None and batch.is_filled(asked.step, slot):
        raise Stale(
            "slot.filled",
            yours=asked.given.raw or asked.given.option,
            on_file=shown(on_file.value),
            slot=slot.title.en,
            who=on_file.last.person,
            when=on_file.last.time.isoformat(timespec="seconds"),
        )
    value, judged, limit = read_value(batch, step, slot, asked, found, now=now)
    fact = EvidenceRecorded(step=asked.step, slot=asked.slot, value=value, judged=judged, limit=limit)
    drafts = [Draft(stream=batch.stream, fact=fact, relied_on=relied_on(found))]
    drafts += _uses(batch, slot, asked, found, value, now=now)
    if judged.opens_deviation:
        drafts += from_evidence(batch, fact, drafts=drafts)
    return (*drafts, *cascade(batch, drafts, now=now))


def correct(
    batch: BatchRecord,
    asked: Asked,
    *,
    now: datetime,
    replaces_seq: int,
    reason_code: str,
) -> tuple[Draft, ...]:
    """A later value for a slot, with a reason; what is computed from it is computed again (screens 2.7).

    Refuses identities (only a deviation can say that the wrong thing was scanned), computed slots, a value that
    someone else changed meanwhile, and a correction without a reason.
    """
    step = next((s for s in batch.plan if s.code == asked.step), None)
    slot = _slot(batch, asked)
    on_file = batch.slots.get((asked.step, asked.slot))
    if step is None or on_file is None:
        raise Refused("slot.empty", slot=slot.title.en)
    _check_not_second(batch, asked, slot)
    if not is_correctable(slot):
        raise Refused("slot.identity")
    if on_file.last.seq != replaces_seq:
        raise Stale(
            "slot.filled",
            yours=asked.given.raw or asked.given.option,
            on_file=shown(on_file.value),
            slot=slot.title.en,
            who=on_file.last.person,
            when=on_file.last.time.isoformat(timespec="seconds"),
        )
    if not reason_code or (reason_code == "other" and asked.given.reason is None):
        raise BadEntry("correction.reason", field="reason_code")
    value, judged, limit = read_value(batch, step, slot, asked, Found(), now=now)
    if value == on_file.value:
        raise Refused("slot.same")
    fact = EvidenceCorrected(
        step=asked.step,
        slot=asked.slot,
        replaces_seq=replaces_seq,
        value=value,
        judged=judged,
        limit=limit,
        reason_code=reason_code,
        reason=asked.given.reason,
    )
    drafts = [Draft(stream=batch.stream, fact=fact)]
    if judged.opens_deviation:
        drafts += from_evidence(batch, fact, drafts=drafts)
    return (*drafts, *cascade(batch, drafts, now=now))


def is_correctable(slot: AnySlot) -> bool:
    """What was measured, chosen, written or attached; an identity and a computed value are not (screens 2.7)."""
    if isinstance(slot, BranchSlot):
        return slot.of is None
    return isinstance(slot, NumberSlot | ChoiceSlot | TextSlot | TimeSlot | CountsSlot | PhotoSlot | FileSlot)


def check_order(batch: BatchRecord, code: str) -> Step:
    """The step, if everything before it is confirmed and no decision of quality is missing (11.10(f))."""
    if (wanted := batch.step(code)) is None:
        raise Refused("step.not_asked" if _is_known(batch, code) else "step.unknown", what=code)
    current = batch.current
    if current is not None and batch.plan.index(current) < batch.plan.index(wanted):
        raise Refused("step.not_yet", step=code, before=current.code)
    check_qa_first(batch, batch.earlier_than(code))
    return wanted


def _is_known(batch: BatchRecord, code: str) -> bool:
    return any(step.code == code for step in batch.master.steps)


def check_by_hand(step: Step) -> None:
    """A step that another act brings about is never recorded by hand."""
    if step.done_by is not None:
        raise Refused("step.done_by", step=step.code, what=step.done_by.value)


def _open_step(batch: BatchRecord, code: str) -> Step:
    step = check_order(batch, code)
    check_by_hand(step)
    if batch.is_confirmed(code):
        raise Refused("step.done", step=code)
    return step


def _check_not_second(batch: BatchRecord, asked: Asked, slot: AnySlot) -> None:
    """Who stood by as second person, or checked the step, cannot put their own hand to it afterwards (I1)."""
    if isinstance(slot, SecondPersonSlot):
        return
    if asked.person in batch.steps.get(asked.step, StepRecord()).seconds:
        raise NotAllowed("step.second_performs")


def _slot(batch: BatchRecord, asked: Asked) -> AnySlot:
    slot = batch.slot_of(asked.step, asked.slot)
    if slot is None:
        raise Refused("step.unknown", what=f"{asked.step}.{asked.slot}")
    return slot


def relied_on(found: Found) -> tuple[Reliance, ...]:
    """Where the facts that were copied from a lot or an equipment item stand."""
    last = (found.lot and found.lot.last) or (found.equipment and found.equipment.last)
    return (last.reference,) if last else ()


def shown(value: Value) -> str:
    """A value in a few characters, for a message that names it."""
    match value:
        case Number():
            return f"{value.raw} {value.unit}"
        case Scanned():
            return value.name
        case Choice():
            return value.option
        case Branched():
            return value.way
        case Moment():
            return value.at.isoformat(timespec="minutes")
        case Counts():
            return ", ".join(f"{count.live}/{count.dead}" for count in value.counts)
        case _:
            return value.sort


def _uses(
    batch: BatchRecord, slot: AnySlot, asked: Asked, found: Found, value: Value, *, now: datetime
) -> list[Draft]:
    """What recording takes from stock, or writes into another thing's log."""
    fact: Fact
    match slot:
        case ScanMaterialSlot() if found.lot:
            at = {"batch": batch.number, "step": asked.step, "slot": asked.slot}
            return list(use(found.lot, **at, amount=slot.amount, now=now))
        case ScanEquipmentSlot() | ScanLocationSlot() if found.equipment:
            fact = EquipmentUsed(
                batch=batch.number, step=asked.step, used_at=now, participant=batch.issue.participant
            )
            return [Draft(stream=found.equipment.stream, fact=fact)]
        case SampleSlot():
            fact = SampleTaken(sample=slot.sample, code=asked.given.raw)
            return [Draft(stream=batch.stream, fact=fact)]
        case _:
            return []
