"""What a scanned code is."""

from lims.domain.rows import BatchRow, CodeRow
from lims.ledger.read_tables import find
from lims.queries.look import Reader


def code_row(reader: Reader, code: str) -> CodeRow | None:
    """The thing that carries the code, or None."""
    with reader.site.ledger.reading() as book:
        found = find(book, CodeRow, code=code, limit=1)
    return found[0] if found else None


def batch_row(reader: Reader, number: str) -> BatchRow | None:
    """The batch's row on the board, or None."""
    with reader.site.ledger.reading() as book:
        found = find(book, BatchRow, number=number, limit=1)
    return found[0] if found else None


def batches_like(reader: Reader, text: str) -> tuple[BatchRow, ...]:
    """Batches by number, or by the participant's trial code."""
    with reader.site.ledger.reading() as book:
        exact = find(book, BatchRow, number=text)
        return exact or find(book, BatchRow, participant=text, order=("-issued_at",), limit=20)
