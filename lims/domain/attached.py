"""What the record says of an attached photo or file: its name, size, type and the hash of its bytes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from lims.domain.canonical import parse
from lims.domain.entries.batch import EvidenceCorrected, EvidenceRecorded
from lims.domain.entries.custody import TemperatureLogged
from lims.domain.entries.envelope import Entry
from lims.domain.entries.instruments import FlowFileKept, ResultsFileTaken
from lims.domain.entries.values import Attached
from lims.domain.rounding import round_half_up

PICTURES: Final = frozenset({"image/jpeg", "image/png"})
"""Types that are shown and printed; everything else is for keeping only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedFile:
    """An attached file as the record describes it."""

    name: str
    sha256: str
    size: int
    media_type: str

    @property
    def is_picture(self) -> bool:
        """A page can show it and a paper can print it."""
        return self.media_type in PICTURES


def described(value: Attached, words: Mapping[str, str]) -> AttachedFile | None:
    """What the record says of an attached file; none once it was erased."""
    told = words.get(value.file.commitment)
    about = parse(told) if told is not None else None
    if not isinstance(about, dict):
        return None
    return AttachedFile(
        name=str(about["name"]),
        sha256=str(about["sha256"]),
        size=int(str(about["size"])),
        media_type=value.media_type,
    )


def attached_in(entries: Iterable[Entry]) -> Iterator[Attached]:
    """Every file that these entries attach, replaced ones among them."""
    for entry in entries:
        fact = entry.fact
        if isinstance(fact, EvidenceRecorded | EvidenceCorrected) and isinstance(fact.value, Attached):
            yield fact.value
        elif isinstance(fact, TemperatureLogged | FlowFileKept | ResultsFileTaken):
            yield fact.file


def size_shown(size: int) -> str:
    """A file's size as people read it: 356 kB, 1.4 MB."""
    if size >= 1_000_000:
        return f"{round_half_up(Decimal(size) / 1_000_000, 1)}\N{NO-BREAK SPACE}MB"
    return f"{max(1, round(Decimal(size) / 1000))}\N{NO-BREAK SPACE}kB"
