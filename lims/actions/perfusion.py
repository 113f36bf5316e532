"""What is done at the bedside."""

from datetime import datetime

from lims.actions.frozen import frozen
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, batch_of, perform
from lims.domain import perfusion
from lims.domain.acts import ALIVE, Role
from lims.domain.batch_record import BatchRecord
from lims.domain.entered import entered_amount, entered_code
from lims.domain.entries.batch import IdentityMismatched
from lims.domain.entries.envelope import Draft, stream_of
from lims.domain.entries.values import Means
from lims.domain.participant import Participant
from lims.domain.perfusion import Legs
from lims.domain.refusals import BadEntry
from lims.domain.rows import CodeRow
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


def _foreign(site: Site, number: str, legs: Legs) -> str | None:
    """The other batch whose product was scanned here: it is locked and held as well (domain 4.5)."""
    with site.ledger.reading() as book:
        rows = find(book, CodeRow, code=legs.product, what="container", limit=1)
    own = stream_of("batch", number)
    return rows[0].stream if rows and rows[0].stream != own else None


def _holder_roles(scene: Scene, batch: BatchRecord) -> frozenset[Role]:
    held = batch.custody.get(batch.unit_code or "")
    return scene.person(held.holder).roles_on(scene.today) if held else frozenset()


def _with_foreign(scene: Scene, drafts: tuple[Draft, ...], foreign: str | None) -> Decision:
    """After a mismatch the batch of the scanned product is held in the same act."""
    mismatch = any(isinstance(draft.fact, IdentityMismatched) for draft in drafts)
    if mismatch and foreign is not None:
        other = scene.load(foreign, BatchRecord)
        if other.stage in ALIVE:
            drafts += perfusion.lock_foreign(other)
    return Decision(drafts=drafts)


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
) -> Outcome:
    """The first person's three-way match. The outcome holds IdentityMatched, or IdentityMismatched: STOP."""
    before = frozen(site, batch)
    participant = stream_of("participant", before.issue.participant)
    foreign = _foreign(site, batch, legs)

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
        )
        return _with_foreign(scene, drafts, foreign)

    ask = Ask(
        request_id=request_id,
        act="match_identity",
        on=stream_of("batch", batch),
        asked=_asked(legs)
        | {"checks": repr(checks), "appearance": appearance, "patient_stated": str(patient_stated)},
        write=(foreign,) if foreign else (),
        read=(participant,),
    )
    return perform(site, actor, ask, rule)


def report_mismatch(site: Site, actor: Actor, request_id: str, *, batch: str, legs: Legs) -> Outcome:
    """A scan at the bedside differs: STOP is on file and the batches are held, whatever becomes of the page."""
    before = frozen(site, batch)
    participant = stream_of("participant", before.issue.participant)
    foreign = _foreign(site, batch, legs) if legs.product else None

    def rule(scene: Scene) -> Decision:
        drafts = perfusion.stop(batch_of(scene, batch), scene.load(participant, Participant), legs)
        return _with_foreign(scene, drafts, foreign)

    ask = Ask(
        request_id=request_id,
        act="report_mismatch",
        on=stream_of("batch", batch),
        asked=_asked(legs),
        write=(foreign,) if foreign else (),
        read=(participant,),
    )
    return perform(site, actor, ask, rule)


def confirm_identity(site: Site, actor: Actor, request_id: str, *, batch: str, legs: Legs) -> Outcome:
    """The second person's own match, in a session of their own."""
    before = frozen(site, batch)
    participant = stream_of("participant", before.issue.participant)
    foreign = _foreign(site, batch, legs)

    def rule(scene: Scene) -> Decision:
        record = batch_of(scene, batch)
        drafts = perfusion.confirm(
            record,
            scene.load(participant, Participant),
            legs,
            person=actor.person,
            holder_roles=_holder_roles(scene, record),
            now=scene.now,
        )
        return _with_foreign(scene, drafts, foreign)

    ask = Ask(
        request_id=request_id,
        act="confirm_identity",
        on=stream_of("batch", batch),
        asked=_asked(legs),
        write=(foreign,) if foreign else (),
        read=(participant,),
    )
    return perform(site, actor, ask, rule)


def _asked(legs: Legs) -> dict[str, str]:
    return {
        "wristband": legs.wristband,
        "product": legs.product,
        "order": legs.order,
        "means": f"{legs.wristband_means} {legs.product_means} {legs.order_means}",
    }


def record_perfusion(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    started_at: datetime,
    ended_at: datetime,
    catheter: str,
    residual: str,
    reaction: str,
    shown: str | None = None,
) -> Outcome:
    """The product was given; what was delivered is computed from what stayed behind."""
    before = frozen(site, batch)
    participant = stream_of("participant", before.issue.participant)
    left = entered_amount(residual, field="residual")
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
            residual=left,
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
            "residual": residual,
            "reaction": reaction,
        },
        about=(("participant", before.issue.participant), ("round", str(before.issue.round))),
        write=(participant,),
        shown=shown,
    )
    return perform(site, actor, ask, rule)
