"""Blank master batch record: one version as it was approved, for reading; never a record to fill in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lims.documents.batch_record_copy import Earlier, Manifest
from lims.documents.blank_master_words import SECOND, WHO, asks, extras, limit_lines, specification
from lims.documents.paper_frame import BANDS
from lims.documents.parts import Pen, Span, Style
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
    running,
    table,
    title,
)
from lims.documents.parts_boxes import banner, step_head
from lims.documents.parts_flow import Block, Furniture, print_pages, space
from lims.documents.parts_signs import signed
from lims.documents.trial_words import STATEMENT
from lims.domain.master_batch_record import Gate, MasterBatchRecord, Step, Words
from lims.domain.masters import Version
from lims.domain.sentences import at_site
from lims.language import words_in

TITLE = "Blank master batch record"
NOT_A_RECORD = "Blank master – not a record of any batch"
GATES = {
    Gate.CONDITIONAL: "before conditional release",
    Gate.FINAL: "before final disposition",
    Gate.NONE: "reported only",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """One printed copy of one version of a master batch record."""

    master: MasterBatchRecord
    version: Version
    in_force: str | None
    """The version from which batches are issued now."""
    signatures: tuple[Manifest, ...]
    """Of the person who proposed it and of the one who approved it."""
    people: Mapping[str, str]
    language: str
    kind: str
    site_name: str
    zone: str
    printed_by: str
    printed_at: datetime
    copy_number: int
    supersedes: Earlier | None

    def say(self, text: str) -> str:
        """How a message id reads in the copy's language."""
        return words_in(self.language)(text)

    def other(self, text: str) -> str:
        """How it reads in the other language."""
        return words_in("en" if self.language.startswith("zh") else "zh_Hans")(text)

    def in_words(self, words: Words) -> str:
        """An approved text in the copy's language."""
        return words.read_in(self.language)

    def at(self, moment: datetime, *, seconds: bool = True) -> str:
        """A time at the site, with its offset."""
        return at_site(moment, self.zone, seconds=seconds)

    def name(self, person: str) -> str:
        """The printed name of a person."""
        return self.people.get(person, person)

    @property
    def is_approved(self) -> bool:
        """A second person approved it."""
        return self.version.approved is not None


def print_blank_master(blank: Blank) -> bytes:
    """The version as PDF; the same copy gives the same bytes. One that nobody approved says so on every page."""
    _ = blank.say
    blocks = [
        *_front(blank),
        *_header(blank),
        *_approval(blank),
        *_notes(blank),
        *_supply(blank),
        *_steps(blank),
        *_quality(blank),
        *_check(blank),
    ]
    pen = Pen(title=f"{_(TITLE)} {blank.master.code}", language=blank.language, author=blank.site_name)
    return print_pages(pen, blocks, _furniture(blank), {})


def _furniture(blank: Blank) -> Furniture:
    _, version = blank.say, blank.version
    sign, chip = ("done", "Approved") if blank.is_approved else ("stop", "Not approved")
    band = _(BANDS[blank.kind][0]) if blank.kind != "production" else ""
    digest = " ".join(version.canonical_sha256[at : at + 4] for at in (0, 4, 8, 12))
    return Furniture(
        batch=blank.master.code,
        who=_("version {version}").format(version=version.version),
        coi="",
        state=sign,
        state_word=_(chip),
        page_of=_("{page} of {pages}"),
        foot_left=(
            _(NOT_A_RECORD),
            f"sha256 {digest} … {version.canonical_sha256[-4:]} · {_('verify: see the last page')}",
        ),
        foot_right=(
            f"{_('Copy')} {blank.copy_number} · {_('printed')} {blank.at(blank.printed_at, seconds=False)}",
            f"{_('by')} {blank.printed_by}",
        ),
        statement=_(STATEMENT),
        code=f"{blank.master.code} v{version.version} {version.canonical_sha256[:16]}",
        band=" · ".join(part for part in (_(NOT_A_RECORD), band) if part),
        watermark=BANDS[blank.kind][1] if blank.kind != "production" else None,
        mark=_("BLANK") if blank.is_approved else _("NOT APPROVED"),
    )


def _front(blank: Blank) -> list[Block]:
    _, version = blank.say, blank.version
    if not blank.is_approved:
        sign, word = "stop", "NOT APPROVED"
        says = _("Proposed, not approved: nothing may be made from it.")
    elif blank.in_force == version.version:
        sign, word = "done", "APPROVED, IN FORCE"
        says = _("Batches are issued from this version; each carries its own frozen copy.")
    else:
        sign, word = "due", "APPROVED, NOT IN FORCE"
        says = _("No new batch is issued from this version; version {version} is in force.").format(
            version=blank.in_force or "–"
        )
    says += " " + _("Write nothing on it: what was done stands in the batch record alone.")
    head = [replace(block, section=None) for block in title(_(TITLE), blank.other(TITLE))]
    return [*head, *banner(sign, _(word), blank.other(word), says)]


