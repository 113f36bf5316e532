"""What came after the release: a test that failed late, what it touched, and decisions that it opened again."""

from collections.abc import Iterator

from lims.documents.batch_record_copy import Copy
from lims.documents.batch_record_issue import entry_by
from lims.documents.parts_blocks import SMALL, STRONG, Column, cell, heading, plain_text, table
from lims.documents.parts_flow import Block
from lims.domain.batch_record import Notice
from lims.domain.entries.batch import DisposedFinally, RecordClosed
from lims.domain.entries.late import LateFailureFound, OrganismReported, Touched
from lims.domain.entries.notices import NoticeAcknowledged


def late_failures(copy: Copy) -> list[Block]:
    """Each late failure with the batches that it holds, and later news of the organism; nothing where none is."""
    return [block for part in _failures(copy) for block in part]


def _failures(copy: Copy) -> Iterator[list[Block]]:
    _ = copy.say
    for entry in copy.record.entries:
        match entry.fact:
            case LateFailureFound() as fact:
                test = copy.in_words(copy.record.master.test(fact.test).title)
                yield heading(_("Failed after the release"), f"{test} · {fact.deviation} · #{entry.seq}")
                yield _touched(copy, fact)
            case OrganismReported() as fact:
                said = f"{copy.term(fact.news)}: {copy.free(fact.finding)}"
                yield plain_text(f"{said} (#{entry.seq} {entry_by(copy, entry)})")
            case _:
                pass


def _touched(copy: Copy, fact: LateFailureFound) -> list[Block]:
    _ = copy.say
    if not fact.touched:
        return plain_text(_("No batch in process shares anything with this one."))
    columns = [Column(head=_("Held batch"), share=20), Column(head=_("Shares with this one"), share=80)]
    rows = [(cell(item.batch, STRONG), cell(_shares(copy, item), SMALL)) for item in fact.touched]
    return table(columns, rows)


def _shares(copy: Copy, item: Touched) -> str:
    named = ((what, copy.name(which) if what == "operator" else which) for what, which in item.shares)
    return "; ".join(f"{copy.term(what)} {which}" for what, which in named)


def notices(copy: Copy) -> list[Block]:
    """Everybody who had to be told, and who acknowledged it with what was done; nothing where nobody had to be."""
    _, record = copy.say, copy.record
    if not record.notices:
        return []
    columns = [
        Column(head=_("Notice"), share=24),
        Column(head=_("To"), share=18),
        Column(head=_("Told, escalated"), share=24),
        Column(head=_("Acknowledged"), share=34),
    ]
    rows = []
    for notice in record.notices.values():
        told = [entry_by(copy, notice.given), *(copy.at(step.time) for step in notice.escalated)]
        news = f"{notice.number} · {copy.term(notice.fact.news)} · {notice.fact.reference}"
        rows.append(
            (
                cell(news, SMALL),
                cell(copy.term(notice.fact.addressee), STRONG),
                cell("\n".join(told), SMALL),
                cell(_answer(copy, notice), SMALL),
            )
        )
    return [*heading(_("Notices"), _("who must know, and who said so")), *table(columns, rows)]


def _answer(copy: Copy, notice: Notice) -> str:
    _, entry = copy.say, notice.acknowledged
    if entry is None or not isinstance(entry.fact, NoticeAcknowledged):
        return _("not acknowledged, due {at}").format(at=copy.at(notice.due_at))
    lines = [f"#{entry.seq} {entry_by(copy, entry)}"]
    if entry.fact.contacted_at:
        lines.append(_("reached {at}").format(at=copy.at(entry.fact.contacted_at)))
    if done := copy.free(entry.fact.done):
        lines.append(done)
    return "\n".join(lines)


def counts_no_more(copy: Copy) -> list[Block]:
    """Final dispositions and closures that a later deviation opened again; they stay as they were signed."""
    _, record = copy.say, copy.record
    standing = (record.disposed, record.closed)
    lines = [
        f"#{entry.seq} {copy.sentence(entry)} {entry_by(copy, entry)}"
        for entry in record.entries
        if isinstance(entry.fact, DisposedFinally | RecordClosed) and entry not in standing
    ]
    if not lines:
        return []
    words = _("Signed before a deviation opened the record again; it counts no more.")
    return [block for text in (words, *lines) for block in plain_text(text)]
