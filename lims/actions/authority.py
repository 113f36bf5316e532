"""May this person do this act now? Derived from the table of acts, for every act, on the server."""

from typing import TYPE_CHECKING

from lims.domain.acts import Act, Role
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.envelope import SYSTEM
from lims.domain.keyring import Keyring
from lims.domain.master_batch_record import Who
from lims.domain.people import Person, check_may
from lims.domain.refusals import NotAllowed, Refused

if TYPE_CHECKING:
    from lims.actions.work import Actor, Ask, Scene


def check_authority(scene: "Scene", actor: "Actor", ask: "Ask", act: Act) -> Role:
    """The role in which the person acts; refuses role, strength, training, delegation, stage, hold, part taken."""
    if actor.person == SYSTEM:
        if Role.SYSTEM not in act.by:
            raise NotAllowed("act.role", act=act.label, roles=", ".join(sorted(act.by)))
        role = Role.SYSTEM
    else:
        person = scene.person(actor.person)
        role = check_may(person, act, today=scene.today)
        _check_strength(scene, actor, ask.who or act.who)
        _check_qualified(scene, person, ask, act)
    if act.on == "batch" and act.in_stages is not None:
        _check_batch(scene.load(ask.on, BatchRecord), act, actor.person)
    return role


def strength(ask: "Ask", act: Act) -> Who:
    """The stronger of what the act asks at least and what the step of the master batch record asks."""
    order = tuple(Who)
    return max(act.who, ask.who or act.who, key=order.index)


def _check_strength(scene: "Scene", actor: "Actor", who: Who) -> None:
    if who is Who.SIGNED:
        if actor.signer is None:
            raise NotAllowed("act.strength", strength="password")
        key = scene.load("keys", Keyring).people.get(actor.signer.kid)
        if key is None or key.person != actor.person or not key.trusted:
            raise NotAllowed("act.key_not_attested")
    elif who is Who.IDENTIFIED and not (actor.identified or actor.signer):
        raise NotAllowed("act.strength", strength="PIN")


def _check_qualified(scene: "Scene", person: Person, ask: "Ask", act: Act) -> None:
    if act.needs_training and ask.training is not None:
        subject, version = ask.training
        if not person.is_trained(subject, version, on=scene.today):
            raise NotAllowed("act.training", subject=f"{subject} {version}")
    if act.needs_delegation and not person.is_delegated(act.name, on=scene.today):
        raise NotAllowed("act.delegation")


def _check_batch(batch: BatchRecord, act: Act, person: str) -> None:
    assert act.in_stages is not None
    if batch.stage not in act.in_stages:
        raise Refused("act.stage", stage=batch.stage.value)
    if batch.on_hold and not act.despite_hold:
        raise Refused("act.hold", why=batch.hold_reason)
    if act.not_if_took_part and person in batch.took_part:
        raise NotAllowed("act.took_part")
