"""Who looks: the first argument of every question, and what several pages ask."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from lims.actions.site import Site
from lims.domain.acts import Role
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.envelope import stream_of
from lims.domain.folds import Folded
from lims.domain.master_batch_record import Words
from lims.domain.refusals import Refused
from lims.domain.rows import PersonRow
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who asks, with the roles of today and the language of the page; what they may see follows from it."""

    person: str
    roles: frozenset[Role]
    language: str
    site: Site

    @property
    def now(self) -> datetime:
        """The server's time."""
        return self.site.clock.now()

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.site.founded.zone)

    def local(self, moment: datetime) -> datetime:
        """A moment as the clock on the wall of the site shows it."""
        return moment.astimezone(self.zone)

    def said(self, words: Words) -> str:
        """A text of the record in the reader's language."""
        return words.en if self.language == "en" else words.zh


def batch_of(reader: Reader, book: Book, number: str) -> BatchRecord:
    """The batch as it stands; refuses with what was asked for when there is none."""
    stream = stream_of("batch", number)
    record = book.derived(stream, Folded.of).record if number else None
    if not isinstance(record, BatchRecord) or record.issued is None:
        raise NotOnFile("act.unknown_target", sort="batch", code=number)
    return record


class NotOnFile(Refused):
    """There is no such thing on file."""

    status = 404


def people_names(reader: Reader, book: Book, people: Iterable[str]) -> Mapping[str, str]:
    """Names of members of staff by their ids; an id that is not on file stands for itself."""
    wanted = sorted(set(people))
    rows = find(book, PersonRow, ("person", "in", wanted)) if wanted else ()
    known = {row.person: row.name for row in rows}
    return {person: known.get(person, person) for person in wanted}


def free_text(reader: Reader, book: Book, commitments: Iterable[str]) -> Mapping[str, str | None]:
    """The words behind commitments; None where they were erased."""
    return {commitment: kept.value for commitment, kept in book.values(commitments).items()}
