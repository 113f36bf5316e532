"""What quality sees: its queue, and one batch by its exceptions with everything that stands before its release."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from lims.actions.release import about_release, around
from lims.actions.work import sentence
from lims.domain import release
from lims.domain.acts import ACTS, Role, Stage
from lims.domain.batch_fold import as_of
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.batch import EvidenceCorrected
from lims.domain.entries.envelope import Detached, Entry, refusals_of, stream_of
from lims.domain.entries.values import Means
from lims.domain.exceptions import (
    Around,
    ExceptionFound,
    Sort,
    Standing,
    codes_read,
    digest_beside,
    exceptions_of,
    is_late,
)
from lims.domain.folds import Folded
from lims.domain.keyring import Keyring
from lims.domain.master_batch_record import Test
from lims.domain.participant import Participant
from lims.domain.refusals import Reason, Refused
from lims.domain.replay import Replay, replay
from lims.domain.rows import BatchRow, TaskRow
from lims.domain.sentences import Sentence
from lims.domain.sentences import sentence as sentence_of
from lims.domain.statements import digest, statement
from lims.ledger.faults import EntryUnreadable
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find
from lims.queries.chain_check import ChainState, check_chain
from lims.queries.look import NotOnFile, Reader, batch_of, people_names
from lims.queries.record_words import words_of_entries
from lims.queries.trends import trends_of

SOMETHING = Detached(commitment="", sort="words", size=1)
"""Stands for words that a page asks for, to see whether a rule would say yes with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A batch in quality's queue; `barred` when the reader took part in making it."""

    row: BatchRow
    what: str
    """The act that is next."""
    barred: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What waits for quality."""

    batches: tuple[Waiting, ...]
    """To review and dispose, to dispose finally, to close; the earliest expiry first."""
    deviations: tuple[TaskRow, ...]
    held: tuple[BatchRow, ...]
    final_pending: tuple[BatchRow, ...]
    """Released or perfused, with results still to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was checked without anybody's doing, as counts."""

    steps_done: int
    steps: int
    entries: int
    corrections: int
    late: int
    codes: int
    typed: int
    labels: int
    labels_used: int
    labels_destroyed: int
    labels_open: int
    refused: int
    signatures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One batch as quality judges it."""

    batch: BatchRecord
    participant: Participant
    exceptions: tuple[ExceptionFound, ...]
    beside: str
    """The digest of those that are not in the batch's own record."""
    unmet: tuple[Reason, ...]
    """Everything that stands before a conditional release."""
    unmet_final: tuple[Reason, ...]
    """Everything that stands before a final disposition, whichever."""
    conforming: tuple[Reason, ...]
    """Why the final disposition cannot be `conforming`."""
    pending: tuple[tuple[Test, date], ...]
    facts: Facts
    replayed: Replay
    chain: ChainState
    refusals_chain: ChainState
    since: tuple[Entry, ...]
    """Entries after the one that the reader's page was drawn from."""
    words: Mapping[str, str]
    people: Mapping[str, str]

    @property
    def open_count(self) -> int:
        """Exceptions that wait for a decision of their own."""
        return sum(item.standing is Standing.OPEN for item in self.exceptions)

    @property
    def needs_justification(self) -> bool:
        """The round before is open or came out nonconforming: a release must say why it goes on."""
        return bool(release.unmet_round_before(self.participant, self.batch.issue.round))

    def exception(self, key: str) -> ExceptionFound | None:
        """The exception that a link names; a deviation also by its number."""
        named = (item for item in self.exceptions if key in (item.key, _number(item)))
        return next(named, None)


