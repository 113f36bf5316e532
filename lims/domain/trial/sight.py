"""Who may see outcomes by arm: until lock nobody who enrols or treats, for they could act on what they see.

Source: ICH E9 4.5 (access to accumulating data); the trial is open label, so a person still knows the women whom they
see themselves. What is kept from them is the comparison.
"""

from collections.abc import Iterable

from lims.domain.acts import Role
from lims.domain.entries.envelope import Entry
from lims.domain.entries.figures import TrialLocked
from lims.domain.refusals import NotAllowed, Refused

STREAM = "figures"
"""Where looks and the lock are on file."""
ENROL_OR_TREAT = frozenset({Role.COORDINATOR, Role.CLINICIAN})
BEFORE_LOCK = frozenset({Role.STATISTICIAN})


def is_locked(entries: Iterable[Entry]) -> bool:
    """Quality locked the trial; `entries` are those of the figures' stream."""
    return any(isinstance(entry.fact, TrialLocked) for entry in entries)


def may_see_by_arm(roles: Iterable[Role], *, locked: bool) -> bool:
    """Outcomes by arm are for these roles now."""
    held = frozenset(roles)
    return locked or (bool(held & BEFORE_LOCK) and not held & ENROL_OR_TREAT)


def check_sight(roles: Iterable[Role], *, locked: bool) -> None:
    """Refuses outcomes by arm to who may not see them."""
    if not may_see_by_arm(roles, locked=locked):
        raise NotAllowed("figures.by_arm")


def check_not_locked(entries: Iterable[Entry]) -> None:
    """A trial is locked once."""
    if is_locked(entries):
        raise Refused("figures.locked")
