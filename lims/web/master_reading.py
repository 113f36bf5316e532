"""How a master batch record reads on a page: what each slot asks for, within which limits, in words."""

from typing import assert_never

from flask_babel import gettext
from flask_babel import lazy_gettext as N_

from lims.domain.master_batch_record import (
    AnySlot,
    BranchSlot,
    CalculationSlot,
    ChoiceSlot,
    CountsSlot,
    FileSlot,
    Gate,
    HandoverSlot,
    HoldTimeSlot,
    InProcessControlSlot,
    Input,
    LabelBalanceSlot,
    LabelSlot,
    MasterBatchRecord,
    NumberSlot,
    PhotoSlot,
    SampleSlot,
    ScanContainerSlot,
    ScanEquipmentSlot,
    ScanLocationSlot,
    ScanMaterialSlot,
    ScanWristbandSlot,
    SecondPerson,
    SecondPersonSlot,
    Span,
    Test,
    TextSlot,
    TimeSlot,
    TotalTimeSlot,
    Verdict,
    Way,
    Who,
    Words,
)
from lims.domain.quantities import Limit, plain
from lims.web.filters import said, tr

KINDS = {
    "scan_container": N_("Scan container"),
    "scan_material": N_("Scan material"),
    "scan_equipment": N_("Scan equipment"),
    "scan_wristband": N_("Scan wristband"),
    "scan_location": N_("Scan location"),
    "number": N_("Number"),
    "choice": N_("Choice"),
    "text": N_("Text"),
    "time": N_("Time"),
    "counts": N_("Duplicate count"),
    "calculation": N_("Calculation"),
    "in_process_control": N_("In-process control"),
    "sample": N_("Sample"),
    "label": N_("Label"),
    "handover": N_("Handover"),
    "second_person": N_("Second person"),
    "hold_time": N_("Hold time"),
}
"""Words for the kinds of evidence."""

WHO = {
    Who.ATTRIBUTED: N_("by seat"),
    Who.IDENTIFIED: N_("by PIN"),
    Who.SIGNED: N_("by signature"),
}
SECOND = {
    SecondPerson.NONE: N_("no second person"),
    SecondPerson.WITNESS: N_("witness at the station"),
    SecondPerson.REVIEW: N_("checked afterwards by another person"),
}
GATES = {
    Gate.CONDITIONAL: N_("before conditional release"),
    Gate.FINAL: N_("before the final disposition"),
    Gate.NONE: N_("reported only"),
}
VERDICTS = {
    Verdict.GO: N_("go on"),
    Verdict.QA_DECIDES: N_("quality decides"),
    Verdict.STOP: N_("stop"),
}


def limits(limit: Limit | None, alert: Limit | None = None) -> str:
    """`40.0–60.0 mL · alert 45.0–55.0 mL`; without a limit, that there is none."""
    parts = [limit.shown() if limit else gettext("no limit")]
    if alert:
        parts.append(gettext("alert {limit}").format(limit=alert.shown()))
    return " · ".join(parts)


