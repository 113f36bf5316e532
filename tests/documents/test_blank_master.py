"""A blank master batch record prints everything that two people approved, and says that it is no record."""

import io
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

import pikepdf
import pytest

from lims.documents.batch_record_copy import manifest
from lims.documents.blank_master import NOT_A_RECORD, Blank, print_blank_master
from lims.documents.blank_master_words import asks, extras
from lims.documents.papers import filename, next_copy
from lims.domain.entries.keys import SignatureMade
from lims.domain.entries.masters import MasterProposed
from lims.domain.master_batch_record import (
    CalculationSlot,
    ChoiceSlot,
    InProcessControlSlot,
    NumberSlot,
    Slot,
    Words,
)
from lims.domain.masters import fold_versions
from lims.domain.quantities import plain
from lims.domain.sentences import at_site
from tests.documents.printed import before, pages_of, squeezed, text_of
from tests.rules.played_batch import played
from tests.rules.stage_play import PEOPLE, ZONE, templates

MASTER = templates()[0].record


def blank(*, approved: bool = True, language: str = "en", in_force: str | None = None) -> Blank:
    stream = f"master:{MASTER.code}"
    entries = played().streams[stream]
    version = fold_versions(stream, entries).versions[0]
    if not approved:
        version = replace(version, approved=None)
    return Blank(
        master=MASTER,
        version=version,
        in_force=in_force or (version.version if approved else None),
        signatures=tuple(manifest(e, e.fact) for e in entries if isinstance(e.fact, SignatureMade)),
        people=PEOPLE,
        language=language,
        kind="demo",
        site_name="Demo Cell Laboratory",
        zone=ZONE,
        printed_by="Technician A",
        printed_at=entries[-1].time + timedelta(hours=1),
        copy_number=2,
        supersedes=None,
    )


def told(paper: Blank) -> str:
    return squeezed(text_of(print_blank_master(paper)))


def has(text: str, *parts: str) -> None:
    assert [part for part in parts if squeezed(part) not in text] == []


def test_the_same_version_prints_the_same_bytes() -> None:
    assert print_blank_master(blank()) == print_blank_master(blank())


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_every_font_is_embedded(language: str) -> None:
    with pikepdf.open(io.BytesIO(print_blank_master(blank(language=language)))) as file:
        fonts = [font for page in file.pages for font in page.Resources.Font.as_dict().values()]
        assert fonts and all("/FontFile2" in font.get("/FontDescriptor", {}) for font in fonts)


def test_every_page_says_that_it_is_no_record_of_any_batch() -> None:
    pages = pages_of(print_blank_master(blank()))
    assert len(pages) > 5
    assert all(page.count(NOT_A_RECORD) == 2 and "BLANK" in page for page in pages)


def test_a_version_that_nobody_approved_says_so_on_every_page() -> None:
    """21 CFR 211.186(a): nothing is made from what one person wrote."""
    pages = pages_of(print_blank_master(blank(approved=False)))
    assert all("NOT APPROVED" in page and "Not approved" in page for page in pages)
    assert "nothing may be made from it" in " ".join(pages[0].split())
    assert "NOT APPROVED" not in text_of(print_blank_master(blank()))


def test_an_approved_version_that_is_replaced_names_the_one_in_force() -> None:
    has(told(blank(in_force="2")), "APPROVED, NOT IN FORCE", "version 2 is in force")


def test_both_hashes_and_both_people_stand_on_it() -> None:
    paper = blank()
    version = paper.version
    assert version.approved is not None
    has(
        told(paper),
        version.file_sha256,
        version.canonical_sha256,
        PEOPLE[version.author],
        PEOPLE[version.approved.person],
        at_site(version.proposed.time, ZONE),
        at_site(version.approved.time, ZONE),
        version.approved.hash,
        *(f"“{item.sentence}”" for item in paper.signatures),
    )


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_every_step_is_printed_with_its_instructions_and_evidence(language: str) -> None:
    text = told(blank(language=language))
    for step in MASTER.steps:
        words: list[Words] = [step.title, *step.instructions, *(slot.title for slot in step.evidence)]
        has(text, *(item.read_in(language) for item in words))


