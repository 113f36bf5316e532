"""Letters about notices: sent outside every transaction, tried again until the mail server takes them.

The outbox is the record itself: a notice that nobody acknowledged and of which no letter is on file as sent. A server
that stops between sending and noting sends the letter twice, under the same message id; it never forgets one.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, perform
from lims.authoring.mail import load_mail_settings
from lims.domain.entries.envelope import SYSTEM, Draft, stream_of
from lims.domain.entries.mail import MailFailed, MailSent
from lims.domain.mail import MailSettings, letter
from lims.domain.rows import DeliveryRow, LetterRow
from lims.ledger.read_tables import find

PATIENCE_SECONDS = 10
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
AS_SYSTEM = Actor(person=SYSTEM, station="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A letter that has not left, with how often it was tried."""

    row: LetterRow
    tries: int


def waiting(site: Site, *, now: datetime) -> tuple[Waiting, ...]:
    """Letters to try now, the oldest first."""
    with site.ledger.reading() as book:
        letters = find(book, LetterRow, order=("given_at",))
        known = {(row.batch, row.key): row for row in find(book, DeliveryRow)} if letters else {}
    found = []
    for row in letters:
        before = known.get((row.batch, row.key))
        if before is None:
            found.append(Waiting(row=row, tries=0))
        elif not before.sent and before.next_at is not None and before.next_at <= now:
            found.append(Waiting(row=row, tries=before.tries))
    return tuple(found)


def send_letters(site: Site) -> int:
    """Try every letter that waits; how many left. Nothing is sent where the site has set up no mail server."""
    settings = load_mail_settings(site.folder)
    if settings is None or not (letters := waiting(site, now=site.clock.now())):
        return 0
    sent = 0
    try:
        with _server(settings, site.folder) as server:
            for one in letters:
                fault = _send(server, settings, site, one.row)
                sent += not fault
                _note(site, settings, one, fault)
                letters = letters[1:]
    except (OSError, smtplib.SMTPException) as broken:
        # The server is away: every letter that was left waits, and that is on file.
        for one in letters:
            _note(site, settings, one, _code(broken))
    return sent


@contextmanager
def _server(settings: MailSettings, folder: Path) -> Iterator[smtplib.SMTP]:
    if settings.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            settings.host, settings.port, timeout=PATIENCE_SECONDS, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(settings.host, settings.port, timeout=PATIENCE_SECONDS)
    with server:
        if settings.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if settings.user is not None and settings.password_file is not None:
            server.login(settings.user, (folder / settings.password_file).read_text(encoding="utf-8").strip())
        yield server


def _send(server: smtplib.SMTP, settings: MailSettings, site: Site, row: LetterRow) -> str:
    """Hand one letter over; what was wrong with it, or nothing."""
    due = row.due_at.astimezone(ZoneInfo(site.founded.zone)).isoformat(sep=" ", timespec="minutes")
    told = letter(
        batch=row.batch, notice=row.notice, news=row.news, reference=row.reference, turn=row.turn, due=due
    )
    message = EmailMessage()
    message["From"] = settings.sender
    message["To"] = ", ".join(settings.mailboxes(row.addressee, turn=row.turn))
    message["Subject"] = told.subject
    message["Date"] = format_datetime(row.given_at)
    message["Message-ID"] = f"<{row.notice}.{row.turn}@{settings.sender.rpartition('@')[2]}>"
    message.set_content(told.text)
    try:
        server.send_message(message)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refused:
        return _code(refused)
    return ""


def _code(fault: Exception) -> str:
    """What went wrong, without the addresses that a server likes to repeat."""
    code = getattr(fault, "smtp_code", None) or getattr(fault, "errno", None)
    return f"{type(fault).__name__} {code}" if code else type(fault).__name__


def _note(site: Site, settings: MailSettings, one: Waiting, fault: str) -> None:
    """Put on file what became of a letter."""
    row, tries = one.row, one.tries + 1
    stream = stream_of("mail", row.batch)
    now = site.clock.now()
    wait = min(FIRST_WAIT * 2 ** min(one.tries, 10), LONGEST_WAIT)
    fact = (
        MailFailed(notice=row.notice, turn=row.turn, tries=tries, fault=fault, next_at=now + wait)
        if fault
        else MailSent(
            notice=row.notice,
            turn=row.turn,
            mailboxes=len(settings.mailboxes(row.addressee, turn=row.turn)),
        )
    )
    ask = Ask(
        request_id=f"{row.notice}/{row.turn}/{tries}",
        act="deliver_mail",
        on=stream,
        asked={"notice": row.notice, "turn": str(row.turn), "tries": str(tries)},
    )
    perform(site, AS_SYSTEM, ask, lambda _: Decision(drafts=(Draft(stream=stream, fact=fact),)))
