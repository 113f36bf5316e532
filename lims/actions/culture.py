"""Steps and their labels: confirmed by the performer, checked by a second person, printed and accounted for."""

from collections.abc import Callable

from lims.actions.detach import Kept, words
from lims.actions.frozen import frozen, step_of, training_for
from lims.actions.people import mint_code
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, batch_of, perform
from lims.domain import culture
from lims.domain.batch_record import BatchRecord
from lims.domain.codes import CodeType
from lims.domain.entered import entered_code
from lims.domain.entries.envelope import Draft, stream_of
from lims.domain.master_batch_record import LabelSlot
from lims.domain.refusals import Refused
from lims.domain.statements import about_step


def _on_step(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    act: str,
    batch: str,
    step: str,
    asked: dict[str, str],
    rule: Callable[[Scene, BatchRecord], tuple[Draft, ...]],
    shown: str | None = None,
    kept: tuple[Kept | None, ...] = (),
    second: bool = False,
) -> Outcome:
    before = frozen(site, batch)
    defined = step_of(before, step)
    strength = defined.second_who if second else defined.who
    ask = Ask(
        request_id=request_id,
        act=act,
        on=stream_of("batch", batch),
        asked={"step": step} | asked,
        about=about_step(defined, language=actor.language),
        shown=shown,
        kept=kept,
        who=strength,
        training=training_for(before, defined),
    )
    return perform(site, actor, ask, lambda scene: Decision(drafts=rule(scene, batch_of(scene, batch))))


def confirm_step(
    site: Site, actor: Actor, request_id: str, *, batch: str, step: str, shown: str | None = None
) -> Outcome:
    """The performer stands behind the step, as strongly as the master batch record asks."""
    return _on_step(
        site,
        actor,
        request_id,
        act="confirm_step",
        batch=batch,
        step=step,
        asked={},
        shown=shown,
        rule=lambda scene, record: culture.confirm(record, step, person=actor.person, now=scene.now),
    )


def verify_step(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    step: str,
    seen_seq: int,
    shown: str | None = None,
) -> Outcome:
    """A second person agrees with the recorded step as they saw it."""
    return _on_step(
        site,
        actor,
        request_id,
        act="verify_step",
        batch=batch,
        step=step,
        asked={"seen": str(seen_seq)},
        shown=shown,
        second=True,
        rule=lambda scene, record: culture.verify(record, step, person=actor.person, seen_seq=seen_seq),
    )


def send_step_back(
    site: Site, actor: Actor, request_id: str, *, batch: str, step: str, reason: str
) -> Outcome:
    """A second person does not agree, and says why."""
    kept = words(reason, field="reason")
    return _on_step(
        site,
        actor,
        request_id,
        act="send_step_back",
        batch=batch,
        step=step,
        asked={"reason": reason},
        kept=(kept,),
        second=True,
        rule=lambda scene, record: culture.send_back(record, step, person=actor.person, reason=kept.detached),
    )


def print_labels(
    site: Site, actor: Actor, request_id: str, *, batch: str, step: str, slot: str, reason_code: str = ""
) -> Outcome:
    """The slot's labels, each with a fresh serial; printing again needs a reason."""
    before = frozen(site, batch)
    wanted = before.slot_of(step, slot)
    if not isinstance(wanted, LabelSlot):
        raise Refused("step.unknown", what=f"{step}.{slot}")
    copies = 1 if reason_code else wanted.copies

    def rule(scene: Scene) -> Decision:
        serials: list[str] = []
        while len(serials) < copies:
            serial = mint_code(site, scene.book, CodeType.LABEL)
            if serial not in serials:
                serials.append(serial)
        drafts = culture.print_labels(
            batch_of(scene, batch), step, slot, serials=serials, reason_code=reason_code or None
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="print_labels",
        on=stream_of("batch", batch),
        asked={"step": step, "slot": slot, "reason": reason_code},
        training=training_for(before, step_of(before, step)),
    )
    return perform(site, actor, ask, rule)


def account_label(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    step: str,
    slot: str,
    serial: str,
    fate: str,
) -> Outcome:
    """A printed label, scanned back: applied, attached to the record, or destroyed."""
    before = frozen(site, batch)
    code = entered_code(serial, field="serial")

    def rule(scene: Scene) -> Decision:
        drafts = culture.account_label(
            batch_of(scene, batch), step, slot, serial=code, fate=fate, now=scene.now
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="account_label",
        on=stream_of("batch", batch),
        asked={"step": step, "slot": slot, "serial": code, "fate": fate},
        training=training_for(before, step_of(before, step)),
    )
    return perform(site, actor, ask, rule)
