"""The running instance as acts see it: its ledger, its clock, its secrets and what it was founded as."""

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from lims.domain.canonical import canon
from lims.domain.entries.keys import InstanceFounded
from lims.ledger.book import Ledger
from lims.ledger.keys import ServerKeys


class Clock(Protocol):
    """The one source of time of an instance."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        ...


class SystemClock:
    """The server's own clock."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return datetime.now(UTC)


class VirtualClock:
    """A clock that plays a demo or a rehearsal; a production instance refuses it."""

    def __init__(self, start: datetime) -> None:
        self.at = start

    def now(self) -> datetime:
        """The time that the play has reached."""
        return self.at

    def go_to(self, moment: datetime) -> None:
        """Let the time pass; it never goes back."""
        if moment < self.at:
            raise ValueError("a virtual clock does not go back")
        self.at = moment

    def pass_by(self, span: timedelta) -> None:
        """Let a span of time pass."""
        self.go_to(self.at + span)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One instance, ready for work."""

    ledger: Ledger
    founded: InstanceFounded
    clock: Clock
    keys: ServerKeys
    folder: Path
    digits: Callable[[int], str] = field(
        default=lambda count: "".join(secrets.choice("0123456789") for _ in range(count))
    )

    def request_digest(self, asked: Mapping[str, str]) -> str:
        """A keyed digest of what was asked: a plain hash of a name could be guessed."""
        return hmac.new(self.keys.digest_key, canon(dict(asked)).encode(), sha256).hexdigest()
