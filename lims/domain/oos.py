"""A result outside its specification, investigated in phases: first the laboratory's own error, then quality.

Nothing is tested into compliance: a result is void only by a named laboratory error that quality agrees with, and
tested again only as often as the master batch record declared before (FDA, Investigating OOS Test Results, 2022).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum
from types import MappingProxyType

from lims.domain.batch_record import BatchRecord, Investigation, Result
from lims.domain.entries.envelope import Detached, Draft
from lims.domain.entries.oos import OosExamined, OosJudged
from lims.domain.limits import Limit, assess
from lims.domain.master_batch_record import Retest, Test
from lims.domain.refusals import BadEntry, NotAllowed, Refused
from lims.domain.rounding import CONTEXT, as_written, plain

CHECKS: Mapping[str, str] = MappingProxyType(
    {
        "sample": "Sample: the right one, stored and handled as described",
        "method": "Method: followed as written",
        "calculation": "Calculation and transcription: right",
        "instrument": "Instrument: in calibration and working",
        "reagents": "Reagents and standards: right and in date",
        "controls": "Controls and system suitability: passed",
    }
)
"""What the laboratory looks at, in this order, as message ids (same guidance, III.A and III.B)."""
ANSWERS: Mapping[str, str] = MappingProxyType(
    {"in_order": "In order", "error": "Error", "not_applicable": "Not applicable"}
)
DECISIONS: Mapping[str, str] = MappingProxyType(
    {
        "invalidated": "Void: a laboratory error made it; the test is done again",
        "retest": "Test again as the master batch record declares",
        "not_confirmed": "Not confirmed: the declared rule reports a value that passes",
        "confirmed": "Confirmed: the result stands",
    }
)


class Phase(StrEnum):
    """What an investigation waits for, or how it ended."""

    TO_EXAMINE = "to_examine"
    TO_JUDGE = "to_judge"
    RETESTING = "retesting"
    TO_CONCLUDE = "to_conclude"
    INVALIDATED = "invalidated"
    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not_confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """What the declared rule makes of a result and its retests; no value where one is only a bound (`<0.05`)."""

    value: Decimal | None
    shown: str
    passes: bool
    qualifier: str | None = None


def first_result(batch: BatchRecord, found: Investigation) -> Result:
    """The result that is outside its specification."""
    return next(item for item in batch.results[found.test] if item.entry.seq == found.result_seq)


def retests(batch: BatchRecord, found: Investigation) -> tuple[Result, ...]:
    """Everything entered as a retest, also what gave no result or was not agreed with."""
    return tuple(item for item in batch.results.get(found.test, ()) if item.fact.oos == found.number)


def retests_left(batch: BatchRecord, found: Investigation) -> int:
    """How many retests of the plan are still to be entered; one that gave no result does not count."""
    plan = _plan(batch, found)
    if plan is None or found.is_over or not found.decisions:
        return 0
    entered = [item for item in retests(batch, found) if not _gave_nothing(item)]
    return max(plan.count - len(entered), 0)


def _gave_nothing(result: Result) -> bool:
    """Reviewed, and not agreed with or without a result."""
    return result.review is not None and (not result.agreed or result.fact.outcome in ("invalid", "not_done"))


def phase_of(batch: BatchRecord, found: Investigation) -> Phase:
    """Where the investigation stands."""
    if found.is_over:
        return Phase(found.decisions[-1])
    if found.examined is None:
        return Phase.TO_EXAMINE
    if not found.decisions:
        return Phase.TO_JUDGE
    waiting = any(item.review is None for item in retests(batch, found))
    return Phase.RETESTING if waiting or retests_left(batch, found) else Phase.TO_CONCLUDE


def open_for(batch: BatchRecord, test: Test) -> Investigation | None:
    """The investigation of a test's standing result that is not over."""
    return next(
        (item for item in batch.investigations.values() if item.test == test.code and not item.is_over), None
    )


def examine(
    batch: BatchRecord, number: str, *, checks: tuple[tuple[str, str], ...], words: Detached, person: str
) -> tuple[Draft, ...]:
    """Phase I: each thing that can have gone wrong in the laboratory is looked at, by another than the analyst."""
    found = _open(batch, number)
    if found.examined is not None:
        raise Refused("oos.examined", number=number)
    if first_result(batch, found).entry.person == person:
        raise NotAllowed("oos.own_result")
    answers = dict(checks)
    for check in CHECKS:
        if answers.get(check) not in ANSWERS:
            raise BadEntry("choice.unknown", field=f"check_{check}")
    error = "error" in answers.values()
    fact = OosExamined(
        number=number,
        checks=tuple((check, answers[check]) for check in CHECKS),
        found="laboratory_error" if error else "no_error",
        words=words,
    )
    return (Draft(stream=batch.stream, fact=fact),)


