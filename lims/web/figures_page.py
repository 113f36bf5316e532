"""How the trial's figures read on the page: charts, tables and the protocol's settings in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext

from lims.documents.charts import Chart
from lims.documents.charts_products import attribute_charts, percent, rates_chart, success_chart, times_chart
from lims.documents.charts_trial import enrolment_chart, flow_chart, lanes_charts
from lims.documents.trial_report_words import compared, settings_in_words, terms_of
from lims.documents.trial_words import CLOCKS, DENOMINATORS, OUTCOMES, POPULATIONS
from lims.domain.trial.figures import Figures
from lims.domain.trial.populations import Population
from lims.domain.trial.report import Figure, Table
from lims.domain.trial.standing import EFFICACY, PLACES, Clock, Outcome


def say(text: str) -> str:
    """A message id in the language of the page."""
    return str(gettext(text)) if text else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One figure as a cell: numerator of denominator, rate, and who is not in it."""

    figure: Figure
    rate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of a population's table: an outcome of one denominator, counted by both clocks."""

    outcome: Outcome
    name: str
    denominator: str
    is_headline: bool
    group: str
    numbers: tuple[Number, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The table of one population."""

    code: str
    name: str
    tells: str
    clocks: tuple[str, ...]
    lines: tuple[Line, ...]


def parts(found: Figures, language: str) -> tuple[Part, ...]:
    """A table for each population, intention to treat first."""
    terms = terms_of(found.protocol, language, say)
    whole: dict[tuple[object, ...], Table] = {
        (one.population, one.clock, one.outcome, one.denominator): one for one in found.report.tables
    }
    return tuple(
        Part(
            code=population.value,
            name=say(POPULATIONS[population][0]),
            tells=say(POPULATIONS[population][1]),
            clocks=tuple(say(CLOCKS[clock]) for clock in _clocks(population)),
            lines=tuple(_lines(whole, population, terms)),
        )
        for population in Population
    )


def _clocks(population: Population) -> tuple[Clock, ...]:
    return (Clock.FOLLOW_UP,) if population is Population.NOT_RANDOMISED else tuple(Clock)


def _lines(
    whole: Mapping[tuple[object, ...], Table], population: Population, terms: Mapping[str, str]
) -> list[Line]:
    lines = []
    for outcome, denominator in PLACES:
        if population is Population.NOT_RANDOMISED and outcome is Outcome.COMPLETION:
            continue
        tables = [whole[population, clock, outcome, denominator] for clock in _clocks(population)]
        for figures in zip(*(table.figures for table in tables), strict=True):
            lines.append(
                Line(
                    outcome=outcome,
                    name=say(OUTCOMES[outcome][0]),
                    denominator=say(DENOMINATORS[denominator]),
                    is_headline=tables[0].is_headline,
                    group=terms.get(figures[0].group, figures[0].group),
                    numbers=tuple(Number(figure=one, rate=percent(one.share, say)) for one in figures),
                )
            )
    return lines


def overview_charts(found: Figures, language: str) -> list[Chart]:
    """What everyone with the page sees first."""
    terms = terms_of(found.protocol, language, say)
    headline = [
        one
        for one in found.report.tables
        if one.population is Population.ITT and one.clock is Clock.FOLLOW_UP and one.is_headline
    ]
    return [
        flow_chart(found.flow, say, terms),
        enrolment_chart(found.enrolment, say),
        rates_chart(headline, say, terms, code="rates"),
    ]


def product_charts(found: Figures, language: str) -> list[Chart]:
    """Cells: how batches ended, how long they took; and beside outcomes for who may see those."""
    terms = terms_of(found.protocol, language, say)
    return [
        success_chart(found.success, say),
        times_chart(found.times, say),
        *attribute_charts(found.results, say, terms),
    ]


def lane_charts(found: Figures) -> list[Chart]:
    """The swimmer plot."""
    return lanes_charts(found.lanes, say)


def outcome_tables(found: Figures, outcome: Outcome) -> list[Table]:
    """Every table of an outcome, its headline first."""
    return [one for one in found.report.tables if one.outcome is outcome]


def shows_people(found: Figures, outcome: Outcome) -> bool:
    """The list behind a number is shown: with trial codes beside outcomes, anyone could split it by arm."""
    return found.by_arm or found.locked or outcome not in EFFICACY


__all__ = [
    "compared",
    "lane_charts",
    "outcome_tables",
    "overview_charts",
    "parts",
    "product_charts",
    "say",
    "settings_in_words",
    "shows_people",
    "terms_of",
]