def test_every_limit_is_printed_with_its_decimals() -> None:
    text = told(blank())
    for step in MASTER.steps:
        for slot in step.evidence:
            if isinstance(slot, NumberSlot | CalculationSlot) and slot.limit:
                has(text, f"{slot.limit.shown()}, judged at decimals: {slot.limit.decimals}")
            if isinstance(slot, InProcessControlSlot):
                has(text, *(f"{band.limit.shown()}" for band in slot.bands))


def test_every_formula_is_printed_with_its_version_and_inputs() -> None:
    text = told(blank())
    found = [slot for step in MASTER.steps for slot in step.evidence if isinstance(slot, CalculationSlot)]
    assert found
    for slot in found:
        has(text, f"{slot.formula} ({slot.formula_version})", f"rounded half up, decimals: {slot.decimals}")
        for item in slot.inputs:
            value = plain(item.constant) if item.constant is not None else item.source
            has(text, f"{item.name} = {value}")


def test_an_answer_that_opens_a_deviation_says_so() -> None:
    text = told(blank())
    for step in MASTER.steps:
        for slot in step.evidence:
            if isinstance(slot, ChoiceSlot):
                for option in slot.options:
                    mark = "" if option.acceptable else " · opens a deviation"
                    has(text, option.title.en + mark)


def test_materials_containers_samples_labels_tests_and_yields_are_printed() -> None:
    has(
        told(blank()),
        *(item.title.en for item in MASTER.materials),
        *(item.title.en for item in MASTER.containers),
        *(item.title.en for item in MASTER.samples),
        *(item.title.en for item in MASTER.labels),
        *(item.title.en for item in MASTER.yields),
        *(test.title.en for test in MASTER.tests),
        *(test.method for test in MASTER.tests),
        *(words.en for words in (*MASTER.precautions, *MASTER.profile_notes)),
    )


def test_every_value_that_the_site_must_set_is_marked() -> None:
    marked = sum(slot.placeholder for step in MASTER.steps for slot in step.evidence)
    marked += sum(item.placeholder for item in (*MASTER.materials, *MASTER.tests, *MASTER.yields))
    assert told(blank()).count("examplevalue") >= marked > 30
    has(told(blank()), ", ".join(MASTER.placeholders))


def test_it_says_who_stands_behind_each_step_and_how() -> None:
    has(
        told(blank()),
        "Performed by PIN",
        "checked afterwards by another person by PIN",
        "witness at the station",
    )


def test_a_superseding_print_names_the_one_before() -> None:
    older = before("blank_master", number="MBR-DNK-010/1")
    assert older.filename == "master-MBR-DNK-010-v1-copy-1-en.pdf"
    has(told(replace(blank(), supersedes=older)), older.filename, older.sha256)


def test_a_kind_of_evidence_that_is_new_to_the_paper_is_printed_as_it_is_written() -> None:
    """What the paper has no words for yet is never left out."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class PhotoSlot(Slot):
        kind: Literal["photo"] = "photo"
        least: int = 1

    slot = PhotoSlot(code="p", title=Words(en="Photo", zh="照片"), least=3)
    lines = asks(str, lambda words: words.en, slot, MASTER)  # type: ignore[arg-type]
    assert lines == ["photo", "least: 3"]


def test_a_field_of_a_step_that_is_new_to_the_paper_is_printed_as_it_is_written() -> None:
    step = MASTER.steps[0]
    assert extras(str, step) == []

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Branching(type(step)):  # type: ignore[misc]
        only_if: str = ""

    kept = {name: getattr(step, name) for name in type(step).__dataclass_fields__}
    assert extras(str, Branching(**kept, only_if="count.total ≥ 3")) == ['only if: "count.total ≥ 3"']


def test_each_version_counts_its_own_copies() -> None:
    assert next_copy("blank_master", []) == (1, None)
    assert (
        filename("blank_master", "MBR-DNK-010/2", 3, "zh_Hans") == "master-MBR-DNK-010-v2-copy-3-zh_Hans.pdf"
    )
    assert any(isinstance(entry.fact, MasterProposed) for entry in played().streams["master:MBR-DNK-010"])
