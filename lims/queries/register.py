"""The certification register of a year: every decision in order, its papers, and whether a batch is missing from it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from lims.domain.acts import Stage
from lims.domain.register import Line, Register
from lims.domain.rows import BatchRow, DecisionRow, DocumentRow
from lims.ledger.book import Book
from lims.ledger.read_tables import find
from lims.queries.look import Reader, people_names

PAPER_OF = {
    "released_conditionally": "conditional_release",
    "conforming": "final_release",
    "nonconforming": "final_release",
}
"""The certificate that tells a decision; the others stand in the batch record alone."""
DECIDED = (Stage.RELEASED, Stage.PERFUSED, Stage.DISPOSED, Stage.CLOSED, Stage.REJECTED, Stage.TERMINATED)
BEFORE = timedelta(days=400)
"""A batch that was decided in a year was issued in it or so long before it began."""


def register(reader: Reader, year: int | None = None) -> Register:
    """The register of a year, of this year where none or an unknown one is asked for."""
    with reader.site.ledger.reading() as book:
        first = find(book, DecisionRow, order=("at",), limit=1)
        now = reader.now.astimezone(reader.zone).year
        since = first[0].at.astimezone(reader.zone).year if first else now
        years = tuple(range(now, since - 1, -1))
        chosen = year if year in years else now
        begin, end = (datetime(one, 1, 1, tzinfo=reader.zone) for one in (chosen, chosen + 1))
        rows = find(book, DecisionRow, ("at", ">=", begin), ("at", "<", end), order=("at",))
        papers = _papers(book, rows)
        people = people_names(reader, book, {row.person for row in rows})
        gaps = _gaps(book, begin, end)
    lines = tuple(
        Line(
            number=f"{chosen}-{at:04d}",
            row=row,
            certificate=papers.get((row.batch, PAPER_OF.get(row.decision, ""))),
        )
        for at, row in enumerate(rows, start=1)
    )
    return Register(year=chosen, years=years, lines=lines, gaps=gaps, people=people)


def _papers(book: Book, rows: tuple[DecisionRow, ...]) -> Mapping[tuple[str, str], DocumentRow]:
    """The newest copy of each certificate of these batches."""
    batches = sorted({row.batch for row in rows})
    wanted = sorted(set(PAPER_OF.values()))
    found = (
        find(book, DocumentRow, ("batch", "in", batches), ("paper", "in", wanted), order=("copy_number",))
        if batches
        else ()
    )
    return {(row.batch, row.paper): row for row in found}


def _gaps(book: Book, begin: datetime, end: datetime) -> tuple[str, ...]:
    """Batches beyond testing that no decision brought there: the register would be incomplete."""
    decided = [stage.value for stage in DECIDED]
    batches = find(
        book, BatchRow, ("stage", "in", decided), ("issued_at", ">=", begin - BEFORE), ("issued_at", "<", end)
    )
    told = {row.batch for row in find(book, DecisionRow, ("at", ">=", begin - BEFORE))}
    return tuple(sorted(row.number for row in batches if row.number not in told))
