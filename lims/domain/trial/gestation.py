"""Gestational age in completed days: the one function that every outcome uses, and which dating is in force.

Sources: domain dossier 1.4; ISUOG and ACOG practice for re-dating by the first scan; assisted conception is dated by
fertilisation or transfer and never re-dated.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from lims.domain.master_batch_record import Frozen
from lims.domain.trial.definitions import GestationRules
from lims.domain.trial.pregnancy import Dating, DatingMethod

_WRITTEN = re.compile(r"([0-9]{1,2})(?:w|\+)([0-6])d?")
_FERTILISATION_DAY = 14
"""Days from day zero to fertilisation, by convention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated(Frozen):
    """By what a pregnancy is dated, and what it was dated by before a scan replaced it."""

    zero: date
    """Day zero: the first day of the last menses, or what stands for it."""
    method: DatingMethod
    version: str
    """Of the rules that chose it."""
    zero_before: date | None = None

    @property
    def conceived_on(self) -> date:
        """The day that stands for conception: two weeks after day zero."""
        return self.zero + timedelta(days=_FERTILISATION_DAY)


def gestational_age(zero: date, on: date) -> int:
    """Completed days of gestation on a day; rounded weeks are never compared."""
    return (on - zero).days


def weeks_and_days(days: int) -> str:
    """As clinicians write it: 195 days is 27w6d."""
    return f"{days // 7}w{days % 7}d"


def read_weeks_and_days(text: str) -> int | None:
    """Completed days from the age as clinicians write it, `7w3d` or `7+3`; None for anything else."""
    found = _WRITTEN.fullmatch(text.strip().lower())
    return int(found[1]) * 7 + int(found[2]) if found else None


def zero_day(dating: Dating) -> date:
    """Day zero by one dating; a scan without its measurement dates nothing and is a ValueError."""
    match dating.method:
        case DatingMethod.LMP:
            return dating.on
        case DatingMethod.FERTILISATION:
            return dating.on - timedelta(days=_FERTILISATION_DAY)
        case DatingMethod.TRANSFER:
            return dating.on - timedelta(days=_FERTILISATION_DAY + dating.embryo_days)
        case DatingMethod.ULTRASOUND:
            if dating.measured_days is None:
                raise ValueError("a scan dates a pregnancy by its measurement only")
            return dating.on - timedelta(days=dating.measured_days)


def dated(datings: Iterable[Dating], rules: GestationRules) -> Dated | None:
    """The dating in force; None when nothing dates the pregnancy. The newest of each method counts.

    Fertilisation or transfer is kept whatever a scan says. Otherwise the earliest measured scan replaces the last
    menses when they differ by more than the rule's band allows.
    """
    known = tuple(datings)
    assisted = [one for one in known if one.method in (DatingMethod.FERTILISATION, DatingMethod.TRANSFER)]
    if assisted:
        return Dated(zero=zero_day(assisted[-1]), method=assisted[-1].method, version=rules.version)
    menses = next((one for one in reversed(known) if one.method is DatingMethod.LMP), None)
    scan = _first_scan(known)
    if menses is None:
        return (
            Dated(zero=zero_day(scan), method=scan.method, version=rules.version)
            if scan is not None
            else None
        )
    if scan is not None and _replaces(scan, menses, rules):
        return Dated(
            zero=zero_day(scan), method=scan.method, version=rules.version, zero_before=zero_day(menses)
        )
    return Dated(zero=zero_day(menses), method=menses.method, version=rules.version)


def _first_scan(datings: Iterable[Dating]) -> Dating | None:
    measured = [
        one for one in datings if one.method is DatingMethod.ULTRASOUND and one.measured_days is not None
    ]
    return min(reversed(measured), key=lambda one: one.on, default=None)


def _replaces(scan: Dating, menses: Dating, rules: GestationRules) -> bool:
    by_menses = gestational_age(zero_day(menses), scan.on)
    apart = abs((zero_day(scan) - zero_day(menses)).days)
    band = next((band for band in rules.redating if by_menses < band.before_day), None)
    return band is not None and apart > band.more_than_days
