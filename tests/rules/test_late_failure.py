"""A product that fails after its release: what it touches is named with its reason, and nothing signed changes."""

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import pytest

from lims.domain import late_failure, qc
from lims.domain.acts import Stage
from lims.domain.batch_fold import as_of, fold_on
from lims.domain.batch_record import BatchRecord
from lims.domain.deviations import opened
from lims.domain.entries.batch import DeviationOpened, HoldPlaced
from lims.domain.entries.envelope import Detached, Draft, Entry
from lims.domain.entries.late import LateFailureFound
from lims.domain.entries.trial import RoundReopened
from lims.domain.participant import Participant, Round, check_not_reopened
from lims.domain.protocol import LateFailure
from lims.domain.refusals import BadEntry, Refused
from tests.rules.played_batch import played_batch

DAY_9 = timedelta(days=9)


def another(point: str = "seed", *, participant: str = "DNK-002", **changes: object) -> BatchRecord:
    """Another batch that was made with the same lots, items and people on the same days."""
    batch = played_batch(point)
    assert batch.issued is not None
    issued = replace(batch.issued, participant=participant, number="0099")
    return replace(batch, number="0099", issued=issued, **changes)  # type: ignore[arg-type]


def elsewhere() -> BatchRecord:
    """A batch that shares nothing: nothing of it is on file yet."""
    return another("issued")


def growth(batch: BatchRecord, *others: BatchRecord, option: str = "growth") -> tuple[Draft, ...]:
    """What is put on file when the final sterility test grows on day 9."""
    drafts = qc.enter_result(
        batch,
        test_code="sterility_b",
        raw="",
        option=option,
        outcome="",
        instrument=None,
        reason=None,
        now=batch.entries[-1].time + DAY_9,
        person="qc-a",
    )
    return (*drafts, *late_failure.follows(batch, drafts, others, now=batch.entries[-1].time + DAY_9))


def facts(drafts: tuple[Draft, ...], kind: type) -> list[tuple[str, object]]:
    return [(draft.stream, draft.fact) for draft in drafts if isinstance(draft.fact, kind)]


def on_file(batch: BatchRecord, draft: Draft) -> BatchRecord:
    """The record with one more entry."""
    last = batch.entries[-1]
    entry: Entry = replace(last, seq=last.seq + 1, fact=draft.fact, time=last.time + timedelta(hours=1))
    return fold_on(batch, [entry])


def test_growth_is_told_before_the_test_has_ended_and_no_growth_is_not() -> None:
    """DI-7: a result before the test can have ended is refused; growth is a result whenever it is seen."""
    assert growth(played_batch("perfused"))
    with pytest.raises(Refused, match=r"result\.too_early"):
        growth(played_batch("perfused"), option="no_growth")


def test_a_late_failure_opens_a_critical_deviation_at_that_moment() -> None:
    [(_, fact)] = facts(growth(played_batch("perfused")), DeviationOpened)
    assert isinstance(fact, DeviationOpened)
    assert (fact.rule, fact.severity) == ("test.failed_late", "critical")


def test_what_shares_lots_items_people_or_days_is_held_and_each_share_is_named() -> None:
    drafts = growth(played_batch("perfused"), another(), elsewhere())
    assert [stream for stream, _ in facts(drafts, HoldPlaced)] == ["batch:0099"]
    [(_, fact)] = facts(drafts, LateFailureFound)
    assert isinstance(fact, LateFailureFound)
    assert {what for what, _ in fact.touched[0].shares} == {"lot", "equipment", "operator", "day"}


def test_her_own_next_batch_is_held_even_if_it_shares_nothing_else() -> None:
    batch = played_batch("perfused")
    own = replace(elsewhere(), issued=replace(elsewhere().issue, participant=batch.issue.participant))
    [(_, fact)] = facts(growth(batch, own), LateFailureFound)
    assert isinstance(fact, LateFailureFound)
    assert fact.touched[0].shares == (("participant", batch.issue.participant),)


@pytest.mark.parametrize("stage", [Stage.PERFUSED, Stage.REJECTED, Stage.CLOSED])
def test_a_batch_that_has_ended_is_not_held(stage: Stage) -> None:
    assert facts(growth(played_batch("perfused"), another(stage=stage)), HoldPlaced) == []


def test_which_tests_and_which_equipment_count_is_the_protocols_choice() -> None:
    batch = played_batch("perfused")
    assert batch.issued is not None
    rules = LateFailure(holds_others=("gram",))
    other_rules = replace(
        batch, issued=replace(batch.issued, protocol=replace(batch.protocol, late_failure=rules))
    )
    assert facts(growth(other_rules, another()), HoldPlaced) == []


def test_a_released_product_that_was_not_given_is_held_itself() -> None:
    drafts = growth(played_batch("handed_over"))
    assert [stream for stream, _ in facts(drafts, HoldPlaced)] == [played_batch().stream]
    assert facts(drafts, RoundReopened) == []


def test_before_the_release_a_failure_is_an_ordinary_one() -> None:
    batch = played_batch("tested")
    drafts = growth(batch)
    assert facts(drafts, LateFailureFound) == []
    [(_, fact)] = facts(drafts, DeviationOpened)
    assert isinstance(fact, DeviationOpened) and fact.rule == "test.failed"


def test_nothing_further_is_made_for_her_until_the_round_has_its_final_disposition() -> None:
    [(stream, fact)] = facts(growth(played_batch("perfused")), RoundReopened)
    assert stream == "participant:" + played_batch().issue.participant
    assert isinstance(fact, RoundReopened)
    woman = Participant(trial_id="DNK-001", rounds=MappingProxyType({1: Round(number=1, reopened=fact)}))
    with pytest.raises(Refused, match=r"round\.reopened"):
        check_not_reopened(woman)


def test_a_deviation_after_the_closure_opens_the_record_again_and_keeps_what_was_signed() -> None:
    batch = played_batch("closed")
    again = on_file(batch, opened(batch, rule="reported", severity="major", about=()))
    assert (again.stage, again.disposed, again.closed) == (Stage.PERFUSED, None, None)
    assert again.entries[: batch.seq] == batch.entries
    assert (again.released, again.signatures) == (batch.released, batch.signatures)
    assert as_of(again, batch.seq).stage is Stage.CLOSED


def news_of(batch: BatchRecord, news: str, finding: Detached | None = None) -> tuple[Draft, ...]:
    return late_failure.report_organism(
        batch, test_code="sterility_b", news=news, finding=finding, now=batch.entries[-1].time
    )


def test_news_of_an_organism_belong_to_a_test_that_failed_late() -> None:
    batch = played_batch("perfused")
    with pytest.raises(Refused, match=r"organism\.no_failure"):
        late_failure.report_organism(
            batch, test_code="sterility_b", news="gram", finding=None, now=batch.entries[-1].time
        )
    [(_, fact)] = facts(growth(batch), LateFailureFound)
    assert isinstance(fact, LateFailureFound)
    failed = on_file(batch, Draft(stream=batch.stream, fact=fact))
    for news, field in (("weather", "news"), ("gram", "finding")):
        with pytest.raises(BadEntry) as wrong:
            late_failure.report_organism(
                failed, test_code="sterility_b", news=news, finding=None, now=batch.entries[-1].time
            )
        assert wrong.value.field == field