def _header(blank: Blank) -> list[Block]:
    _, master, dose = blank.say, blank.master, blank.master.dose
    pairs = [
        (_("Master batch record"), f"{master.code}, {_('version')} {master.version}"),
        (_("Title"), blank.in_words(master.title)),
        (_("Product"), blank.in_words(master.product)),
        (_("Strength"), blank.in_words(master.strength)),
        (_("Shelf life"), f"{master.shelf_life_hours} h"),
        (_("Storage"), blank.in_words(master.storage)),
        (_("Study protocol"), master.protocol),
        (
            _("Least delivered dose"),
            f"{dose.least_delivered.shown()}" + (f" ({_('example value')})" if dose.placeholder else ""),
        ),
    ]
    named = [(name, value) for name, value in pairs if value]
    text = ""
    if blank.supersedes is not None:
        text = _("It supersedes: {paper}.").format(paper=blank.supersedes.named(blank.say))
    return [*facts(named), *(plain_text(text, SMALL) if text else ())]


def _approval(blank: Blank) -> list[Block]:
    _, version = blank.say, blank.version
    columns = [
        Column(head="", share=14),
        Column(head=_("Printed name"), share=20),
        Column(head=_("Meaning"), share=42),
        Column(head=_("Date and time"), share=24),
    ]
    rows: list[tuple[Cell, ...]] = []
    for word, entry in ((_("Proposed by"), version.proposed), (_("Approved by"), version.approved)):
        if entry is None:
            rows.append(
                (cell(word, STRONG), (signed("stop", _("nobody yet"), STRONG),), cell("–"), cell("–"))
            )
            continue
        made = next((item for item in blank.signatures if item.covers == entry.seq), None)
        meaning = f"“{made.sentence}”" if made else _("not signed")
        who = made.name if made else blank.name(entry.person)
        by: Cell = ((Span(who, STRONG),), (Span(f"#{entry.seq}", SMALL),))
        rows.append((cell(word, STRONG), by, cell(meaning), cell(blank.at(entry.time))))
    pairs = [
        (_("SHA-256 of its file"), version.file_sha256),
        (_("SHA-256 of its canonical text"), version.canonical_sha256),
    ]
    remark = _("both signatures cover both hashes") if blank.is_approved else ""
    return [*heading(_("Approval"), remark), *table(columns, rows), *facts(pairs, columns=1)]


def _notes(blank: Blank) -> list[Block]:
    _, master = blank.say, blank.master
    texts = [blank.in_words(words) for words in (*master.precautions, *master.profile_notes)]
    blocks = [*heading(_("Precautions and notes"))] if texts else []
    blocks += [block for text in texts for block in plain_text(f"· {text}", below=1)]
    if master.placeholders:
        blocks += heading(_("Values that the site must still set"))
        blocks += plain_text(", ".join(master.placeholders))
    return blocks


def _supply(blank: Blank) -> list[Block]:
    _, master = blank.say, blank.master
    kinds = {item.code: blank.in_words(item.title) for item in master.containers}
    materials = [
        (
            _marked(blank, item.title, placeholder=item.placeholder),
            cell(item.unit),
            cell(item.grade),
        )
        for item in master.materials
    ]
    containers = [
        (
            cell(kinds[item.code], STRONG),
            cell(str(item.count)),
            cell(", ".join(kinds.get(parent, parent) for parent in item.parents) or "–"),
        )
        for item in master.containers
    ]
    samples = [
        (cell(blank.in_words(s.title), STRONG), cell(kinds.get(s.container, ""))) for s in master.samples
    ]
    labels = [
        (cell(blank.in_words(s.title), STRONG), cell(kinds.get(s.container, ""))) for s in master.labels
    ]

    def two(head: str) -> Sequence[Column]:
        return _columns((head, 60), (_("Container"), 40))

    return [
        *heading(_("Bill of materials"), section=True),
        *table(_columns((_("Material"), 60), (_("Unit"), 20), (_("Grade"), 20)), materials),
        *heading(_("Containers")),
        *table(_columns((_("Container"), 40), (_("Count"), 15), (_("Filled from"), 45)), containers),
        *heading(_("Samples")),
        *table(two(_("Sample")), samples),
        *heading(_("Labels")),
        *table(two(_("Label")), labels),
    ]


def _columns(*heads: tuple[str, float]) -> Sequence[Column]:
    return [Column(head=head, share=share) for head, share in heads]


def _marked(blank: Blank, words: Words, *, placeholder: bool) -> Cell:
    """A title, and that its values are examples where they are."""
    lines = [(Span(blank.in_words(words), STRONG),)]
    if placeholder:
        lines.append((Span(blank.say("example value"), SMALL),))
    return tuple(lines)


