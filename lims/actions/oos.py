"""What is done about a result outside its specification: the laboratory examines it, quality judges it."""

from lims.actions.detach import words
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, batch_of, perform
from lims.domain import oos
from lims.domain.entries.envelope import stream_of


def examine_oos(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    number: str,
    checks: dict[str, str],
    findings: str,
    shown: str | None = None,
) -> Outcome:
    """Phase I: what in the laboratory can explain the result; `checks` answers each of `oos.CHECKS`."""
    kept = words(findings, field="findings")
    answers = tuple(checks.items())

    def rule(scene: Scene) -> Decision:
        drafts = oos.examine(
            batch_of(scene, batch), number, checks=answers, words=kept.detached, person=actor.person
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="examine_oos",
        on=stream_of("batch", batch),
        asked={"number": number, "findings": findings, **{f"check_{name}": told for name, told in answers}},
        about=(("number", number),),
        shown=shown,
        kept=(kept,),
    )
    return perform(site, actor, ask, rule)


def judge_oos(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    number: str,
    decision: str,
    why: str,
    shown: str | None = None,
) -> Outcome:
    """Quality's judgement: void by a laboratory error, to be tested again, confirmed, or not confirmed."""
    kept = words(why, field="why")

    def rule(scene: Scene) -> Decision:
        drafts = oos.judge(
            batch_of(scene, batch), number, decision=decision, words=kept.detached, person=actor.person
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="judge_oos",
        on=stream_of("batch", batch),
        asked={"number": number, "decision": decision, "why": why},
        about=(("number", number), ("decision", decision)),
        shown=shown,
        kept=(kept,),
    )
    return perform(site, actor, ask, rule)
