"""Yields of the batch: actual and theoretical, their share in percent, and the limit it was held against."""

from decimal import Decimal

from lims.documents.batch_record_copy import Copy
from lims.documents.parts_blocks import SMALL, STRONG, Cell, Column, cell, heading, table
from lims.documents.parts_flow import Block
from lims.documents.parts_signs import signed
from lims.domain.rounding import as_power_of_ten, plain
from lims.domain.yields import YieldFound, yields_of

LONG_NUMBER = 100_000


def yields(copy: Copy) -> list[Block]:
    """A line for each yield that the master batch record declares (21 CFR 211.188(b)(7)); nothing where it does not."""
    _, found = copy.say, yields_of(copy.record)
    if not found:
        return []
    columns = [
        Column(head=_("Yield"), share=30),
        Column(head=_("Actual"), share=16),
        Column(head=_("Theoretical"), share=16),
        Column(head=_("Share"), share=12),
        Column(head=_("Limit"), share=13),
        Column(head=_("Judged"), share=13),
    ]
    rows = [_row(copy, item) for item in found]
    return [*heading(_("Yields"), _("computed by the system from what is on file")), *table(columns, rows)]


def _row(copy: Copy, item: YieldFound) -> tuple[Cell, ...]:
    _ = copy.say
    if item.percent is None:
        verdict = signed("none", _("Not known"), STRONG)
    elif item.is_outside:
        verdict = signed("due", _("Outside"), STRONG)
    else:
        verdict = signed("done", _("Within"), STRONG)
    limit = item.share.limit.shown() + (f"\n{_('example value')}" if item.share.placeholder else "")
    return (
        cell(copy.in_words(item.share.title), STRONG),
        cell(_number(item.actual)),
        cell(_number(item.theoretical)),
        cell(f"{item.shown} %" if item.percent is not None else "–", STRONG),
        cell(limit, SMALL),
        (verdict,),
    )


def _number(value: Decimal | None) -> str:
    if value is None:
        return "–"
    return as_power_of_ten(value) if abs(value) >= LONG_NUMBER else plain(value)
