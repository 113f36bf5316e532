"""The steps of a batch record: every piece of evidence with its limit and verdict, corrections, deviations, hands."""

from collections.abc import Iterable
from dataclasses import replace

from lims.documents.batch_record_copy import Copy
from lims.documents.batch_record_issue import entry_by
from lims.documents.parts import Span, Style
from lims.documents.parts_blocks import CELL, SMALL, STRONG, Cell, Column, note, running, table, title
from lims.documents.parts_boxes import callout, step_head
from lims.documents.parts_flow import Block, rule, space
from lims.documents.parts_signs import signed
from lims.domain.batch_record import Deviation, SlotRecord, StepRecord
from lims.domain.codes import grouped
from lims.domain.entries.batch import EvidenceCorrected, EvidenceRecorded
from lims.domain.entries.envelope import Entry
from lims.domain.entries.values import (
    Calculated,
    Choice,
    Controlled,
    Counts,
    Elapsed,
    HandedOver,
    Labelled,
    Moment,
    Scanned,
    TotalTime,
    Witnessed,
)
from lims.domain.master_batch_record import (
    AnySlot,
    CalculationSlot,
    CountsSlot,
    HoldTimeSlot,
    InProcessControlSlot,
    NumberSlot,
    ScanContainerSlot,
    SecondPerson,
    Step,
)
from lims.domain.quantities import plain, round_half_up
from lims.domain.sentences_values import LONG_NUMBER, scanned_name

NOW = Style(size=12.5, weight=600)
HOW: dict[type[object], str] = {Choice: "chosen", Moment: "clock", HandedOver: "confirmed", Witnessed: "PIN"}
"""How a value came in that was neither scanned, typed nor computed."""
COMPUTED = (Calculated, Controlled, Elapsed, Labelled, TotalTime)


def steps(copy: Copy) -> list[Block]:
    """Every step of the master batch record, done or not."""
    _ = copy.say
    blocks = title(_("Steps"), copy.other("Steps"))
    number = 0
    for stage, steps_of_stage in copy.record.outline:
        for step in steps_of_stage:
            number += 1
            blocks += _step(copy, step, number, copy.in_words(stage))
    return blocks


def _step(copy: Copy, step: Step, number: int, stage: str) -> list[Block]:
    _, record = copy.say, copy.record
    held = [
        record.slots[step.code, slot.code] for slot in step.evidence if (step.code, slot.code) in record.slots
    ]
    began = min((item.history[0].time for item in held), default=None)
    day = _("day {day}").format(day=step.day)
    remark = " · ".join(part for part in (stage, day, copy.day(began) if began else _("not begun")) if part)
    small = Style(size=8.8, colour="#434B55")
    blocks = step_head(str(number), copy.in_words(step.title), remark)
    told = [f"{at}. {copy.in_words(words)}" for at, words in enumerate(step.instructions, start=1)]
    told += [f"{_('Why')}: {copy.in_words(step.why)}"] if step.why else []
    for text in told:
        blocks += running([Span(text, small)], indent=36, below=0)
    blocks = [replace(block, keep=True) for block in [*blocks, space(5)]]
    columns = [
        Column(head=_("Evidence"), share=26),
        Column(head=_("Limit"), share=15),
        Column(head=_("Value"), share=26),
        Column(head=_("Result"), share=14),
        Column(head=_("Recorded"), share=19),
    ]
    rows = [_evidence(copy, step, slot) for slot in step.evidence]
    blocks += table(columns, rows, below=0)
    changed = sum(isinstance(entry.fact, EvidenceCorrected) for item in held for entry in item.history)
    if changed:
        text = _(
            "Values changed after first entry in this step: {count}. The original stays readable, marked “was”."
        )
        blocks += note("due", text.format(count=changed))
    blocks += _hands(copy, step)
    for deviation in record.deviations.values():
        if deviation.fact.step == step.code:
            blocks += deviation_block(copy, deviation)
    return blocks


def _evidence(copy: Copy, step: Step, slot: AnySlot) -> tuple[Cell, ...]:
    """One slot's row."""
    _, held = copy.say, copy.record.slots.get((step.code, slot.code))
    if held is None:
        missing = copy.say("Not yet") if slot.required else copy.say("Not needed")
        empty: Cell = ((Span("–", CELL),),)
        return (
            _name(copy, slot, None),
            _limit(copy, slot, None),
            empty,
            (signed("none", missing, CELL),),
            empty,
        )
    sign, word = copy.result(held.fact.judged)
    if isinstance(held.value, Scanned):
        word = _("Match")
        if isinstance(slot, ScanContainerSlot) and slot.count > 1:
            word = _("{done} of {all}").format(done=len(held.scans), all=slot.count)
    return (
        _name(copy, slot, held),
        _limit(copy, slot, held),
        _values(copy, slot, held),
        (signed(sign, word, STRONG),),
        tuple(_recorded(copy, step, entry) for entry in held.history),
    )


