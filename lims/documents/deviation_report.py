"""Deviation report: one deviation from the failing rule to its closure, with its root cause and its actions."""

from lims.documents.batch_record_copy import Copy
from lims.documents.batch_record_issue import entry_lines
from lims.documents.batch_record_quality import decided
from lims.documents.certificate_parts import front
from lims.documents.paper_frame import about, against_the_record, furniture, print_paper, replaces
from lims.documents.parts import Span
from lims.documents.parts_blocks import (
    SMALL,
    STRONG,
    Cell,
    Column,
    cell,
    facts,
    heading,
    plain_text,
    table,
)
from lims.documents.parts_boxes import banner
from lims.documents.parts_flow import Block
from lims.documents.parts_signs import signed
from lims.domain.batch_record import Deviation
from lims.domain.capa import Capa, CapaState
from lims.domain.entries.capa import DeviationClosed, DeviationInvestigated
from lims.domain.entries.envelope import Entry

TITLE = "Deviation report"
STATES = {
    CapaState.PLANNED: ("none", "To be done"),
    CapaState.DONE: ("verify", "To verify"),
    CapaState.VERIFIED: ("verify", "Effect to judge"),
    CapaState.EFFECTIVE: ("done", "Effective"),
    CapaState.NOT_EFFECTIVE: ("stop", "Not effective"),
}


def print_deviation_report(copy: Copy) -> bytes:
    """Everything on file about one deviation; LookupError for a number that the batch does not have."""
    _, item = copy.say, copy.record.deviations[copy.subject]
    sign, word = ("done", "CLOSED") if item.closed else ("due", "NOT CLOSED")
    says = _("Deviation {number} of batch {batch}, {severity}: {rule}.").format(
        number=item.number,
        batch=copy.record.number,
        severity=copy.term(item.severity),
        rule=copy.term(item.fact.rule),
    )
    blocks = [
        *front(copy, TITLE),
        *banner(sign, _(word), copy.other(word), says),
        *about(copy),
        *replaces(copy),
        *heading(_("What happened"), _("as opened and as recorded")),
        *_opened(copy, item),
        *heading(_("Values of that place"), _("every entry, corrections included")),
        *_values(copy, item),
        *heading(_("The bench's answers")),
        *_answers(copy, item),
        *heading(_("Classification and decision")),
        *_decision(copy, item),
        *heading(_("Investigation"), _("the newest; earlier ones stand below")),
        *_investigation(copy, item),
        *heading(_("Other batches looked at"), _("as they were found when it was investigated")),
        *_others(copy, item),
        *heading(_("Corrective and preventive actions"), _("as they stand when this is printed")),
        *_actions(copy),
        *heading(_("Closure")),
        *_closure(copy, item),
        *heading(_("Every entry about it"), _("in the order in which they came on file")),
        *_told(copy, item),
        *against_the_record(copy, title=f"{_(TITLE)} {item.number}"),
    ]
    frame = furniture(
        copy,
        title=f"{_(TITLE)} {item.number}",
        state=sign,
        state_word=_("Closed") if item.closed else _("Open"),
    )
    return print_paper(copy, blocks, frame, title=f"{_(TITLE)} {item.number}")


def _opened(copy: Copy, item: Deviation) -> list[Block]:
    _, fact = copy.say, item.fact
    step = copy.record.step(fact.step or "")
    slot = copy.record.slot_of(fact.step or "", fact.slot or "")
    number = copy.numbers.get(fact.step or "", "")
    pairs = [
        (_("Rule"), copy.term(fact.rule)),
        (_("Severity when opened"), copy.term(fact.severity)),
        (_("Step"), f"{number} {copy.in_words(step.title)}".strip() if step else "–"),
        (_("Evidence"), copy.in_words(slot.title) if slot else "–"),
        *((copy.term(name), value) for name, value in fact.about if value),
        (_("Opened"), _by(copy, item.opened)),
        (_("Station"), item.opened.station or "–"),
    ]
    words = plain_text(copy.free(fact.words)) if fact.words else []
    return [*facts(pairs), *words]


def _values(copy: Copy, item: Deviation) -> list[Block]:
    place = copy.record.slots.get((item.fact.step or "", item.fact.slot or ""))
    if place is None:
        return plain_text(copy.say("It arose from no recorded value."))
    return _entries(copy, place.history)


def _answers(copy: Copy, item: Deviation) -> list[Block]:
    _, said = copy.say, item.explanation
    if said is None or item.explained is None:
        return plain_text(_("The bench has not explained it."))
    pairs = [
        (_("What happened"), copy.free(said.happened)),
        (_("Done at once"), copy.free(said.did)),
        (_("Does it go on"), copy.term(said.go_on)),
        (_("Said by"), _by(copy, item.explained)),
    ]
    return facts(pairs, columns=1)


