"""What is done in the QC laboratory."""

from lims.actions.detach import Kept, words, words_or_none
from lims.actions.frozen import frozen
from lims.actions.site import Site
from lims.actions.work import (
    Actor,
    Ask,
    Decision,
    Outcome,
    Scene,
    TakenMeanwhile,
    batch_of,
    perform,
    with_next_number,
)
from lims.domain import late_failure, qc
from lims.domain.batch_record import BatchRecord
from lims.domain.entered import entered_code
from lims.domain.entries.batch import DeviationOpened
from lims.domain.entries.envelope import stream_of
from lims.domain.entries.values import Means
from lims.domain.rows import BatchRow
from lims.ledger.book import Book
from lims.ledger.read_tables import find


def receive_sample(
    site: Site, actor: Actor, request_id: str, *, batch: str, code: str, means: Means
) -> Outcome:
    """The sample is in the laboratory's hands."""
    digits = entered_code(code, field="code")

    def rule(scene: Scene) -> Decision:
        return Decision(drafts=qc.receive_sample(batch_of(scene, batch), code=digits, means=means))

    asked = {"code": digits, "means": means.value}
    ask = Ask(request_id=request_id, act="receive_sample", on=stream_of("batch", batch), asked=asked)
    return perform(site, actor, ask, rule)


def enter_result(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    test: str,
    raw: str = "",
    option: str = "",
    outcome: str = "",
    instrument: str = "",
    reason: str = "",
) -> Outcome:
    """A test result; `outcome` only for a test that gave none (`invalid`, `not_done`)."""
    kept = words_or_none(reason, field="reason")
    return with_next_number(
        lambda: _entered(
            site,
            actor,
            request_id,
            batch=batch,
            test=test,
            raw=raw,
            option=option,
            outcome=outcome,
            instrument=instrument,
            reason=reason,
            kept=kept,
        )
    )


def _entered(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    test: str,
    raw: str,
    option: str,
    outcome: str,
    instrument: str,
    reason: str,
    kept: Kept | None,
) -> Outcome:
    """The act under its locks; asked again where a batch was issued between looking and locking."""
    seen = frozen(site, batch)
    with site.ledger.reading() as book:
        others = _in_process(book) if late_failure.is_late(seen) else ()

    def rule(scene: Scene) -> Decision:
        record = batch_of(scene, batch)
        drafts = qc.enter_result(
            record,
            test_code=test,
            raw=raw,
            option=option,
            outcome=outcome,
            instrument=instrument.strip() or None,
            reason=kept.detached if kept else None,
            now=scene.now,
            person=actor.person,
        )
        if late_failure.is_late(record) and any(isinstance(d.fact, DeviationOpened) for d in drafts):
            streams = _in_process(scene.book)
            if {*streams} - {*others, record.stream}:
                raise TakenMeanwhile
            drafts += late_failure.follows(record, drafts, _records(scene, streams), now=scene.now)
        return Decision(drafts=drafts)

    asked = {
        "test": test,
        "raw": raw,
        "option": option,
        "outcome": outcome,
        "instrument": instrument,
        "reason": reason,
    }
    ask = Ask(
        request_id=request_id,
        act="enter_result",
        on=stream_of("batch", batch),
        asked=asked,
        write=(stream_of("participant", seen.issue.participant), *others),
        kept=(kept,),
    )
    return perform(site, actor, ask, rule)


def _records(scene: Scene, streams: tuple[str, ...]) -> list[BatchRecord]:
    return [scene.load(stream, BatchRecord) for stream in streams]


def _in_process(book: Book) -> tuple[str, ...]:
    """The streams of all batches in process: locked, none of them goes on between a failure and its hold."""
    return tuple(row.stream for row in find(book, BatchRow, alive=True))


def report_organism(
    site: Site, actor: Actor, request_id: str, *, batch: str, test: str, news: str, finding: str
) -> Outcome:
    """What the laboratory found out later about growth after the release."""
    kept = words(finding, field="finding")

    def rule(scene: Scene) -> Decision:
        drafts = late_failure.report_organism(
            batch_of(scene, batch), test_code=test, news=news, finding=kept.detached, now=scene.now
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="report_organism",
        on=stream_of("batch", batch),
        asked={"test": test, "news": news, "finding": finding},
        kept=(kept,),
    )
    return perform(site, actor, ask, rule)


def review_result(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    test: str,
    agreed: bool,
    shown: str | None = None,
) -> Outcome:
    """A second person stands behind the result, or does not."""

    def rule(scene: Scene) -> Decision:
        drafts = qc.review_result(batch_of(scene, batch), test_code=test, agreed=agreed, person=actor.person)
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="review_result",
        on=stream_of("batch", batch),
        asked={"test": test, "agreed": str(agreed)},
        about=(("test", test),),
        shown=shown,
    )
    return perform(site, actor, ask, rule)
