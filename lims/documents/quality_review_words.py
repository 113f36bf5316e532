"""Words of the product quality review: how its codes are said on the page and on paper."""

from collections.abc import Mapping
from decimal import Decimal

from lims.documents.findings import N_
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


def measured(spread: Spread, value: Decimal | None) -> str:
    """A figure of a test with its unit, at the decimals of its specification."""
    if value is None:
        return "–"
    decimals = max(spread.newest.decimals, 0)
    number = as_power_of_ten(value) if abs(value) >= LONG_NUMBER else as_written(value, decimals)
    return f"{number} {spread.newest.unit}".strip()
