"""Facts about e-mail: what a mail server took, and what it did not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from lims.domain.entries.envelope import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSent(Fact):
    """The mail server took the letter about a notice (turn 0) or one of its escalations."""

    kind: Literal["mail_sent.1"] = "mail_sent.1"
    notice: str
    turn: int
    mailboxes: int
    """How many; never which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailFailed(Fact):
    """The letter did not leave; it is tried again."""

    kind: Literal["mail_failed.1"] = "mail_failed.1"
    notice: str
    turn: int
    tries: int
    fault: str
    """What the mail server or the network said, as a code without addresses."""
    next_at: datetime
