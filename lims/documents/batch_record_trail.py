"""What an inspector reads last: changes, signatures, the audit trail, refused acts, what is left out, how to verify."""

from collections.abc import Iterable
from dataclasses import fields, is_dataclass

from lims.documents.batch_record_copy import Copy
from lims.documents.batch_record_cover import state_sentence
from lims.documents.parts import Span
from lims.documents.parts_blocks import (
    CELL,
    SMALL,
    STRONG,
    Cell,
    Column,
    cell,
    facts,
    heading,
    plain_text,
    table,
    title,
)
from lims.documents.parts_flow import Block
from lims.domain.entries.batch import EvidenceCorrected
from lims.domain.entries.envelope import Detached, Entry


def changed(copy: Copy) -> list[Block]:
    """Every value that was changed after its first entry."""
    _, record = copy.say, copy.record
    blocks = title(_("Changed after entry"), copy.other("Changed after entry"), new_page=False)
    columns = [
        Column(head=_("Entry"), share=8),
        Column(head=_("Value"), share=24),
        Column(head=_("Was"), share=20),
        Column(head=_("Now"), share=20),
        Column(head=_("Reason, by whom, when"), share=28),
    ]
    rows = []
    for entry in record.entries:
        if isinstance(entry.fact, EvidenceCorrected):
            fact = entry.fact
            slot = record.slot_of(fact.step, fact.slot)
            before = copy.before(entry)
            why = "; ".join(part for part in (copy.term(fact.reason_code), copy.free(fact.reason)) if part)
            name = (
                f"{_('Step')} {copy.numbers[fact.step]}: {copy.in_words(slot.title) if slot else fact.slot}"
            )
            was = copy.value(before, slot) if before else "–"
            rows.append(
                (
                    cell(f"#{entry.seq}"),
                    cell(name, STRONG),
                    ((Span(was, CELL.but(struck=True)), Span("  " + _("was"), SMALL)),),
                    ((Span(copy.value(fact.value, slot), STRONG), Span("  " + _("now"), SMALL)),),
                    cell(f"{why}\n{copy.name(entry.person)}, {copy.at(entry.time)}", SMALL),
                )
            )
    return [*blocks, *(table(columns, rows) if rows else plain_text(_("None.")))]


def signatures(copy: Copy) -> list[Block]:
    """Every signature with its printed name, date and time, and meaning (21 CFR 11.50)."""
    _ = copy.say
    remark = _("printed name, date and time with offset, and the exact words that were signed")
    blocks = heading(_("Signatures"), remark, above=20, section=True)
    columns = [
        Column(head=_("Entry"), share=7),
        Column(head=_("Signed by"), share=18),
        Column(head=_("Meaning"), share=36),
        Column(head=_("Date and time"), share=18),
        Column(head=_("Covers, key"), share=22),
    ]
    rows = []
    for item in copy.signatures:
        rows.append(
            (
                cell(f"#{item.entry.seq}"),
                ((Span(item.name, STRONG),), (Span(copy.term(item.entry.role), SMALL),)),
                ((Span(f"“{item.sentence}”", CELL),),),
                cell(copy.at(item.entry.time)),
                ((Span(f"#{item.covers}", STRONG),), (Span(item.kid, SMALL),)),
            )
        )
    return [*blocks, *(table(columns, rows) if rows else plain_text(_("None.")))]


def audit_trail(copy: Copy) -> list[Block]:
    """The whole record, entry by entry, as sentences."""
    _ = copy.say
    count = _("{count} entries, none left out").format(count=copy.record.seq)
    blocks = title(_("Audit trail"), copy.other("Audit trail"), remark=count)
    columns = [
        Column(head=_("No."), share=8),
        Column(head=_("Date and time"), share=18),
        Column(head=_("By, role, station"), share=20),
        Column(head=_("What"), share=54),
    ]
    rows = [_told(copy, entry) for entry in copy.record.entries]
    return [*blocks, *table(columns, rows)]


