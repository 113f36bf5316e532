"""The printed batch record holds everything that is on file, says what it is worth, and prints the same twice."""

import io
import re
import time
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from lims.documents.batch_record_copy import State, manifest
from lims.documents.parts import Unprintable
from lims.domain.batch_fold import as_of
from lims.domain.codes import grouped
from lims.domain.entries.batch import Annotated, BatchRejected, HoldPlaced
from lims.domain.entries.envelope import Detached
from lims.domain.entries.keys import SignatureMade
from lims.domain.entries.stations import LineOpened
from lims.domain.entries.values import Number
from lims.domain.rounding import as_power_of_ten
from lims.domain.sentences import at_site
from lims.domain.stations import CHECKS
from lims.domain.yields import yields_of
from tests.documents.printed import (
    before,
    codes_on,
    copy_of,
    followed_by,
    pages_of,
    paper,
    printed,
    squeezed,
    text_of,
)
from tests.rules.played_batch import POINTS, played
from tests.rules.stage_play import PEOPLE, ZONE


def test_the_same_record_prints_the_same_bytes() -> None:
    assert paper(played("count")) == paper(played("count"))


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
@pytest.mark.parametrize("point", POINTS)
def test_a_batch_prints_at_every_point_of_its_life(point: str, language: str) -> None:
    assert printed(point, language=language).startswith(b"%PDF-")


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_every_font_is_embedded(language: str) -> None:
    with pikepdf.open(io.BytesIO(printed(language=language))) as file:
        found = {
            str(font.BaseFont): "/FontFile2" in font.get("/FontDescriptor", {})
            for page in file.pages
            for font in page.Resources.Font.as_dict().values()
        }
    assert len(found) >= 5 and all(found.values()), found


def test_every_page_says_which_of_how_many() -> None:
    pages = pages_of(printed())
    for number, text in enumerate(pages, start=1):
        assert f"{number} of {len(pages)}" in text


def test_every_measured_value_is_printed_as_it_was_typed() -> None:
    text, batch = text_of(printed()), played().record
    for held in batch.slots.values():
        for entry in held.history:
            value = getattr(entry.fact, "value", None)
            if isinstance(value, Number):
                assert f"{value.raw} {value.unit}".removesuffix(" 1") in text


def test_every_slot_and_every_instruction_is_printed() -> None:
    text = squeezed(text_of(printed()))
    for step in played().record.master.steps:
        for words in (step.title, *step.instructions, *(slot.title for slot in step.evidence)):
            assert squeezed(words.en) in text


def test_every_signature_shows_name_time_and_meaning() -> None:
    """21 CFR 11.50(a): printed name, date and time, meaning, in any human readable form."""
    text = squeezed(text_of(printed()))
    for entry in played().record.entries:
        if isinstance(entry.fact, SignatureMade):
            shown = manifest(entry, entry.fact)
            for part in (
                shown.name,
                f"“{shown.sentence}”",
                at_site(entry.time, ZONE),
                shown.kid,
                f"#{shown.covers}",
            ):
                assert squeezed(part) in text


def test_every_entry_stands_in_the_audit_trail_with_its_number_and_time() -> None:
    pages = pages_of(printed())
    first = next(at for at, page in enumerate(pages) if "Audit trail" in page and at > 1)
    text = squeezed(" ".join(pages[first:]))
    for entry in played().record.entries:
        assert f"#{entry.seq}{squeezed(at_site(entry.time, ZONE))}" in text


def test_a_deviation_is_printed_with_explanation_and_decision() -> None:
    text = squeezed(text_of(printed()))
    batch = played()
    deviation = batch.record.deviations["0037-1"]
    assert deviation.explanation is not None and deviation.decision is not None
    held = (deviation.explanation.happened, deviation.explanation.did, deviation.decision.impact)
    for value in held:
        assert squeezed(batch.words[value.commitment]) in text


def test_every_yield_is_printed_with_its_parts_and_its_limit() -> None:
    """Actual, theoretical and percent at the stages that the master record names (21 CFR 211.188(b)(7))."""
    text = squeezed(text_of(printed()))
    found = yields_of(played().record)
    assert len(found) == 2
    for item in found:
        assert item.percent is not None and item.actual is not None
        for said in (item.share.title.en, f"{item.shown} %", as_power_of_ten(item.actual)):
            assert squeezed(said) in text, said


def test_a_corrected_value_stays_readable_beside_the_new_one() -> None:
    text = text_of(printed())
    assert "14.2 mL was" in text and "12.4 mL now" in text


def test_every_lot_and_container_is_printed() -> None:
    text = squeezed(text_of(printed()))
    batch = played().record
    for code in (*batch.containers, *batch.labels):
        assert squeezed(grouped(code)) in text
    for at in range(1, 6):
        assert f"DEMO-26{at:02d}" in text


def test_refused_acts_are_printed() -> None:
    assert squeezed("Technician A was refused “Agree”: You performed this step.") in squeezed(
        text_of(printed())
    )


def test_everybody_who_took_part_is_named() -> None:
    text = text_of(printed())
    taking_part = {entry.person for entry in played().record.entries}
    assert all(PEOPLE[person] in text for person in taking_part)


@pytest.mark.parametrize(
    ("point", "state"),
    [
        ("issued", State.INTERIM),
        ("tested", State.INTERIM),
        ("released", State.CONDITIONAL),
        ("disposed", State.INTERIM),
    ],
)
def test_an_open_record_prints_interim(point: str, state: State) -> None:
    assert copy_of(played(point)).state is state
    assert "INTERIM" in text_of(printed(point))


