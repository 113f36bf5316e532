"""What waits in the laboratory: samples to receive, tests to do and to review, results outside their specification."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from lims.domain.acts import Role
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.batch import SampleTaken
from lims.domain.master_batch_record import Words
from lims.domain.oos import Phase, first_result, open_for, phase_of, unconcluded
from lims.domain.qc import may_enter, sample_for
from lims.domain.rows import TaskRow


class Task(Protocol):
    """How a task row of the batch at hand is made."""

    def __call__(
        self,
        role: Role,
        what: str,
        title: Words,
        *,
        key: str = "",
        step: str | None = None,
        since: datetime | None = None,
        due_at: datetime | None = None,
        not_by: Iterable[str] = (),
    ) -> TaskRow: ...


def laboratory_tasks(batch: BatchRecord, task: Task) -> Iterable[TaskRow]:
    """What the batch asks of the laboratory now, and of quality about its results."""
    for code, entry in batch.samples.items():
        if code not in batch.received and isinstance(entry.fact, SampleTaken):
            title = next(s.title for s in batch.master.samples if s.code == entry.fact.sample)
            yield task(Role.QC_ANALYST, "receive_sample", title, key=code, since=entry.time)
    for test in batch.tests:
        taken = sample_for(batch, test)
        result = batch.unreviewed(test)
        if result is not None:
            barred = (result.entry.person,)
            since = result.entry.time
            yield task(
                Role.QC_ANALYST, "review_result", test.title, key=test.code, since=since, not_by=barred
            )
        elif taken and isinstance(taken.fact, SampleTaken) and taken.fact.code in batch.received:
            if may_enter(batch, test):
                due = taken.time + timedelta(days=test.due_days) if test.due_days else None
                again = open_for(batch, test)
                yield task(
                    Role.QC_ANALYST,
                    "enter_result",
                    test.title,
                    key=test.code,
                    since=again.judged[-1].time if again else taken.time,
                    due_at=due,
                    not_by=(first_result(batch, again).entry.person,) if again else (),
                )
    yield from _oos_tasks(batch, task)


def _oos_tasks(batch: BatchRecord, task: Task) -> Iterable[TaskRow]:
    """Results outside their specification: the laboratory examines them, then quality judges."""
    for found in unconcluded(batch):
        test = batch.master.test(found.test).title
        title = Words(en=f"Out of specification: {test.en}", zh=f"超标：{test.zh}")
        analyst = first_result(batch, found).entry.person
        match phase_of(batch, found):
            case Phase.TO_EXAMINE:
                yield task(
                    Role.QC_ANALYST,
                    "examine_oos",
                    title,
                    key=found.number,
                    since=found.opened.time,
                    not_by=(analyst,),
                )
            case Phase.TO_JUDGE | Phase.TO_CONCLUDE:
                assert found.examined is not None
                yield task(
                    Role.QA,
                    "judge_oos",
                    title,
                    key=found.number,
                    since=found.examined.time,
                    not_by=(analyst, found.examined.person),
                )
            case _:
                pass
