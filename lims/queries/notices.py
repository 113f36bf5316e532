"""The notices of a batch as a reader sees them: which wait for them, and what became of the others."""

from collections.abc import Mapping
from dataclasses import dataclass

from lims.domain import notices
from lims.domain.batch_record import BatchRecord, Notice
from lims.domain.entries.batch import IdentityMismatched
from lims.domain.entries.envelope import stream_of
from lims.domain.entries.late import LateFailureFound, OrganismReported
from lims.domain.entries.notices import NoticeAcknowledged
from lims.domain.folds import Folded
from lims.domain.people import Person
from lims.domain.refusals import NotAllowed
from lims.domain.sentences import Sentence, sentence
from lims.ledger.open_book import Book
from lims.queries.look import Reader, batch_of, people_names
from lims.queries.record_words import words_of_entries

ABOUT = (LateFailureFound, OrganismReported, IdentityMismatched)
"""Facts that a notice tells of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLine:
    """One notice; `mine` when the reader can acknowledge it now, by `act`."""

    notice: Notice
    act: str
    mine: bool
    overdue: bool
    asks_contact: bool
    done: str
    """What was done, in the words of whoever acknowledged it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchNotices:
    """Every notice of a batch, those that wait first."""

    batch: BatchRecord
    lines: tuple[NoticeLine, ...]
    happened: tuple[Sentence, ...]
    """What the notices are about, newest first: failures and findings, in the sentences of the record."""
    people: Mapping[str, str]


def batch_notices(reader: Reader, number: str) -> BatchNotices:
    """Every notice of the batch; refuses a batch that is not on file."""
    with reader.site.ledger.reading() as book:
        batch = batch_of(reader, book, number)
        delegated = is_delegated(reader, book, "acknowledge_as_investigator")
        words = words_of_entries(book, batch.entries)
        people = people_names(reader, book, {entry.person for entry in batch.entries})
    lines = [_line(reader, batch, item, delegated, words) for item in batch.notices.values()]
    lines.sort(key=lambda line: line.notice.acknowledged is not None)
    happened = tuple(
        sentence(entry, names=people, words=words, master=batch.master)
        for entry in reversed(batch.entries)
        if isinstance(entry.fact, ABOUT)
    )
    return BatchNotices(batch=batch, lines=tuple(lines), happened=happened, people=people)


def is_delegated(reader: Reader, book: Book, act: str) -> bool:
    """The act is delegated to the reader today."""
    person = book.derived(stream_of("person", reader.person), Folded.of).record
    return isinstance(person, Person) and person.is_delegated(act, on=reader.local(reader.now).date())


def _line(
    reader: Reader, batch: BatchRecord, notice: Notice, delegated: bool, words: Mapping[str, str]
) -> NoticeLine:
    to = notice.fact.addressee
    own = notices.ROLE_OF[to] in reader.roles and (to != notices.INVESTIGATOR or delegated)
    act = notices.ACT_OF[to] if own else "acknowledge_notice"
    answer = notice.acknowledged.fact if notice.acknowledged else None
    done = answer.done if isinstance(answer, NoticeAcknowledged) else None
    return NoticeLine(
        notice=notice,
        act=act,
        mine=notice.acknowledged is None and _may(reader, notice, act),
        overdue=notice.acknowledged is None and notice.due_at < reader.now,
        asks_contact=to == notices.CLINICIAN or not own,
        done=words.get(done.commitment, "") if done else "",
    )


def _may(reader: Reader, notice: Notice, act: str) -> bool:
    """What the rule itself says about the reader's roles."""
    try:
        notices.check_addressed(notice, act=act, roles=reader.roles)
    except NotAllowed:
        return False
    return True
