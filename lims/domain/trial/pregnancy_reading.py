"""What one pregnancy counts as within a window: clinical, ongoing, and what its end is called (domain 1.5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lims.domain.master_batch_record import Frozen
from lims.domain.trial.definitions import OutcomeDefinitions, TrialDefinitions
from lims.domain.trial.gestation import Dated, dated, gestational_age
from lims.domain.trial.pregnancy import Pregnancy, PregnancyEnd, PregnancyEndKind, Ultrasound
from lims.domain.trial.window import Window


class EndName(StrEnum):
    """What the end of a pregnancy is called; exactly one name, a live birth before any loss."""

    LIVE_BIRTH = "live_birth"
    STILLBIRTH = "stillbirth"
    """Delivery without signs of life at or after the miscarriage limit."""
    LOSS = "loss"
    """Without signs of life before the miscarriage limit."""
    BORN_ALIVE_EARLY = "born_alive_early"
    """With signs of life before the live-birth limit: no name in the registered text."""
    TERMINATED = "terminated"
    ECTOPIC = "ectopic"
    BIOCHEMICAL = "biochemical"
    UNKNOWN = "unknown"
    """Ended, but signs of life or the gestational age are not on file."""


class Flag(StrEnum):
    """What a person must look at: the registered text is silent or overlaps, or something is missing."""

    LATE_FIRST_SCAN = "late_first_scan"
    SAC_AFTER_WINDOW = "sac_after_window"
    SIZE_DISCORDANT = "size_discordant"
    BORN_ALIVE_EARLY = "born_alive_early"
    BORN_IN_OVERLAP = "born_in_overlap"
    """Alive between the live-birth limit and the miscarriage limit (26w0d to 27w6d)."""
    AT_TERM_EDGE = "at_term_edge"
    """Delivered in week 37, where '28 to 37 weeks' can be read either way."""
    NO_DATING = "no_dating"
    SIGNS_OF_LIFE_UNKNOWN = "signs_of_life_unknown"


UNCLASSIFIED = frozenset({Flag.BORN_ALIVE_EARLY, Flag.BORN_IN_OVERLAP})
"""The row 'unclassified by protocol'."""

_WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class PregnancyReading(Frozen):
    """One pregnancy read within one window; dates are of the scan or the end that decided."""

    pregnancy: Pregnancy
    dated: Dated | None
    clinical_on: date | None
    ongoing_on: date | None
    end: EndName | None
    """None while it is open."""
    end_days: int | None
    """Gestational age at the end."""
    miscarried: bool
    preterm: bool
    delivered: bool
    """A delivery at or after the preterm limit, alive or not."""
    lost: bool
    """Nobody will know how it ended."""
    flags: tuple[Flag, ...]

    @property
    def is_open(self) -> bool:
        """Its outcome is still to come."""
        return self.end is None and not self.lost


def read_pregnancy(
    pregnancy: Pregnancy, window: Window | None, definitions: TrialDefinitions, *, left: date | None
) -> PregnancyReading:
    """The pregnancy as it counts in that window, in none if it has not begun; after the day `left` nothing is known."""
    rules = definitions.outcomes
    by = dated(pregnancy.datings, definitions.gestation)
    clinical, flags = _clinical(pregnancy, by, window, rules)
    end, age, end_flags = _ended(pregnancy.end, by, rules)
    ongoing = _ongoing_on(pregnancy.ultrasounds, by, rules) if clinical else None
    if clinical and ongoing is None and _is_discordant(pregnancy.ultrasounds, by, rules):
        flags = (*flags, Flag.SIZE_DISCORDANT)
    at_birth_age = pregnancy.end is not None and pregnancy.end.kind is PregnancyEndKind.ENDED
    delivered = at_birth_age and age is not None and age >= rules.preterm_from_day
    counts = rules.preterm_counts == "deliveries" or end is EndName.LIVE_BIRTH
    return PregnancyReading(
        pregnancy=pregnancy,
        dated=by,
        clinical_on=clinical,
        ongoing_on=ongoing,
        end=end,
        end_days=age,
        miscarried=bool(clinical) and _is_miscarriage(end, age, rules),
        preterm=delivered and age is not None and age < rules.preterm_before_day and counts,
        delivered=delivered,
        lost=end is None and (pregnancy.lost_on is not None or left is not None),
        flags=(*flags, *end_flags, *(() if by else (Flag.NO_DATING,))),
    )


def _clinical(
    pregnancy: Pregnancy, by: Dated | None, window: Window | None, rules: OutcomeDefinitions
) -> tuple[date | None, tuple[Flag, ...]]:
    """The scan in the window that shows a sac in the cavity at the registered age, and what is odd about it."""
    if by is None or window is None:
        return None, ()
    seen = sorted(
        (scan.on, gestational_age(by.zero, scan.on))
        for scan in pregnancy.ultrasounds
        if scan.sacs_in_uterus > 0 and gestational_age(by.zero, scan.on) >= rules.clinical_from_day
    )
    in_time = [on for on, age in seen if age <= rules.clinical_to_day]
    if within := [on for on in in_time if on in window]:
        return within[0], ()
    if not in_time and seen and seen[0][0] in window:
        counted = rules.late_first_scan == "count_flagged"
        return (seen[0][0] if counted else None), (Flag.LATE_FIRST_SCAN,)
    after = bool(seen) and seen[0][0] > window.end and pregnancy.found_on in window
    return None, (Flag.SAC_AFTER_WINDOW,) if after else ()


def _ongoing_on(scans: Sequence[Ultrasound], by: Dated | None, rules: OutcomeDefinitions) -> date | None:
    return min(
        (
            scan.on
            for scan in _late_enough(scans, by, rules)
            if any(seen.heartbeat and seen.size_consistent for seen in scan.fetuses)
        ),
        default=None,
    )


def _is_discordant(scans: Sequence[Ultrasound], by: Dated | None, rules: OutcomeDefinitions) -> bool:
    return any(
        seen.heartbeat and seen.size_consistent is False
        for scan in _late_enough(scans, by, rules)
        for seen in scan.fetuses
    )


def _late_enough(
    scans: Sequence[Ultrasound], by: Dated | None, rules: OutcomeDefinitions
) -> list[Ultrasound]:
    if by is None:
        return []
    return [scan for scan in scans if gestational_age(by.zero, scan.on) >= rules.ongoing_from_day]


def _ended(
    end: PregnancyEnd | None, by: Dated | None, rules: OutcomeDefinitions
) -> tuple[EndName | None, int | None, tuple[Flag, ...]]:
    """The name of the end, the age at it, and what must be looked at."""
    if end is None:
        return None, None, ()
    age = gestational_age(by.zero, end.on) if by else None
    if end.kind is not PregnancyEndKind.ENDED:
        return EndName(end.kind.value), age, ()
    alive = _signs_of_life(end)
    if alive is None:
        return EndName.UNKNOWN, age, (Flag.SIGNS_OF_LIFE_UNKNOWN, *_at_edge(age, rules))
    if age is None:
        return EndName.UNKNOWN, None, ()
    if not alive:
        name = EndName.LOSS if age < rules.miscarriage_before_day else EndName.STILLBIRTH
        return name, age, _at_edge(age, rules)
    if age < rules.live_birth_from_day:
        return EndName.BORN_ALIVE_EARLY, age, (Flag.BORN_ALIVE_EARLY,)
    overlap = (Flag.BORN_IN_OVERLAP,) if age < rules.miscarriage_before_day else ()
    return EndName.LIVE_BIRTH, age, (*overlap, *_at_edge(age, rules))


def _signs_of_life(end: PregnancyEnd) -> bool | None:
    """One child with signs of life is enough; none can be known to have had them while one is not told."""
    told = [child.signs_of_life for child in end.neonates]
    if any(told):
        return True
    return None if None in told else False


def _at_edge(age: int | None, rules: OutcomeDefinitions) -> tuple[Flag, ...]:
    week = rules.preterm_before_day - rules.preterm_before_day % _WEEK
    return (Flag.AT_TERM_EDGE,) if age is not None and week <= age < week + _WEEK else ()


def _is_miscarriage(end: EndName | None, age: int | None, rules: OutcomeDefinitions) -> bool:
    match end:
        case EndName.LOSS:
            return True
        case EndName.BORN_ALIVE_EARLY:
            return rules.born_alive_before_limit == "miscarriage"
        case EndName.TERMINATED:
            return (
                rules.termination == "miscarriage" and age is not None and age < rules.miscarriage_before_day
            )
        case _:
            return False
