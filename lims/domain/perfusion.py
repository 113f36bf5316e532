"""The bedside: three-way match by two people, and the perfusion itself. Here an error harms a person at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from lims.domain.acts import Role
from lims.domain.batch_record import BatchRecord
from lims.domain.custody_chain import check_contiguous
from lims.domain.deviations import next_number, opened
from lims.domain.dose_given import Volumes, dose_deviations, given
from lims.domain.entries.batch import (
    CustodyOffered,
    HoldPlaced,
    IdentityConfirmed,
    IdentityMatched,
    IdentityMismatched,
    Perfused,
)
from lims.domain.entries.envelope import Detached, Draft
from lims.domain.entries.trial import RoundPerfused
from lims.domain.entries.values import Means
from lims.domain.master_batch_record import Milestone
from lims.domain.milestones import check_steps_before
from lims.domain.participant import Participant, check_arm, check_consent, check_interval
from lims.domain.refusals import BadEntry, NotAllowed, Refused
from lims.domain.trial.screened import check_goes_on, check_not_pregnant
from lims.domain.wristband import check_counts

LEGS = ("wristband", "product", "order")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTogether:
    """A code that could not be scanned was typed: why, and who read it too and proved it by PIN."""

    reason: Detached
    witness: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Legs:
    """The three codes as scanned at the bedside, each with its means."""

    wristband: str
    wristband_means: Means
    product: str
    product_means: Means
    order: str
    order_means: Means


def differing(batch: BatchRecord, participant: Participant, legs: Legs) -> tuple[str, ...]:
    """The scanned legs that do not belong to this person and this round; empty when all of them match.

    A leg that is not scanned yet is an empty code. Void bands, chart stickers and every other code fail here:
    only the serial in force is the wristband; the one that waits for its scan is hers, and refused with that reason.
    """
    order = participant.round(batch.issue.round).order
    wanted = {
        "wristband": participant.wristband or participant.band_waiting,
        "product": batch.unit_code,
        "order": order.order if order else None,
    }
    scanned = {"wristband": legs.wristband, "product": legs.product, "order": legs.order}
    return tuple(leg for leg in LEGS if scanned[leg] and scanned[leg] != wanted[leg])


def match(
    batch: BatchRecord,
    participant: Participant,
    legs: Legs,
    *,
    patient_stated: bool,
    checks: tuple[tuple[str, str], ...],
    appearance: str,
    holder_roles: frozenset[Role],
    now: datetime,
    typed: ReadTogether | None = None,
    scans: Detached | None = None,
) -> tuple[Draft, ...]:
    """The first person's check. A leg that differs is a hard stop on file: the batch is held, nobody overrides it.

    Everything else that must hold (released, unexpired, consent, arm, round, interval, clinic's checklist,
    product in the clinic's custody) is refused with its reason (I6, domain 4.4).
    """
    if not patient_stated:
        raise BadEntry("bedside.not_stated", field="patient_stated")
    wrong = differing(batch, participant, legs)
    if wrong:
        return _hard_stop(batch, wrong, product=legs.product, scans=scans)
    _check_whole(legs)
    _check_typed(legs, typed)
    check_may_be_given(batch, participant, holder_roles=holder_roles, now=now)
    check_steps_before(batch, Milestone.IDENTITY_CONFIRMED)
    _check_list(batch, dict(checks))
    if appearance != "normal":
        raise Refused("bedside.appearance")
    fact = IdentityMatched(
        wristband=legs.wristband,
        wristband_means=legs.wristband_means,
        product=legs.product,
        product_means=legs.product_means,
        order=legs.order,
        order_means=legs.order_means,
        patient_stated=patient_stated,
        checks=checks,
        appearance=appearance,
        valid_until=now + timedelta(minutes=batch.protocol.bedside_valid_minutes),
        typed_reason=typed.reason if typed else None,
        typed_witness=typed.witness if typed else "",
    )
    return (Draft(stream=batch.stream, fact=fact),)


def _check_whole(legs: Legs) -> None:
    """Nothing matches that was not scanned: band, product and order were all read (domain 4.4)."""
    for leg, code in zip(LEGS, (legs.wristband, legs.product, legs.order), strict=True):
        if not code:
            raise Refused("bedside.leg_missing", leg=leg)


def _check_still_here(batch: BatchRecord, *, started_at: datetime) -> None:
    """Between the second person's match and the start the product left nobody's hands (I6)."""
    assert batch.confirmed is not None
    for entry in batch.handovers:
        offered = isinstance(entry.fact, CustodyOffered) and entry.fact.container == batch.unit_code
        if offered and entry.seq > batch.confirmed.seq and entry.time <= started_at:
            raise Refused("bedside.not_here")


def _check_typed(legs: Legs, typed: ReadTogether | None) -> None:
    """The wristband is scanned; another code may be typed with a reason and a second reader (N3)."""
    if legs.wristband_means is Means.TYPED:
        raise Refused("bedside.typed")
    if Means.TYPED in (legs.product_means, legs.order_means) and typed is None:
        raise Refused("bedside.typed_alone")


def _check_unchanged(batch: BatchRecord, participant: Participant, matched: IdentityMatched) -> None:
    """What the first person scanned is still in force: no new band, no other order since."""
    seen = Legs(
        wristband=matched.wristband,
        wristband_means=matched.wristband_means,
        product=matched.product,
        product_means=matched.product_means,
        order=matched.order,
        order_means=matched.order_means,
    )
    if differing(batch, participant, seen):
        raise Refused("bedside.changed")
    check_counts(participant)


def stop(
    batch: BatchRecord, participant: Participant, legs: Legs, *, scans: Detached | None = None
) -> tuple[Draft, ...]:
    """A scanned leg differs: the hard stop is on file at once, before anybody enters anything else (domain 4.5)."""
    wrong = differing(batch, participant, legs)
    if not wrong:
        raise Refused("bedside.no_mismatch")
    return _hard_stop(batch, wrong, product=legs.product, scans=scans)


def check_may_be_given(
    batch: BatchRecord, participant: Participant, *, holder_roles: frozenset[Role], now: datetime
) -> None:
    """Released, unexpired by the server's time, not used, in the clinic's hands, for an eligible person and round."""
    if batch.released is None:
        raise Refused("custody.not_released")
    expiry = batch.expires_at
    if expiry is None or now >= expiry:
        raise Refused("bedside.expired", expiry=_local(batch, expiry) if expiry else "–")
    number = batch.issue.round
    if participant.round(number).perfused:
        raise Refused("round.perfused", round=number)
    check_counts(participant)
    check_consent(participant, batch.protocol)
    check_arm(participant, batch.protocol)
    check_interval(participant, number, batch.protocol, now=now, zone=batch.issue.zone)
    check_goes_on(participant.screening)
    check_not_pregnant(participant.screening)
    unit = batch.unit_code
    custody = batch.custody.get(unit) if unit else None
    if custody is None or custody.offer is not None or Role.CLINICIAN not in holder_roles:
        raise Refused("bedside.not_here")
    check_contiguous(batch)


def _check_list(batch: BatchRecord, given: dict[str, str]) -> None:
    for check in batch.protocol.bedside_checks:
        option = next((o for o in check.options if o.code == given.get(check.code)), None)
        if option is None:
            raise BadEntry("choice.unknown", field=f"check-{check.code}")
        if not option.acceptable:
            raise Refused("bedside.check", check=check.title.en, answer=option.title.en)


def _hard_stop(
    batch: BatchRecord, wrong: tuple[str, ...], *, product: str, scans: Detached | None
) -> tuple[Draft, ...]:
    number = next_number(batch)
    return (
        Draft(stream=batch.stream, fact=IdentityMismatched(legs=wrong, product=product, scans=scans)),
        opened(batch, rule="identity.mismatch", severity="critical", about=(("legs", ", ".join(wrong)),)),
        Draft(stream=batch.stream, fact=HoldPlaced(reason_code="identity_mismatch", reference=number)),
    )


def lock_foreign(batch: BatchRecord, legs: tuple[str, ...]) -> tuple[Draft, ...]:
    """The other half of a possible swap: the batch whose band, product or order was scanned here is held too."""
    number = next_number(batch)
    about = (("legs", ", ".join(legs)),)
    return (
        opened(batch, rule="identity.seen_elsewhere", severity="critical", about=about),
        Draft(stream=batch.stream, fact=HoldPlaced(reason_code="identity_mismatch", reference=number)),
    )


def confirm(
    batch: BatchRecord,
    participant: Participant,
    legs: Legs,
    *,
    person: str,
    holder_roles: frozenset[Role],
    now: datetime,
    typed: ReadTogether | None = None,
    scans: Detached | None = None,
) -> tuple[Draft, ...]:
    """The second person makes the same match alone, while the first is still valid."""
    matched = batch.match
    if matched is None or batch.matched is None:
        raise Refused("bedside.no_match")
    if batch.matched.person == person:
        raise NotAllowed("bedside.same_person")
    wrong = differing(batch, participant, legs)
    if wrong:
        return _hard_stop(batch, wrong, product=legs.product, scans=scans)
    _check_whole(legs)
    _check_typed(legs, typed)
    _check_unchanged(batch, participant, matched)
    if now > matched.valid_until:
        raise Refused("bedside.lapsed", until=_local(batch, matched.valid_until))
    check_may_be_given(batch, participant, holder_roles=holder_roles, now=now)
    fact = IdentityConfirmed(
        matched_seq=batch.matched.seq,
        wristband=legs.wristband,
        product=legs.product,
        order=legs.order,
        product_means=legs.product_means,
        order_means=legs.order_means,
        typed_reason=typed.reason if typed else None,
        typed_witness=typed.witness if typed else "",
    )
    return (Draft(stream=batch.stream, fact=fact),)


def perfuse(
    batch: BatchRecord,
    participant: Participant,
    *,
    started_at: datetime,
    ended_at: datetime,
    catheter: str,
    volumes: Volumes,
    reaction: str,
    now: datetime,
) -> tuple[Draft, ...]:
    """The product was given: what was given, returned and wasted is what was filled, and the dose what was given (F11).

    Refused unless two people matched identity and round while the check was valid, before expiry (I6), and the
    round has no perfusion (I12). An incomplete dose stays on file and opens a deviation.
    """
    matched, second = batch.match, batch.second_match
    if matched is None or second is None or batch.matched is None or batch.confirmed is None:
        raise Refused("bedside.no_match")
    expiry = batch.expires_at
    if expiry is None or started_at >= expiry:
        raise Refused("bedside.expired", expiry=_local(batch, expiry) if expiry else "–")
    if not batch.confirmed.time <= started_at <= ended_at <= now:
        raise BadEntry("perfusion.times", field="started_at")
    if started_at > matched.valid_until:
        raise Refused("bedside.lapsed", until=_local(batch, matched.valid_until))
    if participant.round(batch.issue.round).perfused:
        raise Refused("round.perfused", round=batch.issue.round)
    _check_still_here(batch, started_at=started_at)
    _check_unchanged(batch, participant, matched)
    check_consent(participant, batch.protocol)
    check_steps_before(batch, Milestone.PERFUSED)
    drafts = [given(batch, started_at, ended_at, catheter, volumes, reaction)]
    fact = drafts[0].fact
    assert isinstance(fact, Perfused)
    drafts += dose_deviations(batch, fact)
    perfused = RoundPerfused(round=batch.issue.round, batch=batch.number, perfused_at=started_at)
    return (*drafts, Draft(stream=participant.stream, fact=perfused))


def _local(batch: BatchRecord, moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(batch.issue.zone)).isoformat(sep=" ", timespec="minutes")
