"""Labels, quality control and release: every label's fate, every result with its review, and quality's decisions."""

from collections.abc import Iterable

from lims.documents.batch_record_copy import Copy
from lims.documents.batch_record_issue import entry_by, entry_lines
from lims.documents.batch_record_late import late_failures, notices
from lims.documents.batch_record_oos import investigations
from lims.documents.batch_record_steps import deviation_block
from lims.documents.batch_record_yields import yields
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
from lims.documents.parts_boxes import disposition
from lims.documents.parts_flow import Block
from lims.documents.parts_signs import signed
from lims.domain.batch_record import BatchRecord, Result
from lims.domain.codes import grouped
from lims.domain.entries.batch import LabelAccounted, LabelsPrinted
from lims.domain.entries.envelope import Entry
from lims.domain.master_batch_record import Gate, LabelSlot, Test
from lims.domain.quantities import as_power_of_ten
from lims.domain.release import is_reviewed
from lims.domain.sentences_values import LONG_NUMBER

OUTCOMES = {
    "pass": ("done", "Pass"),
    "fail": ("stop", "Fail"),
    "reported": ("none", "Reported"),
    "invalid": ("due", "Invalid"),
    "not_done": ("due", "Not done"),
}


def labels(copy: Copy) -> list[Block]:
    """Every printed label with its serial and what became of it."""
    _, record = copy.say, copy.record
    columns = [
        Column(head=_("Label"), share=20),
        Column(head=_("Serial"), share=23),
        Column(head=_("Fate"), share=13),
        Column(head=_("Printed and accounted for"), share=44),
    ]
    rows = []
    for entry in record.entries:
        if isinstance(entry.fact, LabelsPrinted):
            fact = entry.fact
            named = next(
                copy.in_words(item.title) for item in record.master.labels if item.code == fact.label
            )
            container = record.containers.get(fact.container_code)
            if container is not None and container.of > 1:
                named += f" {container.index}/{container.of}"
            again = f" ({_('reprint')}: {copy.term(fact.reason_code)})" if fact.reason_code else ""
            for serial in fact.serials:
                fate = record.labels[serial].fate
                rows.append(
                    (
                        cell(named + again, STRONG),
                        cell(grouped(serial)),
                        cell(copy.term(fate) if fate else _("not accounted for")),
                        cell(_fate_entries(copy, entry, serial), SMALL),
                    )
                )
    remark = _("printed = applied + attached + destroyed")
    blocks = title(
        _("Label reconciliation"), copy.other("Label reconciliation"), new_page=False, remark=remark
    )
    return [*blocks, *(table(columns, rows) if rows else plain_text(_("No label was printed yet.")))]


def _fate_entries(copy: Copy, printed: Entry, serial: str) -> str:
    said = f"#{printed.seq} {entry_by(copy, printed)}"
    for entry in copy.record.entries:
        if isinstance(entry.fact, LabelAccounted) and entry.fact.serial == serial:
            said += f"\n#{entry.seq} {entry_by(copy, entry)}"
    return said


def quality(copy: Copy) -> list[Block]:
    """Samples, results, conditions and decisions."""
    _, record = copy.say, copy.record
    others = [item for item in record.deviations.values() if item.fact.step is None]
    return [
        *title(_("Quality control and release"), copy.other("Quality control and release")),
        *heading(_("Samples"), above=0),
        *samples(copy),
        *heading(_("Results"), _("pending is never pass; a second result never replaces the first")),
        *_results(copy),
        *yields(copy),
        *(heading(_("Deviations outside the steps")) if others else ()),
        *(block for item in others for block in deviation_block(copy, item)),
        *investigations(copy),
        *late_failures(copy),
        *notices(copy),
        *heading(_("Release conditions"), _conditions_remark(copy)),
        *_conditions(copy, copy.before_release()),
        *_decisions(copy),
    ]


def samples(copy: Copy) -> list[Block]:
    """Every sample of the plan: when it was taken and when QC had it."""
    _, record = copy.say, copy.record
    columns = [
        Column(head=_("Sample"), share=30),
        Column(head=_("Code"), share=22),
        Column(head=_("Taken"), share=24),
        Column(head=_("Received by QC"), share=24),
    ]
    rows = []
    for sample in record.master.samples:
        taken = next(
            (e for e in record.samples.values() if getattr(e.fact, "sample", "") == sample.code), None
        )
        code = getattr(taken.fact, "code", "") if taken else ""
        received = record.received.get(code)
        rows.append(
            (
                cell(copy.in_words(sample.title), STRONG),
                cell(grouped(code) if code else "–"),
                cell(entry_by(copy, taken), SMALL) if taken else cell(_("not taken")),
                cell(entry_by(copy, received), SMALL) if received else cell(_("not received")),
            )
        )
    return table(columns, rows)


