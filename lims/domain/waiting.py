"""What a batch waits for: its row on the board, tasks for people, timers for the system, codes on its containers."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from lims.domain.acts import ALIVE, WORKED, Role, Stage
from lims.domain.aftercare import is_dose_outside, observed_until
from lims.domain.batch_record import BatchRecord, StepRecord
from lims.domain.charted import chart_rows
from lims.domain.culture import missing, to_verify
from lims.domain.custody import step_for
from lims.domain.custody_chain import deviation_of, longest_wait
from lims.domain.decisions import decision_rows
from lims.domain.deviations import quality_first
from lims.domain.entries.batch import CustodyOffered, OperationAdded
from lims.domain.entries.envelope import Entry
from lims.domain.handled import IDENTITY, handled_rows
from lims.domain.master_batch_record import Gate, HoldTimeSlot, Step, Words
from lims.domain.notices import ACT_OF, NEWS, ROLE_OF, due_of, unanswered
from lims.domain.release import is_reviewed
from lims.domain.rows import BatchRow, CodeRow, DeviationRow, LetterRow, Row, TaskRow, TimerRow
from lims.domain.shared import share_rows
from lims.domain.waiting_laboratory import Task, laboratory_tasks


def batch_rows(stream: str, batch: BatchRecord) -> Iterable[Row]:
    """Every row that a batch owns."""
    if batch.issued is None:
        return
    timers = tuple(_timers(stream, batch))
    yield _board_row(stream, batch, timers)
    yield from timers
    yield from _letters(stream, batch)
    yield from _codes(stream, batch)
    yield from _tasks(stream, batch)
    yield from share_rows(stream, batch)
    yield from handled_rows(stream, batch)
    yield from _deviations(stream, batch)
    yield from chart_rows(stream, batch)
    yield from decision_rows(stream, batch)


def _deviations(stream: str, batch: BatchRecord) -> Iterable[DeviationRow]:
    for item in batch.deviations.values():
        yield DeviationRow(
            stream=stream,
            key=item.number,
            batch=batch.number,
            number=item.number,
            severity=item.severity,
            rule=item.fact.rule,
            opened_at=item.opened.time,
            decided=item.decided is not None,
            investigated=item.investigated is not None,
            closed=item.closed is not None,
        )


def day_zero(batch: BatchRecord) -> date | None:
    """Culture day 0 at the site: the day on which the first evidence was recorded."""
    before = {step.code for step in batch.master.steps if step.day < 0}
    times = [record.history[0].time for (step, _), record in batch.slots.items() if step not in before]
    return min(times).astimezone(ZoneInfo(batch.issue.zone)).date() if times else None


def _board_row(stream: str, batch: BatchRecord, timers: tuple[TimerRow, ...]) -> BatchRow:
    current = batch.current
    steps = batch.plan
    running = min((timer for timer in timers if timer.act == "watch_hold_time"), key=_due, default=None)
    return BatchRow(
        stream=stream,
        key="",
        number=batch.number,
        participant=batch.issue.participant,
        round=batch.issue.round,
        attempt=batch.issue.attempt,
        coi=batch.issue.coi,
        master=batch.master.code,
        version=batch.master.version,
        stage=batch.stage.value,
        alive=batch.stage in ALIVE,
        held=batch.hold_reason,
        issued_at=batch.entries[0].time,
        day_zero=day_zero(batch),
        current_step=current.code if current else None,
        step_title_en=current.title.en if current else None,
        step_title_zh=current.title.zh if current else None,
        step_day=current.day if current else None,
        steps_done=sum(batch.is_confirmed(step.code) for step in steps),
        steps=len(steps),
        open_deviations=len(batch.open_deviations),
        to_verify=len(to_verify(batch)),
        results_open=sum(
            batch.test_state(test) in ("pending", "to_review")
            for test in batch.tests
            if test.gate is not Gate.NONE
        ),
        due_at=running.due_at if running else None,
        due_since=_since(batch, running) if running else None,
        expires_at=batch.expires_at,
        marks=_marks(batch),
        days=_days(batch),
    )


def _days(batch: BatchRecord) -> str:
    """For each planned culture day one letter: what of its steps needs somebody most."""
    current = batch.current
    added = {entry.fact.step for entry in batch.operations if isinstance(entry.fact, OperationAdded)}
    open_at = {item.fact.step for item in batch.open_deviations}
    waiting = {step.code for step in to_verify(batch)}
    found: dict[int, str] = {}
    for step in batch.plan:
        if step.code in added:
            continue
        if step is current:
            letter = "c"
        elif step.code in open_at:
            letter = "x"
        elif not batch.is_confirmed(step.code):
            letter = "o"
        else:
            letter = "v" if step.code in waiting else "d"
        found[step.day] = min(found.get(step.day, "d"), letter, key="cxovd".index)
    return " ".join(f"{day}{letter}" for day, letter in sorted(found.items()))


def _due(timer: TimerRow) -> datetime:
    return timer.due_at


def _since(batch: BatchRecord, timer: TimerRow) -> datetime | None:
    slot = batch.slot_of(timer.step or "", timer.slot or "")
    return batch.moment_at(slot.since) if isinstance(slot, HoldTimeSlot) else None


def _marks(batch: BatchRecord) -> str:
    """One sign for each step: current, open, deviation, done, verified."""
    current = batch.current
    deviating = {item.fact.step for item in batch.deviations.values()}

    def mark(step: Step) -> str:
        if not batch.is_confirmed(step.code):
            return "c" if step is current else "o"
        if step.code in deviating:
            return "x"
        return "d" if batch.is_finished(step) else "v"

    return "".join(mark(step) for step in batch.plan)


def _timers(stream: str, batch: BatchRecord) -> Iterable[TimerRow]:
    for notice in unanswered(batch):
        if (due := due_of(batch, notice)) is not None:
            yield TimerRow(
                stream=stream,
                key=f"notice/{notice.number}",
                act="watch_notice",
                due_at=due,
                step=None,
                slot=None,
            )
    if batch.stage not in ALIVE:
        return
    for step in batch.plan:
        for slot in step.evidence:
            if not isinstance(slot, HoldTimeSlot) or (step.code, slot.code) in batch.slots:
                continue
            since = batch.moment_at(slot.since)
            known = any(
                (d.fact.step, d.fact.slot, d.fact.rule) == (step.code, slot.code, "hold_time.exceeded")
                for d in batch.deviations.values()
            )
            if since is not None and not known:
                yield TimerRow(
                    stream=stream,
                    key=f"{step.code}.{slot.code}",
                    act="watch_hold_time",
                    due_at=since + timedelta(minutes=slot.most_minutes),
                    step=step.code,
                    slot=slot.code,
                )
    for held in batch.custody.values():
        if held.offer is not None and deviation_of(batch, held.offer.seq) is None:
            yield TimerRow(
                stream=stream,
                key=f"handover/{held.offer.seq}",
                act="watch_handover",
                due_at=_handover_due(batch, held.offer),
                step=None,
                slot=None,
            )
    if batch.expires_at is not None and not any(
        d.fact.rule == "product.expired" for d in batch.deviations.values()
    ):
        yield TimerRow(
            stream=stream, key="expiry", act="watch_expiry", due_at=batch.expires_at, step=None, slot=None
        )


def _handover_due(batch: BatchRecord, offer: Entry) -> datetime:
    """The first moment at which a hand-over has waited longer than it may."""
    return offer.time + longest_wait(batch) + timedelta(seconds=1)


def _codes(stream: str, batch: BatchRecord) -> Iterable[CodeRow]:
    participant, number = batch.issue.participant, batch.issue.round
    for code, item in batch.containers.items():
        yield CodeRow(
            stream=stream,
            key=code,
            code=code,
            what="container",
            name=f"{item.container} {item.index}/{item.of}",
            participant=participant,
            round=number,
        )
    for serial in batch.labels:
        yield CodeRow(
            stream=stream,
            key=serial,
            code=serial,
            what="label",
            name=batch.number,
            participant=participant,
            round=number,
        )


def _tasks(stream: str, batch: BatchRecord) -> Iterable[TaskRow]:
    """One row for each thing that somebody of a role must do next."""

    def task(
        role: Role,
        what: str,
        title: Words,
        *,
        key: str = "",
        step: str | None = None,
        since: datetime | None = None,
        due_at: datetime | None = None,
        not_by: Iterable[str] = (),
    ) -> TaskRow:
        barred = sorted(not_by)
        return TaskRow(
            stream=stream,
            key=f"{what}/{key}",
            role=role.value,
            what=what,
            batch=batch.number,
            participant=batch.issue.participant,
            round=batch.issue.round,
            step=step,
            title_en=title.en,
            title_zh=title.zh,
            since=since or batch.entries[-1].time,
            due_at=due_at,
            not_by="".join(("|", "|".join(barred), "|")) if barred else "",
        )

    yield from _notice_tasks(batch, task)
    yield from _bench_tasks(batch, task)
    yield from _quality_tasks(batch, task)
    yield from _clinic_tasks(batch, task)


def _bench_tasks(batch: BatchRecord, task: Task) -> Iterable[TaskRow]:
    step = batch.current
    if batch.stage in WORKED and step is not None and step.done_by is None:
        earlier = batch.earlier_than(step.code)
        steps = earlier if missing(batch, step) else (*earlier, step.code)
        if not batch.on_hold and not quality_first(batch, steps):
            due = min((t.due_at for t in _timers("", batch) if t.act == "watch_hold_time"), default=None)
            yield task(Role(step.role), "record_evidence", step.title, step=step.code, due_at=due)
    for step in to_verify(batch):
        record = batch.steps.get(step.code, StepRecord())
        since = record.confirmed.time if record.confirmed else None
        yield task(
            Role(step.role),
            "verify_step",
            step.title,
            key=step.code,
            step=step.code,
            since=since,
            not_by=record.performers,
        )
    for deviation in batch.open_deviations:
        if deviation.explained is None and deviation.fact.words is None:
            title = Words(en=f"Deviation {deviation.number}", zh=f"偏差 {deviation.number}")
            since = deviation.opened.time
            yield task(Role.TECHNICIAN, "explain_deviation", title, key=deviation.number, since=since)
    for code, held in batch.custody.items():
        if held.offer and isinstance(held.offer.fact, CustodyOffered):
            name = batch.containers[code].container
            title = Words(en=f"Take over {name}", zh=f"接收 {name}")
            role = Role(held.offer.fact.to_role)
            yield task(
                role,
                "take_custody",
                title,
                key=code,
                since=held.offer.time,
                due_at=_handover_due(batch, held.offer),
                not_by=(held.offer.person,),
            )


def _letters(stream: str, batch: BatchRecord) -> Iterable[LetterRow]:
    """A letter for each notice that nobody acknowledged, and one for each time that it escalated."""
    for notice in unanswered(batch):
        for turn, entry in enumerate((notice.given, *notice.escalated)):
            yield LetterRow(
                stream=stream,
                key=f"{notice.number}/{turn}",
                batch=batch.number,
                notice=notice.number,
                turn=turn,
                news=notice.fact.news,
                addressee=notice.fact.addressee,
                reference=notice.fact.reference,
                given_at=entry.time,
                due_at=notice.due_at,
            )


def _notice_tasks(batch: BatchRecord, task: Task) -> Iterable[TaskRow]:
    """Who must be told acknowledges; once it escalated, quality sees it too."""
    for notice in unanswered(batch):
        title = NEWS[notice.fact.news]
        addressees = {ROLE_OF[notice.fact.addressee]: ACT_OF[notice.fact.addressee]}
        if notice.escalated:
            addressees.setdefault(Role.QA, "acknowledge_notice")
        for role, act in addressees.items():
            key = f"{notice.number}/{role.value}"
            yield task(role, act, title, key=key, since=notice.given.time, due_at=notice.due_at)


def _quality_tasks(batch: BatchRecord, task: Task) -> Iterable[TaskRow]:
    if batch.stage in (Stage.CLOSED, Stage.DISPOSED):
        if batch.stage is Stage.DISPOSED:
            title = Words(en="Close the record", zh="关闭记录")
            yield task(Role.QA, "close_record", title, not_by=batch.took_part)
        return
    yield from laboratory_tasks(batch, task)
    for deviation in batch.open_deviations:
        stopped = deviation.fact.rule in IDENTITY
        title = Words(en=f"Deviation {deviation.number}", zh=f"偏差 {deviation.number}")
        if stopped:
            title = Words(en=f"STOP: identity, {title.en}", zh=f"停止：身份不符，{title.zh}")
        yield task(
            Role.QA,
            "decide_deviation",
            title,
            key=deviation.number,
            since=deviation.opened.time,
            due_at=deviation.opened.time if stopped else None,
        )
    if batch.stage is Stage.TESTING:
        title = Words(en="Review and disposition", zh="审核与处置")
        yield task(Role.QA, "release_conditionally", title, due_at=batch.expires_at, not_by=batch.took_part)
    if batch.stage in (Stage.PERFUSED, Stage.REJECTED, Stage.TERMINATED):
        waits = batch.perfused is not None and any(
            batch.test_state(test) in ("pending", "to_review")
            for test in batch.tests
            if test.gate is not Gate.NONE
        )
        if not waits:
            title = Words(en="Final disposition", zh="最终处置")
            yield task(Role.QA, "dispose_finally", title, not_by=batch.took_part)
    if not is_reviewed(batch) and batch.stage is Stage.TESTING:
        title = Words(en="Review the record", zh="审核记录")
        yield task(Role.QA, "review_record", title, not_by=batch.took_part)


def _after_tasks(batch: BatchRecord, task: Task) -> Iterable[TaskRow]:
    """What the clinic owes after a perfusion: the end of the observation, and a decision on a dose outside limits."""
    given, judged = batch.perfusion, batch.judged
    if batch.stage is not Stage.PERFUSED or given is None:
        return
    if batch.observed is None:
        title = Words(en="Observe her after the perfusion", zh="灌注后观察")
        due = observed_until(batch)
        yield task(Role.CLINICIAN, "end_observation", title, since=given.ended_at, due_at=due)
    if is_dose_outside(batch) and batch.settled is None:
        title = Words(en="Decide on the dose given", zh="判定实际剂量")
        if judged is None:
            yield task(Role.CLINICIAN, "judge_dose", title)
        else:
            yield task(Role.CLINICIAN, "settle_dose", title, since=judged.time, not_by=(judged.person,))


def _clinic_tasks(batch: BatchRecord, task: Task) -> Iterable[TaskRow]:
    yield from _after_tasks(batch, task)
    if batch.stage is not Stage.RELEASED or batch.unit_code is None:
        return
    held = batch.custody.get(batch.unit_code)
    if held is None or (held.offer is None and held.place != "clinic"):
        if step_for(batch, batch.master.dose.product, Role.CLINICIAN) is not None:
            return
        title = Words(en="Hand the product to the clinic", zh="将产品移交临床")
        yield task(Role.TECHNICIAN, "offer_custody", title, due_at=batch.expires_at)
    elif held.offer is None:
        title = Words(en="Bedside check and perfusion", zh="床旁核对与灌注")
        yield task(Role.CLINICIAN, "match_identity", title, since=held.since, due_at=batch.expires_at)
