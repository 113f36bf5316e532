"""Storage that opens by scanning: what goes in is scanned with its place, and comes out of that place only."""

from dataclasses import replace

from lims.domain.batch_record import BatchRecord, Custody
from lims.domain.entries.custody import PutIntoStorage, TakenFromStorage
from lims.domain.entries.envelope import Draft, Entry
from lims.domain.entries.values import Means
from lims.domain.equipment import Equipment
from lims.domain.refusals import Refused


def put_in(
    batch: BatchRecord,
    *,
    container: str,
    means: Means,
    position: Equipment | None,
    position_means: Means,
    person: str,
) -> tuple[Draft, ...]:
    """A container of this batch goes into a place that is in service; only its holder puts it there (C6, C9)."""
    known, held = batch.containers.get(container), batch.custody.get(container)
    if known is None:
        raise Refused("scan.other_batch")
    if position is None:
        raise Refused("storage.no_place")
    if position.withdrawn:
        raise Refused("equipment.withdrawn", name=position.name)
    if held and held.offer:
        raise Refused("custody.open_offer", name=known.container)
    if held and held.stored:
        raise Refused("storage.already", name=known.container, place=held.place)
    if held and held.holder != person:
        raise Refused("custody.not_holder", name=known.container, holder=held.holder)
    fact = PutIntoStorage(
        container=container,
        means=means,
        position=position.code,
        position_name=position.name,
        room=position.room,
        position_means=position_means,
    )
    return (Draft(stream=batch.stream, fact=fact),)


def take_out(
    batch: BatchRecord, *, container: str, means: Means, position: str, position_means: Means
) -> tuple[Draft, ...]:
    """Item and place are scanned; the item came out of the place where it was put, or nobody takes it further."""
    known, held = batch.containers.get(container), batch.custody.get(container)
    if known is None:
        raise Refused("scan.other_batch")
    if held is None or held.stored is None:
        raise Refused("storage.not_stored", name=known.container)
    if held.stored != position:
        raise Refused("storage.other_place", name=known.container, place=held.place)
    fact = TakenFromStorage(
        container=container,
        means=means,
        position=position,
        room=held.room or "",
        position_means=position_means,
    )
    return (Draft(stream=batch.stream, fact=fact),)


def check_out_of_storage(batch: BatchRecord, container: str) -> None:
    """Nothing is handed over out of a place from which nobody scanned it out."""
    held = batch.custody.get(container)
    if held and held.stored:
        raise Refused("storage.still_in", name=batch.containers[container].container, place=held.place)


def after_storage(held: Custody | None, entry: Entry) -> Custody:
    """Custody after a container went in or came out."""
    fact = entry.fact
    if isinstance(fact, PutIntoStorage):
        now = held or Custody(holder=entry.person, place=fact.room, since=entry.time)
        return replace(
            now, place=fact.position_name, room=fact.room, stored=fact.position, since=entry.time, offer=None
        )
    assert isinstance(fact, TakenFromStorage) and held is not None
    return Custody(holder=entry.person, place=fact.room, room=fact.room, since=entry.time)
