"""Preparing a reagent: each component is scanned into its place, then the preparation is recorded as a lot."""

from functools import cache

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response
from wtforms import StringField

from lims.actions import preparations
from lims.domain.entered import entered_code
from lims.domain.entries.envelope import code_of
from lims.domain.refusals import BadEntry
from lims.domain.stock import Recipe
from lims.queries import supply as query
from lims.web import doing, here
from lims.web.forms import ActForm

bp = Blueprint("preparations", __name__)

Answer = Response | tuple[str, int] | str


class PrepareForm(ActForm):
    """A preparation: `code` is the component that was scanned last, and not placed yet."""

    code = StringField()

    @property
    def lots(self) -> dict[str, str]:
        """The lot of each component."""
        return {
            name.removeprefix("lot-"): self[name].data or ""
            for name in self._fields
            if name.startswith("lot-")
        }

    @property
    def amounts(self) -> dict[str, str]:
        """How much was taken of each."""
        return {
            name.removeprefix("amount-"): self[name].data or ""
            for name in self._fields
            if name.startswith("amount-")
        }


@cache
def form_of(recipe: Recipe) -> type[PrepareForm]:
    """The form of a recipe: a lot and an amount for each component."""
    names = [f"{what}-{part.item}" for part in recipe.components for what in ("lot", "amount")]
    return type("PrepareForm", (PrepareForm,), {name: StringField() for name in names})


@bp.get("/preparations/<recipe>")
def page(recipe: str) -> Answer:
    """What goes into it, and which lot of each is to be taken first."""
    known = query.recipe(here.reader(), recipe)
    return _drawn(known, form_of(known)())


@bp.post("/preparations/<recipe>")
def prepare(recipe: str) -> Answer:
    """A scanned component goes to its place; without one the preparation is recorded."""
    known = query.recipe(here.reader(), recipe)
    form = form_of(known)()
    if (form.code.data or "").strip():
        status = _place(known, form)
        return _drawn(known, form), status
    outcome = here.attempt(
        form,
        lambda: preparations.prepare_lot(
            here.site(), here.actor(), here.request_id(), recipe=recipe, lots=form.lots, amounts=form.amounts
        ),
    )
    if outcome is None:
        return _drawn(known, form), 422
    return redirect(url_for("supply.lot", code=code_of(outcome.entries[0].stream)), 303)


def _place(recipe: Recipe, form: PrepareForm) -> int:
    """The scanned lot stands at its component; one that is none is refused at its field."""
    try:
        code = entered_code(form.code.data or "", field="code")
        row = query.lot_row(here.reader(), code)
        known = {part.item for part in recipe.components}
        if row is None or row.item not in known:
            raise BadEntry("preparation.component", field="code", found=row.supplier_lot if row else code)
    except BadEntry as bad:
        form.add_error("code", " ".join(here.words(bad.reason)))
        return 422
    form[f"lot-{row.item}"].data, form.code.data = code, ""
    return 200


def _drawn(recipe: Recipe, form: PrepareForm) -> str:
    lots = query.components(here.reader(), recipe, form.lots)
    return doing.draw("preparations/page.html", recipe=recipe, form=form, lots=lots)
