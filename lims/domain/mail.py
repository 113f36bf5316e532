"""What a site sets about its e-mail, and the letter that tells of a notice without telling of whom."""

from dataclasses import dataclass
from typing import Literal

from lims.domain.master_batch_record import Frozen
from lims.domain.notices import NEWS, QUALITY


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses(Frozen):
    """The mailboxes of each addressee; those of a function rather than of a person."""

    clinician: tuple[str, ...]
    investigator: tuple[str, ...]
    qa: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings(Frozen):
    """The site's mail server, the sender, and to whom notices go."""

    host: str
    port: int
    security: Literal["none", "starttls", "tls"]
    sender: str
    to: Addresses
    user: str | None = None
    password_file: str | None = None
    """A file beside the settings, so that these can be shown."""

    def mailboxes(self, addressee: str, *, turn: int) -> tuple[str, ...]:
        """Who gets a letter; once a notice escalated, quality does too."""
        found: tuple[str, ...] = getattr(self.to, addressee)
        return tuple(dict.fromkeys((*found, *(getattr(self.to, QUALITY) if turn else ()))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Subject and text of one e-mail, in both languages; nothing in it names or codes a participant."""

    subject: str
    text: str


def letter(*, batch: str, notice: str, news: str, reference: str, turn: int, due: str) -> Letter:
    """The letter about one notice, or about one of its escalations."""
    words = NEWS[news]
    again = f" [{turn}]" if turn else ""
    lines = [
        f"{words.en}: batch {batch}, deviation {reference}.",
        f"Sign in and acknowledge notice {notice} by {due}.",
        *(["Nobody has acknowledged it in time; quality is told too."] if turn else []),
        "",
        f"{words.zh}：批次 {batch}，偏差 {reference}。",
        f"请登录系统，并在 {due} 前确认通知 {notice}。",
        *(["未按时确认，已同时通知质量部门。"] if turn else []),
    ]
    return Letter(subject=f"{words.en} / {words.zh}: {batch}{again}", text="\n".join(lines) + "\n")
