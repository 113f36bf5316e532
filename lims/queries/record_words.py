"""Free text behind the entries of a record; identities are never among it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass

from lims.domain.entries.envelope import Detached, Entry
from lims.ledger.open_book import Book


def words_of_entries(book: Book, entries: Iterable[Entry]) -> Mapping[str, str]:
    """Free text by commitment; what was erased, and every identity, is absent."""
    wanted = {
        item.commitment for entry in entries for item in detached_in(entry.fact) if item.sort != "identity"
    }
    found = book.values(wanted).items()
    return {commitment: kept.value for commitment, kept in found if kept.value is not None}


def detached_in(value: object) -> Iterator[Detached]:
    """Every value in a fact that does not lie in the chain in clear."""
    if isinstance(value, Detached):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from detached_in(item)
    elif is_dataclass(value):
        for part in fields(value):
            yield from detached_in(getattr(value, part.name))
