"""The figures' acts: looks by arm and the lock of the trial (issue 6 point 8; ICH E9 4.5)."""

import pytest

from lims.actions import figures, trial_report
from lims.authoring.load import load_protocol
from lims.domain.entries.figures import FiguresSeen, TrialLocked
from lims.domain.entries.keys import DocumentIssued
from lims.domain.trial.figures import Figures, compose
from lims.domain.trial.sight import STREAM
from tests.actions.attempts import new_protocol
from tests.builders import At, Played, SharedAt, refuses
from tests.cast import CLIN_A, COORD, INSPECTOR, QA_A, QA_B, STAT
from tests.trial_generator import EVERYTHING_KNOWN, simulate

KEPT_FROM = (COORD, CLIN_A, QA_A, INSPECTOR)


def look(played: Played, who: str) -> None:
    figures.see_by_arm(played.stage.site, played.actor(who), played.request())


def lock(played: Played) -> None:
    figures.lock_trial(played.stage.site, played.actor(QA_A), played.request())


def found(*, by_arm: bool, may: bool) -> Figures:
    protocol = load_protocol(new_protocol()).record
    courses = simulate(seed=5, randomised=30, not_randomised=9).courses
    return compose(courses, protocol, on=EVERYTHING_KNOWN, locked=False, by_arm=by_arm, may=may)


@pytest.mark.parametrize("who", KEPT_FROM)
def test_until_lock_only_the_statistician_sees_by_arm(shared_at: SharedAt, who: str) -> None:
    played = shared_at("staffed")
    with refuses(played, "figures.by_arm", filed=f"{STREAM}!refusals"):
        look(played, who)


def test_each_look_is_on_file_with_the_version_of_the_protocol(at: At) -> None:
    played = at("staffed")
    look(played, STAT)
    look(played, STAT)
    facts = [entry.fact for entry in played.entries(STREAM)]
    assert [(fact.protocol, fact.how) for fact in facts if isinstance(fact, FiguresSeen)] == [
        ("1", "page")
    ] * 2


@pytest.mark.parametrize("who", KEPT_FROM)
def test_after_lock_everyone_who_reads_the_report_may_read_it_by_arm(at: At, who: str) -> None:
    played = at("staffed")
    lock(played)
    look(played, who)
    locked, seen = (entry.fact for entry in played.entries(STREAM) if not hasattr(entry.fact, "intent"))
    assert isinstance(locked, TrialLocked)
    assert isinstance(seen, FiguresSeen)


def test_a_trial_is_locked_once(at: At) -> None:
    played = at("staffed")
    lock(played)
    with refuses(played, "figures.locked", filed=f"{STREAM}!refusals"):
        figures.lock_trial(played.stage.site, played.actor(QA_B), played.request())


def test_a_report_by_arm_is_a_look_and_the_same_request_gives_the_same_paper(at: At) -> None:
    played, request = at("staffed"), "report-1"
    whole = found(by_arm=True, may=True)
    papers = [
        trial_report.issue_trial_report(
            played.stage.site, played.actor(STAT), request, found=whole, language="en"
        )
        for _ in range(2)
    ]
    assert papers[0].content == papers[1].content
    (issued,) = (e.fact for e in played.entries("documents:PROTOCOL-DNK"))
    assert isinstance(issued, DocumentIssued) and issued.head_stream == "checkpoints"
    assert [e.fact.how for e in played.entries(STREAM) if isinstance(e.fact, FiguresSeen)] == ["paper"]


def test_a_report_by_arm_is_refused_to_who_may_not_see_it_and_nothing_is_printed(shared_at: SharedAt) -> None:
    played = shared_at("staffed")
    with refuses(played, "figures.by_arm", filed="documents:PROTOCOL-DNK!refusals"):
        trial_report.issue_trial_report(
            played.stage.site,
            played.actor(COORD),
            played.request(),
            found=found(by_arm=True, may=False),
            language="en",
        )
