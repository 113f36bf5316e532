"""Chain of identity and custody: where the product came from, who held it, the bedside check, the perfusion, the end."""

from collections.abc import Iterable

from lims.documents.batch_record_copy import Copy
from lims.documents.batch_record_quality import decided
from lims.documents.parts_blocks import STRONG, Column, cell, facts, heading, plain_text, table, title
from lims.documents.parts_boxes import Held, Node, genealogy, track
from lims.documents.parts_flow import Block
from lims.documents.parts_signs import signed
from lims.domain.codes import grouped
from lims.domain.entries.batch import (
    CustodyOffered,
    CustodyRefused,
    CustodyTaken,
    IdentityMismatched,
    Perfused,
    ReleasedConditionally,
    SampleReceived,
)
from lims.domain.entries.envelope import Entry
from lims.domain.master_batch_record import ScanLocationSlot
from lims.domain.quantities import as_given, as_power_of_ten, plain


def custody(copy: Copy) -> list[Block]:
    """From the vein to the ward."""
    _ = copy.say
    events = sorted(_events(copy), key=lambda pair: pair[0].seq)
    held = [event for _entry, event in events]
    if copy.record.perfused is None and copy.record.ended is None:
        held.append(
            Held(
                when=_("due"),
                state="none",
                event=_("Bedside check and perfusion"),
                between="",
                temperature="",
                remark="",
            )
        )
    return [
        *title(_("Custody from vein to ward"), copy.other("Custody from vein to ward")),
        *heading(
            _("Where it came from"),
            _("one ancestor: {who}").format(who=copy.record.issue.participant),
            above=0,
        ),
        *_genealogy(copy),
        *heading(_("Who held it"), _("every hand-over has a giver, a receiver and one server time")),
        *track(held),
    ]


def _genealogy(copy: Copy) -> list[Block]:
    _, record = copy.say, copy.record
    kinds = {item.code: item for item in record.master.containers}
    product = record.master.dose.product
    vessel = next((code for code in kinds[product].parents), None)
    source = next((code for code in kinds[vessel].parents), None) if vessel else None
    trunk = [Node(shape="participant", name=record.issue.participant, kind=_("participant"))]
    if source:
        name = f"{kinds[source].count} × {copy.in_words(kinds[source].title)}"
        trunk.append(Node(shape="draw", name=name, kind=_("starting material")))
    trunk.append(
        Node(
            shape="batch", name=record.number, kind=_("batch, round {round}").format(round=record.issue.round)
        )
    )
    if vessel:
        trunk.append(Node(shape="vessel", name=copy.in_words(kinds[vessel].title), kind=_("vessel")))
    leaves = [
        Node(
            shape="sample",
            name=copy.in_words(item.title),
            kind=_("product") if code == product else _("QC sample"),
            filled=code == product,
        )
        for code, item in kinds.items()
        if vessel in item.parents
    ]
    return genealogy(trunk, leaves)


def _events(copy: Copy) -> Iterable[tuple[Entry, Held]]:
    _, record = copy.say, copy.record
    for step in record.master.steps:
        for slot in step.evidence:
            held = record.slots.get((step.code, slot.code))
            if isinstance(slot, ScanLocationSlot) and held is not None:
                scan, entry = held.scans[-1], held.last
                yield (
                    entry,
                    _held(
                        copy,
                        entry,
                        "done",
                        f"{copy.in_words(slot.title)}: {scan.name}",
                        copy.in_words(step.title),
                        "",
                        _("scanned"),
                    ),
                )
    for entry in record.entries:
        match entry.fact:
            case CustodyOffered() as fact:
                name = copy.in_words(
                    next(
                        c.title
                        for c in record.master.containers
                        if c.code == record.containers[fact.container].container
                    )
                )
                taken = _answer(copy, entry.seq)
                yield entry, _handover(copy, entry, fact, name, taken)
            case SampleReceived() as fact:
                title = copy.in_words(next(s.title for s in record.master.samples if s.code == fact.sample))
                yield (
                    entry,
                    _held(
                        copy,
                        entry,
                        "done",
                        _("{name} received by QC").format(name=title),
                        copy.name(entry.person),
                        "",
                        copy.term(fact.means.value),
                    ),
                )
            case ReleasedConditionally() as fact:
                yield (
                    entry,
                    _held(
                        copy,
                        entry,
                        "due",
                        _("Released conditionally"),
                        copy.name(entry.person),
                        "",
                        f"{_('expires')} {copy.at(fact.expires_at, seconds=False)}",
                    ),
                )
            case IdentityMismatched() as fact:
                legs = ", ".join(copy.term(leg) for leg in fact.legs)
                yield (
                    entry,
                    _held(
                        copy,
                        entry,
                        "stop",
                        _("Bedside check did not match"),
                        copy.name(entry.person),
                        "",
                        legs,
                    ),
                )
            case Perfused() as fact:
                yield (
                    entry,
                    _held(
                        copy,
                        entry,
                        "done",
                        _("Perfused"),
                        copy.name(entry.person),
                        "",
                        f"{as_given(fact.volume_given)} mL",
                    ),
                )
            case _:
                pass


def _held(
    copy: Copy, entry: Entry, state: str, event: str, between: str, temperature: str, remark: str
) -> Held:
    when = copy.at(entry.time, seconds=False)[:16]
    return Held(
        when=when,
        state=state,
        event=event,
        between=f"{between} · #{entry.seq}",
        temperature=temperature,
        remark=remark,
    )


