"""Notices: who must know, who may acknowledge, and what follows when nobody does (AT-7)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from lims.domain import notices, release
from lims.domain.acts import Role, Stage
from lims.domain.batch_fold import fold_on
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.envelope import Detached, Draft
from lims.domain.notices import ADDRESSEES, Answer
from lims.domain.protocol import Notices
from lims.domain.refusals import BadEntry, NotAllowed, Refused
from lims.domain.rows import TaskRow, TimerRow
from lims.domain.waiting import batch_rows
from tests.rules.played_batch import played_batch

SAID = Answer(
    contacted_at=played_batch("perfused").entries[-1].time,
    done=Detached(commitment="c" * 64, sort="words", size=9),
)
CLINIC, QUALITY = frozenset({Role.CLINICIAN}), frozenset({Role.QA})


def after(batch: BatchRecord, drafts: tuple[Draft, ...], *, hours: float = 0) -> BatchRecord:
    """The batch with these on file, so much later."""
    for draft in drafts:
        last = batch.entries[-1]
        later = last.time + timedelta(hours=hours)
        batch = fold_on(batch, [replace(last, seq=last.seq + 1, time=later, fact=draft.fact)])
    return batch


def told(news: str = "late_failure", point: str = "perfused") -> BatchRecord:
    batch = played_batch(point)
    return after(batch, notices.give(batch, news, reference="0037-2", now=now_of(batch)))


def now_of(batch: BatchRecord) -> datetime:
    return batch.entries[-1].time


def number_for(batch: BatchRecord, addressee: str) -> str:
    return next(item.number for item in batch.notices.values() if item.fact.addressee == addressee)


def answer(
    batch: BatchRecord,
    addressee: str,
    *,
    said: Answer = SAID,
    act: str = "acknowledge_notice",
    roles: frozenset[Role] = CLINIC,
) -> tuple[Draft, ...]:
    number = number_for(batch, addressee)
    return notices.acknowledge(batch, number, said, act=act, roles=roles, now=now_of(batch))


def escalated(batch: BatchRecord, times: int = 1) -> BatchRecord:
    for _ in range(times):
        for number in batch.notices:
            batch = after(batch, notices.escalate(batch, number, now=now_of(batch)))
    return batch


@pytest.mark.parametrize("news", ["late_failure", "organism", "recall_given"])
def test_what_concerns_a_given_product_goes_to_clinician_investigator_and_quality(news: str) -> None:
    assert ADDRESSEES[news] == ("clinician", "investigator", "qa")


def test_a_notice_names_no_participant() -> None:
    batch = told()
    for notice in batch.notices.values():
        assert batch.issue.participant not in repr(notice.fact)


def test_everybody_addressed_has_it_on_their_list_with_its_deadline() -> None:
    batch = told()
    rows = [row for row in batch_rows(batch.stream, batch) if isinstance(row, TaskRow)]
    found = {(row.role, row.what) for row in rows if row.what.startswith("acknowledge")}
    assert found == {
        ("clinician", "acknowledge_notice"),
        ("clinician", "acknowledge_as_investigator"),
        ("qa", "acknowledge_notice"),
    }
    assert all(row.due_at for row in rows if row.what.startswith("acknowledge"))


def test_the_clinician_says_when_she_was_reached_and_what_was_done() -> None:
    batch = told()
    for said, field in (
        (replace(SAID, done=None), "done"),
        (replace(SAID, contacted_at=None), "contacted_at"),
    ):
        with pytest.raises(BadEntry) as wrong:
            answer(batch, "clinician", said=said)
        assert wrong.value.field == field
    late = replace(SAID, contacted_at=now_of(batch) + timedelta(minutes=1))
    with pytest.raises(BadEntry, match=r"time\.future"):
        answer(batch, "clinician", said=late)
    assert answer(batch, "clinician")


def test_nobody_acknowledges_for_somebody_else_before_it_escalated() -> None:
    batch = told()
    for addressee, roles, act in (
        ("clinician", QUALITY, "acknowledge_notice"),
        ("investigator", CLINIC, "acknowledge_notice"),
        ("qa", CLINIC, "acknowledge_notice"),
        ("clinician", CLINIC, "acknowledge_as_investigator"),
    ):
        with pytest.raises(NotAllowed, match=r"notice\.not_yours"):
            answer(batch, addressee, roles=roles, act=act)
    assert answer(escalated(batch), "clinician", roles=QUALITY)
    assert answer(escalated(batch), "investigator", roles=QUALITY)


def test_it_is_acknowledged_once() -> None:
    batch = after(told(), answer(told(), "clinician"))
    with pytest.raises(Refused, match=r"notice\.acknowledged"):
        answer(batch, "clinician")


def test_it_escalates_as_often_as_the_protocol_says_and_stays_open() -> None:
    batch = told()
    timers = [row for row in batch_rows(batch.stream, batch) if isinstance(row, TimerRow)]
    assert sum(row.act == "watch_notice" for row in timers) == 3
    again = escalated(batch, Notices().escalations + 2)
    assert [len(item.escalated) for item in again.notices.values()] == [Notices().escalations] * 3
    assert len(notices.unanswered(again)) == 3
    left = [row for row in batch_rows(again.stream, again) if isinstance(row, TimerRow)]
    assert not any(row.act == "watch_notice" for row in left)


def test_what_is_acknowledged_escalates_no_more() -> None:
    batch = after(told(), answer(told(), "clinician"))
    assert notices.escalate(batch, number_for(batch, "clinician"), now=now_of(batch)) == ()


def test_a_record_does_not_close_while_somebody_has_not_acknowledged() -> None:
    batch = told("mismatch", point="disposed")
    with pytest.raises(Refused, match=r"close\.notices"):
        release.close(batch)
    for addressee, act, roles in (
        ("investigator", "acknowledge_as_investigator", CLINIC),
        ("qa", "acknowledge_notice", QUALITY),
    ):
        batch = after(batch, answer(batch, addressee, act=act, roles=roles))
    assert batch.stage is Stage.DISPOSED and release.close(batch)


def test_a_notice_does_not_reopen_the_record_review() -> None:
    batch = told("mismatch", point="released")
    assert release.is_reviewed(batch) and release.is_reviewed(escalated(batch))
