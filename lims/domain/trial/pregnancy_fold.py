"""Pregnancies from what is on file: found, dated, scanned and ended, each in the order in which it came on file."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from lims.domain.entries.follow_up import (
    FollowUpFact,
    PregnancyDated,
    PregnancyEnded,
    PregnancyFound,
    UltrasoundRecorded,
)
from lims.domain.trial.pregnancy import (
    Dating,
    DatingMethod,
    Fate,
    Neonate,
    Pregnancy,
    PregnancyEnd,
    Ultrasound,
)

SIGNS_OF_LIFE: Mapping[Fate, bool | None] = MappingProxyType(
    {Fate.BORN_ALIVE: True, Fate.STILLBORN: False, Fate.UNKNOWN: None}
)
"""What each fate tells of a child; a fetus that stopped earlier was never a child."""


def pregnancies_of(
    facts: Iterable[FollowUpFact],
) -> tuple[tuple[Pregnancy, ...], Mapping[int, PregnancyEnded]]:
    """Each pregnancy that counts, and by number how it ended, fetus by fetus."""
    found: dict[int, Pregnancy] = {}
    ends: dict[int, PregnancyEnded] = {}
    for fact in facts:
        match fact:
            case PregnancyFound():
                found[fact.pregnancy] = Pregnancy(
                    number=fact.pregnancy,
                    found_on=fact.found_on,
                    conception=fact.conception,
                    datings=_first_dating(fact),
                )
            case PregnancyDated() if here := found.get(fact.pregnancy):
                dating = Dating(
                    method=fact.dated_by,
                    on=fact.dated_on,
                    recorded_on=fact.recorded_on,
                    embryo_days=fact.embryo_days,
                )
                found[here.number] = replace(here, datings=(*here.datings, dating))
            case UltrasoundRecorded() if here := found.get(fact.pregnancy):
                found[here.number] = _with_scan(here, fact)
            case PregnancyEnded() if here := found.get(fact.pregnancy):
                ends[here.number] = fact
                found[here.number] = replace(here, end=_end(fact))
            case _:
                pass
    return tuple(found.values()), MappingProxyType(ends)


def _first_dating(fact: PregnancyFound) -> tuple[Dating, ...]:
    if fact.dated_by is None or fact.dated_on is None:
        return ()
    return (
        Dating(
            method=fact.dated_by,
            on=fact.dated_on,
            recorded_on=fact.recorded_on,
            embryo_days=fact.embryo_days,
        ),
    )


def _with_scan(pregnancy: Pregnancy, fact: UltrasoundRecorded) -> Pregnancy:
    scan = Ultrasound(
        on=fact.on,
        sacs_in_uterus=fact.sacs_in_uterus,
        sac_elsewhere=fact.sac_elsewhere,
        fetuses=fact.fetuses,
    )
    measured = (
        (
            Dating(
                method=DatingMethod.ULTRASOUND,
                on=fact.on,
                recorded_on=fact.recorded_on,
                measured_days=fact.measured_days,
            ),
        )
        if fact.measured_days is not None
        else ()
    )
    return replace(
        pregnancy,
        ultrasounds=tuple(sorted((*pregnancy.ultrasounds, scan), key=lambda one: one.on)),
        datings=(*pregnancy.datings, *measured),
    )


def _end(fact: PregnancyEnded) -> PregnancyEnd:
    return PregnancyEnd(
        on=fact.on,
        kind=fact.end,
        onset=fact.onset,
        neonates=tuple(
            Neonate(fetus=one.fetus, signs_of_life=SIGNS_OF_LIFE[one.fate])
            for one in fact.fates
            if one.fate in SIGNS_OF_LIFE
        ),
    )
