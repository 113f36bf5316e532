"""Erasing a detached value by two signatures: the chain stays valid and the gap stays visible (ICH E6(R3) 4.2.2(b))."""

from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, perform
from lims.domain.entries.envelope import Draft, Entry
from lims.domain.entries.keys import RedactionProposed, ValueRedacted
from lims.domain.refusals import BadEntry, NotAllowed, Refused


def propose_redaction(
    site: Site, actor: Actor, request_id: str, *, stream: str, commitment: str, reason_code: str
) -> Outcome:
    """One person asks; nothing is erased yet."""
    if not reason_code.strip():
        raise BadEntry("correction.reason", field="reason_code")

    def rule(scene: Scene) -> Decision:
        kept = scene.book.values([commitment]).get(commitment)
        held = any(commitment in repr(entry.fact) for entry in scene.book.entries(stream))
        if kept is None or kept.value is None or not held:
            raise Refused("redaction.none")
        fact = RedactionProposed(commitment=commitment, reason_code=reason_code.strip())
        return Decision(drafts=(Draft(stream=stream, fact=fact),))

    ask = Ask(
        request_id=request_id,
        act="propose_redaction",
        on=stream,
        asked={"commitment": commitment, "reason": reason_code},
        about=(("reason", reason_code.strip()),),
    )
    return perform(site, actor, ask, rule)


def countersign_redaction(
    site: Site, actor: Actor, request_id: str, *, stream: str, proposed_seq: int, reason_code: str
) -> Outcome:
    """A second person agrees; the value is gone with this entry."""

    def rule(scene: Scene) -> Decision:
        proposed = _proposal(scene.book.entries(stream), proposed_seq)
        fact = proposed.fact
        assert isinstance(fact, RedactionProposed)
        if proposed.person == actor.person:
            raise NotAllowed("person.self")
        if fact.reason_code != reason_code:
            raise Refused("step.stale")
        kept = scene.book.values([fact.commitment]).get(fact.commitment)
        if kept is None or kept.value is None:
            raise Refused("redaction.none")
        redacted = ValueRedacted(
            commitment=fact.commitment, proposed_seq=proposed_seq, reason_code=fact.reason_code
        )
        return Decision(drafts=(Draft(stream=stream, fact=redacted),), erased=(fact.commitment,))

    ask = Ask(
        request_id=request_id,
        act="countersign_redaction",
        on=stream,
        asked={"seq": str(proposed_seq), "reason": reason_code},
        about=(("reason", reason_code),),
    )
    return perform(site, actor, ask, rule)


def _proposal(entries: tuple[Entry, ...], seq: int) -> Entry:
    for entry in entries:
        if entry.seq == seq and isinstance(entry.fact, RedactionProposed):
            return entry
    raise Refused("redaction.none")
