"""The rows of a period that its product quality review is composed of."""

from datetime import date, datetime, time, timedelta

from lims.domain.quality_review import QualityReview, compose
from lims.domain.rows import BatchRow, CapaRow, DecisionRow, DeviationRow, RefusedRow, ResultRow
from lims.ledger.read_tables import find
from lims.queries.look import Reader


def quality_review(reader: Reader, begin: date, end: date) -> QualityReview:
    """The review of the days from `begin` to `end`, both included, by the site's clock."""
    since, until = (datetime.combine(day, time.min, reader.zone) for day in (begin, end + timedelta(days=1)))
    with reader.site.ledger.reading() as book:
        batches = find(
            book, BatchRow, ("issued_at", ">=", since), ("issued_at", "<", until), order=("issued_at",)
        )
        numbers = sorted(row.number for row in batches)
        told = find(book, DecisionRow, ("batch", "in", numbers)) if numbers else ()
        return compose(
            begin,
            end,
            batches=batches,
            decisions=find(book, DecisionRow, ("at", ">=", since), ("at", "<", until), order=("at",)),
            deviations=find(
                book,
                DeviationRow,
                ("opened_at", ">=", since),
                ("opened_at", "<", until),
                order=("opened_at",),
            ),
            refused=find(book, RefusedRow, ("at", ">=", since), ("at", "<", until), order=("at",)),
            results=find(book, ResultRow, ("at", ">=", since), ("at", "<", until), order=("at",)),
            actions=find(
                book, CapaRow, ("planned_at", ">=", since), ("planned_at", "<", until), order=("planned_at",)
            ),
            decided=frozenset(row.batch for row in told),
        )
