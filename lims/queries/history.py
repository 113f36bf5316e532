"""The last entries of one thing's stream as sentences, with what was refused there."""

from collections.abc import Iterable
from dataclasses import dataclass

from lims.domain.entries.envelope import SYSTEM, Entry, refusals_of
from lims.domain.entries.keys import ActRefused, SignatureMade
from lims.domain.master_batch_record import MasterBatchRecord
from lims.domain.sentences import Sentence, sentence
from lims.ledger.open_book import Book
from lims.queries.look import Reader, people_names
from lims.queries.record_words import words_of_entries

LAST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry with its sentence and the name of who stands behind it; signatures are told by what they sign."""

    entry: Entry
    sentence: Sentence
    name: str
    refused: bool


def history(reader: Reader, book: Book, *streams: str) -> tuple[Line, ...]:
    """The newest entries of the streams and of their refusals, newest first."""
    wanted = [
        entry for stream in streams for name in (stream, refusals_of(stream)) for entry in book.entries(name)
    ]
    told = [entry for entry in wanted if not isinstance(entry.fact, SignatureMade)]
    return lines_of(
        reader, book, sorted(told, key=lambda entry: (entry.time, entry.seq), reverse=True)[:LAST]
    )


def lines_of(
    reader: Reader, book: Book, entries: Iterable[Entry], *, master: MasterBatchRecord | None = None
) -> tuple[Line, ...]:
    """Entries as sentences; identities stay undisclosed. Those of a batch need its master batch record."""
    entries = tuple(entries)
    names = people_names(reader, book, {entry.person for entry in entries} - {SYSTEM})
    words = words_of_entries(book, entries)
    return tuple(
        Line(
            entry=entry,
            sentence=sentence(entry, names=names, words=words, master=master),
            name=names.get(entry.person, ""),
            refused=isinstance(entry.fact, ActRefused),
        )
        for entry in entries
    )
