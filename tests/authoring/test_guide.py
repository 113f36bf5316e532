"""The guide for authors shows every kind of evidence."""

from pathlib import Path

from lims.authoring.load import SLOT_KINDS

GUIDE = (Path(__file__).parents[2] / "docs" / "master-batch-record.md").read_text(encoding="utf-8")


def test_the_guide_shows_every_kind_of_evidence() -> None:
    assert [kind for kind in SLOT_KINDS if f"kind: {kind}" not in GUIDE] == []
