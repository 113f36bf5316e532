"""Certificates and the custody report say everything that stands behind a decision, and never more than is on file."""

import ast
import inspect
import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest

from lims.documents.batch_record_copy import Earlier
from lims.documents.papers import PAPERS, filename, is_superseded, place_of
from lims.domain import notices, participant, release
from lims.domain.batch_fold import as_of, fold_batch
from lims.domain.batch_record import BatchRecord
from lims.domain.codes import grouped
from lims.domain.custody_chain import chain_of, longest_wait
from lims.domain.deviations import opened
from lims.domain.dose import dose_of
from lims.domain.entries.batch import (
    Annotated,
    BatchRejected,
    BatchTerminated,
    CustodyOffered,
    CustodyTaken,
    DisposedFinally,
    HoldPlaced,
    ResultEntered,
)
from lims.domain.entries.envelope import Detached
from lims.domain.entries.keys import DocumentIssued
from lims.domain.entries.late import LateFailureFound, Touched
from lims.domain.entries.notices import NoticeAcknowledged, NoticeEscalated
from lims.domain.quantities import as_power_of_ten
from lims.domain.refusals import Reason, Refused
from lims.domain.release_conditions import CONDITIONS, judged
from lims.domain.sentences import at_site
from tests.documents.printed import before, codes_on, copy_of, followed_by, pages_of, squeezed, text_of
from tests.rules.played_batch import Played, played
from tests.rules.stage_play import ZONE

POINT_OF = {
    "conditional_release": "released",
    "final_release": "disposed",
    "analysis": "tested",
    "custody": "issued",
    "perfusion_order": "released",
    "clinic_release": "released",
    "perfusion_record": "perfused",
}
"""The first point at which each of them can be printed."""
OURS = tuple(POINT_OF)


def drawn(
    kind: str,
    batch: Played,
    *,
    language: str = "en",
    instance: str = "demo",
    earlier: tuple[Earlier, ...] = (),
    supersedes: Earlier | None = None,
    days: float = 0,
) -> bytes:
    copy = copy_of(batch, language=language, kind=instance, earlier=earlier, supersedes=supersedes)
    return PAPERS[kind].draw(replace(copy, printed_at=copy.printed_at + timedelta(days=days)))


def told(kind: str, batch: Played, **kwargs: object) -> str:
    return squeezed(text_of(drawn(kind, batch, **kwargs)))  # type: ignore[arg-type]


def has(text: str, *parts: str) -> None:
    missing = [part for part in parts if squeezed(part) not in text]
    assert missing == []


def words_on_file(batch: Played) -> Detached:
    return next(entry.fact.words for entry in batch.record.entries if isinstance(entry.fact, Annotated))


def nonconforming() -> Played:
    fact = DisposedFinally(disposition="nonconforming", reason=words_on_file(played()))
    return followed_by(played("perfused"), fact, act="dispose_finally")


def rejected() -> Played:
    return followed_by(played("released"), BatchRejected(reason=words_on_file(played())), act="reject_batch")


def issued(paper: str, copy_number: int) -> DocumentIssued:
    made = before(paper, copy_number=copy_number)
    return DocumentIssued(
        paper=paper,
        language="en",
        copy_number=copy_number,
        sha256=made.sha256,
        size=1,
        head_stream="batch:0037",
        head_seq=1,
        head_hash="0" * 64,
        supersedes=None,
    )


# every paper


@pytest.mark.parametrize("kind", OURS)
def test_the_same_copy_prints_the_same_bytes(kind: str) -> None:
    assert drawn(kind, played()) == drawn(kind, played())


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
@pytest.mark.parametrize("kind", OURS)
def test_it_prints_from_its_first_moment_on(kind: str, language: str) -> None:
    for point in (POINT_OF[kind], None):
        assert drawn(kind, played(point), language=language).startswith(b"%PDF-")


@pytest.mark.parametrize("kind", OURS)
def test_every_font_is_embedded(kind: str) -> None:
    with pikepdf.open(io.BytesIO(drawn(kind, played(), language="zh_Hans"))) as file:
        fonts = [font for page in file.pages for font in page.Resources.Font.as_dict().values()]
        assert fonts and all("/FontFile2" in font.get("/FontDescriptor", {}) for font in fonts)


