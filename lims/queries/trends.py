"""Results of one test over the batches, as a control chart needs them."""

from collections.abc import Sequence
from dataclasses import dataclass

from lims.domain.control_chart import Limits, Trend, limits_of, out_of_trend
from lims.domain.rows import ResultRow
from lims.ledger.book import Book
from lims.ledger.read_tables import find
from lims.queries.look import Reader

MOST = 60
"""So many of the newest points are charted."""
LATELY = 400
"""A test that is not among so many of the newest results has no chart in the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A result with what is out of trend; nothing is computed with a bound such as `<0.05`."""

    row: ResultRow
    trends: tuple[Trend, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trended:
    """The newest results of a test in the order of time, with their centre and limits if they are enough."""

    points: tuple[Point, ...]
    limits: Limits | None

    @property
    def newest(self) -> ResultRow:
        """The result whose title, unit and specification stand for the test now."""
        return self.points[-1].row

    @property
    def bounds(self) -> int:
        """Results that are only a bound, and are not computed with."""
        return sum(bool(point.row.qualifier) for point in self.points)


def charted_tests(reader: Reader) -> tuple[ResultRow, ...]:
    """The newest result of every test that was done lately, in the order of their codes."""
    with reader.site.ledger.reading() as book:
        rows = find(book, ResultRow, order=("-at",), limit=LATELY)
    newest = {row.test: row for row in reversed(rows)}
    return tuple(newest[test] for test in sorted(newest))


def trend_of(reader: Reader, test: str) -> Trended | None:
    """The control chart of a test; none where no batch has a result of it."""
    with reader.site.ledger.reading() as book:
        return _trend(book, test)


def trends_in(reader: Reader, number: str, tests: Sequence[str]) -> dict[str, tuple[Trend, ...]]:
    """For each of these tests what is out of trend with this batch's result; nothing for what is in trend."""
    with reader.site.ledger.reading() as book:
        return trends_of(book, number, tests)


def trends_of(book: Book, number: str, tests: Sequence[str]) -> dict[str, tuple[Trend, ...]]:
    """The same, in a reading that is open."""
    charts = {test: _trend(book, test) for test in tests}
    found = {
        test: next((point.trends for point in chart.points if point.row.batch == number), ())
        for test, chart in charts.items()
        if chart is not None
    }
    return {test: trends for test, trends in found.items() if trends}


def _trend(book: Book, test: str) -> Trended | None:
    rows = find(book, ResultRow, order=("-at",), limit=MOST, test=test)[::-1]
    if not rows:
        return None
    values = [row.value for row in rows if not row.qualifier]
    limits = limits_of(values)
    trends = iter(out_of_trend(values, limits) if limits else [()] * len(values))
    points = (Point(row=row, trends=() if row.qualifier else next(trends)) for row in rows)
    return Trended(points=tuple(points), limits=limits)
