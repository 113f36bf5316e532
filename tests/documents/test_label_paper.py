"""Labels say what must be on them, in both languages, and a scanner reads them."""

import io
from dataclasses import dataclass, field, replace
from pathlib import Path

import pypdf
import pytest

from lims.documents.label_paper import Face, draw_full, face_of, print_label
from lims.documents.parts import MM, Pen, Style
from lims.domain.codes import grouped
from lims.domain.dose import dose_of
from lims.domain.master_batch_record import Words
from lims.domain.quantities import as_power_of_ten
from tests.documents.printed import codes_on, printed, squeezed, text_of
from tests.rules.played_batch import played

SECOND = "HN 3302 演示"


def labels(point: str, *, partial: bool = False, kind: str = "demo") -> bytes:
    batch = played(point).record
    return print_label(
        batch,
        serials=list(batch.labels)[-3:],
        kind=kind,
        site_name="Demo Cell Laboratory",
        second_identifier=SECOND,
        partial=partial,
    )


def test_every_serial_has_a_page_of_its_own() -> None:
    assert len(pypdf.PdfReader(io.BytesIO(labels("fill"))).pages) == 3


@pytest.mark.parametrize(("partial", "size"), [(False, (100, 60)), (True, (60, 20))])
def test_a_label_has_the_size_of_its_stock(partial: bool, size: tuple[int, int]) -> None:
    page = pypdf.PdfReader(io.BytesIO(labels("fill", partial=partial))).pages[0]
    found = (float(page.mediabox.width) * 25.4 / 72, float(page.mediabox.height) * 25.4 / 72)
    assert found == pytest.approx(size, abs=0.01)


def test_a_product_label_carries_identity_expiry_and_every_legal_text() -> None:
    text, batch = squeezed(text_of(labels("fill"))), played("fill").record
    wanted = [batch.issue.participant, batch.number, "1/2", SECOND, "2026-11-25 22:26", "+08:00", "1/1"]
    wanted += [
        words
        for legal in batch.protocol.legal_texts
        if legal.code != "sterility_pending"
        for words in (legal.words.en, legal.words.zh)
    ]
    for part in wanted:
        assert squeezed(part) in text


@pytest.mark.parametrize(
    ("point", "status"), [("fill", "QUARANTINE"), ("released", "CONDITIONAL RELEASE"), ("seed", "IN PROCESS")]
)
def test_a_label_says_how_its_container_stands(point: str, status: str) -> None:
    assert status in text_of(labels(point))


def test_a_text_of_another_profile_is_left_out() -> None:
    batch = played("fill").record
    serial = list(batch.labels)[-1]
    face = face_of(batch, serial=serial, kind="demo", site_name="Demo", second_identifier=None)
    assert len(face.legal) == sum(
        text.profile in ("ALL", "CN") and text.code not in ("autologous", "sterility_pending")
        for text in batch.protocol.legal_texts
    )


def test_a_scanner_reads_the_container_and_the_serial(tmp_path: Path) -> None:
    batch = played("fill").record
    serial = list(batch.labels)[-3]
    assert codes_on(labels("fill"), tmp_path, dpi=300) == {batch.labels[serial].container, serial}


@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize("dpi", [300, 203])
def test_a_label_printed_in_dots_alone_is_read_back_as_the_units_code(
    dpi: int, partial: bool, tmp_path: Path
) -> None:
    """At the resolution of label printers, in black and white; what is encoded is what stands there to be read."""
    batch = played("fill").record
    found = codes_on(labels("fill", partial=partial), tmp_path, dpi=dpi, two_tone=True)
    assert batch.unit_code in found
    assert found <= {batch.unit_code, list(batch.labels)[-3]}
    assert squeezed(grouped(batch.unit_code or "")) in squeezed(text_of(labels("fill", partial=partial)))


def test_a_product_label_says_what_is_in_the_unit() -> None:
    text = squeezed(text_of(labels("released")))
    dose = dose_of(played("released").record)
    assert dose.concentration and dose.viable_cells and dose.nk_cells
    for part in (
        "1.2 mL",
        f"{as_power_of_ten(dose.concentration)} viable 活细胞/mL",
        f"total 共 {as_power_of_ten(dose.viable_cells)}",
        f"NK {as_power_of_ten(dose.nk_cells)}",
    ):
        assert squeezed(part) in text


def test_nk_cells_are_not_told_before_purity_is_reviewed() -> None:
    assert "viable活细胞/mL" in squeezed(text_of(labels("fill")))
    assert "·NK" not in squeezed(text_of(labels("fill")))


def test_every_label_carries_the_chain_of_identity() -> None:
    for point in ("seed", "fill"):
        assert squeezed(grouped(played(point).record.issue.coi)) in squeezed(text_of(labels(point)))


@pytest.mark.parametrize(("point", "pending"), [("fill", False), ("released", True), ("disposed", False)])
def test_a_label_says_that_sterility_is_pending_while_it_is(point: str, pending: bool) -> None:
    assert ("Final sterility pending" in text_of(labels(point))) is pending


@dataclass
class Watched:
    """What a label writes into its left part: how far each text runs, in mm, and how small it is."""

    reach: list[float] = field(default_factory=list)
    sizes: list[float] = field(default_factory=list)


def watched(face: Face) -> Watched:
    pen, seen = Pen(title="x", language="en", size=(100 * MM, 60 * MM)), Watched()
    write = pen.text

    def text(x: float, y: float, text: str, style: Style) -> float:
        end = write(x, y, text, style)
        if x < 60 * MM:
            seen.reach.append(end / MM)
            seen.sizes.append(style.size)
        return end

    pen.text = text  # type: ignore[method-assign]
    draw_full(pen, face)
    return seen


def face(point: str) -> Face:
    batch = played(point).record
    serial = list(batch.labels)[-1]
    return face_of(batch, serial=serial, kind="demo", site_name="Demo Lab", second_identifier=SECOND)


def test_nothing_on_a_label_runs_into_the_square_codes() -> None:
    """Long words shrink; they stay 2 mm clear of the codes, or no scanner reads them."""
    long = Words(
        en="Autologous decidual-like natural killer cell suspension " * 2, zh="自体蜕膜样自然杀伤细胞悬液"
    )
    assert max(watched(replace(face("released"), product=long)).reach) < 70


@pytest.mark.parametrize("point", ["fill", "released", "disposed"])
def test_what_stands_on_a_label_can_be_read(point: str) -> None:
    assert min(watched(face(point)).sizes) > 5.5


def test_a_scanner_reads_the_small_label(tmp_path: Path) -> None:
    batch = played("fill").record
    serial = list(batch.labels)[-3]
    assert codes_on(labels("fill", partial=True), tmp_path, dpi=300) == {batch.labels[serial].container}


def test_the_specimen_in_the_record_has_no_code_that_a_scanner_could_take_for_the_thing(
    tmp_path: Path,
) -> None:
    content = printed("released")
    reader = pypdf.PdfReader(io.BytesIO(content))
    page = next(at for at, p in enumerate(reader.pages, start=1) if "SPECIMEN" in p.extract_text())
    found = codes_on(content, tmp_path, page=page)
    assert not found & set(played("released").record.containers)
    assert SECOND not in text_of(content)