@pytest.mark.parametrize("kind", OURS)
def test_it_says_whose_product_it_is(kind: str) -> None:
    batch = played().record
    has(
        told(kind, played()),
        batch.issue.participant,
        "Round1 of 2",
        f"Attempt{batch.issue.attempt}",
        batch.number,
        grouped(batch.issue.coi),
        grouped(batch.unit_code or ""),
        batch.master.product.en,
    )


@pytest.mark.parametrize("kind", OURS)
def test_it_prints_the_head_it_was_made_from_and_how_to_check_it(kind: str) -> None:
    batch = played().record
    last = batch.entries[-1]
    has(
        told(kind, played()),
        f"{batch.stream} #{last.seq}",
        last.hash,
        "How to check this paper against the record",
        f"entry {last.seq} of {batch.stream} bears the hash above",
    )


@pytest.mark.parametrize("kind", OURS)
def test_a_superseding_copy_names_the_file_and_hash_of_the_one_before(kind: str) -> None:
    older = before(kind)
    has(told(kind, played(), supersedes=older), "copy 1", older.filename, older.sha256)


@pytest.mark.parametrize("kind", OURS)
def test_a_demo_says_so_on_every_page(kind: str) -> None:
    assert all("DEMO · fictional data" in page for page in pages_of(drawn(kind, played())))


@pytest.mark.parametrize("kind", OURS)
def test_no_paper_bears_the_code_of_the_unit_for_a_scanner(kind: str, tmp_path: Path) -> None:
    """A certificate held under a scanner must never stand in for the product."""
    content, batch = drawn(kind, played()), played().record
    found: set[str] = set()
    for page in range(1, len(pages_of(content)) + 1):
        folder = tmp_path / str(page)
        folder.mkdir()
        found |= codes_on(content, folder, page=page)
    assert found == {batch.issue.coi, f"{batch.number} r{batch.seq} {batch.entries[-1].hash[:16]}"}


@pytest.mark.parametrize("kind", OURS)
def test_a_paper_without_its_moment_says_why(kind: str) -> None:
    point = {
        "conditional_release": "tested",
        "final_release": "perfused",
        "analysis": "quarantine",
        "perfusion_order": "tested",
        "clinic_release": "tested",
        "perfusion_record": "matched",
    }.get(kind)
    rule = {
        "conditional_release": "paper.not_released",
        "final_release": "paper.not_disposed",
        "analysis": "paper.no_result",
        "perfusion_order": "paper.no_order",
        "clinic_release": "paper.not_released",
        "perfusion_record": "paper.not_perfused",
    }
    if point is None:
        assert PAPERS[kind].unmet(played("issued").record) == ()
        return
    with pytest.raises(Refused) as refused:
        PAPERS[kind].check(played(point).record)
    assert refused.value.rule == rule[kind]


@pytest.mark.parametrize("kind", ["conditional_release", "final_release"])
def test_a_rejected_batch_never_gets_a_release_certificate(kind: str) -> None:
    disposed = followed_by(
        rejected(), DisposedFinally(disposition="nonconforming", reason=None), act="dispose_finally"
    )
    ended = followed_by(played("released"), BatchTerminated(reason_code="expired", reason=None))
    for batch, how in ((rejected(), "rejected"), (disposed, "rejected"), (ended, "terminated")):
        with pytest.raises(Refused) as refused:
            PAPERS[kind].check(batch.record)
        assert refused.value.rule == "paper.ended" and how in str(refused.value)


def test_copies_are_numbered_and_superseded_sort_by_sort() -> None:
    record, first = issued("batch_record", 1), issued("conditional_release", 1)
    assert place_of(PAPERS["conditional_release"], [record]) == (1, None)
    assert place_of(PAPERS["conditional_release"], [record, first]) == (2, first)


def test_the_first_final_certificate_supersedes_the_newest_conditional_one() -> None:
    first, second = issued("conditional_release", 1), issued("conditional_release", 2)
    final = issued("final_release", 1)
    assert place_of(PAPERS["final_release"], [first, second]) == (1, second)
    assert place_of(PAPERS["final_release"], [first, second, final]) == (2, final)


