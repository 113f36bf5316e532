"""The cover of a batch record: what it is, in which state, what it says in numbers, who took part, where is what."""

from collections.abc import Iterable
from dataclasses import replace

from lims.documents.batch_record_copy import SIGNS, Copy, State
from lims.documents.parts_blocks import SMALL, STRONG, Column, cell, heading, plain_text, table, title
from lims.documents.parts_boxes import Identity, banner, contents, counts, identity, legend
from lims.documents.parts_flow import Block
from lims.domain.acts import ACTS
from lims.domain.codes import grouped
from lims.domain.entries.batch import EvidenceCorrected, StepConfirmed, StepVerified
from lims.domain.entries.envelope import SYSTEM, Entry
from lims.domain.entries.keys import SignatureMade
from lims.domain.entries.values import Means, Witnessed

STATE_WORDS = {
    State.INTERIM: "INTERIM RECORD",
    State.CONDITIONAL: "CONDITIONAL RELEASE",
    State.FINAL: "FINAL RECORD",
    State.REJECTED: "NOT FOR USE",
    State.HELD: "ON HOLD",
}
CHIP_WORDS = {
    State.INTERIM: "Interim",
    State.CONDITIONAL: "Conditional",
    State.FINAL: "Final",
    State.REJECTED: "Not for use",
    State.HELD: "On hold",
}


def cover(copy: Copy, sections: list[str], page_of: dict[str, int]) -> list[Block]:
    """The first page, or two."""
    _ = copy.say
    return [
        *_front(copy),
        *_banner(copy),
        *identity(_identity(copy)),
        *_truth(copy),
        *heading(_("What this record says"), _("counted when this copy was printed")),
        *counts(_counts(copy)),
        *heading(_("Contents")),
        *contents(sections, page_of),
        *heading(_("Signs used in this record"), _("each is a shape and a word; colour only repeats it")),
        *legend(_signs(copy), ("14.2 mL", _("was: a first entry that was corrected. It is never erased."))),
    ]


def _front(copy: Copy) -> list[Block]:
    """The paper's own title, which is no part of its contents."""
    main = title(copy.say("Batch record"), copy.other("Batch record"))
    return [replace(block, section=None) for block in main]


def people(copy: Copy) -> list[Block]:
    """Everyone who took part, in which role, with what."""
    _ = copy.say
    return [
        *title(_("People"), copy.other("People")),
        *plain_text(_("Everyone with an entry in this record, and what they did."), SMALL),
        *_people(copy),
    ]


def _banner(copy: Copy) -> list[Block]:
    word = STATE_WORDS[copy.state]
    return banner(SIGNS[copy.state], copy.say(word), copy.other(word), state_sentence(copy))


def state_sentence(copy: Copy) -> str:
    """What the state of the copy means for its reader."""
    _, record = copy.say, copy.record
    open_note = _("The record is open: later entries will follow, and this copy is superseded by the next.")
    match copy.state:
        case State.FINAL:
            return _("The record is closed under a signature; its final disposition is on file.")
        case State.REJECTED:
            return _("The product of this batch must not reach any person.")
        case State.HELD:
            return f"{_('The batch is on hold')}: {copy.term(record.hold_reason)}. {open_note}"
        case State.CONDITIONAL if record.release is not None:
            due = ", ".join(
                f"{copy.in_words(record.master.test(item.test).title)} ({item.due.isoformat()})"
                for item in record.release.pending
            )
            return _("INTERIM. Final sterility is pending: {due}.").format(due=due) + f" {open_note}"
        case _:
            return open_note


def _identity(copy: Copy) -> Identity:
    _, record = copy.say, copy.record
    issue, filled, expiry = record.issue, record.moment_at(record.master.dose.fill_end), record.expires_at
    not_yet = _("not yet")
    master = f"{record.master.code}, {_('version')} {record.master.version}"
    rounds = _("{round} of {rounds}").format(round=issue.round, rounds=record.protocol.rounds)
    return Identity(
        first=(
            (_("Participant"), issue.participant),
            (_("Round"), rounds),
            (_("Batch"), record.number),
            (_("Record"), f"r{record.seq}"),
        ),
        rows=(
            ((_("Product"), copy.in_words(record.master.product)), (_("Master batch record"), master)),
            (
                (_("Fill ended"), copy.at(filled) if filled else not_yet),
                (_("Expires"), copy.at(expiry) if expiry else not_yet),
            ),
            (
                (_("Site"), copy.site_name),
                (_("Trial"), f"{record.protocol.registry} · {record.protocol.code}"),
            ),
        ),
        code=issue.coi,
        code_caption=_("Chain of identity"),
        code_shown=grouped(issue.coi),
    )


