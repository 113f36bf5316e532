"""The replay makes every verdict once more: what was stored otherwise is found, entry by entry."""

from dataclasses import replace
from decimal import Decimal
from functools import cache

import pytest

from lims.domain.batch_record import BatchRecord
from lims.domain.entries.batch import EvidenceCorrected, EvidenceRecorded, ResultEntered
from lims.domain.entries.envelope import Entry
from lims.domain.entries.values import Calculated, Controlled, Counts, Judged, Number, Value
from lims.domain.refusals import Refused
from lims.domain.release import check_replay, review
from lims.domain.replay import Replay, given_again, replay
from tests.rules.played_batch import played_batch

COMPUTED = (Calculated, Controlled)


@cache
def batch() -> BatchRecord:
    return played_batch()


def again(entries: tuple[Entry, ...]) -> Replay:
    return replay(batch().stream, entries)


def with_fact(seq: int, **changed: object) -> tuple[Entry, ...]:
    """The entries with one of them stored otherwise, as a fault of the software or a forger would leave it."""
    entry = batch().entries[seq - 1]
    spoilt = replace(entry, fact=replace(entry.fact, **changed))  # type: ignore[arg-type]  # fields of any fact
    return (*batch().entries[: seq - 1], spoilt, *batch().entries[seq:])


def judged() -> list[Entry]:
    """Entries of evidence whose verdict follows from a rule."""
    facts = [e for e in batch().entries if isinstance(e.fact, EvidenceRecorded | EvidenceCorrected)]
    return [e for e in facts if given_again(e.fact.value) or isinstance(e.fact.value, COMPUTED)]


def valued(entry: Entry) -> bool:
    """The entry holds a number, measured or computed."""
    value = entry.fact.value if isinstance(entry.fact, EvidenceRecorded | EvidenceCorrected) else None
    return isinstance(value, Number | Counts | Calculated | Controlled)


def otherwise(value: Value) -> Value:
    """Another value of the same sort."""
    match value:
        case Number():
            return replace(value, value=value.value + 1)
        case Counts():
            return replace(value, concentration=value.concentration * 2)
        case Calculated():
            return replace(value, exact=value.exact + Decimal("0.001"))
        case Controlled():
            return replace(value, verdict="stop")
        case _:
            raise AssertionError(value.sort)


def test_a_batch_that_the_rules_made_comes_out_as_it_stands() -> None:
    """21 CFR 211.192: the record is reviewed, and what was checked is told with its number."""
    found = again(batch().entries)
    results = [e for e in batch().entries if isinstance(e.fact, ResultEntered)]
    assert found.agrees and found.results == len(results) > 5
    assert found.judged + found.computed >= len(judged()) > 20
    assert found.rules == f"{batch().master.code} v{batch().master.version}"


@pytest.mark.parametrize("seq", [entry.seq for entry in judged()])
def test_a_verdict_stored_otherwise_is_found(seq: int) -> None:
    fact = batch().entries[seq - 1].fact
    assert isinstance(fact, EvidenceRecorded | EvidenceCorrected)
    wrong = Judged.OUTSIDE if fact.judged is not Judged.OUTSIDE else Judged.WITHIN
    found = again(with_fact(seq, judged=wrong)).differences
    assert [(item.entry.seq, item.what) for item in found] == [(seq, "verdict")]


@pytest.mark.parametrize("seq", [entry.seq for entry in judged() if valued(entry)])
def test_a_value_stored_otherwise_is_found(seq: int) -> None:
    fact = batch().entries[seq - 1].fact
    assert isinstance(fact, EvidenceRecorded | EvidenceCorrected)
    found = again(with_fact(seq, value=otherwise(fact.value))).differences
    assert (found[0].entry.seq, found[0].what) == (seq, "value")


@pytest.mark.parametrize("outcome", ["pass", "fail", "reported"])
def test_a_result_stored_with_another_outcome_is_found(outcome: str) -> None:
    """Pending, invalid and not done are stated by the analyst; every other outcome follows from the result."""
    results = [e for e in batch().entries if isinstance(e.fact, ResultEntered)]
    for entry in results:
        assert isinstance(entry.fact, ResultEntered)
        found = again(with_fact(entry.seq, outcome=outcome)).differences
        assert [item.what for item in found] == ([] if entry.fact.outcome == outcome else ["verdict"])


def test_a_limit_shown_otherwise_is_found() -> None:
    seq = next(e.seq for e in judged() if isinstance(e.fact, EvidenceRecorded) and e.fact.limit)
    assert [item.what for item in again(with_fact(seq, limit="≤ 999")).differences] == ["limit"]


def test_what_the_rules_do_not_read_at_all_is_found() -> None:
    seq = next(
        e.seq for e in judged() if isinstance(e.fact, EvidenceRecorded) and isinstance(e.fact.value, Number)
    )
    value = batch().entries[seq - 1].fact.value  # type: ignore[attr-defined]  # just asked for
    assert [d.what for d in again(with_fact(seq, value=replace(value, raw="about 12"))).differences] == [
        "unreadable"
    ]


def test_a_record_that_comes_out_otherwise_is_not_reviewed() -> None:
    """Never 0 exceptions where a check did not hold: the state is not reviewed (screens 2.11)."""
    seq = judged()[0].seq
    spoilt = again(with_fact(seq, judged=Judged.STOP))
    with pytest.raises(Refused) as refused:
        review(batch(), spoilt, seen_seq=batch().seq, person="qa.b")
    assert refused.value.rule == "review.replay"
    with pytest.raises(Refused):
        check_replay(spoilt)