def _steps(blank: Blank) -> list[Block]:
    _ = blank.say
    blocks = title(_("Steps"), blank.other("Steps"))
    number = 0
    for stage in blank.master.stages:
        for step in stage.steps:
            number += 1
            blocks += _step(blank, step, number, blank.in_words(stage.title))
    return blocks


def _step(blank: Blank, step: Step, number: int, stage: str) -> list[Block]:
    _ = blank.say
    small = Style(size=8.8, colour="#434B55")
    remark = " · ".join((stage, _("day {day}").format(day=step.day)))
    blocks = step_head(str(number), blank.in_words(step.title), remark)
    told = [f"{at}. {blank.in_words(words)}" for at, words in enumerate(step.instructions, start=1)]
    if step.why:
        told.append(f"{_('Why')}: {blank.in_words(step.why)}")
    who = [f"{_('Performed')} {_(WHO[step.who])}", _(SECOND[step.second_person])]
    if step.second_person.value != "none":
        who[-1] += f" {_(WHO[step.second_who])}"
    who += [
        f"SOP {step.sop}" if step.sop else "",
        f"{_('training')} {step.training}" if step.training else "",
    ]
    told.append(" · ".join(part for part in who if part))
    told += extras(blank.say, step)
    for text in told:
        blocks += running([Span(text, small)], indent=36, below=0)
    blocks = [replace(block, keep=True) for block in [*blocks, space(5)]]
    columns = _columns((_("Evidence"), 38), (_("What is asked"), 62))
    rows: list[tuple[Cell, ...]] = []
    for slot in step.evidence:
        lines = list(_marked(blank, slot.title, placeholder=slot.placeholder))
        if not slot.required:
            lines.append((Span(_("optional"), SMALL),))
        if slot.hint:
            lines.append((Span(blank.in_words(slot.hint), SMALL),))
        first, *more = asks(blank.say, blank.in_words, slot, blank.master)
        asked: Cell = ((Span(first, CELL),), *((Span(line, CELL),) for line in more))
        rows.append((tuple(lines), asked))
    return [*blocks, *table(columns, rows)]


def _quality(blank: Blank) -> list[Block]:
    _, master = blank.say, blank.master
    samples = {item.code: blank.in_words(item.title) for item in master.samples}
    rows: list[tuple[Cell, ...]] = []
    for test in master.tests:
        due = _("due after {days} days").format(days=test.due_days) if test.due_days else ""
        soonest = _("not before {hours} h").format(hours=test.least_hours) if test.least_hours else ""
        gate: Cell = (
            (Span(_(GATES[test.gate]), CELL),),
            *((Span(part, SMALL),) for part in (soonest, due) if part),
        )
        name = (*_marked(blank, test.title, placeholder=test.placeholder), (Span(test.method, SMALL),))
        spec = specification(blank.say, blank.in_words, test)
        rows.append(
            (name, tuple((Span(line, CELL),) for line in spec), cell(samples.get(test.sample, "–")), gate)
        )
    yields: list[tuple[Cell, ...]] = [
        (
            _marked(blank, item.title, placeholder=item.placeholder),
            cell(f"{item.actual} / {item.theoretical}"),
            tuple((Span(line, CELL),) for line in limit_lines(blank.say, item.limit, None)),
        )
        for item in master.yields
    ]
    panel = _columns((_("Test, method"), 30), (_("Specification"), 28), (_("Sample"), 22), (_("Needed"), 20))
    return [
        *title(_("QC tests"), blank.other("QC tests"), new_page=False),
        *table(panel, rows),
        *heading(_("Yields")),
        *(
            table(_columns((_("Yield"), 34), (_("Actual / theoretical"), 36), (_("Limit"), 30)), yields)
            if yields
            else plain_text(_("None."))
        ),
    ]


def _check(blank: Blank) -> list[Block]:
    """From what the paper was made, and how a reader finds out whether it still counts."""
    _, version = blank.say, blank.version
    head = version.approved or version.proposed
    pairs = [
        (_("Made from"), f"{head.stream} #{head.seq}"),
        (_("Hash of that entry"), head.hash),
        (
            _("Supersedes"),
            blank.supersedes.named(blank.say) if blank.supersedes else _("nothing"),
        ),
    ]
    steps = [
        _(
            "On the page Documents choose Verify a file and give this PDF. It says whether this is exactly {title},"
            " copy {copy}, and whether something newer supersedes it."
        ).format(title=_(TITLE), copy=blank.copy_number),
        _(
            "The page of this master batch record shows both hashes and the text they were made over. A batch record"
            " prints the same hashes under “What was issued”."
        ),
    ]
    blocks = [
        *heading(_("How to check this paper"), section=True),
        *facts(pairs, columns=1),
        *(block for at, text in enumerate(steps, start=1) for block in plain_text(f"{at}. {text}", SMALL)),
    ]
    return [*(replace(block, keep=True) for block in blocks[:-1]), blocks[-1]]
