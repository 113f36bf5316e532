"""Operations that nobody planned: a step of the master batch record's list, put into a running batch with a reason."""

from collections.abc import Callable
from dataclasses import replace

from lims.domain.master_batch_record import (
    AnySlot,
    BranchSlot,
    CalculationSlot,
    HoldTimeSlot,
    InProcessControlSlot,
    Step,
    TotalTimeSlot,
)


def instance(operation: Step, code: str) -> Step:
    """The operation as a step of its own: what it says about its own values means this run of it."""

    def own(reference: str) -> str:
        step, dot, rest = reference.partition(".")
        return f"{code}{dot}{rest}" if step == operation.code else reference

    return replace(operation, code=code, evidence=tuple(_slot(slot, own) for slot in operation.evidence))


def _slot(slot: AnySlot, own: Callable[[str], str]) -> AnySlot:
    match slot:
        case CalculationSlot():
            inputs = tuple(
                replace(item, source=own(item.source) if item.source else None) for item in slot.inputs
            )
            return replace(slot, inputs=inputs)
        case InProcessControlSlot():
            return replace(slot, of=own(slot.of))
        case BranchSlot() if slot.of:
            return replace(slot, of=own(slot.of))
        case HoldTimeSlot():
            return replace(slot, since=own(slot.since), until=own(slot.until))
        case TotalTimeSlot():
            spans = tuple(
                replace(
                    span,
                    since=own(span.since),
                    until=own(span.until),
                    reading=span.reading and own(span.reading),
                )
                for span in slot.spans
            )
            return replace(slot, spans=spans)
        case _:
            return slot
