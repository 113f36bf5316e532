"""Reagents made here: a preparation is a lot of its own that knows its components, and they know it.

Preparing holds the locks of its components, so that none of them can be recalled unseen (I8, domain 6).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from lims.domain.entries.envelope import Draft
from lims.domain.entries.supply import (
    Component,
    ComponentTaken,
    LotOpened,
    LotPrepared,
    LotReleased,
    PreparationChecked,
)
from lims.domain.materials import Lot, LotStatus, check_usable, ends, opened_first
from lims.domain.quantities import plain
from lims.domain.refusals import BadEntry, NotAllowed, Refused
from lims.domain.stock import Recipe, RecipeComponent


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What goes into a preparation of one component: the lot as it stands, and how much."""

    lot: Lot
    amount: Decimal


def prepare(
    recipe: Recipe, taken: Mapping[str, Taken], *, stream: str, number: str, now: datetime, zone: str
) -> tuple[Draft, ...]:
    """The new lot and what it took from each component; it ends with its own life or its first component."""
    components, uses = [], []
    for part in recipe.components:
        given = taken[part.item]
        _check_component(part, given, recipe=recipe, now=now, zone=zone)
        opening = opened_first(given.lot, now=now)
        until = next(
            (draft.fact.use_until for draft in opening if isinstance(draft.fact, LotOpened)),
            given.lot.use_until,
        )
        short = max(given.amount - given.lot.left, Decimal(0)) or None
        fact = ComponentTaken(preparation=stream.partition(":")[2], amount=given.amount, short=short)
        uses += [*opening, Draft(stream=given.lot.stream, fact=fact)]
        components.append(
            Component(
                item=part.item,
                lot=given.lot.code,
                supplier_lot=given.lot.supplier_lot,
                amount=given.amount,
                unit=part.unit,
                expires=given.lot.expires,
                use_until=until,
            )
        )
    if len({component.lot for component in components}) < len(components):
        raise BadEntry("preparation.lot_twice", field="components")
    own = now + timedelta(hours=recipe.life_hours)
    until = min(
        [own, *(_end(item, given.lot, zone) for item, given in zip(components, taken.values(), strict=True))]
    )
    whole = LotPrepared(
        recipe=recipe.code,
        item=recipe.item,
        number=number,
        quantity=recipe.yields,
        unit=recipe.unit,
        components=tuple(components),
        use_until=until,
        expires=until.astimezone(ZoneInfo(zone)).date(),
        released_by_check=recipe.released_by_check,
    )
    relied = tuple(given.lot.last.reference for given in taken.values() if given.lot.last)
    return (Draft(stream=stream, fact=whole, relied_on=relied), *uses)


def _end(component: Component, lot: Lot, zone: str) -> datetime:
    end = ends(lot, zone=zone)
    return min(end, component.use_until) if component.use_until else end


def _check_component(
    part: RecipeComponent, given: Taken, *, recipe: Recipe, now: datetime, zone: str
) -> None:
    check_usable(given.lot, item=part.item, now=now, zone=zone)
    if given.lot.unit != part.unit:
        raise Refused("preparation.unit", lot=given.lot.supplier_lot, unit=given.lot.unit, wanted=part.unit)
    allowed = part.amount * recipe.tolerance_percent / 100
    if not part.amount - allowed <= given.amount <= part.amount + allowed or given.amount <= 0:
        raise BadEntry(
            "preparation.amount",
            field=f"amount-{part.item}",
            amount=plain(part.amount),
            unit=part.unit,
            tolerance=plain(recipe.tolerance_percent),
        )


def check(lot: Lot, *, person: str) -> tuple[Draft, ...]:
    """A second person compared the components with the recipe; where the recipe says so, that releases the lot."""
    if lot.prepared is None:
        raise Refused("preparation.not_one")
    if lot.checked_by:
        raise Refused("preparation.checked", lot=lot.supplier_lot)
    if lot.status is not LotStatus.QUARANTINE:
        raise Refused("lot.status", status=lot.status.value)
    if person == lot.prepared_by:
        raise NotAllowed("step.performer_verifies")
    drafts = [Draft(stream=lot.stream, fact=PreparationChecked(components=len(lot.prepared.components)))]
    if lot.prepared.released_by_check:
        fact = LotReleased(certificate=f"{lot.prepared.recipe}: second person")
        drafts.append(Draft(stream=lot.stream, fact=fact))
    return tuple(drafts)
