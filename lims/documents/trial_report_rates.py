"""The report's rates: each population by both clocks, arms against each other, and what stands beside the rates."""

from collections.abc import Sequence

from lims.documents.charts_products import percent
from lims.documents.parts_blocks import (
    CELL,
    SMALL,
    STRONG,
    Cell,
    Column,
    cell,
    heading,
    table,
)
from lims.documents.parts_flow import Block
from lims.documents.trial_report_copy import ReportCopy
from lims.documents.trial_report_words import compared
from lims.documents.trial_words import (
    CLOCKS,
    DENOMINATORS,
    FLAGS,
    OUTCOMES,
    POPULATIONS,
)
from lims.domain.trial.populations import Population
from lims.domain.trial.report import Figure, SideRow, Table
from lims.domain.trial.standing import PLACES, Clock, Outcome, Standing


def population_of(copy: ReportCopy, population: Population) -> list[Block]:
    """The rates of a population by both clocks, then the arms against each other."""
    _, found = copy.say, copy.figures.report
    name, tells = POPULATIONS[population]
    clocks = (Clock.FOLLOW_UP,) if population is Population.NOT_RANDOMISED else tuple(Clock)
    rows: list[Sequence[Cell]] = []
    pairs: list[Sequence[Cell]] = []
    for outcome, denominator in PLACES:
        if population is Population.NOT_RANDOMISED and outcome is Outcome.COMPLETION:
            continue
        tables = [
            found.table(outcome, population=population, clock=clock, denominator=denominator)
            for clock in clocks
        ]
        for number, figures in enumerate(zip(*(one.figures for one in tables), strict=True)):
            rows.append((cell("") if number else _named(copy, tables[0]), *_numbers(copy, figures)))
        if tables[0].comparisons:
            pairs.append((_named(copy, tables[0]), *_pairs(copy, tables)))
    blocks = [*heading(_(name), _(tells), section=True), *table(_columns(copy, clocks), rows)]
    return [*blocks, *_comparisons(copy, clocks, pairs)]


def _columns(copy: ReportCopy, clocks: Sequence[Clock]) -> list[Column]:
    _ = copy.say
    columns = [Column(head=_("Outcome"), share=36), Column(head=_("Group"), share=19)]
    for clock in clocks:
        columns += [
            Column(head=_(CLOCKS[clock]), share=27),
            Column(head=_("missing"), share=15),
            Column(head=_("pending"), share=15),
        ]
    return columns


def _named(copy: ReportCopy, one: Table) -> Cell:
    """The outcome of a row, with the denominator under it; the protocol's own stands out."""
    style = STRONG if one.is_headline else CELL
    name, denominator = copy.say(OUTCOMES[one.outcome][0]), copy.say(DENOMINATORS[one.denominator])
    return (*cell(name, style), *cell(denominator, SMALL))


def _numbers(copy: ReportCopy, figures: Sequence[Figure]) -> list[Cell]:
    """One group by each clock: numerator of denominator with the rate under it, missing, pending."""
    cells: list[Cell] = [cell(copy.terms.get(figures[0].group, figures[0].group))]
    for figure in figures:
        rate = percent(figure.share, copy.say)
        cells.append((*cell(f"{figure.yes}/{figure.of}", STRONG), *cell(rate, SMALL)))
        cells.append(cell(str(len(figure.standing[Standing.MISSING]))))
        cells.append(cell(str(figure.pending)))
    return cells


def _pairs(copy: ReportCopy, tables: Sequence[Table]) -> list[Cell]:
    cells: list[Cell] = []
    for one in tables:
        difference, ratio = compared(one.comparisons[0], copy.say)
        cells += [cell(difference, SMALL), cell(ratio, SMALL)]
    return cells


def _comparisons(copy: ReportCopy, clocks: Sequence[Clock], rows: Sequence[Sequence[Cell]]) -> list[Block]:
    """The arm with product against the other; nothing where the report is pooled."""
    if not rows:
        return []
    _, terms = copy.say, copy.terms
    columns = [Column(head=_("Outcome"), share=34)]
    for clock in clocks:
        columns.append(Column(head=f"{_('risk difference')}, {_(CLOCKS[clock])}", share=33))
        columns.append(Column(head=_("risk ratio"), share=24))
    with_product, other = (terms.get(one.code, one.code) for one in copy.figures.groups[:2])
    return [*heading(f"{with_product} – {other}", above=8), *table(columns, rows)]


def beside(copy: ReportCopy) -> list[Block]:
    _, report = copy.say, copy.figures.report
    columns = [
        Column(head=_("Beside the rates"), share=40),
        Column(head=_("Group"), share=20),
        Column(head=_("Women"), share=10),
        Column(head=_("Who"), share=40),
    ]
    rows = _side(copy, _("Conceived before follow-up start"), report.conceived_before[Population.ITT])
    rows += _side(copy, _("Unclassified by protocol"), report.unclassified[Population.ITT, Clock.FOLLOW_UP])
    for flag, people in copy.figures.flagged.items():
        row = SideRow(group="pooled", people=people)
        rows += _side(copy, f"{_('To be looked at')}: {_(FLAGS[flag])}", (row,))
    remark = _("what the registered text leaves open, and what happened before follow-up began")
    return [*heading(_("Beside the rates"), remark, section=True), *table(columns, rows)]


def _side(copy: ReportCopy, words: str, found: Sequence[SideRow]) -> list[Sequence[Cell]]:
    _, who = copy.say, copy.figures.by_arm
    return [
        (
            cell(words),
            cell(copy.terms.get(row.group, row.group)),
            cell(str(len(row.people)), STRONG),
            cell(", ".join(row.people) if who else _("by arm only"), SMALL),
        )
        for row in found
    ]
