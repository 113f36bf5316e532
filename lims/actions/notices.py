"""Who was told of something acknowledges it."""

from datetime import datetime

from lims.actions.detach import words_or_none
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, batch_of, perform
from lims.domain import notices
from lims.domain.entries.envelope import stream_of


def acknowledge_notice(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    notice: str,
    contacted_at: datetime | None = None,
    done: str = "",
) -> Outcome:
    """The clinic or quality has read it; the clinic says when she was reached and what was done."""
    return _acknowledge(
        site, actor, request_id, "acknowledge_notice", batch=batch, notice=notice, at=contacted_at, done=done
    )


def acknowledge_as_investigator(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    notice: str,
    contacted_at: datetime | None = None,
    done: str = "",
) -> Outcome:
    """The principal investigator has read it: the clinician to whom this act is delegated."""
    act = "acknowledge_as_investigator"
    return _acknowledge(site, actor, request_id, act, batch=batch, notice=notice, at=contacted_at, done=done)


def _acknowledge(
    site: Site,
    actor: Actor,
    request_id: str,
    act: str,
    *,
    batch: str,
    notice: str,
    at: datetime | None,
    done: str,
) -> Outcome:
    kept = words_or_none(done, field="done")

    def rule(scene: Scene) -> Decision:
        drafts = notices.acknowledge(
            batch_of(scene, batch),
            notice,
            notices.Answer(contacted_at=at, done=kept.detached if kept else None),
            act=act,
            roles=scene.person(actor.person).roles_on(scene.today),
            now=scene.now,
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act=act,
        on=stream_of("batch", batch),
        asked={"notice": notice, "at": at.isoformat() if at else "", "done": done},
        kept=(kept,),
    )
    return perform(site, actor, ask, rule)