def test_a_conditional_certificate_is_superseded_by_a_final_one_whenever_it_was_printed() -> None:
    final, late = issued("final_release", 1), issued("conditional_release", 2)
    papers = [issued("conditional_release", 1), final, late]
    assert [is_superseded(paper, papers) for paper in papers] == [True, False, True]


def test_a_paper_about_one_thing_within_the_batch_has_copies_of_its_own() -> None:
    one = replace(issued("custody", 1), subject="0042-1")
    other, again = replace(one, subject="0042-2"), replace(one, copy_number=2)
    assert place_of(PAPERS["custody"], [one, other], "0042-1") == (2, one)
    assert place_of(PAPERS["custody"], [one], "0042-2") == (1, None)
    assert [is_superseded(paper, [one, other, again]) for paper in (one, other, again)] == [
        True,
        False,
        False,
    ]
    assert filename("custody", "0042", 1, "en", subject="0042-1") == "batch-0042-custody-0042-1-copy-1-en.pdf"


def test_a_paper_is_only_about_what_the_batch_has() -> None:
    about = replace(PAPERS["custody"], subjects=lambda batch: (f"{batch.number}-1",))
    batch = played("issued").record
    about.check(batch, f"{batch.number}-1")
    for paper, subject in ((about, ""), (about, f"{batch.number}-2"), (PAPERS["custody"], "x")):
        with pytest.raises(Refused) as refused:
            paper.check(batch, subject)
        assert refused.value.rule == "paper.no_subject"


def test_a_file_name_says_what_it_is() -> None:
    assert filename("batch_record", "0042", 3, "en") == "batch-0042-copy-3-en.pdf"
    assert filename("final_release", "0042", 1, "zh_Hans") == "batch-0042-final-release-copy-1-zh_Hans.pdf"


# conditional release certificate


def test_the_conditional_certificate_shows_what_was_signed_by_whom_and_when() -> None:
    """21 CFR 11.50(a): printed name, date and time, meaning."""
    batch = played("released").record
    signature = copy_of(played("released")).signature_of(batch.released)
    assert signature is not None and batch.released is not None
    has(
        told("conditional_release", played("released")),
        f"“{signature.sentence}”",
        signature.name,
        at_site(batch.released.time, ZONE),
        f"#{signature.covers}",
    )


def test_the_conditional_certificate_has_expiry_with_its_zone_and_every_number_of_the_dose() -> None:
    batch = played("released").record
    dose, expiry = dose_of(batch), batch.expires_at
    assert expiry and dose.concentration and dose.viable_cells and dose.nk_cells
    has(
        told("conditional_release", played("released")),
        at_site(expiry, ZONE),
        "1.2 mL",
        f"{as_power_of_ten(dose.concentration)} cells/mL",
        as_power_of_ten(dose.viable_cells),
        as_power_of_ten(dose.nk_cells),
        "93.5 %",
        batch.master.storage.en,
        batch.protocol.route.en,
    )


def test_the_conditional_certificate_names_what_is_pending_and_when_it_is_due() -> None:
    batch = played("released").record
    assert batch.release is not None and batch.release.pending
    for item in batch.release.pending:
        has(
            told("conditional_release", played("released")),
            batch.master.test(item.test).title.en,
            f"due {item.due.isoformat()}",
            "Pending",
        )


def test_every_condition_of_the_release_stands_on_the_certificate() -> None:
    text = told("conditional_release", played("released"))
    has(text, *(condition.title for condition in CONDITIONS))
    assert text.count("Met") >= len(CONDITIONS) and "Notmet" not in text


def test_a_condition_that_would_not_hold_is_printed_with_its_reason() -> None:
    """The certificate prints the same reasons that grey the button; it does not take the signature's word."""
    copy = copy_of(played("released"))
    person = replace(copy.participant, consent={}, withdrawn=True)
    text = squeezed(text_of(PAPERS["conditional_release"].draw(replace(copy, participant=person))))
    unmet = release.unmet_release(copy.before_release(), person, now=copy.printed_at)
    assert [reason.rule for reason in unmet] == ["participant.no_consent"]
    has(text, "Not met", copy.why(unmet[0]))


def test_the_conditional_certificate_shows_each_deviation_with_its_decision() -> None:
    batch = played("released")
    decision = batch.record.deviations["0037-1"].decision
    assert decision is not None
    has(
        told("conditional_release", batch),
        "0037-1 · minor",
        batch.words[decision.impact.commitment],
        "accepted",
    )


