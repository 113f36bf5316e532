"""The batch record on paper: everything that is on file about one batch, as one PDF that can be rendered again."""

from collections.abc import Sequence

from lims.documents.batch_record_bedside import bedside
from lims.documents.batch_record_copy import SIGNS, Copy
from lims.documents.batch_record_cover import CHIP_WORDS, cover
from lims.documents.batch_record_cover import people as people_part
from lims.documents.batch_record_custody import custody
from lims.documents.batch_record_issue import issue
from lims.documents.batch_record_lines import lines
from lims.documents.batch_record_quality import labels, quality
from lims.documents.batch_record_steps import steps
from lims.documents.batch_record_trail import audit_trail, changed, left_out, refused, signatures, verify
from lims.documents.label_paper import specimens
from lims.documents.paper_frame import furniture
from lims.documents.parts import Pen
from lims.documents.parts_flow import Block, Furniture, print_pages


def print_batch_record(copy: Copy) -> bytes:
    """One copy of a batch record as PDF; the same copy gives the same bytes.

    Raises Unprintable for a sign that no bundled font holds, and KeyError for a kind of instance that does not exist.
    """
    page_of: dict[str, int] = {}
    body = _body(copy)
    sections = [block.section for block in body if block.section is not None]
    blocks = [*cover(copy, sections, page_of), *body]
    title = f"{copy.say('Batch record')} {copy.record.number}"
    pen = Pen(title=title, language=copy.language, author=copy.site_name)
    return print_pages(pen, blocks, _furniture(copy), page_of)


def _body(copy: Copy) -> Sequence[Block]:
    return [
        *people_part(copy),
        *issue(copy),
        *lines(copy),
        *steps(copy),
        *labels(copy),
        *specimens(copy),
        *quality(copy),
        *custody(copy),
        *bedside(copy),
        *changed(copy),
        *signatures(copy),
        *audit_trail(copy),
        *refused(copy),
        *left_out(copy),
        *verify(copy),
    ]


def _furniture(copy: Copy) -> Furniture:
    _, record = copy.say, copy.record
    return furniture(
        copy,
        title=f"{_('Batch record')} · {record.master.code} v{record.master.version}",
        state=SIGNS[copy.state],
        state_word=_(CHIP_WORDS[copy.state]),
    )
