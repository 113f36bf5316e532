"""Workstations that the batch was worked on, one at a time, each with the line clearance before it."""

from lims.documents.batch_record_copy import Copy
from lims.documents.batch_record_issue import entry_by
from lims.documents.parts_blocks import SMALL, STRONG, Cell, Column, cell, plain_text, table, title
from lims.documents.parts_flow import Block
from lims.documents.parts_signs import signed
from lims.domain.entries.envelope import Entry
from lims.domain.entries.stations import LineOpened
from lims.domain.stations import CHECKS


def lines(copy: Copy) -> list[Block]:
    """A line each time that work began at a station that holds one batch; nothing where no station asks for it."""
    _ = copy.say
    found = [entry for entry in copy.record.entries if isinstance(entry.fact, LineOpened)]
    if not found:
        return []
    columns = [
        Column(head=_("Station"), share=18),
        Column(head=_("Batch before"), share=14),
        Column(head=_("Line cleared by two people"), share=40),
        Column(head=_("Work began"), share=28),
    ]
    answered = {check for entry in found if isinstance(entry.fact, LineOpened) for check in entry.fact.checks}
    asked = [f"· {_(words)}" for check, words in CHECKS.items() if check in answered]
    return [
        *title(_("Line clearance"), copy.other("Line clearance"), new_page=False),
        *table(columns, [_row(copy, entry) for entry in found]),
        *(plain_text(_("Found at each clearance:")) if asked else []),
        *(block for text in asked for block in plain_text(text, below=1)),
    ]


def _row(copy: Copy, entry: Entry) -> tuple[Cell, ...]:
    _, fact = copy.say, entry.fact
    assert isinstance(fact, LineOpened)
    if fact.cleared_at is None:
        cleared = signed("none", _("no batch stood here before"), SMALL)
    else:
        people = f"{fact.cleared_by}, {fact.checked_by} · {copy.at(fact.cleared_at)}"
        cleared = signed("done", people, SMALL)
    return (
        cell(f"{fact.name}\n{fact.room}", STRONG),
        cell(fact.cleared or "–"),
        (cleared,),
        cell(entry_by(copy, entry), SMALL),
    )
