"""What quality does to a batch: hold, review, release, reject, end, dispose, close, note."""

from zoneinfo import ZoneInfo

from lims.actions.detach import words, words_or_none
from lims.actions.frozen import frozen
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, batch_of, perform
from lims.domain import release
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.batch import Annotated, HoldLifted
from lims.domain.entries.envelope import Draft, refusals_of, stream_of
from lims.domain.exceptions import Around, digest_beside, exceptions_of
from lims.domain.participant import Participant
from lims.domain.refusals import BadEntry, Refused
from lims.domain.replay import Replay, replay
from lims.ledger.open_book import Book


def _replayed(scene: Scene, record: BatchRecord) -> Replay:
    """Every verdict made again under the lock; a page that was just looked at has left it behind."""
    return scene.book.derived(record.stream, replay)


def _participant(scene: Scene, batch: BatchRecord) -> Participant:
    return scene.load(stream_of("participant", batch.issue.participant), Participant)


def about_release(batch: BatchRecord) -> tuple[tuple[str, str], ...]:
    """What the release's sentence is made of: participant, round and expiry with its offset."""
    expiry = batch.expires_at
    local = expiry.astimezone(ZoneInfo(batch.issue.zone)) if expiry else None
    return (
        ("participant", batch.issue.participant),
        ("round", str(batch.issue.round)),
        ("expiry", local.strftime("%Y-%m-%d %H:%M %z") if local else "–"),
    )


def place_hold(site: Site, actor: Actor, request_id: str, *, batch: str, reason_code: str) -> Outcome:
    """The batch is held."""
    if not reason_code.strip():
        raise BadEntry("correction.reason", field="reason_code")

    def rule(scene: Scene) -> Decision:
        drafts = release.hold(batch_of(scene, batch), reason_code=reason_code.strip(), reference=actor.person)
        return Decision(drafts=drafts)

    asked = {"reason": reason_code}
    ask = Ask(request_id=request_id, act="place_hold", on=stream_of("batch", batch), asked=asked)
    return perform(site, actor, ask, rule)


def lift_hold(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    placed_seq: int,
    reason: str,
    finding: str = "",
    evidence: str = "",
    reference: str = "",
) -> Outcome:
    """Quality lifts a hold, and says why; after an identity mismatch also what was found and what proves it."""
    kept, where = words(reason, field="reason"), words_or_none(reference, field="reference")
    proof = release.Proof(finding=finding, evidence=evidence, reference=where.detached if where else None)

    def rule(scene: Scene) -> Decision:
        drafts = release.lift_hold(
            batch_of(scene, batch), placed_seq=placed_seq, reason=kept.detached, proof=proof
        )
        # Evidence named for a hold that asks for none is not kept: nothing on file would point to it.
        lifted = drafts[0].fact
        named = where if isinstance(lifted, HoldLifted) and lifted.reference else None
        return Decision(drafts=drafts, kept=(kept, named) if named else (kept,))

    ask = Ask(
        request_id=request_id,
        act="lift_hold",
        on=stream_of("batch", batch),
        asked={
            "seq": str(placed_seq),
            "reason": reason,
            "finding": finding,
            "evidence": evidence,
            "reference": reference,
        },
        about=(("number", batch),),
    )
    return perform(site, actor, ask, rule)


def around(book: Book, batch: BatchRecord) -> Around:
    """What is on file beside the batch's record and belongs to its review."""
    return Around(
        refusals=book.entries(refusals_of(batch.stream)),
        participant=book.entries(stream_of("participant", batch.issue.participant)),
        system=book.entries("system"),
        master=book.entries(stream_of("master", batch.master.code)),
    )


def review_record(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    seen_seq: int,
    beside: str | None = None,
    shown: str | None = None,
) -> Outcome:
    """Quality read the record and its audit trail through the entry that was last on the page.

    `beside` is the digest of what the page showed beside the record; none where nothing was shown.
    """

    def rule(scene: Scene) -> Decision:
        record = batch_of(scene, batch)
        drafts = release.review(record, _replayed(scene, record), seen_seq=seen_seq, person=actor.person)
        # A page over an earlier entry is refused as stale, with what came since.
        if beside is not None and seen_seq == record.seq:
            if beside != digest_beside(record, exceptions_of(record, around(scene.book, record))):
                raise Refused("review.beside")
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="review_record",
        on=stream_of("batch", batch),
        asked={"seen": str(seen_seq)},
        about=(("number", batch),),
        shown=shown,
    )
    return perform(site, actor, ask, rule)


