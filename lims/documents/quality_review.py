"""Product quality review on paper: each figure of the period with the batches behind it."""

from collections.abc import Mapping, Sequence
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
from lims.documents.quality_review_words import DECISIONS, OUTSIDE, REFUSED, SEVERITIES, measured
from lims.documents.site_copy import SiteCopy, furniture, how_to_check
from lims.domain.quality_review import Counted, QualityReview, Spread
from lims.domain.sentences import term

TITLE = "Product quality review"


def period_of(found: QualityReview) -> str:
    """The days that a review covers, both included."""
    return f"{found.begin.isoformat()} – {found.end.isoformat()}"


def print_quality_review(copy: SiteCopy, found: QualityReview) -> bytes:
    """The review as PDF; the same copy gives the same bytes."""
    _, period = copy.say, period_of(found)
    counts = _(
        "This review counts what is on file. Whether processes, limits or suppliers must change, quality concludes"
        " below."
    )
    blocks = [
        *_front(copy, found),
        *heading(_("Decisions"), _("also on batches issued before the period")),
        *_counted(copy, found.decisions, DECISIONS),
        *heading(_("Deviations by severity"), _("as they stand when this is printed")),
        *_counted(copy, found.deviations, SEVERITIES),
        *heading(_("Deviations by rule"), _("the most frequent first")),
        *_counted(copy, found.rules, {}),
        *_named(copy, _("Not closed"), found.open_deviations),
        *heading(_("Refused acts"), _("they changed nothing; the most frequent first")),
        *_counted(copy, found.refused, REFUSED),
        *heading(_("Results outside their specification"), _("each opened an investigation")),
        *_counted(copy, found.outside, OUTSIDE),
        *heading(_("Results and yields"), _("out of trend by the charts of the period alone")),
        *_spreads(copy, found),
        *heading(_("Corrective and preventive actions"), _("planned in the period")),
        *_named(copy, _("Planned"), found.actions),
        *_named(copy, _("Still open"), found.open_actions),
        *heading(_("Conclusion"), _("written and signed by quality")),
        *plain_text(counts),
        *facts([(_("Conclusion"), "\n\n\n"), (_("Name, date, signature"), "\n")], columns=1),
        *how_to_check(copy),
    ]
    pen = Pen(title=f"{_(TITLE)} {period}", language=copy.language, author=copy.site_name)
    frame = furniture(
        copy,
        code=_("Review"),
        who=copy.site_name,
        about=period,
        title=_(TITLE),
        state="none",
        state_word=_("Review"),
    )
    return print_pages(pen, blocks, frame, {})


def _front(copy: SiteCopy, found: QualityReview) -> list[Block]:
    _ = copy.say
    head = [replace(block, section=None) for block in title(_(TITLE), copy.other(TITLE), new_page=False)]
    versions = "\n".join(f"{one.code}: {one.count}" for one in found.versions) or "–"
    pairs = [
        (_("Period"), period_of(found)),
        (_("Site"), copy.site_name),
        (_("Batches issued"), str(len(found.started))),
        (_("By master batch record"), versions),
        (_("Not decided yet"), _listed(found.undecided)),
        (_("Deviations"), str(sum(one.count for one in found.deviations))),
    ]
    return [*head, *facts(pairs)]


def _counted(copy: SiteCopy, found: Sequence[Counted], words: Mapping[str, str]) -> list[Block]:
    """A line for each code; one without words of its own is said as the audit trail says it."""
    _ = copy.say
    if not found:
        return plain_text(_("None in this period."))
    columns = [
        Column(head=_("What"), share=38),
        Column(head=_("Count"), share=10),
        Column(head=_("Batches"), share=52),
    ]
    named = {one.code: _(words.get(one.code) or term(one.code).msgid) for one in found}
    rows = [
        (cell(named[one.code], STRONG), cell(str(one.count)), cell(_listed(one.batches), SMALL))
        for one in found
    ]
    return table(columns, rows)


def _named(copy: SiteCopy, words: str, numbers: Sequence[str]) -> list[Block]:
    return plain_text(f"{words}: {_listed(numbers)}")


def _listed(numbers: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys(numbers)) or "–"


def _spreads(copy: SiteCopy, found: QualityReview) -> list[Block]:
    _ = copy.say
    if not found.spreads:
        return plain_text(_("None in this period."))
    columns = [
        Column(head=_("Test or yield"), share=28),
        Column(head=_("Count"), share=8),
        Column(head=_("Least"), share=14),
        Column(head=_("Median"), share=14),
        Column(head=_("Most"), share=14),
        Column(head=_("Outside"), share=11),
        Column(head=_("Out of trend"), share=11),
    ]
    return table(columns, [_spread(copy, one) for one in found.spreads])


def _spread(copy: SiteCopy, one: Spread) -> tuple[Cell, ...]:
    row = one.newest
    name = row.title_zh if copy.language.startswith("zh") else row.title_en
    return (
        cell(name, STRONG),
        cell(str(one.count)),
        *(cell(measured(one, value)) for value in (one.least, one.middle, one.most)),
        cell(_listed(one.outside), SMALL),
        cell(_listed(one.out_of_trend), SMALL),
    )
