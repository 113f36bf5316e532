"""The audit trail: the book itself, read as sentences, of one batch, one person or the whole instance."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lims.domain.batch_fold import as_of
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.aftercare import DoseJudged, DoseSettled, ObservationEnded
from lims.domain.entries.batch import (
    Annotated,
    BatchRejected,
    BatchTerminated,
    CustodyOffered,
    CustodyRefused,
    CustodyTaken,
    DeviationDecided,
    DeviationExplained,
    DeviationOpened,
    DisposedFinally,
    EvidenceCorrected,
    EvidenceRecorded,
    HoldLifted,
    HoldPlaced,
    IdentityConfirmed,
    IdentityMatched,
    IdentityMismatched,
    LabelAccounted,
    LabelsPrinted,
    OperationAdded,
    Perfused,
    RecordClosed,
    RecordReviewed,
    ReleasedConditionally,
    ResultEntered,
    ResultReviewed,
    StepSentBack,
    StepVerified,
)
from lims.domain.entries.capa import (
    CapaDone,
    CapaPlanned,
    CapaRaised,
    CapaVerified,
    DeviationClosed,
    DeviationInvestigated,
    EffectivenessChecked,
)
from lims.domain.entries.envelope import SYSTEM, Entry, refusals_of, stream_of
from lims.domain.entries.keys import ActRefused, CheckpointMade, DocumentIssued, SignatureMade
from lims.domain.entries.late import LateFailureFound, OrganismReported
from lims.domain.entries.values import Attached, Branched, Value
from lims.domain.exceptions import is_late, is_typed
from lims.domain.folds import Folded
from lims.domain.keyring import Keyring
from lims.domain.master_batch_record import MasterBatchRecord
from lims.domain.numbering import numbers_of
from lims.domain.outline import Group, outline
from lims.domain.rows import BatchRow, PersonRow
from lims.domain.sentences import Sentence, sentence
from lims.ledger.across import newest
from lims.ledger.checkpoints import STREAM, made, witness_code
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find
from lims.queries.chain_check import ChainState, check_chain
from lims.queries.look import NotOnFile, Reader, batch_of, people_names
from lims.queries.record_words import words_of_entries

PAGE = 100
"""Entries on one page of an audit trail."""

SORTS = (
    "batch",
    "participant",
    "looks",
    "lot",
    "equipment",
    "master",
    "study",
    "randomisation",
    "outgoing",
    "person",
    "security",
    "keys",
    "documents",
    "figures",
    "checkpoints",
    "station",
    "system",
)
"""What an instance's streams are about, in the order of the filter."""


class Sort(StrEnum):
    """What an entry is, for the filter; the first that fits."""

    REFUSED = "refused"
    CORRECTED = "corrected"
    TYPED = "typed"
    LATE = "late"
    REPRINTED = "reprinted"
    DEVIATION = "deviation"
    OPERATION = "operation"
    DECIDED = "decided"
    SENT_BACK = "sent_back"
    VERIFIED = "verified"
    RESULT = "result"
    BRANCH = "branch"
    ATTACHED = "attached"
    LABEL = "label"
    CUSTODY = "custody"
    BEDSIDE = "bedside"
    NOTE = "note"
    PRINTED = "printed"
    SIGNED = "signed"
    CHECKPOINT = "checkpoint"
    RECORDED = "recorded"


CHANGES = frozenset(
    {Sort.CORRECTED, Sort.TYPED, Sort.LATE, Sort.REPRINTED, Sort.DEVIATION, Sort.DECIDED, Sort.SENT_BACK}
    | {Sort.OPERATION}
)
"""What a reader who looks for changes reads first."""

_DECISIONS = (
    DeviationDecided,
    DeviationClosed,
    EffectivenessChecked,
    BatchRejected,
    BatchTerminated,
    ReleasedConditionally,
    DisposedFinally,
    RecordReviewed,
    RecordClosed,
    HoldPlaced,
    HoldLifted,
)
_FOLLOWED = (DeviationInvestigated, CapaRaised, CapaPlanned, CapaDone, CapaVerified)
_BY_FACT: tuple[tuple[type | tuple[type, ...], Sort], ...] = (
    (ActRefused, Sort.REFUSED),
    (EvidenceCorrected, Sort.CORRECTED),
    ((DeviationOpened, DeviationExplained, *_FOLLOWED), Sort.DEVIATION),
    (OperationAdded, Sort.OPERATION),
    (_DECISIONS, Sort.DECIDED),
    (StepSentBack, Sort.SENT_BACK),
    (StepVerified, Sort.VERIFIED),
    ((ResultEntered, ResultReviewed, LateFailureFound, OrganismReported), Sort.RESULT),
    ((LabelsPrinted, LabelAccounted), Sort.LABEL),
    (
        (IdentityMatched, IdentityConfirmed, IdentityMismatched, Perfused, ObservationEnded),
        Sort.BEDSIDE,
    ),
    ((DoseJudged, DoseSettled), Sort.DECIDED),
    ((CustodyOffered, CustodyTaken, CustodyRefused), Sort.CUSTODY),
    (Annotated, Sort.NOTE),
    (DocumentIssued, Sort.PRINTED),
    (SignatureMade, Sort.SIGNED),
    (CheckpointMade, Sort.CHECKPOINT),
)


