"""Facts about files that instruments wrote: a cytometer's own file, and a file of results with its lines."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from lims.domain.entries.envelope import Detached, Fact
from lims.domain.entries.values import Attached, Means
from lims.domain.master_batch_record import Frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowFileKept(Fact):
    """A cytometer's own file behind one test, as it came, with what it says of itself."""

    kind: Literal["flow_file_kept.1"] = "flow_file_kept.1"
    test: str
    sample_code: str
    instrument: str
    instrument_name: str
    file: Attached
    sha256: str
    version: str
    events: int
    channels: int
    cytometer: str
    acquired: date | None
    names_sample: bool
    """The file names the sample itself, and it is this one; otherwise only the analyst says so."""
    off_by_one: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine(Frozen):
    """One value of a file of results: its test, and the batch that got it, or the rule that kept it out.

    The text of a line that belongs to nobody here is in the file alone, for nobody knows what a stranger wrote there.
    """

    line: int
    test: str
    batch: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsFileTaken(Fact):
    """A file of results was taken in: some of its lines are results now, the others wait in the instrument's tray."""

    kind: Literal["results_file_taken.1"] = "results_file_taken.1"
    model: str
    file: Attached
    sha256: str
    lines: tuple[FileLine, ...]
    taken: int
    waiting: int
    kept_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLineGiven(Fact):
    """A line of the tray has its sample after all, by scan; its value is a result of that batch."""

    kind: Literal["file_line_given.1"] = "file_line_given.1"
    taken_seq: int
    line: int
    test: str
    batch: str
    sample_code: str
    means: Means
    reason: Detached


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLineDismissed(Fact):
    """A line of the tray is no result of ours."""

    kind: Literal["file_line_dismissed.1"] = "file_line_dismissed.1"
    taken_seq: int
    line: int
    test: str
    reason: Detached
