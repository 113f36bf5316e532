"""The sealed record that a rehearsal ends with, as PDF and as record.json, and whether the whole ledger holds."""

from lims.actions.papers import gather, issue_paper
from lims.documents.record_file import compose
from lims.domain.folds import fold, rows_of
from lims.ledger.verify import verify
from lims.rehearsal.play import Rehearsed

PRINTS = "qa-a"
"""Who prints at the end of the play."""


def record_pdf(rehearsed: Rehearsed, *, language: str) -> bytes:
    """The batch record as it stands at the end, sealed by the throw-away site. Raises LookupError without a batch."""
    stage = rehearsed.stage
    batch = _batch(rehearsed)
    paper = issue_paper(stage.site, stage.actor(PRINTS), stage.request(), batch=batch, language=language)
    return paper.content


def record_json(rehearsed: Rehearsed) -> bytes:
    """The batch's record.json as it stands at the end. Raises LookupError without a batch."""
    return compose(gather(rehearsed.site, _batch(rehearsed)).record)


def _batch(rehearsed: Rehearsed) -> str:
    if rehearsed.batch is None:
        raise LookupError("no batch was issued in this rehearsal")
    return rehearsed.batch


def faults_of_ledger(rehearsed: Rehearsed) -> tuple[str, ...]:
    """What `lims verify` finds on the instance after the play; nothing when all is well."""
    report = verify(
        rehearsed.site.ledger, rows_of=lambda stream, entries: rows_of(stream, fold(stream, entries))
    )
    return tuple(str(finding) for finding in report.findings)
