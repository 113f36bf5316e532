"""Facts about notices: who had to be told about a batch, who acknowledged it, and what was done when nobody did."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from lims.domain.entries.envelope import Detached, Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeGiven(Fact):
    """Somebody must be told: in the application at once, and by e-mail where the site has set it up."""

    kind: Literal["notice_given.1"] = "notice_given.1"
    number: str
    news: str
    """late_failure, organism, mismatch or recall."""
    addressee: str
    """clinician, investigator or qa."""
    reference: str
    """The deviation it is about."""
    due_at: datetime
    """By when it must be acknowledged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeAcknowledged(Fact):
    """Somebody stands behind having read it; of a participant's safety also when she was reached and what was done."""

    kind: Literal["notice_acknowledged.1"] = "notice_acknowledged.1"
    notice: str
    contacted_at: datetime | None
    done: Detached | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeEscalated(Fact):
    """Nobody acknowledged it in time: quality is told, and it is told again."""

    kind: Literal["notice_escalated.1"] = "notice_escalated.1"
    notice: str
    turn: int
    due_at: datetime
