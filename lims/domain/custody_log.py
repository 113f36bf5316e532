"""A logger's file on record: its journey, and the deviation when that was out of range or unmeasured."""

from datetime import datetime

from lims.domain.batch_record import BatchRecord
from lims.domain.deviations import opened
from lims.domain.entries.batch import CustodyOffered, CustodyTaken
from lims.domain.entries.custody import TemperatureLogged
from lims.domain.entries.envelope import Draft
from lims.domain.quantities import plain
from lims.domain.refusals import Refused

EXCURSION_RULE = "custody.excursion"


def journey_of(batch: BatchRecord, offered_seq: int) -> tuple[CustodyOffered, datetime, datetime]:
    """What was handed over in that entry, and from when to when it was on its way."""
    entry = batch.entries[offered_seq - 1] if 0 < offered_seq <= batch.seq else None
    if entry is None or not isinstance(entry.fact, CustodyOffered):
        raise Refused("log.no_journey")
    for answer in batch.handovers:
        if isinstance(answer.fact, CustodyTaken) and answer.fact.offered_seq == offered_seq:
            return entry.fact, entry.time, answer.time
    raise Refused("log.no_journey")


def logged(batch: BatchRecord, fact: TemperatureLogged) -> tuple[Draft, ...]:
    """The file is on record once for a journey; what it shows outside the range is for quality to decide."""
    for entry in batch.entries:
        if isinstance(entry.fact, TemperatureLogged) and entry.fact.offered_seq == fact.offered_seq:
            if entry.fact.logger == fact.logger:
                raise Refused("log.known", entry=entry.seq)
    drafts = [Draft(stream=batch.stream, fact=fact)]
    clean = not (fact.outside_minutes or fact.silent_minutes or fact.uncovered_minutes)
    if not (clean and fact.calibrated):
        shown = f"{plain(fact.lowest)} … {plain(fact.highest)} °C, {plain(fact.outside_minutes)} min"
        unmeasured = plain(fact.silent_minutes + fact.uncovered_minutes)
        about = (
            ("name", fact.container),
            ("entry", str(fact.offered_seq)),
            ("value", shown),
            ("unmeasured", f"{unmeasured} min"),
        )
        drafts.append(opened(batch, rule=EXCURSION_RULE, severity="major", about=about, drafts=drafts))
    return tuple(drafts)
