"""Results outside their specification: what the laboratory looked at, what quality judged, in the order it happened."""

from lims.documents.batch_record_copy import Copy
from lims.documents.batch_record_issue import entry_by
from lims.documents.parts_blocks import SMALL, Column, cell, heading, plain_text, table
from lims.documents.parts_flow import Block
from lims.documents.parts_signs import signed
from lims.domain.batch_record import Investigation
from lims.domain.entries.envelope import Entry
from lims.domain.entries.oos import OosExamined, OosJudged
from lims.domain.oos import ANSWERS, CHECKS, DECISIONS

SIGNS = {"in_order": "done", "error": "stop", "not_applicable": "none"}


def investigations(copy: Copy) -> list[Block]:
    """Each investigation of the batch; nothing where every result was within its specification."""
    return [block for found in copy.record.investigations.values() for block in investigation(copy, found)]


def investigation(copy: Copy, found: Investigation) -> list[Block]:
    """One investigation: phase 1 with each question, then every judgement."""
    _ = copy.say
    test = copy.in_words(copy.record.master.test(found.test).title)
    blocks = heading(_("Out of specification"), f"{test} · {found.number} · #{found.result_seq}")
    if found.examined is None:
        return [*blocks, *plain_text(_("The laboratory has not examined it."))]
    blocks += _examined(copy, found.examined)
    for entry in found.judged:
        blocks += _judged(copy, entry)
    if not found.is_over:
        blocks += plain_text(_("The investigation is not over."))
    return blocks


def _examined(copy: Copy, entry: Entry) -> list[Block]:
    _, fact = copy.say, entry.fact
    assert isinstance(fact, OosExamined)
    columns = [Column(head=_("Phase 1: looked at"), share=70), Column(head=_("Found"), share=30)]
    rows = []
    for check, answer in fact.checks:
        rows.append((cell(_(CHECKS[check])), (signed(SIGNS[answer], _(ANSWERS[answer]), SMALL),)))
    error = fact.found == "laboratory_error"
    says = _("A laboratory error was found") if error else _("No laboratory error was found")
    return [*table(columns, rows), *plain_text(f"{says}. {copy.free(fact.words)} ({_by(copy, entry)})")]


def _judged(copy: Copy, entry: Entry) -> list[Block]:
    _, fact = copy.say, entry.fact
    assert isinstance(fact, OosJudged)
    says = _(DECISIONS[fact.decision])
    reported = f" {_('Reported')}: {fact.reported}." if fact.reported else ""
    return plain_text(f"{says}.{reported} {copy.free(fact.words)} ({_by(copy, entry)})")


def _by(copy: Copy, entry: Entry) -> str:
    return f"#{entry.seq} {entry_by(copy, entry)}"