def _results(copy: Copy) -> list[Block]:
    _ = copy.say
    columns = [
        Column(head=_("Test"), share=19),
        Column(head=_("Method"), share=14),
        Column(head=_("Limit"), share=15),
        Column(head=_("Result"), share=14),
        Column(head=_("Judged"), share=13),
        Column(head=_("Analyst, reviewer"), share=25),
    ]
    rows: list[tuple[Cell, ...]] = []
    for test in copy.record.master.tests:
        entered = copy.record.results.get(test.code, ())
        rows += [_result(copy, test, result) for result in entered] or [_pending(copy, test)]
    return table(columns, rows)


def test_name(copy: Copy, test: Test) -> Cell:
    """A test, and before which decision it must have passed."""
    gates = {Gate.CONDITIONAL: "before conditional release", Gate.FINAL: "before final disposition"}
    lines = [(Span(copy.in_words(test.title), STRONG),)]
    if test.gate in gates:
        lines.append((Span(copy.say(gates[test.gate]), SMALL),))
    return tuple(lines)


def spec_of(copy: Copy, test: Test) -> Cell:
    """What a test must come to; an example value says so."""
    shown = (
        test.limit.shown()
        if test.limit
        else ", ".join(copy.in_words(o.title) for o in test.options if o.acceptable)
    )
    lines = [(Span(shown or copy.say("report only"), CELL),)]
    if test.placeholder:
        lines.append((Span(copy.say("example value"), SMALL),))
    return tuple(lines)


def shown_result(copy: Copy, test: Test, result: Result) -> str:
    """A result as it reads: qualifier, figure and unit, or the answer."""
    fact = result.fact
    option = next((copy.in_words(o.title) for o in test.options if o.code == fact.option), "")
    shown = f"{fact.raw} {fact.unit or ''}".strip() if fact.raw else option or "–"
    if fact.value is not None and fact.qualifier is None and abs(fact.value) >= LONG_NUMBER:
        shown = f"{as_power_of_ten(fact.value)} {fact.unit or ''}".strip()
    return shown


def beside_result(copy: Copy, result: Result) -> tuple[str, ...]:
    """What must be read beside a result: why there is none, and that it is a retest or computed from several."""
    _, fact = copy.say, result.fact
    lines = [copy.free(fact.reason)] if fact.reason else []
    if fact.oos:
        lines.append(_("retest under {number}").format(number=fact.oos))
    if result.is_reported:
        lines.append(_("reported by the declared rule"))
    return tuple(lines)


def outcome_of(result: Result) -> tuple[str, str]:
    """The sign and the word of a result's verdict; only a reviewed result has one."""
    if result.review is not None and not result.agreed:
        return "stop", "Not agreed"
    if result.void is not None:
        return "none", "Void: laboratory error"
    return OUTCOMES[result.fact.outcome] if result.counts else ("verify", "To review")


def _result(copy: Copy, test: Test, result: Result) -> tuple[Cell, ...]:
    _, fact = copy.say, result.fact
    sign, word = outcome_of(result)
    value: Cell = ((Span(shown_result(copy, test, result), STRONG),),)
    value = (*value, *((Span(line, SMALL),) for line in beside_result(copy, result)))
    hands = [entry_lines(copy, result.entry)]
    if result.review:
        hands.append(entry_lines(copy, result.review))
    method = fact.method + (f", {fact.instrument}" if fact.instrument else "")
    return (
        test_name(copy, test),
        cell(method),
        spec_of(copy, test),
        value,
        (signed(sign, _(word), STRONG),),
        cell("\n".join(hands), SMALL),
    )


def _pending(copy: Copy, test: Test) -> tuple[Cell, ...]:
    _, release = copy.say, copy.record.release
    due = next((item.due for item in release.pending if item.test == test.code), None) if release else None
    says = _("due {day}").format(day=due.isoformat()) if due else "–"
    return (
        test_name(copy, test),
        cell(test.method),
        spec_of(copy, test),
        cell("–"),
        (signed("verify", _("Pending"), STRONG),),
        cell(says, SMALL),
    )


