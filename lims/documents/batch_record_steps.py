"""The steps of a batch record: every piece of evidence with its limit and verdict, corrections, deviations, hands."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal

from lims.documents.batch_record_copy import Copy
from lims.documents.batch_record_issue import entry_by
from lims.documents.parts import INK2, INK3, Pen, Span, Style
from lims.documents.parts_blocks import (
    CELL,
    HAIR,
    SHADE,
    SMALL,
    STRONG,
    Cell,
    Column,
    note,
    running,
    table,
    title,
)
from lims.documents.parts_boxes import callout, step_head
from lims.documents.parts_flow import WIDTH, Block, rule, space
from lims.documents.parts_pictures import Picture, pictures, small
from lims.documents.parts_signs import signed
from lims.domain.attached import AttachedFile, described, size_shown
from lims.domain.batch_record import Deviation, SlotRecord, StepRecord
from lims.domain.codes import grouped
from lims.domain.entries.batch import EvidenceCorrected, EvidenceRecorded, OperationAdded
from lims.domain.entries.envelope import Entry
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
    Scanned,
    TotalTime,
    Witnessed,
)
from lims.domain.master_batch_record import (
    AnySlot,
    BranchSlot,
    CalculationSlot,
    CountsSlot,
    HoldTimeSlot,
    InProcessControlSlot,
    NumberSlot,
    ScanContainerSlot,
    SecondPerson,
    Step,
    TotalTimeSlot,
)
from lims.domain.outline import Group, Line, outline
from lims.domain.quantities import plain, round_half_up
from lims.domain.rounding import as_written
from lims.domain.sentences_values import LONG_NUMBER, scanned_name

NOW = Style(size=12.5, weight=600)
HOW: dict[type[object], str] = {
    Choice: "chosen",
    Branched: "chosen",
    Attached: "attached",
    Moment: "clock",
    HandedOver: "confirmed",
    Witnessed: "PIN",
}
"""How a value came in that was neither scanned, typed nor computed."""
COMPUTED = (Calculated, Controlled, Elapsed, Labelled, TotalTime)


LONG = 40
"""Above so many steps the contents name every stage."""


def steps(copy: Copy) -> list[Block]:
    """Every stage of the master batch record with its steps, done or not, asked for or not, and what was added."""
    _ = copy.say
    blocks = title(_("Steps"), copy.other("Steps"))
    for group in outline(copy.record):
        blocks += _stage(copy, group)
        for line in group.lines:
            if not line.is_asked:
                blocks += _not_asked(copy, line)
            elif line.step.done_by is not None:
                blocks += _milestone(copy, line)
            else:
                blocks += _step(copy, line)
    return blocks


def some_steps(copy: Copy, wanted: Callable[[Step], bool]) -> list[Block]:
    """The steps that were asked for and are wanted, each as the batch record prints it."""
    lines = [line for group in outline(copy.record) for line in group.lines]
    told = [line for line in lines if line.is_asked and line.step.done_by is None and wanted(line.step)]
    return [block for line in told for block in _step(copy, line)]


def _stage(copy: Copy, group: Group) -> list[Block]:
    """A stage's title with the numbers of its steps; it stands in the contents of a long record."""
    first, last = group.lines[0].number, group.lines[-1].number
    name = copy.in_words(group.title)
    beside = copy.beside(group.title)
    numbers = copy.say("Step {number}" if first == last else "Steps {first} to {last}")
    remark = numbers.format(number=first, first=first, last=last)
    section = f"{remark} · {name}" if len(copy.record.master.steps) > LONG else None

    def draw(pen: Pen, x: float, y: float) -> None:
        pen.box(x, y + 10, WIDTH, 24, fill=SHADE)
        pen.line(x, y + 34, x + WIDTH, width=1)
        at = pen.text(x + 8, y + 26, name, Style(size=12, weight=600))
        pen.text(at + 8, y + 26, beside if beside != name else "", Style(size=9, colour=INK2))
        pen.right(x + WIDTH - 8, y + 26, remark, Style(size=9, colour=INK2))

    return [Block(height=40, draw=draw, keep=True, section=section)]


def _not_asked(copy: Copy, line: Line) -> list[Block]:
    """A step of a way that was not taken, or whose branch is not decided: told in two lines."""
    _, fork = copy.say, line.fork
    assert fork is not None
    ways = " / ".join(f"“{copy.in_words(way)}”" for way in fork.wanted)
    if fork.taken:
        text = _("Not asked for: it belongs to {ways}; step {number}, {title}, took “{taken}”.").format(
            ways=ways, number=fork.number, title=copy.in_words(fork.title), taken=copy.in_words(fork.taken)
        )
    else:
        text = _("Asked for only if step {number}, {title}, takes {ways}.").format(
            ways=ways, number=fork.number, title=copy.in_words(fork.title)
        )
    name = Style(size=10, weight=500, colour=INK3)
    head = running([Span(f"{line.number}  {copy.in_words(line.step.title)}", name)], below=0)
    told = running([Span("", SMALL, sign="none"), Span(text, SMALL)], indent=18, below=2)
    return [*(replace(block, keep=True) for block in [space(6), *head]), *told, rule(width=0.5, colour=HAIR)]


