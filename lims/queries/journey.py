"""One journey of a container: the hand-over that it belongs to, and what is on file about its temperature."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lims.domain.batch_record import BatchRecord
from lims.domain.custody_log import journey_of
from lims.domain.entries.batch import ContainerLabelled, CustodyOffered
from lims.domain.entries.custody import TemperatureLogged
from lims.queries.look import Reader, batch_of, people_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """From the giver's word to the receiver's."""

    batch: BatchRecord
    seq: int
    offer: CustodyOffered
    container: ContainerLabelled
    since: datetime
    until: datetime
    logs: tuple[TemperatureLogged, ...]
    names: Mapping[str, str]


def journey(reader: Reader, *, batch: str, seq: int) -> Journey:
    """The journey of the hand-over in that entry; refused when there is none, or when it is not finished."""
    with reader.site.ledger.reading() as book:
        record = batch_of(reader, book, batch)
        offer, since, until = journey_of(record, seq)
        facts = (entry.fact for entry in record.entries)
        return Journey(
            batch=record,
            seq=seq,
            offer=offer,
            container=record.containers[offer.container],
            since=since,
            until=until,
            logs=tuple(
                fact for fact in facts if isinstance(fact, TemperatureLogged) and fact.offered_seq == seq
            ),
            names=people_names(reader, book, {record.entries[seq - 1].person}),
        )
