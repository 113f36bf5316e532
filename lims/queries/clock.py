"""The server's clock beside what is on file: does it lie before the last entries, and what two people said of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lims.domain.clock import SLACK, open_proposals
from lims.domain.entries.envelope import Entry
from lims.domain.entries.keys import ClockCorrected, ClockCorrectionProposed
from lims.queries.history import Line, lines_of
from lims.queries.look import Reader, people_names

STREAM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the clock stands."""

    now: datetime
    last: datetime
    """The latest time on file."""
    streams_ahead: int
    """Records whose last entry lies ahead of the clock: acts on them stop."""
    waiting: tuple[Line, ...]
    """Proposals that wait for a second person."""
    told: tuple[Line, ...]
    """Everything that was proposed and confirmed, newest first."""
    names: Mapping[str, str]


def standing(reader: Reader) -> Standing:
    """The clock beside the last entry of every stream."""
    now = reader.now
    with reader.site.ledger.reading() as book:
        heads = [head.time for stream in book.streams() if (head := book.head(stream))]
        entries = book.entries(STREAM)
        told = [
            entry for entry in entries if isinstance(entry.fact, ClockCorrected | ClockCorrectionProposed)
        ]
        waiting: tuple[Entry, ...] = open_proposals(entries)
        return Standing(
            now=now,
            last=max(heads, default=now),
            streams_ahead=sum(time - now > SLACK for time in heads),
            waiting=lines_of(reader, book, waiting),
            told=lines_of(reader, book, reversed(told)),
            names=people_names(reader, book, {entry.person for entry in told}),
        )
