"""Lint of numbers: limits, formulas, references, units, control bands and hold times."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from lims.authoring.findings import Finding, Place, finding
from lims.authoring.units import Unit, UnitFault, read_unit, unit_of
from lims.authoring.values import PlacedSlot, Value, slots_of, values_of
from lims.domain.formulas import Formula, FormulaError
from lims.domain.limits import Limit
from lims.domain.master_batch_record import (
    CalculationSlot,
    CountsSlot,
    HoldTimeSlot,
    InProcessControlSlot,
    Input,
    MasterBatchRecord,
    NumberSlot,
    TimeSlot,
    Verdict,
)

MOST_DECIMALS = 12


def lint_values(record: MasterBatchRecord) -> Iterator[Finding]:
    """Everything that is measured, computed or judged."""
    values = values_of(record)
    slots = {placed.reference: placed for placed in slots_of(record)}
    for placed in slots_of(record):
        slot, place = placed.slot, placed.place
        if isinstance(slot, NumberSlot | CalculationSlot):
            yield from lint_limits(
                slot.limit, slot.alert, unit=slot.unit, decimals=slot.decimals, place=place
            )
        if isinstance(slot, CalculationSlot):
            yield from _lint_calculation(slot, placed, values)
        elif isinstance(slot, CountsSlot):
            yield from lint_limits(slot.greatest_cv, None, unit="%", decimals=None, place=place)
            if slot.squares < 1:
                yield finding((*place, "squares"), "A count is made over at least one square.")
        elif isinstance(slot, InProcessControlSlot):
            yield from lint_reference(slot.of, slot.unit, (*place, "of"), values, before=placed)
            yield from _lint_bands(slot, place)
        elif isinstance(slot, HoldTimeSlot):
            yield from _lint_hold(slot, placed, slots)


def lint_limits(
    limit: Limit | None, alert: Limit | None, *, unit: str, decimals: int | None, place: Place
) -> Iterator[Finding]:
    """A value's unit and decimals against its limits, and the alert limit against the action limit."""
    yield from lint_unit(unit, (*place, "unit"))
    if decimals is not None and not 0 <= decimals <= MOST_DECIMALS:
        yield finding((*place, "decimals"), "Decimals lie between 0 and {most}.", most=str(MOST_DECIMALS))
    for name, bounds in (("limit", limit), ("alert", alert)):
        if bounds is None:
            continue
        if bounds.unit != unit:
            yield finding(
                (*place, name, "unit"),
                "The limit is in “{limit}” and the value in “{unit}”: write the same unit.",
                limit=bounds.unit,
                unit=unit,
            )
        if decimals is not None and bounds.decimals > decimals:
            yield finding((*place, name, "decimals"), "The limit has more decimals than the value it judges.")
    if limit is not None and alert is not None and not _inside(alert, limit):
        yield finding((*place, "alert"), "The alert limit must lie inside the limit.")


def _inside(alert: Limit, limit: Limit) -> bool:
    low_fits = limit.low is None or (alert.low is not None and alert.low >= limit.low)
    high_fits = limit.high is None or (alert.high is not None and alert.high <= limit.high)
    # An alert on one side only says nothing about the other side.
    one_sided = (alert.low is None) != (alert.high is None)
    if one_sided:
        return (alert.low is None or limit.low is None or alert.low >= limit.low) and (
            alert.high is None or limit.high is None or alert.high <= limit.high
        )
    return low_fits and high_fits


def lint_unit(unit: str, place: Place) -> Iterator[Finding]:
    """Whether the unit is known."""
    try:
        read_unit(unit)
    except UnitFault as fault:
        yield finding(place, fault.message, **fault.params)


def lint_reference(
    reference: str, unit: str, place: Place, values: Mapping[str, Value], before: PlacedSlot | None = None
) -> Iterator[Finding]:
    """A reference to a number: it exists, is on file earlier than `before`, and is in the same unit."""
    value = values.get(reference)
    if value is None:
        near = sorted(known for known in values if known.rpartition(".")[0] == reference)
        yield finding(
            place,
            "“{reference}” is no number of this record (step.slot, or step.slot.field for a count). {hint}",
            reference=reference[:80],
            hint=" · ".join(near[:8]),
        )
        return
    if before is not None and value.position >= before.position:
        yield finding(place, "“{reference}” is recorded later than it is used here.", reference=reference)
    try:
        fits = read_unit(value.unit).fits(read_unit(unit))
    except UnitFault:
        return
    if not fits:
        yield finding(
            place,
            "“{reference}” is in “{found}”, not in “{unit}”.",
            reference=reference,
            found=value.unit,
            unit=unit,
        )


