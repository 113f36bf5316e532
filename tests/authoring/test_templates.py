"""The shipped ten-step master batch record and study protocol are whole, and agree."""

from dataclasses import fields, is_dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from lims.authoring.lint import lint_together
from lims.authoring.load import Loaded, load_master_batch_record, load_protocol
from lims.authoring.schema import FOLDER, schemas
from lims.domain.canonical import file_hash
from lims.domain.formulas import Formula
from lims.domain.limits import Limit
from lims.domain.master_batch_record import CalculationSlot, Gate, MasterBatchRecord, SecondPerson
from lims.domain.quantities import plain, round_half_up

TEMPLATES = Path(__file__).parents[2] / "batch_templates"


@pytest.fixture(scope="module")
def loaded() -> Loaded[MasterBatchRecord]:
    return load_master_batch_record(TEMPLATES / "MBR-DNK-010.yaml")


def test_the_batch_has_ten_steps_in_their_order(loaded: Loaded[MasterBatchRecord]) -> None:
    """Issue 2, item 7."""
    assert [step.code for step in loaded.record.steps] == [
        "receive",
        "set_up",
        "count",
        "seed",
        "feed",
        "check_identity",
        "harvest",
        "formulate",
        "fill",
        "quarantine",
    ]


def test_the_templates_give_no_warning(loaded: Loaded[MasterBatchRecord]) -> None:
    assert (loaded.warnings, load_protocol(TEMPLATES / "PROTOCOL-DNK.yaml").warnings) == ((), ())


def test_the_record_and_its_protocol_agree(loaded: Loaded[MasterBatchRecord]) -> None:
    assert list(lint_together(loaded.record, load_protocol(TEMPLATES / "PROTOCOL-DNK.yaml").record)) == []


def test_the_two_hashes_are_those_of_the_file_and_of_what_was_understood(
    loaded: Loaded[MasterBatchRecord],
) -> None:
    content = (TEMPLATES / "MBR-DNK-010.yaml").read_bytes()
    assert (loaded.file_sha256, loaded.text.encode(), loaded.canonical_sha256) == (
        file_hash(content),
        content,
        loaded.record.sha256,
    )


def test_a_comment_changes_the_file_but_not_what_is_understood(loaded: Loaded[MasterBatchRecord]) -> None:
    other = load_master_batch_record(loaded.text + "\n# a comment\n")
    assert (other.canonical_sha256, other.file_sha256 == loaded.file_sha256) == (
        loaded.canonical_sha256,
        False,
    )


def test_final_sterility_is_the_only_test_after_the_conditional_release(
    loaded: Loaded[MasterBatchRecord],
) -> None:
    """domain.md 3.1: sterility B reads 14 days after the product was used."""
    assert [test.code for test in loaded.record.tests if test.gate is Gate.FINAL] == ["sterility_b"]


def test_two_people_stand_at_clearance_identity_and_filling(loaded: Loaded[MasterBatchRecord]) -> None:
    witnessed = [step.code for step in loaded.record.steps if step.second_person is SecondPerson.WITNESS]
    assert witnessed == ["set_up", "check_identity", "fill"]


def test_a_site_can_see_every_value_it_must_set(loaded: Loaded[MasterBatchRecord]) -> None:
    """Every slot with a limit that is not of the batch's own arithmetic is marked as a placeholder."""
    unmarked = [
        f"{step.code}.{slot.code}"
        for step in loaded.record.steps
        for slot in step.evidence
        if not slot.placeholder
        and is_dataclass(slot)
        and any(isinstance(getattr(slot, part.name), Limit) for part in fields(slot))
    ]
    assert unmarked == ["formulate.unaccounted"]


@pytest.mark.parametrize(
    ("step", "slot", "inputs", "result"),
    [
        ("count", "total", {"concentration": "7.50e6", "volume": "10.0"}, "75000000"),
        ("seed", "target_volume", {"total": "7.5e7", "density": "1.0e6"}, "75.0"),
        ("formulate", "target_volume", {"total": "6.1e7", "concentration": "2.0e7"}, "3.05"),
        ("formulate", "concentration", {"total": "6.1e7", "made": "3.05"}, "20000000"),
        (
            "formulate",
            "unaccounted",
            {"made": "3.05", "fill": "1.20", "qc": "1.00", "retain": "0.85"},
            "0.00",
        ),
    ],
)
def test_the_golden_batch_runs_through_its_formulas(
    loaded: Loaded[MasterBatchRecord], step: str, slot: str, inputs: dict[str, str], result: str
) -> None:
    """domain.md 2.6."""
    found = next(each for each in loaded.record.step(step).evidence if each.code == slot)
    assert isinstance(found, CalculationSlot)
    value = Formula(found.formula).evaluate({name: Decimal(entry) for name, entry in inputs.items()})
    assert plain(round_half_up(value, found.decimals)) == result


@pytest.mark.parametrize("name", ["master-batch-record.schema.json", "study-protocol.schema.json"])
def test_the_published_schema_is_not_stale(name: str) -> None:
    """Run `python -m lims.authoring.schema` after a change of the dataclasses."""
    assert (FOLDER / name).read_text(encoding="utf-8") == schemas()[name]