def _told(copy: Copy, entry: Entry) -> tuple[Cell, ...]:
    by = ", ".join(part for part in (copy.term(entry.role) if entry.role else "", entry.station) if part)
    return (
        cell(f"#{entry.seq}", STRONG),
        cell(copy.at(entry.time), SMALL),
        ((Span(copy.name(entry.person), CELL),), (Span(by, SMALL),)),
        cell(copy.sentence(entry)),
    )


def refused(copy: Copy) -> list[Block]:
    """Acts that a rule or authority refused; they changed nothing."""
    _ = copy.say
    remark = _("they changed nothing; kept beside the record")
    blocks = title(_("Refused acts"), copy.other("Refused acts"), new_page=False, remark=remark)
    columns = [
        Column(head=_("No."), share=6),
        Column(head=_("Date and time"), share=24),
        Column(head=_("By, station"), share=22),
        Column(head=_("What was refused, and why"), share=48),
    ]
    rows = [
        (
            cell(f"R{entry.seq}", STRONG),
            cell(copy.at(entry.time)),
            cell(f"{copy.name(entry.person)}, {entry.station}"),
            cell(copy.sentence(entry)),
        )
        for entry in copy.refusals
    ]
    return [*blocks, *(table(columns, rows) if rows else plain_text(_("None.")))]


def left_out(copy: Copy) -> list[Block]:
    """Detached values of this record that this copy does not show."""
    _ = copy.say
    blocks = heading(
        _("Values that this copy does not show"),
        _("erased, or not disclosed; the chain stays whole"),
        section=True,
    )
    columns = [
        Column(head=_("Entry"), share=10),
        Column(head=_("Sort"), share=20),
        Column(head=_("Size"), share=15),
        Column(head=_("Commitment"), share=55),
    ]
    rows = [
        (cell(f"#{entry.seq}"), cell(copy.term(value.sort)), cell(f"{value.size} B"), cell(value.commitment))
        for entry in copy.record.entries
        for value in detached_in(entry.fact)
        if value.commitment not in copy.words
    ]
    return [*blocks, *(table(columns, rows) if rows else plain_text(_("None.")))]


def detached_in(value: object) -> Iterable[Detached]:
    """Every detached value inside a fact."""
    if isinstance(value, Detached):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from detached_in(item)
    elif is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            yield from detached_in(getattr(value, part.name))


def verify(copy: Copy) -> list[Block]:
    """How a reader proves this paper without the system."""
    _, record = copy.say, copy.record
    pairs = [
        (_("Record hash"), copy.record_hash),
        (_("Last entry"), f"#{record.seq} {record.entries[-1].hash}"),
        (_("Chain"), record.stream),
        (_("Site"), copy.site_name),
        (_("Copy"), f"{copy.copy_number} · {copy.printed_by} · {copy.at(copy.printed_at)}"),
        (_("Supersedes"), copy.named(copy.supersedes) if copy.supersedes else _("nothing")),
    ]
    steps = [
        _("Open the file that this paper was printed from. It carries the whole record as record.json."),
        _(
            "Open verify.html in a browser, without a network, and give it the file. Or run: lims verify FILE.pdf"
        ),
        _(
            "Type the site code from the founding letter. Without it the verdict is: consistent, origin not confirmed."
        ),
        _("Compare the record hash above with the one that the verifier shows."),
    ]
    proves = _(
        "What it proves: that these entries, their order and their signatures are as the site's keys sealed them."
    )
    not_proves = _(
        "What it does not prove: that a value was true, or that printed text equals the data; for that the verifier"
        " must print the record again and compare."
    )
    return [
        *title(_("How to verify this paper"), copy.other("How to verify this paper")),
        *plain_text(state_sentence(copy)),
        *facts(pairs, columns=1),
        *(block for at, text in enumerate(steps, start=1) for block in plain_text(f"{at}. {text}")),
        *plain_text(proves),
        *plain_text(not_proves),
    ]
