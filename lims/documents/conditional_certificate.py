"""Conditional release certificate: what quality signed, on which conditions, and what is still pending."""

from dataclasses import dataclass

from lims.documents.batch_record_copy import Copy
from lims.documents.batch_record_issue import entry_by
from lims.documents.batch_record_quality import decided, spec_of, test_name
from lims.documents.certificate_parts import deviations_table, front
from lims.documents.paper_frame import about, against_the_record, furniture, print_paper, replaces
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
)
from lims.documents.parts_boxes import banner
from lims.documents.parts_flow import Block
from lims.documents.parts_signs import signed
from lims.domain.batch_record import BatchRecord
from lims.domain.codes import grouped
from lims.domain.dose import dose_of
from lims.domain.entries.batch import ReleasedConditionally
from lims.domain.entries.envelope import Entry
from lims.domain.entries.late import LateFailureFound
from lims.domain.master_batch_record import Gate
from lims.domain.participant import check_consent
from lims.domain.quantities import as_given, as_power_of_ten, plain
from lims.domain.refusals import Refused
from lims.domain.release import unmet_release
from lims.domain.release_conditions import Condition, judged

TITLE = "Conditional release certificate"
FINAL = "final_release"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What the certificate is worth on the day it is printed."""

    sign: str
    word: str
    chip: str
    mark: str
    says: str


def print_conditional_certificate(copy: Copy) -> bytes:
    """The certificate of a batch that is, or was, conditionally released; LookupError for any other."""
    _, released, release = copy.say, copy.record.released, copy.record.release
    if released is None or release is None:
        raise LookupError("the batch was never released")
    worth = worth_of(copy, release)
    blocks = [
        *front(copy, TITLE),
        *banner(worth.sign, _(worth.word), copy.other(worth.word), worth.says),
        *about(copy),
        *replaces(copy),
        *heading(_("What quality signed")),
        *decided(copy, released, "due", "Conditional release"),
        *_justified(copy, release),
        *heading(_("The product unit"), _("as filled; what was delivered is on the final certificate")),
        *unit_facts(copy, released, release),
        *heading(_("Pending tests"), _("pending is never pass")),
        *pending_table(copy, release),
        *heading(
            _("Release conditions"),
            _("as they stood at the conditional release, {at}").format(at=copy.at(released.time)),
        ),
        *_conditions(copy, released, release),
        *heading(_("Deviations"), _("as they stand when this is printed")),
        *deviations_table(copy),
        *against_the_record(copy, title=_(TITLE)),
    ]
    frame = furniture(
        copy,
        title=_(TITLE),
        state=worth.sign,
        state_word=_(worth.chip),
        mark=_(worth.mark) if worth.mark else "",
    )
    return print_paper(copy, blocks, frame, title=_(TITLE))


def worth_of(copy: Copy, release: ReleasedConditionally) -> Worth:
    """What a conditional release counts when this is printed."""
    _, record = copy.say, copy.record
    final = copy.newest(FINAL)
    if record.disposed is not None and record.disposition is not None:
        says = _("The final disposition was signed {at}: {disposition}.").format(
            at=copy.at(record.disposed.time), disposition=copy.term(record.disposition.disposition)
        )
        says += " " + _("What stands here was signed before it and counts no more.")
        if final is not None:
            says += " " + _("Superseded by: {paper}.").format(paper=copy.named(final))
        return Worth(sign="none", word="SUPERSEDED", chip="Superseded", mark="SUPERSEDED", says=says)
    failed = next((e for e in reversed(record.entries) if isinstance(e.fact, LateFailureFound)), None)
    if failed is not None and isinstance(failed.fact, LateFailureFound):
        says = _(
            "{test} failed after this was signed, {at}: deviation {number}. What stands here counts no more."
        )
        test = copy.in_words(record.master.test(failed.fact.test).title)
        return Worth(
            sign="stop",
            word="FAILED AFTER RELEASE",
            chip="Failed",
            mark="FAILED",
            says=says.format(test=test, at=copy.at(failed.time), number=failed.fact.deviation),
        )
    if record.on_hold is not None:
        says = _("The batch is on hold: {why}. The product must not be given until quality lifts the hold.")
        return Worth(
            sign="hold",
            word="ON HOLD",
            chip="On hold",
            mark="ON HOLD",
            says=says.format(why=copy.term(record.hold_reason)),
        )
    if record.perfused is None and copy.printed_at >= release.expires_at:
        says = _("The product expired {at}. It must not be given.").format(at=copy.at(release.expires_at))
        return Worth(sign="stop", word="EXPIRED", chip="Expired", mark="EXPIRED", says=says)
    says = _(
        "Released for perfusion in {participant}, round {round}, before {expiry}. Pending: {tests}."
    ).format(
        participant=record.issue.participant,
        round=record.issue.round,
        expiry=copy.at(release.expires_at),
        tests="; ".join(copy.in_words(record.master.test(item.test).title) for item in release.pending)
        or "–",
    )
    if record.perfused is not None:
        says += " " + _("The product was given {at}.").format(at=copy.at(record.perfused.time))
    return Worth(sign="due", word="CONDITIONAL RELEASE", chip="Conditional", mark="CONDITIONAL", says=says)


def _justified(copy: Copy, release: ReleasedConditionally) -> list[Block]:
    if release.previous_round_open is None:
        return []
    _, said = copy.say, copy.free(release.previous_round_open)
    return plain_text(f"{_('Why although the round before is open or nonconforming')}: {said}")


def unit_facts(copy: Copy, released: Entry, release: ReleasedConditionally) -> list[Block]:
    """The unit as it was filled: numbers, expiry, storage, route."""
    _, record, dose = copy.say, copy.record, dose_of(copy.record)
    item = record.containers[release.unit]
    filled = record.moment_at(record.master.dose.fill_end)
    missing = _("not on file")
    pairs = [
        (_("Unit"), f"{grouped(release.unit)} · {item.index}/{item.of}"),
        (_("Expires"), copy.at(release.expires_at)),
        (_("Fill ended"), copy.at(filled) if filled else missing),
        (_("Volume filled"), f"{as_given(dose.volume)} mL" if dose.volume is not None else missing),
        (
            _("Viable concentration"),
            f"{as_power_of_ten(dose.concentration)} cells/mL" if dose.concentration is not None else missing,
        ),
        (
            _("Viable cells in the unit"),
            f"{as_power_of_ten(dose.viable_cells)}" if dose.viable_cells is not None else missing,
        ),
        (_("Purity"), f"{plain(dose.purity)} %" if dose.purity is not None else missing),
        (
            _("Viable NK cells in the unit"),
            f"{as_power_of_ten(dose.nk_cells)}" if dose.nk_cells is not None else missing,
        ),
        (_("Storage"), copy.in_words(record.master.storage)),
        (_("Route"), copy.in_words(record.protocol.route)),
    ]
    return facts(pairs)


def pending_table(copy: Copy, release: ReleasedConditionally) -> list[Block]:
    """Tests that were pending at the release, each with its due day."""
    _, record = copy.say, copy.record
    columns = [
        Column(head=_("Test"), share=32),
        Column(head=_("Method"), share=22),
        Column(head=_("Specification"), share=24),
        Column(head=_("At release"), share=22),
    ]
    rows: list[tuple[Cell, ...]] = []
    for item in release.pending:
        test = record.master.test(item.test)
        due: Cell = (
            signed("verify", _("Pending"), STRONG),
            (Span(_("due {day}").format(day=item.due.isoformat()), SMALL),),
        )
        rows.append((test_name(copy, test), cell(test.method), spec_of(copy, test), due))
    return table(columns, rows) if rows else plain_text(_("None."))


def _conditions(copy: Copy, released: Entry, release: ReleasedConditionally) -> list[Block]:
    """The reasons that would have greyed the button, condition by condition."""
    _, then = copy.say, copy.before_release()
    unmet = unmet_release(
        then, copy.participant, now=released.time, justified=release.previous_round_open is not None
    )
    columns = [
        Column(head=_("Condition"), share=40),
        Column(head=_("On file"), share=38),
        Column(head=_("Verdict"), share=22),
    ]
    rows: list[tuple[Cell, ...]] = []
    for condition, reasons in judged(unmet):
        verdict: Cell = (
            (signed("stop", _("Not met"), STRONG),) if reasons else (signed("done", _("Met"), STRONG),)
        )
        why = [(Span(copy.why(reason), SMALL),) for reason in reasons]
        name: Cell = ((Span(_(condition.title), CELL),), *why)
        rows.append((name, cell(_on_file(copy, condition, then, released), STRONG), verdict))
    last = copy.participant.last
    judged_with = f"{copy.participant.stream} #{last.seq} {last.hash}" if last else "–"
    remark = _("Consent, arm, order and rounds: {head}").format(head=judged_with)
    return [*table(columns, rows, below=2), *plain_text(remark, SMALL)]


def _on_file(copy: Copy, condition: Condition, then: BatchRecord, released: Entry) -> str:
    """What the record holds under a condition, in a few words."""
    _ = copy.say
    of = _("{done} of {all}")
    match condition.code:
        case "steps":
            steps = then.master.steps
            return of.format(done=sum(then.is_finished(step) for step in steps), all=len(steps))
        case "deviations":
            decided_ones = len(then.deviations) - len(then.open_deviations)
            return of.format(done=decided_ones, all=len(then.deviations))
        case "labels":
            left = sum(label.fate is None for label in then.labels.values())
            return of.format(done=len(then.labels) - left, all=len(then.labels))
        case "hold":
            return copy.term(then.hold_reason) if then.on_hold else "–"
        case "review":
            return entry_by(copy, then.reviewed) if then.reviewed else "–"
        case "tests":
            gating = [test for test in then.master.tests if test.gate is Gate.CONDITIONAL]
            return of.format(done=sum(then.test_state(test) == "pass" for test in gating), all=len(gating))
        case "shelf_life":
            return _left(copy, then, released)
        case "custody":
            return _("{count} hand-overs on file").format(count=len(then.handovers))
        case _:
            return _of_participant(copy, condition)


def _left(copy: Copy, then: BatchRecord, released: Entry) -> str:
    _ = copy.say
    if then.expires_at is None:
        return "–"
    minutes = int((then.expires_at - released.time).total_seconds()) // 60
    return _("{hours} h {minutes} min left, at least {least} h asked").format(
        hours=minutes // 60, minutes=minutes % 60, least=then.protocol.least_hours_at_release
    )


def _of_participant(copy: Copy, condition: Condition) -> str:
    _, person, number = copy.say, copy.participant, copy.record.issue.round
    this = person.round(number)
    match condition.code:
        case "consent":
            try:
                return _("form {version}").format(
                    version=check_consent(person, copy.record.protocol).form_version
                )
            except Refused:
                return "–"
        case "arm":
            return person.allocation.arm if person.allocation else "–"
        case "order":
            return grouped(this.order.order) if this.order else "–"
        case "previous" if number > 1:
            final = person.round(number - 1).finalised
            return copy.term(final.disposition) if final else _("open")
        case _:
            return "–"
