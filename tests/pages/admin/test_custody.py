"""The chain of custody as a page: who held what, when it changed hands, and where the record has gaps."""

from collections.abc import Callable

from lims.actions.site import Site
from lims.domain.codes import grouped
from lims.domain.identity_graph import drawn, graph_of
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


def test_the_graph_is_drawn_and_told_with_one_participant_for_every_thing(site: Site, sit: Sit) -> None:
    """21 CFR 1271.290(b): every code of the batch stands in the table beside the picture."""
    number = released(site)
    page = sit("inspector").get(f"/batches/{number}/custody").text
    batch = batch_of(site, number)
    graph = graph_of(batch)
    assert f"each of {len(graph.nodes)} things goes back to exactly one participant" in page
    assert page.count('class="b-node ') == len(drawn(graph))
    for code in batch.containers.keys() | batch.labels.keys():
        assert f"/trace?code={code}" in page


def test_any_code_is_traced_back_to_her_and_forward_to_the_product(site: Site, sit: Sit) -> None:
    batch = batch_of(site, released(site))
    tube = next(code for code, item in batch.containers.items() if item.container == "tube")
    product = grouped(batch.unit_code or "")
    for asked in (tube, batch.issue.coi, batch.issue.participant.lower(), batch.number):
        page = sit("inspector").get(f"/trace?code={asked}").text
        assert f"One participant: {batch.issue.participant}" in page and product in page


def test_a_label_is_traced_to_what_it_is_on(site: Site, sit: Sit) -> None:
    batch = batch_of(site, released(site))
    serial = next(iter(batch.labels))
    page = sit("qa-a").get(f"/trace?code={serial}").text
    assert grouped(batch.labels[serial].container) in page and "Nothing yet." in page


def test_a_code_that_is_on_file_nowhere_is_told_at_its_field(sit: Sit) -> None:
    for asked in ("DNK-999", "1234567890123456"):
        page = sit("qa-a").get(f"/trace?code={asked}").text
        assert 'id="code-error"' in page and f'value="{asked}"' in page
