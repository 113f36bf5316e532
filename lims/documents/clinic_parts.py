"""What papers of the clinic have in common: the product's way to the ward with its seal and temperature."""

from lims.documents.batch_record_copy import Copy
from lims.documents.parts_blocks import SMALL, STRONG, Cell, Column, cell, plain_text, table
from lims.documents.parts_flow import Block
from lims.documents.parts_signs import signed
from lims.domain.custody_chain import Link, chain_of, deviation_of
from lims.domain.entries.batch import CustodyOffered, CustodyTaken
from lims.domain.entries.custody import TemperatureLogged
from lims.domain.quantities import plain


def product_way(copy: Copy) -> list[Block]:
    """Every hand-over of the product: giver and receiver, seal, condition, temperature; gaps are shown as gaps."""
    _, record = copy.say, copy.record
    unit = record.unit_code
    links = [link for link in chain_of(record, unit) if link.is_handover] if unit else []
    if not links:
        return plain_text(_("The product was not handed over yet."))
    columns = [
        Column(head=_("Given"), share=26),
        Column(head=_("Received"), share=26),
        Column(head=_("Seal and condition"), share=24),
        Column(head=_("Temperature"), share=24),
    ]
    return table(columns, [_row(copy, link) for link in links])


def _row(copy: Copy, link: Link) -> tuple[Cell, ...]:
    _, offer = copy.say, link.entry.fact
    assert isinstance(offer, CustodyOffered)
    taken = link.answer.fact if link.answer is not None else None
    received: Cell
    if link.answer is None:
        received = (signed("verify", _("not taken over yet"), STRONG),)
    elif isinstance(taken, CustodyTaken):
        received = cell(f"{copy.name(link.answer.person)}\n{copy.at(link.answer.time)}", SMALL)
    else:
        received = (signed("stop", _("Refused"), STRONG),)
    if link.is_gap:
        found = deviation_of(copy.record, link.entry.seq)
        number = found.number if found else "–"
        received = (*received, signed("stop", f"{_('Gap')} · {number}", STRONG))
    state = [copy.term(offer.condition), f"{_('seal')} {offer.seal}" if offer.seal else ""]
    given = f"{copy.name(link.entry.person)}\n{copy.at(link.entry.time)}"
    return (
        cell(given, SMALL),
        received,
        cell("; ".join(part for part in state if part), SMALL),
        cell(_temperature(copy, link, offer), SMALL),
    )


def _temperature(copy: Copy, link: Link, offer: CustodyOffered) -> str:
    """What the logger's own file says; without one, what was read off at both ends."""
    _ = copy.say
    facts = (entry.fact for entry in copy.record.entries)
    logs = [
        f"{fact.logger_name}: {plain(fact.lowest)} … {plain(fact.highest)} °C, "
        + _("{minutes} min outside").format(minutes=plain(fact.outside_minutes))
        for fact in facts
        if isinstance(fact, TemperatureLogged) and fact.offered_seq == link.entry.seq
    ]
    if logs:
        return "\n".join(logs)
    taken = link.answer.fact if link.answer is not None else None
    read = [offer.temperature, taken.temperature if isinstance(taken, CustodyTaken) else None]
    shown = " → ".join(plain(value) for value in read if value is not None)
    return f"{shown} °C" if shown else "–"
