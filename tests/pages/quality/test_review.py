"""Quality reviews a batch by its exceptions and decides with signatures."""

import re
from collections.abc import Callable

from lims.actions.site import Site
from lims.domain.acts import Role, Stage
from lims.queries.look import Reader
from lims.queries.quality import why_not
from tests.attacks.raw import run_unguarded
from tests.conftest import wanted_dialect
from tests.pages.quality.conftest import Desk, batch_of, entries_of

Sit = Callable[[str], Desk]
WAITING = "0004"
"""The demo batch that waits for quality: one deviation undecided, one correction to see."""


def decide(desk: Desk, **changed: str) -> int:
    fields = {
        "number": f"{WAITING}-1",
        "severity": "minor",
        "decision": "accepted",
        "impact": "No effect.",
    } | changed
    return desk.sign(f"/quality/{WAITING}/deviation", **fields).status_code


def sign_review(site: Site, desk: Desk) -> int:
    seen, beside = str(batch_of(site, WAITING).seq), shown_beside(desk)
    return desk.sign(f"/quality/{WAITING}/review", seen=seen, beside=beside).status_code


def shown_beside(desk: Desk) -> str:
    """What the page says that it showed beside the record."""
    return re.findall(r'name="beside" value="(\w+)"', desk.get(f"/quality/{WAITING}").text)[0]


def release(desk: Desk, *, seen: int) -> tuple[int, str]:
    answer = desk.sign(f"/quality/{WAITING}/disposition", decision="release", seen=str(seen))
    return answer.status_code, answer.text


def test_the_page_lists_what_waits_and_what_the_review_answers(sit: Sit) -> None:
    page = sit("qa-b").get(f"/quality/{WAITING}").text
    assert "Lowest temperature on the logger" in page
    assert "<b>1 open</b> · 1 to see" in page


def test_a_decision_without_an_impact_is_asked_again_and_changes_nothing(site: Site, sit: Sit) -> None:
    before = batch_of(site, WAITING).seq
    assert decide(sit("qa-b"), impact=" ") == 422
    assert batch_of(site, WAITING).seq == before


def test_a_wrong_password_keeps_what_was_typed_and_changes_nothing(site: Site, sit: Sit) -> None:
    before = batch_of(site, WAITING).seq
    answer = sit("qa-b").sign(
        f"/quality/{WAITING}/deviation",
        password="not the password",
        number=f"{WAITING}-1",
        severity="minor",
        decision="accepted",
        impact="No effect on viability.",
    )
    assert answer.status_code == 422
    assert "No effect on viability." in answer.text and "The password is not right" in answer.text
    assert batch_of(site, WAITING).seq == before


def test_a_batch_is_released_once_everything_is_decided_and_reviewed(site: Site, sit: Sit) -> None:
    desk = sit("qa-b")
    assert decide(desk) == 303
    assert sign_review(site, desk) == 303
    status, _ = release(desk, seen=batch_of(site, WAITING).seq)
    assert status == 303
    assert batch_of(site, WAITING).stage is Stage.RELEASED
    page = desk.get(f"/quality/{WAITING}").text
    assert "Final sterility is pending." in page and "QA officer B" in page


def test_no_batch_is_released_over_an_open_deviation_and_the_refusal_is_on_file(site: Site, sit: Sit) -> None:
    before = len(entries_of(site, f"batch:{WAITING}!refusals"))
    status, page = release(sit("qa-b"), seen=batch_of(site, WAITING).seq)
    assert status == 409 and f"Deviation {WAITING}-1 is not decided." in page
    assert batch_of(site, WAITING).stage is Stage.TESTING
    assert len(entries_of(site, f"batch:{WAITING}!refusals")) == before + 1


def test_a_release_from_a_stale_page_is_refused_with_the_difference(site: Site, sit: Sit) -> None:
    desk = sit("qa-b")
    decide(desk)
    sign_review(site, desk)
    seen = batch_of(site, WAITING).seq
    sit("qa-a").sign(
        f"/quality/{WAITING}/disposition", decision="hold", hold_reason="quality", seen=str(seen)
    )
    status, page = release(desk, seen=seen)
    assert status == 409 and "on hold" in page
    assert batch_of(site, WAITING).stage is Stage.TESTING


def test_a_review_from_a_stale_page_names_what_came_later(site: Site, sit: Sit) -> None:
    seen = batch_of(site, WAITING).seq
    decide(sit("qa-a"))
    answer = sit("qa-b").sign(f"/quality/{WAITING}/review", seen=str(seen))
    assert answer.status_code == 409
    assert "QA officer A decided deviation" in answer.text


def test_what_came_beside_the_record_since_the_page_was_opened_is_not_signed_for(
    site: Site, sit: Sit
) -> None:
    """A refused act moves no entry of the batch; the reviewer has not seen it all the same."""
    desk = sit("qa-b")
    assert decide(desk) == 303
    seen, beside = str(batch_of(site, WAITING).seq), shown_beside(desk)
    release(sit("qa-a"), seen=int(seen))  # refused, for nobody reviewed the record
    answer = desk.sign(f"/quality/{WAITING}/review", seen=seen, beside=beside)
    assert answer.status_code == 409 and "Something beside the record changed" in answer.text
    assert "Refused: something missing" in desk.get(f"/quality/{WAITING}").text
    assert sign_review(site, desk) == 303


