"""What a woman's screening waits for: her sample for the analyst, her analysis for the investigator's decision."""

from collections.abc import Iterator
from datetime import datetime

from lims.domain.acts import Role
from lims.domain.entries.envelope import stream_of
from lims.domain.master_batch_record import Words
from lims.domain.rows import TaskRow
from lims.domain.trial.screened import Screened


def screening_rows(trial_id: str, screening: Screened, *, is_randomised: bool) -> Iterator[TaskRow]:
    """Tasks by role; none for what is done."""
    waiting, baseline = screening.to_analyse, screening.baseline
    if waiting and waiting.collected:
        number = waiting.number
        title = Words(en=f"Menstrual blood MB-{number}", zh=f"经血样本 MB-{number}")
        yield _task(
            trial_id, Role.QC_ANALYST, "analyse_menstrual_blood", title, since=waiting.collected.ended_at
        )
    elif baseline and baseline.analysed and screening.eligibility is None and not is_randomised:
        title = Words(en="Eligibility", zh="入选资格")
        since = baseline.analysed.received_at
        yield _task(trial_id, Role.CLINICIAN, "decide_eligibility", title, since=since)


def _task(trial_id: str, role: Role, what: str, title: Words, *, since: datetime) -> TaskRow:
    return TaskRow(
        stream=stream_of("participant", trial_id),
        key=f"{role.value}/{what}",
        role=role.value,
        what=what,
        batch="",
        participant=trial_id,
        round=0,
        step=None,
        title_en=title.en,
        title_zh=title.zh,
        since=since,
        due_at=None,
        not_by="",
    )