def test_the_conditional_certificate_is_marked_conditional_on_every_page() -> None:
    for page in pages_of(drawn("conditional_release", played("released"))):
        assert "CONDITIONAL" in page and "Conditional" in page


def test_after_the_final_disposition_the_conditional_certificate_says_that_it_is_superseded() -> None:
    final = before("final_release")
    text = told("conditional_release", played("disposed"), earlier=(final,))
    has(text, "SUPERSEDED", "The final disposition was signed", "conforming", final.filename, final.sha256)


def test_a_held_batch_is_held_on_its_certificate_too() -> None:
    held = followed_by(played("released"), HoldPlaced(reason_code="identity_mismatch", reference="0037-2"))
    has(told("conditional_release", held), "ON HOLD", "must not be given until quality lifts the hold")


def test_a_certificate_printed_after_expiry_says_expired() -> None:
    has(told("conditional_release", played("released"), days=3), "EXPIRED", "It must not be given.")
    assert "EXPIRED" not in told("conditional_release", played("perfused"), days=3)


# certificate of analysis


def test_every_test_of_the_panel_has_its_line() -> None:
    text, batch = told("analysis", played()), played().record
    for test in batch.master.tests:
        result = batch.result_of(test)
        assert result is not None and result.review is not None
        shown = next((o.title.en for o in test.options if o.code == result.fact.option), "")
        if not shown and not (result.fact.value and abs(result.fact.value) >= 100000):
            shown = f"{result.fact.raw} {result.fact.unit}"
        has(
            text,
            test.title.en,
            result.fact.method,
            test.limit.shown() if test.limit else test.options[0].title.en,
            shown,
            f"#{result.entry.seq} {at_site(result.entry.time, ZONE)}",
            f"#{result.review.seq} {at_site(result.review.time, ZONE)}",
        )


def test_the_specification_is_named_with_its_version_and_hash() -> None:
    issue = played().record.issue
    has(
        told("analysis", played()),
        f"{issue.master.code}, version {issue.master.version}",
        issue.master_sha256,
    )


def test_example_limits_are_marked_as_such() -> None:
    tests = played().record.master.tests
    assert told("analysis", played()).count("examplevalue") >= sum(test.placeholder for test in tests)


def test_while_a_test_is_pending_the_certificate_of_analysis_is_conditional() -> None:
    text = told("analysis", played("released"))
    has(
        text,
        "CONDITIONAL – TESTS PENDING",
        "7 of 8 tests passed and reviewed",
        "Pending: Sterility B, 14 days",
    )


def test_a_result_that_nobody_reviewed_is_no_pass() -> None:
    """I15: pending is never pass; neither is a result that waits for its second person."""
    batch = played()
    last = next(e for e in reversed(batch.record.entries) if isinstance(e.fact, ResultEntered))
    waiting = replace(batch, record=as_of(batch.record, last.seq))
    text = told("analysis", waiting)
    has(text, "CONDITIONAL – TESTS PENDING", "To review", "not reviewed", "7 of 8 tests passed")


def test_when_everything_is_reviewed_the_certificate_of_analysis_is_final() -> None:
    text = told("analysis", played())
    has(text, "FINAL – ALL RESULTS REVIEWED", "8 of 8 tests passed and reviewed")
    assert "CONDITIONAL" not in text


def changed_outcome(outcome: str) -> Played:
    """The batch as if its last test had come out otherwise."""
    batch = played("disposed")
    entered = next(e for e in reversed(batch.record.entries) if isinstance(e.fact, ResultEntered))
    results = dict(batch.record.results)
    code = entered.fact.test  # type: ignore[attr-defined]
    last = results[code][-1]
    results[code] = (replace(last, fact=replace(last.fact, outcome=outcome)),)
    return replace(batch, record=replace(batch.record, results=results))


@pytest.mark.parametrize(
    ("outcome", "word"), [("fail", "Fail"), ("invalid", "Invalid"), ("not_done", "Not done")]
)
def test_a_test_that_did_not_pass_is_named_at_the_top(outcome: str, word: str) -> None:
    text = told("analysis", changed_outcome(outcome))
    has(text, "FINAL – NOT ALL TESTS PASSED", word, "7 of 8 tests passed and reviewed")