def release_conditionally(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    seen_seq: int,
    justification: str = "",
    shown: str | None = None,
) -> Outcome:
    """Stage 1: released for perfusion, final sterility pending."""
    before = frozen(site, batch)
    kept = words_or_none(justification, field="justification")

    def rule(scene: Scene) -> Decision:
        record = batch_of(scene, batch)
        drafts = release.release_conditionally(
            record,
            _participant(scene, record),
            _replayed(scene, record),
            justification=kept.detached if kept else None,
            seen_seq=seen_seq,
            now=scene.now,
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="release_conditionally",
        on=stream_of("batch", batch),
        asked={"seen": str(seen_seq), "justification": justification},
        about=about_release(before),
        read=(stream_of("participant", before.issue.participant),),
        shown=shown,
        kept=(kept,),
    )
    return perform(site, actor, ask, rule)


def reject_batch(site: Site, actor: Actor, request_id: str, *, batch: str, reason: str) -> Outcome:
    """The batch must not reach any person."""
    before = frozen(site, batch)
    kept = words(reason, field="reason")

    def rule(scene: Scene) -> Decision:
        record = batch_of(scene, batch)
        return Decision(drafts=release.reject(record, _participant(scene, record), reason=kept.detached))

    ask = Ask(
        request_id=request_id,
        act="reject_batch",
        on=stream_of("batch", batch),
        asked={"reason": reason},
        about=(("number", batch),),
        write=(stream_of("participant", before.issue.participant),),
        kept=(kept,),
    )
    return perform(site, actor, ask, rule)


def terminate_batch(
    site: Site, actor: Actor, request_id: str, *, batch: str, reason_code: str, reason: str = ""
) -> Outcome:
    """The batch ends without a perfusion."""
    before = frozen(site, batch)
    kept = words_or_none(reason, field="reason")

    def rule(scene: Scene) -> Decision:
        record = batch_of(scene, batch)
        drafts = release.terminate(
            record,
            _participant(scene, record),
            reason_code=reason_code,
            reason=kept.detached if kept else None,
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="terminate_batch",
        on=stream_of("batch", batch),
        asked={"reason_code": reason_code, "reason": reason},
        about=(("number", batch), ("reason", reason_code)),
        write=(stream_of("participant", before.issue.participant),),
        kept=(kept,),
    )
    return perform(site, actor, ask, rule)


def dispose_finally(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    disposition: str,
    reason: str = "",
    shown: str | None = None,
) -> Outcome:
    """Stage 2: the final disposition, also of a product that is used."""
    before = frozen(site, batch)
    kept = words_or_none(reason, field="reason")

    def rule(scene: Scene) -> Decision:
        record = batch_of(scene, batch)
        drafts = release.dispose_finally(
            record,
            _participant(scene, record),
            disposition=disposition,
            reason=kept.detached if kept else None,
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="dispose_finally",
        on=stream_of("batch", batch),
        asked={"disposition": disposition, "reason": reason},
        about=(("number", batch), ("disposition", disposition)),
        write=(stream_of("participant", before.issue.participant),),
        shown=shown,
        kept=(kept,),
    )
    return perform(site, actor, ask, rule)


def close_record(
    site: Site, actor: Actor, request_id: str, *, batch: str, shown: str | None = None
) -> Outcome:
    """The record is complete and closes."""
    ask = Ask(
        request_id=request_id,
        act="close_record",
        on=stream_of("batch", batch),
        asked={"batch": batch},
        about=(("number", batch),),
        shown=shown,
    )
    return perform(site, actor, ask, lambda scene: Decision(drafts=release.close(batch_of(scene, batch))))


def annotate(
    site: Site, actor: Actor, request_id: str, *, batch: str, text: str, step: str | None = None
) -> Outcome:
    """A note that changes nothing."""
    kept = words(text, field="text")
    draft = Draft(stream=stream_of("batch", batch), fact=Annotated(words=kept.detached, step=step))

    def rule(scene: Scene) -> Decision:
        batch_of(scene, batch)
        return Decision(drafts=(draft,))

    ask = Ask(
        request_id=request_id,
        act="annotate",
        on=draft.stream,
        asked={"text": text, "step": step or ""},
        kept=(kept,),
    )
    return perform(site, actor, ask, rule)
