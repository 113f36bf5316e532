"""What is done at the bedside."""

from dataclasses import dataclass
from datetime import datetime

from lims.actions.detach import Kept, keep, words
from lims.actions.frozen import frozen
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, batch_of, perform
from lims.domain import notices, perfusion
from lims.domain.acts import ALIVE, Role
from lims.domain.batch_record import BatchRecord
from lims.domain.deviations import next_number
from lims.domain.dose_given import Volumes
from lims.domain.entered import entered_amount, entered_code
from lims.domain.entries.batch import IdentityMismatched
from lims.domain.entries.envelope import Draft, stream_of
from lims.domain.entries.values import Means
from lims.domain.participant import Participant
from lims.domain.perfusion import Legs
from lims.domain.refusals import BadEntry
from lims.domain.rows import BatchRow, CodeRow
from lims.ledger.read_tables import find


def read_legs(
    *,
    wristband: str,
    product: str,
    order: str,
    wristband_means: Means = Means.SCANNED,
    product_means: Means = Means.SCANNED,
    order_means: Means = Means.SCANNED,
) -> Legs:
    """The three codes as scanned; each is refused at its own field when its check digits are wrong."""
    return Legs(
        wristband=entered_code(wristband, field="wristband"),
        wristband_means=wristband_means,
        product=entered_code(product, field="product"),
        product_means=product_means,
        order=entered_code(order, field="order"),
        order_means=order_means,
    )


def _foreign(site: Site, number: str, legs: Legs) -> tuple[str, ...]:
    """Other batches to which a scanned band, product or order belongs: each is locked and held as well (domain 4.5).

    A band leads to every batch of the woman who wears it that can still reach her, an order to the one of its round.
    """
    own, found = stream_of("batch", number), set[str]()
    with site.ledger.reading() as book:
        here = {row.participant for row in find(book, BatchRow, number=number)}
        for code in filter(None, (legs.wristband, legs.product, legs.order)):
            for row in find(book, CodeRow, code=code):
                if row.what == "container":
                    found.add(row.stream)
                elif row.participant is not None and (row.round or row.participant not in here):
                    alive = find(book, BatchRow, participant=row.participant, alive=True)
                    found |= {other.stream for other in alive if row.round in (None, other.round)}
    return tuple(sorted(found - {own}))


def _holder_roles(scene: Scene, batch: BatchRecord) -> frozenset[Role]:
    held = batch.custody.get(batch.unit_code or "")
    return scene.person(held.holder).roles_on(scene.today) if held else frozenset()


def _with_foreign(
    scene: Scene,
    batch: BatchRecord,
    drafts: tuple[Draft, ...],
    foreign: tuple[str, ...],
    *,
    scans: Kept,
    kept: tuple[Kept, ...] = (),
) -> Decision:
    """After a mismatch every batch that a scanned code belongs to is held in the same act, and the scans are kept."""
    stopped = next((d.fact for d in drafts if isinstance(d.fact, IdentityMismatched)), None)
    if stopped is None:
        return Decision(drafts=drafts, kept=kept)
    drafts += notices.give(batch, "mismatch", reference=next_number(batch), now=scene.now)
    for stream in foreign:
        other = scene.load(stream, BatchRecord)
        if other.stage in ALIVE:
            drafts += perfusion.lock_foreign(other, stopped.legs)
            drafts += notices.give(other, "mismatch", reference=next_number(other), now=scene.now)
    return Decision(drafts=drafts, kept=(scans,))


def _as_read(legs: Legs) -> Kept:
    """Every code as it was read, beside the chain: one of them can be another person's."""
    said = (
        f"wristband {legs.wristband} {legs.wristband_means.value}",
        f"product {legs.product} {legs.product_means.value}",
        f"order {legs.order} {legs.order_means.value}",
    )
    return keep("\n".join(said), sort="identity")


LEAST_REASON = 5
"""Letters that say at least why a code could not be scanned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedCode:
    """Why a code was typed, and the second person who read it too, proved by PIN."""

    reason: str
    witness: Actor


def _read_together(typed: TypedCode | None) -> tuple[perfusion.ReadTogether | None, tuple[Kept, ...]]:
    if typed is None:
        return None, ()
    kept = words(typed.reason, field="typed_reason", least=LEAST_REASON)
    return perfusion.ReadTogether(reason=kept.detached, witness=typed.witness.person), (kept,)


def match_identity(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    legs: Legs,
    patient_stated: bool,
    checks: tuple[tuple[str, str], ...],
    appearance: str,
    typed: TypedCode | None = None,
) -> Outcome:
    """The first person's three-way match. The outcome holds IdentityMatched, or IdentityMismatched: STOP."""
    before = frozen(site, batch)
    participant = stream_of("participant", before.issue.participant)
    foreign, scans = _foreign(site, batch, legs), _as_read(legs)
    together, kept = _read_together(typed)

    def rule(scene: Scene) -> Decision:
        record = batch_of(scene, batch)
        drafts = perfusion.match(
            record,
            scene.load(participant, Participant),
            legs,
            patient_stated=patient_stated,
            checks=checks,
            appearance=appearance,
            holder_roles=_holder_roles(scene, record),
            now=scene.now,
            typed=together,
            scans=scans.detached,
        )
        return _with_foreign(scene, record, drafts, foreign, scans=scans, kept=kept)

    ask = Ask(
        request_id=request_id,
        act="match_identity",
        on=stream_of("batch", batch),
        asked=_asked(legs)
        | {"checks": repr(checks), "appearance": appearance, "patient_stated": str(patient_stated)}
        | _asked_typed(typed),
        write=foreign,
        read=(participant,),
        witness=typed.witness if typed else None,
    )
    return perform(site, actor, ask, rule)


