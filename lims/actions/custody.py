"""What is done when a container changes hands."""

from lims.actions.detach import words
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, batch_of, perform
from lims.domain import custody
from lims.domain.acts import Role
from lims.domain.entered import entered_code, entered_number
from lims.domain.entries.envelope import stream_of
from lims.domain.entries.values import Means
from lims.domain.stations import Station

CLINIC = "clinic"


def offer_custody(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    container: str,
    to_role: str,
    to_place: str,
    condition: str,
    seal: str = "",
    temperature: str = "",
    step: str | None = None,
    slot: str | None = None,
) -> Outcome:
    """The holder hands a container over to someone with a role, at a place."""
    code = entered_code(container, field="container")
    measured = entered_number(temperature, field="temperature") if temperature.strip() else None

    def rule(scene: Scene) -> Decision:
        drafts = custody.offer(
            batch_of(scene, batch),
            container=code,
            person=actor.person,
            from_place=_place(scene),
            to_place=CLINIC if to_role == Role.CLINICIAN else to_place,
            to_role=to_role,
            condition=condition,
            seal=seal.strip() or None,
            temperature=measured,
            step=step,
            slot=slot,
            now=scene.now,
        )
        return Decision(drafts=drafts)

    asked = {
        "container": code,
        "to": f"{to_role} {to_place}",
        "condition": condition,
        "seal": seal,
        "temperature": temperature,
        "slot": f"{step}.{slot}",
    }
    ask = Ask(request_id=request_id, act="offer_custody", on=stream_of("batch", batch), asked=asked)
    return perform(site, actor, ask, rule)


def _place(scene: Scene) -> str:
    """The room of the station at which the person stands."""
    stream = stream_of("station", scene.actor.station)
    if scene.book.head(stream) is None:
        return scene.actor.station
    return scene.load(stream, Station).room


def take_custody(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    scanned: str,
    means: Means,
    condition: str,
    temperature: str = "",
) -> Outcome:
    """The receiver scans what was handed over and takes it."""
    code = entered_code(scanned, field="scanned")
    measured = entered_number(temperature, field="temperature") if temperature.strip() else None

    def rule(scene: Scene) -> Decision:
        person = scene.person(actor.person)
        drafts = custody.take(
            batch_of(scene, batch),
            scanned=code,
            means=means,
            person=actor.person,
            name=person.name,
            roles=person.roles_on(scene.today),
            condition=condition,
            temperature=measured,
            place=_place(scene),
            now=scene.now,
        )
        return Decision(drafts=drafts)

    asked = {"code": code, "means": means.value, "condition": condition, "temperature": temperature}
    ask = Ask(request_id=request_id, act="take_custody", on=stream_of("batch", batch), asked=asked)
    return perform(site, actor, ask, rule)


def refuse_custody(
    site: Site, actor: Actor, request_id: str, *, batch: str, container: str, reason: str
) -> Outcome:
    """The receiver does not take it, and says why."""
    code = entered_code(container, field="container")
    kept = words(reason, field="reason")

    def rule(scene: Scene) -> Decision:
        drafts = custody.refuse(
            batch_of(scene, batch),
            container=code,
            person=actor.person,
            roles=scene.person(actor.person).roles_on(scene.today),
            reason=kept.detached,
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="refuse_custody",
        on=stream_of("batch", batch),
        asked={"code": code, "reason": reason},
        kept=(kept,),
    )
    return perform(site, actor, ask, rule)
