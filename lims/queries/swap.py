"""What else was handled on the day of a mismatch: the batches that the other half of a swap can be among."""

from dataclasses import dataclass
from datetime import date

from lims.domain.batch_record import BatchRecord
from lims.domain.entries.envelope import Entry
from lims.domain.handled import IDENTITY, handlings
from lims.domain.rows import BatchRow, HandledRow
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find
from lims.queries.look import Reader, batch_of, people_names
from lims.queries.record_words import words_of_entries


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """Another batch of that day, with what was last done with it then."""

    row: BatchRow
    record: BatchRecord
    times: int
    """How often something of it was in hand."""
    last: Entry

    @property
    def labels_left(self) -> int:
        """Printed labels that nobody accounted for."""
        return sum(label.fate is None for label in self.record.labels.values())

    @property
    def is_given(self) -> bool:
        """Its product has reached a person."""
        return self.record.perfused is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """The day that was searched, and every other batch that was handled then; those given first, then by number."""

    day: date
    batches: tuple[Handled, ...]
    words: dict[str, str]
    people: dict[str, str]


def swap_search(reader: Reader, batch: BatchRecord, deviation: str) -> Search | None:
    """The search that a mismatch asks for; none for a deviation of another rule."""
    opened = batch.deviations[deviation]
    if opened.fact.rule not in IDENTITY:
        return None
    day = opened.opened.time.astimezone(reader.zone).date()
    with reader.site.ledger.reading() as book:
        numbers = {row.batch for row in find(book, HandledRow, day=day.isoformat())} - {batch.number}
        rows = find(book, BatchRow, ("number", "in", sorted(numbers)), order=("number",)) if numbers else ()
        batches = sorted(
            (_handled(reader, book, row, day) for row in rows), key=lambda item: not item.is_given
        )
        told = [item.last for item in batches]
        return Search(
            day=day,
            batches=tuple(batches),
            words=dict(words_of_entries(book, told)),
            people=dict(people_names(reader, book, {entry.person for entry in told})),
        )


def _handled(reader: Reader, book: Book, row: BatchRow, day: date) -> Handled:
    record = batch_of(reader, book, row.number)
    then = [entry for when, entry in handlings(record) if when == day]
    return Handled(row=row, record=record, times=len(then), last=then[-1])
