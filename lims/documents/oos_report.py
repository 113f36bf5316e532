"""Report of a result outside its specification: both phases, every retest, what was reported, and by whom."""

from lims.documents.analysis_certificate import results_table
from lims.documents.batch_record_copy import Copy
from lims.documents.batch_record_issue import entry_lines
from lims.documents.batch_record_oos import investigation
from lims.documents.batch_record_quality import decided
from lims.documents.certificate_parts import front
from lims.documents.paper_frame import about, against_the_record, furniture, print_paper, replaces
from lims.documents.parts_blocks import SMALL, Column, cell, facts, heading, plain_text, table
from lims.documents.parts_boxes import banner
from lims.documents.parts_flow import Block
from lims.domain.batch_record import Investigation
from lims.domain.oos import Phase, phase_of

TITLE = "Report of a result outside its specification"
STATES = {
    Phase.INVALIDATED: ("done", "VOID: LABORATORY ERROR", "Void"),
    Phase.NOT_CONFIRMED: ("done", "NOT CONFIRMED", "Not confirmed"),
    Phase.CONFIRMED: ("stop", "CONFIRMED", "Confirmed"),
}
OPEN = ("due", "NOT CONCLUDED", "Open")


def print_oos_report(copy: Copy) -> bytes:
    """Everything on file about one such result; LookupError for a number that the batch does not have."""
    _, found = copy.say, copy.record.investigations[copy.subject]
    test = copy.record.master.test(found.test)
    sign, word, chip = STATES.get(phase_of(copy.record, found), OPEN)
    says = _("Result {number} of batch {batch}: {test}.").format(
        number=found.number, batch=copy.record.number, test=copy.in_words(test.title)
    )
    title = f"{_(TITLE)} {found.number}"
    blocks = [
        *front(copy, TITLE),
        *banner(sign, _(word), copy.other(word), says),
        *about(copy),
        *replaces(copy),
        *heading(_("Results"), _("pending is never pass; a second result never replaces the first")),
        *results_table(copy, (test,)),
        *_declared(copy, found),
        *investigation(copy, found),
        *_signed(copy, found),
        *heading(_("Every entry about it"), _("in the order in which they came on file")),
        *_told(copy, found),
        *against_the_record(copy, title=title),
    ]
    frame = furniture(copy, title=title, state=sign, state_word=_(chip))
    return print_paper(copy, blocks, frame, title=title)


def _declared(copy: Copy, found: Investigation) -> list[Block]:
    """The rule that stood in the master batch record before the result was known."""
    _, plan = copy.say, copy.record.master.test(found.test).retest
    if plan is None:
        return plain_text(_("The master batch record declares no retest of this test."))
    report = (
        _("the mean with the first result") if plan.report == "mean" else _("the last one, if each passes")
    )
    pairs = [(_("Retests declared"), str(plan.count)), (_("Reported"), report)]
    if plan.placeholder:
        pairs.append((_("Declared by"), _("example value")))
    return facts(pairs, columns=1)


def _signed(copy: Copy, found: Investigation) -> list[Block]:
    """The judgement that ended it, in the words that were signed."""
    if not found.is_over:
        return []
    sign = "stop" if found.stands else "done"
    return decided(copy, found.judged[-1], sign, "Decision")


def _told(copy: Copy, found: Investigation) -> list[Block]:
    _, record = copy.say, copy.record
    results = {item.entry.seq for item in record.results[found.test]}
    reviews = {item.review.seq for item in record.results[found.test] if item.review}
    entries = [
        entry
        for entry in record.entries
        if entry.seq in results | reviews or getattr(entry.fact, "number", "") == found.number
    ]
    columns = [Column(head=_("Entry"), share=28), Column(head=_("What it says"), share=72)]
    return table(columns, [(cell(entry_lines(copy, e), SMALL), cell(copy.sentence(e))) for e in entries])
