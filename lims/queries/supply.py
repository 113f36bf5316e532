"""What is in the stores and on the benches: lots with their uses, equipment with its calibration."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lims.authoring.stock import load_stock
from lims.domain import gs1
from lims.domain.entries.envelope import stream_of
from lims.domain.entries.supply import LotReleased
from lims.domain.equipment import Equipment
from lims.domain.folds import Folded
from lims.domain.master_batch_record import Words
from lims.domain.materials import Lot, LotStatus
from lims.domain.rows import BatchRow, EquipmentRow, LotRow
from lims.ledger.read_tables import find
from lims.queries.history import Line, history
from lims.queries.look import NotOnFile, Reader
from lims.queries.masters import catalogue

SOON = 30
"""Days before an end at which a list begins to say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lots:
    """Every lot, those in quarantine first, then by expiry."""

    rows: tuple[LotRow, ...]
    titles: Mapping[str, Words]
    units: Mapping[str, str]
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A supplier's code as it was read, and the item that its number names at this site, if any."""

    label: gs1.Label
    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LotPage:
    """One lot with every batch that used it: whom a recall would reach."""

    lot: Lot
    title: Words
    certificate: str
    used_by: tuple[BatchRow, ...]
    history: tuple[Line, ...]
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """Every item of equipment, by class and name."""

    rows: tuple[EquipmentRow, ...]
    classes: tuple[str, ...]
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One item of equipment."""

    item: Equipment
    history: tuple[Line, ...]
    today: date


def understand(reader: Reader, scan: str) -> Understood:
    """What a supplier's code says; refuses at its field what is not wholly understood."""
    label = gs1.read(scan, today=reader.local(reader.now).date())
    return Understood(label=label, item=load_stock().item_of(label.gtin))


def lots(reader: Reader) -> Lots:
    """The lots of the site."""
    with reader.site.ledger.reading() as book:
        rows = find(book, LotRow, order=("expires",))
    known = catalogue(reader)
    rank = {LotStatus.QUARANTINE.value: 0, LotStatus.RELEASED.value: 1}
    return Lots(
        rows=tuple(sorted(rows, key=lambda row: rank.get(row.status, 2))),
        titles=known.items,
        units=known.units,
        today=reader.local(reader.now).date(),
    )


def lot(reader: Reader, code: str) -> LotPage:
    """One lot; not on file when there is no such code."""
    stream = stream_of("lot", code)
    with reader.site.ledger.reading() as book:
        entries = book.entries(stream)
        record = book.derived(stream, Folded.of).record if entries else None
        if not isinstance(record, Lot):
            raise NotOnFile("act.unknown_target", sort="lot", code=code)
        released = [entry.fact for entry in entries if isinstance(entry.fact, LotReleased)]
        rows = find(book, BatchRow, ("number", "in", list(record.batches))) if record.batches else ()
        lines = history(reader, book, stream)
    return LotPage(
        lot=record,
        title=catalogue(reader).items.get(record.item, Words(en=record.item, zh=record.item)),
        certificate=released[-1].certificate if released else "",
        used_by=rows,
        history=lines,
        today=reader.local(reader.now).date(),
    )


def machines(reader: Reader) -> Machines:
    """The equipment of the site."""
    with reader.site.ledger.reading() as book:
        rows = find(book, EquipmentRow, order=("withdrawn", "equipment_class", "name"))
    known = set(catalogue(reader).equipment_classes) | {row.equipment_class for row in rows}
    return Machines(rows=rows, classes=tuple(sorted(known)), today=reader.local(reader.now).date())


def machine(reader: Reader, code: str) -> Machine:
    """One item of equipment; not on file when there is no such code."""
    stream = stream_of("equipment", code)
    with reader.site.ledger.reading() as book:
        record = book.derived(stream, Folded.of).record if book.head(stream) else None
        if not isinstance(record, Equipment):
            raise NotOnFile("act.unknown_target", sort="equipment", code=code)
        lines = history(reader, book, stream)
    return Machine(item=record, history=lines, today=reader.local(reader.now).date())