def _name(copy: Copy, slot: AnySlot, held: SlotRecord | None) -> Cell:
    """The slot's title, and under it the reasons of its corrections."""
    _ = copy.say
    cell = [(Span(copy.in_words(slot.title), CELL),)]
    corrections = [e for e in held.history if isinstance(e.fact, EvidenceCorrected)] if held else []
    for at, entry in enumerate(corrections, start=1):
        fact = entry.fact
        assert isinstance(fact, EvidenceCorrected)
        reason = "; ".join(part for part in (copy.term(fact.reason_code), copy.free(fact.reason)) if part)
        text = _("Correction {at} of {all}. Reason: {reason}. By {name}.").format(
            at=at, all=len(corrections), reason=reason, name=copy.name(entry.person)
        )
        cell.append((Span(text, SMALL),))
    return tuple(cell)


def _limit(copy: Copy, slot: AnySlot, held: SlotRecord | None) -> Cell:
    """The limit as it was shown before entry; an example value says so."""
    shown = held.fact.limit if held else None
    if not shown:
        shown = _limit_of(slot)
    lines = [(Span(shown or "–", CELL),)]
    if isinstance(slot, NumberSlot | CalculationSlot) and slot.limit and slot.alert:
        lines.append((Span(f"{copy.say('alert')} {slot.alert.shown()}", SMALL),))
    if slot.placeholder:
        lines.append((Span(copy.say("example value"), SMALL),))
    return tuple(lines)


def _limit_of(slot: AnySlot) -> str | None:
    match slot:
        case NumberSlot() | CalculationSlot():
            limit = slot.limit or slot.alert
            return limit.shown() if limit else None
        case InProcessControlSlot():
            return slot.bands[0].limit.shown()
        case HoldTimeSlot():
            return f"≤ {slot.most_minutes} min"
        case CountsSlot():
            return f"CV {slot.greatest_cv.shown()}"
        case _:
            return None


def _values(copy: Copy, slot: AnySlot, held: SlotRecord) -> Cell:
    """Every value that was entered: earlier ones struck and marked “was”, the one that counts marked “now”."""
    _ = copy.say
    if isinstance(held.value, Scanned):
        return tuple(_scan(copy, scan) for scan in held.scans)
    if len(held.history) == 1:
        return _value(copy, slot, held.fact, STRONG)
    cell: list[tuple[Span, ...]] = []
    for entry in held.history[:-1]:
        fact = entry.fact
        assert isinstance(fact, EvidenceRecorded | EvidenceCorrected)
        struck = CELL.but(struck=True, colour="#434B55")
        cell.append((Span(copy.value(fact.value, slot), struck), Span("  " + _("was"), SMALL)))
    now = _value(copy, slot, held.fact, NOW)
    cell.append((*now[0], Span("  " + _("now"), SMALL)))
    return (*cell, *now[1:])


def _scan(copy: Copy, scan: Scanned) -> tuple[Span, ...]:
    name = scanned_name(scan, copy.record.master)
    shown = name if isinstance(name, str) else copy.in_words(name)
    return (Span(shown + "\n", STRONG), Span(grouped(scan.code).replace(" ", "\u00a0"), SMALL))


def _value(copy: Copy, slot: AnySlot, fact: EvidenceRecorded | EvidenceCorrected, style: Style) -> Cell:
    """One value with everything needed to compute it again."""
    first = (Span(copy.value(fact.value, slot), style),)
    match fact.value:
        case Calculated() as value:
            return (first, *((Span(line, SMALL),) for line in _calculation(copy, slot, value)))
        case Counts() as value:
            return (first, *((Span(line, SMALL),) for line in _counted(copy, value)))
        case Elapsed() as value:
            span = f"{copy.at(value.since)} – {copy.at(value.until)}"
            return (first, (Span(span, SMALL),))
        case _:
            return (first,)


def _calculation(copy: Copy, slot: AnySlot, value: Calculated) -> Iterable[str]:
    yield f"= {value.formula} ({value.formula_version})"
    defined = {item.name: item for item in slot.inputs} if isinstance(slot, CalculationSlot) else {}
    for name, number in value.inputs:
        item = defined.get(name)
        shown = f"{plain(number)} {item.unit}" if item else plain(number)
        if item and item.source is None:
            shown += f" ({copy.say('constant')})"
        yield f"{name} = {shown}"
    if value.exact != value.value or abs(value.exact) >= LONG_NUMBER:
        yield f"{copy.say('exact')} {plain(round_half_up(value.exact, min(value.decimals + 4, 12)))}"


def _counted(copy: Copy, value: Counts) -> Iterable[str]:
    _ = copy.say
    for at, count in enumerate(value.counts):
        used = _("used") if at in value.used else _("not used")
        yield _("Count {at}: {live} live, {dead} dead, {used}").format(
            at=at + 1, live=count.live, dead=count.dead, used=used
        )
    yield _("{squares} squares, dilution 1:{dilution}, CV {cv} %").format(
        squares=value.squares, dilution=plain(value.dilution), cv=plain(round_half_up(value.cv, 1))
    )
    yield f"{value.formula}: {plain(round_half_up(value.concentration, 1))} cells/mL"


