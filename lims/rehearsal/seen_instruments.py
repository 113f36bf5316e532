"""Instruments' files as a rehearsal calls them: a path beside the play, or the file's text written into it."""

from pathlib import Path

from lims.actions import instruments
from lims.actions.attaching import Upload
from lims.actions.site import Site
from lims.actions.work import Actor, Outcome
from lims.domain.entries.envelope import stream_of
from lims.domain.entries.values import Means
from lims.domain.equipment import Equipment
from lims.domain.folds import Folded
from lims.domain.refusals import Refused


def keep_flow_file(
    site: Site, actor: Actor, request_id: str, *, batch: str, test: str, instrument: str, file: Path
) -> Outcome:
    """The cytometer's own file lies beside the rehearsal."""
    upload = Upload(name=file.name, content=file.read_bytes())
    return instruments.keep_flow_file(
        site, actor, request_id, batch=batch, test=test, instrument=instrument, upload=upload
    )


def take_results_file(
    site: Site, actor: Actor, request_id: str, *, instrument: str, model: str, text: str
) -> Outcome:
    """A file of results, its text written out: it names samples that exist only while the play runs."""
    upload = Upload(name="results.csv", content=text.encode())
    return instruments.take_results_file(
        site, actor, request_id, instrument=instrument, model=model, upload=upload
    )


def settle_file_line(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    instrument: str,
    line: int,
    test: str,
    sample: str = "",
    means: Means = Means.SCANNED,
    reason: str,
) -> Outcome:
    """A line of the newest file goes to its sample, or to nobody when none is named."""
    with site.ledger.reading() as book:
        item = book.derived(stream_of("equipment", instrument), Folded.of).record
    if not isinstance(item, Equipment) or not item.files:
        raise Refused("sheet.not_open")
    seq = item.files[-1].seq
    if not sample:
        return instruments.dismiss_file_line(
            site,
            actor,
            request_id,
            instrument=instrument,
            taken_seq=seq,
            line=line,
            test=test,
            reason=reason,
        )
    return instruments.give_file_line(
        site,
        actor,
        request_id,
        instrument=instrument,
        taken_seq=seq,
        line=line,
        test=test,
        sample=sample,
        means=means,
        reason=reason,
    )
