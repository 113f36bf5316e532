"""What is done when a reagent is prepared, and when a second person checks it."""

from lims.actions.people import mint_code
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, perform
from lims.authoring.stock import load_stock
from lims.domain import preparations
from lims.domain.codes import CodeType
from lims.domain.entered import entered_amount, entered_code
from lims.domain.entries.envelope import stream_of
from lims.domain.materials import Lot
from lims.domain.preparations import Taken
from lims.domain.refusals import BadEntry


def prepare_lot(
    site: Site, actor: Actor, request_id: str, *, recipe: str, lots: dict[str, str], amounts: dict[str, str]
) -> Outcome:
    """A reagent is prepared from lots, by component, under the locks of them all."""
    known = load_stock().recipe(recipe)
    if known is None:
        raise BadEntry("preparation.recipe", field="recipe")
    codes, taken = {}, {}
    for part in known.components:
        if not lots.get(part.item, "").strip():
            raise BadEntry("preparation.missing", field=f"lot-{part.item}")
        codes[part.item] = entered_code(lots[part.item], field=f"lot-{part.item}")
        taken[part.item] = entered_amount(amounts.get(part.item, ""), field=f"amount-{part.item}")
    with site.ledger.reading() as book:
        code = mint_code(site, book, CodeType.REAGENT_PREPARATION)
    stream = stream_of("lot", code)

    def rule(scene: Scene) -> Decision:
        found = {
            item: Taken(lot=scene.load(stream_of("lot", of), Lot), amount=taken[item])
            for item, of in codes.items()
        }
        number = f"{scene.today:%y%m%d}-{code[10:14]}"
        drafts = preparations.prepare(
            known, found, stream=stream, number=number, now=scene.now, zone=site.founded.zone
        )
        return Decision(drafts=drafts)

    asked = {f"lot_{item}": of for item, of in codes.items()}
    asked |= {f"amount_{item}": str(amount) for item, amount in taken.items()}
    ask = Ask(
        request_id=request_id,
        act="prepare_lot",
        on=stream,
        asked={"recipe": recipe, **asked},
        write=tuple(stream_of("lot", of) for of in codes.values()),
        makes=True,
    )
    return perform(site, actor, ask, rule)


def check_preparation(site: Site, actor: Actor, request_id: str, *, lot: str) -> Outcome:
    """A second person compared every component with the recipe."""
    stream = stream_of("lot", lot)

    def rule(scene: Scene) -> Decision:
        return Decision(drafts=preparations.check(scene.load(stream, Lot), person=actor.person))

    ask = Ask(request_id=request_id, act="check_preparation", on=stream, asked={"lot": lot})
    return perform(site, actor, ask, rule)
