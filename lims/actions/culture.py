"""Steps and their labels: confirmed by the performer, checked by a second person, printed and accounted for."""

from collections.abc import Callable

from lims.actions.detach import Kept, words
from lims.actions.frozen import check_hand, frozen, step_of, training_for
from lims.actions.people import mint_code
from lims.actions.site import Site
from lims.actions.stations import held_at, opened
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, batch_of, perform
from lims.domain import culture
from lims.domain.batch_record import BatchRecord
from lims.domain.codes import CodeType
from lims.domain.entered import entered_code
from lims.domain.entries.envelope import Draft, stream_of
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
    """`second`: a second person's act on what was recorded, which may be done at any station."""
    before, held = frozen(site, batch), () if second else held_at(site, actor)
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
        write=held,
        training=training_for(before, defined),
    )

    def decide(scene: Scene) -> Decision:
        check_hand(scene, defined, actor.person, second=second)
        record = batch_of(scene, batch)
        line = opened(scene, held, record)
        return Decision(drafts=(*rule(scene, record), *line))

    return perform(site, actor, ask, decide)


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
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    step: str,
    slot: str,
    reason_code: str = "",
    container: str = "",
) -> Outcome:
    """The labels of the slot's containers, each with a fresh serial; one printed again needs a reason."""
    before, held = frozen(site, batch), held_at(site, actor)
    defined = step_of(before, step)

    def rule(scene: Scene) -> Decision:
        check_hand(scene, defined, actor.person)
        record = batch_of(scene, batch)
        line = opened(scene, held, record)
        wanted = culture.labels_to_print(
            record, step, slot, reason_code=reason_code or None, container=container
        )
        serials: list[str] = []
        while len(serials) < sum(copies for _, copies in wanted):
            serial = mint_code(site, scene.book, CodeType.LABEL)
            if serial not in serials:
                serials.append(serial)
        drafts = culture.print_labels(
            record, step, slot, wanted=wanted, serials=serials, reason_code=reason_code or None
        )
        return Decision(drafts=(*drafts, *line))

    ask = Ask(
        request_id=request_id,
        act="print_labels",
        on=stream_of("batch", batch),
        write=held,
        asked={"step": step, "slot": slot, "reason": reason_code, "container": container},
        training=training_for(before, defined),
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
    before, held = frozen(site, batch), held_at(site, actor)
    defined, code = step_of(before, step), entered_code(serial, field="serial")

    def rule(scene: Scene) -> Decision:
        check_hand(scene, defined, actor.person)
        record = batch_of(scene, batch)
        line = opened(scene, held, record)
        drafts = culture.account_label(record, step, slot, serial=code, fate=fate, now=scene.now)
        return Decision(drafts=(*drafts, *line))

    ask = Ask(
        request_id=request_id,
        act="account_label",
        on=stream_of("batch", batch),
        write=held,
        asked={"step": step, "slot": slot, "serial": code, "fate": fate},
        training=training_for(before, defined),
    )
    return perform(site, actor, ask, rule)


def add_operation(
    site: Site, actor: Actor, request_id: str, *, batch: str, operation: str, reason: str
) -> Outcome:
    """An operation of the master batch record's list is to be done now, although nobody planned it, and why."""
    before = frozen(site, batch)
    kept = words(reason, field="reason")
    ask = Ask(
        request_id=request_id,
        act="add_operation",
        on=stream_of("batch", batch),
        asked={"operation": operation, "reason": reason},
        kept=(kept,),
        training=(before.master.code, before.master.version),
    )
    return perform(
        site,
        actor,
        ask,
        lambda scene: Decision(
            drafts=culture.add_operation(batch_of(scene, batch), operation, reason=kept.detached)
        ),
    )
