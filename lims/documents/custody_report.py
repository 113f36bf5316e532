"""Custody report: whose cells these are, the way of every container from hand to hand, and where each is now."""

from collections.abc import Iterator
from dataclasses import dataclass

from lims.documents.batch_record_copy import Copy
from lims.documents.batch_record_issue import containers
from lims.documents.batch_record_quality import labels
from lims.documents.certificate_parts import front
from lims.documents.identity_picture import graph_block, whose
from lims.documents.paper_frame import about, against_the_record, furniture, print_paper, replaces
from lims.documents.parts import Span
from lims.documents.parts_blocks import (
    CELL,
    SMALL,
    STRONG,
    Cell,
    Column,
    cell,
    heading,
    plain_text,
    table,
    title,
)
from lims.documents.parts_boxes import banner
from lims.documents.parts_flow import Block
from lims.documents.parts_signs import signed
from lims.domain.codes import grouped
from lims.domain.custody_chain import Link, chain_of
from lims.domain.entries.batch import (
    ContainerLabelled,
    CustodyOffered,
    CustodyRefused,
    CustodyTaken,
    EvidenceRecorded,
    IdentityMatched,
    IdentityMismatched,
    Perfused,
    SampleReceived,
    SampleTaken,
)
from lims.domain.entries.envelope import Entry
from lims.domain.entries.values import Scanned
from lims.domain.identity_graph import IdentityGraph, graph_of
from lims.domain.master_batch_record import Container
from lims.domain.quantities import as_given, plain

TITLE = "Custody report"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """One line of a container's way; containers that went the same way at the same step share it."""

    link: Link
    codes: tuple[str, ...]


def print_custody_report(copy: Copy) -> bytes:
    """The custody of a batch as it is on file; gaps are shown as gaps."""
    _, record = copy.say, copy.record
    graph = graph_of(record)
    gaps = [link for code in record.containers for link in chain_of(record, code) if link.is_gap]
    waiting = sum(held.offer is not None for held in record.custody.values())
    sign, word = ("stop", "GAPS IN THE CHAIN") if gaps else ("done", "NO GAP ON FILE")
    if waiting and not gaps:
        sign, word = "due", "A HAND-OVER IS OPEN"
    blocks = [
        *front(copy, TITLE),
        *banner(sign, _(word), copy.other(word), _says(copy, graph, gaps=len(gaps), waiting=waiting)),
        *about(copy),
        *replaces(copy),
        *heading(_("Whose they are"), whose(copy, graph)),
        *graph_block(copy, graph),
        *heading(_("Codes"), _("every code of this batch, and what it was filled from")),
        *containers(copy),
        *_ways(copy),
        *heading(_("Where everything is"), _("as it is on file when this is printed")),
        *_places(copy),
        *labels(copy),
        *against_the_record(copy, title=_(TITLE)),
    ]
    chip = {"stop": "Gaps", "done": "No gap", "due": "Open"}[sign]
    frame = furniture(copy, title=_(TITLE), state=sign, state_word=_(chip))
    return print_paper(copy, blocks, frame, title=_(TITLE))


def _says(copy: Copy, graph: IdentityGraph, *, gaps: int, waiting: int) -> str:
    _, record = copy.say, copy.record
    strays = [node.code for node in graph.strays]
    parts = [
        _("Containers of {who}: {count}. Gaps: {gaps}. Hand-overs open: {open}.").format(
            count=len(record.containers), who=record.issue.participant, gaps=gaps, open=waiting
        )
    ]
    if strays:
        parts.append(_("Of unknown origin: {codes}.").format(codes=", ".join(map(grouped, strays))))
    return " ".join(parts)


