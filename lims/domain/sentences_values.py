"""A piece of evidence in words: what a slot's value says, as a message id with named places."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from lims.domain.codes import grouped
from lims.domain.entries.envelope import Detached, Fact
from lims.domain.entries.values import (
    Attached,
    Branched,
    Calculated,
    Choice,
    Controlled,
    Counts,
    Elapsed,
    HandedOver,
    Labelled,
    Moment,
    Number,
    Scanned,
    Text,
    TotalTime,
    Value,
    Witnessed,
)
from lims.domain.master_batch_record import (
    AnySlot,
    BranchSlot,
    ChoiceSlot,
    InProcessControlSlot,
    MasterBatchRecord,
    Step,
    Words,
)
from lims.domain.quantities import as_power_of_ten, as_written, plain, round_half_up

LONG_NUMBER = Decimal(100_000)
"""From here on a number is read as a power of ten."""


@dataclass(frozen=True, slots=True)
class Term:
    """A coded word; its message id."""

    msgid: str


@dataclass(frozen=True, slots=True)
class ValueInWords:
    """A message id and what stands in its places; detached words by their commitment."""

    msgid: str
    places: "Mapping[str, str | Words | Term | datetime | Detached | ValueInWords]"


def value_in_words(value: Value, slot: AnySlot | None, master: MasterBatchRecord) -> ValueInWords:
    """What a value says, with the titles of its slot's answers."""
    match value:
        case Number():
            return ValueInWords("{value} {unit}", {"value": value.raw, "unit": unit_shown(value.unit)})
        case Calculated():
            shown = measured(value.value, value.decimals)
            return ValueInWords("{value} {unit}", {"value": shown, "unit": unit_shown(value.unit)})
        case Controlled():
            return _controlled(value, slot)
        case Counts():
            return _counts(value)
        case Choice():
            return ValueInWords("{answer}", {"answer": _answer(value, slot)})
        case Scanned():
            return _scanned(value, master)
        case Moment():
            return _moment(value)
        case Elapsed():
            return ValueInWords("{time}", {"time": elapsed(value.seconds)})
        case Text():
            return ValueInWords("“{words}”", {"words": value.words})
        case Witnessed():
            return ValueInWords("{name} stood there", {"name": value.name})
        case HandedOver():
            return ValueInWords("taken over by {name}", {"name": value.to_name})
        case Labelled():
            return _labelled(value)
        case Branched():
            return ValueInWords("{answer}", {"answer": _way(value, slot)})
        case Attached():
            return ValueInWords("{file}", {"file": value.file})
        case TotalTime():
            return ValueInWords("{time}", {"time": elapsed(value.seconds)})


def _scanned(value: Scanned, master: MasterBatchRecord) -> ValueInWords:
    name, code, noted = scanned_name(value, master), grouped(value.code), stock_in_words(value)
    if noted is None:
        return ValueInWords("{name} · {code}", {"name": name, "code": code})
    return ValueInWords("{name} · {code}; {noted}", {"name": name, "code": code, "noted": noted})


def _controlled(value: Controlled, slot: AnySlot | None) -> ValueInWords:
    says: Words | str = value.verdict
    if isinstance(slot, InProcessControlSlot):
        says = next((b.says for b in slot.bands if b.verdict.value == value.verdict), value.verdict)
    places = {"value": plain(value.value), "unit": unit_shown(value.unit), "says": says}
    return ValueInWords("{value} {unit}: {says}", places)


def _counts(value: Counts) -> ValueInWords:
    cells = "; ".join(f"{count.live}/{count.dead}" for count in value.counts)
    return ValueInWords(
        "{concentration} cells/mL, viability {viability} %",
        {
            "concentration": as_power_of_ten(value.concentration),
            "viability": plain(round_half_up(value.viability, 1)),
            "cells": cells,
        },
    )


def _answer(value: Choice, slot: AnySlot | None) -> str | Words:
    if isinstance(slot, ChoiceSlot):
        return next((o.title for o in slot.options if o.code == value.option), value.option)
    return value.option