def _conditions_remark(copy: Copy) -> str:
    _, released = copy.say, copy.record.released
    if released is None:
        return _("as they stand now")
    return _("as they stood at the conditional release, {at}").format(at=copy.at(released.time))


def _conditions(copy: Copy, then: BatchRecord) -> list[Block]:
    """What the release asks of the record, counted from the entries before it."""
    _ = copy.say
    columns = [
        Column(head=_("Condition"), share=46),
        Column(head=_("On file"), share=34),
        Column(head=_("Result"), share=20),
    ]
    rows = []
    for name, on_file, met in _counted(copy, then):
        sign, word = ("done", _("Met")) if met else ("none", _("Not met"))
        rows.append((cell(name), cell(on_file, STRONG), (signed(sign, word, STRONG),)))
    return table(columns, rows)


def _counted(copy: Copy, then: BatchRecord) -> Iterable[tuple[str, str, bool]]:
    _ = copy.say
    of = _("{done} of {all}")
    done = sum(then.is_finished(step) for step in then.production)
    steps = len(then.production)
    yield _("Every step confirmed and verified"), of.format(done=done, all=steps), done == steps
    decided = len(then.deviations) - len(then.open_deviations)
    accepted = all(d.decision and d.decision.decision == "accepted" for d in then.deviations.values())
    yield (
        _("Every deviation decided, none rejects"),
        of.format(done=decided, all=len(then.deviations)),
        accepted,
    )
    gating = [test for test in then.master.tests if test.gate is Gate.CONDITIONAL]
    passed = sum(then.test_state(test) == "pass" for test in gating)
    yield (
        _("Every test of this gate passed and reviewed"),
        of.format(done=passed, all=len(gating)),
        passed == len(gating),
    )
    left = sum(
        item.printed - item.applied - item.attached - item.destroyed
        for step in then.plan
        for slot in step.evidence
        if isinstance(slot, LabelSlot)
        for item in (then.label_balance(step.code, slot.code),)
    )
    yield _("Label balance"), str(left), left == 0
    offered = sum(held.offer is not None for held in then.custody.values())
    yield _("No hand-over open"), str(offered), offered == 0
    yield _("Not on hold"), copy.term(then.hold_reason) if then.on_hold else "–", then.on_hold is None
    seen = then.reviewed
    yield (
        _("Record and audit trail reviewed through the last change"),
        entry_by(copy, seen) if seen else "–",
        is_reviewed(then),
    )
    expiry = then.expires_at
    yield _("Product filled, expiry known"), copy.at(expiry) if expiry else "–", expiry is not None


def _decisions(copy: Copy) -> list[Block]:
    """Each decision of quality in the words that were signed."""
    _, record = copy.say, copy.record
    blocks: list[Block] = []
    if record.released is not None:
        blocks += heading(_("Conditional release"))
        blocks += decided(copy, record.released, "due", "Conditional release")
        if record.release and record.release.previous_round_open:
            text = copy.free(record.release.previous_round_open)
            blocks += plain_text(f"{_('Justification while the round before is open')}: {text}")
    if record.ended is not None:
        word = "Rejected" if type(record.ended.fact).__name__ == "BatchRejected" else "Terminated"
        blocks += heading(_("End of the batch"))
        blocks += decided(copy, record.ended, "stop", word)
        if reason := copy.free(getattr(record.ended.fact, "reason", None)):
            blocks += plain_text(f"{_('Reason')}: {reason}")
    if record.released is None and record.ended is None:
        blocks += [*heading(_("Disposition")), *plain_text(_("No decision on the product is on file."))]
    return blocks


def decided(copy: Copy, entry: Entry, state: str, word: str) -> list[Block]:
    """The box of a signed decision."""
    _, signature = copy.say, copy.signature_of(entry)
    covers = f"#{signature.covers}" if signature else f"#{entry.seq}"
    facts = [
        (_("Signed by"), signature.name if signature else _("not signed")),
        (_("Role"), copy.term(entry.role)),
        (_("Date and time"), copy.at(entry.time)),
        (_("Covers entry"), covers),
    ]
    sentence = f"“{signature.sentence}”" if signature else copy.sentence(entry)
    return disposition(state, _(word), copy.other(word), sentence, facts)
