"""Lint of a master batch record: what its schema cannot see. All findings at once."""

from collections.abc import Iterator

from lims.authoring.findings import Finding, finding, warning
from lims.authoring.lint_flow import lint_flow
from lims.authoring.lint_people import lint_people
from lims.authoring.lint_qc import lint_qc
from lims.authoring.lint_structure import lint_structure, lint_words
from lims.authoring.lint_values import lint_values
from lims.authoring.values import steps_of
from lims.domain.master_batch_record import MasterBatchRecord
from lims.domain.protocol import StudyProtocol

EARLIEST_DAY, LATEST_DAY = -60, 365


def lint_master_batch_record(record: MasterBatchRecord) -> Iterator[Finding]:
    """Every fault and warning of a record that fits the schema."""
    yield from lint_structure(record)
    yield from lint_values(record)
    yield from lint_qc(record)
    yield from lint_people(record)
    yield from lint_flow(record)
    yield from _lint_steps(record)


def _lint_steps(record: MasterBatchRecord) -> Iterator[Finding]:
    for at, stage in enumerate(record.stages):
        yield from lint_words(stage.title, ("stages", at, "title"))
        if not stage.steps:
            yield finding(("stages", at), "The stage “{code}” has no steps.", code=stage.code)
    if not any(stage.steps for stage in record.stages):
        yield finding(("stages",), "The record has no steps.")
    day = None
    for placed in steps_of(record):
        step, place = placed.step, placed.place
        yield from lint_words(step.title, (*place, "title"))
        if not step.instructions and not step.evidence and step.done_by is None:
            yield finding(place, "The step “{code}” says nothing to do and asks for nothing.", code=step.code)
        for at, words in enumerate(step.instructions):
            yield from lint_words(words, (*place, "instructions", at))
        for at, slot in enumerate(step.evidence):
            yield from lint_words(slot.title, (*place, "evidence", at, "title"))
        if day is not None and step.day < day and step not in record.operations:
            yield finding((*place, "day"), "The step is planned on an earlier day than the step before it.")
        day = step.day
        if not EARLIEST_DAY <= step.day <= LATEST_DAY:
            yield finding(
                (*place, "day"),
                "A culture day lies between {first} and {last}.",
                first=str(EARLIEST_DAY),
                last=str(LATEST_DAY),
            )


def lint_together(record: MasterBatchRecord, protocol: StudyProtocol) -> Iterator[Finding]:
    """What a master batch record and the protocol it is for must agree on; places are those of the record."""
    if record.protocol != protocol.code:
        yield finding(
            ("protocol",),
            "The record is for the protocol “{theirs}”, not “{ours}”.",
            theirs=record.protocol[:60],
            ours=protocol.code,
        )
    tests = {test.code for test in record.tests}
    for code in protocol.never_out_of_specification:
        if code not in tests:
            yield warning(
                ("tests",), "The protocol names the test “{code}”, which this record lacks.", code=code
            )
    if record.dose.least_delivered.low != protocol.least_delivered_dose:
        yield finding(
            ("dose", "least_delivered"),
            "The least dose is not the protocol's, {dose} cells.",
            dose=format(protocol.least_delivered_dose, "f"),
        )
