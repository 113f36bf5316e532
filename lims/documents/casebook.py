"""A participant's casebook: everything of the trial that is on file about one woman, under her trial code."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lims.documents.batch_record_copy import Earlier
from lims.documents.findings import N_
from lims.documents.paper_frame import BANDS
from lims.documents.parts import Pen
from lims.documents.parts_blocks import SMALL, STRONG, Column, cell, facts, heading, plain_text, table, title
from lims.documents.parts_boxes import banner
from lims.documents.parts_flow import Block, Furniture, print_pages
from lims.documents.trial_words import STATEMENT
from lims.domain.entries.envelope import Entry
from lims.domain.master_batch_record import Words
from lims.domain.participant import Participant
from lims.domain.protocol import StudyProtocol
from lims.domain.sentences import Sentence, at_site, said
from lims.domain.trial.course import Course
from lims.domain.trial.dataset_catalogue import DATASETS, PARTICIPANTS
from lims.domain.trial.datasets import Column as Field
from lims.domain.trial.datasets import Dataset, Value, as_text
from lims.language import words_in

TITLE = N_("Participant casebook")
AS_ON_FILE = N_("AS ON FILE")
RANDOMISED_IN_ERROR = N_("RANDOMISED IN ERROR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Something that somebody said or did: when, who, and what, as words or as a sentence of the record."""

    at: datetime
    name: str
    what: str | Sentence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One query with its answers."""

    number: int
    about: Words
    state: str
    told: tuple[Said, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a casebook is printed from, all read at one moment; `head` is the last entry about her."""

    participant: Participant
    course: Course
    protocol: StudyProtocol
    questions: tuple[Question, ...]
    trail: tuple[Said, ...]
    """Every entry about her as a sentence, oldest first; her identity stays undisclosed."""
    head: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Casebook:
    """One printed copy."""

    case: Case
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

    def at(self, moment: datetime) -> str:
        """A time at the site, with its offset."""
        return at_site(moment, self.zone, seconds=False)

    def what(self, told: Said) -> str:
        """Words as they stand, a sentence in the copy's language; erased words say so."""
        if isinstance(told.what, Sentence):
            return said(told.what, translate=self.say, language=self.language, zone=self.zone)
        return told.what or self.say("[erased or not disclosed]")


def print_casebook(copy: Casebook) -> bytes:
    """The casebook as PDF; the same copy gives the same bytes."""
    _ = copy.say
    blocks = [
        *_front(copy),
        *_herself(copy),
        *_consents(copy),
        *_tables(copy),
        *_questions(copy),
        *_trail(copy),
        *_check(copy),
    ]
    code = copy.case.participant.trial_id
    pen = Pen(title=f"{_(TITLE)} {code}", language=copy.language, author=copy.site_name)
    return print_pages(pen, blocks, _furniture(copy), {})


def _furniture(copy: Casebook) -> Furniture:
    _, head = copy.say, copy.case.head
    band = BANDS[copy.kind] if copy.kind != "production" else None
    digest = " ".join(head.hash[at : at + 4] for at in (0, 4, 8, 12))
    waiting = sum(item.state != "closed" for item in copy.case.questions)
    return Furniture(
        batch=copy.case.participant.trial_id,
        who=copy.case.protocol.code,
        coi="",
        state="due" if waiting else "done",
        state_word=_("Open queries: {count}").format(count=waiting) if waiting else _("No open query"),
        page_of=_("{page} of {pages}"),
        foot_left=(
            f"{_(TITLE)} · {_('record')} r{head.seq}",
            f"sha256 {digest} … {head.hash[-4:]} · {_('verify: see the last page')}",
        ),
        foot_right=(
            f"{_('Copy')} {copy.copy_number} · {_('printed')} {copy.at(copy.printed_at)}",
            f"{_('by')} {copy.printed_by}",
        ),
        statement=_(STATEMENT),
        code=f"{copy.case.participant.trial_id} r{head.seq} {head.hash[:16]}",
        band=_(band[0]) if band else None,
        watermark=band[1] if band else None,
    )


def _front(copy: Casebook) -> list[Block]:
    _, case = copy.say, copy.case
    other = words_in("en" if copy.language.startswith("zh") else "zh_Hans")
    head = [replace(block, section=None) for block in title(_(TITLE), other(TITLE))]
    marked = case.participant.randomised_in_error
    sign, word = ("stop", RANDOMISED_IN_ERROR) if marked else ("none", AS_ON_FILE)
    says = _("Everything of the trial that is on file about her, under her trial code, without her identity.")
    pairs = [
        (_("Participant"), case.participant.trial_id),
        (_("Study protocol"), f"{case.protocol.code}, {_('version')} {case.protocol.version}"),
        (_("Trial"), case.protocol.registry),
        (_("Site"), copy.site_name),
    ]
    blocks = [*head, *banner(sign, _(word), other(word), says), *facts(pairs)]
    if copy.supersedes is not None:
        text = _("It supersedes: {paper}.").format(paper=copy.supersedes.named(copy.say))
        blocks += plain_text(text, SMALL)
    return blocks


