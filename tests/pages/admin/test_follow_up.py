"""A woman's follow-up through the pages: what is due, what is recorded, corrected and struck, and what is refused."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from lims.actions.site import Site
from lims.actions.timers import run_due
from lims.domain.participant import Participant
from tests.pages.admin.test_trial import of, ready
from tests.pages.quality.conftest import Desk

Sit = Callable[[str], Desk]
VISIT = {"visit": "M1", "on": "2026-11-01", "done": "yes", "how": "clinic"}
FOUND = {
    "found_on": "2026-11-01",
    "test": "urine",
    "conception": "natural",
    "dated_by": "lmp",
    "dated_on": "2026-10-01",
}
EVENT = {
    "term": "fever",
    "began_on": "2026-11-01",
    "grade": "3",
    "criteria": "hospitalisation",
    "causality": "possible",
    "expected": "no",
    "outcome": "recovering",
    "story": "38.9 °C, admitted for a night.",
}


@pytest.fixture
def code(site: Site, sit: Sit) -> str:
    """A woman of the control arm, randomised on 1 October 2026 and therefore followed since."""
    trial_id = ready(sit, arm="control")
    run_due(site)
    return trial_id


def record(sit: Sit, code: str, act: str, **fields: str) -> TestResponse:
    return sit("coord-a").identify(f"/participants/{code}/follow-up/{act}", **fields)


def page(sit: Sit, code: str, query: str = "", who: str = "coord-a") -> str:
    answer = sit(who).get(f"/participants/{code}/follow-up{query}")
    assert answer.status_code == 200
    return answer.text


def now(site: Site, code: str) -> Participant:
    return of(site, code)


def test_the_plan_is_worked_out_by_itself_when_the_arm_is_on_file(site: Site, sit: Sit, code: str) -> None:
    """Domain 1.3: the control arm is followed from randomisation."""
    plan = now(site, code).followed.plan
    assert plan is not None and plan.start is not None and plan.end is not None
    assert (plan.start.isoformat(), plan.end.isoformat()) == ("2026-10-01", "2027-04-01")
    shown = page(sit, code)
    assert "2026-10-01 (randomisation) for 6 calendar months to 2027-04-01" in shown


def test_a_visit_is_recorded_and_then_no_longer_due(site: Site, sit: Sit, code: str) -> None:
    assert record(sit, code, "record_visit", **VISIT).status_code == 303
    assert [one.code for one in now(site, code).followed.visits] == ["M1"]
    assert "task=coordinator/visit/M1" not in page(sit, code)


def test_what_is_due_stands_on_the_coordinators_today(site: Site, sit: Sit, code: str) -> None:
    today = sit("coord-a").get("/").text
    assert (
        code in today
        and f"/participants/{code}/follow-up?task=coordinator/visit/M1#form-record_visit" in today
    )


def test_a_correction_keeps_the_first_legible_with_its_reason(site: Site, sit: Sit, code: str) -> None:
    record(sit, code, "record_visit", **VISIT)
    seq = str(now(site, code).followed.filed[0].entry.seq)
    form = page(sit, code, f"?correct={seq}")
    assert 'value="2026-11-01"' in form and f'name="corrects" value="{seq}"' in form
    answer = record(
        sit, code, "record_visit", **{**VISIT, "on": "2026-10-30"}, corrects=seq, why="Wrong day typed."
    )
    assert answer.status_code == 303
    shown = page(sit, code)
    assert "Wrong day typed." in shown and "2026-11-01" in shown and "2026-10-30" in shown


def test_a_strike_needs_its_reason_and_keeps_the_entry_legible(site: Site, sit: Sit, code: str) -> None:
    record(sit, code, "record_visit", **VISIT)
    seq = str(now(site, code).followed.filed[0].entry.seq)
    assert record(sit, code, "strike_follow_up", seq=seq, why="").status_code == 422
    assert record(sit, code, "strike_follow_up", seq=seq, why="Another woman's visit.").status_code == 303
    assert now(site, code).followed.visits == ()
    assert "Another woman&#39;s visit." in page(sit, code)


def test_a_pregnancy_goes_from_test_to_outcome(site: Site, sit: Sit, code: str) -> None:
    """Sac at 5 to 7 weeks, heartbeat at 12, delivery: each counts as the registered text says (domain 1.5)."""
    assert record(sit, code, "find_pregnancy", **FOUND).status_code == 303
    scan = {"pregnancy": "1", "on": "2026-11-15", "sacs_in_uterus": "1", "sac_elsewhere": "no"}
    seen = {"heartbeat_a": "yes", "size_a": "yes", "measured": "6w3d"}
    site_now = site.clock.now()
    assert site_now.year == 2026
    answer = record(sit, code, "record_ultrasound", **scan, **seen)
    assert answer.status_code == 303, answer.text
    one = now(site, code).followed.pregnancies[0]
    assert one.ultrasounds[0].sacs_in_uterus == 1
    assert "yes, scan of 2026-11-15" in page(sit, code)


def test_a_refused_entry_is_said_at_its_field_and_nothing_typed_is_lost(
    site: Site, sit: Sit, code: str
) -> None:
    answer = record(sit, code, "find_pregnancy", **{**FOUND, "dated_on": "next week"})
    assert answer.status_code == 422
    assert "This is not a date." in answer.text and 'value="2026-11-01"' in answer.text
    assert now(site, code).followed.pregnancies == ()


def test_an_age_that_is_none_is_said_at_its_field(site: Site, sit: Sit, code: str) -> None:
    record(sit, code, "find_pregnancy", **FOUND)
    scan = {"pregnancy": "1", "on": "2026-11-15", "sacs_in_uterus": "1", "sac_elsewhere": "no"}
    answer = record(sit, code, "record_ultrasound", **scan, measured="seven weeks")
    assert answer.status_code == 422
    assert "Write it like 7w3d." in answer.text and 'value="seven weeks"' in answer.text


def test_a_serious_event_starts_the_clock_that_today_shows(site: Site, sit: Sit, code: str) -> None:
    """Reports within 24 hours and 15 days (ICH E6, ICH E2A)."""
    assert record(sit, code, "record_adverse_event", **EVENT).status_code == 303
    due = {one.code: one.due_at for one in now(site, code).followed.events[0].due}
    assert due["expedited"] - due["sponsor"] == timedelta(days=14)
    for who in ("coord-a", "clin-a"):
        assert "Report to the sponsor" in sit(who).get("/").text
    sent = {"report": "1:sponsor", "to": "Safety desk", "reference": "SD-7"}
    assert record(sit, code, "report_adverse_event", **sent).status_code == 303
    assert [one.code for one in now(site, code).followed.events[0].due] == ["expedited"]


def test_a_story_never_lies_in_the_chain(site: Site, sit: Sit, code: str) -> None:
    record(sit, code, "record_adverse_event", **EVENT)
    with site.ledger.reading() as book:
        bodies = [repr(entry) for entry in book.entries(f"participant:{code}")]
    assert not [body for body in bodies if "admitted" in body]
    assert "admitted for a night" in page(sit, code)


def test_inspector_and_quality_read_and_record_nothing(sit: Sit, code: str) -> None:
    for who in ("inspector", "qa-a"):
        assert 'id="form-record_visit"' not in page(sit, code, who=who)
        assert sit(who).post(f"/participants/{code}/follow-up/record_visit").status_code == 403


@pytest.mark.parametrize("who", ["tech-a", "qc-a", "admin"])
def test_the_laboratory_does_not_see_a_follow_up(sit: Sit, code: str, who: str) -> None:
    assert sit(who).get(f"/participants/{code}/follow-up").status_code == 403


def test_the_drawing_has_its_table(sit: Sit, code: str) -> None:
    shown = page(sit, code)
    assert 'class="b-course"' in shown
    assert "Visit at 1 month" in shown and "2026-10-25 – 2026-11-08" in shown
