"""What must hold after a rehearsal: each fact is held against the record, and what differs is said in full."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

from lims.actions.frozen import frozen
from lims.domain.batch_record import EACH_COUNT, BatchRecord, Deviation, concentrations
from lims.domain.dose_given import endotoxin_given
from lims.domain.entries.batch import EvidenceCorrected, EvidenceRecorded
from lims.domain.entries.envelope import stream_of
from lims.domain.entries.values import (
    Branched,
    Calculated,
    Choice,
    Controlled,
    Counts,
    Elapsed,
    Labelled,
    Moment,
    Number,
    Scanned,
    TotalTime,
)
from lims.domain.materials import fold_lot
from lims.domain.quantities import as_power_of_ten, as_written, plain
from lims.domain.refusals import Reason
from lims.domain.release import unmet_release
from lims.domain.rows import TimerRow
from lims.domain.sentences_values import elapsed, measured, unit_shown
from lims.ledger.read_tables import find
from lims.rehearsal.differing import differs, refusals_on_file, said
from lims.rehearsal.facts_participant import of_course, of_round, participant
from lims.rehearsal.instance import Stage
from lims.rehearsal.script import CourseFact, LabelsFact, LotFact, RoundFact, StateFact, ValueFact

OPEN_END = "…"
"""An exact number without an end is written to here: `92.3076…`."""


def unmet(fact: object, stage: Stage) -> list[str]:
    """What of a fact does not hold, one sentence each. Raises UnknownName."""
    match fact:
        case ValueFact():
            return list(_value(fact, frozen(stage.site, stage.names.read(fact.batch)), stage))
        case LabelsFact():
            return list(_labels(fact, frozen(stage.site, stage.names.read(fact.batch))))
        case StateFact():
            return list(_state(fact, frozen(stage.site, stage.names.read(fact.batch)), stage))
        case LotFact():
            return list(_lot(fact, stage))
        case RoundFact():
            return list(of_round(fact, stage))
        case CourseFact():
            return list(of_course(fact, stage))
        case _:
            raise TypeError(f"no fact: {fact!r}")


def _value(fact: ValueFact, batch: BatchRecord, stage: Stage) -> Iterator[str]:
    step, slot, *_ = fact.value.split(".")
    record = batch.slots.get((step, slot))
    if record is None:
        yield f"{fact.value} has no value on file"
        return
    if fact.shown is not None:
        yield from differs(f"{fact.value} as shown", shown(batch, fact.value, stage), fact.shown)
    if fact.exact is not None:
        number = batch.number_at(fact.value)
        yield from _exact(
            fact.value, number if number is not None else _controlled(batch, fact.value), fact.exact
        )
    if fact.judged is not None:
        last = record.last.fact
        assert isinstance(last, EvidenceRecorded | EvidenceCorrected)
        yield from differs(f"the verdict on {fact.value}", last.judged.value, fact.judged)


def _controlled(batch: BatchRecord, path: str) -> Decimal | None:
    step, slot, *_ = path.split(".")
    value = batch.value(step, slot)
    return value.value if isinstance(value, Controlled) else None


def _exact(what: str, found: Decimal | None, expected: str) -> Iterator[str]:
    """An exact number, to its last digit or, with `…` at the end, as far as it is written."""
    digits = plain(found) if found is not None else "none"
    if expected.endswith(OPEN_END):
        if not digits.startswith(expected.removesuffix(OPEN_END)):
            yield f"{what} is exactly {digits}, expected {expected}"
    elif found is None or found != Decimal(expected):
        yield f"{what} is exactly {digits}, expected {expected}"


def shown(batch: BatchRecord, path: str, stage: Stage) -> str:
    """A value with the digits and the unit as they are read on pages and in print."""
    step, slot, *rest = path.split(".")
    value = batch.value(step, slot)
    match value:
        case Number():
            return f"{plain(value.value)} {unit_shown(value.unit)}".strip()
        case Calculated():
            return f"{measured(value.value, value.decimals)} {unit_shown(value.unit)}".strip()
        case Controlled():
            return f"{plain(value.value)} {unit_shown(value.unit)}".strip()
        case Counts():
            return _counts_shown(value, rest[0] if rest else "concentration")
        case Choice():
            return value.option
        case Scanned():
            return value.name
        case Moment():
            return stage.calendar.told(value.at)
        case Elapsed():
            return elapsed(value.seconds)
        case TotalTime():
            return f"{as_written(Decimal(value.seconds) / 3600, 2)} h"
        case Branched():
            return value.way
        case Labelled():
            return _balance(value)
        case _:
            return value.sort if value else "none"


def _balance(value: Labelled) -> str:
    counts = {name: getattr(value, name) for name in ("printed", "applied", "attached", "destroyed")}
    left = value.printed - value.applied - value.attached - value.destroyed
    return ", ".join([f"{name} {count}" for name, count in counts.items()] + [f"balance {left}"])


def _counts_shown(value: Counts, field: str) -> str:
    each = dict(zip(EACH_COUNT, concentrations(value), strict=False))
    per_ml = {"concentration": value.concentration, **each}.get(field)
    if per_ml is not None:
        return f"{as_power_of_ten(per_ml)} cells/mL"
    number = {"viability": value.viability, "cv": value.cv}.get(field)
    return f"{as_written(number, 1)} %" if number is not None else field


def _labels(fact: LabelsFact, batch: BatchRecord) -> Iterator[str]:
    balance = batch.label_balance(*fact.labels.split("."))
    for name in ("printed", "applied", "attached", "destroyed"):
        expected = getattr(fact, name)
        if expected is not None:
            yield from differs(f"{fact.labels} {name}", getattr(balance, name), expected)
    left = balance.printed - balance.applied - balance.attached - balance.destroyed
    yield from differs(f"the label balance of {fact.labels}", left, fact.balance)


def _state(fact: StateFact, batch: BatchRecord, stage: Stage) -> Iterator[str]:
    name = f"batch {batch.number}"
    simple = {
        "stage": batch.stage.value,
        "step": batch.current.code if batch.current else None,
        "disposition": batch.disposition.disposition if batch.disposition else "none",
        "attempt": batch.issue.attempt,
    }
    for field, found in simple.items():
        expected = getattr(fact, field)
        if expected is not None:
            yield from differs(f"the {field} of {name}", found, expected)
    if fact.holds is not None:
        held = [getattr(entry.fact, "reason_code", "") for entry in batch.holds]
        yield from differs(f"the holds on {name}", held, list(fact.holds))
    if fact.deviations is not None:
        yield from _deviations(f"the deviations of {name}", batch.deviations.values(), fact.deviations)
    if fact.open_deviations is not None:
        yield from _deviations(f"the open deviations of {name}", batch.open_deviations, fact.open_deviations)
    if fact.tests is not None:
        states = {test.code: batch.test_state(test) for test in batch.master.tests}
        for test, state in fact.tests.items():
            yield from differs(f"test {test}", states.get(test, "unknown"), state)
    yield from _times(fact, batch, stage)
    yield from _beyond(fact, batch, stage)
    yield from _dose(fact, batch)


def _deviations(what: str, found: Iterable[Deviation], expected: tuple[str, ...]) -> Iterator[str]:
    """Deviations in their order, each by its rule, or by its rule and its place: `limit.outside receive.volume`."""
    facts = [item.fact for item in found]
    told = [f"{fact.rule} {fact.step}.{fact.slot}" if fact.slot else fact.rule for fact in facts]
    rules = [fact.rule for fact in facts]
    as_written = [
        whole if at < len(expected) and " " in expected[at] else rule
        for at, (whole, rule) in enumerate(zip(told, rules, strict=True))
    ]
    yield from differs(what, as_written, list(expected))


def _times(fact: StateFact, batch: BatchRecord, stage: Stage) -> Iterator[str]:
    if fact.expires is not None:
        yield from differs("the expiry", _told(batch.expires_at, stage), fact.expires)
    if fact.due is not None:
        with stage.site.ledger.reading() as book:
            rows = find(book, TimerRow, stream=batch.stream)
        due = {row.key: _told(row.due_at, stage) for row in rows}
        for what, expected in fact.due.items():
            yield from differs(f"what is due for {what}", due.get(what, "none"), expected)


def _told(moment: datetime | None, stage: Stage) -> str:
    return stage.calendar.told(moment) if moment else "none"


def _beyond(fact: StateFact, batch: BatchRecord, stage: Stage) -> Iterator[str]:
    """What does not stand in the batch's own stream alone."""
    if fact.unmet_release is not None:
        person = participant(stage, batch.issue.participant)
        reasons = unmet_release(batch, person, now=stage.clock.now())
        yield from _reasons(reasons, fact.unmet_release)
    if fact.refusals is not None:
        yield from differs("the refusals on file", refusals_on_file(stage, batch.stream), list(fact.refusals))
    for container, holder in (fact.holders or {}).items():
        custody = batch.custody.get(stage.names.read(container))
        yield from differs(f"the holder of {container}", custody.holder if custody else None, holder)


