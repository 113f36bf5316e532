"""An item of equipment or a place: until when its calibration counts, who is in it, and everything that used it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from lims.domain.batch_record import BatchRecord
from lims.domain.deviations import opened
from lims.domain.entries.envelope import Draft, Entry, stream_of
from lims.domain.entries.instruments import FileLineDismissed, FileLineGiven, ResultsFileTaken
from lims.domain.entries.supply import (
    CalibrationRecorded,
    EquipmentCleaned,
    EquipmentRegistered,
    EquipmentUsed,
    EquipmentWithdrawn,
)
from lims.domain.late_failure import after_disposition
from lims.domain.refusals import BadEntry, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class TrayLine:
    """A value from one of its files whose sample nobody knew: it waits until somebody says whose it is."""

    taken: Entry
    line: int
    test: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """What is on file about one item."""

    code: str
    equipment_class: str = ""
    name: str = ""
    room: str = ""
    one_participant: bool = False
    """Holds one participant's material at a time, and is cleaned between two."""
    calibrated_until: date = date.min
    withdrawn: bool = False
    occupant: EquipmentUsed | None = None
    """Who is in it, or was last and nobody cleaned since."""
    cleaned: Entry | None = None
    """When it was cleaned last."""
    suspect: tuple[str, ...] = ()
    """Batches that used it since its last good calibration, in their order."""
    log: tuple[Entry, ...] = ()
    """Uses, cleanings and calibrations, in order of time (21 CFR 211.182)."""
    last: Entry | None = None
    files: tuple[Entry, ...] = ()
    """The files of results that were taken in from it."""
    tray: tuple[TrayLine, ...] = ()

    @property
    def stream(self) -> str:
        """The item's own stream."""
        return stream_of("equipment", self.code)


def fold_equipment(stream: str, entries: Iterable[Entry]) -> Equipment:
    """The item as its stream tells; a failed calibration ends the one before."""
    item, log = Equipment(code=stream.partition(":")[2]), []
    suspect: dict[str, None] = {}
    for entry in entries:
        item = replace(item, last=entry)
        match entry.fact:
            case EquipmentRegistered() as fact:
                item = replace(
                    item,
                    equipment_class=fact.equipment_class,
                    name=fact.name,
                    room=fact.room,
                    one_participant=fact.one_participant,
                )
                continue
            case CalibrationRecorded() as fact:
                until = fact.until if fact.passed else date.min
                item = replace(item, calibrated_until=until)
                suspect.clear()
            case EquipmentUsed() as fact:
                item = replace(item, occupant=fact if item.one_participant else None)
                suspect[fact.batch] = None
            case EquipmentCleaned():
                item = replace(item, occupant=None, cleaned=entry)
            case EquipmentWithdrawn():
                item = replace(item, withdrawn=True)
            case ResultsFileTaken() as fact:
                new = (
                    TrayLine(taken=entry, line=each.line, test=each.test)
                    for each in fact.lines
                    if each.rule == "sheet.unknown"
                )
                item = replace(item, files=(*item.files, entry), tray=(*item.tray, *new))
                continue
            case (FileLineGiven() | FileLineDismissed()) as fact:
                key = (fact.taken_seq, fact.line, fact.test)
                left = (each for each in item.tray if (each.taken.seq, each.line, each.test) != key)
                item = replace(item, tray=tuple(left))
                continue
            case _:
                continue
        log.append(entry)
    return replace(item, log=tuple(log), suspect=tuple(suspect))


def check_usable(item: Equipment, *, equipment_class: str, today: date, participant: str = "") -> None:
    """Only the right class, in calibration, in service, and with nobody else in it (21 CFR 211.68, 211.105)."""
    if item.equipment_class != equipment_class:
        raise Refused("equipment.wrong_class", found=item.name, wanted=equipment_class)
    if item.withdrawn:
        raise Refused("equipment.withdrawn", name=item.name)
    if item.calibrated_until < today:
        raise Refused("equipment.out_of_calibration", name=item.name, until=item.calibrated_until.isoformat())
    if item.occupant is not None and item.occupant.participant != participant:
        raise Refused("equipment.occupied", name=item.name)


def clean(item: Equipment, *, procedure: str) -> tuple[Draft, ...]:
    """It is cleaned, and nothing is left in it."""
    if not procedure.strip():
        raise BadEntry("text.empty", field="procedure", least=1)
    if item.withdrawn:
        raise Refused("equipment.withdrawn", name=item.name)
    return (Draft(stream=item.stream, fact=EquipmentCleaned(procedure=procedure)),)


def calibrate(
    item: Equipment, batches: Sequence[BatchRecord], *, passed: bool, until: date, certificate: str
) -> tuple[Draft, ...]:
    """A calibration; after a failed one each batch since the last good one gets a deviation (21 CFR 211.68, domain 6).

    No value of those batches is altered: quality weighs what the fault means for each.
    """
    fact = CalibrationRecorded(
        passed=passed,
        until=until,
        certificate=certificate,
        batches=() if passed else tuple(batch.number for batch in batches),
    )
    about = (("value", item.name), ("certificate", certificate))
    drafts = [Draft(stream=item.stream, fact=fact)]
    for batch in () if passed else batches:
        drafts.append(opened(batch, rule="equipment.failed", severity="major", about=about))
        drafts += after_disposition(batch, drafts[-1:])
    return tuple(drafts)
