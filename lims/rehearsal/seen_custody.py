"""What is done at the end of a journey, as a rehearsal calls it: the logger's file lies beside the rehearsal."""

from pathlib import Path

from lims.actions import temperature_log
from lims.actions.attaching import Upload
from lims.actions.frozen import frozen
from lims.actions.site import Site
from lims.actions.work import Actor, Outcome
from lims.domain.entries.batch import CustodyOffered


def record_temperature_log(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    logger: str,
    model: str,
    file: Path,
    offered_seq: int | None = None,
) -> Outcome:
    """The file of a logger about the newest hand-over, or about the one that an entry offered."""
    offers = (entry.seq for entry in frozen(site, batch).entries if isinstance(entry.fact, CustodyOffered))
    newest = max(offers, default=0)
    return temperature_log.record_temperature_log(
        site,
        actor,
        request_id,
        batch=batch,
        offered_seq=newest if offered_seq is None else offered_seq,
        logger=logger,
        model=model,
        upload=Upload(name=file.name, content=file.read_bytes()),
    )
