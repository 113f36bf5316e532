"""A container that changes hands: what it is, who holds it, what was offered to whom."""

from collections.abc import Mapping
from dataclasses import dataclass

from lims.domain.batch_record import BatchRecord, Custody
from lims.domain.entries.batch import ContainerLabelled, CustodyOffered
from lims.queries.look import NotOnFile, Reader, batch_of, people_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """One container of one batch with its custody."""

    batch: BatchRecord
    container: ContainerLabelled
    code: str
    custody: Custody | None
    offer: CustodyOffered | None
    names: Mapping[str, str]


def handover(reader: Reader, *, batch: str, container: str) -> Handover:
    """The container as it stands; not on file when the batch has no such code."""
    with reader.site.ledger.reading() as book:
        record = batch_of(reader, book, batch)
        held = record.custody.get(container)
        if container not in record.containers:
            raise NotOnFile("act.unknown_target", sort="container", code=container)
        people = {held.holder} | ({held.offer.person} if held.offer else set()) if held else set()
        return Handover(
            batch=record,
            container=record.containers[container],
            code=container,
            custody=held,
            offer=record.offer_of(container),
            names=people_names(reader, book, people),
        )