def _reasons(reasons: tuple[Reason, ...], expected: tuple[str, ...]) -> Iterator[str]:
    """Each expected reason is a rule, or a rule with its particulars: `test.not_passed sterility_a pending`."""
    told = {" ".join((reason.rule, *(value for _, value in reason.about))): reason.rule for reason in reasons}
    known = {*told, *told.values()}
    for item in expected:
        if item not in known:
            yield f"{item} is not among the unmet conditions of the release: {said(sorted(told))}"
    for whole, rule in told.items():
        if whole not in expected and rule not in expected:
            yield f"the release also waits for: {whole}"


def _dose(fact: StateFact, batch: BatchRecord) -> Iterator[str]:
    if fact.dose is None:
        return
    given = batch.perfusion
    if given is None:
        yield "no dose was delivered"
        return
    found = {"volume": given.volume_given, "viable": given.viable_cells, "nk": given.nk_cells}
    for name, number in found.items():
        expected = getattr(fact.dose, name)
        if expected is not None:
            yield from _exact(f"the delivered {name}", number, expected)
    if fact.dose.endotoxin is not None:
        endotoxin = endotoxin_given(batch)
        found_endotoxin = endotoxin.shown if endotoxin else "none"
        yield from differs("the delivered endotoxin", found_endotoxin, fact.dose.endotoxin)


def _lot(fact: LotFact, stage: Stage) -> Iterator[str]:
    stream = stream_of("lot", stage.names.read(fact.lot))
    with stage.site.ledger.reading() as book:
        lot = fold_lot(stream, book.entries(stream))
    if fact.status is not None:
        yield from differs(f"lot {fact.lot}", lot.status.value, fact.status)
    if fact.left is not None:
        yield from differs(f"what is left of lot {fact.lot}", plain(lot.left), fact.left)
    if fact.short is not None:
        yield from differs(f"what lot {fact.lot} is short by", plain(lot.short), fact.short)
    if fact.opened is not None:
        yield from differs(f"the opened containers of lot {fact.lot}", lot.opened, fact.opened)
