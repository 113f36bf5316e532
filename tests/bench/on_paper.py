"""The batch record as PDF against bare ReportLab drawing as many pages of the same words, and the seal alone."""

import io

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


def papers(table: Table, built: Built) -> None:
    """Printing and sealing the batch that ran to its end."""
    site = open_instance(built.folder)
    gathered = gather(site, built.done)
    pdf = printed(site, gathered)
    pages = rows_of_words(pdf)
    say(f"{len(pages)} pages")
    a, b = side_by_side(lambda: printed(site, gathered), lambda: draw(pages), 5)
    table.add(
        Line(
            what=f"batch record of {len(pages)} pages as PDF",
            ours=milliseconds(a),
            bare=milliseconds(b),
            figure=a / b,
            unit="x",
            target=1.5,
        )
    )
    key = PemKey(key_pem=site.keys.seal_private, certificate_pem=site.keys.seal_certificate)
    took = median_of(lambda: seal(pdf, key=key, reason="bench", location="bench", time=site.clock.now()), 5)
    table.add(Line(what="seal", ours=milliseconds(took), bare="", figure=took, unit=" s", target=0.5))
    site.ledger.close()
