"""The batch record on paper: everything that is on file about one batch, as one PDF that can be rendered again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from lims.documents.batch_record_bedside import bedside
from lims.documents.batch_record_copy import SIGNS, Copy
from lims.documents.batch_record_cover import CHIP_WORDS, cover
from lims.documents.batch_record_cover import people as people_part
from lims.documents.batch_record_custody import custody
from lims.documents.batch_record_issue import issue
from lims.documents.batch_record_quality import labels, quality
from lims.documents.batch_record_steps import steps
from lims.documents.batch_record_trail import audit_trail, changed, left_out, refused, signatures, verify
from lims.documents.label_paper import specimens
from lims.documents.parts import Pen
from lims.documents.parts_flow import Block, Furniture, print_pages
from lims.domain.batch_record import BatchRecord
from lims.domain.codes import grouped
from lims.domain.entries.envelope import Entry

BANDS = {
    "demo": ("DEMO · fictional data · not for clinical use", "DEMO"),
    "training": ("TRAINING · not for clinical use", "TRAINING"),
}
"""For an instance that is not production: the line at the top edge and the word behind everything."""


def print_batch_record(
    record: BatchRecord,
    *,
    people: Mapping[str, str],
    words: Mapping[str, str],
    language: str,
    kind: str,
    site_name: str,
    zone: str,
    printed_by: str,
    printed_at: datetime,
    copy_number: int,
    record_hash: str,
    supersedes: str | None,
    refusals: tuple[Entry, ...],
    pictures: Mapping[str, bytes] = MappingProxyType({}),
) -> bytes:
    """One copy of a batch record as PDF; the same arguments give the same bytes.

    `people`: person's id -> printed name; `words`: commitment -> text, erased ones missing; `kind`: production,
    training or demo; `pictures`: hash -> bytes of attached photos; `supersedes`: the file hash of the copy before, or
    None. Raises Unprintable for a sign that no bundled font holds, and KeyError for a kind of instance that does not
    exist.
    """
    copy = Copy(
        record=record,
        people=people,
        words=words,
        language=language,
        kind=kind,
        site_name=site_name,
        zone=zone,
        printed_by=printed_by,
        printed_at=printed_at,
        copy_number=copy_number,
        record_hash=record_hash,
        supersedes=supersedes,
        refusals=refusals,
        pictures=pictures,
    )
    page_of: dict[str, int] = {}
    body = _body(copy)
    sections = [block.section for block in body if block.section is not None]
    blocks = [*cover(copy, sections, page_of), *body]
    title = f"{copy.say('Batch record')} {record.number}"
    pen = Pen(title=title, language=language, author=site_name)
    return print_pages(pen, blocks, _furniture(copy), page_of)


def _body(copy: Copy) -> Sequence[Block]:
    return [
        *people_part(copy),
        *issue(copy),
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
    band = BANDS[copy.kind] if copy.kind != "production" else None
    digest = " ".join(copy.record_hash[at : at + 4] for at in (0, 4, 8, 12))
    return Furniture(
        batch=record.number,
        who=f"{record.issue.participant} · {_('round {round}').format(round=record.issue.round)}",
        coi=grouped(record.issue.coi),
        state=SIGNS[copy.state],
        state_word=_(CHIP_WORDS[copy.state]),
        page_of=_("{page} of {pages}"),
        foot_left=(
            f"{_('Batch record')} · {record.master.code} v{record.master.version} · {_('record')} r{record.seq}",
            f"sha256 {digest} … {copy.record_hash[-4:]} · {_('verify: see the last page')}",
        ),
        foot_right=(
            f"{_('Copy')} {copy.copy_number} · {_('printed')} {copy.at(copy.printed_at, seconds=False)}",
            f"{_('by')} {copy.printed_by}",
        ),
        code=f"{record.number} r{record.seq} {copy.record_hash[:16]}",
        band=_(band[0]) if band else None,
        watermark=band[1] if band else None,
    )
