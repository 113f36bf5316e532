"""What is done about lots and equipment."""

from collections.abc import Mapping
from datetime import date

from lims.actions.detach import words_or_none
from lims.actions.people import mint_code
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, perform
from lims.authoring.stock import load_stock
from lims.domain import gs1, materials
from lims.domain.codes import CodeType
from lims.domain.entered import entered_amount
from lims.domain.entries.envelope import Draft, stream_of
from lims.domain.entries.supply import (
    LotReceived,
)
from lims.domain.entries.values import Means
from lims.domain.materials import Lot, fold_lot, release
from lims.domain.refusals import BadEntry


def receive_lot(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    item: str,
    supplier: str,
    supplier_lot: str,
    expires: date,
    quantity: str,
    unit: str,
    scan: str = "",
    means: Means = Means.TYPED,
    in_use_hours: int | None = None,
    containers: int | None = None,
) -> Outcome:
    """A lot arrives in quarantine under a code of its own; `scan` is the supplier's code that filled the form.

    `in_use_hours` is how long an opened container may be used, `containers` how many came.
    """
    amount = entered_amount(quantity, field="quantity")
    for field, text in (("item", item), ("supplier", supplier), ("supplier_lot", supplier_lot)):
        if not text.strip():
            raise BadEntry("text.empty", field=field, least=1)
    if containers is not None and containers < 1:
        raise BadEntry("number.whole", field="containers")
    with site.ledger.reading() as book:
        code = mint_code(site, book, CodeType.MATERIAL_LOT)
    stream = stream_of("lot", code)

    def rule(scene: Scene) -> Decision:
        if expires < scene.today:
            raise BadEntry("lot.expired", field="expires", lot=supplier_lot, expires=expires.isoformat())
        label = gs1.read(scan, today=scene.today) if scan else None
        given = {"item": item, "supplier_lot": supplier_lot, "expires": expires}
        fact = LotReceived(
            item=item,
            supplier=supplier,
            supplier_lot=supplier_lot,
            expires=expires,
            quantity=amount,
            unit=unit,
            gtin=label.gtin if label else "",
            means=means if label else None,
            changed=_changed(label, given) if label else (),
            in_use_hours=in_use_hours,
            containers=containers,
        )
        return Decision(drafts=(Draft(stream=stream, fact=fact),))

    asked = {
        "item": item,
        "supplier": supplier,
        "lot": supplier_lot,
        "expires": expires.isoformat(),
        "quantity": quantity,
        "unit": unit,
        "scan": gs1.kept(scan),
        "containers": str(containers or ""),
    }
    ask = Ask(request_id=request_id, act="receive_lot", on=stream, asked=asked, makes=True)
    return perform(site, actor, ask, rule)


def _changed(label: gs1.Label, given: Mapping[str, object]) -> tuple[str, ...]:
    """What was received otherwise than the supplier's code says it."""
    said = {"item": load_stock().item_of(label.gtin), "supplier_lot": label.lot, "expires": label.expires}
    return tuple(name for name, value in said.items() if value and value != given[name])


def release_lot(site: Site, actor: Actor, request_id: str, *, lot: str, certificate: str) -> Outcome:
    """Quality releases a lot against its certificate."""
    stream = stream_of("lot", lot)
    about = lot_about(site, stream)

    def rule(scene: Scene) -> Decision:
        return Decision(drafts=release(scene.load(stream, Lot), certificate=certificate, today=scene.today))

    asked = {"lot": lot, "certificate": certificate}
    ask = Ask(request_id=request_id, act="release_lot", on=stream, asked=asked, about=about)
    return perform(site, actor, ask, rule)


def lot_about(site: Site, stream: str) -> tuple[tuple[str, str], ...]:
    """What a signature about a lot names."""
    with site.ledger.reading() as book:
        lot = fold_lot(stream, book.entries(stream))
    return (("lot", lot.supplier_lot), ("item", lot.item))


def open_container(site: Site, actor: Actor, request_id: str, *, lot: str) -> Outcome:
    """The next container of the lot is opened; its in-use life begins now."""
    stream = stream_of("lot", lot)

    def rule(scene: Scene) -> Decision:
        on_file = scene.load(stream, Lot)
        return Decision(drafts=materials.open_container(on_file, now=scene.now, today=scene.today))

    return perform(
        site, actor, Ask(request_id=request_id, act="open_container", on=stream, asked={"lot": lot}), rule
    )


def count_stock(
    site: Site, actor: Actor, request_id: str, *, lot: str, counted: str, reason_code: str, reason: str = ""
) -> Outcome:
    """Somebody counted what is there, and says why the book was wrong."""
    stream = stream_of("lot", lot)
    amount = entered_amount(counted, field="counted")
    kept = words_or_none(reason, field="reason")

    def rule(scene: Scene) -> Decision:
        drafts = materials.count_stock(
            scene.load(stream, Lot),
            counted=amount,
            reason_code=reason_code,
            reason=kept.detached if kept else None,
        )
        return Decision(drafts=drafts)

    asked = {"lot": lot, "counted": counted, "reason_code": reason_code, "reason": reason}
    ask = Ask(request_id=request_id, act="count_stock", on=stream, asked=asked, kept=(kept,))
    return perform(site, actor, ask, rule)
