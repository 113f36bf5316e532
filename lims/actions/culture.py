"""What is done at the bench: evidence, corrections, steps, labels, deviations."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from lims.actions.detach import Kept, words, words_or_none
from lims.actions.people import mint_code
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, batch_of, perform
from lims.domain import culture, deviations, evidence
from lims.domain.batch_record import BatchRecord
from lims.domain.codes import CodeType
from lims.domain.entered import entered_code
from lims.domain.entries.envelope import Draft, stream_of
from lims.domain.entries.values import Means
from lims.domain.equipment import Equipment
from lims.domain.evidence import Asked, Found, Given
from lims.domain.master_batch_record import (
    AnySlot,
    LabelSlot,
    SecondPersonSlot,
    Step,
)
from lims.domain.materials import Lot
from lims.domain.quantities import LONGEST_ENTRY
from lims.domain.refusals import BadEntry, Refused
from lims.domain.rows import CodeRow
from lims.domain.statements import about_step
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find


def frozen(site: Site, number: str) -> BatchRecord:
    """The batch as it stands before the lock: its master batch record never changes, so strengths can be read."""
    with site.ledger.reading() as book:
        actor = Actor(person="", station="")
        return batch_of(Scene(site=site, book=book, now=site.clock.now(), actor=actor), number)


def _step(batch: BatchRecord, code: str) -> Step:
    try:
        return batch.master.step(code)
    except KeyError:
        raise Refused("step.unknown", what=code) from None


def _training(batch: BatchRecord, step: Step) -> tuple[str, str]:
    return (step.training or batch.master.code, batch.master.version)


def record_evidence(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    step: str,
    slot: str,
    raw: str = "",
    means: Means = Means.TYPED,
    option: str = "",
    counts: tuple[tuple[str, str], ...] = (),
    dilution: str = "",
    text: str = "",
    at: datetime | None = None,
    reason: str = "",
    witness: Actor | None = None,
) -> Outcome:
    """One slot, one request: whatever the slot takes is given, everything else stays empty."""
    before = frozen(site, batch)
    defined, wanted = _step(before, step), before.slot_of(step, slot)
    given, kept = _given(
        wanted, raw=raw, means=means, option=option, counts=counts, dilution=dilution, text=text
    )
    late = words_or_none(reason, field="reason")
    given = replace(given, at=at, reason=late.detached if late else None)
    touched = _touched(site, given.raw) if _is_scan(wanted) else None
    seconded = isinstance(wanted, SecondPersonSlot)

    def rule(scene: Scene) -> Decision:
        record = batch_of(scene, batch)
        found = _found(scene, record, given.raw, touched)
        name = scene.person(witness.person).name if witness else ""
        asked = Asked(
            step=step,
            slot=slot,
            given=given,
            person=actor.person,
            witness=witness.person if witness else None,
            witness_name=name,
        )
        drafts = evidence.record(record, asked, found, now=scene.now)
        return Decision(by_witness=drafts) if seconded else Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="witness_step" if seconded else "record_evidence",
        on=stream_of("batch", batch),
        asked=_asked(step, slot, raw, option, counts, dilution, text, at, reason),
        write=(touched,) if touched else (),
        kept=(kept, late),
        witness=witness,
        performed_as="record_evidence" if seconded else "",
        training=_training(before, defined),
    )
    return perform(site, actor, ask, rule)


def _asked(
    step: str,
    slot: str,
    raw: str,
    option: str,
    counts: tuple[tuple[str, str], ...],
    dilution: str,
    text: str,
    at: datetime | None,
    reason: str,
) -> dict[str, str]:
    return {
        "step": step,
        "slot": slot,
        "raw": raw,
        "option": option,
        "counts": repr(counts),
        "dilution": dilution,
        "text": text,
        "at": at.isoformat() if at else "",
        "reason": reason,
    }


def _is_scan(slot: AnySlot | None) -> bool:
    return slot is not None and (slot.kind.startswith("scan_") or slot.kind == "sample")


def _given(
    slot: AnySlot | None,
    *,
    raw: str,
    means: Means,
    option: str,
    counts: tuple[tuple[str, str], ...],
    dilution: str,
    text: str,
) -> tuple[Given, Kept | None]:
    if _is_scan(slot):
        return Given(raw=entered_code(raw, field="raw"), means=means), None
    if slot is not None and slot.kind == "text":
        kept = words(text, field="text", longest=slot.longest)
        return Given(words=kept.detached), kept
    if len(raw) > LONGEST_ENTRY:  # a refusal that names both values would keep it for ever
        raise BadEntry("number.too_long", field="raw", limit=LONGEST_ENTRY)
    if len(option) > LONGEST_ENTRY:
        raise BadEntry("choice.unknown", field="option")
    return Given(raw=raw, means=means, option=option, counts=counts, dilution=dilution), None


def _touched(site: Site, code: str) -> str | None:
    """The stream of the lot or the equipment item that carries the code, which the act writes as well."""
    with site.ledger.reading() as book:
        row = _owner(book, code)
    return row.stream if row and row.what in ("lot", "equipment") else None


def _owner(book: Book, code: str) -> CodeRow | None:
    found = find(book, CodeRow, code=code, limit=1)
    return found[0] if found else None


def _found(scene: Scene, batch: BatchRecord, code: str, touched: str | None) -> Found:
    """What the code is, folded under the lock."""
    if touched and touched.startswith("lot:"):
        return Found(lot=scene.load(touched, Lot))
    if touched:
        return Found(equipment=scene.load(touched, Equipment))
    if not code or code in batch.containers:
        return Found()
    row = _owner(scene.book, code)
    if row is None or row.what != "container":
        return Found()
    same = row.participant == batch.issue.participant
    return Found(elsewhere="other_round" if same and row.round != batch.issue.round else "other_batch")


def correct_evidence(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    step: str,
    slot: str,
    replaces_seq: int,
    reason_code: str,
    raw: str = "",
    option: str = "",
    counts: tuple[tuple[str, str], ...] = (),
    dilution: str = "",
    text: str = "",
    at: datetime | None = None,
    reason: str = "",
) -> Outcome:
    """A later value with a reason; the first stays on file, verifications fall back, calculations run again."""
    before = frozen(site, batch)
    defined, wanted = _step(before, step), before.slot_of(step, slot)
    given, kept = _given(
        wanted, raw=raw, means=Means.TYPED, option=option, counts=counts, dilution=dilution, text=text
    )
    why = words_or_none(reason, field="reason")
    given = replace(given, at=at, reason=why.detached if why else None)

    def rule(scene: Scene) -> Decision:
        asked = Asked(step=step, slot=slot, given=given, person=actor.person)
        drafts = evidence.correct(
            batch_of(scene, batch),
            asked,
            now=scene.now,
            replaces_seq=replaces_seq,
            reason_code=reason_code,
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="correct_evidence",
        on=stream_of("batch", batch),
        asked=_asked(step, slot, raw, option, counts, dilution, text, at, reason)
        | {"replaces": str(replaces_seq), "reason_code": reason_code},
        kept=(kept, why),
        training=_training(before, defined),
    )
    return perform(site, actor, ask, rule)


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
    defined = _step(before, step)
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
        training=_training(before, defined),
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
        training=_training(before, _step(before, step)),
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
        training=_training(before, _step(before, step)),
    )
    return perform(site, actor, ask, rule)


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

    def rule(scene: Scene) -> Decision:
        drafts = deviations.open_by_person(
            batch_of(scene, batch), words=kept.detached, step=step, severity=severity
        )
        return Decision(drafts=drafts)

    asked = {"step": step or "", "text": text, "severity": severity}
    ask = Ask(
        request_id=request_id,
        act="open_deviation",
        on=stream_of("batch", batch),
        asked=asked,
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
