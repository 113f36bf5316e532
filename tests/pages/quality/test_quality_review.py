"""The product quality review on its page: counted as the records say, a wrong period told at its field, sealed."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from lims.actions.site import Site
from lims.documents.findings import Verdict
from lims.documents.verifier import verify_pdf
from lims.domain.acts import Role
from lims.domain.entries.batch import BatchRejected, DeviationOpened, ReleasedConditionally
from lims.domain.entries.keys import ActRefused
from lims.domain.exception_classes import class_of
from lims.domain.rows import BatchRow
from lims.ledger.read_tables import find
from lims.queries.look import Reader
from lims.queries.quality_review import quality_review
from tests.pages.conftest import Demo
from tests.pages.quality.conftest import Desk, batch_of

Sit = Callable[[str], Desk]


def test_its_counts_are_those_of_the_records(site: Site) -> None:
    with site.ledger.reading() as book:
        numbers = [row.number for row in find(book, BatchRow)]
    now = site.clock.now()
    reader = Reader(site=site, person="", roles=frozenset({Role.QA}), language="en")
    end = now.date() + timedelta(days=1)
    found = quality_review(reader, end - timedelta(days=2000), end)
    facts = [entry.fact for number in numbers for entry in batch_of(site, number).entries]
    counted = {one.code: one.count for one in found.decisions}
    assert sorted(found.started) == sorted(numbers)
    assert counted["released_conditionally"] == sum(isinstance(f, ReleasedConditionally) for f in facts) > 0
    assert counted["rejected"] == sum(isinstance(f, BatchRejected) for f in facts)
    with site.ledger.reading() as book:
        refusals = [
            class_of(entry.fact.rule)
            for number in numbers
            for entry in book.entries(f"batch:{number}!refusals")
            if isinstance(entry.fact, ActRefused)
        ]
    assert {one.code: one.count for one in found.refused} == dict(Counter(refusals))
    rules = Counter(f.rule for f in facts if isinstance(f, DeviationOpened))
    assert {one.code: one.count for one in found.rules} == dict(rules)


def test_the_page_shows_the_last_year_and_prints_it_sealed(sit: Sit, demo: Demo) -> None:
    desk = sit("qa-a")
    page = desk.get("/quality-review/").text
    assert (
        "Product quality review" in page
        and "Results and yields" in page
        and "Recovered after washing" in page
        and "MBR-DNK-010 v1" in page
    )
    answer = desk.post("/quality-review/print", begin="2024-01-01", end="2027-12-31", language="en")
    assert answer.status_code == 303
    paper = desk.get(answer.headers["Location"])
    name = "quality-review-2024-01-01-2027-12-31-copy-1-en.pdf"
    assert paper.data.startswith(b"%PDF-") and name in paper.headers["Content-Disposition"]
    assert verify_pdf(paper.data, demo.code).verdict is Verdict.INTACT


@pytest.mark.parametrize(
    ("begin", "end", "said"),
    [
        ("2026-05-01", "2026-04-01", "The last day lies before the first one."),
        ("soon", "2026-04-01", "soon"),
        ("2026-04-01", "", "2026-04-01"),
    ],
)
def test_what_is_no_period_is_told_at_its_field(sit: Sit, begin: str, end: str, said: str) -> None:
    for answer in (
        sit("qa-a").get(f"/quality-review/?begin={begin}&end={end}"),
        sit("qa-a").post("/quality-review/print", begin=begin, end=end, language="en"),
    ):
        assert answer.status_code == 422 and said in answer.text


def test_the_bench_neither_reads_nor_prints_it(sit: Sit) -> None:
    desk = sit("tech-a")
    assert desk.get("/quality-review/").status_code == 403
    assert desk.post("/quality-review/print", begin="2026-01-01", end="2026-12-31").status_code == 403
