"""Entries to put on file where a test is about the ledger and not about what the entries say."""

from datetime import UTC, datetime, timedelta

from lims.domain.canonical import commitment_of
from lims.domain.entries.batch import Annotated, StepConfirmed
from lims.domain.entries.envelope import Authorship, Detached, Draft, Entry, RequestMark
from lims.domain.entries.keys import ValueRedacted
from lims.ledger.book import Book

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SALT = "5a" * 16


def by(*, time: datetime = NOON, person: str = "technician-a", request: str | None = None) -> Authorship:
    """Technician A at the bench, at noon unless said otherwise."""
    mark = RequestMark(id=request, digest="d" * 64) if request else None
    return Authorship(
        time=time, person=person, role="technician", station="station:1", act="confirm_step", request=mark
    )


def step(stream: str = "batch:1", code: str = "receive") -> Draft:
    """A confirmed step."""
    return Draft(stream=stream, fact=StepConfirmed(step=code))


def put(book: Book, stream: str, count: int = 1, *, start: datetime = NOON) -> tuple[Entry, ...]:
    """Append `count` confirmed steps, a second apart."""
    return tuple(
        book.append(step(stream, f"step-{number}"), by(time=start + timedelta(seconds=number)))
        for number in range(count)
    )


def note(book: Book, stream: str, words: str) -> Detached:
    """Append a note whose words are detached."""
    commitment = commitment_of(SALT, words)
    told = Detached(commitment=commitment, sort="words", size=len(words.encode()))
    book.append(
        Draft(stream=stream, fact=Annotated(words=told, step=None)), by(time=NOON + timedelta(hours=1))
    )
    book.keep(commitment=commitment, salt=SALT, value=words, sort="words")
    return told


def redacted(stream: str, commitment: str) -> Draft:
    """The entry that redacts a value."""
    return Draft(
        stream=stream, fact=ValueRedacted(commitment=commitment, proposed_seq=1, reason_code="on_request")
    )
