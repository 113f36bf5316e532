"""What a site sets about its instruments, and what a cytometer's file says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lims.domain.master_batch_record import Frozen, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Frozen):
    """How a program writes one answer of a test that is no number."""

    text: str
    option: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultColumn(Frozen):
    """A column of a file and the test whose result stands in it."""

    column: str
    test: str
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsModel(Frozen):
    """How one instrument's program writes its results; `\\t` separates what was pasted from a spreadsheet."""

    code: str
    title: Words
    equipment_class: str
    separator: str
    decimal_mark: str
    sample_column: str
    """Where the sample's 16 digits stand, as they were scanned into the instrument."""
    results: tuple[ResultColumn, ...]
    no_result: tuple[str, ...] = ("",)
    """What stands in a column when nothing was measured."""

    def column_of(self, test: str) -> ResultColumn | None:
        """The column of a test, or none."""
        return next((item for item in self.results if item.test == test), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cytometer(Frozen):
    """How one cytometer of the site signs its files."""

    equipment: str
    """Its name among the equipment."""
    written_as: str
    """`$CYT`."""
    sample_keyword: str = ""
    """The keyword into which the sample's code is scanned; empty where the file names no sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruments(Frozen):
    """What a site sets about its instruments' files."""

    format: str
    models: tuple[ResultsModel, ...]
    cytometers: tuple[Cytometer, ...]

    def model(self, code: str) -> ResultsModel | None:
        """The model of that code, or none."""
        return next((item for item in self.models if item.code == code), None)

    def cytometer(self, equipment: str) -> Cytometer | None:
        """The cytometer of that name, or none."""
        return next((item for item in self.cytometers if item.equipment == equipment), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One measured channel: its short name, and the marker if the file names one."""

    name: str
    marker: str

    @property
    def shown(self) -> str:
        """Marker and channel, or the channel alone."""
        return f"{self.marker} ({self.name})" if self.marker and self.marker != self.name else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowFile:
    """What a cytometer's file says of itself."""

    version: str
    events: int
    channels: tuple[Channel, ...]
    scatter: tuple[int, ...]
    """Which channels are scatter, by place."""
    cytometer: str
    """`$CYT` as written; empty where the file has none."""
    acquired: date | None
    """`$DATE`; none where it is missing or cannot be read."""
    off_by_one: bool
    """Its data are said to end one byte later than they do, as some cytometers write it."""
    keywords: Mapping[str, str]

    def said(self, keyword: str) -> str:
        """A keyword's value as written, whatever its case and its `$`; empty where there is none."""
        return self.keywords.get(keyword.lower().removeprefix("$"), "").strip()
