"""What is done after a perfusion: the observation ends, and a dose outside its limit is decided by two people."""

from lims.actions.detach import words, words_or_none
from lims.actions.frozen import frozen
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, batch_of, perform
from lims.domain import aftercare
from lims.domain.entries.envelope import stream_of


def end_observation(
    site: Site, actor: Actor, request_id: str, *, batch: str, outcome: str, note: str = ""
) -> Outcome:
    """She was observed until now: well, or with an adverse event."""
    kept = words_or_none(note, field="note")

    def rule(scene: Scene) -> Decision:
        drafts = aftercare.end_observation(
            batch_of(scene, batch), outcome=outcome, note=kept.detached if kept else None, now=scene.now
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="end_observation",
        on=stream_of("batch", batch),
        asked={"outcome": outcome, "note": note},
        kept=(kept,) if kept else (),
    )
    return perform(site, actor, ask, rule)


def judge_dose(
    site: Site, actor: Actor, request_id: str, *, batch: str, decision: str, reason: str
) -> Outcome:
    """The clinician decides on a dose outside its limit, and signs."""
    kept = words(reason, field="reason")

    def rule(scene: Scene) -> Decision:
        drafts = aftercare.judge_dose(batch_of(scene, batch), decision=decision, reason=kept.detached)
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="judge_dose",
        on=stream_of("batch", batch),
        asked={"decision": decision, "reason": reason},
        about=about_dose(site, batch),
        kept=(kept,),
    )
    return perform(site, actor, ask, rule)


def settle_dose(
    site: Site, actor: Actor, request_id: str, *, batch: str, decision: str, reason: str
) -> Outcome:
    """The investigator decides on the same dose as a second person, and signs."""
    kept = words(reason, field="reason")

    def rule(scene: Scene) -> Decision:
        drafts = aftercare.settle_dose(
            batch_of(scene, batch), decision=decision, reason=kept.detached, person=actor.person
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="settle_dose",
        on=stream_of("batch", batch),
        asked={"decision": decision, "reason": reason},
        about=about_dose(site, batch),
        kept=(kept,),
    )
    return perform(site, actor, ask, rule)


def about_dose(site: Site, batch: str) -> tuple[tuple[str, str], ...]:
    """Whose dose of which round the signature is about."""
    issue = frozen(site, batch).issue
    return (("participant", issue.participant), ("round", str(issue.round)))
