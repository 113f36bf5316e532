"""An item of equipment or a place: what it is, and until when its calibration counts."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from lims.domain.entries.envelope import Entry, stream_of
from lims.domain.entries.instruments import FileLineDismissed, FileLineGiven, ResultsFileTaken
from lims.domain.entries.supply import CalibrationRecorded, EquipmentRegistered, EquipmentWithdrawn
from lims.domain.refusals import Refused


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
    calibrated_until: date = date.min
    withdrawn: bool = False
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
    item = Equipment(code=stream.partition(":")[2])
    for entry in entries:
        item = replace(item, last=entry)
        match entry.fact:
            case EquipmentRegistered() as fact:
                item = replace(item, equipment_class=fact.equipment_class, name=fact.name, room=fact.room)
            case CalibrationRecorded() as fact:
                until = fact.until if fact.passed else date.min
                item = replace(item, calibrated_until=until)
            case EquipmentWithdrawn():
                item = replace(item, withdrawn=True)
            case ResultsFileTaken() as fact:
                new = (
                    TrayLine(taken=entry, line=each.line, test=each.test)
                    for each in fact.lines
                    if each.rule == "sheet.unknown"
                )
                item = replace(item, files=(*item.files, entry), tray=(*item.tray, *new))
            case (FileLineGiven() | FileLineDismissed()) as fact:
                key = (fact.taken_seq, fact.line, fact.test)
                left = (each for each in item.tray if (each.taken.seq, each.line, each.test) != key)
                item = replace(item, tray=tuple(left))
            case _:
                pass
    return item


def check_usable(item: Equipment, *, equipment_class: str, today: date) -> None:
    """Only the right class, in calibration and in service (21 CFR 211.68, 211.105)."""
    if item.equipment_class != equipment_class:
        raise Refused("equipment.wrong_class", found=item.name, wanted=equipment_class)
    if item.withdrawn:
        raise Refused("equipment.withdrawn", name=item.name)
    if item.calibrated_until < today:
        raise Refused("equipment.out_of_calibration", name=item.name, until=item.calibrated_until.isoformat())
