"""A printed label as a paper, drawn again from the record whenever it is asked for."""

from lims.documents.label_paper import print_label
from lims.queries.look import NotOnFile, Reader, batch_of


def label_pdf(reader: Reader, *, batch: str, serial: str) -> bytes:
    """The label of one serial as PDF, without a second identifier; refuses a serial of another batch."""
    with reader.site.ledger.reading() as book:
        record = batch_of(reader, book, batch)
    if serial not in record.labels:
        raise NotOnFile("label.unknown")
    founded = reader.site.founded
    return print_label(
        record,
        serials=[serial],
        kind=founded.instance_kind,
        site_name=founded.site,
        second_identifier=None,
    )