def report_mismatch(site: Site, actor: Actor, request_id: str, *, batch: str, legs: Legs) -> Outcome:
    """A scan at the bedside differs: STOP is on file and the batches are held, whatever becomes of the page."""
    before = frozen(site, batch)
    participant = stream_of("participant", before.issue.participant)
    foreign, scans = _foreign(site, batch, legs), _as_read(legs)

    def rule(scene: Scene) -> Decision:
        record = batch_of(scene, batch)
        drafts = perfusion.stop(record, scene.load(participant, Participant), legs, scans=scans.detached)
        return _with_foreign(scene, record, drafts, foreign, scans=scans)

    ask = Ask(
        request_id=request_id,
        act="report_mismatch",
        on=stream_of("batch", batch),
        asked=_asked(legs),
        write=foreign,
        read=(participant,),
    )
    return perform(site, actor, ask, rule)


def confirm_identity(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    legs: Legs,
    typed: TypedCode | None = None,
) -> Outcome:
    """The second person's own match, in a session of their own."""
    before = frozen(site, batch)
    participant = stream_of("participant", before.issue.participant)
    foreign, scans = _foreign(site, batch, legs), _as_read(legs)
    together, kept = _read_together(typed)

    def rule(scene: Scene) -> Decision:
        record = batch_of(scene, batch)
        drafts = perfusion.confirm(
            record,
            scene.load(participant, Participant),
            legs,
            person=actor.person,
            holder_roles=_holder_roles(scene, record),
            now=scene.now,
            typed=together,
            scans=scans.detached,
        )
        return _with_foreign(scene, record, drafts, foreign, scans=scans, kept=kept)

    ask = Ask(
        request_id=request_id,
        act="confirm_identity",
        on=stream_of("batch", batch),
        asked=_asked(legs) | _asked_typed(typed),
        write=foreign,
        read=(participant,),
        witness=typed.witness if typed else None,
    )
    return perform(site, actor, ask, rule)


def _asked(legs: Legs) -> dict[str, str]:
    return {
        "wristband": legs.wristband,
        "product": legs.product,
        "order": legs.order,
        "means": f"{legs.wristband_means} {legs.product_means} {legs.order_means}",
    }


def _asked_typed(typed: TypedCode | None) -> dict[str, str]:
    return {"typed_reason": typed.reason, "typed_witness": typed.witness.person} if typed else {}


def record_perfusion(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    started_at: datetime,
    ended_at: datetime,
    catheter: str,
    given: str,
    residual: str,
    wasted: str,
    reaction: str,
    shown: str | None = None,
) -> Outcome:
    """The product was given; three volumes account for what was filled, and the dose is what was given."""
    before = frozen(site, batch)
    participant = stream_of("participant", before.issue.participant)
    volumes = Volumes(
        given=entered_amount(given, field="given"),
        residual=entered_amount(residual, field="residual"),
        wasted=entered_amount(wasted, field="wasted"),
    )
    if not catheter.strip():
        raise BadEntry("text.empty", field="catheter", least=1)
    if reaction not in ("none", "pain", "bleeding", "other"):
        raise BadEntry("choice.unknown", field="reaction")

    def rule(scene: Scene) -> Decision:
        drafts = perfusion.perfuse(
            batch_of(scene, batch),
            scene.load(participant, Participant),
            started_at=started_at,
            ended_at=ended_at,
            catheter=catheter.strip(),
            volumes=volumes,
            reaction=reaction,
            now=scene.now,
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="record_perfusion",
        on=stream_of("batch", batch),
        asked={
            "started_at": started_at.isoformat(),
            "ended_at": ended_at.isoformat(),
            "catheter": catheter,
            "given": given,
            "residual": residual,
            "wasted": wasted,
            "reaction": reaction,
        },
        about=(("participant", before.issue.participant), ("round", str(before.issue.round))),
        write=(participant,),
        shown=shown,
    )
    return perform(site, actor, ask, rule)
