"""Deviations: born pre-filled at the failing rule, explained at the bench, decided by quality."""

from collections.abc import Collection, Sequence

from lims.domain.batch_record import BatchRecord, Deviation
from lims.domain.entries.batch import (
    DeviationDecided,
    DeviationExplained,
    DeviationOpened,
    EvidenceCorrected,
    EvidenceRecorded,
    HoldPlaced,
)
from lims.domain.entries.envelope import SYSTEM, Detached, Draft
from lims.domain.entries.values import (
    Branched,
    Calculated,
    Controlled,
    Counts,
    Elapsed,
    Judged,
    Number,
    TotalTime,
)
from lims.domain.quantities import plain
from lims.domain.refusals import BadEntry, NotAllowed, Refused

SEVERITIES = ("minor", "major", "critical")
QA_FIRST = frozenset({"answer.stops", "control.qa_decides", "control.stop", "hold_time.stop"})
"""Rules whose deviation quality must decide before the step can be confirmed."""


def next_number(batch: BatchRecord, drafts: Sequence[Draft] = ()) -> str:
    """The number of the batch's next deviation, counting those in the same act."""
    here = sum(isinstance(draft.fact, DeviationOpened) for draft in drafts)
    return f"{batch.number}-{len(batch.deviations) + here + 1}"


def opened(
    batch: BatchRecord,
    *,
    rule: str,
    severity: str,
    about: tuple[tuple[str, str], ...],
    step: str | None = None,
    slot: str | None = None,
    words: Detached | None = None,
    drafts: Sequence[Draft] = (),
) -> Draft:
    """The entry that opens a deviation."""
    fact = DeviationOpened(
        number=next_number(batch, drafts),
        rule=rule,
        severity=severity,
        step=step,
        slot=slot,
        about=about,
        words=words,
    )
    return Draft(stream=batch.stream, fact=fact)


def from_evidence(
    batch: BatchRecord, fact: EvidenceRecorded | EvidenceCorrected, *, drafts: Sequence[Draft]
) -> list[Draft]:
    """The deviation of a value outside its limit, unless one is on file for the same crossing (DI-6)."""
    rule, severity = _rule_of(fact)
    # A hold time is exceeded once, whether the timer or the late entry said so first; a value can be wrong again.
    known = batch.deviations.values() if isinstance(fact.value, Elapsed) else batch.open_deviations
    if any(
        (item.fact.step, item.fact.slot, item.fact.rule) == (fact.step, fact.slot, rule) for item in known
    ):
        return []
    about = (("value", _value_of(fact)), ("limit", fact.limit or ""))
    return [
        opened(
            batch, rule=rule, severity=severity, about=about, step=fact.step, slot=fact.slot, drafts=drafts
        )
    ]


def _rule_of(fact: EvidenceRecorded | EvidenceCorrected) -> tuple[str, str]:
    match fact.value:
        case Elapsed():
            stops = fact.judged is Judged.STOP
            return ("hold_time.stop", "critical") if stops else ("hold_time.exceeded", "major")
        case Controlled():
            stops = fact.judged is Judged.STOP
            return ("control.stop", "critical") if stops else ("control.qa_decides", "major")
        case Number() | Calculated() | Counts() | TotalTime():
            return "limit.outside", "major"
        case _:
            stops = fact.judged is Judged.STOP
            return ("answer.stops", "critical") if stops else ("answer.not_acceptable", "major")


def _value_of(fact: EvidenceRecorded | EvidenceCorrected) -> str:
    match fact.value:
        case Number() | Calculated() | Controlled() as value:
            return f"{plain(value.value)} {value.unit}"
        case Elapsed() | TotalTime() as value:
            return f"{value.seconds // 60} min"
        case Branched() as value:
            return value.way
        case value:
            return getattr(value, "option", value.sort)


def open_by_person(
    batch: BatchRecord, *, words: Detached | None, step: str | None, severity: str
) -> tuple[Draft, ...]:
    """A person opens a deviation in their own words."""
    if words is None:
        raise BadEntry("text.empty", field="words", least=1)
    severity = severity if severity in SEVERITIES else "major"
    return (opened(batch, rule="reported", severity=severity, about=(), step=step, words=words),)


def explain(
    batch: BatchRecord, number: str, *, happened: Detached | None, did: Detached | None, go_on: str
) -> tuple[Draft, ...]:
    """The three questions of the bench: what happened, what was done at once, does it go on (screens 2.8)."""
    deviation = _undecided(batch, number)
    if happened is None:
        raise BadEntry("text.empty", field="happened", least=1)
    if did is None:
        raise BadEntry("text.empty", field="did", least=1)
    if go_on not in ("go_on", "hold", "ask_qa"):
        raise BadEntry("choice.unknown", field="go_on")
    fact = DeviationExplained(number=number, happened=happened, did=did, go_on=go_on)
    drafts = [Draft(stream=batch.stream, fact=fact)]
    if go_on == "hold":
        held = HoldPlaced(reason_code="deviation", reference=deviation.number)
        drafts.append(Draft(stream=batch.stream, fact=held))
    return tuple(drafts)


def decide(
    batch: BatchRecord, number: str, *, severity: str, decision: str, impact: Detached | None, person: str
) -> tuple[Draft, ...]:
    """Quality assesses and decides; never the person it arose from (issue 2.7, I17)."""
    deviation = _undecided(batch, number)
    if deviation.opened.person == person and deviation.opened.person != SYSTEM:
        raise NotAllowed("deviation.opener_decides")
    if severity not in SEVERITIES:
        raise BadEntry("choice.unknown", field="severity")
    if decision not in ("accepted", "rejects_batch"):
        raise BadEntry("choice.unknown", field="decision")
    if impact is None:
        raise BadEntry("text.empty", field="impact", least=1)
    investigation = batch.investigations.get(number)
    if decision == "accepted" and investigation is not None and not investigation.is_over:
        raise Refused("deviation.oos_first", number=number)
    fact = DeviationDecided(number=number, severity=severity, decision=decision, impact=impact)
    return (Draft(stream=batch.stream, fact=fact),)


def quality_first(batch: BatchRecord, steps: Collection[str]) -> Deviation | None:
    """The undecided deviation of these steps over whose value only quality may let the batch go on; none if none."""
    found = (item for item in batch.open_deviations if item.fact.step in steps and item.fact.rule in QA_FIRST)
    return next(found, None)


def check_qa_first(batch: BatchRecord, steps: Collection[str]) -> None:
    """Nothing goes on over a value that only quality may let pass (domain 2.4)."""
    if waiting := quality_first(batch, steps):
        raise Refused("step.qa_first", number=waiting.number)


def _undecided(batch: BatchRecord, number: str) -> Deviation:
    deviation = batch.deviations.get(number)
    if deviation is None:
        raise Refused("deviation.unknown", number=number)
    if deviation.decided:
        raise Refused("deviation.decided", number=number)
    return deviation
