"""The certification register: every decision in order, none twice, none missing; a gap is told, not hidden."""

import csv
from collections.abc import Callable
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete

from lims.actions.site import Site
from lims.documents.findings import Verdict
from lims.documents.verifier import verify_pdf
from lims.domain.entries.batch import (
    BatchRejected,
    BatchTerminated,
    DisposedFinally,
    ReleasedConditionally,
)
from lims.domain.rows import BatchRow, DecisionRow
from lims.ledger.read_tables import find, table_of
from tests.documents.printed import text_of
from tests.pages.conftest import Demo
from tests.pages.quality.conftest import Desk, batch_of

Sit = Callable[[str], Desk]
KINDS = (ReleasedConditionally, DisposedFinally, BatchRejected, BatchTerminated)


def lines(desk: Desk, year: int) -> list[dict[str, str]]:
    answer = desk.get(f"/register/register.csv?year={year}")
    assert answer.status_code == 200 and answer.mimetype == "text/csv"
    return list(csv.DictReader(StringIO(answer.data.decode("utf-8-sig"))))


def years(site: Site) -> list[int]:
    """The years at the site in which something was decided."""
    with site.ledger.reading() as book:
        zone = ZoneInfo(site.founded.zone)
        return sorted({row.at.astimezone(zone).year for row in find(book, DecisionRow)})


def test_it_holds_every_signed_decision_once_and_in_order(site: Site, sit: Sit) -> None:
    with site.ledger.reading() as book:
        numbers = [row.number for row in find(book, BatchRow)]
    entries = [entry for number in numbers for entry in batch_of(site, number).entries]
    signed = sorted((e.time, e.stream, e.seq) for e in entries if isinstance(e.fact, KINDS))
    assert len(signed) > 3
    told = [line for year in years(site) for line in lines(sit("qa-a"), year)]
    assert [(f"batch:{line['Batch']}", int(line["Record entry"])) for line in told] == [
        (stream, seq) for _time, stream, seq in signed
    ]
    for year in years(site):
        own = [line["Number"] for line in lines(sit("qa-a"), year)]
        assert own == [f"{year}-{at:04d}" for at in range(1, len(own) + 1)]


def test_a_batch_that_is_missing_is_told_as_a_gap(site: Site, sit: Sit) -> None:
    year = years(site)[-1]
    assert "No gap" in sit("qa-a").get(f"/register/?year={year}").text
    with site.ledger.writing(write=set()) as book:
        lost = find(book, DecisionRow, order=("-at",), limit=1)[0].batch
        book.connection.execute(delete(table_of(DecisionRow)).where(table_of(DecisionRow).c.batch == lost))
    page = sit("qa-a").get(f"/register/?year={year}").text
    assert "No gap" not in page and lost in page


@pytest.mark.parametrize("year", ["", "abcd", "0000", "99999", "1800"])
def test_an_unknown_year_shows_this_year(sit: Sit, year: str) -> None:
    assert sit("qa-a").get(f"/register/?year={year}").status_code == 200


def test_the_bench_does_not_read_it(sit: Sit) -> None:
    assert sit("tech-a").get("/register/").status_code == 403
    assert sit("tech-a").get("/register/register.csv").status_code == 403


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_it_prints_as_a_sealed_paper_that_supersedes_the_copy_before(
    site: Site, sit: Sit, demo: Demo, language: str
) -> None:
    desk, year = sit("qa-a"), years(site)[-1]
    for copy in (1, 2):
        answer = desk.post("/register/print", year=str(year), language=language)
        assert answer.status_code == 303
        paper = desk.get(answer.headers["Location"])
        assert f"register-{year}-copy-{copy}-{language}.pdf" in paper.headers["Content-Disposition"]
        assert verify_pdf(paper.data, demo.code).verdict is Verdict.INTACT
    assert f"register-{year}-copy-1-{language}.pdf" in text_of(paper.data)


def test_a_language_that_is_none_is_told_and_nothing_is_printed(site: Site, sit: Sit) -> None:
    answer = sit("qa-a").post("/register/print", year="2026", language="xx")
    assert answer.status_code == 422 and "Choose one of the answers." in answer.text


def test_the_bench_prints_no_register(sit: Sit) -> None:
    assert sit("tech-a").post("/register/print", year="2026", language="en").status_code == 403
