"""A record proves itself offline: what is changed is found and named, what cannot be told is said."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lims.documents.findings import CHECKS, Notes, State, Status, Verdict
from lims.documents.record_file import compose
from lims.documents.seal_certificate import new_seal
from lims.documents.verifier import main_lines, verify_file, verify_record
from tests.documents.site_builder import (
    BATCH,
    CODE,
    REFUSALS,
    START,
    TECHNICIAN,
    built,
    close_batch,
    closed_batch,
    founded,
    open_batch,
    paper_of_site,
    sealed_pdf,
    with_entries,
)
from tests.documents.spoiling import SPOILINGS, Spoilt

CLOSED = closed_batch()


def test_a_closed_record_pinned_to_its_end_is_intact_and_its_origin_confirmed() -> None:
    findings = verify_record(CLOSED.content, CODE)
    assert (findings.verdict, findings.state) == (Verdict.INTACT, State.CLOSED)


def test_without_the_site_code_the_origin_is_not_confirmed() -> None:
    assert verify_record(CLOSED.content, None).verdict is Verdict.CONSISTENT


def test_the_site_code_may_be_typed_with_spaces_and_look_alikes() -> None:
    typed = CODE.replace("-", " ").lower().replace("1", "l").replace("0", "o")
    assert verify_record(CLOSED.content, typed).verdict is Verdict.INTACT


def test_another_sites_code_is_told_as_such() -> None:
    findings = verify_record(CLOSED.content, "0000-0000-0000-0000-0000")
    assert findings.verdict is Verdict.NOT_INTACT
    assert findings.check("code").status is Status.FAIL


def test_a_code_cut_short_only_leaves_the_origin_open() -> None:
    assert verify_record(CLOSED.content, CODE[:-1]).verdict is Verdict.CONSISTENT


def test_an_open_record_is_interim() -> None:
    assert verify_record(built(open_batch()).content, CODE).state is State.INTERIM


def test_a_paper_without_a_record_proves_its_seal_and_nothing_without_it() -> None:
    """A certificate is checked with the server switched off as a record is (21 CFR 11.10(b))."""
    content = paper_of_site()
    pdf = verify_file(sealed_pdf(content), CODE)
    assert (pdf.verdict, pdf.state) == (Verdict.INTACT, State.PAPER)
    assert verify_file(sealed_pdf(content), None).verdict is Verdict.CONSISTENT
    alone = verify_record(content, CODE)
    assert alone.verdict is Verdict.NOT_INTACT and alone.check("stream").status is Status.FAIL


def test_a_paper_under_another_seal_is_not_this_sites() -> None:
    other = new_seal(site="Another site", instance_kind="demo", time=START, years=10)
    findings = verify_file(sealed_pdf(paper_of_site(), made=other), CODE)
    assert findings.verdict is Verdict.NOT_INTACT and findings.check("certificate").status is Status.FAIL


def test_a_close_that_nobody_signed_is_interim() -> None:
    bench = open_batch()
    bench.write(BATCH, "record_closed.1", {"count": len(bench.streams[BATCH])}, by="p2")
    assert verify_record(built(bench).content, CODE).state is State.INTERIM


@pytest.mark.parametrize("kind", ["result_entered.1", "step_confirmed.1"])
def test_a_closed_record_that_was_added_to_is_interim_until_closed_again(kind: str) -> None:
    bench = open_batch()
    close_batch(bench)
    bench.write(BATCH, kind, {}, by="p1")
    assert verify_record(built(bench).content, CODE).state is State.INTERIM
    close_batch(bench)
    assert verify_record(built(bench).content, CODE).state is State.CLOSED


def test_entries_that_nothing_pins_are_told() -> None:
    findings = verify_record(built(open_batch()).content, CODE)
    assert findings.verdict is Verdict.CONSISTENT
    assert findings.check("anchors").status is Status.UNKNOWN


def test_a_tail_cut_off_that_nothing_pins_is_not_detectable_and_the_verifier_says_so() -> None:
    record = built(open_batch()).record
    cut = with_entries(record, BATCH, record.chains[0].entries[:-1])
    cut = replace(cut, withheld=cut.withheld)
    findings = verify_record(compose(cut), CODE)
    assert findings.check("chain").status is Status.OK
    assert any("cut off at the end" in line for line in main_lines(findings))


def test_a_person_enrolled_later_signs_once_two_people_vouched() -> None:
    assert verify_record(CLOSED.content, CODE).check("keys").status is Status.OK


def test_a_signature_stays_valid_after_its_key_was_revoked() -> None:
    bench = founded()
    bench.sign(TECHNICIAN, bench.write(BATCH, "step_confirmed.1", {}, by="p1"))
    bench.revoke(TECHNICIAN)
    assert verify_record(compose(bench.record()), CODE).check("signatures").status is Status.OK


def test_every_signature_is_told_with_name_time_zone_and_meaning() -> None:
    first = verify_record(CLOSED.content, CODE).signatures[0]
    assert (first.name, first.zone, first.meaning, first.covers_seq, first.valid) == (
        "Technician A",
        "Asia/Shanghai",
        "performed",
        2,
        True,
    )


@pytest.mark.parametrize("spoil", SPOILINGS, ids=[spoil.__name__.strip("_") for spoil in SPOILINGS])
def test_what_is_spoilt_is_found_and_named(spoil: Callable[[], Spoilt]) -> None:
    spoilt = spoil()
    findings = verify_record(compose(spoilt.record), CODE)
    check = findings.check(spoilt.check)
    assert check.status is Status.FAIL
    assert (check.stream, check.seq) == (spoilt.at or (None, None))
    assert findings.verdict is Verdict.NOT_INTACT


def test_a_record_without_its_refusals_stream_is_not_whole() -> None:
    record = replace(CLOSED.record, chains=CLOSED.record.chains[:1])
    assert verify_record(compose(record), CODE).check("stream").status is Status.FAIL


def test_a_record_without_keys_is_not_intact() -> None:
    record = replace(CLOSED.record, keys=())
    assert verify_record(compose(record), CODE).check("keys").status is Status.FAIL


@settings(max_examples=400, deadline=None)
@given(st.integers(0, len(CLOSED.content) - 1), st.integers(1, 255))
def test_any_byte_changed_in_the_record_is_found(place: int, change: int) -> None:
    spoilt = bytearray(CLOSED.content)
    spoilt[place] ^= change
    findings = verify_record(bytes(spoilt), CODE)
    assert findings.verdict is Verdict.NOT_INTACT
    assert any(check.status is Status.FAIL for check in findings.checks)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_at_all_get_an_answer(content: bytes) -> None:
    assert verify_file(content, CODE).verdict is Verdict.NOT_INTACT


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_field_of_any_entry_set_to_anything_gets_an_answer(data: st.DataObject) -> None:
    chain = data.draw(st.sampled_from(CLOSED.record.chains))
    at = data.draw(st.integers(0, len(chain.entries) - 1))
    body = json.loads(chain.entries[at][0])
    part = data.draw(st.sampled_from([body, body["fact"]]))
    part[data.draw(st.sampled_from(sorted(part)))] = data.draw(
        st.sampled_from([None, 7, "x", [], {}, [[]], True])
    )
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    pairs = (*chain.entries[:at], (text, chain.entries[at][1]), *chain.entries[at + 1 :])
    findings = verify_record(compose(with_entries(CLOSED.record, chain.stream, pairs)), CODE)
    assert findings.verdict is Verdict.NOT_INTACT or text == chain.entries[at][0]


def test_the_lines_for_a_terminal_begin_with_the_verdict_and_end_with_the_hash() -> None:
    findings = verify_record(CLOSED.content, CODE)
    lines = main_lines(findings, lambda text: f"<{text}>")
    assert lines[0] == "<intact, origin confirmed>"
    assert lines[-1] == f"SHA-256 {findings.file_sha256}"


def test_a_failed_check_names_stream_and_number_on_its_line() -> None:
    record = with_entries(CLOSED.record, REFUSALS, ())
    lines = main_lines(verify_record(compose(record), CODE))
    assert any(line.startswith("FAIL") and f"[{REFUSALS} 1]" in line for line in lines)


def test_the_first_failure_of_a_check_is_the_one_told() -> None:
    notes = Notes()
    notes.fail("chain", "first", ("batch:1", 2))
    notes.fail("chain", "second", ("batch:1", 3))
    notes.ok("chain", "fine")
    assert [check.seq for check in notes.told()] == [2]


def test_every_check_of_a_record_is_made() -> None:
    made = {check.name for check in verify_record(CLOSED.content, CODE).checks}
    assert made == set(CHECKS) - {"attachment", "seal", "range", "contents", "certificate", "digest"}
