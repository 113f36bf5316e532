"""A pregnancy from the test to its end: found, dated, scanned, ended; what is impossible is refused at its field."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from lims.domain.entries.envelope import Detached, Draft
from lims.domain.entries.follow_up import (
    PregnancyDated,
    PregnancyEnded,
    PregnancyFound,
    UltrasoundRecorded,
)
from lims.domain.participant import Participant
from lims.domain.refusals import BadEntry, Refused
from lims.domain.trial.corrections import Instead, corrects, replaceable
from lims.domain.trial.gestation import zero_day
from lims.domain.trial.pregnancy import (
    Conception,
    Dating,
    DatingMethod,
    DeliveryOnset,
    FetusFate,
    FetusSeen,
    Pregnancy,
    PregnancyEndKind,
)

TESTS: Final = ("urine", "blood", "ultrasound")
"""How a pregnancy comes to light."""
_SUITS: Final = {
    Conception.NATURAL: frozenset({DatingMethod.LMP}),
    Conception.INSEMINATION: frozenset({DatingMethod.LMP, DatingMethod.FERTILISATION}),
    Conception.IVF: frozenset({DatingMethod.FERTILISATION, DatingMethod.TRANSFER}),
    Conception.FROZEN_TRANSFER: frozenset({DatingMethod.TRANSFER}),
}
"""By what each conception is dated; a scan's dating comes with the scan (domain 1.4)."""
LONGEST_DAYS: Final = 308
"""44 weeks: a pregnancy counted beyond it is dated wrong."""
_EMBRYO_DAYS: Final = range(1, 8)
_MEASURED_DAYS: Final = range(28, LONGEST_DAYS)


def find_pregnancy(
    person: Participant,
    *,
    found_on: date,
    test: str,
    conception: Conception,
    dated_by: DatingMethod | None,
    dated_on: date | None,
    embryo_days: int,
    today: date,
    instead: Instead | None,
) -> tuple[Draft, ...]:
    """A pregnancy comes on file; one at a time is open."""
    if test not in TESTS:
        raise BadEntry("choice.unknown", field="test")
    was = replaceable(person, instead, PregnancyFound)
    still = [one.number for one in person.followed.pregnancies if one.end is None and one.lost_on is None]
    if was is None and still:
        raise Refused("pregnancy.open", number=still[0])
    if (dated_by is None) != (dated_on is None):
        raise BadEntry("pregnancy.half_dated", field="dated_on")
    if dated_by and dated_on:
        _check_dating(dated_by, dated_on, embryo_days, conception=conception, seen_on=found_on)
    fact = PregnancyFound(
        pregnancy=was.pregnancy if was else _next_number(person),
        found_on=found_on,
        test=test,
        conception=conception,
        dated_by=dated_by,
        dated_on=dated_on,
        embryo_days=embryo_days,
        recorded_on=today,
        **corrects(instead),
    )
    return (Draft(stream=person.stream, fact=fact),)


def _next_number(person: Participant) -> int:
    """Never a number that was given before, also of a pregnancy that was struck."""
    given = [one.fact.pregnancy for one in person.followed.filed if isinstance(one.fact, PregnancyFound)]
    return max(given, default=0) + 1


def _check_dating(
    method: DatingMethod, on: date, embryo_days: int, *, conception: Conception, seen_on: date
) -> None:
    """The dating suits how she conceived, and gives an age that a pregnancy can have."""
    if method not in _SUITS[conception]:
        raise BadEntry("pregnancy.dating", field="dated_by")
    is_transfer = method is DatingMethod.TRANSFER
    if (is_transfer and embryo_days not in _EMBRYO_DAYS) or (not is_transfer and embryo_days):
        raise BadEntry("pregnancy.embryo_days", field="embryo_days")
    zero = zero_day(Dating(method=method, on=on, recorded_on=on, embryo_days=embryo_days))
    if on > seen_on or (seen_on - zero).days > LONGEST_DAYS:
        raise BadEntry("pregnancy.age", field="dated_on")


def date_pregnancy(
    person: Participant,
    *,
    pregnancy: int,
    dated_by: DatingMethod,
    dated_on: date,
    embryo_days: int,
    today: date,
    instead: Instead | None,
) -> tuple[Draft, ...]:
    """A further dating: better known last menses, or the day of fertilisation or transfer."""
    here = pregnancy_of(person, pregnancy)
    was = replaceable(person, instead, PregnancyDated)
    if was and was.pregnancy != pregnancy:
        raise Refused("follow_up.other_thing")
    _check_dating(dated_by, dated_on, embryo_days, conception=here.conception, seen_on=here.found_on)
    fact = PregnancyDated(
        pregnancy=pregnancy,
        dated_by=dated_by,
        dated_on=dated_on,
        embryo_days=embryo_days,
        recorded_on=today,
        **corrects(instead),
    )
    return (Draft(stream=person.stream, fact=fact),)


