"""Chain of identity and custody: where the product came from, and who held it from the vein to the ward."""

from collections.abc import Iterable

from lims.documents.batch_record_copy import Copy
from lims.documents.parts_blocks import heading, title
from lims.documents.parts_boxes import Held, Node, genealogy, track
from lims.documents.parts_flow import Block
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
from lims.domain.quantities import as_given, plain


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
        *where_from(copy),
        *heading(_("Who held it"), _("every hand-over has a giver, a receiver and one server time")),
        *track(held),
    ]


def where_from(copy: Copy) -> list[Block]:
    """The one line from the participant to the product, and what else was taken from the vessel."""
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
    _ = copy.say
    yield from _places(copy)
    for entry in copy.record.entries:
        match entry.fact:
            case CustodyOffered() as fact:
                yield entry, _handover(copy, entry, fact, _answer(copy, entry.seq))
            case SampleReceived() as fact:
                event = _("{name} received by QC").format(name=_sample(copy, fact.sample))
                yield entry, _held(copy, entry, event, remark=copy.term(fact.means.value))
            case ReleasedConditionally() as fact:
                expires = f"{_('expires')} {copy.at(fact.expires_at, seconds=False)}"
                yield entry, _held(copy, entry, _("Released conditionally"), state="due", remark=expires)
            case IdentityMismatched() as fact:
                legs = ", ".join(copy.term(leg) for leg in fact.legs)
                yield entry, _held(copy, entry, _("Bedside check did not match"), state="stop", remark=legs)
            case Perfused() as fact:
                yield entry, _held(copy, entry, _("Perfused"), remark=f"{as_given(fact.volume_given)} mL")
            case _:
                pass


def _places(copy: Copy) -> Iterable[tuple[Entry, Held]]:
    """Where the vessel stood: the places that were scanned."""
    _ = copy.say
    for step in copy.record.plan:
        for slot in step.evidence:
            held = copy.record.slots.get((step.code, slot.code))
            if isinstance(slot, ScanLocationSlot) and held is not None:
                event = f"{copy.in_words(slot.title)}: {held.scans[-1].name}"
                between = copy.in_words(step.title)
                yield held.last, _held(copy, held.last, event, between=between, remark=_("scanned"))


def _sample(copy: Copy, code: str) -> str:
    return copy.in_words(next(sample.title for sample in copy.record.master.samples if sample.code == code))


def _container(copy: Copy, code: str) -> str:
    kind = copy.record.containers[code].container
    return copy.in_words(next(item.title for item in copy.record.master.containers if item.code == kind))


def _held(
    copy: Copy,
    entry: Entry,
    event: str,
    *,
    state: str = "done",
    between: str = "",
    temperature: str = "",
    remark: str = "",
) -> Held:
    """One line of the track; between nobody else, it was the person who acted."""
    return Held(
        when=copy.at(entry.time, seconds=False)[:16],
        state=state,
        event=event,
        between=f"#{entry.seq} {between or copy.name(entry.person)}",
        temperature=temperature,
        remark=remark,
    )


def _answer(copy: Copy, offered: int) -> Entry | None:
    """The entry by which an offer was taken or refused."""
    for entry in copy.record.handovers:
        if isinstance(entry.fact, CustodyTaken | CustodyRefused) and entry.fact.offered_seq == offered:
            return entry
    return None


def _handover(copy: Copy, entry: Entry, fact: CustodyOffered, answer: Entry | None) -> Held:
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
    event = _("{name} handed over").format(name=_container(copy, fact.container))
    between = f"{copy.name(entry.person)} → {receiver}"
    return _held(copy, entry, event, state=state, between=between, temperature=shown, remark=remark)
