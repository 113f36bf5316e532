"""Facts about lots of material and items of equipment."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from lims.domain.entries.envelope import Detached, Fact
from lims.domain.entries.values import Means
from lims.domain.master_batch_record import Frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class LotReceived(Fact):
    """A lot arrives, in quarantine."""

    kind: Literal["lot_received.1"] = "lot_received.1"
    item: str
    supplier: str
    supplier_lot: str
    expires: date
    quantity: Decimal
    unit: str
    gtin: str = ""
    """The supplier's trade item number, where its code was read."""
    means: Means | None = None
    """How the supplier's code got in; none where item, lot and expiry were typed from the printed text."""
    changed: tuple[str, ...] = ()
    """What stands otherwise than the code said, because the person changed it."""
    in_use_hours: int | None = None
    """How long an opened container may be used; none where the item has no such life."""
    containers: int | None = None
    """How many bottles or packs came; none where nobody counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LotReleased(Fact):
    """Quality releases the lot for use."""

    kind: Literal["lot_released.1"] = "lot_released.1"
    certificate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LotRejected(Fact):
    """Quality rejects the lot."""

    kind: Literal["lot_rejected.1"] = "lot_rejected.1"
    reason_code: str
    batches: tuple[str, ...] = ()
    """Every batch that it, or what was prepared from it, went into."""
    preparations: tuple[str, ...] = ()
    because_of: str = ""
    """The component that was rejected, where this lot was prepared from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LotRecalled(Fact):
    """The lot is recalled; every unreleased batch that used it is held in the same act."""

    kind: Literal["lot_recalled.1"] = "lot_recalled.1"
    reference: str
    batches: tuple[str, ...]
    preparations: tuple[str, ...] = ()
    """Codes of what was prepared from it, however far."""
    because_of: str = ""
    """The component that is recalled, where this lot was prepared from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component(Frozen):
    """What went into a preparation, with what was relied on."""

    item: str
    lot: str
    supplier_lot: str
    amount: Decimal
    unit: str
    expires: date
    use_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LotPrepared(Fact):
    """A reagent is prepared here, in quarantine until a second person has checked it."""

    kind: Literal["lot_prepared.1"] = "lot_prepared.1"
    recipe: str
    item: str
    number: str
    """What is written on its label beside our code."""
    quantity: Decimal
    unit: str
    components: tuple[Component, ...]
    use_until: datetime
    expires: date
    released_by_check: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparationChecked(Fact):
    """A second person compared lots and amounts with the recipe."""

    kind: Literal["preparation_checked.1"] = "preparation_checked.1"
    components: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentTaken(Fact):
    """A preparation took from the lot; `short` is how much more than the book had."""

    kind: Literal["component_taken.1"] = "component_taken.1"
    preparation: str
    amount: Decimal
    short: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LotOpened(Fact):
    """A container of the lot is opened, at its first use or because the one before is empty."""

    kind: Literal["lot_opened.1"] = "lot_opened.1"
    number: int
    use_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockCounted(Fact):
    """Somebody counted what is really there; what the book said before stands beside it."""

    kind: Literal["stock_counted.1"] = "stock_counted.1"
    counted: Decimal
    was: Decimal
    short: Decimal
    """What was taken beyond the book and not settled until now."""
    reason_code: str
    reason: Detached | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LotUsed(Fact):
    """A batch took from the lot; `short` is how much more than the book had."""

    kind: Literal["lot_used.1"] = "lot_used.1"
    batch: str
    step: str
    slot: str
    amount: Decimal | None
    short: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipmentRegistered(Fact):
    """An item of equipment, a storage place or a transport box gets its code."""

    kind: Literal["equipment_registered.1"] = "equipment_registered.1"
    equipment_class: str
    name: str
    room: str
    one_participant: bool = False
    """Cabinets and shelf compartments hold one participant's material at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRecorded(Fact):
    """A calibration or qualification, with the day until which it counts."""

    kind: Literal["calibration_recorded.1"] = "calibration_recorded.1"
    passed: bool
    until: date
    certificate: str
    batches: tuple[str, ...] = ()
    """After a failed one: every batch that used it since the last good one; each has a deviation in the same act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipmentUsed(Fact):
    """A batch used the item, in order of time (21 CFR 211.182)."""

    kind: Literal["equipment_used.1"] = "equipment_used.1"
    batch: str
    step: str
    used_at: datetime
    participant: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipmentCleaned(Fact):
    """It is cleaned and nothing is left in it; who was in it before no longer is (21 CFR 211.67, 211.182)."""

    kind: Literal["equipment_cleaned.1"] = "equipment_cleaned.1"
    procedure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipmentWithdrawn(Fact):
    """The item may not be used any more."""

    kind: Literal["equipment_withdrawn.1"] = "equipment_withdrawn.1"
    reason_code: str
