"""A result outside its specification: no order of acts, and no wish, makes it pass but by the declared way."""

from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lims.domain import oos, qc
from lims.domain.batch_fold import fold_on
from lims.domain.batch_record import BatchRecord, Investigation
from lims.domain.entries.batch import ResultEntered
from lims.domain.entries.envelope import Detached, Draft
from lims.domain.entries.oos import OosJudged
from lims.domain.master_batch_record import Retest
from lims.domain.refusals import BadEntry, Refused
from lims.domain.replay import replay
from lims.domain.rounding import round_half_up
from tests.rules.played_batch import POINTS, Play

WORDS = Detached(commitment="ab" * 32, sort="words", size=5)
CLEAN = tuple((check, "in_order") for check in oos.CHECKS)
WRONG = tuple((check, "error" if check == "calculation" else "in_order") for check in oos.CHECKS)


@cache
def _to_quarantine() -> Play:
    """The batch with its samples in the laboratory; copied, never played on."""
    play = Play()
    for point in POINTS[: POINTS.index("tested")]:
        play.to(point)
    play.site.wait(hours=1)
    return play


class Laboratory:
    """A batch whose viability is being tested, act by act, by two analysts and a QA officer."""

    def __init__(self, plan: Retest | None = None) -> None:
        self.play = deepcopy(_to_quarantine())
        self.plan = plan

    @property
    def batch(self) -> BatchRecord:
        """The record, with the plan that this test wants declared."""
        batch = self.play.batch
        assert batch.issued is not None
        tests = tuple(
            replace(test, retest=self.plan) if test.code == "viability" else test
            for test in batch.master.tests
        )
        issued = replace(batch.issued, master=replace(batch.master, tests=tests))
        asked = {test.code for test in batch.tests}
        return replace(batch, issued=issued, tests=tuple(test for test in tests if test.code in asked))

    @property
    def found(self) -> Investigation:
        return next(iter(self.batch.investigations.values()))

    def write(self, drafts: tuple[Draft, ...], person: str, act: str) -> None:
        self.play.site.write(drafts, person=person, act=act, station="qc-1")

    def enter(self, raw: str, person: str = "qc.a", *, outcome: str = "") -> None:
        drafts = qc.enter_result(
            self.batch,
            test_code="viability",
            raw=raw,
            option="",
            outcome=outcome,
            instrument=None,
            reason=WORDS if outcome else None,
            now=self.play.site.now,
            person=person,
        )
        self.write(drafts, person, "enter_result")

    def review(self, person: str = "qc.b", *, agreed: bool = True) -> None:
        drafts = qc.review_result(self.batch, test_code="viability", agreed=agreed, person=person)
        self.write(drafts, person, "review_result")

    def examine(self, checks: tuple[tuple[str, str], ...] = CLEAN, person: str = "qc.b") -> None:
        drafts = oos.examine(self.batch, self.found.number, checks=checks, words=WORDS, person=person)
        self.write(drafts, person, "examine_oos")

    def judge(self, decision: str, person: str = "qa.a") -> None:
        drafts = oos.judge(self.batch, self.found.number, decision=decision, words=WORDS, person=person)
        self.write(drafts, person, "judge_oos")

    @property
    def state(self) -> str:
        return self.batch.test_state(self.batch.master.test("viability"))


def failed(raw: str = "79.4", *, count: int = 1, report: str = "mean") -> Laboratory:
    """A reviewed viability below its limit of 80.0, with so many retests declared."""
    plan = Retest(count=count, report=report) if count else None  # type: ignore[arg-type]  # either word
    lab = Laboratory(plan)
    lab.enter(raw)
    lab.review()
    return lab


def refused(act: object, *args: object, **kwargs: object) -> str:
    with pytest.raises(Refused) as found:
        act(*args, **kwargs)  # type: ignore[operator]
    return found.value.rule


def tenths(least: int, most: int) -> st.SearchStrategy[Decimal]:
    return st.integers(least, most).map(lambda n: Decimal(n).scaleb(-2))


@settings(deadline=None, max_examples=60)
@given(first=tenths(6000, 7994), again=st.lists(tenths(7000, 9900), min_size=1, max_size=3))
def test_the_mean_is_reported_and_passes_only_if_it_is_within(first: Decimal, again: list[Decimal]) -> None:
    lab = failed(str(first), count=len(again))
    lab.examine()
    lab.judge("retest")
    for value in again:
        lab.enter(str(value), "qc.b")
        lab.review("qc.a")
    mean = (first + sum(again)) / (1 + len(again))
    if round_half_up(mean, 1) >= 80:
        lab.judge("not_confirmed")
        assert lab.state == "pass"
        reported = lab.batch.result_of(lab.batch.master.test("viability"))
        assert reported is not None and reported.is_reported
        assert reported.fact.value is not None and abs(reported.fact.value - mean) < Decimal("1e-20")
    else:
        assert refused(lab.judge, "not_confirmed") == "oos.still_outside"
        lab.judge("confirmed")
        assert lab.state == "fail"
    raws = [r.fact.raw for r in lab.batch.results["viability"] if not r.is_reported]
    assert raws == [str(first), *map(str, again)]


