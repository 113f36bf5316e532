"""What is done about lots and equipment."""

from datetime import date

from lims.actions.people import mint_code
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, perform
from lims.domain import notices
from lims.domain.acts import ALIVE
from lims.domain.batch_record import BatchRecord
from lims.domain.codes import CodeType
from lims.domain.deviations import next_number, opened
from lims.domain.entered import entered_amount
from lims.domain.entries.batch import HoldPlaced
from lims.domain.entries.envelope import Draft, stream_of
from lims.domain.entries.supply import (
    CalibrationRecorded,
    EquipmentRegistered,
    EquipmentWithdrawn,
    LotRecalled,
    LotReceived,
)
from lims.domain.equipment import Equipment
from lims.domain.late_failure import after_disposition
from lims.domain.materials import Lot, LotStatus, fold_lot, reject, release
from lims.domain.refusals import BadEntry, Refused
from lims.domain.rows import BatchRow
from lims.ledger.read_tables import find


def receive_lot(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    item: str,
    supplier: str,
    supplier_lot: str,
    expires: date,
    quantity: str,
    unit: str,
) -> Outcome:
    """A lot arrives in quarantine under a code of its own."""
    amount = entered_amount(quantity, field="quantity")
    for field, text in (("item", item), ("supplier", supplier), ("supplier_lot", supplier_lot)):
        if not text.strip():
            raise BadEntry("text.empty", field=field, least=1)
    with site.ledger.reading() as book:
        code = mint_code(site, book, CodeType.MATERIAL_LOT)
    stream = stream_of("lot", code)

    def rule(scene: Scene) -> Decision:
        if expires < scene.today:
            raise BadEntry("lot.expired", field="expires", lot=supplier_lot, expires=expires.isoformat())
        fact = LotReceived(
            item=item,
            supplier=supplier,
            supplier_lot=supplier_lot,
            expires=expires,
            quantity=amount,
            unit=unit,
        )
        return Decision(drafts=(Draft(stream=stream, fact=fact),))

    asked = {
        "item": item,
        "supplier": supplier,
        "lot": supplier_lot,
        "expires": expires.isoformat(),
        "quantity": quantity,
        "unit": unit,
    }
    ask = Ask(request_id=request_id, act="receive_lot", on=stream, asked=asked, makes=True)
    return perform(site, actor, ask, rule)


def release_lot(site: Site, actor: Actor, request_id: str, *, lot: str, certificate: str) -> Outcome:
    """Quality releases a lot against its certificate."""
    stream = stream_of("lot", lot)
    about = _lot_about(site, stream)

    def rule(scene: Scene) -> Decision:
        return Decision(drafts=release(scene.load(stream, Lot), certificate=certificate, today=scene.today))

    asked = {"lot": lot, "certificate": certificate}
    ask = Ask(request_id=request_id, act="release_lot", on=stream, asked=asked, about=about)
    return perform(site, actor, ask, rule)


def _lot_about(site: Site, stream: str) -> tuple[tuple[str, str], ...]:
    with site.ledger.reading() as book:
        lot = fold_lot(stream, book.entries(stream))
    return (("lot", lot.supplier_lot), ("item", lot.item))


def reject_lot(site: Site, actor: Actor, request_id: str, *, lot: str, reason_code: str) -> Outcome:
    """Quality rejects a lot."""
    stream = stream_of("lot", lot)

    def rule(scene: Scene) -> Decision:
        return Decision(drafts=reject(scene.load(stream, Lot), reason_code=reason_code))

    asked = {"lot": lot, "reason": reason_code}
    return perform(site, actor, Ask(request_id=request_id, act="reject_lot", on=stream, asked=asked), rule)


def recall_lot(site: Site, actor: Actor, request_id: str, *, lot: str, reference: str) -> Outcome:
    """Recall: under the lot's lock its uses are read, then every batch is locked and held, or marked if perfused.

    A batch cannot slip through: to use the lot it would need the lock that this act holds.
    """
    stream = stream_of("lot", lot)

    def rule(scene: Scene) -> Decision:
        on_file = scene.load(stream, Lot)
        if on_file.status is LotStatus.RECALLED:
            raise Refused("lot.status", status=on_file.status.value)
        batches = [stream_of("batch", number) for number in on_file.batches]
        rows = find(scene.book, BatchRow, ("number", "in", list(on_file.batches))) if batches else ()
        scene.book.lock(write=[*batches, *{stream_of("participant", row.participant) for row in rows}])
        fact = LotRecalled(reference=reference, batches=on_file.batches)
        drafts = [Draft(stream=stream, fact=fact)]
        for name in batches:
            batch = scene.load(name, BatchRecord)
            about = (("value", on_file.supplier_lot),)
            drafts.append(opened(batch, rule="lot.recalled", severity="critical", about=about))
            number = next_number(batch)
            drafts += after_disposition(batch, drafts[-1:])
            news = "recall_given" if batch.perfused else "recall"
            drafts += notices.give(batch, news, reference=number, now=scene.now)
            if batch.stage in ALIVE:
                held = HoldPlaced(reason_code="lot_recalled", reference=on_file.supplier_lot)
                drafts.append(Draft(stream=name, fact=held))
        return Decision(drafts=tuple(drafts))

    ask = Ask(
        request_id=request_id,
        act="recall_lot",
        on=stream,
        asked={"lot": lot, "reference": reference},
        about=_lot_about(site, stream),
    )
    return perform(site, actor, ask, rule)


def register_equipment(
    site: Site, actor: Actor, request_id: str, *, equipment_class: str, name: str, room: str
) -> Outcome:
    """An item of equipment or a place gets a code."""
    if not name.strip():
        raise BadEntry("text.empty", field="name", least=1)
    kind = CodeType.LOCATION if equipment_class in ("shelf", "fridge", "place") else CodeType.EQUIPMENT
    with site.ledger.reading() as book:
        code = mint_code(site, book, kind)
    stream = stream_of("equipment", code)
    fact = EquipmentRegistered(equipment_class=equipment_class, name=name, room=room)
    asked = {"class": equipment_class, "name": name, "room": room}
    ask = Ask(request_id=request_id, act="register_equipment", on=stream, asked=asked, makes=True)
    return perform(site, actor, ask, lambda scene: Decision(drafts=(Draft(stream=stream, fact=fact),)))


def record_calibration(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    equipment: str,
    passed: bool,
    until: date,
    certificate: str,
) -> Outcome:
    """A calibration or qualification with the day until which it counts."""
    stream = stream_of("equipment", equipment)

    def rule(scene: Scene) -> Decision:
        scene.load(stream, Equipment)
        fact = CalibrationRecorded(passed=passed, until=until, certificate=certificate)
        return Decision(drafts=(Draft(stream=stream, fact=fact),))

    asked = {"equipment": equipment, "passed": str(passed), "until": until.isoformat()}
    ask = Ask(request_id=request_id, act="record_calibration", on=stream, asked=asked)
    return perform(site, actor, ask, rule)


def withdraw_equipment(
    site: Site, actor: Actor, request_id: str, *, equipment: str, reason_code: str
) -> Outcome:
    """The item may not be used any more."""
    stream = stream_of("equipment", equipment)

    def rule(scene: Scene) -> Decision:
        scene.load(stream, Equipment)
        return Decision(drafts=(Draft(stream=stream, fact=EquipmentWithdrawn(reason_code=reason_code)),))

    asked = {"equipment": equipment, "reason": reason_code}
    ask = Ask(request_id=request_id, act="withdraw_equipment", on=stream, asked=asked)
    return perform(site, actor, ask, rule)