def test_a_review_that_does_not_say_what_was_shown_is_refused(site: Site, sit: Sit) -> None:
    desk = sit("qa-b")
    assert decide(desk) == 303
    answer = desk.sign(f"/quality/{WAITING}/review", seen=str(batch_of(site, WAITING).seq))
    assert answer.status_code == 409 and "Something beside the record changed" in answer.text


def test_a_decision_must_be_chosen(site: Site, sit: Sit) -> None:
    before = batch_of(site, WAITING).seq
    answer = sit("qa-b").sign(f"/quality/{WAITING}/disposition", seen=str(before))
    assert answer.status_code == 422 and "Choose one of the answers." in answer.text
    assert batch_of(site, WAITING).seq == before


def test_a_rejected_batch_needs_words_and_ends(site: Site, sit: Sit) -> None:
    desk = sit("qa-b")
    seen = str(batch_of(site, WAITING).seq)
    address = f"/quality/{WAITING}/disposition"
    assert desk.sign(address, decision="reject", reason="", seen=seen).status_code == 422
    assert desk.sign(address, decision="reject", reason="Box was cold.", seen=seen).status_code == 303
    assert batch_of(site, WAITING).stage is Stage.REJECTED


def test_the_copied_site_stands_on_the_database_of_this_run(site: Site) -> None:
    assert site.ledger.engine.dialect.name == wanted_dialect()


def test_a_hold_is_lifted_with_a_reason(site: Site, sit: Sit) -> None:
    desk = sit("qa-b")
    desk.sign(f"/quality/{WAITING}/disposition", decision="hold", hold_reason="quality")
    held = batch_of(site, WAITING).on_hold
    assert held is not None
    answer = desk.sign(f"/quality/{WAITING}/lift", placed=str(held.seq), reason="Explained.")
    assert answer.status_code == 303
    assert batch_of(site, WAITING).on_hold is None


def test_who_took_part_is_told_so(site: Site) -> None:
    """I1, A16-3: the button says why, the corridor refuses."""
    batch = batch_of(site, WAITING)
    maker = sorted(batch.took_part)[0]
    reader = Reader(person=maker, roles=frozenset({Role.QA}), language="en", site=site)
    assert [reason.rule for reason in why_not(batch, "review_record", reader)] == ["act.took_part"]


def test_the_bench_has_no_review_page(sit: Sit) -> None:
    assert sit("tech-a").get(f"/quality/{WAITING}").status_code == 403


def test_an_inspector_reads_but_decides_nothing(site: Site, sit: Sit) -> None:
    desk = sit("inspector")
    assert desk.get(f"/quality/{WAITING}").status_code == 200
    assert decide(desk) == 403


def test_a_record_that_was_tampered_with_is_not_reviewed(site: Site, sit: Sit) -> None:
    """Never `0 exceptions` when the check itself failed (screens 2.11)."""
    desk = sit("qa-b")
    desk.get(f"/quality/{WAITING}")
    changed = "UPDATE entries SET body = replace(body, '14.2', '15.2') WHERE stream = :stream"
    run_unguarded(site.ledger, changed, stream=f"batch:{WAITING}")
    page = desk.get(f"/quality/{WAITING}").text
    assert "Not reviewed." in page
    assert "Sign as" not in page


def test_the_final_disposition_waits_for_the_last_result(sit: Sit) -> None:
    page = sit("qa-b").get("/quality/0002").text
    assert "Sterility B, 14 days has no reviewed result." in page


def test_unknown_batches_are_not_on_file(sit: Sit) -> None:
    assert sit("qa-b").get("/quality/9999").status_code == 404


def test_a_deviation_names_every_other_batch_that_shares_something_by_number_only(sit: Sit) -> None:
    """Issue 4.4: what else the cause can have reached stands beside the decision, each with its state."""
    desk = sit("qa-b")
    links = re.findall(rf'href="(/quality/{WAITING}[^"#]*)#opened"', desk.get("/").text)
    assert links
    page = desk.get(links[0]).text
    assert f"{WAITING}-1 · Limit exceeded" in page and "5 other batches share something" in page
    others = page[page.index('id="others"') :].partition("</table>")[0]
    numbers = re.findall(r"/batches/(\d+)", others)
    assert set(numbers) == {"0001", "0002", "0003", "0005", "0006"}
    rows = {number: others[others.index(f"/batches/{number}") :].partition("</tr>")[0] for number in numbers}
    sorts = {
        number: sum(f"{sort}: " in row for sort in ("Lot", "Equipment", "Operator", "Same day"))
        for number, row in rows.items()
    }
    assert numbers == sorted(sorted(numbers, reverse=True), key=lambda number: -sorts[number])
    earlier = rows["0003"]
    for said in ("Lot: DEMO-01A", "Equipment: BSC-2", "Operator: Technician A", "Released"):
        assert said in earlier
    assert "0007" not in others and "DNK-" not in others