def _answer(copy: Copy, offered: int) -> Entry | None:
    """The entry by which an offer was taken or refused."""
    for entry in copy.record.handovers:
        if isinstance(entry.fact, CustodyTaken | CustodyRefused) and entry.fact.offered_seq == offered:
            return entry
    return None


def _handover(copy: Copy, entry: Entry, fact: CustodyOffered, name: str, answer: Entry | None) -> Held:
    _ = copy.say
    temperatures = [fact.temperature] if fact.temperature is not None else []
    state, receiver = "verify", _("not taken over yet")
    if answer is not None and isinstance(answer.fact, CustodyTaken):
        state, receiver = "done", f"{copy.name(answer.person)} {copy.clock(answer.time)} #{answer.seq}"
        temperatures += [answer.fact.temperature] if answer.fact.temperature is not None else []
    elif answer is not None:
        state, receiver = "stop", f"{_('refused by')} {copy.name(answer.person)} #{answer.seq}"
    remark = "; ".join(
        part
        for part in (
            copy.term(fact.condition),
            f"{_('seal')} {fact.seal}" if fact.seal else "",
            f"{fact.from_place} → {fact.to_place}",
        )
        if part
    )
    shown = " → ".join(plain(value) for value in temperatures) + " °C" if temperatures else "–"
    event = _("{name} handed over").format(name=name)
    return _held(copy, entry, state, event, f"{copy.name(entry.person)} → {receiver}", shown, remark)


def bedside(copy: Copy) -> list[Block]:
    """The three-way match by two people, the dose that was delivered, and the final disposition."""
    _, record = copy.say, copy.record
    blocks = title(
        _("Bedside, perfusion and final disposition"), copy.other("Bedside, perfusion and final disposition")
    )
    blocks += [
        *heading(
            _("Identity check at the bedside"),
            _("wristband, product and order, by two people alone"),
            above=0,
        )
    ]
    blocks += _match(copy) if record.match else plain_text(_("Not done."))
    blocks += heading(_("Perfusion"))
    blocks += _perfusion(copy) if record.perfusion else plain_text(_("Not done."))
    blocks += heading(_("Final disposition"))
    if record.disposed is not None and record.disposition is not None:
        state, word = (
            ("done", "Conforming")
            if record.disposition.disposition == "conforming"
            else ("stop", "Nonconforming")
        )
        blocks += decided(copy, record.disposed, state, word)
        if reason := copy.free(record.disposition.reason):
            blocks += plain_text(f"{_('Reason')}: {reason}")
    else:
        blocks += plain_text(_("Not signed yet."))
    if record.closed is not None:
        blocks += heading(_("Closure"))
        blocks += decided(copy, record.closed, "done", "Record closed")
    return blocks


def _match(copy: Copy) -> list[Block]:
    _, record, match, second = copy.say, copy.record, copy.record.match, copy.record.second_match
    assert match is not None and record.matched is not None
    columns = [
        Column(head=_("Leg"), share=20),
        Column(head=_("First person"), share=30),
        Column(head=_("Second person"), share=30),
        Column(head=_("Result"), share=20),
    ]
    rows = []
    for leg, title_of in (("wristband", "Wristband"), ("product", "Product"), ("order", "Perfusion order")):
        code, means = getattr(match, leg), getattr(match, f"{leg}_means").value
        again = getattr(second, leg) if second else None
        agreed = again == code
        word = (
            signed("done", _("Match"), STRONG) if agreed else signed("verify", _("One person only"), STRONG)
        )
        rows.append(
            (
                cell(_(title_of), STRONG),
                cell(f"{grouped(code)} ({copy.term(means)})"),
                cell(grouped(again) if again else "–"),
                (word,),
            )
        )
    checks = []
    for check in record.protocol.bedside_checks:
        answer = dict(match.checks).get(check.code)
        said = next((copy.in_words(o.title) for o in check.options if o.code == answer), "–")
        checks.append((copy.in_words(check.title), said))
    people = [
        (
            _("First person"),
            f"{copy.name(record.matched.person)}, {copy.at(record.matched.time)} #{record.matched.seq}",
        ),
        (
            _("Second person"),
            f"{copy.name(record.confirmed.person)}, {copy.at(record.confirmed.time)} #{record.confirmed.seq}"
            if record.confirmed
            else _("not yet"),
        ),
        (_("Patient stated name and birth date"), _("yes") if match.patient_stated else _("no")),
        (_("Valid until"), copy.at(match.valid_until)),
    ]
    return [*table(columns, rows), *facts([*people, *checks])]


def _perfusion(copy: Copy) -> list[Block]:
    _, fact, entry = copy.say, copy.record.perfusion, copy.record.perfused
    assert fact is not None and entry is not None
    pairs = [
        (_("Started"), copy.at(fact.started_at)),
        (_("Ended"), copy.at(fact.ended_at)),
        (_("Volume given"), f"{as_given(fact.volume_given)} mL"),
        (_("Volume left"), f"{as_given(fact.volume_residual)} mL"),
        (
            _("Viable cells given"),
            f"{as_power_of_ten(fact.viable_cells)} = {as_power_of_ten(fact.concentration)} cells/mL × {as_given(fact.volume_given)} mL",
        ),
        (_("NK cells given"), f"{as_power_of_ten(fact.nk_cells)} ({plain(fact.purity)} %)"),
        (_("Catheter"), fact.catheter),
        (_("Reaction"), copy.term(fact.reaction)),
        (_("Route"), copy.in_words(copy.record.protocol.route)),
        (_("Identity checks"), f"#{fact.matched_seq}, #{fact.confirmed_seq}"),
    ]
    return [*facts(pairs), *decided(copy, entry, "done", "Perfused")]
