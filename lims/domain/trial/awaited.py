"""What a woman's follow-up waits for, as rows with the moment when each is due; who looks sees what is overdue."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from lims.domain.acts import Role
from lims.domain.entries.envelope import stream_of
from lims.domain.entries.follow_up import FollowUpPlanned
from lims.domain.master_batch_record import Words
from lims.domain.rows import Row, TaskRow, TimerRow
from lims.domain.trial.definitions import OutcomeDefinitions
from lims.domain.trial.followed import Followed
from lims.domain.trial.planning import readings_of, withdrawn_on
from lims.domain.trial.pregnancy_reading import PregnancyReading

FOLLOWS: Final = (Role.COORDINATOR,)
"""Who follows a woman up."""
REPORTS: Final = (Role.COORDINATOR, Role.CLINICIAN)
"""Who sends the reports of serious events."""
_TERM_DAYS: Final = 280
_OUTCOME_DAYS: Final = 14
"""Days after term by which the outcome is asked for."""
_WEEK: Final = timedelta(days=7)

SCAN_CLINICAL: Final = Words(en="First ultrasound: sac in the cavity", zh="首次超声：宫腔内孕囊")
SCAN_ONGOING: Final = Words(en="Ultrasound at 12 weeks: heartbeat and size", zh="12 周超声：胎心与大小")
OUTCOME: Final = Words(en="Outcome of the pregnancy", zh="妊娠结局")


def follow_up_rows(trial_id: str, followed: Followed) -> Iterable[Row]:
    """Every row that her follow-up owns."""
    if followed.unplanned:
        yield TimerRow(
            stream=stream_of("participant", trial_id),
            key=f"plan/{followed.unplanned.seq}",
            act="plan_follow_up",
            due_at=followed.unplanned.time,
            step=None,
            slot=None,
        )
    yield from _reports(trial_id, followed)
    plan = followed.plan
    if plan is None or followed.lost_on or withdrawn_on(followed, zone=plan.zone):
        return
    for role in FOLLOWS:
        yield from _visits(trial_id, followed, plan, role)
        for reading in readings_of(followed):
            yield from _pregnancy(trial_id, reading, plan, role)


def _visits(trial_id: str, followed: Followed, plan: FollowUpPlanned, role: Role) -> Iterator[TaskRow]:
    told = {one.code for one in followed.visits}
    for visit in plan.visits:
        if visit.code not in told:
            yield _task(
                trial_id,
                role,
                "record_visit",
                visit.title,
                key=f"visit/{visit.code}",
                since=_begins(visit.from_on, plan.zone),
                due_at=_ends(visit.until_on, plan.zone),
            )


def _pregnancy(
    trial_id: str, reading: PregnancyReading, plan: FollowUpPlanned, role: Role
) -> Iterator[TaskRow]:
    """The scans that the registered outcomes rest on, and the outcome itself."""
    if reading.dated is None or not reading.is_open:
        return
    number, rules = reading.pregnancy.number, plan.outcomes
    for what, title, key, first, last in _asked(reading, rules):
        yield _task(
            trial_id,
            role,
            what,
            title,
            key=f"pregnancy/{number}/{key}",
            since=_begins(reading.dated.zero + timedelta(days=first), plan.zone),
            due_at=_ends(reading.dated.zero + timedelta(days=last), plan.zone),
        )


def _asked(
    reading: PregnancyReading, rules: OutcomeDefinitions
) -> Iterator[tuple[str, Words, str, int, int]]:
    """Act, title, key, and the first and last day of gestation on which it is to be done."""
    dated = reading.dated
    assert dated is not None
    ages = [(scan.on - dated.zero).days for scan in reading.pregnancy.ultrasounds]
    if not any(age >= rules.clinical_from_day for age in ages):
        first, last = rules.clinical_from_day, rules.clinical_to_day
        yield "record_ultrasound", SCAN_CLINICAL, "clinical", first, last
    elif not any(age >= rules.ongoing_from_day for age in ages):
        first = rules.ongoing_from_day
        yield "record_ultrasound", SCAN_ONGOING, "ongoing", first, first + 2 * _WEEK.days - 1
    else:
        yield "end_pregnancy", OUTCOME, "end", _TERM_DAYS - _OUTCOME_DAYS, _TERM_DAYS + _OUTCOME_DAYS


def _reports(trial_id: str, followed: Followed) -> Iterator[TaskRow]:
    for event in followed.events:
        for report in event.due:
            for role in REPORTS:
                yield _task(
                    trial_id,
                    role,
                    "report_adverse_event",
                    report.title,
                    key=f"event/{event.recorded.event}/{report.code}",
                    since=event.recorded.known_at,
                    due_at=report.due_at,
                )


def _task(
    trial_id: str, role: Role, what: str, title: Words, *, key: str, since: datetime, due_at: datetime
) -> TaskRow:
    return TaskRow(
        stream=stream_of("participant", trial_id),
        key=f"{role.value}/{key}",
        role=role.value,
        what=what,
        batch="",
        participant=trial_id,
        round=0,
        step=None,
        title_en=title.en,
        title_zh=title.zh,
        since=since,
        due_at=due_at,
        not_by="",
    )


def _begins(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))


def _ends(day: date, zone: str) -> datetime:
    return _begins(day + timedelta(days=1), zone)
