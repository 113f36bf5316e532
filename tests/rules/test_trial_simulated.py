"""A simulated trial of 159 with known truth: every figure equals the truth and an independent computation."""

from collections.abc import Mapping
from datetime import date

import pandas as pd
import pytest

from lims.domain.trial.definitions import TrialDefinitions
from lims.domain.trial.populations import Population
from lims.domain.trial.report import Figure, Report, groups_of, read_everyone, report
from lims.domain.trial.standing import Clock, Denominator, Outcome, Standing
from tests.course_builder import CONTROL, PERFUSION
from tests.independent_report import Tables, compared, interval
from tests.trial_generator import (
    CLINICAL,
    EVERYTHING_KNOWN,
    LIVE_BORN,
    MISCARRIED,
    ONGOING,
    PRETERM,
    Simulated,
    simulate,
)

MIDWAY = date(2028, 9, 1)
DEFAULT = TrialDefinitions()
NEAR = 1e-9
SEEDS = (1, 2)
COLUMN = {
    (Outcome.IMPROVEMENT, Denominator.ASSESSABLE): "improvement_assessable",
    (Outcome.IMPROVEMENT, Denominator.PREGNANT_EXCLUDED): "improvement_excluded",
    (Outcome.IMPROVEMENT, Denominator.PREGNANT_IMPROVED): "improvement_improved",
}


def reported(trial: Simulated, on: date) -> Report:
    groups = groups_of([(PERFUSION, True), (CONTROL, False)], by_arm=True)
    return report(read_everyone(trial.courses, DEFAULT, on=on), DEFAULT, groups, on=on)


@pytest.fixture(scope="module", params=SEEDS)
def trial(request: pytest.FixtureRequest) -> Simulated:
    return simulate(seed=request.param)


STORIES: Mapping[Outcome, frozenset[str]] = {
    Outcome.CLINICAL: CLINICAL,
    Outcome.ONGOING: ONGOING,
    Outcome.MISCARRIAGE: MISCARRIED,
    Outcome.PRETERM: PRETERM,
    Outcome.LIVE_BIRTH: LIVE_BORN,
}


@pytest.mark.parametrize("outcome", STORIES)
def test_the_report_finds_the_truth_that_was_meant(trial: Simulated, outcome: Outcome) -> None:
    found = reported(trial, EVERYTHING_KNOWN).table(
        outcome, population=Population.ITT, clock=Clock.FOLLOW_UP, denominator=Denominator.POPULATION
    )
    for figure in found.figures:
        meant = {
            one.trial_id
            for one in trial.truth
            if one.arm and figure.group in (one.arm, "pooled") and one.story in STORIES[outcome]
        }
        assert set(figure.standing[Standing.YES]) == meant


def test_improvement_and_completion_are_as_they_were_meant(trial: Simulated) -> None:
    whole = reported(trial, EVERYTHING_KNOWN)
    for outcome, denominator in (
        (Outcome.IMPROVEMENT, Denominator.ASSESSABLE),
        (Outcome.COMPLETION, Denominator.POPULATION),
    ):
        table = whole.table(
            outcome, population=Population.ITT, clock=Clock.FOLLOW_UP, denominator=denominator
        )
        perfusion = next(one for one in table.figures if one.group == PERFUSION)
        mine = [one for one in trial.truth if one.arm == PERFUSION]
        meant = {
            one.trial_id
            for one in mine
            if (one.rounds and one.improved if outcome is Outcome.IMPROVEMENT else one.rounds == 2)
        }
        assert set(perfusion.standing[Standing.YES]) == meant