def _truth(copy: Copy) -> list[Block]:
    """Whether this copy may stand for the record."""
    _ = copy.say
    if copy.is_complete:
        says = _("True copy: every entry of the record through r{seq} is in this file, with its signatures.")
    else:
        says = _("INTERIM copy: every entry through r{seq} is in this file; more may follow.")
    text = says.format(seq=copy.record.seq)
    if copy.supersedes:
        text += " " + _("It supersedes: {paper}.").format(paper=copy.named(copy.supersedes))
    return plain_text(text, SMALL, below=0)


def _counts(copy: Copy) -> list[tuple[str, str]]:
    _, record = copy.say, copy.record
    steps = record.plan
    done = sum(record.is_finished(step) for step in steps)
    corrected = sum(isinstance(entry.fact, EvidenceCorrected) for entry in record.entries)
    scans = [scan for held in record.slots.values() for scan in held.scans]
    typed = sum(scan.means is Means.TYPED for scan in scans)
    undecided = len(record.open_deviations)
    tests = record.master.tests
    passed = sum(record.test_state(test) == "pass" for test in tests)
    left = sum(label.fate is None for label in record.labels.values())
    of = _("{done} of {all}")
    return [
        (of.format(done=done, all=len(steps)), _("steps complete")),
        (of.format(done=passed, all=len(tests)), _("tests passed and reviewed")),
        (str(record.seq), _("entries, {count} corrected").format(count=corrected)),
        (str(len(scans)), _("codes read, {count} typed").format(count=typed)),
        (str(len(record.deviations)), _("deviations, {count} undecided").format(count=undecided)),
        (str(left), _("label balance")),
        (str(len(copy.signatures)), _("signatures")),
        (str(len(copy.refusals)), _("refused acts")),
    ]


def _people(copy: Copy) -> list[Block]:
    _, by_person = copy.say, dict[str, list[Entry]]()
    for entry in copy.record.entries:
        by_person.setdefault(entry.person, []).append(entry)
    columns = [
        Column(head=_("Name"), share=24),
        Column(head=_("Role"), share=18),
        Column(head=_("Did"), share=48),
        Column(head=_("Signatures"), share=10),
    ]
    rows = []
    for person, entries in by_person.items():
        roles = ", ".join(copy.term(role) for role in dict.fromkeys(e.role for e in entries) if role)
        signed = sum(isinstance(entry.fact, SignatureMade) for entry in entries)
        rows.append(
            (
                cell(copy.name(person), STRONG),
                cell(roles),
                cell(_did(copy, entries) if person != SYSTEM else _("timers")),
                cell(str(signed) if signed else "–"),
            )
        )
    return table(columns, rows)


def _did(copy: Copy, entries: Iterable[Entry]) -> str:
    """A person's part in the batch in a few words."""
    _, numbers = copy.say, copy.numbers
    performed, checked, witnessed, acts = set[str](), set[str](), set[str](), dict[str, int]()
    for entry in entries:
        match entry.fact:
            case StepConfirmed() as fact:
                performed.add(numbers[fact.step])
            case StepVerified() as fact:
                checked.add(numbers[fact.step])
            case SignatureMade():
                pass
            case fact if isinstance(getattr(fact, "value", None), Witnessed):
                witnessed.add(numbers[getattr(fact, "step", "")])
            case _ if entry.act not in ("record_evidence", "confirm_step", "print_labels", "account_label"):
                acts.setdefault(entry.act, entry.seq)
    said = [
        f"{word} {number_ranges(found)}"
        for word, found in (
            (_("performed steps"), performed),
            (_("verified steps"), checked),
            (_("witnessed steps"), witnessed),
        )
        if found
    ]
    return "; ".join([*said, *(_(ACTS[act].label) for act in acts if act in ACTS)])


def number_ranges(found: Iterable[str]) -> str:
    """Numbers of steps as people say them; those of added operations one by one behind the others."""
    plain = sorted(number for number in found if number.isdecimal())
    added = sorted((number for number in found if not number.isdecimal()), key=lambda n: (int(n[:-1]), n))
    return ", ".join(part for part in (ranges(map(int, plain)), *added) if part)


def ranges(numbers: Iterable[int]) -> str:
    """Numbers as people say them: 1–3, 5."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in found)


def _signs(copy: Copy) -> list[tuple[str, str]]:
    _ = copy.say
    return [
        ("done", _("Done, pass")),
        ("due", _("Due, attention")),
        ("stop", _("Stop, outside limit")),
        ("hold", _("On hold")),
        ("verify", _("To verify, pending")),
        ("none", _("Not started")),
    ]
