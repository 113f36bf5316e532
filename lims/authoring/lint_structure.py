"""Lint of structure: codes are unique, every name leads somewhere, nothing that is written is unreachable."""

import re
from collections.abc import Iterator, Mapping, Sequence

from lims.authoring.findings import Finding, Place, finding, warning
from lims.authoring.values import PlacedSlot, slots_of, steps_of
from lims.domain.codes import CodeType
from lims.domain.master_batch_record import (
    ChoiceSlot,
    Container,
    HandoverSlot,
    LabelSlot,
    MasterBatchRecord,
    Option,
    SampleSlot,
    ScanContainerSlot,
    ScanEquipmentSlot,
    ScanLocationSlot,
    ScanMaterialSlot,
    TextSlot,
    Words,
)

CODE = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
CODE_TYPES = frozenset(CodeType.__members__)


def lint_structure(record: MasterBatchRecord) -> Iterator[Finding]:
    """Codes, cross-references and what is never used."""
    yield from _lint_codes(record)
    yield from _lint_containers(record.containers)
    for at, sample in enumerate(record.samples):
        yield from _lint_known(sample.container, _codes(record.containers), ("samples", at, "container"))
    for at, label in enumerate(record.labels):
        yield from _lint_known(label.container, _codes(record.containers), ("labels", at, "container"))
    for placed in slots_of(record):
        yield from _lint_slot(record, placed)
    yield from _lint_unused(record)


def lint_codes(codes: Sequence[str], place: Place, *, field: str = "code") -> Iterator[Finding]:
    """Codes of one list: small letters, digits and `_`, each once."""
    seen: set[str] = set()
    for at, code in enumerate(codes):
        if not CODE.fullmatch(code):
            yield finding(
                (*place, at, field),
                "“{code}” is no code: small letters, digits and “_”, beginning with a letter.",
                code=code[:60],
            )
        if code in seen:
            yield finding((*place, at, field), "The code “{code}” is used twice.", code=code)
        seen.add(code)


def lint_options(options: Sequence[Option], place: Place) -> Iterator[Finding]:
    """A choice has two answers or more, and one of them is acceptable."""
    yield from lint_codes([option.code for option in options], place)
    if len(options) < 2:
        yield finding(place, "A choice has at least two options.")
    if not any(option.acceptable for option in options):
        yield finding(place, "No option is acceptable.")


def lint_words(words: Words, place: Place) -> Iterator[Finding]:
    """Both languages say something of their own."""
    if words.en == words.zh and len(words.en.split()) > 1:
        yield warning((*place, "zh"), "The Chinese text is the same as the English one.")


def _codes(things: Sequence[object]) -> frozenset[str]:
    return frozenset(str(getattr(thing, "code", "")) for thing in things)


def _lint_codes(record: MasterBatchRecord) -> Iterator[Finding]:
    lists: Mapping[str, Sequence[str]] = {
        "materials": [item.code for item in record.materials],
        "containers": [container.code for container in record.containers],
        "stages": [stage.code for stage in record.stages],
        "samples": [sample.code for sample in record.samples],
        "tests": [test.code for test in record.tests],
        "labels": [label.code for label in record.labels],
        "yields": [share.code for share in record.yields],
    }
    for name, codes in lists.items():
        yield from lint_codes(codes, (name,))
    seen: set[str] = set()
    for placed in steps_of(record):
        yield from lint_codes([placed.step.code], placed.place[:-1])
        if placed.step.code in seen:
            yield finding((*placed.place, "code"), "The code “{code}” is used twice.", code=placed.step.code)
        seen.add(placed.step.code)
        yield from lint_codes([slot.code for slot in placed.step.evidence], (*placed.place, "evidence"))


def _lint_containers(containers: Sequence[Container]) -> Iterator[Finding]:
    seen: set[str] = set()
    for at, container in enumerate(containers):
        place = ("containers", at)
        if container.code_type not in CODE_TYPES:
            yield finding(
                (*place, "code_type"),
                "“{code}” is no type of code. Known: {known}.",
                code=container.code_type[:60],
                known=", ".join(sorted(CODE_TYPES)),
            )
        if container.count < 1:
            yield finding((*place, "count"), "There is at least one container of a kind.")
        for parent in container.parents:
            if parent not in seen:
                yield finding(
                    (*place, "parents"),
                    "“{code}” is no container kind listed above this one: a container is filled from earlier ones.",
                    code=parent[:60],
                )
        seen.add(container.code)


def _lint_known(code: str, known: frozenset[str], place: Place) -> Iterator[Finding]:
    if code not in known:
        yield finding(
            place, "“{code}” is not listed. Known: {known}.", code=code[:60], known=", ".join(sorted(known))
        )


def _lint_slot(record: MasterBatchRecord, placed: PlacedSlot) -> Iterator[Finding]:
    slot, place = placed.slot, placed.place
    containers = _codes(record.containers)
    match slot:
        case ScanContainerSlot():
            yield from _lint_known(slot.container, containers, (*place, "container"))
            existing = next(
                (kind.count for kind in record.containers if kind.code == slot.container), slot.count
            )
            if not 1 <= slot.count <= existing:
                yield finding(
                    (*place, "count"), "There are {count} containers of this kind.", count=str(existing)
                )
        case ScanMaterialSlot():
            yield from _lint_known(slot.item, _codes(record.materials), (*place, "item"))
            if slot.amount is not None and slot.amount <= 0:
                yield finding((*place, "amount"), "An amount is more than nothing.")
        case ScanEquipmentSlot() | ScanLocationSlot():
            yield from lint_codes([slot.equipment_class], place, field="equipment_class")
        case ChoiceSlot():
            yield from lint_options(slot.options, (*place, "options"))
            for at, option in enumerate(slot.options):
                if option.stops and option.acceptable:
                    yield finding(
                        (*place, "options", at, "stops"), "An answer that stops cannot be acceptable."
                    )
        case TextSlot():
            if not 1 <= slot.longest <= 20_000:
                yield finding((*place, "longest"), "A text has between 1 and 20000 signs.")
        case SampleSlot():
            yield from _lint_known(slot.sample, _codes(record.samples), (*place, "sample"))
        case LabelSlot():
            yield from _lint_known(slot.label, _codes(record.labels), (*place, "label"))
            if not 1 <= slot.copies <= 100:
                yield finding((*place, "copies"), "Between 1 and 100 labels are printed.")
        case HandoverSlot():
            yield from _lint_known(slot.container, containers, (*place, "container"))
            yield from lint_codes([slot.event], place, field="event")
        case _:
            return


def _lint_unused(record: MasterBatchRecord) -> Iterator[Finding]:
    slots = [placed.slot for placed in slots_of(record)]
    used = {
        "materials": {slot.item for slot in slots if isinstance(slot, ScanMaterialSlot)},
        "samples": {slot.sample for slot in slots if isinstance(slot, SampleSlot)},
        "labels": {slot.label for slot in slots if isinstance(slot, LabelSlot)},
    }
    for at, item in enumerate(record.materials):
        if item.code not in used["materials"]:
            yield warning(("materials", at), "No step scans the material “{code}”.", code=item.code)
    for at, sample in enumerate(record.samples):
        if sample.code not in used["samples"]:
            yield finding(("samples", at), "No step takes the sample “{code}”.", code=sample.code)
    for at, label in enumerate(record.labels):
        if label.code not in used["labels"]:
            yield warning(("labels", at), "No step prints the label “{code}”.", code=label.code)