def expected(tables: Tables, figure: Figure) -> dict[Standing, tuple[str, ...]]:
    women = tables.members(figure.population.value, figure.group)
    column = COLUMN.get((figure.outcome, figure.denominator), f"{figure.outcome.value}_stands")
    stands = women[column].copy()
    match figure.denominator:
        case Denominator.CLINICAL:
            stands[~women["clinical"]] = "outside"
        case Denominator.DELIVERIES:
            stands[~(women["delivered"] | women["open"] | women["gone"])] = "outside"
        case Denominator.ATTEMPTING:
            tried = [
                any(start <= pd.Timestamp(day) <= end for day in days)
                for days, start, end in zip(women["tried"], women["start"], women["end"], strict=True)
            ]
            stands[~pd.Series(tried, index=women.index, dtype=bool)] = "outside"
    return {one: tuple(sorted(stands.index[stands == one.value])) for one in Standing}


@pytest.mark.parametrize("on", [EVERYTHING_KNOWN, MIDWAY], ids=["at the end", "midway"])
def test_every_figure_equals_an_independent_computation(trial: Simulated, on: date) -> None:
    """Lists, numerators, denominators and Wilson intervals of all tables, against pandas and statsmodels."""
    whole = reported(trial, on)
    tables = {clock: Tables(trial.courses, on=on.isoformat(), clock=clock.value) for clock in Clock}
    figures = [figure for table in whole.tables for figure in table.figures]
    assert len(figures) == 15 * (3 * 2 * 3 + 1)
    for figure in figures:
        lists = expected(tables[figure.clock], figure)
        assert dict(figure.standing) == lists, figure
        kept = figure.denominator is Denominator.POPULATION
        of = len(lists[Standing.YES]) + len(lists[Standing.NO]) + kept * len(lists[Standing.MISSING])
        assert (figure.yes, figure.of) == (len(lists[Standing.YES]), of)
        if figure.share is None:
            assert of == 0
            continue
        assert float(figure.share.value) == pytest.approx(figure.yes / of, abs=NEAR)
        bounds = float(figure.share.low), float(figure.share.high)
        assert bounds == pytest.approx(interval(figure.yes, of), abs=NEAR)


def test_every_comparison_equals_statsmodels(trial: Simulated) -> None:
    compared_tables = 0
    for table in reported(trial, EVERYTHING_KNOWN).tables:
        one, two = (
            next((one for one in table.figures if one.group == arm), None) for arm in (PERFUSION, CONTROL)
        )
        if one is None or two is None or not one.of or not two.of:
            continue
        (found,) = table.comparisons
        assert found.difference is not None
        bounds = float(found.difference.low), float(found.difference.high)
        assert bounds == pytest.approx(compared(one.yes, one.of, two.yes, two.of, "diff"), abs=NEAR)
        if one.yes and two.yes:
            assert found.ratio is not None
            bounds = float(found.ratio.low), float(found.ratio.high)
            assert bounds == pytest.approx(compared(one.yes, one.of, two.yes, two.of, "ratio"), rel=NEAR)
        compared_tables += 1
    assert compared_tables > 60


def test_conceived_before_follow_up_is_what_the_dates_say(trial: Simulated) -> None:
    tables = Tables(trial.courses, on="2031-01-01", clock="follow_up")
    found = tables.pregnancies.join(tables.women[["randomised", "arm"]], on="code")
    conceived = found["zero"] + pd.Timedelta(days=14)
    early = found[(conceived >= found["randomised"]) & (conceived < found["start"])]
    rows = reported(trial, EVERYTHING_KNOWN).conceived_before[Population.ITT]
    pooled = next(one for one in rows if one.group == "pooled")
    assert pooled.people == tuple(sorted(set(early["code"])))
    assert pooled.people


def test_nobody_who_was_not_randomised_is_in_an_arm(trial: Simulated) -> None:
    outside = {one.trial_id for one in trial.truth if not one.arm}
    for table in reported(trial, EVERYTHING_KNOWN).tables:
        for figure in table.figures:
            inside = {code for codes in figure.standing.values() for code in codes}
            expected_overlap = outside if table.population is Population.NOT_RANDOMISED else set()
            assert inside & outside == expected_overlap
