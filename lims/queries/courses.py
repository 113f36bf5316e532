"""Every woman's course, as the trial's figures and exports read it; no identity and no free text is in here."""

from lims.domain.batch_record import BatchRecord
from lims.domain.entries.envelope import stream_of
from lims.domain.folds import Folded
from lims.domain.participant import Participant
from lims.domain.protocol import StudyProtocol
from lims.domain.rows import ParticipantRow
from lims.domain.trial.course import Course
from lims.domain.trial.course_of import course_of
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find
from lims.queries.look import Reader
from lims.queries.masters import protocol_in_force


def courses(reader: Reader) -> tuple[Course, ...]:
    """The courses of everyone on file, by trial code; none before a protocol is approved."""
    protocol = protocol_in_force(reader)
    if protocol is None:
        return ()
    with reader.site.ledger.reading() as book:
        rows = find(book, ParticipantRow, order=("trial_id",))
        return tuple(course_on_file(reader, book, row.stream, protocol) for row in rows)


def course_on_file(reader: Reader, book: Book, stream: str, protocol: StudyProtocol) -> Course:
    """The course of one participant."""
    person = book.derived(stream, Folded.of).record
    assert isinstance(person, Participant)
    numbers = [number for this in person.rounds.values() for number in this.attempts]
    found = {number: book.derived(stream_of("batch", number), Folded.of).record for number in numbers}
    batches = {number: record for number, record in found.items() if isinstance(record, BatchRecord)}
    return course_of(person, protocol=protocol, batches=batches, zone=reader.zone)
