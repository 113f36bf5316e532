"""Control charts: each test over the batches, with its table; what is out of trend is told in words."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import insert

from lims.actions.site import Site
from lims.domain.rows import ResultRow
from lims.ledger.read_tables import find, table_of
from tests.pages.quality.conftest import Desk

Sit = Callable[[str], Desk]


@contextmanager
def results(site: Site, *values: str) -> Iterator[None]:
    """Further batches with these viabilities, as rows only: the chart reads nothing else."""
    with site.ledger.reading() as book:
        last = find(book, ResultRow, test="viability", order=("-at",), limit=1)[0]
    plain = {field.name: getattr(last, field.name) for field in fields(last)}
    with site.ledger.writing(write=set()) as book:
        for at, value in enumerate(values, start=1):
            one = plain | {
                "stream": f"batch:8{at:03}",
                "batch": f"8{at:03}",
                "value": Decimal(value),
                "at": last.at + timedelta(days=at),
            }
            book.connection.execute(insert(table_of(ResultRow)).values(one))
    yield


def test_few_values_say_that_they_are_few(sit: Sit) -> None:
    page = sit("qa-a").get("/trends/?test=viability").text
    assert "Control limits need at least 8 values" in page and "Too few values" in page
    assert "<svg" in page and "0001" in page


def test_a_value_out_of_trend_is_told_with_its_batch(site: Site, sit: Sit) -> None:
    with results(site, *["91.0", "92.0", "91.5", "92.5"] * 3, "81.0"):
        page = sit("qa-a").get("/trends/?test=viability").text
    assert "beyond a control limit" in page and 'class="mark due"' in page
    assert "8013</a>" in page


def test_the_laboratory_and_inspectors_look_and_the_bench_does_not(sit: Sit) -> None:
    assert sit("qc-a").get("/trends/").status_code == 200
    assert sit("tech-a").get("/trends/").status_code == 403


def test_a_test_that_is_none_has_an_empty_page(sit: Sit) -> None:
    assert "No result to chart" in sit("qa-a").get("/trends/?test=nothing").text


def test_a_yield_has_its_chart_and_stands_on_the_review(sit: Sit) -> None:
    page = sit("qa-a").get("/trends/?test=yield/recovery").text
    assert "Recovered after washing" in page and "<svg" in page
    review = sit("qa-a").get("/quality/0001").text
    assert "Yields" in review and "Recovered after washing" in review
