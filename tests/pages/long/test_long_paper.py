"""The long record in print: branches, photos, files, milestones and added operations, in both languages."""

import io
from dataclasses import replace
from functools import cache

import pikepdf
import pytest
from PIL import Image

from lims.actions.papers import Gathered, copy_of, gather
from lims.documents.batch_record_paper import print_batch_record
from lims.documents.papers import BATCH_RECORD, PAPERS
from lims.documents.parts_pictures import SIDE, small
from lims.domain.attached import attached_in, described
from tests.documents.printed import pages_of, squeezed, text_of
from tests.long.play import LOGGER_FILE, PICTURE, png
from tests.long.points import Life


class Papers:
    """The record of the long batch at its release, printed once a language."""

    def __init__(self, life: Life) -> None:
        self.site = life.at("released").stage.site
        self.gathered: Gathered = gather(self.site, "0001")
        self.printed = cache(self._printed)

    def _printed(self, language: str = "en", *, pictures: bool = True) -> bytes:
        copy = copy_of(self.site, self.gathered, PAPERS[BATCH_RECORD], by="QA officer A", language=language)
        printed_at = self.gathered.batch.entries[-1].time
        return print_batch_record(
            replace(copy, printed_at=printed_at, pictures=copy.pictures if pictures else {})
        )


@pytest.fixture(scope="module")
def papers(life: Life) -> Papers:
    return Papers(life)


def test_the_long_record_prints_in_both_languages(papers: Papers) -> None:
    for language in ("en", "zh_Hans"):
        assert len(pages_of(papers.printed(language))) < 90


def test_the_contents_name_every_stage_with_its_steps(papers: Papers) -> None:
    cover = " ".join(pages_of(papers.printed())[0].split())
    for stage in ("Steps 24 to 31 · Culture day 3", "Steps 111 to 113 · Final results and closure"):
        assert stage in cover


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "27 Gram stain of the turbid culture, day 3"),
        ("en", "it belongs to “Turbid or changed colour”; step 26, Culture, took “Clear”."),
        ("en", "27a Look at the culture again"),
        ("en", "Added operation. Reason: Small floating clumps at the edge of the vessel. #124 Technician A"),
        ("en", "Quality issues the batch. #1 QA officer B"),
        ("en", "Not yet. Quality closes the record."),
        ("en", "decided by 130.0 mL"),
        ("en", "7 printed: 1 applied, 3 attached"),
        ("zh_Hans", "追加操作。原因：Small floating clumps"),
        ("zh_Hans", "第26步“培养物”取“清亮”"),
        ("zh_Hans", "质量部门签发批记录。"),
    ],
)
def test_what_the_way_of_the_batch_was_stands_in_print(papers: Papers, language: str, says: str) -> None:
    wanted = says.replace("1 applied, 3 attached", "")
    assert squeezed(wanted) in squeezed(text_of(papers.printed(language)))


def test_every_attached_file_is_named_with_its_size_and_whole_hash(papers: Papers) -> None:
    text = squeezed(text_of(papers.printed()))
    words = papers.gathered.words
    files = [described(value, words) for value in attached_in(papers.gathered.batch.entries)]
    assert {file.name for file in files if file} == {"picture.png", "logger 1.csv"}
    for file in files:
        assert file is not None
        assert squeezed(file.name) in text
        assert file.sha256 in text


def test_photos_are_printed_small_and_other_files_are_not(papers: Papers) -> None:
    with pikepdf.open(io.BytesIO(papers.printed())) as file:
        sizes = [
            (int(image.Width), int(image.Height))
            for page in file.pages
            for image in page.get_images().values()
        ]
    photos = sum(content == PICTURE for content in papers.gathered.pictures.values())
    assert photos == 1
    assert sizes and all(max(size) <= SIDE for size in sizes)
    assert LOGGER_FILE not in papers.printed()


def test_a_photo_whose_bytes_are_gone_is_told_by_its_hash(papers: Papers) -> None:
    text = text_of(papers.printed("en", pictures=False))
    assert "The picture cannot be printed here; its bytes are told by the hash." in text


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\nnot a picture", PICTURE[:200]])
def test_bytes_that_are_no_picture_break_no_paper(content: bytes) -> None:
    assert small(content) is None


def test_a_photo_is_turned_upright_and_keeps_its_shape() -> None:
    wide = Image.open(io.BytesIO(png(900, 300)))
    turned = Image.Exif()
    turned[0x0112] = 6
    into = io.BytesIO()
    wide.save(into, "JPEG", exif=turned)
    made = small(into.getvalue())
    assert made is not None
    assert made[1:] == (213, SIDE)


def test_the_same_record_with_photos_prints_the_same_bytes(papers: Papers) -> None:
    assert papers.printed() == papers._printed("en")
