"""Which other batches a deviation's cause can have reached, found by what they were made with, on and by."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from lims.domain.batch_record import BatchRecord
from lims.domain.rows import BatchRow, ShareRow
from lims.domain.shared import SORTS, Share, shares_around
from lims.ledger.read_tables import find
from lims.queries.look import Reader, people_names

MOST_SHOWN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """A batch and what it shares, by sort in the order of `SORTS`."""

    row: BatchRow
    shared: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """Those with most in common first, then the newest; how many more there are; names of the operators."""

    batches: tuple[Other, ...]
    more: int
    people: Mapping[str, str]


def others(reader: Reader, batch: BatchRecord, deviation: str) -> Others:
    """Every other batch that shares a lot, an item of equipment, an operator or the day; whatever its state."""
    own = shares_around(batch, deviation)
    found: defaultdict[str, set[Share]] = defaultdict(set)
    with reader.site.ledger.reading() as book:
        for row in find(book, ShareRow, ("which", "in", sorted(which for _, which in own))):
            if row.batch != batch.number and (row.what, row.which) in own:
                found[row.batch].add((row.what, row.which))
        newest = sorted(found, reverse=True)
        first = sorted(newest, key=lambda number: -len(_by_sort(found[number])))[:MOST_SHOWN]
        rows = {row.number: row for row in find(book, BatchRow, ("number", "in", first))}
        people = people_names(reader, book, (which for what, which in own if what == "operator"))
    return Others(
        batches=tuple(Other(row=rows[number], shared=_by_sort(found[number])) for number in first),
        more=len(found) - len(first),
        people=people,
    )


def _by_sort(shared: set[Share]) -> Mapping[str, tuple[str, ...]]:
    named = {sort: tuple(sorted(which for what, which in shared if what == sort)) for sort in SORTS}
    return {sort: which for sort, which in named.items() if which}
