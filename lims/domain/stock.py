"""What a site sets about its stock: how suppliers' codes name an item, how long it may be used once open."""

from dataclasses import dataclass
from typing import Literal

from lims.domain.gs1 import check_digit
from lims.domain.master_batch_record import Frozen


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
class StockBook(Frozen):
    """All of it."""

    format: Literal["stock/1"]
    items: tuple[StockItem, ...] = ()

    def item(self, code: str) -> StockItem:
        """What the stores know of an item of the bill of materials; nothing of one that is not listed."""
        return next((item for item in self.items if item.code == code), StockItem(code=code))

    def item_of(self, gtin: str) -> str:
        """The item that a supplier's code names; empty when the site knows none."""
        return next((item.code for item in self.items if gtin in item.gtins), "")
