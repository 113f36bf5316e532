"""How e-mail stands: where it goes, and which letters have not left."""

from dataclasses import dataclass

from lims.authoring.faults import AuthoringError
from lims.authoring.mail import load_mail_settings
from lims.domain.mail import MailSettings
from lims.domain.rows import DeliveryRow, LetterRow
from lims.ledger.read_tables import find
from lims.queries.look import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """The site's settings, or what is wrong with them; letters that wait, each with what became of it last."""

    settings: MailSettings | None
    wrong: str
    letters: tuple[tuple[LetterRow, DeliveryRow | None], ...]
    sent: int


def outbox(reader: Reader) -> Outbox:
    """Every letter that has not left, the oldest first."""
    settings, wrong = None, ""
    try:
        settings = load_mail_settings(reader.site.folder)
    except AuthoringError as fault:
        wrong = str(fault)
    with reader.site.ledger.reading() as book:
        letters = find(book, LetterRow, order=("given_at",))
        known = {(row.batch, row.key): row for row in find(book, DeliveryRow)}
    waiting = [(row, known.get((row.batch, row.key))) for row in letters]
    return Outbox(
        settings=settings,
        wrong=wrong,
        letters=tuple((row, tried) for row, tried in waiting if tried is None or not tried.sent),
        sent=sum(row.sent for row in known.values()),
    )
