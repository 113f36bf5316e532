"""Lint of what release rests on: QC tests and their gates, yields, the product's own numbers, the header."""

from collections.abc import Iterator

from lims.authoring.findings import Finding, Place, finding, warning
from lims.authoring.lint_structure import lint_options
from lims.authoring.lint_values import lint_limits, lint_reference
from lims.authoring.values import Value, slots_of, values_of
from lims.domain.master_batch_record import (
    Dose,
    Gate,
    MasterBatchRecord,
    Test,
    TimeSlot,
    Yield,
)

HEADER_FIELDS = frozenset(
    {"product", "strength", "shelf_life_hours", "storage", "precautions", "profile_notes"}
)


def lint_qc(record: MasterBatchRecord) -> Iterator[Finding]:
    """Tests, yields, dose, header."""
    samples = {sample.code for sample in record.samples}
    for at, test in enumerate(record.tests):
        yield from _lint_test(test, ("tests", at), samples)
    for gate in (Gate.CONDITIONAL, Gate.FINAL):
        if not any(test.gate is gate for test in record.tests):
            yield warning(("tests",), "No test stands before the {gate} release.", gate=gate.value)
    values = values_of(record)
    for at, share in enumerate(record.yields):
        yield from _lint_yield(share, ("yields", at), values)
    yield from _lint_dose(record.dose, record, values)
    yield from _lint_header(record)


def _lint_test(test: Test, place: Place, samples: set[str]) -> Iterator[Finding]:
    if test.sample not in samples:
        yield finding((*place, "sample"), "“{code}” is no sample of the sample plan.", code=test.sample[:60])
    if test.limit is not None and test.options:
        yield finding(place, "A test has a limit or options, not both.")
    elif test.limit is None and not test.options and test.gate is not Gate.NONE:
        yield finding(place, "A test that stands before a release needs a limit or options.")
    if test.limit is not None or test.unit is not None:
        if test.unit is None:
            yield finding(place, "A test with a limit needs a unit.")
        else:
            yield from lint_limits(test.limit, None, unit=test.unit, decimals=None, place=place)
    if test.retest is not None:
        if test.limit is None:
            yield finding((*place, "retest"), "A retest is declared only for a test with a limit.")
        if not 1 <= test.retest.count <= 9:
            yield finding((*place, "retest", "count"), "Declare one to nine retests.")
    if test.options:
        yield from lint_options(test.options, (*place, "options"))
        if test.gate is not Gate.NONE and all(option.acceptable for option in test.options):
            yield finding((*place, "options"), "Every answer is acceptable, so the test decides nothing.")
    for field, value in (("least_hours", test.least_hours), ("due_days", test.due_days)):
        if not 0 <= value <= 10_000:
            yield finding((*place, field), "“{field}” cannot be {value}.", field=field, value=str(value))
    if test.gate is Gate.FINAL and test.due_days * 24 < test.least_hours:
        yield finding((*place, "due_days"), "The result is due before it can be true (see least_hours).")


def _lint_yield(share: Yield, place: Place, values: dict[str, Value]) -> Iterator[Finding]:
    theoretical = values.get(share.theoretical)
    if theoretical is None:
        yield from lint_reference(share.theoretical, "1", (*place, "theoretical"), values)
    unit = "1" if theoretical is None else theoretical.unit
    if theoretical is not None or share.actual not in values:
        yield from lint_reference(share.actual, unit, (*place, "actual"), values)
    yield from lint_limits(share.limit, None, unit="%", decimals=None, place=place)


def _lint_dose(dose: Dose, record: MasterBatchRecord, values: dict[str, Value]) -> Iterator[Finding]:
    yield from lint_reference(dose.concentration, "cells/mL", ("dose", "concentration"), values)
    yield from lint_reference(dose.fill_volume, "mL", ("dose", "fill_volume"), values)
    if dose.purity_test not in {test.code for test in record.tests if test.unit == "%"}:
        yield finding(("dose", "purity_test"), "“{code}” is no test in percent.", code=dose.purity_test[:60])
    if not any(
        placed.reference == dose.fill_end and isinstance(placed.slot, TimeSlot) for placed in slots_of(record)
    ):
        yield finding(
            ("dose", "fill_end"), "“{code}” is no time slot of this record.", code=dose.fill_end[:80]
        )
    if dose.product not in {container.code for container in record.containers}:
        yield finding(("dose", "product"), "“{code}” is no container kind.", code=dose.product[:60])
    yield from lint_limits(
        dose.least_delivered, None, unit="cells", decimals=None, place=("dose", "least_delivered")
    )


def _lint_header(record: MasterBatchRecord) -> Iterator[Finding]:
    if not 1 <= record.shelf_life_hours <= 100_000:
        yield finding(("shelf_life_hours",), "A shelf life is at least one hour.")
    for at, field in enumerate(record.placeholders):
        if field not in HEADER_FIELDS:
            yield finding(
                ("placeholders", at),
                "“{field}” is no field that a site sets. Known: {known}.",
                field=field[:60],
                known=", ".join(sorted(HEADER_FIELDS)),
            )