def _milestone(copy: Copy, line: Line) -> list[Block]:
    """A step that another act brought about, with the entry that did."""
    _, done = copy.say, line.milestone
    assert line.step.done_by is not None
    how = copy.term(f"milestone_{line.step.done_by.value}")
    remark = _("day {day}").format(day=line.step.day)
    head = [
        replace(block, keep=True) for block in step_head(line.number, copy.in_words(line.step.title), remark)
    ]
    if done is None:
        told = running([Span("", CELL, sign="none"), Span(f"{_('Not yet')}. {how}", CELL)], indent=36)
    else:
        spans = [Span("", CELL, sign="done"), Span(f"{how} ", CELL)]
        told = running([*spans, Span(f"#{done.seq} {entry_by(copy, done)}", CELL.but(weight=600))], indent=36)
    return [*head, *told, rule(width=0.5, colour=HAIR)]


def _step(copy: Copy, line: Line) -> list[Block]:
    _, record, step = copy.say, copy.record, line.step
    held = [
        record.slots[step.code, slot.code] for slot in step.evidence if (step.code, slot.code) in record.slots
    ]
    began = min((item.history[0].time for item in held), default=None)
    day = "" if line.operation else _("day {day}").format(day=step.day)
    where = _("in the clinic") if step.role == "clinician" else ""
    remark = " · ".join(part for part in (where, day, copy.day(began) if began else _("not begun")) if part)
    grey = Style(size=8.8, colour=INK2)
    blocks = step_head(line.number, copy.in_words(step.title), remark)
    told = [f"{at}. {copy.in_words(words)}" for at, words in enumerate(step.instructions, start=1)]
    told += [f"{_('Why')}: {copy.in_words(step.why)}"] if step.why else []
    for text in (*_added(copy, line), *told):
        blocks += running([Span(text, grey)], indent=36, below=0)
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
    blocks += _pictures(copy, step)
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


def _added(copy: Copy, line: Line) -> Iterable[str]:
    """Why a step is there that nobody had planned."""
    if line.operation is not None and isinstance(line.operation.fact, OperationAdded):
        yield copy.say("Added operation. Reason: {reason} #{entry} {by}").format(
            reason=copy.free(line.operation.fact.reason),
            entry=line.operation.seq,
            by=entry_by(copy, line.operation),
        )


def _pictures(copy: Copy, step: Step) -> list[Block]:
    """The attached photos of a step, replaced ones marked; one that cannot be drawn is named in the table only."""
    found = []
    for slot in step.evidence:
        held = copy.record.slots.get((step.code, slot.code))
        for entry in held.history if held else ():
            value = getattr(entry.fact, "value", None)
            file = described(value, copy.words) if isinstance(value, Attached) else None
            made = small(copy.pictures.get(file.sha256, b"")) if file and file.is_picture else None
            if held and file and made:
                was = "" if entry is held.last else f" ({copy.say('was')})"
                caption = f"{copy.in_words(slot.title)}{was}, #{entry.seq}\nsha256 {file.sha256[:16]}…"
                jpeg, width, height = made
                found.append(Picture(jpeg=jpeg, width=width, height=height, caption=caption))
    return pictures(found)


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
    if isinstance(slot, BranchSlot) and slot.of and held is None:
        ways = (
            (Span(f"{way.limit.shown()}: {copy.in_words(way.title)}", SMALL),)
            for way in slot.ways
            if way.limit
        )
        return tuple(ways)
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
        case TotalTimeSlot():
            return slot.limit.shown() if slot.limit else None
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
        case Branched(value=Decimal() as number, unit=unit):
            return (
                first,
                (Span(copy.say("decided by {value}").format(value=f"{plain(number)} {unit}"), SMALL),),
            )
        case Attached() as value if (file := described(value, copy.words)) is not None:
            return ((Span(file.name, style),), *((Span(line, SMALL),) for line in _attached(copy, file)))
        case TotalTime() as value:
            return (first, *((Span(line, SMALL),) for line in _stretches(copy, value)))
        case _:
            return (first,)


def _attached(copy: Copy, file: AttachedFile) -> Iterable[str]:
    """Kind, size and whole hash of a file; its bytes travel beside the printed record."""
    yield f"{size_shown(file.size)} · {file.media_type}"
    yield f"sha256 {file.sha256}"
    if file.is_picture and small(copy.pictures.get(file.sha256, b"")) is None:
        yield copy.say("The picture cannot be printed here; its bytes are told by the hash.")


def _stretches(copy: Copy, value: TotalTime) -> Iterable[str]:
    """Every interval of a total time, and whether it counts."""
    yield f"= {as_written(Decimal(value.seconds) / 3600, 2)} h"
    for stretch in value.stretches:
        counted = "" if stretch.counted else f" · {copy.say('not counted')}"
        yield f"{copy.at(stretch.since, seconds=False)} – {copy.at(stretch.until, seconds=False)}{counted}"


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
    elif isinstance(value, COMPUTED) or (isinstance(value, Branched) and value.value is not None):
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