def judge(
    batch: BatchRecord, number: str, *, decision: str, words: Detached, person: str
) -> tuple[Draft, ...]:
    """Quality says what becomes of the result; never who entered or examined it."""
    found = _open(batch, number)
    if decision not in DECISIONS:
        raise BadEntry("choice.unknown", field="decision")
    if found.examined is None:
        raise Refused("oos.not_examined", number=number)
    if person in (first_result(batch, found).entry.person, found.examined.person):
        raise NotAllowed("oos.own_result")
    reporting = None
    match decision:
        case "invalidated":
            _check_cause(found)
        case "retest":
            _check_plan(batch, found)
        case "not_confirmed":
            reporting = _check_reported(batch, found)
        case _:
            pass
    fact = OosJudged(
        number=number,
        decision=decision,
        words=words,
        reported=reporting.shown if reporting else "",
        value=reporting.value if reporting else None,
        qualifier=reporting.qualifier if reporting else None,
    )
    return (Draft(stream=batch.stream, fact=fact),)


def reporting_of(batch: BatchRecord, found: Investigation) -> Reporting:
    """The reported value by the declared rule, from the first result and the retests that count."""
    test = batch.master.test(found.test)
    counted = tuple(item for item in retests(batch, found) if item.counts and not _gave_nothing(item))
    plan, limit = _plan(batch, found), test.limit
    if plan is None or limit is None or not counted:
        return Reporting(value=None, shown="", passes=False)
    if plan.report == "last":
        last = counted[-1].fact
        passes = all(item.fact.outcome == "pass" for item in counted)
        return Reporting(value=last.value, shown=last.raw, passes=passes, qualifier=last.qualifier)
    return _mean((first_result(batch, found), *counted), limit)


def _mean(results: tuple[Result, ...], limit: Limit) -> Reporting:
    values = [item.fact.value for item in results if item.fact.value is not None and not item.fact.qualifier]
    if len(values) != len(results):
        return Reporting(value=None, shown="", passes=False)
    with localcontext(CONTEXT):
        mean = sum(values, Decimal(0)) / len(values)
    shown = as_written(mean, max(limit.decimals, 0))
    return Reporting(value=mean, shown=shown, passes=not assess(mean, limit=limit).opens_deviation)


def unconcluded(batch: BatchRecord) -> tuple[Investigation, ...]:
    """Investigations that are not over; no batch has its final disposition over them (21 CFR 211.192)."""
    return tuple(item for item in batch.investigations.values() if not item.is_over)


def _open(batch: BatchRecord, number: str) -> Investigation:
    found = batch.investigations.get(number)
    if found is None:
        raise Refused("oos.none", number=number)
    if found.is_over:
        raise Refused("oos.over", number=number)
    return found


def _plan(batch: BatchRecord, found: Investigation) -> Retest | None:
    return batch.master.test(found.test).retest


def _check_cause(found: Investigation) -> None:
    """Void is only what a laboratory error was found behind, before any retest could show the wish."""
    assert found.examined is not None and isinstance(found.examined.fact, OosExamined)
    if found.examined.fact.found != "laboratory_error":
        raise Refused("oos.no_cause", number=found.number)
    if found.decisions:
        raise Refused("oos.retested", number=found.number)


def _check_plan(batch: BatchRecord, found: Investigation) -> None:
    """The plan was declared before the result, and is used once."""
    title = batch.master.test(found.test).title.en
    if _plan(batch, found) is None:
        raise Refused("oos.no_plan", test=title)
    used = any(
        "retest" in item.decisions for item in batch.investigations.values() if item.test == found.test
    )
    if used:
        raise Refused("oos.retested", number=found.number)


def _check_reported(batch: BatchRecord, found: Investigation) -> Reporting:
    """The whole plan is done and reviewed, and what the declared rule reports passes."""
    if phase_of(batch, found) is not Phase.TO_CONCLUDE:
        raise Refused("oos.retests_open", left=retests_left(batch, found))
    reporting = reporting_of(batch, found)
    if not reporting.passes:
        raise Refused("oos.still_outside", shown=reporting.shown or "–")
    return reporting


def check_retest(batch: BatchRecord, found: Investigation, *, person: str) -> None:
    """A retest was asked for, the plan is not used up, and another analyst makes it."""
    if not retests_left(batch, found):
        raise Refused("result.exists", test=batch.master.test(found.test).title.en)
    if first_result(batch, found).entry.person == person:
        raise NotAllowed("oos.same_analyst")


def same_reporting(batch: BatchRecord, fact: OosJudged) -> bool:
    """What is on file as reported comes out again, from the record as it stood before."""
    again = reporting_of(batch, batch.investigations[fact.number])
    return (plain(again.value) if again.value is not None else "", again.shown) == (
        plain(fact.value) if fact.value is not None else "",
        fact.reported,
    )
