"""The trial's report on paper: outcomes with their definitions and lists, and every chart with its table."""

from dataclasses import replace

from lims.documents.charts import Chart, Say
from lims.documents.charts_products import attribute_charts, rates_chart, success_chart, times_chart
from lims.documents.charts_trial import enrolment_chart, flow_chart, lanes_charts
from lims.documents.parts import Pen
from lims.documents.parts_blocks import (
    SMALL,
    Column,
    cell,
    facts,
    heading,
    plain_text,
    table,
    title,
)
from lims.documents.parts_boxes import banner
from lims.documents.parts_charts import chart
from lims.documents.parts_flow import Block, Furniture, print_pages
from lims.documents.site_copy import furniture, how_to_check
from lims.documents.trial_report_copy import ReportCopy
from lims.documents.trial_report_rates import beside, population_of
from lims.documents.trial_report_words import definition, settings_in_words, terms_of
from lims.documents.trial_words import (
    CLOCKS,
    DENOMINATORS,
    N_,
    OUTCOMES,
    STANDINGS,
)
from lims.domain.trial.figures import Figures
from lims.domain.trial.populations import Population
from lims.domain.trial.standing import Clock, Standing

INTERIM, LOCKED = N_("INTERIM"), N_("LOCKED")
MOST_LANES = 400
"""With more participants than that the lanes are on the page only, and the paper says so."""


def print_trial_report(copy: ReportCopy) -> bytes:
    """The report as PDF; the same copy gives the same bytes."""
    _, found = copy.say, copy.figures
    method = _("Intervals: Wilson for a share, Newcombe for a difference, Katz for a ratio; all at 95 %.")
    blocks = [
        *_front(copy),
        *(block for population in Population for block in population_of(copy, population)),
        *beside(copy),
        *_meanings(copy),
        *_charts(copy),
        *(_lists(copy) if found.by_arm else []),
        *how_to_check(copy, method),
    ]
    pen = Pen(
        title=f"{copy.say(copy.title)} {found.protocol.code}", language=copy.language, author=copy.site_name
    )
    return print_pages(pen, blocks, _furniture(copy), {})


def _furniture(copy: ReportCopy) -> Furniture:
    _, found = copy.say, copy.figures
    sign, chip = ("done", _("Locked")) if found.locked else ("due", _("Interim"))
    return furniture(
        copy,
        code=found.protocol.code,
        who=_("version {version}").format(version=found.protocol.version),
        about=_("as of {day}").format(day=found.on.isoformat()),
        title=_("Trial report"),
        state=sign,
        state_word=chip,
    )


def _front(copy: ReportCopy) -> list[Block]:
    _, found = copy.say, copy.figures
    head = [
        replace(block, section=None) for block in title(_(copy.title), copy.other(copy.title), new_page=False)
    ]
    says = (
        _("The data are locked.")
        if found.locked
        else _("The trial is running: pending women are shown beside every rate.")
    )
    if found.by_arm and not found.locked:
        says += " " + _("Not for anyone who enrols or treats.")
    word = LOCKED if found.locked else INTERIM
    pairs = [
        (_("Trial"), f"{found.protocol.registry} · {found.protocol.code}"),
        (_("Protocol"), _("version {version}").format(version=found.protocol.version)),
        (_("As of"), found.on.isoformat()),
        (_("Site"), copy.site_name),
        (_("Registered (menstrual blood analysed)"), str(found.enrolment.registered)),
        (_("Randomised"), f"{found.enrolment.randomised} / {found.enrolment.target}"),
        (_("Shown"), _("By arm") if found.by_arm else _("All arms together")),
        (_("Definitions"), _("as the protocol sets them")),
    ]
    return [*head, *banner("done" if found.locked else "due", _(word), copy.other(word), says), *facts(pairs)]


def _meanings(copy: ReportCopy) -> list[Block]:
    """What each outcome means, and the protocol's choices beside it."""
    _, found = copy.say, copy.figures
    blocks = heading(
        _("Definitions and settings"),
        _("where the registered text is silent or overlaps, the choice has a name"),
        section=True,
    )
    for outcome, (name, _tells) in OUTCOMES.items():
        blocks += heading(_(name), above=6)
        blocks += plain_text(definition(outcome, found.definitions, _))
        chosen = settings_in_words(outcome, found.definitions, _)
        blocks += plain_text(" · ".join(f"{one.name}: {one.value}" for one in chosen), SMALL)
    return blocks


def charts_of(found: Figures, language: str, say: Say) -> list[Chart]:
    """Every chart of the report, as the page draws them."""
    terms = terms_of(found.protocol, language, say)
    headline = [
        one
        for one in found.report.tables
        if one.population is Population.ITT and one.clock is Clock.FOLLOW_UP and one.is_headline
    ]
    lanes = found.lanes
    return [
        flow_chart(found.flow, say, terms),
        enrolment_chart(found.enrolment, say),
        rates_chart(headline, say, terms, code="rates"),
        success_chart(found.success, say),
        times_chart(found.times, say),
        *attribute_charts(found.results, say, terms),
        *(lanes_charts(lanes, say) if len(lanes) <= MOST_LANES else []),
    ]


def _charts(copy: ReportCopy) -> list[Block]:
    _ = copy.say
    blocks = [block for one in charts_of(copy.figures, copy.language, copy.say) for block in chart(one)]
    if len(copy.figures.lanes) > MOST_LANES:
        blocks += plain_text(
            _("The lanes of single participants are on the page: there are too many for paper.")
        )
    return blocks


def _lists(copy: ReportCopy) -> list[Block]:
    """Who stands behind each number of the protocol's own denominators."""
    _, terms = copy.say, copy.terms
    columns = [
        Column(head=_("Group"), share=18),
        Column(head=_("Stands"), share=16),
        Column(head=_("Women"), share=8),
        Column(head=_("Who"), share=58),
    ]
    blocks: list[Block] = []
    for one in copy.figures.report.tables:
        if one.population is not Population.ITT or not one.is_headline:
            continue
        rows = [
            (
                cell(terms.get(figure.group, figure.group)),
                cell(_(STANDINGS[standing])),
                cell(str(len(people))),
                cell(", ".join(people), SMALL),
            )
            for figure in one.figures
            if figure.group != "pooled"
            for standing, people in figure.standing.items()
            if people and standing is not Standing.OUTSIDE
        ]
        name = f"{_(OUTCOMES[one.outcome][0])}, {_(CLOCKS[one.clock])}"
        blocks += [*heading(name, _(DENOMINATORS[one.denominator])), *table(columns, rows)]
    return [*heading(_("Behind each number"), _("intention to treat"), section=True), *blocks]
