"""From what the batch was made: the approved master batch record and protocol, materials, containers, open values."""

from collections.abc import Collection

from lims.documents.batch_record_copy import Copy
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
from lims.domain.codes import grouped
from lims.domain.entries.envelope import Entry
from lims.domain.entries.values import Scanned
from lims.domain.master_batch_record import Item, ScanMaterialSlot


def issue(copy: Copy) -> list[Block]:
    """What quality issued, exactly."""
    _, record, issued = copy.say, copy.record, copy.record.issue
    first = record.entries[0]
    pairs = [
        (_("Master batch record"), f"{record.master.code}, {_('version')} {record.master.version}"),
        (_("Title"), copy.in_words(record.master.title)),
        (_("SHA-256 of its file"), issued.master_file_sha256),
        (_("SHA-256 of its canonical text"), issued.master_sha256),
        (_("Study protocol"), f"{record.protocol.code}, {_('version')} {record.protocol.version}"),
        (_("SHA-256 of its canonical text"), issued.protocol_sha256),
        (_("Arm"), issued.arm),
        (_("Consent form"), issued.consent_form),
        (_("Issued by"), f"{copy.name(first.person)}, {copy.at(first.time)}"),
        (_("Attempt"), str(issued.attempt)),
        (_("Legal profile"), issued.profile),
        (_("Time zone"), issued.zone),
        (_("Storage"), copy.in_words(record.master.storage)),
        (_("Strength"), copy.in_words(record.master.strength)),
    ]
    notes = [copy.in_words(words) for words in (*record.master.precautions, *record.master.profile_notes)]
    return [
        *title(_("What was issued"), copy.other("What was issued"), new_page=False),
        *facts(pairs),
        *(block for text in notes for block in plain_text(f"· {text}", below=1)),
        *_placeholders(copy),
        *heading(_("Bill of materials"), _("each item with the lots that this batch took from")),
        *_materials(copy),
        *heading(_("Containers"), _("every code of this batch, and what it was filled from")),
        *containers(copy),
    ]


def _placeholders(copy: Copy) -> list[Block]:
    _, master, protocol = copy.say, copy.record.master, copy.record.protocol
    names = [*(f"{master.code}.{name}" for name in master.placeholders)]
    names += [f"{protocol.code}.{name}" for name in protocol.placeholders]
    slots = sum(slot.placeholder for step in master.steps for slot in step.evidence)
    tests = sum(test.placeholder for test in master.tests)
    if not names and not slots and not tests:
        return []
    text = _(
        "Example values that the site must set: {slots} slots and {tests} tests, each marked “example value” in"
        " its place, and these fields: {names}."
    ).format(slots=slots, tests=tests, names=", ".join(names))
    return [*heading(_("Values that the site must still set")), *plain_text(text)]


def _materials(copy: Copy) -> list[Block]:
    _ = copy.say
    columns = [
        Column(head=_("Item"), share=32),
        Column(head=_("Grade"), share=12),
        Column(head=_("Lot and code"), share=36),
        Column(head=_("Amount"), share=10),
        Column(head=_("Step"), share=10),
    ]
    rows = []
    for item in copy.record.master.materials:
        used = list(_uses(copy, item))
        name: Cell = cell(copy.in_words(item.title), STRONG)
        if item.placeholder:
            name = (*name, (Span(_("example value"), SMALL),))
        rows.append(
            (
                name,
                cell(item.grade),
                tuple(
                    (Span(f"{scan.name.partition(' ')[2]} · {grouped(scan.code)}", CELL),)
                    for *_x, scan in used
                )
                or cell(_("not used yet")),
                tuple((Span(amount, CELL),) for amount, _step, _scan in used),
                tuple((Span(step, CELL),) for _amount, step, _scan in used),
            )
        )
    return table(columns, rows)


def _uses(copy: Copy, item: Item) -> list[tuple[str, str, Scanned]]:
    """Amount, step and scan of every use of a material."""
    found = []
    for step in copy.record.plan:
        for slot in step.evidence:
            held = copy.record.slots.get((step.code, slot.code))
            if isinstance(slot, ScanMaterialSlot) and slot.item == item.code and held is not None:
                amount = f"{slot.amount} {item.unit}" if slot.amount is not None else "–"
                found += [(amount, copy.numbers[step.code], scan) for scan in held.scans]
    return found


def containers(copy: Copy, codes: Collection[str] | None = None) -> list[Block]:
    """Every code of the batch, or those named, with what it was filled from."""
    _, record = copy.say, copy.record
    titles = {item.code: copy.in_words(item.title) for item in record.master.containers}
    columns = [
        Column(head=_("Container"), share=34),
        Column(head=_("Code"), share=28),
        Column(head=_("Filled from"), share=38),
    ]
    rows = []
    for code, item in record.containers.items():
        if codes is not None and code not in codes:
            continue
        parents = [record.containers[parent] for parent in item.parents if parent in record.containers]
        of = ", ".join(f"{titles[parent.container]} {parent.index}/{parent.of}" for parent in parents)
        name = f"{titles[item.container]} {item.index}/{item.of}"
        rows.append((cell(name, STRONG), cell(grouped(code)), cell(of or "–")))
    return table(columns, rows)


def entry_by(copy: Copy, entry: Entry) -> str:
    """Who put an entry on file and when."""
    return f"{copy.name(entry.person)} · {copy.at(entry.time)}"


def entry_lines(copy: Copy, entry: Entry) -> str:
    """An entry's number and person, and its time on the next line."""
    return f"#{entry.seq} {copy.name(entry.person)}\n{copy.at(entry.time)}"