# final release certificate


def test_the_final_certificate_shows_what_was_signed_results_and_what_was_given() -> None:
    batch = played().record
    signature, given = copy_of(played()).signature_of(batch.disposed), batch.perfusion
    assert signature is not None and given is not None
    has(
        told("final_release", played()),
        "FINAL – CONFORMING",
        f"“{signature.sentence}”",
        signature.name,
        "1.05 mL",
        "0.15 mL",
        as_power_of_ten(given.viable_cells),
        as_power_of_ten(given.nk_cells),
        *(test.title.en for test in batch.master.tests),
        "accepted",
    )


def test_the_final_certificate_names_the_conditional_one_that_it_supersedes() -> None:
    older = before("conditional_release", copy_number=2)
    text = told("final_release", played(), earlier=(before("conditional_release"), older), supersedes=older)
    has(text, "Conditional release certificate, copy 2", older.filename, older.sha256)
    assert before("conditional_release").sha256 not in text


def test_a_final_certificate_without_a_conditional_one_says_so() -> None:
    has(told("final_release", played()), "No conditional certificate was printed before this one.")


def test_a_nonconforming_disposition_says_so_at_a_glance() -> None:
    batch = nonconforming()
    pages = pages_of(drawn("final_release", batch))
    assert all("NONCONFORMING" in page and "Nonconforming" in page for page in pages)
    text = told("final_release", batch)
    has(text, "This is no release.", batch.words[words_on_file(batch).commitment])
    assert "Finalreleasecertificate" not in text.replace(squeezed("Final release certificate, copy"), "")


# custody report


def test_every_container_has_its_code_and_every_hand_over_both_its_people() -> None:
    batch, text = played(), told("custody", played())
    has(text, *(grouped(code) for code in batch.record.containers))
    for entry in batch.record.handovers:
        if isinstance(entry.fact, CustodyTaken):
            has(text, batch.people[entry.person], f"#{entry.seq} {at_site(entry.time, ZONE)}")
        if isinstance(entry.fact, CustodyOffered):
            fact = entry.fact
            has(text, batch.people[entry.person], f"{fact.from_place} → {fact.to_place}", f"seal {fact.seal}")
            assert fact.temperature is None or f"{fact.temperature}°C" in text


def test_labels_are_reconciled_on_the_custody_report() -> None:
    has(told("custody", played()), "Label reconciliation", *map(grouped, played().record.labels))


def test_it_says_where_each_thing_is_now() -> None:
    batch = played("handed_over")
    unit = batch.record.unit_code
    held = batch.record.custody[unit or ""]
    has(told("custody", batch), "Where everything is", held.place, batch.people[held.holder])
    has(told("custody", played()), "given")


def test_a_chain_without_a_gap_says_so() -> None:
    has(told("custody", played()), "NO GAP ON FILE", "Gaps: 0.")


def offered_late() -> Played:
    batch = played("handed_over")
    taken = next(e for e in reversed(batch.record.handovers) if isinstance(e.fact, CustodyTaken))
    entries = [
        replace(entry, time=entry.time + longest_wait(batch.record) + timedelta(minutes=8))
        if entry.seq >= taken.seq
        else entry
        for entry in batch.record.entries
    ]
    return replace(batch, record=fold_batch(batch.record.stream, entries))


def test_a_gap_between_giver_and_receiver_is_shown_as_a_gap() -> None:
    batch = offered_late()
    has(told("custody", batch), "GAPS IN THE CHAIN", "Gaps: 1.", "min nobody answers for it")


def test_a_giver_who_never_received_it_is_a_gap() -> None:
    batch = played("handed_over")
    unit = batch.record.unit_code or ""
    offer = next(e.fact for e in reversed(batch.record.handovers) if isinstance(e.fact, CustodyOffered))
    stolen = followed_by(batch, replace(offer, container=unit), person="technician.b", act="offer_custody")
    assert [link.broken for link in chain_of(stolen.record, unit)][-1]
    text = told("custody", stolen)
    has(text, "GAPS IN THE CHAIN", "Given by another person than the one who last received it.")