def _number(item: ExceptionFound) -> str | None:
    return item.code if item.sort is Sort.DEVIATION else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A record that cannot be judged: what is stored is not what was written. Never an empty list of exceptions."""

    number: str
    chain: ChainState


def queue(reader: Reader) -> Queue:
    """Everything that waits for quality, from the read tables."""
    with reader.site.ledger.reading() as book:
        tasks = find(book, TaskRow, role=Role.QA.value, order=("since",))
        rows = {row.number: row for row in find(book, BatchRow, ("stage", "!=", Stage.CLOSED.value))}
    whole = ("release_conditionally", "dispose_finally", "close_record")
    batches = [
        Waiting(row=rows[task.batch], what=task.what, barred=f"|{reader.person}|" in task.not_by)
        for task in tasks
        if task.what in whole and task.batch in rows
    ]
    batches.sort(key=lambda item: (item.row.expires_at is None, item.row.expires_at, item.row.number))
    final = (Stage.RELEASED.value, Stage.PERFUSED.value)
    waiting = {item.row.number for item in batches}
    return Queue(
        batches=tuple(batches),
        deviations=tuple(task for task in tasks if task.what == "decide_deviation"),
        held=tuple(row for row in rows.values() if row.held),
        final_pending=tuple(row for row in rows.values() if row.stage in final and row.number not in waiting),
    )


def review(reader: Reader, number: str, *, seen: int | None = None) -> Review | Broken:
    """The batch by its exceptions; `seen` is the last entry on the page that the reader came from."""
    stream = stream_of("batch", number)
    with reader.site.ledger.reading() as book:
        if not number or book.head(stream) is None:
            raise NotOnFile("act.unknown_target", sort="batch", code=number)
        try:
            keys = book.derived("keys", Folded.of).record
            assert isinstance(keys, Keyring)
            chain = check_chain(book, stream, keys, now=reader.now)
            if not chain.is_intact:
                return Broken(number=number, chain=chain)
            return _review(reader, book, number, keys=keys, chain=chain, seen=seen)
        except EntryUnreadable as fault:
            bad = ChainState(
                stream=fault.stream,
                intact_to=fault.seq - 1,
                checked_at=reader.now,
                broken_at=fault.seq,
                why="hash",
            )
            return Broken(number=number, chain=bad)


def _review(
    reader: Reader, book: Book, number: str, *, keys: Keyring, chain: ChainState, seen: int | None
) -> Review:
    batch = batch_of(reader, book, number)
    stream = stream_of("participant", batch.issue.participant)
    participant = book.derived(stream, Folded.of).record
    assert isinstance(participant, Participant)
    beside = _around(book, batch)
    exceptions = exceptions_of(batch, beside)
    told = (*batch.entries, *(item.entry for item in exceptions if item.entry.stream != batch.stream))
    now = reader.now
    unmet_final, conforming = _unmet_final(reader, batch, participant)
    return Review(
        batch=batch,
        participant=participant,
        exceptions=exceptions,
        beside=digest_beside(batch, exceptions),
        unmet=release.unmet_release(batch, participant, now=now),
        unmet_final=unmet_final,
        conforming=conforming,
        pending=_pending(batch, now=now),
        facts=_facts(batch, refused=len(beside.refusals)),
        replayed=book.derived(batch.stream, replay),
        chain=chain,
        refusals_chain=check_chain(book, refusals_of(batch.stream), keys, now=now),
        since=batch.entries[seen:] if seen is not None else (),
        words=words_of_entries(book, told),
        people=people_names(reader, book, {entry.person for entry in told}),
    )


def _around(book: Book, batch: BatchRecord) -> Around:
    """What is on file beside the batch's record, and the trends of its results."""
    numbers = [
        test
        for test, entered in batch.results.items()
        if any(item.fact.value is not None for item in entered)
    ]
    return replace(around(book, batch), trends=trends_of(book, batch.number, numbers))


def _pending(batch: BatchRecord, *, now: datetime) -> tuple[tuple[Test, date], ...]:
    """Tests that the final disposition waits for; once released, with the days that the release named."""
    if batch.release is None:
        return release.pending(batch, now=now)
    named = ((batch.master.test(item.test), item.due) for item in batch.release.pending)
    return tuple((test, due) for test, due in named if batch.test_state(test) in ("pending", "to_review"))


