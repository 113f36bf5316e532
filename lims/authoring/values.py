"""Where the values of a master batch record come from: every number a later step can refer to, and its unit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lims.authoring.findings import Place
from lims.domain.master_batch_record import (
    AnySlot,
    CalculationSlot,
    CountsSlot,
    HoldTimeSlot,
    MasterBatchRecord,
    NumberSlot,
    Step,
    TotalTimeSlot,
)

Position = tuple[int, int]
"""Step number and slot number, both from 0: what is lower is on file earlier."""

COUNT_FIELDS: Mapping[str, str] = {
    "concentration": "cells/mL",
    "viability": "%",
    "cv": "%",
    "live": "cells",
    "dead": "cells",
    "first": "cells/mL",
    "second": "cells/mL",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedStep:
    """A step, its number over all stages, and where it stands in the file."""

    step: Step
    number: int
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedSlot:
    """An evidence slot, its position in the batch, and where it stands in the file."""

    slot: AnySlot
    step: Step
    position: Position
    place: Place

    @property
    def reference(self) -> str:
        """How other slots name it."""
        return f"{self.step.code}.{self.slot.code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A number that will be on file: when, and in which unit."""

    position: Position
    unit: str


def steps_of(record: MasterBatchRecord) -> Iterator[PlacedStep]:
    """Every step in order, then the operations that nobody plans."""
    number = 0
    for at_stage, stage in enumerate(record.stages):
        for at_step, step in enumerate(stage.steps):
            yield PlacedStep(step=step, number=number, place=("stages", at_stage, "steps", at_step))
            number += 1
    for at, operation in enumerate(record.operations):
        yield PlacedStep(step=operation, number=number + at, place=("operations", at))


def slots_of(record: MasterBatchRecord) -> Iterator[PlacedSlot]:
    """Every evidence slot in order."""
    for placed in steps_of(record):
        for at, slot in enumerate(placed.step.evidence):
            yield PlacedSlot(
                slot=slot,
                step=placed.step,
                position=(placed.number, at),
                place=(*placed.place, "evidence", at),
            )


def values_of(record: MasterBatchRecord) -> dict[str, Value]:
    """Reference (`step.slot`, or `step.slot.field` of a count) to the value it stands for."""
    values: dict[str, Value] = {}
    for placed in slots_of(record):
        slot, reference = placed.slot, placed.reference
        if isinstance(slot, NumberSlot | CalculationSlot):
            values[reference] = Value(position=placed.position, unit=slot.unit)
        elif isinstance(slot, HoldTimeSlot):
            values[reference] = Value(position=placed.position, unit="min")
        elif isinstance(slot, TotalTimeSlot):
            values[reference] = Value(position=placed.position, unit="h")
        elif isinstance(slot, CountsSlot):
            for field, unit in COUNT_FIELDS.items():
                values[f"{reference}.{field}"] = Value(position=placed.position, unit=unit)
    return values
