"""What a verification of an instance found, each in its place."""

from dataclasses import dataclass, field
from enum import StrEnum


class Check(StrEnum):
    """Which promise of the ledger does not hold."""

    GUARD = "guard"
    """A trigger is missing or altered, or the tables are of another release."""
    ENTRY = "entry"
    """An entry is not what was written, or is missing."""
    HEAD = "head"
    """The repeated last entry of a stream is another."""
    RELIANCE = "reliance"
    """An entry relied on another that is not on file."""
    VALUE = "value"
    """A detached value is missing, changed, or erased without a redaction."""
    FILE = "file"
    """A file is missing or changed."""
    ROW = "row"
    """A row of a read table disagrees with its record."""
    KEY = "key"
    """A key that nobody with the right to has vouched for."""
    SIGNATURE = "signature"
    """A signature that does not hold."""
    CHECKPOINT = "checkpoint"
    """A checkpoint that does not hold, or a head of it that is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong: `seq` 0 speaks of the stream as a whole, an empty stream of the instance."""

    check: Check
    stream: str = ""
    seq: int = 0
    what: str

    def __str__(self) -> str:
        place = f"{self.stream} entry {self.seq}" if self.seq else self.stream
        return f"{self.check}: {place + ': ' if place else ''}{self.what}"


@dataclass(slots=True)
class Counts:
    """How much was looked at."""

    streams: int = 0
    entries: int = 0
    values: int = 0
    files: int = 0
    rows: int = 0
    signatures: int = 0
    checkpoints: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome of a verification."""

    findings: tuple[Finding, ...]
    counts: Counts = field(default_factory=Counts)

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    @property
    def first_bad_entry(self) -> tuple[str, int] | None:
        """Stream and seq of the first entry that is not what was written; None when all are."""
        return next(((each.stream, each.seq) for each in self.findings if each.check is Check.ENTRY), None)
