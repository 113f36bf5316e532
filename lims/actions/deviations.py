"""Deviations: reported at the bench, explained where they happened, decided by quality."""

from lims.actions.detach import words
from lims.actions.frozen import frozen
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, batch_of, perform
from lims.domain import deviations, late_failure
from lims.domain.entries.envelope import stream_of


def open_deviation(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    step: str | None,
    text: str,
    severity: str = "major",
) -> Outcome:
    """A person reports that something went otherwise than written."""
    kept = words(text, field="text", least=10)
    participant = stream_of("participant", frozen(site, batch).issue.participant)

    def rule(scene: Scene) -> Decision:
        record = batch_of(scene, batch)
        drafts = deviations.open_by_person(record, words=kept.detached, step=step, severity=severity)
        return Decision(drafts=(*drafts, *late_failure.after_disposition(record, drafts)))

    asked = {"step": step or "", "text": text, "severity": severity}
    ask = Ask(
        request_id=request_id,
        act="open_deviation",
        on=stream_of("batch", batch),
        asked=asked,
        write=(participant,),
        kept=(kept,),
    )
    return perform(site, actor, ask, rule)


def explain_deviation(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    number: str,
    happened: str,
    did: str,
    go_on: str,
) -> Outcome:
    """The three questions of the bench."""
    what, action = words(happened, field="happened"), words(did, field="did")

    def rule(scene: Scene) -> Decision:
        drafts = deviations.explain(
            batch_of(scene, batch),
            number,
            happened=what.detached,
            did=action.detached,
            go_on=go_on,
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="explain_deviation",
        on=stream_of("batch", batch),
        asked={"number": number, "happened": happened, "did": did, "go_on": go_on},
        kept=(what, action),
    )
    return perform(site, actor, ask, rule)


def decide_deviation(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    number: str,
    severity: str,
    decision: str,
    impact: str,
    shown: str | None = None,
) -> Outcome:
    """Quality assesses the impact and decides."""
    kept = words(impact, field="impact")

    def rule(scene: Scene) -> Decision:
        drafts = deviations.decide(
            batch_of(scene, batch),
            number,
            severity=severity,
            decision=decision,
            impact=kept.detached,
            person=actor.person,
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="decide_deviation",
        on=stream_of("batch", batch),
        asked={"number": number, "severity": severity, "decision": decision, "impact": impact},
        about=(("number", number), ("decision", decision)),
        shown=shown,
        kept=(kept,),
    )
    return perform(site, actor, ask, rule)