def _herself(copy: Casebook) -> list[Block]:
    _ = copy.say
    values = next(iter(PARTICIPANTS.rows([copy.case.course])))[1]
    pairs = [
        (column.title.read_in(copy.language), _value(copy, column, value))
        for column, value in zip(PARTICIPANTS.columns, values, strict=True)
    ]
    return [*heading(_("Her course"), section=True), *facts(pairs)]


def _value(copy: Casebook, column: Field, value: Value) -> str:
    """A value as people read it: coded words in the copy's language, moments at the site, units beside numbers."""
    if value is None or as_text(value) == "":
        return "–"
    if isinstance(value, datetime):
        return copy.at(value)
    text = as_text(value)
    words = dict(column.codes).get(text)
    if words is not None:
        return words.read_in(copy.language)
    return f"{text} {column.unit}".strip()


def _consents(copy: Casebook) -> list[Block]:
    _, case = copy.say, copy.case
    rows = []
    for scope in case.protocol.consent_scopes:
        held = case.participant.consent.get(scope.code)
        given = (held.form_version, held.signed_on.isoformat()) if held else (_("not given"), "–")
        rows.append((cell(scope.title.read_in(copy.language), STRONG), cell(given[0]), cell(given[1])))
    columns = _columns((_("Consent"), 50), (_("Version of the form"), 25), (_("Signed on"), 25))
    return [*heading(_("Consent in force"), section=True), *table(columns, rows)]


def _tables(copy: Casebook) -> list[Block]:
    _ = copy.say
    blocks: list[Block] = []
    empty = []
    for dataset in DATASETS:
        if dataset is PARTICIPANTS:
            continue
        rows = [values for _trial_id, values in dataset.rows([copy.case.course])]
        if rows:
            blocks += _table(copy, dataset, rows)
        else:
            empty.append(dataset.title.read_in(copy.language))
    if empty:
        blocks += heading(_("Nothing on file"), section=True)
        blocks += plain_text(" · ".join(empty))
    return blocks


def _table(copy: Casebook, dataset: Dataset, rows: Sequence[tuple[Value, ...]]) -> list[Block]:
    columns = [Column(head=column.title.read_in(copy.language), share=1) for column in dataset.columns]
    cells = [
        tuple(
            cell(_value(copy, column, value), SMALL)
            for column, value in zip(dataset.columns, values, strict=True)
        )
        for values in rows
    ]
    return [*heading(dataset.title.read_in(copy.language), section=True), *table(columns, cells)]


def _questions(copy: Casebook) -> list[Block]:
    _ = copy.say
    if not copy.case.questions:
        return []
    states = {
        "open": _("Waits for an answer"),
        "answered": _("Answered"),
        "closed": _("Closed"),
    }
    rows = [
        (
            cell(str(item.number), STRONG),
            cell(f"{item.about.read_in(copy.language)} · {states[item.state]}"),
            cell(copy.what(told)),
            cell(f"{told.name}, {copy.at(told.at)}", SMALL),
        )
        for item in copy.case.questions
        for told in item.told
    ]
    columns = _columns((_("Query"), 8), (_("About"), 26), (_("Question and answers"), 42), (_("By"), 24))
    return [*heading(_("Queries"), section=True), *table(columns, rows)]


def _trail(copy: Casebook) -> list[Block]:
    _ = copy.say
    rows = [
        (cell(copy.at(told.at), SMALL), cell(told.name or "–", SMALL), cell(copy.what(told), SMALL))
        for told in copy.case.trail
    ]
    columns = _columns((_("Date and time"), 22), (_("By"), 16), (_("What is on file"), 62))
    return [*heading(_("Audit trail"), section=True), *table(columns, rows)]


def _columns(*heads: tuple[str, float]) -> list[Column]:
    return [Column(head=head, share=share) for head, share in heads]


def _check(copy: Casebook) -> list[Block]:
    _, head = copy.say, copy.case.head
    pairs = [
        (_("Made from"), f"{head.stream} #{head.seq}"),
        (_("Hash of that entry"), head.hash),
        (_("Supersedes"), copy.supersedes.named(copy.say) if copy.supersedes else _("nothing")),
    ]
    text = _(
        "On the page Documents choose Verify a file and give this PDF. It says whether this is exactly {title},"
        " copy {copy}, and whether something newer supersedes it."
    ).format(title=_(TITLE), copy=copy.copy_number)
    blocks = [
        *heading(_("How to check this paper"), section=True),
        *facts(pairs, columns=1),
        *plain_text(text, SMALL),
    ]
    return [*(replace(block, keep=True) for block in blocks[:-1]), blocks[-1]]
