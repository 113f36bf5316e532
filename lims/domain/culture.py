"""Confirming, verifying and sending back a step; labels of the culture and of the product."""

from collections.abc import Sequence
from datetime import datetime

from lims.domain.batch_record import BatchRecord, StepRecord
from lims.domain.computing import cascade
from lims.domain.deviations import check_qa_first
from lims.domain.entries.batch import (
    LabelAccounted,
    LabelsPrinted,
    OperationAdded,
    StepConfirmed,
    StepSentBack,
    StepVerified,
)
from lims.domain.entries.envelope import Detached, Draft
from lims.domain.evidence import check_by_hand, check_order
from lims.domain.master_batch_record import LabelSlot, SecondPerson, Step
from lims.domain.refusals import BadEntry, NotAllowed, Reason, Refused, Unmet

FATES = ("applied", "attached", "destroyed")


def missing(batch: BatchRecord, step: Step) -> tuple[Reason, ...]:
    """What a step still needs before it can be confirmed, one reason each; the waiting button reads these."""
    return tuple(
        Reason(rule="step.missing", about=(("step", step.code), ("what", slot.title.en), ("slot", slot.code)))
        for slot in step.evidence
        if slot.required and not batch.is_filled(step.code, slot)
    )


def confirm(batch: BatchRecord, code: str, *, person: str, now: datetime) -> tuple[Draft, ...]:
    """The performer stands behind a step: everything is on file and no decision of quality is missing."""
    step = check_order(batch, code)
    check_by_hand(step)
    if batch.is_confirmed(code):
        raise Refused("step.done", step=code)
    if lacking := missing(batch, step):
        what = ", ".join(dict(reason.about)["what"] for reason in lacking)
        raise Unmet("step.missing", lacking, step=code, what=what)
    check_qa_first(batch, (code,))
    if left := sum(label.step == code and label.fate is None for label in batch.labels.values()):
        raise Refused("label.unbalanced", left=left)
    if person in batch.steps.get(code, StepRecord()).seconds:
        raise NotAllowed("step.performer_verifies")
    draft = Draft(stream=batch.stream, fact=StepConfirmed(step=code))
    return (draft, *cascade(batch, [draft], now=now))


def verify(batch: BatchRecord, code: str, *, person: str, seen_seq: int) -> tuple[Draft, ...]:
    """A second person checked the recorded step as it stands (I1); refused if it changed since it was opened."""
    step, record = _to_verify(batch, code, person)
    if seen_seq != record.last_seq:
        raise Refused("step.stale")
    return (Draft(stream=batch.stream, fact=StepVerified(step=step.code, through_seq=seen_seq)),)


def send_back(batch: BatchRecord, code: str, *, person: str, reason: Detached | None) -> tuple[Draft, ...]:
    """The second person does not agree: the step opens again for its performer."""
    step, _ = _to_verify(batch, code, person)
    if reason is None:
        raise BadEntry("text.empty", field="reason", least=1)
    return (Draft(stream=batch.stream, fact=StepSentBack(step=step.code, reason=reason)),)


def _to_verify(batch: BatchRecord, code: str, person: str) -> tuple[Step, StepRecord]:
    step = next((item for item in batch.plan if item.code == code), None)
    record = batch.steps.get(code, StepRecord())
    if step is None or step.second_person is not SecondPerson.REVIEW:
        raise Refused("step.unknown", what=code)
    if record.confirmed is None:
        raise Refused("step.not_confirmed", step=code)
    if record.verified is not None:
        raise Refused("step.verified", step=code)
    if person in record.performers:
        raise NotAllowed("step.performer_verifies")
    return step, record


def add_operation(batch: BatchRecord, operation: str, *, reason: Detached | None) -> tuple[Draft, ...]:
    """An operation that nobody planned is put before the step that the batch stands at (S88-6)."""
    if operation not in {step.code for step in batch.master.operations}:
        raise BadEntry("operation.unknown", field="operation")
    if reason is None:
        raise BadEntry("text.empty", field="reason", least=1)
    current = batch.current
    if current is None or current.done_by is not None:
        raise Refused("operation.not_now")
    earlier = sum(
        isinstance(entry.fact, OperationAdded) and entry.fact.operation == operation
        for entry in batch.operations
    )
    fact = OperationAdded(
        operation=operation, step=f"{operation}_{earlier + 1}", before=current.code, reason=reason
    )
    return (Draft(stream=batch.stream, fact=fact),)


def to_verify(batch: BatchRecord) -> tuple[Step, ...]:
    """Steps that wait for a second person."""
    return tuple(
        step
        for step in batch.plan
        if step.second_person is SecondPerson.REVIEW
        and batch.is_confirmed(step.code)
        and batch.steps[step.code].verified is None
    )


def labels_to_print(
    batch: BatchRecord, code: str, slot_code: str, *, reason_code: str | None, container: str = ""
) -> tuple[tuple[str, int], ...]:
    """For each container of the slot its code and how many labels; a reprint is one, of one container (G-125)."""
    check_order(batch, code)
    slot = _label_slot(batch, code, slot_code)
    if batch.is_confirmed(code):
        raise Refused("step.done", step=code)
    again = batch.label_balance(code, slot_code).printed > 0
    if again and not reason_code:
        raise BadEntry("label.printed", field="reason_code")
    label = next(item for item in batch.master.labels if item.code == slot.label)
    found = [known for known, item in batch.containers.items() if item.container == label.container]
    if not again:
        return tuple((known, slot.copies) for known in found)
    wanted = container or (found[0] if len(found) == 1 else "")
    if wanted not in found:
        raise BadEntry("choice.unknown", field="container")
    return ((wanted, 1),)


def print_labels(
    batch: BatchRecord,
    code: str,
    slot_code: str,
    *,
    wanted: Sequence[tuple[str, int]],
    serials: Sequence[str],
    reason_code: str | None,
) -> tuple[Draft, ...]:
    """Labels are printed, each with its own serial: one entry for each container."""
    slot, left = _label_slot(batch, code, slot_code), list(serials)
    drafts = []
    for container, copies in wanted:
        own, left = left[:copies], left[copies:]
        fact = LabelsPrinted(
            step=code,
            slot=slot_code,
            label=slot.label,
            container_code=container,
            serials=tuple(own),
            reason_code=reason_code,
        )
        drafts.append(Draft(stream=batch.stream, fact=fact))
    return tuple(drafts)


def account_label(
    batch: BatchRecord, code: str, slot_code: str, *, serial: str, fate: str, now: datetime
) -> tuple[Draft, ...]:
    """What became of one printed label; when all are accounted for, the balance is on file (I9, F17)."""
    _label_slot(batch, code, slot_code)
    label = batch.labels.get(serial)
    if label is None or (label.step, label.slot) != (code, slot_code):
        raise Refused("label.unknown")
    if label.fate is not None:
        raise Refused("label.accounted", fate=label.fate)
    if fate not in FATES:
        raise BadEntry("choice.unknown", field="fate")
    draft = Draft(
        stream=batch.stream, fact=LabelAccounted(step=code, slot=slot_code, serial=serial, fate=fate)
    )
    return (draft, *cascade(batch, [draft], now=now))


def _label_slot(batch: BatchRecord, code: str, slot_code: str) -> LabelSlot:
    slot = batch.slot_of(code, slot_code)
    if not isinstance(slot, LabelSlot):
        raise Refused("step.unknown", what=f"{code}.{slot_code}")
    return slot
