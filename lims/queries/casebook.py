"""What a casebook is printed from: one woman's course, the questions about it, and every entry as a sentence."""

from lims.documents.casebook import Case, Question, Said
from lims.documents.papers import CASEBOOK
from lims.domain.entries.keys import SignatureMade
from lims.domain.folds import Folded
from lims.domain.participant import Participant
from lims.domain.refusals import Refused
from lims.domain.rows import DocumentRow
from lims.domain.trial.dataset_catalogue import title_of
from lims.ledger.read_tables import find
from lims.queries.courses import courses
from lims.queries.history import lines_of
from lims.queries.look import NotOnFile, Reader
from lims.queries.masters import protocol_in_force
from lims.queries.outgoing import asked_about


def case(reader: Reader, trial_id: str) -> Case:
    """Everything on file about her, without her identity; refuses a code that is not on file."""
    protocol = protocol_in_force(reader)
    if protocol is None:
        raise Refused("master.not_approved", code="study")
    asked = asked_about(reader, trial_id)
    course = next((one for one in courses(reader) if one.trial_id == trial_id), None)
    with reader.site.ledger.reading() as book:
        stream = f"participant:{trial_id}"
        entries = book.entries(stream)
        person = book.derived(stream, Folded.of).record
        if not isinstance(person, Participant) or course is None or not entries:
            raise NotOnFile("act.unknown_target", sort="participant", code=trial_id)
        told = [entry for entry in entries if not isinstance(entry.fact, SignatureMade)]
        lines = lines_of(reader, book, told)
    questions = tuple(
        Question(
            number=item.query.number,
            about=title_of(item.fact.dataset, item.fact.column),
            state=item.query.state,
            told=tuple(
                Said(at=entry.time, name=item.names[entry.person], what=words)
                for entry, words in ((item.query.raised, item.question), *item.answers)
            ),
        )
        for item in reversed(asked)
    )
    return Case(
        participant=person,
        course=course,
        protocol=protocol,
        questions=questions,
        trail=tuple(Said(at=line.entry.time, name=line.name, what=line.sentence) for line in lines),
        head=entries[-1],
    )


def copies(reader: Reader, trial_id: str) -> tuple[DocumentRow, ...]:
    """Casebooks of hers that went out, newest first."""
    with reader.site.ledger.reading() as book:
        return find(book, DocumentRow, batch=trial_id, paper=CASEBOOK, order=("-copy_number",))
