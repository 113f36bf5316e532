"""A printed label as a paper, drawn again from the record whenever it is asked for."""

from dataclasses import dataclass

from lims.documents.label_paper import print_label
from lims.domain.acts import ACTS
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.envelope import stream_of
from lims.domain.folds import fold
from lims.domain.participant import Participant
from lims.ledger.open_book import Book
from lims.queries.look import NotOnFile, Reader, batch_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPaper:
    """A label ready to be printed."""

    content: bytes
    participant: str
    identified: bool
    """It bears the second identifier, which was read for this print and is kept nowhere else."""


def label_pdf(reader: Reader, *, batch: str, serial: str) -> LabelPaper:
    """The label of one serial as PDF; refuses a serial of another batch.

    The product's own label bears a second identifier, her birth date, for two are compared at the bedside. It is read
    from the identity store while the label is drawn: for who prints labels, and until the label is accounted for, so
    that no label of old tells anybody who she is.
    """
    with reader.site.ledger.reading() as book:
        record = batch_of(reader, book, batch)
        if serial not in record.labels:
            raise NotOnFile("label.unknown")
        label = record.labels[serial]
        fresh = label.container == record.unit_code and label.fate is None
        prints = bool(reader.roles & ACTS["print_labels"].by)
        second = _birth_date(book, record) if fresh and prints else None
    founded = reader.site.founded
    content = print_label(
        record,
        serials=[serial],
        kind=founded.instance_kind,
        site_name=founded.site,
        second_identifier=second,
    )
    return LabelPaper(content=content, participant=record.issue.participant, identified=second is not None)


def _birth_date(book: Book, batch: BatchRecord) -> str | None:
    """Nothing where it was erased: a label then shows one identifier, and the bedside check goes by the wristband."""
    stream = stream_of("participant", batch.issue.participant)
    person = fold(stream, book.entries(stream))
    if not isinstance(person, Participant) or person.enrolled is None:
        return None
    commitment = person.enrolled.birth_date.commitment
    kept = book.values([commitment]).get(commitment)
    return kept.value if kept else None
