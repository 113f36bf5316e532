"""Papers printed from the played batch, and ways to read them again: text, fonts, pictures, square codes."""

import io
import shutil
import subprocess
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pypdf
import zxingcpp
from PIL import Image

from lims.documents.batch_record_copy import Copy, Earlier
from lims.documents.batch_record_paper import print_batch_record
from lims.documents.papers import TITLES, filename
from lims.domain.batch_fold import fold_batch
from lims.domain.canonical import file_hash
from lims.domain.entries.envelope import Fact, RequestMark, stream_of
from lims.domain.participant import fold_participant
from tests.conftest import absent
from tests.rules.played_batch import Played, played
from tests.rules.stage_play import ZONE


def copy_of(
    batch: Played,
    *,
    language: str = "en",
    kind: str = "demo",
    supersedes: Earlier | None = None,
    earlier: tuple[Earlier, ...] = (),
    printed_at: datetime | None = None,
    copy_number: int = 2,
) -> Copy:
    """A copy of the played batch, nine minutes after its last entry."""
    record = batch.record
    last, until = record.entries[-1], record.released.time if record.released else None
    person = stream_of("participant", record.issue.participant)
    told = [entry for entry in batch.streams[person] if until is None or entry.time <= until]
    return Copy(
        record=record,
        participant=fold_participant(person, told),
        people=batch.people,
        words=batch.words,
        language=language,
        kind=kind,
        site_name="Demo Cell Laboratory",
        zone=ZONE,
        printed_by="QA officer A",
        printed_at=printed_at or last.time + timedelta(minutes=9),
        copy_number=copy_number,
        record_hash=last.hash,
        supersedes=supersedes,
        refusals=batch.refusals,
        earlier=earlier,
    )


def before(paper: str, *, number: str = "0037", copy_number: int = 1) -> Earlier:
    """A paper that went out before."""
    return Earlier(
        paper=paper,
        title=TITLES[paper],
        copy_number=copy_number,
        filename=filename(paper, number, copy_number, "en"),
        sha256=file_hash(f"{paper} {copy_number}".encode()),
        head_seq=1,
    )


def paper(
    batch: Played, *, language: str = "en", kind: str = "demo", supersedes: Earlier | None = None
) -> bytes:
    """One copy of the played batch's record."""
    return print_batch_record(copy_of(batch, language=language, kind=kind, supersedes=supersedes))


@cache
def printed(upto: str | None = None, *, language: str = "en", kind: str = "demo") -> bytes:
    """The paper of the batch at a point."""
    return paper(played(upto), language=language, kind=kind)


@cache
def pages_of(content: bytes) -> tuple[str, ...]:
    """The text of every page, as a reader's program extracts it."""
    return tuple(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def text_of(content: bytes) -> str:
    """The text of all pages with every run of white space as one space."""
    return " ".join(" ".join(pages_of(content)).split())


def squeezed(text: str) -> str:
    """Text without white space, for words that a table breaks over lines."""
    return "".join(text.split())


def followed_by(batch: Played, fact: Fact, *, person: str = "qa.a", act: str = "annotate") -> Played:
    """The batch with one more entry, a day later."""
    last = batch.record.entries[-1]
    more = replace(
        last,
        seq=last.seq + 1,
        time=last.time + timedelta(days=1),
        person=person,
        act=act,
        request=RequestMark(id="one-more", digest="0" * 64),
        fact=fact,
    )
    return replace(batch, record=fold_batch(batch.record.stream, (*batch.record.entries, more)))


def codes_on(
    content: bytes, folder: Path, *, page: int = 1, dpi: int = 200, two_tone: bool = False
) -> set[str]:
    """Every square code that a scanner reads from a rendered page; skips where there is no renderer.

    `two_tone`: as a label printer puts it on the stock, a dot or none.
    """
    if shutil.which("pdftoppm") is None:
        absent("pdftoppm (poppler) is not installed")
    source, target = folder / "paper.pdf", folder / "page"
    source.write_bytes(content)
    kind = "-mono" if two_tone else "-png"
    command = ["pdftoppm", "-r", str(dpi), "-f", str(page), "-l", str(page), kind, str(source), str(target)]
    subprocess.run(command, check=True)
    with Image.open(next(folder.glob("page*.p*"))) as picture:
        return {found.text for found in zxingcpp.read_barcodes(picture)}
