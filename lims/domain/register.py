"""The certification register of a year: every decision on a batch in order, under its running number."""

from collections.abc import Mapping
from dataclasses import dataclass

from lims.domain.rows import DecisionRow, DocumentRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One decision under its running number, `2026-0001`, and the newest certificate that tells it."""

    number: str
    row: DecisionRow
    certificate: DocumentRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A year's decisions, oldest first; batches that were decided on without a line here are gaps."""

    year: int
    years: tuple[int, ...]
    lines: tuple[Line, ...]
    gaps: tuple[str, ...]
    people: Mapping[str, str]
    """By identifier, the names of those who signed."""