def _way(value: Branched, slot: AnySlot | None) -> str | Words:
    ways = slot.ways if isinstance(slot, BranchSlot) else ()
    return next((way.title for way in ways if way.code == value.way), value.way)


def _moment(value: Moment) -> ValueInWords:
    if value.late and value.reason:
        return ValueInWords("{at}, late entry: {reason}", {"at": value.at, "reason": value.reason})
    return ValueInWords("{at}", {"at": value.at})


def _labelled(value: Labelled) -> ValueInWords:
    counts = {name: str(getattr(value, name)) for name in ("printed", "applied", "attached", "destroyed")}
    balance = value.printed - value.applied - value.attached - value.destroyed
    return ValueInWords(
        "{printed} printed: {applied} applied, {attached} attached, {destroyed} destroyed; balance {balance}",
        {**counts, "balance": str(balance)},
    )


def stock_in_words(value: Scanned) -> ValueInWords | None:
    """What is to be noticed about the lot that was taken; none when there is nothing."""
    stock = value.stock
    noted: list[ValueInWords] = []
    if stock and stock.use_until:
        noted.append(ValueInWords("open, to be used until {use_until}", {"use_until": stock.use_until}))
    if stock and stock.reason and not stock.first:
        noted.append(ValueInWords("“{words}”", {"words": stock.reason}))
    elif stock and stock.reason:
        msgid = "lot {first} was to be taken first, and was not: {reason}"
        noted.append(ValueInWords(msgid, {"first": stock.first, "reason": stock.reason}))
    elif stock and stock.first:
        noted.append(ValueInWords("lot {first} was to be taken first, and was not", {"first": stock.first}))
    if stock and stock.short is not None:
        more = {"short": plain(stock.short), "unit": unit_shown(stock.unit)}
        noted.append(ValueInWords("{short} {unit} more than the book had", more))
    whole: ValueInWords | None = None
    for one in noted:
        whole = one if whole is None else ValueInWords("{one}; {two}", {"one": whole, "two": one})
    return whole


def scanned_name(value: Scanned, master: MasterBatchRecord) -> str | Words:
    """What was scanned, with the title of its kind in both languages."""
    code, _, rest = value.name.partition(" ")
    known = {item.code: item.title for item in master.containers}
    known |= {item.code: item.title for item in master.materials}
    if code not in known:
        return value.name
    title = known[code]
    return Words(en=f"{title.en} {rest}", zh=f"{title.zh} {rest}")


def measured(value: Decimal, decimals: int) -> str:
    """A number as it is read: a cell number as a power of ten, everything else at its decimals."""
    return as_power_of_ten(value) if abs(value) >= LONG_NUMBER else as_written(value, decimals)


def unit_shown(unit: str) -> str:
    """A unit as printed; a bare count has none."""
    return "" if unit == "1" else unit


def elapsed(seconds: int) -> str:
    """A time that passed, in hours and minutes, seconds while it is short."""
    if seconds < 600:
        return f"{seconds // 60} min {seconds % 60} s"
    minutes = timedelta(seconds=seconds) // timedelta(minutes=1)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02d} min"


def titles(fact: Fact, master: MasterBatchRecord) -> tuple[Step | None, AnySlot | None, Words | None]:
    """The step, the slot and the thing that a fact points to, as the master batch record names them."""
    code = getattr(fact, "step", None)
    step = master.step_or_none(code) if code else None
    slot = None
    if step is not None:
        slot = next((item for item in step.evidence if item.code == getattr(fact, "slot", None)), None)
    named = (
        (getattr(fact, "test", None), master.tests),
        (getattr(fact, "sample", None), master.samples),
        (getattr(fact, "label", None), master.labels),
        (getattr(fact, "container", None), master.containers),
    )
    for wanted, known in named:
        found = next((item.title for item in known if item.code == wanted), None)
        if found is not None:
            return step, slot, found
    return step, slot, None
