"""After the perfusion: how long she is observed, and who decides on a dose outside its limit (domain 2.4, stage 17)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from lims.domain.batch_record import BatchRecord
from lims.domain.deviations import opened
from lims.domain.entries.aftercare import DoseJudged, DoseSettled, ObservationEnded
from lims.domain.entries.envelope import Detached, Draft
from lims.domain.refusals import BadEntry, NotAllowed, Reason, Refused

OUTCOMES = ("well", "adverse_event")
DECISIONS = ("stands", "insufficient")


def observed_until(batch: BatchRecord) -> datetime | None:
    """When the observation can end: the protocol's minutes after the end of the perfusion; none before one."""
    given = batch.perfusion
    return given.ended_at + timedelta(minutes=batch.protocol.observation_minutes) if given else None


def end_observation(
    batch: BatchRecord, *, outcome: str, note: Detached | None, now: datetime
) -> tuple[Draft, ...]:
    """She is well when the time has passed; an adverse event ends it at once, with words and a deviation."""
    until = observed_until(batch)
    if until is None:
        raise Refused("observation.not_given")
    if batch.observed is not None:
        raise Refused("observation.ended")
    if outcome not in OUTCOMES:
        raise BadEntry("choice.unknown", field="outcome")
    draft = Draft(stream=batch.stream, fact=ObservationEnded(outcome=outcome, note=note))
    if outcome == "adverse_event":
        if note is None:
            raise BadEntry("text.empty", field="note", least=1)
        about = (("value", outcome),)
        return draft, opened(batch, rule="observation.adverse_event", severity="major", about=about)
    if now < until:
        local = until.astimezone(ZoneInfo(batch.issue.zone)).isoformat(sep=" ", timespec="minutes")
        raise Refused("observation.running", until=local)
    return (draft,)


def is_dose_outside(batch: BatchRecord) -> bool:
    """Volume or cells delivered lay outside a limit when the perfusion was recorded."""
    return any(item.fact.rule == "dose.outside" for item in batch.deviations.values())


def judge_dose(batch: BatchRecord, *, decision: str, reason: Detached | None) -> tuple[Draft, ...]:
    """The clinician's decision on a dose outside its limit, with a reason."""
    _check_dose(batch)
    if batch.judged is not None:
        raise Refused("dose.judged")
    decision, reason = _decided(decision, reason)
    return (Draft(stream=batch.stream, fact=DoseJudged(decision=decision, reason=reason)),)


def settle_dose(
    batch: BatchRecord, *, decision: str, reason: Detached | None, person: str
) -> tuple[Draft, ...]:
    """The investigator's decision on the same dose: another person, after the clinician; this one counts."""
    _check_dose(batch)
    if batch.judged is None:
        raise Refused("dose.not_judged")
    if batch.judged.person == person:
        raise NotAllowed("dose.same_person")
    if batch.settled is not None:
        raise Refused("dose.settled")
    decision, reason = _decided(decision, reason)
    fact = DoseSettled(judged_seq=batch.judged.seq, decision=decision, reason=reason)
    return (Draft(stream=batch.stream, fact=fact),)


def _check_dose(batch: BatchRecord) -> None:
    if not is_dose_outside(batch):
        raise Refused("dose.inside")


def _decided(decision: str, reason: Detached | None) -> tuple[str, Detached]:
    if decision not in DECISIONS:
        raise BadEntry("choice.unknown", field="decision")
    if reason is None:
        raise BadEntry("text.empty", field="reason", least=1)
    return decision, reason


def unmet_after(batch: BatchRecord) -> Iterator[Reason]:
    """What a perfused batch still owes before its final disposition."""
    if batch.perfusion is None:
        return
    if batch.observed is None:
        yield Reason(rule="observation.open")
    if is_dose_outside(batch) and batch.settled is None:
        yield Reason(rule="dose.open")
