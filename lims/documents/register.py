"""The certification register on paper: every decision of a year in order, with the certificate that tells it."""

from dataclasses import replace

from lims.documents.parts import Pen
from lims.documents.parts_blocks import (
    SMALL,
    STRONG,
    Cell,
    Column,
    cell,
    facts,
    heading,
    plain_text,
    table,
    title,
)
from lims.documents.parts_flow import Block, print_pages
from lims.documents.quality_review_words import DECISIONS
from lims.documents.site_copy import SiteCopy, furniture, how_to_check
from lims.domain.register import Line, Register

TITLE = "Certification register"


def print_register(copy: SiteCopy, found: Register) -> bytes:
    """The register as PDF; the same copy gives the same bytes."""
    _, year = copy.say, str(found.year)
    blocks = [
        *(replace(block, section=None) for block in title(_(TITLE), copy.other(TITLE), new_page=False)),
        *facts(
            [
                (_("Year"), year),
                (_("Site"), copy.site_name),
                (_("Decisions"), str(len(found.lines))),
                (_("Batches without a line"), ", ".join(found.gaps) or _("none")),
            ]
        ),
        *heading(_("Decisions"), _("in the order in which they were signed")),
        *_lines(copy, found),
        *how_to_check(copy),
    ]
    frame = furniture(
        copy,
        code=_("Register"),
        who=copy.site_name,
        about=year,
        title=_(TITLE),
        state="none",
        state_word=_("Register"),
    )
    pen = Pen(title=f"{_(TITLE)} {year}", language=copy.language, author=copy.site_name)
    return print_pages(pen, blocks, frame, {})


def _lines(copy: SiteCopy, found: Register) -> list[Block]:
    _ = copy.say
    if not found.lines:
        return plain_text(_("No decision in this year"))
    columns = [
        Column(head=_("Running number"), share=14),
        Column(head=_("Decided at"), share=17),
        Column(head=_("Batch"), share=9),
        Column(head=_("Product"), share=14),
        Column(head=_("Decision"), share=18),
        Column(head=_("Signed by"), share=12),
        Column(head=_("Certificate"), share=16),
    ]
    return table(columns, [_line(copy, found, line) for line in found.lines])


def _line(copy: SiteCopy, found: Register, line: Line) -> tuple[Cell, ...]:
    _, row, paper = copy.say, line.row, line.certificate
    code = " ".join(row.product[at : at + 4] for at in range(0, len(row.product), 4)) or "–"
    decision = _(DECISIONS[row.decision])
    if not row.counts:
        decision = f"{decision}\n{_('counts no more: a later deviation opened the record')}"
    certificate = f"{_('Copy')} {paper.copy_number}\n{paper.sha256[:12]}…" if paper else "–"
    return (
        cell(line.number, STRONG),
        cell(copy.at(row.at, seconds=False), SMALL),
        cell(f"{row.batch}\n{_('round {round}').format(round=row.round)}"),
        cell(code, SMALL),
        cell(decision),
        cell(f"{found.people.get(row.person, row.person)}\n#{row.seq}", SMALL),
        cell(certificate, SMALL),
    )
