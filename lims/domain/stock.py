"""What a site sets about its stock: suppliers' numbers of an item, how long it keeps once open, what is made here."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from lims.domain.gs1 import check_digit
from lims.domain.master_batch_record import Frozen, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class StockItem(Frozen):
    """An item of the bill of materials as the stores know it."""

    code: str
    gtins: tuple[str, ...] = ()
    """The trade item numbers, 14 digits, under which suppliers deliver it."""
    in_use_hours: int | None = None
    """How long an opened container may be used; none for what is used up at once or keeps until its expiry."""
    placeholder: bool = False
    """The site has not set these values yet."""

    def __post_init__(self) -> None:
        for gtin in self.gtins:
            if not (len(gtin) == 14 and gtin.isdecimal() and check_digit(gtin[:-1]) == gtin[-1]):
                raise ValueError(f"{gtin} is no GTIN of 14 digits")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeComponent(Frozen):
    """What goes into a preparation, in the unit of the item."""

    item: str
    title: Words
    amount: Decimal
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe(Frozen):
    """How a reagent is prepared here, as an item of the bill of materials."""

    code: str
    title: Words
    item: str
    yields: Decimal
    unit: str
    life_hours: int
    """Its own life; it never outlasts a component."""
    tolerance_percent: Decimal
    """How far an amount may be from the recipe's."""
    released_by_check: bool = False
    """The second person's check releases it; else quality does."""
    components: tuple[RecipeComponent, ...]
    placeholder: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StockBook(Frozen):
    """All of it."""

    format: Literal["stock/1"]
    items: tuple[StockItem, ...] = ()
    recipes: tuple[Recipe, ...] = ()

    def recipe(self, code: str) -> Recipe | None:
        """A recipe of the site."""
        return next((recipe for recipe in self.recipes if recipe.code == code), None)

    def item(self, code: str) -> StockItem:
        """What the stores know of an item of the bill of materials; nothing of one that is not listed."""
        return next((item for item in self.items if item.code == code), StockItem(code=code))

    def item_of(self, gtin: str) -> str:
        """The item that a supplier's code names; empty when the site knows none."""
        return next((item.code for item in self.items if gtin in item.gtins), "")
