"""Every page of the full-size demo as its people see it: upright and across, in English and 中文."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from lims.actions.frozen import frozen
from lims.actions.people import DEFAULT_SECRETS
from lims.actions.site import Site
from lims.domain.acts import Stage
from lims.domain.entries.envelope import stream_of
from lims.domain.participant import fold_participant
from lims.domain.rows import BatchRow, ParticipantRow
from lims.ledger.read_tables import find
from tests.journey.looking import MOST_SECONDS, Served, looking, seated, shames

SIZES = {"upright": (820, 1180), "across": (1180, 820)}


@pytest.fixture(scope="module")
def served(demo: Site) -> Iterator[tuple[Served, Browser]]:
    with looking(demo) as both:
        yield both


@pytest.fixture(scope="module")
def pages(demo: Site) -> dict[str, dict[str, str]]:
    """For each person the pages that they live with, by name."""
    with demo.ledger.reading() as book:
        rows = find(book, BatchRow, order=("issued_at",))
    at = {stage: next(row for row in rows if row.stage == stage) for stage in {row.stage for row in rows}}
    running = [row for row in rows if row.stage == Stage.IN_PROCESS and row.current_step]
    cells, review = running[0], at[Stage.TESTING]
    closed, bedside = at[Stage.CLOSED], at[Stage.RELEASED]
    with demo.ledger.reading() as book:
        women = find(book, ParticipantRow, order=("trial_id",))
    eligible = next(row.trial_id for row in reversed(women) if _found_eligible(demo, row.trial_id))
    deviant = next(row for row in rows if frozen(demo, row.number).deviations)
    product = frozen(demo, bedside.number).unit_code
    checked = next(step for step in frozen(demo, cells.number).steps)
    return {
        "tech-a": {
            "today": "/",
            "days": "/batches?view=days",
            "states": "/batches?view=states",
            "table": "/batches?view=table",
            "issued": f"/batches/{at[Stage.ISSUED].number}",
            "batch": f"/batches/{cells.number}",
            **{f"step_{row.number}": f"/batches/{row.number}/steps/{row.current_step}" for row in running},
            "step_done": f"/batches/{cells.number}/steps/{checked}",
            "operation": f"/batches/{cells.number}/operation",
            "custody": f"/batches/{bedside.number}/custody",
            "handover": f"/batches/{bedside.number}/handover/{product}",
            "audit_as_of": f"/audit/batch/{cells.number}/as-of/40",
        },
        "tech-b": {"verify": "/verify"},
        "qc-a": {
            "qc": "/qc/",
            "qc_batch": f"/qc/{at[Stage.PERFUSED].number}",
        },
        "qa-a": {
            "today_qa": "/",
            "quality": "/quality/",
            "review": f"/quality/{review.number}",
            "review_deviant": f"/quality/{deviant.number}",
            "documents": "/documents/",
            "documents_batch": f"/documents/{closed.number}",
            "audit": "/audit/",
            "audit_batch": f"/audit/batch/{closed.number}",
            "batch_closed": f"/batches/{closed.number}",
        },
        "clin-a": {
            "today_clinic": "/",
            "clinic": "/clinic",
            "bedside": f"/clinic/bedside/{bedside.number}",
            "participant": f"/participants/{bedside.participant}",
        },
        "coord-a": {
            "screening": f"/participants/{eligible}/screening",
            "figures": "/figures",
        },
    }


def _found_eligible(demo: Site, code: str) -> bool:
    """She waits for randomisation."""
    stream = stream_of("participant", code)
    with demo.ledger.reading() as book:
        woman = fold_participant(stream, book.entries(stream))
    decided = woman.screening.eligibility
    return decided is not None and decided.eligible and woman.allocation is None


@pytest.mark.parametrize(("size", "language"), [("upright", "zh_Hans"), ("across", "en")])
def test_no_page_of_the_demo_is_one_to_be_ashamed_of(
    served: tuple[Served, Browser], pages: dict[str, dict[str, str]], size: str, language: str
) -> None:
    """WCAG 2.2 AA, nothing wider than the screen, the main action in sight, and an answer within a second."""
    server, browser = served
    found: list[str] = []
    for person, theirs in pages.items():
        window = seated(
            server, browser, person, password=DEFAULT_SECRETS[0], size=SIZES[size], language=language
        )
        for name, path in theirs.items():
            answer = window.goto(server.address + path)
            assert answer is not None and answer.status == 200, f"{person} {path}"
            found += shames(window, f"{name}-{size}-{language}", read_to_the_end=name == "audit_batch")
        window.context.close()
    found += [f"{path}: {spent:.2f} s" for path, spent in server.spent.items() if spent > MOST_SECONDS]
    assert not found, "\n".join(found)