def record_ultrasound(
    person: Participant,
    *,
    pregnancy: int,
    on: date,
    sacs_in_uterus: int,
    sac_elsewhere: bool,
    fetuses: tuple[FetusSeen, ...],
    crown_rump_mm: Decimal | None,
    measured_days: int | None,
    notes: Detached | None,
    today: date,
    instead: Instead | None,
) -> tuple[Draft, ...]:
    """One scan of a pregnancy, with what was seen of each fetus."""
    here = pregnancy_of(person, pregnancy)
    was = replaceable(person, instead, UltrasoundRecorded)
    if was and was.pregnancy != pregnancy:
        raise Refused("follow_up.other_thing")
    if here.end and on > here.end.on:
        raise BadEntry("ultrasound.after_end", field="on", end=here.end.on.isoformat())
    if on < here.found_on - timedelta(days=LONGEST_DAYS):
        raise BadEntry("pregnancy.age", field="on")
    if not 0 <= sacs_in_uterus < 10:
        raise BadEntry("choice.unknown", field="sacs_in_uterus")
    if fetuses and not sacs_in_uterus and not sac_elsewhere:
        raise BadEntry("ultrasound.no_sac", field="sacs_in_uterus")
    if measured_days is not None and measured_days not in _MEASURED_DAYS:
        raise BadEntry("ultrasound.measured", field="measured")
    fact = UltrasoundRecorded(
        pregnancy=pregnancy,
        on=on,
        sacs_in_uterus=sacs_in_uterus,
        sac_elsewhere=sac_elsewhere,
        fetuses=fetuses,
        crown_rump_mm=crown_rump_mm,
        measured_days=measured_days,
        recorded_on=today,
        notes=notes,
        **corrects(instead),
    )
    return (Draft(stream=person.stream, fact=fact),)


def end_pregnancy(
    person: Participant,
    *,
    pregnancy: int,
    on: date,
    end: PregnancyEndKind,
    onset: DeliveryOnset | None,
    fates: tuple[FetusFate, ...],
    notes: Detached | None,
    instead: Instead | None,
) -> tuple[Draft, ...]:
    """How a pregnancy ended, with the outcome of every fetus that a scan had shown."""
    here = pregnancy_of(person, pregnancy)
    was = replaceable(person, instead, PregnancyEnded)
    if was and was.pregnancy != pregnancy:
        raise Refused("follow_up.other_thing")
    if here.end and was is None:
        raise Refused("pregnancy.ended", number=pregnancy, on=here.end.on.isoformat())
    if on < _last_alive(here):
        raise BadEntry("pregnancy.end_order", field="on", seen=_last_alive(here).isoformat())
    if end is PregnancyEndKind.BIOCHEMICAL and any(scan.sacs_in_uterus for scan in here.ultrasounds):
        raise BadEntry("pregnancy.not_biochemical", field="end")
    if end is not PregnancyEndKind.ENDED and (fates or onset):
        raise BadEntry("pregnancy.no_fates", field="fates")
    missing = sorted(fetuses_of(here) - {one.fetus for one in fates})
    if end is PregnancyEndKind.ENDED and (missing or not fates):
        raise BadEntry("pregnancy.fates", field="fates", fetuses=", ".join(missing) or "A")
    fact = PregnancyEnded(
        pregnancy=pregnancy,
        on=on,
        end=end,
        onset=onset,
        fates=fates,
        notes=notes,
        **corrects(instead),
    )
    return (Draft(stream=person.stream, fact=fact),)


def fetuses_of(pregnancy: Pregnancy) -> set[str]:
    """Every fetus that a scan showed."""
    return {seen.fetus for scan in pregnancy.ultrasounds for seen in scan.fetuses}


def _last_alive(pregnancy: Pregnancy) -> date:
    """The last day on which it was known to go on; it cannot have ended before."""
    beats = [scan.on for scan in pregnancy.ultrasounds if any(seen.heartbeat for seen in scan.fetuses)]
    return max(beats, default=date.min)


def pregnancy_of(person: Participant, number: int) -> Pregnancy:
    """The pregnancy of that number; refuses when there is none that counts."""
    found = person.followed.pregnancy(number)
    if found is None:
        raise Refused("pregnancy.unknown", number=number)
    return found
