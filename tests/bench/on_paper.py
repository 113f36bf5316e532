"""The batch record as PDF against bare ReportLab drawing as many pages of the same words, and the seal alone."""

import io
from pathlib import Path

from pypdf import PdfReader
from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.platypus import Flowable, PageBreak, SimpleDocTemplate, TableStyle
from reportlab.platypus import Table as Drawn

from lims.actions.founding import open_instance
from lims.actions.papers import Gathered, copy_of, gather
from lims.actions.site import Site
from lims.documents.batch_record_paper import print_batch_record
from lims.documents.papers import BATCH_RECORD, PAPERS
from lims.documents.parts_text import latin
from lims.documents.seal import PemKey, seal
from lims.rehearsal.play import Rehearsed, rehearse
from lims.rehearsal.read import read_rehearsal
from tests.bench.instances import Built
from tests.bench.measure import Line, Table, median_of, milliseconds, say, side_by_side

STYLE = TableStyle(
    [
        ("FONT", (0, 0), (-1, -1), latin(400).fontName, 7),
        ("GRID", (0, 0), (-1, -1), 0.3, "#888888"),
        ("TOPPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
    ]
)
GOLDEN = Path("batch_templates") / "rehearsals" / "golden.yaml"
COLUMNS = 6
MOST_ROWS = 60


def rows_of_words(pdf: bytes) -> list[list[list[str]]]:
    """For each page its words, in rows of cells."""
    found = []
    for page in PdfReader(io.BytesIO(pdf)).pages:
        words = page.extract_text().split()
        each = max(len(words) // (COLUMNS * MOST_ROWS) + 1, 2)
        cells = [" ".join(words[at : at + each]) for at in range(0, len(words), each)]
        rows = [cells[at : at + COLUMNS] for at in range(0, len(cells), COLUMNS)]
        found.append([row + [""] * (COLUMNS - len(row)) for row in rows] or [[""] * COLUMNS])
    return found


def draw(pages: list[list[list[str]]]) -> bytes:
    """As many pages, one table each, in the same embedded font, with ReportLab as it comes."""
    ours, rl_config.useA85 = rl_config.useA85, 1
    try:
        return _drawn(pages)
    finally:
        rl_config.useA85 = ours


def _drawn(pages: list[list[list[str]]]) -> bytes:
    target = io.BytesIO()
    story: list[Flowable] = []
    for rows in pages:
        story += [Drawn(rows, style=STYLE), PageBreak()]
    SimpleDocTemplate(target, pagesize=A4, topMargin=20, bottomMargin=20).build(story)
    return target.getvalue()


def printed(site: Site, gathered: Gathered) -> bytes:
    """The batch record before record and seal go into it."""
    copy = copy_of(site, gathered, PAPERS[BATCH_RECORD], by="QA officer A", language="en")
    return print_batch_record(copy)


def played_golden(folder: Path) -> Rehearsed:
    """The golden batch, played to its closure."""
    say("playing the golden batch")
    golden = rehearse(read_rehearsal(GOLDEN), folder)
    assert golden.batch is not None and golden.report.holds, golden.report.failures
    return golden


def papers(table: Table, built: Built, golden: Rehearsed) -> None:
    """Printing the ten-step batch that ran to its end and the golden batch, and the seal alone."""
    site = open_instance(built.folder)
    _print(table, site, built.done, what="ten-step batch")
    _seal(table, site, built.done)
    site.ledger.close()
    assert golden.batch is not None
    _print(table, golden.site, golden.batch, what="golden batch")


def _print(table: Table, site: Site, batch: str, *, what: str) -> None:
    gathered = gather(site, batch)
    pages = rows_of_words(printed(site, gathered))
    say(f"{len(pages)} pages of the {what}")
    a, b = side_by_side(lambda: printed(site, gathered), lambda: draw(pages), 5)
    table.add(
        Line(
            what=f"record of the {what}, {len(pages)} pages, as PDF",
            ours=milliseconds(a),
            bare=milliseconds(b),
            figure=a / b,
            unit="x",
            target=1.5,
        )
    )


def _seal(table: Table, site: Site, batch: str) -> None:
    pdf = printed(site, gather(site, batch))
    key = PemKey(key_pem=site.keys.seal_private, certificate_pem=site.keys.seal_certificate)
    took = median_of(lambda: seal(pdf, key=key, reason="bench", location="bench", time=site.clock.now()), 5)
    table.add(Line(what="seal", ours=milliseconds(took), bare="", figure=took, unit=" s", target=0.5))