def _recorded(copy: Copy, step: Step, entry: Entry) -> tuple[Span, ...]:
    """When, how and by whom a value came into the record."""
    fact = entry.fact
    value = getattr(fact, "value", None)
    how = "typed"
    if isinstance(value, Scanned):
        how = value.means.value
    elif isinstance(value, COMPUTED):
        how = "computed"
    else:
        how = HOW.get(type(value), how)
    if isinstance(value, Moment) and value.late:
        how = "late entry"
    if isinstance(fact, EvidenceCorrected) and how != "computed":
        how = "corrected"
    began = copy.record.slots[step.code, getattr(fact, "slot", "")].history[0].time
    at = copy.clock(entry.time)
    if copy.day(began) != copy.day(entry.time):
        at = f"{copy.day(entry.time)} {at}"
    by = copy.say("the system") if how == "computed" else copy.name(entry.person)
    return (Span(f"{at} {copy.term(how)}\n", CELL), Span(f"#{entry.seq} {by}", SMALL))


def _hands(copy: Copy, step: Step) -> list[Block]:
    """Who performed, witnessed and verified a step, when, and how strongly."""
    _, held = copy.say, copy.record.steps.get(step.code, StepRecord())
    bold, grey = CELL.but(weight=600), CELL.but(colour="#434B55")
    who = _("Performed by")
    blocks: list[Block] = []
    if held.confirmed is None:
        blocks += running([Span("", CELL, sign="none"), Span(f"{who}: {_('not confirmed')}", grey)], below=1)
    else:
        how = copy.strength(held.confirmed, step.who)
        spans = [
            Span("", CELL, sign="performer"),
            Span(f"{who} ", grey),
            Span(entry_by(copy, held.confirmed), bold),
        ]
        blocks += running([*spans, Span(f"  {how}", SMALL)], below=1)
    for entry in _witnesses(copy, step):
        how = copy.strength(entry, step.second_who)
        spans = [
            Span("", CELL, sign="verify"),
            Span(f"{_('Witnessed by')} ", grey),
            Span(entry_by(copy, entry), bold),
        ]
        blocks += running([*spans, Span(f"  {how}", SMALL)], below=1)
    if step.second_person is SecondPerson.REVIEW:
        blocks += _verified(copy, step, held)
    confirmed = held.confirmed
    if confirmed and copy.signature_of(confirmed) and held.last_seq > confirmed.seq:
        blocks += note(
            "due", _("Changed since it was signed; the signature stands for the values of that time.")
        )
    held_together = [replace(block, keep=True) for block in [space(5), *blocks]]
    return [*held_together, rule(width=1.0, above=2, below=4)]


def _witnesses(copy: Copy, step: Step) -> Iterable[Entry]:
    for (at, _slot), held in copy.record.slots.items():
        if at == step.code and isinstance(held.value, Witnessed):
            yield held.last


def _verified(copy: Copy, step: Step, held: StepRecord) -> list[Block]:
    _ = copy.say
    bold, grey = CELL.but(weight=600), CELL.but(colour="#434B55")
    if held.verified is None:
        text = f"{_('Verified by')}: {_('not verified')}"
        return running([Span("", CELL, sign="none"), Span(text, grey)], below=1)
    how = copy.strength(held.verified, step.second_who)
    spans = [Span("", CELL, sign="verify"), Span(f"{_('Verified by')} ", grey)]
    spans += [Span(entry_by(copy, held.verified), bold), Span(f"  {how}", SMALL)]
    return running(spans, below=1)


def deviation_block(copy: Copy, deviation: Deviation) -> list[Block]:
    """A deviation with its explanation and quality's decision."""
    _, fact = copy.say, deviation.fact
    about = ", ".join(f"{copy.term(name)} {value}" for name, value in fact.about if value)
    head = f"{_('Deviation')} {deviation.number} · {copy.term(deviation.severity)} · {copy.term(fact.rule)}"
    paragraphs = [about] if about else []
    if fact.words:
        paragraphs.append(copy.free(fact.words))
    if (said := deviation.explanation) is not None and deviation.explained is not None:
        paragraphs.append(f"{_('What happened')}: {copy.free(said.happened)}")
        paragraphs.append(f"{_('Done at once')}: {copy.free(said.did)} {copy.term(said.go_on)}")
    opened = f"{_('Opened')} #{deviation.opened.seq} {entry_by(copy, deviation.opened)}"
    parts = [opened]
    if deviation.explained:
        parts.append(f"{_('explained')} #{deviation.explained.seq} {entry_by(copy, deviation.explained)}")
    verdict = _("Not decided")
    if (decision := deviation.decision) is not None and deviation.decided is not None:
        paragraphs.append(f"{_('Impact')}: {copy.free(decision.impact)}")
        verdict = copy.term(decision.decision)
        parts.append(f"{_('decided')} #{deviation.decided.seq} {entry_by(copy, deviation.decided)}")
    return callout(head, verdict, paragraphs, " · ".join(parts))