def _ways(copy: Copy) -> list[Block]:
    """A table for each kind of container."""
    _, record = copy.say, copy.record
    blocks = title(_("From hand to hand"), copy.other("From hand to hand"))
    columns = [
        Column(head=_("Date and time"), share=16),
        Column(head=_("What, which"), share=30),
        Column(head=_("Giver, receiver"), share=26),
        Column(head=_("Place, condition, seal, temperature"), share=28),
    ]
    for kind in record.master.containers:
        codes = [code for code, item in record.containers.items() if item.container == kind.code]
        if not codes:
            continue
        blocks += heading(copy.in_words(kind.title), ", ".join(map(grouped, codes)))
        rows: list[tuple[Cell, ...]] = []
        for told in _shared(copy, codes):
            if told.link.is_gap:
                rows.append(_gap(copy, told.link))
            rows.append(_line(copy, kind, told))
        blocks += table(columns, rows) if rows else plain_text(_("Nothing is on file about it yet."))
    return blocks


def _shared(copy: Copy, codes: list[str]) -> Iterator[_Told]:
    """The links of several containers in order; like ones, one right after another, are told once."""
    links = [(code, link) for code in codes for link in chain_of(copy.record, code)]
    before: _Told | None = None
    for code, link in sorted(links, key=lambda pair: pair[1].entry.seq):
        if before is not None and _alike(before.link, link):
            before = _Told(link=before.link, codes=(*before.codes, code))
            continue
        if before is not None:
            yield before
        before = _Told(link=link, codes=(code,))
    if before is not None:
        yield before


def _alike(one: Link, other: Link) -> bool:
    mergeable = ContainerLabelled | EvidenceRecorded
    a, b = one.entry, other.entry
    return (
        isinstance(a.fact, mergeable)
        and type(a.fact) is type(b.fact)
        and (a.person, a.station, getattr(a.fact, "step", ""))
        == (b.person, b.station, getattr(b.fact, "step", ""))
    )


def _gap(copy: Copy, link: Link) -> tuple[Cell, ...]:
    _ = copy.say
    if link.broken:
        says = _("Given by another person than the one who last received it.")
    elif link.moved is not None:
        says = _("Last received in {there}, given from {here}; nothing on file between.").format(
            there=link.moved[0], here=link.moved[1]
        )
    elif link.backwards:
        says = _("It lies before the event that it follows.")
    else:
        assert link.waited is not None
        minutes = int(link.waited.total_seconds()) // 60
        says = _("For {minutes} min nobody answers for it between giver and receiver.").format(
            minutes=minutes
        )
    return ((signed("stop", _("Gap"), STRONG),), cell(says, STRONG), cell(""), cell(""))


def _line(copy: Copy, kind: Container, told: _Told) -> tuple[Cell, ...]:
    _, record, entry = copy.say, copy.record, told.link.entry
    which = ""
    if kind.count > 1:
        which = ", ".join(str(record.containers[code].index) for code in told.codes) + f" / {kind.count}"
    what, hands, where = _event(copy, told.link)
    when = copy.at(entry.time).split(" ", 1)
    return (
        ((Span(when[0], CELL),), (Span(when[1], SMALL),)),
        ((Span(what, STRONG),), (Span(f"#{entry.seq}" + (f" · {which}" if which else ""), SMALL),)),
        hands,
        tuple((Span(line, SMALL),) for line in where if line),
    )


def _event(copy: Copy, link: Link) -> tuple[str, Cell, list[str]]:
    """What happened, between whom, and where in which state."""
    _, entry = copy.say, link.entry
    by: Cell = cell(copy.name(entry.person))
    match entry.fact:
        case CustodyOffered() as offer:
            return _handover(copy, link, offer)
        case ContainerLabelled():
            return _("Code given"), by, [entry.station]
        case SampleTaken():
            return _("Sample taken"), by, [entry.station]
        case SampleReceived() as received:
            return _("Received by QC"), by, [entry.station, copy.term(received.means.value)]
        case IdentityMatched():
            return _("Matched at the bedside"), by, [entry.station]
        case IdentityMismatched() as stopped:
            legs = ", ".join(copy.term(leg) for leg in stopped.legs)
            return _("Bedside check did not match"), by, [entry.station, legs]
        case Perfused() as given:
            left = _("{given} mL given, {left} mL left").format(
                given=as_given(given.volume_given), left=as_given(given.volume_residual)
            )
            return _("Product given"), by, [entry.station, left]
        case EvidenceRecorded(value=Scanned(means=means)) as fact:
            steps = {step.code: step.title for step in copy.record.master.steps}
            step = copy.in_words(steps[fact.step]) if fact.step in steps else fact.step
            return step, by, [entry.station, copy.term(means.value)]
        case _:
            return copy.sentence(entry), by, [entry.station]