def asks(slot: AnySlot, master: MasterBatchRecord) -> tuple[str, ...]:
    """What the slot asks for, one line each."""
    match slot:
        case ScanContainerSlot():
            title = _named({item.code: item.title for item in master.containers}, slot.container)
            return (f"{title} × {slot.count}",)
        case ScanMaterialSlot():
            item = next((item for item in master.materials if item.code == slot.item), None)
            amount = f" · {plain(slot.amount)} {item.unit}" if item and slot.amount is not None else ""
            return ((said(item.title) if item else slot.item) + amount,)
        case ScanEquipmentSlot() | ScanLocationSlot():
            return (tr(slot.equipment_class),)
        case NumberSlot():
            return (
                limits(slot.limit, slot.alert) if slot.limit else f"{limits(None, slot.alert)} · {slot.unit}",
            )
        case ChoiceSlot():
            return tuple(
                said(option.title) + _deviates(ok=option.acceptable, stops=option.stops)
                for option in slot.options
            )
        case ScanWristbandSlot():
            return (gettext("the band in force of this batch's participant"),)
        case TextSlot():
            return (gettext("at most {count} characters").format(count=slot.longest),)
        case TimeSlot():
            return (gettext("late after {minutes} min").format(minutes=slot.late_after_minutes),)
        case CountsSlot():
            greatest = gettext("coefficient of variation {limit}").format(limit=slot.greatest_cv.shown())
            return (gettext("{count} squares").format(count=slot.squares), greatest)
        case CalculationSlot():
            return (
                f"{slot.formula} [{slot.unit}]",
                *map(_input, slot.inputs),
                limits(slot.limit, slot.alert),
            )
        case InProcessControlSlot():
            bands = (
                f"{band.limit.shown()}: {VERDICTS[band.verdict]} – {said(band.says)}" for band in slot.bands
            )
            return (gettext("judges {value}").format(value=slot.of), *bands)
        case SampleSlot():
            return (_named({item.code: item.title for item in master.samples}, slot.sample),)
        case LabelSlot():
            title = _named({item.code: item.title for item in master.labels}, slot.label)
            return (f"{title} × {slot.copies}",)
        case HandoverSlot():
            return (gettext("to {role}").format(role=tr(slot.to_role)),)
        case SecondPersonSlot():
            return (said(slot.statement),)
        case HoldTimeSlot():
            return _hold_time(slot)
        case BranchSlot():
            ways = (_way(way) for way in slot.ways)
            decided = (
                gettext("decided by {value}").format(value=slot.of)
                if slot.of
                else gettext("a person decides")
            )
            return (decided, *ways)
        case PhotoSlot() | FileSlot():
            return (gettext("kept under its hash"),)
        case TotalTimeSlot():
            spans = (_span(span) for span in slot.spans)
            return (*spans, limits(slot.limit))
        case LabelBalanceSlot():
            return (gettext("every label of the batch accounted for"),)
        case _:
            assert_never(slot)


def _named(titles: dict[str, Words], code: str) -> str:
    return said(titles[code]) if code in titles else code


def _deviates(*, ok: bool, stops: bool = False) -> str:
    if stops:
        return f" · {gettext('stops until quality decides')}"
    return "" if ok else " · " + gettext("opens a deviation")


def _input(given: Input) -> str:
    value = plain(given.constant) if given.constant is not None else given.source or ""
    return f"{given.name} = {value} [{given.unit}]"


def _way(way: Way) -> str:
    limit = f"{way.limit.shown()}: " if way.limit else ""
    return f"{limit}{said(way.title)}{_deviates(ok=way.acceptable)}"


def _span(span: Span) -> str:
    text = str(gettext("{since} to {until}")).format(since=span.since, until=span.until)
    return text + (
        gettext(", while {reading} is in limits").format(reading=span.reading) if span.reading else ""
    )


def _hold_time(slot: HoldTimeSlot) -> tuple[str, ...]:
    span = gettext("{since} to {until}").format(since=slot.since, until=slot.until)
    most = gettext("at most {minutes} min").format(minutes=slot.most_minutes)
    if slot.stop_minutes is None:
        return (span, most)
    return (
        span,
        most,
        gettext("beyond {minutes} min the batch may not go on").format(minutes=slot.stop_minutes),
    )


def specification(test: Test) -> str:
    """What a QC test must come to."""
    if test.limit:
        return test.limit.shown()
    return " / ".join(
        said(option.title) + _deviates(ok=option.acceptable) for option in test.options
    ) or gettext("reported only")


READING = {
    "asks": asks,
    "limits": limits,
    "specification": specification,
    "kinds": KINDS,
    "who_words": WHO,
    "second_words": SECOND,
    "gates": GATES,
}
"""What the templates of a version can say."""