def test_a_record_closed_under_a_signature_is_final() -> None:
    assert copy_of(played()).state is State.FINAL
    assert "True copy" in text_of(printed())


def test_an_entry_after_the_closure_makes_the_record_interim_again() -> None:
    words = next(e.fact.words for e in played().record.entries if isinstance(e.fact, Annotated))
    late = followed_by(played(), Annotated(words=words, step=None))
    assert copy_of(late).state is State.INTERIM
    assert "True copy" not in text_of(paper(late))


def test_a_held_batch_says_why_on_its_cover() -> None:
    held = followed_by(played("tested"), HoldPlaced(reason_code="deviation", reference="0037-1"))
    cover = pages_of(paper(held))[0]
    assert "ON HOLD" in cover and "The batch is on hold: deviation." in cover


def test_a_rejected_batch_prints_too_and_says_that_it_is_not_for_use() -> None:
    words = next(e.fact.words for e in played().record.entries if isinstance(e.fact, Annotated))
    rejected = followed_by(played("tested"), BatchRejected(reason=words), act="reject_batch")
    assert copy_of(rejected).state is State.REJECTED
    assert "NOT FOR USE" in pages_of(paper(rejected))[0]
    assert "Rejected" in text_of(paper(rejected))


def test_an_undecided_deviation_is_printed_as_open() -> None:
    batch = played("receive")
    opened = batch.record.deviations["0037-1"].opened
    short = replace(batch, record=as_of(batch.record, opened.seq))
    text = text_of(paper(short))
    assert "Not decided" in text and "deviations, 1 undecided" in text


def test_a_demo_says_so_on_every_page() -> None:
    assert all("DEMO · fictional data" in page for page in pages_of(printed("receive")))


def test_a_production_record_carries_no_other_mark() -> None:
    assert "DEMO" not in re.sub(
        r"DEMO-26\d\d|CATH-DEMO-1", "", text_of(printed("receive", kind="production"))
    )


def test_example_values_are_printed_as_such() -> None:
    assert text_of(printed("receive")).count("example value") > 30


def test_it_never_says_more_than_it_knows() -> None:
    text = text_of(printed()).lower()
    assert "validated" not in text and "compliant" not in text


def test_erased_words_leave_a_gap_that_is_named() -> None:
    batch = played("count")
    explained = batch.record.deviations["0037-1"].explanation
    assert explained is not None
    left = {key: value for key, value in batch.words.items() if key != explained.happened.commitment}
    text = squeezed(text_of(paper(replace(batch, words=left))))
    assert squeezed("[erased or not disclosed]") in text
    assert explained.happened.commitment in text


def test_a_name_that_no_font_holds_prints_nothing() -> None:
    batch = played("receive")
    with pytest.raises(Unprintable) as unprintable:
        paper(replace(batch, people={**batch.people, "technician.a": "Technician \U0002a6d6"}))
    assert unprintable.value.signs == {"\U0002a6d6"}


def test_long_free_text_goes_on_over_pages() -> None:
    batch = played("receive")
    explained = batch.record.deviations["0037-1"].explanation
    assert isinstance(explained and explained.happened, Detached)
    assert explained is not None
    long = "".join(f"第{at}句：记录仪温度短暂低于下限，已重新摆放冰袋并复查。" for at in range(300))
    text = squeezed(
        text_of(paper(replace(batch, words={**batch.words, explained.happened.commitment: long})))
    )
    assert all(f"第{at}句" in text for at in range(300))


def test_a_superseding_copy_names_the_one_before() -> None:
    older = before("batch_record")
    pages = pages_of(paper(played("receive"), supersedes=older))
    for page in (pages[0], pages[-1]):
        for part in ("copy 1", older.filename, older.sha256):
            assert squeezed(part) in squeezed(page)


def test_a_scanner_reads_the_codes_of_the_cover(tmp_path: Path) -> None:
    batch = played().record
    found = codes_on(printed(), tmp_path)
    assert found == {batch.issue.coi, f"{batch.number} r{batch.seq} {batch.entries[-1].hash[:16]}"}


def test_a_whole_record_prints_in_well_under_the_time_of_a_coffee() -> None:
    paper(played())
    before = time.process_time()
    paper(played())
    assert time.process_time() - before < 1.5


def test_a_line_clearance_is_printed_with_both_people_and_its_checklist() -> None:
    """21 CFR 211.188(b), 211.130: the record tells which batch stood there before and who found nothing left."""
    at = played("count").record.entries[-1].time
    opened = LineOpened(
        station="CAB-1",
        name="Cabinet 1",
        room="Grade B room",
        cleared="0036",
        cleared_at=at,
        cleared_by="Technician A",
        checked_by="Technician B",
        checks=tuple(CHECKS),
    )
    text = text_of(paper(followed_by(played("count"), opened)))
    for said in ("Line clearance", "Cabinet 1", "0036", "Technician A, Technician B", *CHECKS.values()):
        assert squeezed(said) in squeezed(text), said
    chinese = text_of(paper(followed_by(played("count"), opened), language="zh_Hans"))
    assert squeezed("两人清场") in squeezed(chinese)


def test_the_first_batch_at_a_station_says_that_none_stood_there() -> None:
    opened = LineOpened(station="CAB-1", name="Cabinet 1", room="Grade B room")
    text = text_of(paper(followed_by(played("count"), opened)))
    assert squeezed("no batch stood here before") in squeezed(text)
    assert squeezed("Found at each clearance:") not in squeezed(text)


def test_a_record_without_line_clearance_has_no_section_of_it() -> None:
    assert squeezed("Line cleared by two people") not in squeezed(text_of(paper(played("count"))))
