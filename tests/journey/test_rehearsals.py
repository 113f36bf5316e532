"""Rehearsals: the shipped ones come out as they say, a wrong digit is found, faults are told by line."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from lims.actions.frozen import frozen
from lims.authoring.faults import AuthoringError
from lims.cli import main
from lims.documents.findings import Verdict
from lims.documents.verifier import verify_pdf, verify_record
from lims.domain.acts import ACTS, Role
from lims.domain.dose_given import endotoxin_given
from lims.domain.quantities import as_power_of_ten, as_written
from lims.domain.replay import replay
from lims.rehearsal.beginnings import Beginnings
from lims.rehearsal.facts import shown, unmet
from lims.rehearsal.hands import HANDS
from lims.rehearsal.paper import faults_of_ledger, record_json
from lims.rehearsal.play import Rehearsed, rehearse
from lims.rehearsal.read import Expected, Play, read_rehearsal
from lims.rehearsal.schema import GUIDE, SCHEMA, guide_text, schema_text
from lims.rehearsal.script import Block, Doing, LabelsFact, LotFact, StateFact, ValueFact
from tests.conftest import wanted_database, wanted_dialect
from tests.rules import independent_golden

NIGHTLY = "LIMS_NIGHTLY" in os.environ
SHIPPED = Path(__file__).parents[2] / "batch_templates" / "rehearsals"
TEN_STEP = SHIPPED / "ten-step.yaml"
GOLDEN = {"golden.yaml": independent_golden.GOLDEN, "golden-weak-donor.yaml": independent_golden.WEAK_DONOR}
GOOD = (TEN_STEP, *(SHIPPED / name for name in GOLDEN))
OTHERS = sorted(path.name for path in SHIPPED.glob("*.yaml") if path not in GOOD)
ON_ROWS = (
    "custody-refused.yaml",
    "line-clearance.yaml",
    "one-cabinet.yaml",
    "randomisation.yaml",
    "recalled-component.yaml",
    "recalled-lot.yaml",
    "stock-day.yaml",
)
PLAYED = OTHERS if wanted_dialect() == "sqlite" or NIGHTLY else ON_ROWS
"""Only an SQLite instance is copied where a shared beginning ends; elsewhere each is played from its first act, so
that outside the nightly run only those are whose refusals rest on rows and locks rather than on a batch alone."""

WITHOUT_ACTION = {"propose_clock_correction", "countersign_clock_correction"}
"""Acts of the table that cannot be rehearsed: a virtual clock never goes back."""


@pytest.fixture(scope="module")
def beginnings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beginnings]:
    """Disasters go on from the good journeys, which are played once; only an SQLite instance is so easily copied."""
    beginnings = Beginnings(
        tmp_path_factory.mktemp("rehearsals"), [read_rehearsal(SHIPPED / name) for name in OTHERS]
    )
    yield beginnings
    beginnings.close()


@contextmanager
def played(
    play: Play, folder: Path, beginnings: Beginnings, request: pytest.FixtureRequest
) -> Iterator[Rehearsed]:
    """The rehearsal on the database of this run."""
    with wanted_database(request) as url:
        rehearsed = rehearse(play, folder, database=url) if url else beginnings.rehearse(play)
        try:
            yield rehearsed
        finally:
            rehearsed.site.ledger.close()


@pytest.fixture(scope="module", params=GOOD, ids=lambda path: path.stem)
def good(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, beginnings: Beginnings
) -> Iterator[tuple[Play, Rehearsed]]:
    play = read_rehearsal(request.param)
    folder = tmp_path_factory.mktemp("good") / "instance"
    with played(replace(play, begun=len(play.scenes)), folder, beginnings, request) as rehearsed:
        yield play, rehearsed


def test_the_good_journey_comes_out_as_it_says(good: tuple[Play, Rehearsed]) -> None:
    play, rehearsed = good
    assert rehearsed.report.failures == []
    assert rehearsed.report.facts > len(play.then)


def test_the_rehearsal_stands_on_the_database_of_this_run(good: tuple[Play, Rehearsed]) -> None:
    assert good[1].site.ledger.engine.dialect.name == wanted_dialect()


def test_the_ledger_of_a_rehearsal_is_intact(good: tuple[Play, Rehearsed]) -> None:
    assert faults_of_ledger(good[1]) == ()


def test_the_record_of_a_rehearsal_verifies_with_its_site_code(good: tuple[Play, Rehearsed]) -> None:
    _, rehearsed = good
    assert verify_record(record_json(rehearsed), rehearsed.stage.code).verdict is not Verdict.NOT_INTACT


def test_every_verdict_of_a_rehearsal_comes_out_as_it_stands(good: tuple[Play, Rehearsed]) -> None:
    _, rehearsed = good
    record = frozen(rehearsed.site, rehearsed.batch or "")
    assert replay(record.stream, record.entries).differences == ()


@pytest.mark.parametrize("name", PLAYED)
def test_a_disaster_comes_out_as_it_says(
    name: str, tmp_path: Path, beginnings: Beginnings, request: pytest.FixtureRequest
) -> None:
    """Each group of exceptions that the acts can express."""
    with played(read_rehearsal(SHIPPED / name), tmp_path / "instance", beginnings, request) as rehearsed:
        assert [str(failure) for failure in rehearsed.report.failures] == []
        assert faults_of_ledger(rehearsed) == ()


def test_the_figures_on_file_are_those_of_an_independent_computation(good: tuple[Play, Rehearsed]) -> None:
    """Formulas F1 to F16 by plain fractions, of code that the system does not share."""
    play, rehearsed = good
    if (entered := GOLDEN.get(play.path.name)) is None:
        return
    batch = frozen(rehearsed.site, rehearsed.batch or "")
    assert batch.perfusion is not None and batch.expires_at is not None
    endotoxin = endotoxin_given(batch)
    expected = independent_golden.computed(entered)
    assert len(expected) > 80
    assert {name: shown(batch, name, rehearsed.stage) for name in expected} == expected
    assert independent_golden.dose(entered) == {
        "volume": f"{as_written(batch.perfusion.volume_given, 2)} mL",
        "viable": as_power_of_ten(batch.perfusion.viable_cells),
        "nk": as_power_of_ten(batch.perfusion.nk_cells),
        "endotoxin": endotoxin.shown if endotoxin else "",
    }
    expiry = independent_golden.expiry(entered)
    ends = rehearsed.stage.calendar.told(batch.expires_at)
    assert ends == f"D{(expiry - datetime(2001, 1, 1)).days} {expiry:%H:%M}"


def other_digit(text: str) -> str:
    """The text with its last digit of 0 to 8 one higher, or its last 9 made 8; a word is made another one."""
    at = max((at for at, char in enumerate(text) if char in "0123456789"), default=None)
    if at is None:
        return f"{text}_otherwise"
    return text[:at] + ("8" if text[at] == "9" else str(int(text[at]) + 1)) + text[at + 1 :]


def wrong_digits(expected: Expected) -> Iterator[object]:
    """The fact again and again, each time with one expected number otherwise."""
    fact = expected.fact
    match fact:
        case ValueFact():
            for name in ("shown", "exact"):
                if value := getattr(fact, name):
                    yield fact.model_copy(update={name: other_digit(value)})
        case LabelsFact():
            for name in ("printed", "applied", "attached", "destroyed", "balance"):
                yield fact.model_copy(update={name: (getattr(fact, name) or 0) + 1})
        case LotFact():
            yield fact.model_copy(update={"left": other_digit(fact.left or "0")})
        case StateFact():
            if fact.expires:
                yield fact.model_copy(update={"expires": other_digit(fact.expires)})
            if fact.dose:
                for name, value in fact.dose.model_dump(exclude_none=True).items():
                    yield fact.model_copy(
                        update={"dose": fact.dose.model_copy(update={name: other_digit(value)})}
                    )


def test_every_expected_digit_counts(good: tuple[Play, Rehearsed]) -> None:
    play, rehearsed = good
    wrong = [fact for expected in play.then for fact in wrong_digits(expected)]
    assert len(wrong) >= 40
    assert [fact for fact in wrong if not unmet(fact, rehearsed.stage)] == []


def test_every_act_of_the_table_can_be_rehearsed() -> None:
    by_people = {name for name, act in ACTS.items() if act.by != {Role.SYSTEM}}
    assert by_people - set(HANDS) == WITHOUT_ACTION


def test_every_act_is_played_in_a_shipped_rehearsal() -> None:
    scenes = [scene.play for path in SHIPPED.glob("*.yaml") for scene in read_rehearsal(path).scenes]
    played = {play.act for play in scenes if isinstance(play, Doing)}
    if any(isinstance(play, Block) for play in scenes):
        played |= {"record_evidence", "witness_step", "confirm_step", "verify_step"}
    assert set(HANDS) - played == set()


def test_the_published_schema_is_not_stale() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema_text()


def test_the_guide_tells_every_act_and_every_shipped_rehearsal() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    assert guide == guide_text(guide)
    assert [path.name for path in SHIPPED.glob("*.yaml") if path.name not in guide] == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("  - {at: D0 09:00, who: tech-a, act: fly_away}", "“fly_away” is no act of the table of acts."),
        ("  - {at: D0 09:00, who: nobody, act: close_record}", "Nobody here is called “nobody”."),
        ("  - {at: noon, who: qa-a, act: close_record}", "a time is written D0 09:05, or +20 min"),
        ("  - {at: D0 09:00, who: qa-a, act: close_record, sign: true}", "“sign” is not a field here."),
        ("  - {at: D0 09:00, who: qa-a, act: reject_batch, with: {}}", "“reason” is missing."),
        ("  - {at: D0 09:00, who: qa-a, act: close_record, expect: {refused: no.rule}}", "There is no rule"),
        (
            "  - {at: D0 09:00, who: tech-a}",
            "A line of the play has one of: act, do, receives, results, check.",
        ),
    ],
)
def test_a_fault_is_told_with_its_line(line: str, told: str, tmp_path: Path) -> None:
    text = TEN_STEP.read_text(encoding="utf-8")
    path = tmp_path / "faulty.yaml"
    path.write_text(text.replace("acts:\n", f"acts:\n{line}\n", 1), encoding="utf-8")
    number = path.read_text(encoding="utf-8").splitlines().index(line) + 1
    with pytest.raises(AuthoringError) as faulty:
        read_rehearsal(path)
    assert f"faulty.yaml:{number}: " in str(faulty.value) and told in str(faulty.value)


def test_the_command_writes_the_sealed_record_and_ends_well(tmp_path: Path) -> None:
    """The command always plays on an SQLite file that it throws away, whatever database the site has."""
    pdf, record = tmp_path / "record.pdf", tmp_path / "record.json"
    asked = ["rehearse", str(SHIPPED / "late-arrival.yaml"), "--pdf", str(pdf), "--record", str(record)]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 0, result.output
    assert "hold_time.exceeded" in result.output
    assert verify_pdf(pdf.read_bytes(), None).verdict is not Verdict.NOT_INTACT
    assert json.loads(record.read_text(encoding="utf-8"))["chains"]


def test_the_command_names_the_expectation_that_failed(tmp_path: Path) -> None:
    text = (SHIPPED / "wrong-arm.yaml").read_text(encoding="utf-8").replace("../", f"{SHIPPED.parent}/")
    path = tmp_path / "other.yaml"
    path.write_text(text.replace("{refused: participant.arm}", "accepted"), encoding="utf-8")
    line = text[: text.index("{refused: participant.arm}")].count("\n") + 1
    result = CliRunner().invoke(main, ["rehearse", str(path)])
    assert result.exit_code == 1
    told = f"other.yaml:{line}: issue_batch by qa-b: expected to be accepted, was refused by participant.arm"
    assert told in result.output


def test_a_marker_that_her_rule_set_does_not_have_stops_the_play_at_its_line(tmp_path: Path) -> None:
    text = (SHIPPED / "screening.yaml").read_text(encoding="utf-8").replace("../", f"{SHIPPED.parent}/")
    path = tmp_path / "other.yaml"
    path.write_text(text.replace("readings: {nk_share:", "readings: {nk_shares:"), encoding="utf-8")
    line = text[: text.index("readings: {nk_share:")].count("\n") + 1
    result = CliRunner().invoke(main, ["rehearse", str(path)])
    assert result.exit_code == 1
    assert f"other.yaml:{line}: nk_shares is no marker of her rule set" in result.output
