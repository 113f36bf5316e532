"""What certificates have in common: the title, deviations with their decisions, what was given."""

from dataclasses import replace

from lims.documents.batch_record_copy import Copy
from lims.documents.batch_record_issue import entry_lines
from lims.documents.parts import Span
from lims.documents.parts_blocks import CELL, SMALL, STRONG, Cell, Column, cell, plain_text, table, title
from lims.documents.parts_flow import Block
from lims.documents.parts_signs import signed


def front(copy: Copy, name: str) -> list[Block]:
    """The paper's own title in both languages."""
    return [replace(block, section=None) for block in title(copy.say(name), copy.other(name))]


def deviations_table(copy: Copy) -> list[Block]:
    """Every deviation with quality's decision; one without says so."""
    _ = copy.say
    columns = [
        Column(head=_("Deviation"), share=34),
        Column(head=_("Impact"), share=30),
        Column(head=_("Decision"), share=16),
        Column(head=_("Decided by"), share=20),
    ]
    rows: list[tuple[Cell, ...]] = []
    for item in copy.record.deviations.values():
        about = ", ".join(f"{copy.term(name)} {value}" for name, value in item.fact.about if value)
        name: Cell = (
            (Span(f"{item.number} · {copy.term(item.severity)}", STRONG),),
            (Span("; ".join(part for part in (copy.term(item.fact.rule), about) if part), SMALL),),
        )
        if item.decision is None or item.decided is None:
            rows.append((name, cell("–"), (signed("due", _("Not decided"), STRONG),), cell("–")))
            continue
        accepted = item.decision.decision == "accepted"
        verdict = signed("done" if accepted else "stop", copy.term(item.decision.decision), STRONG)
        rows.append(
            (
                name,
                cell(copy.free(item.decision.impact), CELL),
                (verdict,),
                cell(entry_lines(copy, item.decided), SMALL),
            )
        )
    return table(columns, rows) if rows else plain_text(_("None."))
