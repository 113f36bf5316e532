"""Custody of a container: offered by its holder, taken or refused by the receiver in a session of their own."""

from datetime import datetime, timedelta
from decimal import Decimal

from lims.domain.acts import ACTS, Role, Stage
from lims.domain.batch_record import BatchRecord
from lims.domain.computing import cascade
from lims.domain.custody_chain import GAP_RULE, deviation_of, longest_wait
from lims.domain.deviations import opened
from lims.domain.entries.batch import (
    CustodyOffered,
    CustodyRefused,
    CustodyTaken,
    EvidenceRecorded,
)
from lims.domain.entries.envelope import Detached, Draft, Entry
from lims.domain.entries.values import HandedOver, Judged, Means
from lims.domain.evidence import check_order
from lims.domain.master_batch_record import HandoverSlot, Step
from lims.domain.refusals import BadEntry, NotAllowed, Refused
from lims.domain.storage import check_out_of_storage

TAKERS = ACTS["take_custody"].by
"""Roles that something can be handed to."""


def offer(
    batch: BatchRecord,
    *,
    container: str,
    person: str,
    from_place: str,
    to_place: str,
    to_role: str,
    condition: str,
    seal: str | None,
    temperature: Decimal | None,
    step: str | None,
    slot: str | None,
    now: datetime,
) -> tuple[Draft, ...]:
    """The holder hands a container over. The product leaves the laboratory only released and unexpired (C10)."""
    known = batch.containers.get(container)
    if known is None:
        raise Refused("scan.other_batch")
    custody = batch.custody.get(container)
    if custody and custody.offer:
        raise Refused("custody.open_offer", name=known.container)
    if custody and custody.holder != person:
        raise Refused("custody.not_holder", name=known.container, holder=custody.holder)
    check_out_of_storage(batch, container)
    event = "transfer"
    if step and slot:
        check_order(batch, step)
        wanted = batch.slot_of(step, slot)
        if not isinstance(wanted, HandoverSlot) or known.container != wanted.container:
            raise Refused(
                "scan.wrong_kind", found=known.container, wanted=wanted.title.en if wanted else slot
            )
        if batch.is_filled(step, wanted):
            raise Refused("step.done", step=step)
        event, to_role = wanted.event, wanted.to_role
    elif (waiting := step_for(batch, known.container, to_role)) is not None:
        raise Refused("custody.by_step", name=known.container, step=waiting.code)
    if to_role not in TAKERS:
        raise BadEntry("choice.unknown", field="to_role")
    if container == batch.unit_code and to_role == Role.CLINICIAN:
        _check_leaves(batch, now=now)
    if condition not in ("good", "damaged"):
        raise BadEntry("choice.unknown", field="condition")
    fact = CustodyOffered(
        event=event,
        container=container,
        from_place=from_place,
        to_place=to_place,
        to_role=to_role,
        condition=condition,
        seal=seal,
        temperature=temperature,
        step=step,
        slot=slot,
    )
    drafts = [Draft(stream=batch.stream, fact=fact)]
    if custody and custody.room not in (None, from_place):
        moved = f"{custody.room} → {from_place}"
        drafts.append(_gap(batch, seq=batch.seq + 1, container=container, value=moved))
    return tuple(drafts)


def _gap(batch: BatchRecord, *, seq: int, container: str, value: str) -> Draft:
    """The deviation in which quality decides what became of it while the record does not tell."""
    about = (("name", container), ("entry", str(seq)), ("value", value))
    return opened(batch, rule=GAP_RULE, severity="major", about=about)


def unconfirmed(batch: BatchRecord, *, seq: int, now: datetime) -> tuple[Draft, ...]:
    """Nobody took it over in time: the deviation opens by itself, once, whether timer or receiver came first."""
    offer = batch.entries[seq - 1]
    if not isinstance(offer.fact, CustodyOffered) or deviation_of(batch, seq):
        return ()
    held = batch.custody.get(offer.fact.container)
    waits = held is not None and held.offer is not None and held.offer.seq == seq
    if not waits or now - offer.time <= longest_wait(batch):
        return ()
    minutes = int((now - offer.time).total_seconds()) // 60
    return (_gap(batch, seq=seq, container=offer.fact.container, value=f"{minutes} min"),)


def step_for(batch: BatchRecord, container: str, to_role: str) -> Step | None:
    """The step that is still to hand this container to this role; beside it the hand-over would miss its record."""
    for step in batch.plan:
        for slot in step.evidence:
            if isinstance(slot, HandoverSlot) and (slot.container, slot.to_role) == (container, to_role):
                if not batch.is_filled(step.code, slot):
                    return step
    return None


def _check_leaves(batch: BatchRecord, *, now: datetime) -> None:
    if batch.stage is not Stage.RELEASED or batch.expires_at is None:
        raise Refused("custody.not_released")
    least = timedelta(hours=batch.protocol.least_hours_at_dispatch)
    if batch.expires_at - now < least:
        raise Refused(
            "release.shelf_life",
            left=f"{max(batch.expires_at - now, timedelta(0)) // timedelta(minutes=1)} min",
            least=batch.protocol.least_hours_at_dispatch,
        )


def take(
    batch: BatchRecord,
    *,
    scanned: str,
    means: Means,
    person: str,
    name: str,
    roles: frozenset[Role],
    condition: str,
    temperature: Decimal | None,
    place: str | None = None,
    now: datetime,
) -> tuple[Draft, ...]:
    """The receiver confirms by scanning what was handed over; giver and receiver differ (domain 4.2)."""
    entry, offered = _offer_for(batch, scanned, person=person, roles=roles)
    if condition not in ("good", "damaged"):
        raise BadEntry("choice.unknown", field="condition")
    taken = CustodyTaken(
        offered_seq=entry.seq,
        container=scanned,
        means=means,
        condition=condition,
        temperature=temperature,
        place=place,
    )
    drafts = [Draft(stream=batch.stream, fact=taken), *unconfirmed(batch, seq=entry.seq, now=now)]
    if offered.step and offered.slot:
        value = HandedOver(event=offered.event, to_person=person, to_name=name)
        evidence = EvidenceRecorded(
            step=offered.step, slot=offered.slot, value=value, judged=Judged.UNJUDGED, limit=None
        )
        drafts.append(Draft(stream=batch.stream, fact=evidence))
    return (*drafts, *cascade(batch, drafts, now=now))


def refuse(
    batch: BatchRecord, *, container: str, person: str, roles: frozenset[Role], reason: Detached | None
) -> tuple[Draft, ...]:
    """The receiver does not take it, and says why; custody stays with the giver."""
    entry, _ = _offer_for(batch, container, person=person, roles=roles)
    if reason is None:
        raise BadEntry("text.empty", field="reason", least=1)
    return (Draft(stream=batch.stream, fact=CustodyRefused(offered_seq=entry.seq, reason=reason)),)


def _offer_for(
    batch: BatchRecord, container: str, *, person: str, roles: frozenset[Role]
) -> tuple[Entry, CustodyOffered]:
    custody = batch.custody.get(container)
    if custody is None or custody.offer is None:
        offered = any(item.offer for item in batch.custody.values())
        raise Refused("custody.other_container" if offered else "custody.no_offer")
    fact = custody.offer.fact
    assert isinstance(fact, CustodyOffered)
    if custody.offer.person == person:
        raise NotAllowed("custody.self")
    if Role(fact.to_role) not in roles:
        raise NotAllowed("custody.role", role=fact.to_role)
    return custody.offer, fact
