"""What can be erased: detached values of a thing's stream, and what two people have asked and agreed."""

from collections.abc import Mapping
from dataclasses import dataclass

from lims.domain.batch_record import BatchRecord
from lims.domain.entries.envelope import Entry, sort_of
from lims.domain.entries.keys import RedactionProposed, ValueRedacted
from lims.domain.folds import Folded
from lims.ledger.across import newest
from lims.ledger.open_book import Book
from lims.queries.history import Line, lines_of
from lims.queries.look import NotOnFile, Reader, people_names
from lims.queries.record_words import detached_in

MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Somebody asked that a value be erased; `agreed` is the second person's entry."""

    entry: Entry
    fact: RedactionProposed
    where: Line | None
    """The entry that carries the value."""
    value: str | None
    agreed: Entry | None

    @property
    def key(self) -> str:
        """What tells it from the others on a page."""
        return f"{self.entry.stream}-{self.entry.seq}".replace(":", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposals:
    """What was asked, newest first, with the names of everyone in it."""

    waiting: tuple[Proposal, ...]
    done: tuple[Proposal, ...]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasable:
    """One detached value: the entry that carries it, and the value where the reader may see it."""

    line: Line
    commitment: str
    sort: str
    size: int
    value: str | None
    erased: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Every detached value of one stream."""

    stream: str
    values: tuple[Erasable, ...]


def proposals(reader: Reader) -> Proposals:
    """Every proposal of the instance, with what became of it."""
    with reader.site.ledger.reading() as book:
        asked = newest(book, limit=MOST, kinds=("redaction_proposed.1",))
        agreed = {
            (entry.stream, entry.fact.proposed_seq): entry
            for entry in newest(book, limit=MOST, kinds=("value_redacted.1",))
            if isinstance(entry.fact, ValueRedacted)
        }
        found = tuple(
            _proposal(reader, book, entry, entry.fact, agreed.get((entry.stream, entry.seq)))
            for entry in asked
            if isinstance(entry.fact, RedactionProposed)
        )
        people = {entry.person for entry in (*asked, *agreed.values())}
        return Proposals(
            waiting=tuple(item for item in found if item.agreed is None),
            done=tuple(item for item in found if item.agreed is not None),
            names=people_names(reader, book, people),
        )


def _proposal(
    reader: Reader, book: Book, entry: Entry, fact: RedactionProposed, agreed: Entry | None
) -> Proposal:
    at = next(
        (item for item in _detached(reader, book, entry.stream) if item.commitment == fact.commitment), None
    )
    return Proposal(
        entry=entry, fact=fact, where=at.line if at else None, value=at.value if at else None, agreed=agreed
    )


def thing(reader: Reader, stream: str) -> Thing:
    """Every detached value of a stream; an identity is named but not shown."""
    with reader.site.ledger.reading() as book:
        if sort_of(stream) not in ("batch", "participant") or book.head(stream) is None:
            raise NotOnFile("act.unknown_target", sort=sort_of(stream) or "stream", code=stream)
        return Thing(stream=stream, values=_detached(reader, book, stream))


def _detached(reader: Reader, book: Book, stream: str) -> tuple[Erasable, ...]:
    entries = [entry for entry in book.entries(stream) if any(detached_in(entry.fact))]
    record = book.derived(stream, Folded.of).record
    master = record.master if isinstance(record, BatchRecord) else None
    lines = {line.entry.seq: line for line in lines_of(reader, book, entries, master=master)}
    held = [(entry, item) for entry in entries for item in detached_in(entry.fact)]
    kept = book.values(item.commitment for _, item in held)
    found = []
    for entry, item in held:
        value = kept[item.commitment].value if item.commitment in kept else None
        found.append(
            Erasable(
                line=lines[entry.seq],
                commitment=item.commitment,
                sort=item.sort,
                size=item.size,
                value=value if item.sort == "words" else None,
                erased=value is None,
            )
        )
    return tuple(found)
