"""The trial's report on paper: every rate with its interval and its list, and nothing by arm when it is pooled."""

from datetime import UTC, datetime

import pytest

from lims.authoring.load import load_protocol
from lims.documents.charts_products import percent
from lims.documents.trial_report import print_trial_report
from lims.documents.trial_report_copy import ReportCopy
from lims.documents.trial_words import OUTCOMES, STATEMENT
from lims.domain.trial.figures import Figures, compose
from lims.domain.trial.standing import Outcome, Standing
from tests.documents.printed import pages_of, squeezed, text_of
from tests.player.stage import TEMPLATES
from tests.trial_generator import EVERYTHING_KNOWN, simulate

PROTOCOL = load_protocol((TEMPLATES / "PROTOCOL-DNK.yaml").read_text()).record
TRIAL = simulate(seed=3, randomised=42, not_randomised=12)


def figures(*, by_arm: bool = True, locked: bool = False) -> Figures:
    return compose(TRIAL.courses, PROTOCOL, on=EVERYTHING_KNOWN, locked=locked, by_arm=by_arm, may=by_arm)


def copy(found: Figures, language: str = "en") -> ReportCopy:
    return ReportCopy(
        figures=found,
        language=language,
        kind="demo",
        site_name="Demo Cell Laboratory",
        zone="Asia/Shanghai",
        printed_by="Statistician A",
        printed_at=datetime(2031, 1, 1, 2, 0, tzinfo=UTC),
        copy_number=2,
        made_from="checkpoints #7",
        made_from_hash="ab" * 32,
        supersedes=None,
    )


def told(found: Figures, language: str = "en") -> str:
    return squeezed(text_of(print_trial_report(copy(found, language))))


BY_ARM, POOLED = figures(), figures(by_arm=False)
WHOLE, TOGETHER = told(BY_ARM), told(POOLED)


def test_every_rate_stands_there_with_its_interval() -> None:
    for table in BY_ARM.report.tables:
        for figure in table.figures:
            if table.population == "not_randomised" and table.outcome is Outcome.COMPLETION:
                continue
            assert squeezed(f"{figure.yes}/{figure.of}") in WHOLE
            assert squeezed(percent(figure.share, str)) in WHOLE


def test_who_stands_behind_a_number_by_arm_is_listed() -> None:
    for table in BY_ARM.report.tables:
        for figure in table.figures:
            if table.is_headline and table.population == "itt":
                assert all(code in WHOLE for code in figure.standing[Standing.YES])


def test_a_pooled_report_names_nobody_beside_an_outcome() -> None:
    assert "Behindeachnumber" in WHOLE.replace(" ", "")
    assert "Behindeachnumber" not in TOGETHER.replace(" ", "")
    assert "riskratio" not in TOGETHER.replace(" ", "")
    assert "clinicalpregnancy2" not in TOGETHER.replace(" ", "")


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_each_page_says_that_it_gives_no_medical_advice(language: str) -> None:
    paper = copy(POOLED, language)
    for page in pages_of(print_trial_report(paper)):
        assert squeezed(paper.say(STATEMENT)) in squeezed(page)


def test_every_outcome_has_its_definition_and_its_settings() -> None:
    for name, _tells in OUTCOMES.values():
        assert squeezed(name) in TOGETHER
    for setting in (
        "late_first_scan",
        "termination",
        "born_alive_before_limit",
        "preterm_counts",
        "over_time",
    ):
        assert setting in TOGETHER


def test_the_report_says_interim_until_the_trial_is_locked() -> None:
    assert "INTERIM" in TOGETHER
    locked = told(figures(by_arm=False, locked=True))
    assert "LOCKED" in locked and "INTERIM" not in locked


def test_the_same_copy_gives_the_same_bytes() -> None:
    assert print_trial_report(copy(POOLED)) == print_trial_report(copy(POOLED))


def test_before_anybody_is_enrolled_the_report_is_empty_and_says_so() -> None:
    empty = compose((), PROTOCOL, on=EVERYTHING_KNOWN, locked=False, by_arm=True, may=True)
    assert "0/0" in told(empty)
    assert "n/a" in told(empty)