def test_the_last_is_reported_only_if_every_retest_passes() -> None:
    lab = failed(count=2, report="last")
    lab.examine()
    lab.judge("retest")
    for raw in ("79.9", "88.0"):
        lab.enter(raw, "qc.b")
        lab.review("qc.a")
    assert refused(lab.judge, "not_confirmed") == "oos.still_outside"


def test_a_bound_has_no_mean() -> None:
    lab = failed()
    lab.examine()
    lab.judge("retest")
    lab.enter(">99", "qc.b")
    lab.review("qc.a")
    assert refused(lab.judge, "not_confirmed") == "oos.still_outside"


def test_a_retest_that_gave_no_result_is_made_again_and_stays_on_file() -> None:
    lab = failed()
    lab.examine()
    lab.judge("retest")
    lab.enter("", "qc.b", outcome="invalid")
    lab.review("qc.a")
    assert oos.phase_of(lab.batch, lab.found) is oos.Phase.RETESTING
    lab.enter("85.0", "qc.b")
    assert refused(lab.judge, "not_confirmed") == "oos.retests_open"
    lab.review("qc.a")
    lab.judge("not_confirmed")
    assert [r.fact.outcome for r in lab.batch.results["viability"]] == ["fail", "invalid", "pass", "pass"]


def test_a_failing_result_is_not_wiped_by_a_reviewer_who_disagrees() -> None:
    lab = Laboratory(None)
    lab.enter("79.4")
    lab.review(agreed=False)
    assert refused(lab.enter, "85.0", "qc.b") == "result.exists"
    lab.examine()
    lab.judge("confirmed")
    assert refused(lab.enter, "85.0", "qc.b") == "result.exists"


def test_after_a_laboratory_error_the_test_is_done_once_more_and_a_second_failure_is_its_own() -> None:
    lab = failed(count=0)
    lab.examine(WRONG)
    assert refused(lab.judge, "retest") == "oos.no_plan"
    lab.judge("invalidated")
    assert lab.state == "invalid"
    lab.enter("79.0")
    assert lab.state == "to_review" and len(lab.batch.investigations) == 2


def test_retests_are_declared_for_one_result_only() -> None:
    lab = failed()
    lab.examine()
    lab.judge("retest")
    assert refused(lab.judge, "retest") == "oos.retested"
    lab.enter("60.0", "qc.b")
    lab.review("qc.a")
    about = [d for d in lab.batch.deviations.values() if d.fact.rule == "test.failed"]
    assert len(about) == 1, "a retest that fails is part of the same investigation"
    lab.judge("confirmed")
    assert refused(lab.enter, "90.0", "qc.b") == "result.exists"


def test_every_question_has_an_answer() -> None:
    lab = failed()
    with pytest.raises(BadEntry) as bad:
        lab.examine(CLEAN[:-1])
    assert bad.value.field == "check_controls"


def test_what_is_reported_comes_out_again_in_the_replay() -> None:
    lab = failed()
    lab.examine()
    lab.judge("retest")
    lab.enter("81.2", "qc.b")
    lab.review("qc.a")
    lab.judge("not_confirmed")
    entries = lab.batch.entries
    (judged,) = [e for e in entries if isinstance(e.fact, OosJudged) and e.fact.reported]
    assert isinstance(judged.fact, OosJudged) and judged.fact.reported == "80.3"
    spoilt = replace(judged, fact=replace(judged.fact, value=Decimal(90)))
    changed = tuple(spoilt if e is judged else e for e in entries)
    own = [d for d in replay(lab.play.stream, changed).differences if d.entry.seq == judged.seq]
    assert [d.what for d in own] == ["value"]
    assert not [d for d in replay(lab.play.stream, entries).differences if d.entry.seq == judged.seq]


@settings(deadline=None, max_examples=150)
@given(
    acts=st.lists(st.sampled_from(("again", "agree", "differ", "clean", "error", *oos.DECISIONS)), max_size=9)
)
def test_no_order_of_acts_makes_a_failure_pass_without_quality(acts: list[str]) -> None:
    """Whatever is tried after 79.4: the test passes only after a void by a named error, or the whole declared plan."""
    lab = Laboratory(Retest(count=1, report="mean"))
    lab.enter("79.4")
    for act in acts:
        try:
            match act:
                case "again":
                    lab.enter("95.0", "qc.b")
                case "agree" | "differ":
                    lab.review("qc.c", agreed=act == "agree")
                case "clean" | "error":
                    lab.examine(CLEAN if act == "clean" else WRONG, "qc.c")
                case _:
                    lab.judge(act)
        except Refused:
            continue
    first = lab.batch.results["viability"][0]
    decisions = lab.found.decisions
    assert first.fact.raw == "79.4"
    if lab.state == "pass":
        assert decisions in (("invalidated",), ("retest", "not_confirmed"))
    if decisions == ("invalidated",):
        assert first.void is not None and "error" in acts
    measured = [r for r in lab.batch.results["viability"] if isinstance(r.entry.fact, ResultEntered)]
    assert len(measured) <= 2 + acts.count("differ")


def test_the_fold_goes_on_from_any_entry() -> None:
    lab = failed()
    lab.examine()
    lab.judge("confirmed")
    entries = lab.play.batch.entries
    for cut in range(len(entries) - 6, len(entries)):
        begun = fold_on(BatchRecord(number=lab.play.batch.number), entries[:cut])
        assert fold_on(begun, entries[cut:]).investigations == lab.play.batch.investigations
