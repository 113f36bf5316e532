"""What is in the stores and on the benches: lots with their uses, equipment with its calibration."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lims.actions.recall import reach_of
from lims.authoring.stock import load_stock
from lims.domain import gs1
from lims.domain.entries.envelope import stream_of
from lims.domain.entries.supply import LotReleased
from lims.domain.equipment import Equipment
from lims.domain.folds import Folded
from lims.domain.master_batch_record import Words
from lims.domain.materials import Lot, LotStatus, first_to_use
from lims.domain.recall import Reach
from lims.domain.rows import BatchRow, EquipmentRow, LotRow
from lims.domain.stock import Recipe
from lims.ledger.read_tables import find
from lims.queries.history import Line, history
from lims.queries.look import NotOnFile, Reader, people_names
from lims.queries.masters import catalogue

SOON = 30
"""Days before an end at which a list begins to say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lots:
    """Every lot, those in quarantine first, then by expiry; and what can be prepared."""

    rows: tuple[LotRow, ...]
    recipes: tuple[Recipe, ...]
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
    reach: Reach
    """What was made from it, and every batch that it came into."""
    used_by: tuple[BatchRow, ...]
    names: Mapping[str, str]
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
    suspect: tuple[BatchRow, ...]
    """Whom a failed calibration would reach: every batch since the last good one."""
    names: Mapping[str, str]
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
        recipes=tuple(item for item in load_stock().recipes if item.item in known.items),
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
        reach = reach_of(book, stream)
        batches = list(reach.batches)
        rows = find(book, BatchRow, ("number", "in", batches), order=("number",)) if batches else ()
        who = {record.prepared_by, record.checked_by} - {""}
        names = people_names(reader, book, who)
        lines = history(reader, book, stream)
    return LotPage(
        lot=record,
        title=catalogue(reader).items.get(record.item, Words(en=record.item, zh=record.item)),
        certificate=released[-1].certificate if released else "",
        reach=reach,
        used_by=rows,
        names=names,
        history=lines,
        today=reader.local(reader.now).date(),
    )


def recipe(reader: Reader, code: str) -> Recipe:
    """A recipe of the site; not on file when there is none of that code."""
    known = load_stock().recipe(code)
    if known is None:
        raise NotOnFile("preparation.recipe")
    return known


def lot_row(reader: Reader, code: str) -> LotRow | None:
    """The lot that carries a code."""
    with reader.site.ledger.reading() as book:
        return next(iter(find(book, LotRow, code=code, limit=1)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentLots:
    """For a component the lot that was scanned, and the one that is to be taken first."""

    scanned: LotRow | None
    first: LotRow | None


def components(reader: Reader, recipe: Recipe, scanned: Mapping[str, str]) -> Mapping[str, ComponentLots]:
    """For each component of a recipe what is known of its lots."""
    found = {}
    with reader.site.ledger.reading() as book:
        for part in recipe.components:
            rows = find(book, LotRow, item=part.item)
            found[part.item] = ComponentLots(
                scanned=next((row for row in rows if row.code == scanned.get(part.item)), None),
                first=first_to_use(rows, now=reader.now, zone=reader.site.founded.zone),
            )
    return found


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
        since = list(record.suspect)
        suspect = find(book, BatchRow, ("number", "in", since), order=("number",)) if since else ()
        names = people_names(reader, book, {entry.person for entry in record.log})
    return Machine(
        item=record, suspect=suspect, names=names, history=lines, today=reader.local(reader.now).date()
    )
