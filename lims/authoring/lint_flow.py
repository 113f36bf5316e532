"""Lint of the way through a record: branches, steps that a branch asks for, milestones, unplanned operations."""

from collections.abc import Iterator

from lims.authoring.findings import Finding, Place, finding
from lims.authoring.lint_structure import lint_codes, lint_words
from lims.authoring.lint_values import lint_bands, lint_reference
from lims.authoring.values import PlacedSlot, PlacedStep, slots_of, steps_of, values_of
from lims.domain.acts import ACTS
from lims.domain.computing import sources
from lims.domain.master_batch_record import (
    BranchSlot,
    MasterBatchRecord,
    NumberSlot,
    Step,
    TotalTimeSlot,
    When,
)

PERFORMERS = frozenset(role.value for role in ACTS["record_evidence"].by)


def lint_flow(record: MasterBatchRecord) -> Iterator[Finding]:
    """Every branch leads somewhere, and no step waits for a value that its batch may never have."""
    placed_steps = tuple(steps_of(record))
    for placed in placed_steps:
        yield from _lint_step(placed, record)
    values = values_of(record)
    for slot in slots_of(record):
        if isinstance(slot.slot, BranchSlot):
            yield from _lint_branch(slot.slot, slot)
            if slot.slot.of is not None:
                yield from lint_reference(
                    slot.slot.of, slot.slot.unit or "1", (*slot.place, "of"), values, before=slot
                )
        elif isinstance(slot.slot, TotalTimeSlot):
            yield from _lint_total(slot.slot, slot, record)
    yield from _lint_reach(record)


def _lint_step(placed: PlacedStep, record: MasterBatchRecord) -> Iterator[Finding]:
    step, place = placed.step, placed.place
    if step.role not in PERFORMERS:
        yield finding(
            (*place, "role"),
            "“{role}” is no role that does steps. Known: {known}.",
            role=step.role[:60],
            known=", ".join(sorted(PERFORMERS)),
        )
    if step.done_by is not None and (step.evidence or step.when or step in record.operations):
        yield finding(
            (*place, "done_by"), "A step that another act does asks for no evidence and is always asked."
        )
    if step.when is not None:
        yield from _lint_when(step.when, placed, record)


def _lint_when(when: When, placed: PlacedStep, record: MasterBatchRecord) -> Iterator[Finding]:
    place = (*placed.place, "when")
    slots = {slot.reference: slot for slot in slots_of(record)}
    branch = slots.get(when.branch)
    if branch is None or not isinstance(branch.slot, BranchSlot):
        yield finding(
            (*place, "branch"), "“{code}” is no branch of this record (step.slot).", code=when.branch[:80]
        )
        return
    if branch.position[0] >= placed.number or placed.step in record.operations:
        yield finding((*place, "branch"), "A branch stands before the steps that it asks for.")
    known = {way.code for way in branch.slot.ways}
    for way in when.ways:
        if way not in known:
            yield finding(
                (*place, "ways"),
                "“{code}” is no way of this branch. Known: {known}.",
                code=way[:60],
                known=", ".join(sorted(known)),
            )
    if not when.ways:
        yield finding((*place, "ways"), "No way leads to this step.")


def _lint_branch(slot: BranchSlot, placed: PlacedSlot) -> Iterator[Finding]:
    place = placed.place
    yield from lint_codes([way.code for way in slot.ways], (*place, "ways"))
    for at, way in enumerate(slot.ways):
        yield from lint_words(way.title, (*place, "ways", at, "title"))
    if len(slot.ways) < 2:
        yield finding((*place, "ways"), "A branch has at least two ways.")
    limits = [way.limit for way in slot.ways if way.limit is not None]
    if slot.of is None:
        if limits or slot.unit is not None:
            yield finding((*place, "ways"), "Where a person chooses, a way has no limit.")
    elif len(limits) != len(slot.ways) or slot.unit is None:
        yield finding(
            (*place, "ways"), "Where the system decides, every way has a limit, and the value a unit."
        )
    else:
        yield from lint_bands(limits, unit=slot.unit, place=(*place, "ways"))


def _lint_total(slot: TotalTimeSlot, placed: PlacedSlot, record: MasterBatchRecord) -> Iterator[Finding]:
    slots = {known.reference: known for known in slots_of(record)}
    if not slot.spans:
        yield finding((*placed.place, "spans"), "A total time has at least one interval.")
    if slot.limit is not None and slot.limit.unit != "h":
        yield finding((*placed.place, "limit", "unit"), "A total time is in hours.")
    for at, span in enumerate(slot.spans):
        place = (*placed.place, "spans", at)
        for name, reference in (("since", span.since), ("until", span.until), ("reading", span.reading)):
            if reference is None:
                continue
            found = slots.get(reference)
            if found is None or (name == "reading" and not isinstance(found.slot, NumberSlot)):
                yield finding(
                    (*place, name),
                    "“{reference}” is no slot of this record (step.slot).",
                    reference=reference[:80],
                )
            elif found.position >= placed.position:
                yield finding(
                    (*place, name),
                    "“{reference}” is recorded later than it is used here.",
                    reference=reference,
                )


def _lint_reach(record: MasterBatchRecord) -> Iterator[Finding]:
    """A value of a step that only one way asks for is used on that way only; an operation uses its own values."""
    placed = {step.step.code: step for step in steps_of(record)}
    for slot in slots_of(record):
        for reference in sources(slot.slot):
            source = placed.get(reference.partition(".")[0])
            if source is None or source.step is slot.step:
                continue
            if slot.step in record.operations or source.step in record.operations:
                yield finding(
                    slot.place, "An unplanned operation uses its own values only, and nobody else uses them."
                )
            elif not _always_with(source.step, slot.step):
                yield finding(
                    slot.place,
                    "“{reference}” is asked for on one way only, and this step on others too.",
                    reference=reference,
                )
    for at, share in enumerate(record.yields):
        yield from _lint_always(share.actual, ("yields", at, "actual"), placed)
        yield from _lint_always(share.theoretical, ("yields", at, "theoretical"), placed)
    for name in ("concentration", "fill_volume", "fill_end"):
        yield from _lint_always(getattr(record.dose, name), ("dose", name), placed)


def _lint_always(reference: str, place: Place, placed: dict[str, PlacedStep]) -> Iterator[Finding]:
    source = placed.get(reference.partition(".")[0])
    if source is not None and (source.step.when is not None or source.place[0] == "operations"):
        yield finding(place, "“{reference}” is not asked for in every batch.", reference=reference)


def _always_with(source: Step, user: Step) -> bool:
    if source.when is None:
        return True
    return user.when is not None and (
        user.when.branch == source.when.branch and set(user.when.ways) <= set(source.when.ways)
    )
