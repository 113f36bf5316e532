"""What is done about equipment and places: a code, calibration with its look-back, cleaning, the end of service."""

from datetime import date

from lims.actions.people import mint_code
from lims.actions.recall import locked_batches
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, perform
from lims.domain import equipment as rules
from lims.domain.codes import CodeType
from lims.domain.entries.envelope import Draft, stream_of
from lims.domain.entries.supply import EquipmentRegistered, EquipmentWithdrawn
from lims.domain.equipment import Equipment
from lims.domain.refusals import BadEntry


def register_equipment(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    equipment_class: str,
    name: str,
    room: str,
    one_participant: bool = False,
) -> Outcome:
    """An item of equipment or a place gets a code; `one_participant` for what holds one participant at a time."""
    if not name.strip():
        raise BadEntry("text.empty", field="name", least=1)
    kind = CodeType.LOCATION if equipment_class in ("shelf", "fridge", "place") else CodeType.EQUIPMENT
    with site.ledger.reading() as book:
        code = mint_code(site, book, kind)
    stream = stream_of("equipment", code)
    fact = EquipmentRegistered(
        equipment_class=equipment_class, name=name, room=room, one_participant=one_participant
    )
    asked = {"class": equipment_class, "name": name, "room": room, "one": str(one_participant)}
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
    """A calibration or qualification; one that failed looks back to the last good one, batch by batch.

    Under the item's lock its uses are read, then those batches are locked: to use it an act needs the same lock.
    """
    stream = stream_of("equipment", equipment)

    def rule(scene: Scene) -> Decision:
        item = scene.load(stream, Equipment)
        batches = () if passed else locked_batches(scene, item.suspect)
        drafts = rules.calibrate(item, batches, passed=passed, until=until, certificate=certificate)
        return Decision(drafts=drafts)

    asked = {"equipment": equipment, "passed": str(passed), "until": until.isoformat()}
    ask = Ask(request_id=request_id, act="record_calibration", on=stream, asked=asked)
    return perform(site, actor, ask, rule)


def record_cleaning(site: Site, actor: Actor, request_id: str, *, equipment: str, procedure: str) -> Outcome:
    """It is cleaned and empty; the next participant's material may come in."""
    stream = stream_of("equipment", equipment)

    def rule(scene: Scene) -> Decision:
        return Decision(drafts=rules.clean(scene.load(stream, Equipment), procedure=procedure))

    asked = {"equipment": equipment, "procedure": procedure}
    ask = Ask(request_id=request_id, act="record_cleaning", on=stream, asked=asked)
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