def test_an_open_hand_over_is_told_as_open() -> None:
    batch = played("handed_over")
    offer = next(e.fact for e in reversed(batch.record.handovers) if isinstance(e.fact, CustodyOffered))
    waiting = followed_by(batch, offer, person="clinician.a", act="offer_custody")
    has(told("custody", waiting), "A HAND-OVER IS OPEN", "not taken over yet")


def test_long_words_go_on_over_pages() -> None:
    batch = played()
    decision = batch.record.deviations["0037-1"].decision
    assert decision is not None
    long = "".join(f"第{at}句：记录仪温度短暂低于下限，已重新摆放冰袋并复查。" for at in range(300))
    more = replace(batch, words={**batch.words, decision.impact.commitment: long})
    for kind in ("conditional_release", "final_release"):
        text = told(kind, more)
        # A page may end within a number.
        assert sum(f"第{at}句" in text for at in range(300)) > 290 and "第299句" in text


def test_no_page_is_empty() -> None:
    for kind in OURS:
        for page in pages_of(drawn(kind, played())):
            assert len(page.split()) > 60, kind


def test_nothing_of_a_record_is_judged_by_a_condition_that_is_not_named() -> None:
    with pytest.raises(LookupError):
        judged([Reason(rule="clock.right")])


def _rules_of_release() -> set[str]:
    """Every rule that can stand before a release, from the source of the rule itself."""
    found = set()
    for module, names in (
        (release, "unmet_round_before"),
        (participant, "check_consent check_arm check_not_reopened"),
    ):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.FunctionDef) and (
                node.name.startswith("_unmet") or node.name in names.split()
            ):
                for call in ast.walk(node):
                    if isinstance(call, ast.Call) and ast.unparse(call.func) in ("Reason", "Refused"):
                        rule = [k.value for k in call.keywords if k.arg == "rule"] or call.args[:1]
                        found |= {ast.literal_eval(value) for value in rule}
    return found


def test_every_rule_of_the_release_belongs_to_exactly_one_condition() -> None:
    wanted = _rules_of_release()
    held = [rule for condition in CONDITIONS for rule in condition.rules]
    assert len(wanted) > 12 and sorted(held) == sorted(wanted)


def test_a_dose_that_is_not_on_file_is_not_guessed() -> None:
    batch: BatchRecord = played("issued").record
    dose = dose_of(batch)
    assert (dose.volume, dose.concentration, dose.purity) == (None, None, None)
    assert (dose.viable_cells, dose.nk_cells) == (None, None)


def test_who_was_told_and_what_they_did_is_in_print() -> None:
    batch = played("perfused")
    for given in notices.give(
        batch.record, "mismatch", reference="0037-2", now=batch.record.entries[-1].time
    ):
        batch = followed_by(batch, given.fact)
    first, second = batch.record.notices
    late = batch.record.entries[-1].time
    batch = followed_by(batch, NoticeEscalated(notice=second, turn=1, due_at=late))
    batch = followed_by(batch, NoticeAcknowledged(notice=first, contacted_at=late, done=words_on_file(batch)))
    text = told("batch_record", batch)
    has(
        text,
        first,
        second,
        "principal investigator",
        "not acknowledged",
        batch.words[words_on_file(batch).commitment],
    )


# after a failure that came after the release


def test_after_a_late_failure_papers_say_so_and_what_was_signed_is_still_in_them() -> None:
    given = played("perfused")
    touched = (Touched(batch="0099", shares=(("lot", "medium A 77"), ("operator", "technician.a"))),)
    failed = followed_by(
        given, LateFailureFound(test="sterility_b", deviation="0037-2", touched=touched), act="enter_result"
    )
    has(told("conditional_release", failed), "FAILED AFTER RELEASE", "0037-2", "counts no more")
    old = before("batch_record")
    record = told("batch_record", failed, supersedes=old)
    has(record, old.sha256, "0099", "medium A 77", failed.people["technician.a"], "Conditional release")


def test_a_disposition_that_a_later_deviation_opened_again_stays_in_print() -> None:
    closed = played("closed")
    assert closed.record.disposed is not None
    reopened = followed_by(
        closed, opened(closed.record, rule="reported", severity="major", about=()).fact, act="open_deviation"
    )
    has(told("batch_record", reopened), "opened the record again", f"#{closed.record.disposed.seq}")
