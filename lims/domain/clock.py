"""When the server's clock stands back: which times acts may be given after two people signed a correction (N15, I4).

The clock ran ahead and was set right: entries on file are then later than now, and acts on their streams stop. Two
people state that the clock is right now. The correction pins the moments at which streams stood ahead of the clock.
From then on an act on such a stream is given that very moment, `max(head, now)`, until the clock has caught up, so
that no stream's time ever runs backwards; every other act is given the clock's time. A head that lies ahead and is
none of the pinned moments, or a clock before the correction's own reading, is another jump: acts stop again.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from lims.domain.entries.envelope import Detached, Entry
from lims.domain.entries.keys import ClockCorrected, ClockCorrectionProposed
from lims.domain.refusals import NotAllowed, Refused

SLACK = timedelta(seconds=2)
"""A clock that steps back by less is taken as standing still."""


def propose_correction(
    *, now: datetime, heads: Collection[datetime], reason: Detached
) -> ClockCorrectionProposed:
    """One person states that the clock is right; refuses when nothing on file is later than the clock."""
    latest = max(heads, default=now)
    if latest - now <= SLACK:
        raise Refused("clock.right")
    return ClockCorrectionProposed(read_at=now, last_time=latest, reason=reason)


def correct(
    entries: Iterable[Entry], *, proposed_seq: int, person: str, now: datetime, heads: Collection[datetime]
) -> ClockCorrected:
    """Another person states the same of the same jump; refuses the proposer and a proposal about another jump."""
    entries = tuple(entries)
    proposed = next((entry for entry in open_proposals(entries) if entry.seq == proposed_seq), None)
    if proposed is None:
        raise Refused("clock.not_proposed")
    if proposed.person == person:
        raise NotAllowed("person.self")
    fact = proposed.fact
    assert isinstance(fact, ClockCorrectionProposed)
    latest = max(heads, default=now)
    if latest - now <= SLACK:
        raise Refused("clock.right")
    if now + SLACK < fact.read_at or latest != fact.last_time:
        raise Refused("clock.moved")
    return ClockCorrected(
        last_time=fact.last_time,
        reason=fact.reason,
        read_at=now,
        proposed_seq=proposed_seq,
        ahead=tuple(sorted({head for head in heads if head > now})),
    )


def open_proposals(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Proposals that nobody has countersigned, made since the last correction; oldest first."""
    found: list[Entry] = []
    for entry in entries:
        if isinstance(entry.fact, ClockCorrectionProposed):
            found.append(entry)
        elif isinstance(entry.fact, ClockCorrected):
            found.clear()
    return tuple(found)


def last_correction(entries: Iterable[Entry]) -> ClockCorrected | None:
    """The newest correction on file."""
    facts = [entry.fact for entry in entries if isinstance(entry.fact, ClockCorrected)]
    return facts[-1] if facts else None


def is_held(correction: ClockCorrected | None, *, now: datetime, head: datetime) -> bool:
    """A stream that ends at `head`, ahead of the clock, may be written at that moment under this correction."""
    if correction is None or correction.read_at is None or now + SLACK < correction.read_at:
        return False
    return head in correction.ahead
