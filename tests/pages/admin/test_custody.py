"""The chain of custody as a page: who held what, when it changed hands, and where the record has gaps."""

from collections.abc import Callable

from lims.actions.site import Site
from lims.domain.rows import BatchRow
from lims.ledger.read_tables import find
from tests.pages.quality.conftest import Desk, batch_of

Sit = Callable[[str], Desk]


def released(site: Site) -> str:
    """A released batch whose product is in the clinic."""
    with site.ledger.reading() as book:
        return find(book, BatchRow, stage="released", limit=1)[0].number


def test_every_container_and_every_hand_over_is_told(site: Site, sit: Sit) -> None:
    number = released(site)
    page = sit("inspector").get(f"/batches/{number}/custody").text
    batch = batch_of(site, number)
    grouped = [f"{c[:2]}\N{NO-BREAK SPACE}{c[2:6]}" for c in batch.containers]
    assert all(start in page.replace("&nbsp;", "\N{NO-BREAK SPACE}") for start in grouped)
    assert "Technician A → Clinician A" in page
    assert f"One participant: {batch.issue.participant}" in page


def test_containers_scanned_one_after_another_are_told_once(site: Site, sit: Sit) -> None:
    page = sit("inspector").get(f"/batches/{released(site)}/custody").text
    assert "Blood tube 1–5/5 comes into the record" in page
    assert page.count("comes into the record") < len(batch_of(site, released(site)).containers)


def test_a_short_wait_between_giver_and_receiver_is_no_gap(site: Site, sit: Sit) -> None:
    assert "nobody answers for it" not in sit("inspector").get(f"/batches/{released(site)}/custody").text


def test_who_may_not_hand_over_reads_why(site: Site, sit: Sit) -> None:
    assert "Your role does not allow this" in sit("qa-a").get(f"/batches/{released(site)}/custody").text


def test_a_batch_that_is_not_on_file_is_not_found(sit: Sit) -> None:
    assert sit("qa-a").get("/batches/9999/custody").status_code == 404
