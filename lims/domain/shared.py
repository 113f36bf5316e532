"""What two batches can have in common: lots, items of equipment, operators and days at the bench."""

from collections.abc import Container, Iterable
from zoneinfo import ZoneInfo

from lims.domain.acts import Role
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.values import Scanned
from lims.domain.master_batch_record import ScanEquipmentSlot, ScanLocationSlot, ScanMaterialSlot, Step
from lims.domain.rows import Row, ShareRow

Share = tuple[str, str]
"""A sort of thing and which one: lot and equipment by name and code, operator by id, day as an ISO date."""
SORTS = ("lot", "equipment", "operator", "day")


def shares(batch: BatchRecord, equipment: Container[str] | None = None) -> frozenset[Share]:
    """Everything of the batch that another one can have in common with it; `equipment`: only of these classes."""
    found: set[Share] = set()
    for step in batch.plan:
        if step.role != Role.TECHNICIAN:
            continue
        record = batch.steps.get(step.code)
        found |= {("operator", person) for person in (record.performers if record else ())}
        found |= days(batch, step)
        for slot in step.evidence:
            on_file = batch.slots.get((step.code, slot.code))
            if on_file is None:
                continue
            match slot:
                case ScanMaterialSlot():
                    found |= {("lot", _name(scan)) for scan in on_file.scans}
                case ScanEquipmentSlot() | ScanLocationSlot() if (
                    equipment is None or slot.equipment_class in equipment
                ):
                    found |= {("equipment", _name(scan)) for scan in on_file.scans}
                case _:
                    pass
    return frozenset(found)


def days(batch: BatchRecord, step: Step) -> frozenset[Share]:
    """The days, on the site's calendar, on which something was put on file in a step."""
    zone = ZoneInfo(batch.issue.zone)
    records = (batch.slots.get((step.code, slot.code)) for slot in step.evidence)
    times = (entry.time for record in records if record for entry in record.history)
    return frozenset(("day", time.astimezone(zone).date().isoformat()) for time in times)


def _name(scan: Scanned) -> str:
    return f"{scan.name} ({scan.code})"


def shares_around(batch: BatchRecord, number: str) -> frozenset[Share]:
    """What a deviation's cause can have reached other batches by; of days, those of its own step if it has one."""
    found = shares(batch)
    step = batch.step(batch.deviations[number].fact.step or "")
    if step is None:
        return found
    return frozenset(share for share in found if share[0] != "day") | days(batch, step)


def share_rows(stream: str, batch: BatchRecord) -> Iterable[Row]:
    """The rows by which other batches find this one."""
    for what, which in shares(batch):
        yield ShareRow(stream=stream, key=f"{what} {which}", batch=batch.number, what=what, which=which)
