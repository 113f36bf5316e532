"""The closed list of what counts as an exception, and the class of every rule that can raise one.

A record is reviewed by exception only if nothing falls between the classes: a rule that nobody classed is a refused
act, never nothing.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Class(StrEnum):
    """What an exception is an exception of; quality reads them by these words, in this order."""

    IDENTITY = "identity"
    RESULT = "result"
    LIMIT = "limit"
    HOLD_TIME = "hold_time"
    DEVIATION = "deviation"
    HOLD = "hold"
    CUSTODY = "custody"
    ENVIRONMENT = "environment"
    MATERIAL = "material"
    LABELS = "labels"
    SEQUENCE = "sequence"
    MISSING = "missing"
    VERIFICATION = "verification"
    SIGNATURE = "signature"
    TYPED = "typed"
    LATE = "late"
    CORRECTION = "correction"
    TEMPLATE = "template"
    CONSENT = "consent"
    TRAINING = "training"
    ACCESS = "access"
    CLOCK = "clock"
    REFUSED = "refused"
    """A refused act that is of none of the others."""


_RULES: Final[Mapping[Class, str]] = {
    Class.IDENTITY: (
        "identity slot.identity scan.other_batch scan.other_round custody.other_container band bedside "
        "collection.void_band collection.other_band mismatch station"
    ),
    Class.RESULT: "test oos result organism sample",
    Class.LIMIT: "limit answer control dose yield perfusion.volume perfusion.balance",
    Class.HOLD_TIME: "hold_time product.expired release.expired release.shelf_life bedside.expired",
    Class.DEVIATION: "deviation reported observation adverse_event capa",
    Class.HOLD: "hold",
    Class.CUSTODY: "custody log",
    Class.ENVIRONMENT: "custody.excursion",
    Class.MATERIAL: "lot equipment preparation storage scan",
    Class.LABELS: "label",
    Class.SEQUENCE: (
        "step act.stage act.hold branch operation slot time round close counts release review final perfusion"
    ),
    Class.MISSING: "step.missing test.not_passed release.unmet final.tests bedside.leg_missing",
    Class.VERIFICATION: (
        "step.unverified step.performer_verifies step.second_performs step.witness_missing step.done_by person.self "
        "result.own oos.own_result oos.same_analyst deviation.opener_decides act.took_part custody.self "
        "dose.same_person bedside.same_person band.same_person"
    ),
    Class.LATE: "time.late_reason",
    Class.CORRECTION: "correction",
    Class.TEMPLATE: "master",
    Class.CONSENT: "consent participant",
    Class.TRAINING: "act.training act.delegation act.undertaking",
    Class.ACCESS: "act secret step.role custody.role",
    Class.CLOCK: "clock time.future",
}
"""By class its rules: whole rules, or everything that begins with a word."""

CLASS_OF: Final[Mapping[str, Class]] = MappingProxyType(
    {rule: item for item, rules in _RULES.items() for rule in rules.split()}
)


def class_of(rule: str) -> Class:
    """The class of a rule that opened a deviation or refused an act: its own, else that of its first word."""
    return CLASS_OF.get(rule) or CLASS_OF.get(rule.partition(".")[0]) or Class.REFUSED