def _unmet_final(
    reader: Reader, batch: BatchRecord, participant: Participant
) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    """What the rule itself says to each of the two final dispositions."""

    titles = {test.code: reader.said(test.title) for test in batch.master.tests}

    def asked(disposition: str) -> tuple[Reason, ...]:
        reasons = trial(
            lambda: release.dispose_finally(batch, participant, disposition=disposition, reason=SOMETHING)
        )
        return tuple(
            replace(reason, about=tuple((name, titles.get(value, value)) for name, value in reason.about))
            for reason in reasons
        )

    return asked("nonconforming"), asked("conforming")


def unmet_review(review: Review, reader: Reader) -> tuple[Reason, ...]:
    """Why the reader cannot sign the record review of what is on file now."""
    batch = review.batch
    return trial(lambda: release.review(batch, review.replayed, seen_seq=batch.seq, person=reader.person))


def sentences_since(review: Review) -> tuple[Sentence, ...]:
    """What came after the page that the reader had open."""
    return tuple(
        sentence_of(entry, names=review.people, words=review.words, master=review.batch.master)
        for entry in review.since
    )


def trial(rule: Callable[[], object]) -> tuple[Reason, ...]:
    """Why a rule would refuse now; nothing when it would not. Deciding is pure, so that asking changes nothing."""
    try:
        rule()
    except Refused as refused:
        return (refused.reason,)
    return ()


def why_not(batch: BatchRecord, act: str, reader: Reader) -> tuple[Reason, ...]:
    """Why the reader cannot do an act on this batch now, by the table of acts; the corridor asks the same again."""
    this = ACTS[act]
    if not reader.roles & this.by:
        roles = ", ".join(sorted(role.value for role in this.by))
        return (Reason(rule="act.role", about=(("act", this.label), ("roles", roles))),)
    reasons = []
    if this.in_stages is not None and batch.stage not in this.in_stages:
        reasons.append(Reason(rule="act.stage", about=(("stage", batch.stage.value),)))
    if batch.on_hold and not this.despite_hold:
        reasons.append(Reason(rule="act.hold", about=(("why", batch.hold_reason),)))
    if this.not_if_took_part and reader.person in batch.took_part:
        reasons.append(Reason(rule="act.took_part"))
    return tuple(reasons)


def meaning(reader: Reader, act: str, about: tuple[tuple[str, str], ...]) -> str:
    """The exact words that a signature of this act would stand for."""
    return sentence(ACTS[act], about, language=reader.language)


def shown_at(reader: Reader, number: str, act: str, *, seen: int, **more: str) -> str:
    """The digest of what a page stated that was drawn from entry `seen`; under the lock it is computed again.

    A record up to an entry never changes, so that the page need not carry more than the entry's number. A number
    that is none gives an empty digest, which the corridor takes for a stale page.
    """
    with reader.site.ledger.reading() as book:
        batch = batch_of(reader, book, number)
    if not 1 <= seen <= batch.seq:
        return ""
    then = as_of(batch, seen)
    about = about_release(then) if act == "release_conditionally" else (("number", number), *more.items())
    return digest(statement(act, then, about))


def _facts(batch: BatchRecord, *, refused: int) -> Facts:
    codes = [means for entry in batch.entries for means in codes_read(entry)]
    fates = [label.fate for label in batch.labels.values()]
    return Facts(
        steps_done=sum(batch.is_finished(step) for step in batch.production),
        steps=len(batch.production),
        entries=batch.seq,
        corrections=sum(isinstance(entry.fact, EvidenceCorrected) for entry in batch.entries),
        late=sum(is_late(entry) for entry in batch.entries),
        codes=len(codes),
        typed=codes.count(Means.TYPED),
        labels=len(fates),
        labels_used=fates.count("applied") + fates.count("attached"),
        labels_destroyed=fates.count("destroyed"),
        labels_open=fates.count(None),
        refused=refused,
        signatures=len(batch.signatures),
    )