def sort_of_entry(entry: Entry) -> Sort:
    """What an entry is, for the filter."""
    fact = entry.fact
    if isinstance(fact, LabelsPrinted) and fact.reason_code:
        return Sort.REPRINTED
    if not isinstance(fact, EvidenceCorrected):
        if is_typed(entry):
            return Sort.TYPED
        if is_late(entry):
            return Sort.LATE
        value = getattr(fact, "value", None)
        if isinstance(value, Branched | Attached):
            return Sort.BRANCH if isinstance(value, Branched) else Sort.ATTACHED
    return next((sort for facts, sort in _BY_FACT if isinstance(fact, facts)), Sort.RECORDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry of the audit trail with its sentence; `before` is the entry that a correction replaces."""

    entry: Entry
    sort: Sort
    sentence: Sentence
    step: str | None
    slot: str | None
    before: Entry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the reader asks for; the filter is always shown with the answer."""

    view: str = "changes"
    """changes, people or all."""
    sorts: frozenset[Sort] = frozenset()
    """Narrower than the view, if there is any."""
    person: str = ""
    refused: bool = False
    start: int = 0

    def takes(self, entry: Entry, sort: Sort) -> bool:
        """The entry is one of those asked for."""
        if self.person and entry.person != self.person:
            return False
        if self.sorts:
            return sort in self.sorts
        if self.view == "changes":
            return sort in CHANGES or (sort is Sort.REFUSED and self.refused)
        return self.view == "all" or entry.person != SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """An audit trail: lines asked for, newest first, counts of every sort, the state of the chain."""

    lines: tuple[Line, ...]
    found: int
    """How many match; `lines` is one page of them."""
    entries: int
    counts: Mapping[Sort, int]
    people: Mapping[str, str]
    chain: ChainState | None = None
    batch: BatchRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    """The newest entries of the whole instance."""

    lines: tuple[Line, ...]
    people: Mapping[str, str]
    staff: tuple[PersonRow, ...]
    batches: tuple[BatchRow, ...]
    checkpoint: int
    checkpoint_at: datetime | None
    witness: str
    more: datetime | None
    """Where the next page begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsItWas:
    """A batch as it was after one of its entries."""

    batch: BatchRecord
    at: Entry
    now: BatchRecord
    words: Mapping[str, str]
    people: Mapping[str, str]
    groups: tuple[Group, ...]
    """The stages as they stood then."""


def batch_trail(reader: Reader, number: str, wanted: Wanted) -> Trail:
    """The audit trail of a batch, with its papers and, if asked for, its refused acts."""
    with reader.site.ledger.reading() as book:
        batch = batch_of(reader, book, number)
        keys = book.derived("keys", Folded.of).record
        assert isinstance(keys, Keyring)
        entries = [*batch.entries, *book.entries(stream_of("documents", number))]
        if wanted.refused or Sort.REFUSED in wanted.sorts:
            entries += book.entries(refusals_of(batch.stream))
        chain = check_chain(book, batch.stream, keys, now=reader.now)
        return _trail(reader, book, entries, wanted, batch=batch, chain=chain)


def person_trail(reader: Reader, person: str, wanted: Wanted) -> Trail:
    """Everything that a person did anywhere, and what is on file about their account."""
    with reader.site.ledger.reading() as book:
        own = stream_of("person", person)
        if not person or book.head(own) is None:
            raise NotOnFile("act.unknown_target", sort="person", code=person)
        about = [*book.entries(own), *book.entries(stream_of("security", person))]
        did = newest(book, person=person, limit=10 * PAGE)
        entries = {(entry.stream, entry.seq): entry for entry in (*about, *did)}
        return _trail(reader, book, list(entries.values()), wanted)


def everything(
    reader: Reader, *, person: str = "", sort: str = "", before: datetime | None = None
) -> Everything:
    """The newest entries of all streams, refusals among them; sign-ins only when they are asked for."""
    chosen = sort if sort in SORTS else None
    with reader.site.ledger.reading() as book:
        found = newest(
            book,
            person=person or None,
            sort=chosen,
            without=None if chosen or person else "security",
            before=before,
            limit=PAGE,
        )
        points = list(made(book.entries(STREAM)))
        return Everything(
            lines=_lines(book, found, names := _names(reader, book, found)),
            people=names,
            staff=find(book, PersonRow, order=("name",)),
            batches=find(book, BatchRow, order=("-number",), limit=50),
            checkpoint=points[-1].number if points else 0,
            checkpoint_at=points[-1].made_at if points else None,
            witness=witness_code(points[-1]) if points else "",
            more=found[-1].time if len(found) == PAGE else None,
        )


def as_it_was(reader: Reader, number: str, seq: int) -> AsItWas:
    """The batch as it was after entry `seq`: a shorter fold of the same entries."""
    with reader.site.ledger.reading() as book:
        now = batch_of(reader, book, number)
        if not 1 <= seq <= now.seq:
            raise NotOnFile("act.unknown_target", sort="entry", code=str(seq))
        then = as_of(now, seq)
        return AsItWas(
            batch=then,
            at=then.entries[-1],
            now=now,
            words=words_of_entries(book, then.entries),
            people=_names(reader, book, then.entries),
            groups=outline(then),
        )


def _trail(
    reader: Reader,
    book: Book,
    entries: list[Entry],
    wanted: Wanted,
    *,
    batch: BatchRecord | None = None,
    chain: ChainState | None = None,
) -> Trail:
    sorted_out = [(entry, sort_of_entry(entry)) for entry in entries]
    taken = [entry for entry, sort in sorted_out if wanted.takes(entry, sort)]
    taken.sort(key=lambda entry: (entry.time, entry.stream, entry.seq), reverse=True)
    page = taken[wanted.start : wanted.start + PAGE]
    people = _names(reader, book, entries)
    return Trail(
        lines=_lines(book, page, people, batch=batch),
        found=len(taken),
        entries=len(entries),
        counts=Counter(sort for _, sort in sorted_out),
        people=people,
        chain=chain,
        batch=batch,
    )


def _names(reader: Reader, book: Book, entries: Iterable[Entry]) -> Mapping[str, str]:
    return people_names(reader, book, {entry.person for entry in entries})


def _lines(
    book: Book, entries: Iterable[Entry], people: Mapping[str, str], *, batch: BatchRecord | None = None
) -> tuple[Line, ...]:
    entries = tuple(entries)
    words = words_of_entries(book, entries)
    masters: dict[str, BatchRecord] = {batch.stream: batch} if batch else {}
    return tuple(_line(book, entry, people, words=words, batches=masters) for entry in entries)


def _line(
    book: Book,
    entry: Entry,
    people: Mapping[str, str],
    *,
    words: Mapping[str, str],
    batches: dict[str, BatchRecord],
) -> Line:
    batch = _batch_of(book, entry, batches)
    fact = entry.fact
    before: Entry | None = None
    was: Value | None = None
    if batch and isinstance(fact, EvidenceCorrected):
        before = batch.entries[fact.replaces_seq - 1]
        if isinstance(before.fact, EvidenceRecorded | EvidenceCorrected):
            was = before.fact.value
    master: MasterBatchRecord | None = batch.master if batch else None
    return Line(
        entry=entry,
        sort=sort_of_entry(entry),
        sentence=sentence(
            entry,
            names=people,
            words=words,
            master=master,
            before=was,
            numbers=numbers_of(batch) if batch and batch.operations else None,
        ),
        step=getattr(fact, "step", None),
        slot=getattr(fact, "slot", None),
        before=before,
    )


def _batch_of(book: Book, entry: Entry, batches: dict[str, BatchRecord]) -> BatchRecord | None:
    """The batch record that an entry belongs to, for the titles of its steps; its refusals have it too."""
    stream = entry.stream.removesuffix("!refusals")
    if not stream.startswith("batch:"):
        return None
    if stream not in batches:
        record = book.derived(stream, Folded.of).record
        if not isinstance(record, BatchRecord) or record.issued is None:
            return None
        batches[stream] = record
    return batches[stream]
