"""The QC laboratory's pages."""

from collections.abc import Callable

from lims.actions.site import Site
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.batch import SampleReceived
from lims.domain.entries.values import Means
from lims.domain.rows import BatchRow
from lims.ledger.read_tables import find
from tests.pages.quality.conftest import Desk, batch_of

Sit = Callable[[str], Desk]
TAKEN = "0005"
"""The demo batch whose safety sample was taken and not received."""


def sample(batch: BatchRecord) -> str:
    return next(code for code in batch.samples if code not in batch.received)


def receive(site: Site, desk: Desk, *, means: str = "scanned") -> int:
    code = sample(batch_of(site, TAKEN))
    return desk.post("/qc/receive", code=code, means=means).status_code


def test_a_sample_is_received_by_its_code_alone(site: Site, sit: Sit) -> None:
    assert receive(site, sit("qc-a")) == 303
    fact = batch_of(site, TAKEN).entries[-1].fact
    assert isinstance(fact, SampleReceived) and fact.means is Means.SCANNED


def test_a_typed_code_stays_told_apart(site: Site, sit: Sit) -> None:
    receive(site, sit("qc-a"), means="typed")
    assert "1 typed" in sit("qa-b").get(f"/quality/{TAKEN}").text


def test_an_unknown_code_is_refused_in_words(sit: Sit) -> None:
    answer = sit("qc-a").post("/qc/receive", code="3200000000000000", means="scanned")
    assert answer.status_code == 422 and "This code is not on file here." in answer.text


def test_a_result_waits_for_a_colleagues_review(site: Site, sit: Sit) -> None:
    analyst, colleague = sit("qc-a"), sit("qc-b")
    receive(site, analyst)
    address = f"/qc/{TAKEN}/mycoplasma"
    assert analyst.identify(address, option="not_detected").status_code == 303
    assert "a colleague reviews it" in analyst.get(f"/qc/{TAKEN}").text
    assert analyst.sign(f"{address}/review", agreed="yes").status_code == 403
    assert colleague.sign(f"{address}/review", agreed="yes").status_code == 303
    batch = batch_of(site, TAKEN)
    assert batch.test_state(batch.master.test("mycoplasma")) == "pass"


def test_a_result_needs_the_pin(site: Site, sit: Sit) -> None:
    analyst = sit("qc-a")
    receive(site, analyst)
    before = batch_of(site, TAKEN).seq
    answer = analyst.identify(f"/qc/{TAKEN}/mycoplasma", pin="000001", option="not_detected")
    assert answer.status_code == 422 and "The pin is not right." in answer.text
    assert batch_of(site, TAKEN).seq == before


def test_an_invalid_test_needs_a_reason(site: Site, sit: Sit) -> None:
    analyst = sit("qc-a")
    receive(site, analyst)
    answer = analyst.identify(f"/qc/{TAKEN}/mycoplasma", outcome="invalid")
    assert answer.status_code == 422 and "Say why the test is invalid" in answer.text


def test_a_result_too_early_is_refused(site: Site, sit: Sit) -> None:
    answer = sit("qc-a").identify("/qc/0004/sterility_b", option="no_growth")
    assert answer.status_code == 409 and "cannot have ended before" in answer.text


def test_a_review_must_be_chosen(site: Site, sit: Sit) -> None:
    analyst = sit("qc-a")
    receive(site, analyst)
    analyst.identify(f"/qc/{TAKEN}/mycoplasma", option="not_detected")
    answer = sit("qc-b").sign(f"/qc/{TAKEN}/mycoplasma/review")
    assert answer.status_code == 422 and "Choose one of the answers." in answer.text


def test_limits_stand_on_the_page_before_entry(sit: Sit) -> None:
    page = sit("qc-a").get("/qc/0005").text
    assert "≥\N{NO-BREAK SPACE}80.0\N{NO-BREAK SPACE}%" in page


def test_the_bench_enters_no_results(sit: Sit) -> None:
    assert sit("tech-a").identify("/qc/0004/sterility_b", option="no_growth").status_code == 403


def perfused(site: Site) -> str:
    """The number of a demo batch whose product was given and whose final result is open."""
    with site.ledger.reading() as book:
        return next(row.number for row in find(book, BatchRow, stage="perfused") if row.results_open)


def test_growth_after_the_perfusion_shows_what_it_holds_and_takes_later_findings(
    site: Site, sit: Sit
) -> None:
    """AT-7: the late failure opens an investigation at once; organism and susceptibility are later entries."""
    number, analyst = perfused(site), sit("qc-a")
    address = f"/qc/{number}/sterility_b"
    assert analyst.identify(address, option="growth").status_code == 303
    page = analyst.get(f"/qc/{number}?test=sterility_b").text
    assert "Failed after the release" in page
    wrong = analyst.identify(f"{address}/organism", finding="Cocci in clusters.")
    assert wrong.status_code == 422 and "Cocci in clusters." in wrong.text
    told = analyst.identify(f"{address}/organism", news="gram", finding="Cocci in clusters.")
    assert told.status_code == 303
    assert "Gram stain: Cocci in clusters." in analyst.get(f"/qc/{number}?test=sterility_b").text
    review = sit("qa-a").get(f"/quality/{number}").text
    assert "Failed after release" in review and "Failed after the release" in review
