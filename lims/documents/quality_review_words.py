"""Words of quality's pages and papers about many batches: how their codes are said."""

from collections.abc import Mapping
from decimal import Decimal

from lims.documents.findings import N_
from lims.domain.exception_classes import Class
from lims.domain.quality_review import Spread
from lims.domain.rounding import as_power_of_ten, as_written

LONG_NUMBER = 100_000

DECISIONS: Mapping[str, str] = {
    "released_conditionally": N_("Released conditionally"),
    "conforming": N_("Conforming"),
    "nonconforming": N_("Nonconforming"),
    "rejected": N_("Rejected"),
    "terminated": N_("Terminated"),
}
SEVERITIES: Mapping[str, str] = {
    "critical": N_("Critical"),
    "major": N_("Major"),
    "minor": N_("Minor"),
}
OUTSIDE: Mapping[str, str] = {
    "test.failed": N_("before the release"),
    "test.failed_late": N_("after the release"),
}

REFUSED: Mapping[str, str] = {
    Class.IDENTITY: N_("Refused: identity"),
    Class.RESULT: N_("Refused: result"),
    Class.LIMIT: N_("Refused: limit"),
    Class.HOLD_TIME: N_("Refused: time limit"),
    Class.DEVIATION: N_("Refused: deviation"),
    Class.HOLD: N_("Refused: hold"),
    Class.CUSTODY: N_("Refused: custody"),
    Class.ENVIRONMENT: N_("Refused: environment"),
    Class.MATERIAL: N_("Refused: material or equipment"),
    Class.LABELS: N_("Refused: labels"),
    Class.SEQUENCE: N_("Refused: out of sequence"),
    Class.MISSING: N_("Refused: something missing"),
    Class.VERIFICATION: N_("Refused: own work"),
    Class.SIGNATURE: N_("Refused: signature"),
    Class.TYPED: N_("Refused: typed"),
    Class.LATE: N_("Refused: late"),
    Class.CORRECTION: N_("Refused: correction"),
    Class.TEMPLATE: N_("Refused: master record"),
    Class.CONSENT: N_("Refused: consent or arm"),
    Class.TRAINING: N_("Refused: training or delegation"),
    Class.ACCESS: N_("Refused: outside the role"),
    Class.CLOCK: N_("Refused: clock"),
    Class.REFUSED: N_("Refused act"),
}
"""Acts that were refused, by the class of the rule."""


def measured(spread: Spread, value: Decimal | None) -> str:
    """A figure of a test with its unit, at the decimals of its specification."""
    if value is None:
        return "–"
    decimals = max(spread.newest.decimals, 0)
    number = as_power_of_ten(value) if abs(value) >= LONG_NUMBER else as_written(value, decimals)
    return f"{number} {spread.newest.unit}".strip()
