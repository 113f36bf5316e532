"""Perfusion order: who ordered the perfusion of this round, and the one product unit that goes with it."""

from lims.documents.batch_record_copy import Copy
from lims.documents.certificate_parts import front
from lims.documents.conditional_certificate import unit_facts
from lims.documents.paper_frame import about, against_the_record, furniture, print_paper, replaces
from lims.documents.parts_blocks import facts, heading, plain_text
from lims.documents.parts_boxes import banner
from lims.documents.parts_flow import Block
from lims.domain.codes import grouped
from lims.domain.quantities import as_given

TITLE = "Perfusion order"


def print_perfusion_order(copy: Copy) -> bytes:
    """The order of this round with the released unit; LookupError for a batch that was never released."""
    _, record, released = copy.say, copy.record, copy.record.released
    release = record.release
    if released is None or release is None:
        raise LookupError("the batch was never released")
    sign, word, says = _state(copy)
    blocks = [
        *front(copy, TITLE),
        *banner(sign, _(word), copy.other(word), says),
        *about(copy),
        *replaces(copy),
        *heading(_("The order")),
        *_order(copy),
        *heading(_("The product unit"), _("the only one that belongs to this order")),
        *unit_facts(copy, released, release),
        *heading(_("Before it is given"), _("answered at the bedside; any other answer stops")),
        *_checks(copy),
        *against_the_record(copy, title=_(TITLE)),
    ]
    frame = furniture(copy, title=_(TITLE), state=sign, state_word=_(word.capitalize()))
    return print_paper(copy, blocks, frame, title=_(TITLE))


def _state(copy: Copy) -> tuple[str, str, str]:
    _, record = copy.say, copy.record
    if record.perfused is not None:
        at = copy.at(record.perfused.time)
        return "done", "CARRIED OUT", _("The product was given {at}.").format(at=at)
    if record.on_hold is not None:
        says = _("The batch is on hold: {why}. The product must not be given until quality lifts the hold.")
        return "hold", "ON HOLD", says.format(why=copy.term(record.hold_reason))
    expiry = record.expires_at
    if expiry is not None and copy.printed_at >= expiry:
        says = _("The product expired {at}. It must not be given.").format(at=copy.at(expiry))
        return "stop", "EXPIRED", says
    says = _("This paper does not identify her: the wristband does, and two people check it.")
    return "due", "ORDERED", says


def _order(copy: Copy) -> list[Block]:
    _, record = copy.say, copy.record
    this = copy.participant.round(record.issue.round)
    if this.order is None:
        return plain_text(_("No order is on file."))
    by = this.ordered
    limit = record.protocol.volume_given
    ends = (as_given(end) if end is not None else "" for end in (limit.low, limit.high))
    volume = f"{'–'.join(ends)} {limit.unit}"
    return facts(
        [
            (_("Order"), grouped(this.order.order)),
            (_("Planned for"), copy.at(this.order.planned_at, seconds=False)),
            (_("Ward"), this.order.ward),
            (_("Ordered by"), f"{copy.name(by.person)}, {copy.term(by.role)}" if by else "–"),
            (_("Ordered at"), copy.at(by.time) if by else "–"),
            (_("On file as"), f"{by.stream} #{by.seq}" if by else "–"),
            (_("Route"), copy.in_words(record.protocol.route)),
            (_("Volume to give"), volume),
            (
                _("Observation"),
                _("{minutes} min").format(minutes=record.protocol.observation_minutes),
            ),
        ]
    )


def _checks(copy: Copy) -> list[Block]:
    pairs = [
        (
            copy.in_words(check.title),
            " / ".join(copy.in_words(option.title) for option in check.options if option.acceptable),
        )
        for check in copy.record.protocol.bedside_checks
    ]
    return facts(pairs)