def _lint_calculation(
    slot: CalculationSlot, placed: PlacedSlot, values: Mapping[str, Value]
) -> Iterator[Finding]:
    place = placed.place
    units: dict[str, Unit] = {}
    for at, given in enumerate(slot.inputs):
        yield from _lint_input(given, (*place, "inputs", at), values, placed)
        if given.name in units:
            yield finding((*place, "inputs", at, "name"), "“{name}” stands here twice.", name=given.name)
        try:
            units[given.name] = read_unit(given.unit)
        except UnitFault as fault:
            yield finding((*place, "inputs", at, "unit"), fault.message, **fault.params)
            return
    try:
        formula = Formula(slot.formula)
    except FormulaError as fault:
        yield finding((*place, "formula"), fault.message, **fault.params)
        return
    for name in sorted(formula.names - units.keys()):
        yield finding((*place, "formula"), "The formula uses “{name}”, which is no input.", name=name)
    for name in sorted(units.keys() - formula.names):
        yield finding((*place, "inputs"), "The formula does not use its input “{name}”.", name=name)
    if formula.names <= units.keys():
        yield from _lint_result_unit(formula, units, slot.unit, place)


def _lint_result_unit(
    formula: Formula, units: Mapping[str, Unit], claimed: str, place: Place
) -> Iterator[Finding]:
    try:
        result, expected = unit_of(formula.tree, units), read_unit(claimed)
    except UnitFault as fault:
        yield finding((*place, "formula"), fault.message, **fault.params)
        return
    if not result.fits(expected):
        yield finding(
            (*place, "unit"),
            "The formula gives “{found}”, not “{unit}”; nothing is converted in a calculation.",
            found=result.shown,
            unit=claimed,
        )


def _lint_input(
    given: Input, place: Place, values: Mapping[str, Value], before: PlacedSlot
) -> Iterator[Finding]:
    if (given.source is None) == (given.constant is None):
        yield finding(place, "An input has either a source or a constant.")
    if given.source is not None:
        yield from lint_reference(given.source, given.unit, (*place, "source"), values, before=before)


def _lint_bands(slot: InProcessControlSlot, place: Place) -> Iterator[Finding]:
    """The bands of a control cover every value once, so that each value has one verdict."""
    place = (*place, "bands")
    if not any(band.verdict is Verdict.GO for band in slot.bands):
        yield finding(place, "No band says “go”.")
    yield from lint_bands([band.limit for band in slot.bands], unit=slot.unit, place=place)


def lint_bands(limits: Sequence[Limit], *, unit: str, place: Place) -> Iterator[Finding]:
    """Limits that share a line between them: every value keeps exactly one of them."""
    if any(bounds.unit != unit for bounds in limits):
        yield finding(place, "Every band is in the unit of the control, “{unit}”.", unit=unit)
    if len({bounds.decimals for bounds in limits}) > 1:
        yield finding(place, "All bands have the same decimals.")
        return
    bands = sorted(limits, key=lambda bounds: (bounds.low is not None, bounds.low or 0))
    if not bands:
        return
    if bands[0].low is not None or bands[-1].high is not None:
        yield finding(place, "The lowest band has no low bound and the highest no high bound.")
    for lower, upper in pairwise(bands):
        if not _meet(lower, upper):
            yield finding(place, "Bands must meet without a gap and without overlapping.")


def _meet(lower: Limit, upper: Limit) -> bool:
    if lower.high is None or upper.low is None:
        return False
    if lower.high == upper.low:
        return lower.high_inclusive != upper.low_inclusive
    # Values are compared after rounding, so 79.9 and 80.0 meet at one decimal.
    one_step = upper.low - lower.high == Decimal((0, (1,), -lower.decimals))
    return one_step and lower.high_inclusive and upper.low_inclusive


def _lint_hold(slot: HoldTimeSlot, placed: PlacedSlot, slots: Mapping[str, PlacedSlot]) -> Iterator[Finding]:
    place = placed.place
    ends = {"since": slots.get(slot.since), "until": slots.get(slot.until)}
    for name, end in ends.items():
        if end is None:
            reference = slot.since if name == "since" else slot.until
            yield finding(
                (*place, name),
                "“{reference}” is no slot of this record (step.slot).",
                reference=reference[:80],
            )
        elif end.position >= placed.position:
            yield finding((*place, name), "A hold time stands after both of its ends.")
    since, until = ends["since"], ends["until"]
    # Two times of one step may be recorded in any order; a moment of recording may not.
    if since is not None and until is not None and since.position >= until.position:
        both_times = isinstance(since.slot, TimeSlot) and isinstance(until.slot, TimeSlot)
        if since.reference == until.reference or not both_times:
            yield finding((*place, "until"), "The end of a hold is recorded after its beginning.")
    if slot.most_minutes < 1:
        yield finding((*place, "most_minutes"), "A hold lasts at least one minute.")
    if slot.stop_minutes is not None and slot.stop_minutes < slot.most_minutes:
        yield finding((*place, "stop_minutes"), "The stop of a hold is not shorter than the time allowed.")