def _decision(copy: Copy, item: Deviation) -> list[Block]:
    _, made = copy.say, item.decision
    if made is None or item.decided is None:
        return plain_text(_("Not decided"))
    pairs = [
        (_("Severity"), copy.term(made.severity)),
        (_("Decision"), copy.term(made.decision)),
        (_("Impact, as assessed at once"), copy.free(made.impact)),
    ]
    sign = "done" if made.decision == "accepted" else "stop"
    return [*facts(pairs, columns=1), *decided(copy, item.decided, sign, "Decision")]


def _investigation(copy: Copy, item: Deviation) -> list[Block]:
    _, found = copy.say, item.investigated.fact if item.investigated else None
    if item.investigated is None or not isinstance(found, DeviationInvestigated):
        return plain_text(_("Not investigated yet"))
    pairs = [
        (_("Impact on"), copy.term(found.impact_on)),
        (_("Impact"), copy.free(found.impact)),
        (_("Kind of cause"), copy.term(found.cause)),
        (_("Root cause"), copy.free(found.root_cause)),
        (_("Recorded by"), _by(copy, item.investigated)),
    ]
    return facts(pairs, columns=1)


def _others(copy: Copy, item: Deviation) -> list[Block]:
    _, found = copy.say, item.investigated.fact if item.investigated else None
    if not isinstance(found, DeviationInvestigated):
        return plain_text(_("Not investigated yet"))
    columns = [Column(head=_("Batch"), share=16), Column(head=_("In common"), share=84)]
    rows = [
        (
            cell(other.batch, STRONG),
            cell(
                "\n".join(f"{copy.term(sort)}: {_which(copy, sort, which)}" for sort, which in other.shares),
                SMALL,
            ),
        )
        for other in found.others
    ]
    none = _("No other batch shares a lot, an item of equipment, an operator or the day with this one.")
    return table(columns, rows) if rows else plain_text(none)


def _which(copy: Copy, sort: str, which: str) -> str:
    return copy.name(which) if sort == "operator" else which


def _actions(copy: Copy) -> list[Block]:
    _, capas = copy.say, [capa for capa in copy.capas if copy.subject in capa.fact.deviations]
    if not capas:
        return plain_text(_("No action planned"))
    columns = [
        Column(head=_("Action"), share=24),
        Column(head=_("What is to be done, and effective if"), share=34),
        Column(head=_("What became of it"), share=42),
    ]
    outside = _(
        "Entries of capas lie outside the batch record; the closure of the deviation names the last one of each action"
        " by its hash."
    )
    return [*table(columns, [_action(copy, capa) for capa in capas]), *plain_text(outside, SMALL)]


def _action(copy: Copy, capa: Capa) -> tuple[Cell, ...]:
    _, fact = copy.say, capa.fact
    sign, word = STATES[capa.state]
    follows = _("follows {number}").format(number=fact.follows) if fact.follows else ""
    name: Cell = (
        (Span(capa.number, STRONG),),
        (Span(copy.term(fact.action), SMALL),),
        *(((Span(follows, SMALL),),) if follows else ()),
        (Span(f"{_('Owner')}: {fact.owner_name}", SMALL),),
        (Span(f"{_('Due')} {fact.due.isoformat()}", SMALL),),
        signed(sign, _(word), STRONG),
    )
    plan = (
        *cell(copy.free(fact.description)),
        *cell(f"{_('Effective if')}: {copy.free(fact.criterion)}", SMALL),
        *cell(f"{_('Effect judged on')} {fact.check_on.isoformat()}", SMALL),
    )
    came = "\n".join(
        f"{entry.stream} #{entry.seq} {copy.at(entry.time)}\n{copy.sentence(entry)}" for entry in capa.history
    )
    return name, plan, cell(came, SMALL)


def _closure(copy: Copy, item: Deviation) -> list[Block]:
    _, closed = copy.say, item.closed
    if closed is None or not isinstance(closed.fact, DeviationClosed):
        return plain_text(_("It is not closed."))
    pairs = [(_("Conclusion"), copy.free(closed.fact.conclusion))]
    return [*facts(pairs, columns=1), *decided(copy, closed, "done", "Closure")]


def _told(copy: Copy, item: Deviation) -> list[Block]:
    about = [
        entry
        for entry in copy.record.entries
        if item.number in (getattr(entry.fact, "number", ""), getattr(entry.fact, "deviation", ""))
    ]
    return _entries(copy, about)


def _entries(copy: Copy, entries: "list[Entry] | tuple[Entry, ...]") -> list[Block]:
    _ = copy.say
    columns = [Column(head=_("Entry"), share=28), Column(head=_("What it says"), share=72)]
    rows = [(cell(entry_lines(copy, entry), SMALL), cell(copy.sentence(entry))) for entry in entries]
    return table(columns, rows)


def _by(copy: Copy, entry: Entry) -> str:
    return f"#{entry.seq} {copy.name(entry.person)}, {copy.at(entry.time)}"
