"""The full-size master batch record: repeats are what a hand would write, a way not taken is never asked for."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lims.authoring.lint import lint_together
from lims.authoring.load import load_master_batch_record, load_protocol
from lims.domain.batch_record import SlotRecord, plan_of
from lims.domain.entries.batch import EvidenceRecorded
from lims.domain.entries.envelope import Entry
from lims.domain.entries.values import Branched, Judged
from lims.domain.formulas import FUNCTIONS
from lims.domain.master_batch_record import BranchSlot, CalculationSlot, Gate, Milestone, Step, Who

TEMPLATES = Path(__file__).parents[2] / "batch_templates"
TEXT = (TEMPLATES / "MBR-DNK-001.yaml").read_text(encoding="utf-8")
LOADED = load_master_batch_record(TEXT)
MASTER = LOADED.record
BRANCHES = [
    (f"{step.code}.{slot.code}", slot)
    for step in MASTER.steps
    for slot in step.evidence
    if isinstance(slot, BranchSlot)
]


def test_the_record_has_no_fault_and_no_warning_and_is_for_its_protocol() -> None:
    protocol = load_protocol(TEMPLATES / "PROTOCOL-DNK.yaml").record
    assert LOADED.warnings == ()
    assert list(lint_together(MASTER, protocol)) == []


def test_the_record_is_of_the_size_that_a_bench_can_follow() -> None:
    assert 100 <= len(MASTER.steps) <= 115
    assert max(len(step.evidence) for step in MASTER.steps) <= 11
    assert sum(step.who is Who.SIGNED and step.done_by is None for step in MASTER.steps) <= 12
    assert {step.done_by for step in MASTER.steps} - {None} == set(Milestone)


def test_every_formula_of_the_process_stands_in_the_record() -> None:
    """F1, F2, F4 are those of a count; F11, F15, F16 of the perfusion and the expiry; F14 and F17 are slots."""
    slots = [slot for step in MASTER.steps for slot in step.evidence]
    versions = {slot.formula_version.partition("/")[0] for slot in slots if isinstance(slot, CalculationSlot)}
    assert {"F3", "F5", "F6", "F7", "F8", "F9", "F10", "F12", "F13"} <= versions
    assert {"counts", "total_time", "label_balance"} <= {slot.kind for slot in slots}
    assert FUNCTIONS.keys() >= {"ceil", "max", "min", "sum"}


def test_both_releases_wait_for_tests() -> None:
    gates = [test.gate for test in MASTER.tests]
    assert {gate: gates.count(gate) for gate in Gate} == {
        Gate.CONDITIONAL: 17,
        Gate.FINAL: 12,
        Gate.NONE: 26,
    }


def _by_hand(text: str) -> str:
    """The file with every repeat replaced by the lines of its block, as somebody would copy and fill them in."""
    head, rest = text.split("\nblocks:\n", 1)
    blocks_text, stages = rest.split("\nstages:\n", 1)
    blocks: dict[str, list[str]] = {}
    for part in re.split(r"^  - code: ", blocks_text, flags=re.MULTILINE)[1:]:
        code, _, steps = part.partition("\n    steps:\n")
        blocks[code] = [
            line for line in steps.splitlines() if line.strip() and not line.lstrip().startswith("#")
        ]

    def copied(found: re.Match[str]) -> str:
        lines = []
        for line in blocks[found["block"]]:
            lines.append(line.replace("{run}", found["run"]).replace("{n}", found["n"]))
            if line.startswith("      - code: "):
                lines.append(f"        day: {found['day']}")
        return "\n".join(lines)

    repeat = re.compile(
        r"      - \{repeat: (?P<block>\w+), day: (?P<day>\d+), with: \{run: (?P<run>\w+), n: (?P<n>\d+)\}\}"
    )
    return head + "\nstages:\n" + repeat.sub(copied, stages)


def test_a_repeated_block_is_exactly_what_is_written_by_hand() -> None:
    written = _by_hand(TEXT)
    assert "repeat:" not in written and "{run}" not in written
    assert load_master_batch_record(written).canonical_sha256 == LOADED.canonical_sha256


def _took(branch: str, way: str) -> dict[tuple[str, str], SlotRecord]:
    step, slot = branch.split(".")
    fact = EvidenceRecorded(step=step, slot=slot, value=Branched(way=way), judged=Judged.WITHIN, limit=None)
    entry = Entry(
        stream="batch:0001",
        seq=1,
        time=datetime(2026, 3, 2, tzinfo=UTC),
        person="",
        role="",
        station="",
        act="",
        request=None,
        relied_on=(),
        fact=fact,
        hash="",
    )
    return {(step, slot): SlotRecord(history=(entry,))}


def _asked(step: Step, slots: dict[tuple[str, str], SlotRecord]) -> bool:
    return step in plan_of(MASTER, slots, ())


@pytest.mark.parametrize(("branch", "slot"), BRANCHES, ids=[branch for branch, _ in BRANCHES])
def test_a_way_that_is_not_taken_is_never_asked_for(branch: str, slot: BranchSlot) -> None:
    dependent = [step for step in MASTER.steps if step.when and step.when.branch == branch]
    assert dependent
    for step in dependent:
        assert step.when is not None
        assert not _asked(step, {})
        for way in slot.ways:
            assert _asked(step, _took(branch, way.code)) == (way.code in step.when.ways)


def test_steps_without_a_way_are_asked_for_in_every_batch() -> None:
    plain = [step for step in MASTER.steps if step.when is None]
    assert list(plan_of(MASTER, {}, ())) == plain
