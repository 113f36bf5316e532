"""Certificate of analysis: every test of the panel with its specification, result, verdict, analyst and reviewer."""

from collections.abc import Sequence
from dataclasses import dataclass

from lims.documents.batch_record_copy import Copy
from lims.documents.batch_record_quality import beside_result, outcome_of, samples, shown_result, spec_of
from lims.documents.certificate_parts import front
from lims.documents.paper_frame import about, against_the_record, furniture, print_paper, replaces
from lims.documents.parts import Span
from lims.documents.parts_blocks import CELL, SMALL, STRONG, Cell, Column, cell, heading, plain_text, table
from lims.documents.parts_boxes import banner
from lims.documents.parts_flow import Block
from lims.documents.parts_signs import signed
from lims.domain.batch_record import Result
from lims.domain.entries.envelope import Entry
from lims.domain.master_batch_record import Gate, Test

TITLE = "Certificate of analysis"
WAITING = ("pending", "to_review")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sum:
    """What all tests together come to."""

    sign: str
    word: str
    chip: str
    mark: str
    says: str


def print_analysis_certificate(copy: Copy) -> bytes:
    """The certificate as the results stand: conditional while a test is pending, final after."""
    _, record = copy.say, copy.record
    found = _sum(copy)
    specification = _("Specification: {code}, version {version}, SHA-256 {hash}").format(
        code=record.master.code, version=record.master.version, hash=record.issue.master_sha256
    )
    blocks = [
        *front(copy, TITLE),
        *banner(found.sign, _(found.word), copy.other(found.word), found.says),
        *about(copy),
        *replaces(copy),
        *heading(_("Samples")),
        *samples(copy),
        *heading(_("Results"), _("pending is never pass; a second result never replaces the first")),
        *results_table(copy),
        *plain_text(specification, SMALL, below=1),
        *_placeholders(copy),
        *plain_text(
            _(
                "Each review is signed in the record by the person named. This certificate releases nothing: release"
                " is a decision of its own."
            ),
            SMALL,
        ),
        *against_the_record(copy, title=_(TITLE)),
    ]
    frame = furniture(
        copy,
        title=_(TITLE),
        state=found.sign,
        state_word=_(found.chip),
        mark=_(found.mark) if found.mark else "",
    )
    return print_paper(copy, blocks, frame, title=_(TITLE))


def _sum(copy: Copy) -> _Sum:
    _, record = copy.say, copy.record
    states = {test.code: record.test_state(test) for test in record.master.tests}
    waiting = [test for test in record.master.tests if states[test.code] in WAITING]
    failed = [test for test in record.master.tests if states[test.code] == "fail"]
    open_gates = [
        test
        for test in record.master.tests
        if test.gate is not Gate.NONE and states[test.code] not in ("pass", "fail", *WAITING)
    ]
    says = _("{passed} of {all} tests passed and reviewed.").format(
        passed=sum(state == "pass" for state in states.values()), all=len(states)
    )

    def named(tests: list[Test]) -> str:
        return "; ".join(copy.in_words(test.title) for test in tests)

    if failed:
        says += " " + _("Failed: {tests}.").format(tests=named(failed))
    if open_gates:
        says += " " + _("Without a valid result: {tests}.").format(tests=named(open_gates))
    if waiting:
        says += " " + _("Pending: {tests}.").format(tests=named(waiting))
        sign = "stop" if failed else "due"
        return _Sum(
            sign=sign, word="CONDITIONAL – TESTS PENDING", chip="Conditional", mark="CONDITIONAL", says=says
        )
    if failed:
        return _Sum(sign="stop", word="FINAL – NOT ALL TESTS PASSED", chip="Final", mark="", says=says)
    if open_gates:
        return _Sum(sign="due", word="FINAL – NOT ALL TESTS PASSED", chip="Final", mark="", says=says)
    return _Sum(sign="done", word="FINAL – ALL RESULTS REVIEWED", chip="Final", mark="", says=says)


def results_table(copy: Copy, tests: Sequence[Test] | None = None) -> list[Block]:
    """Every test, or these, with everything ever entered for it."""
    _, record = copy.say, copy.record
    columns = [
        Column(head=_("Test, method"), share=21),
        Column(head=_("Specification"), share=20),
        Column(head=_("Result"), share=14),
        Column(head=_("Verdict"), share=13),
        Column(head=_("Analyst"), share=16),
        Column(head=_("Reviewer"), share=16),
    ]
    rows: list[tuple[Cell, ...]] = []
    for test in record.master.tests if tests is None else tests:
        entered = record.results.get(test.code, ())
        rows += [_result(copy, test, result) for result in entered] or [_nothing_yet(copy, test)]
    return table(columns, rows)


def _result(copy: Copy, test: Test, result: Result) -> tuple[Cell, ...]:
    _, fact = copy.say, result.fact
    sign, word = outcome_of(result)
    value: Cell = ((Span(shown_result(copy, test, result), STRONG),),)
    value = (*value, *((Span(line, SMALL),) for line in beside_result(copy, result)))
    method = ", ".join(part for part in (fact.method, fact.instrument or "") if part)
    return (
        _name(copy, test, method),
        spec_of(copy, test),
        value,
        (signed(sign, _(word), STRONG),),
        _hand(copy, result.entry),
        _hand(copy, result.review) if result.review else cell(_("not reviewed"), SMALL),
    )


def _name(copy: Copy, test: Test, method: str) -> Cell:
    return ((Span(copy.in_words(test.title), STRONG),), (Span(method, SMALL),))


def _hand(copy: Copy, entry: Entry) -> Cell:
    """Who, in which entry, when."""
    said = (copy.name(entry.person), f"#{entry.seq}", *copy.at(entry.time).split(" ", 1))
    return ((Span(said[0], CELL),), (Span(f"{said[1]} {said[2]}", SMALL),), (Span(said[3], SMALL),))


def _nothing_yet(copy: Copy, test: Test) -> tuple[Cell, ...]:
    _, release = copy.say, copy.record.release
    due = next((item.due for item in release.pending if item.test == test.code), None) if release else None
    says = _("due {day}").format(day=due.isoformat()) if due else "–"
    return (
        _name(copy, test, test.method),
        spec_of(copy, test),
        cell("–"),
        (signed("verify", _("Pending"), STRONG),),
        cell(says, SMALL),
        cell("–"),
    )


def _placeholders(copy: Copy) -> list[Block]:
    _, marked = copy.say, sum(test.placeholder for test in copy.record.master.tests)
    if not marked:
        return []
    text = _("{count} specifications are example values that the site must set; each is marked.")
    return plain_text(text.format(count=marked), SMALL, below=1)