def _handover(copy: Copy, link: Link, offer: CustodyOffered) -> tuple[str, Cell, list[str]]:
    _, entry, answer = copy.say, link.entry, link.answer
    giver = (Span(f"{copy.name(entry.person)} →", CELL),)
    where = [
        f"{offer.from_place} → {offer.to_place}",
        _state_of(copy, offer.condition, offer.temperature and plain(offer.temperature)),
        f"{_('seal')} {offer.seal}" if offer.seal else "",
    ]
    if answer is None:
        to = _("not taken over yet, for {role}").format(role=copy.term(offer.to_role))
        return _("Offered"), (giver, signed("verify", to, CELL)), where
    when = (Span(f"#{answer.seq} {copy.at(answer.time)}", SMALL),)
    if isinstance(answer.fact, CustodyTaken):
        taken = answer.fact
        where.append(
            f"{_('on arrival')}: {_state_of(copy, taken.condition, taken.temperature and plain(taken.temperature))}"
            f", {copy.term(taken.means.value)}"
        )
        return _("Handed over"), (giver, (Span(copy.name(answer.person), CELL),), when), where
    refused = answer.fact
    reason = copy.free(refused.reason) if isinstance(refused, CustodyRefused) else ""
    who = f"{_('refused by')} {copy.name(answer.person)}"
    return _("Not taken over"), (giver, signed("stop", who, CELL), when, (Span(reason, SMALL),)), where


def _state_of(copy: Copy, condition: str, temperature: object) -> str:
    return ", ".join(
        part for part in (copy.term(condition), f"{temperature} °C" if temperature else "") if part
    )


def _places(copy: Copy) -> list[Block]:
    _, record = copy.say, copy.record
    columns = [
        Column(head=_("Container"), share=26),
        Column(head=_("Held by"), share=24),
        Column(head=_("Place"), share=24),
        Column(head=_("Since"), share=26),
    ]
    kinds = {item.code: copy.in_words(item.title) for item in record.master.containers}
    rows: list[tuple[Cell, ...]] = []
    for code, item in record.containers.items():
        name: Cell = (
            (Span(f"{kinds[item.container]} {item.index}/{item.of}", STRONG),),
            (Span(grouped(code), SMALL),),
        )
        rows.append((name, *_place(copy, code)))
    return table(columns, rows)


def _place(copy: Copy, code: str) -> tuple[Cell, Cell, Cell]:
    """Who holds a container, where, since when: by custody, or by what was last on file about it."""
    _, record = copy.say, copy.record
    last: Entry | None = next((link.entry for link in reversed(chain_of(record, code))), None)
    if record.perfused is not None and code == record.unit_code:
        return (
            cell(_("given")),
            cell(record.perfused.station or "–"),
            cell(copy.at(record.perfused.time), SMALL),
        )
    held = record.custody.get(code)
    if held is not None:
        who: Cell = cell(copy.name(held.holder))
        if held.offer is not None:
            who = (*who, signed("verify", _("offered, not taken over"), SMALL))
        return who, cell(held.place), cell(copy.at(held.since), SMALL)
    if last is None or isinstance(last.fact, ContainerLabelled):
        return cell(_("not in use yet")), cell("–"), cell("–")
    seen = _("last on file, {at}").format(at=copy.at(last.time))
    return cell(copy.name(last.person)), cell(last.station or "–"), cell(seen, SMALL)
