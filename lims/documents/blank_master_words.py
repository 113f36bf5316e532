"""What a master batch record asks for, in words: each kind of evidence with limits, decimals, formulas and inputs."""

from collections.abc import Callable, Iterable
from dataclasses import MISSING, fields

from lims.domain.canonical import canon
from lims.domain.master_batch_record import (
    AnySlot,
    CalculationSlot,
    ChoiceSlot,
    CountsSlot,
    HandoverSlot,
    HoldTimeSlot,
    InProcessControlSlot,
    Input,
    LabelSlot,
    MasterBatchRecord,
    NumberSlot,
    SampleSlot,
    ScanContainerSlot,
    ScanEquipmentSlot,
    ScanLocationSlot,
    ScanMaterialSlot,
    ScanWristbandSlot,
    SecondPerson,
    SecondPersonSlot,
    Slot,
    Step,
    Test,
    TextSlot,
    TimeSlot,
    Verdict,
    Who,
    Words,
)
from lims.domain.plain import to_plain
from lims.domain.quantities import Limit, plain
from lims.domain.sentences import term

Say = Callable[[str], str]
Read = Callable[[Words], str]

KINDS = {
    "scan_container": "Scan container",
    "scan_material": "Scan material",
    "scan_equipment": "Scan equipment",
    "scan_location": "Scan location",
    "scan_wristband": "Scan wristband",
    "number": "Number",
    "choice": "Choice",
    "text": "Text",
    "time": "Time",
    "counts": "Duplicate count",
    "calculation": "Calculation",
    "in_process_control": "In-process control",
    "sample": "Sample",
    "label": "Label",
    "handover": "Handover",
    "second_person": "Second person",
    "hold_time": "Hold time",
}
WHO = {Who.ATTRIBUTED: "by seat", Who.IDENTIFIED: "by PIN", Who.SIGNED: "by signature"}
SECOND = {
    SecondPerson.NONE: "no second person",
    SecondPerson.WITNESS: "witness at the station",
    SecondPerson.REVIEW: "checked afterwards by another person",
}
VERDICTS = {Verdict.GO: "go on", Verdict.QA_DECIDES: "quality decides", Verdict.STOP: "stop"}
KNOWN = frozenset(
    [
        "code",
        "title",
        "instructions",
        "why",
        "sop",
        "day",
        "who",
        "second_person",
        "second_who",
        "training",
        "evidence",
    ]
)
"""Fields of a step that have words of their own; another is printed as it is written."""


def limit_lines(say: Say, limit: Limit | None, alert: Limit | None) -> list[str]:
    """A limit with the decimals at which it is judged, and the alert."""
    _ = say
    lines = []
    if limit is not None:
        lines.append(
            _("{limit}, judged at decimals: {decimals}").format(limit=limit.shown(), decimals=limit.decimals)
        )
    if alert is not None:
        lines.append(f"{_('alert')} {alert.shown()}")
    return lines


def asks(say: Say, read: Read, slot: AnySlot, master: MasterBatchRecord) -> list[str]:
    """What a slot asks for: its kind first, then one line each."""
    _ = say
    kind = _(KINDS.get(slot.kind, slot.kind.replace("_", " ")))
    first, *more = _asked(say, read, slot, master) or [""]
    return [f"{kind}: {first}" if first else kind, *more]


