"""Notices on the pages: on the list of who must know, answered with what was done."""

from lims.actions.site import Site
from tests.pages.quality.conftest import batch_of
from tests.pages.quality.test_qc import Sit, perfused


def test_the_clinician_finds_the_notice_on_today_and_answers_it(site: Site, sit: Sit) -> None:
    """AT-7: who must know acknowledges, with the time of the contact and what was done."""
    number, clinician = perfused(site), sit("clin-a")
    sit("qc-a").identify(f"/qc/{number}/sterility_b", option="growth")
    assert "A released product failed a test" in clinician.get("/").text
    address = f"/notices/{number}"
    assert "What was done" in clinician.get(address).text
    first = next(iter(_notices(site, number)))
    wrong = clinician.identify(f"{address}/{first}", contacted_at="noon", done="She was told.")
    assert wrong.status_code == 422 and "She was told." in wrong.text
    assert (
        clinician.identify(f"{address}/{first}", contacted_at="00:00", done="She was told.").status_code
        == 303
    )
    assert "Acknowledged by Clinician A" in clinician.get(address).text
    assert clinician.identify(f"{address}/{first}", contacted_at="00:00", done="Again.").status_code == 409


def _notices(site: Site, number: str) -> tuple[str, ...]:
    return tuple(batch_of(site, number).notices)
