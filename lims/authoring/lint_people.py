"""Lint of who does it: roles, second persons, and how often a person must sign."""

from collections.abc import Iterator

from lims.authoring.findings import Finding, finding, warning
from lims.authoring.values import slots_of, steps_of
from lims.domain.acts import Role
from lims.domain.master_batch_record import (
    HandoverSlot,
    MasterBatchRecord,
    SecondPerson,
    SecondPersonSlot,
    Step,
    Who,
)

MOST_SIGNATURES = 12
"""More signed steps than this for one person a batch teach people to sign without reading."""

RECEIVING_ROLES = frozenset(
    role.value for role in (Role.TECHNICIAN, Role.QC_ANALYST, Role.QA, Role.CLINICIAN, Role.COORDINATOR)
)
"""Roles that custody can be handed to."""


def lint_people(record: MasterBatchRecord) -> Iterator[Finding]:
    """Who performs, who checks, who receives."""
    for placed in slots_of(record):
        if isinstance(placed.slot, HandoverSlot) and placed.slot.to_role not in RECEIVING_ROLES:
            yield finding(
                (*placed.place, "to_role"),
                "“{role}” is no role that can receive custody. Known: {known}.",
                role=placed.slot.to_role[:60],
                known=", ".join(sorted(RECEIVING_ROLES)),
            )
    performed = checked = 0
    for step in steps_of(record):
        performed += step.step.who is Who.SIGNED
        if _is_witnessed(step.step) is not (step.step.second_person is SecondPerson.WITNESS):
            yield finding(
                (*step.place, "second_person"),
                "A step with “second_person: witness” has a slot for the second person, and no other step has one.",
            )
        second = step.step.second_person is not SecondPerson.NONE
        checked += second and step.step.second_who is Who.SIGNED
        if second and step.step.second_who is Who.ATTRIBUTED:
            yield finding(
                (*step.place, "second_who"), "A second person is at least identified: a seat is not a person."
            )
    most = str(MOST_SIGNATURES)
    if performed > MOST_SIGNATURES:
        yield warning(
            ("stages",),
            "One person would sign {count} steps as performer; more than {most} are signed unread.",
            count=str(performed),
            most=most,
        )
    if checked > MOST_SIGNATURES:
        yield warning(
            ("stages",),
            "One person would sign {count} steps as second person; more than {most} are signed unread.",
            count=str(checked),
            most=most,
        )


def _is_witnessed(step: Step) -> bool:
    return any(isinstance(slot, SecondPersonSlot) for slot in step.evidence)