def _asked(say: Say, read: Read, slot: AnySlot, master: MasterBatchRecord) -> list[str]:
    _ = say
    match slot:
        case ScanContainerSlot():
            return [f"{_named(read, master.containers, slot.container)} × {slot.count}"]
        case ScanMaterialSlot():
            item = next((item for item in master.materials if item.code == slot.item), None)
            amount = f" · {plain(slot.amount)} {item.unit}" if item and slot.amount is not None else ""
            return [(read(item.title) if item else slot.item) + amount]
        case ScanWristbandSlot():
            return [_("the band in force of this batch's participant")]
        case ScanEquipmentSlot() | ScanLocationSlot():
            return [slot.equipment_class.replace("_", " ")]
        case NumberSlot():
            unit = "–" if slot.unit == "1" else slot.unit
            written = _("in {unit}, decimals: {decimals}").format(unit=unit, decimals=slot.decimals)
            return [written, *limit_lines(say, slot.limit, slot.alert)]
        case ChoiceSlot():
            return ["", *(_answer(say, read(o.title), ok=o.acceptable, stops=o.stops) for o in slot.options)]
        case TextSlot():
            return [_("at most {count} characters").format(count=slot.longest)]
        case TimeSlot():
            return [_("late after {minutes} min").format(minutes=slot.late_after_minutes)]
        case CountsSlot():
            return [
                _("{count} squares").format(count=slot.squares),
                _("coefficient of variation {limit}").format(limit=slot.greatest_cv.shown()),
            ]
        case CalculationSlot():
            return _calculated(say, slot)
        case InProcessControlSlot():
            bands = (f"{b.limit.shown()}: {_(VERDICTS[b.verdict])} – {read(b.says)}" for b in slot.bands)
            return [_("judges {value}").format(value=slot.of), *bands]
        case SampleSlot():
            return [_named(read, master.samples, slot.sample)]
        case LabelSlot():
            return [f"{_named(read, master.labels, slot.label)} × {slot.copies}"]
        case HandoverSlot():
            to = _("to {role}").format(role=_(term(slot.to_role).msgid))
            return [f"{_named(read, master.containers, slot.container)} {to}"]
        case SecondPersonSlot():
            return [f"“{read(slot.statement)}”"]
        case HoldTimeSlot():
            return _held(say, slot)
        case _:
            return ["", *extras(say, slot)]


def _calculated(say: Say, slot: CalculationSlot) -> list[str]:
    _ = say
    head = _("{formula} ({version}), in {unit}, rounded half up, decimals: {decimals}").format(
        formula=slot.formula, version=slot.formula_version, unit=slot.unit, decimals=slot.decimals
    )
    return [head, *(_input(say, item) for item in slot.inputs), *limit_lines(say, slot.limit, slot.alert)]


def _input(say: Say, item: Input) -> str:
    if item.constant is not None:
        return f"{item.name} = {plain(item.constant)} {item.unit} ({say('constant')})"
    return f"{item.name} = {item.source} [{item.unit}]"


def _held(say: Say, slot: HoldTimeSlot) -> list[str]:
    _ = say
    lines = [
        _("{since} to {until}").format(since=slot.since, until=slot.until),
        _("at most {minutes} min").format(minutes=slot.most_minutes),
    ]
    if slot.stop_minutes is not None:
        lines.append(_("beyond {minutes} min the batch may not go on").format(minutes=slot.stop_minutes))
    return lines


def specification(say: Say, read: Read, test: Test) -> list[str]:
    """What a QC test must come to."""
    if test.limit is not None:
        return [*limit_lines(say, test.limit, None), *_retest_line(say, test)]
    answers = [_answer(say, read(option.title), ok=option.acceptable) for option in test.options]
    return answers or [say("reported only")]


def _retest_line(say: Say, test: Test) -> list[str]:
    """What may be tested again, and what is reported then."""
    _, plan = say, test.retest
    if plan is None:
        return []
    report = (
        _("the mean with the first result") if plan.report == "mean" else _("the last one, if each passes")
    )
    example = f" ({_('example value')})" if plan.placeholder else ""
    return [
        _("retests at most: {count}; reported: {report}").format(count=plan.count, report=report) + example
    ]


def _answer(say: Say, text: str, *, ok: bool, stops: bool = False) -> str:
    _ = say
    if stops:
        return f"{text} · {_('stops until quality decides')}"
    return text if ok else f"{text} · {_('opens a deviation')}"


def _named(read: Read, items: Iterable[object], code: str) -> str:
    return next((read(item.title) for item in items if item.code == code), code)  # type: ignore[attr-defined]


def extras(say: Say, thing: Step | Slot) -> list[str]:
    """What a step or an unfamiliar slot says beyond the words above, as it is written; nothing is left out."""
    known = (
        KNOWN
        if isinstance(thing, Step)
        else frozenset({"kind", "code", "title", "hint", "required", "placeholder"})
    )
    lines = []
    for item in fields(thing):
        value = getattr(thing, item.name)
        default = item.default_factory() if item.default_factory is not MISSING else item.default
        if item.name not in known and value != default:
            lines.append(f"{say(item.name.replace('_', ' '))}: {canon(to_plain(value))}")
    return lines
