"""How menstrual-blood NK cells are judged: adequate or not, abnormal or not, improved or not (domain 5).

No cut-off is built in: every limit is data of an approved rule set. A value on a limit lies inside the range.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from lims.domain.entries.screening import (
    EligibilityDecided,
    MenstrualSampleAnalysed,
    MenstrualSampleCollected,
)
from lims.domain.master_batch_record import Frozen
from lims.domain.trial.course import MarkerReading
from lims.domain.trial.definitions import AdequacyRules, MarkerRule, MenstrualBloodRuleSet

Values = Mapping[str, Decimal]
"""Marker code to its value, in the unit of its rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict(Frozen):
    """What a rule set says about one sample."""

    readings: tuple[MarkerReading, ...]
    abnormal: bool | None
    """None when the markers that were measured leave it open."""

    @property
    def abnormal_markers(self) -> tuple[str, ...]:
        """Markers outside their range."""
        return tuple(one.code for one in self.readings if one.abnormal)


def rule_set_of(
    eligibility: EligibilityDecided | None, versions: Sequence[MenstrualBloodRuleSet], version: str = ""
) -> MenstrualBloodRuleSet | None:
    """The rule set that judges her: the one frozen by her eligibility; before that, `version`, or the newest."""
    if eligibility is not None and eligibility.rule_set is not None:
        return eligibility.rule_set
    named = (rules for rules in versions if rules.version == version)
    return next(named, versions[-1] if versions and not version else None)


def inadequate(
    collected: MenstrualSampleCollected, analysed: MenstrualSampleAnalysed, rules: AdequacyRules
) -> tuple[str, ...]:
    """Which conditions of adequacy the sample does not meet, in the order in which they are checked."""
    found = []
    if not rules.menses_day_first <= collected.menses_day <= rules.menses_day_last:
        found.append("menses_day")
    if analysed.received_at - collected.ended_at > timedelta(hours=rules.transport_hours_most):
        found.append("transport")
    if analysed.viability < rules.viability_least:
        found.append("viability")
    if analysed.cd45_events < rules.cd45_events_least:
        found.append("cd45_events")
    return tuple(found)


def judge(values: Values, rules: MenstrualBloodRuleSet) -> Verdict:
    """The verdict of a rule set; a marker that was not measured is neither normal nor abnormal."""
    readings = tuple(
        MarkerReading(
            code=marker.code,
            value=values[marker.code],
            unit=marker.unit,
            abnormal=distance(values[marker.code], marker) > 0 if marker.judges else None,
        )
        for marker in rules.markers
        if marker.code in values
    )
    judging = sum(marker.judges for marker in rules.markers)
    abnormal = sum(one.abnormal is True for one in readings)
    normal = sum(one.abnormal is False for one in readings)
    needed = {"any": 1, "all": judging, "k_of_n": rules.at_least}[rules.combination]
    if abnormal >= needed:
        return Verdict(readings=readings, abnormal=True)
    return Verdict(readings=readings, abnormal=False if normal > judging - needed else None)


def distance(value: Decimal, marker: MarkerRule) -> Decimal:
    """How far a value lies outside its range, to the nearest limit; 0 inside."""
    if marker.low is not None and value < marker.low:
        return marker.low - value
    if marker.high is not None and value > marker.high:
        return value - marker.high
    return Decimal(0)


def confirmed(verdicts: Iterable[tuple[object, bool | None]], rules: MenstrualBloodRuleSet) -> bool | None:
    """Abnormal in as many different cycles as the rule set asks for; `verdicts` are cycle and verdict.

    One normal cycle is no confirmation and ends nothing; None while too few cycles could be judged.
    """
    judged = {(cycle, verdict) for cycle, verdict in verdicts if verdict is not None}
    if len({cycle for cycle, verdict in judged if verdict}) >= rules.confirm_cycles:
        return True
    return False if len({cycle for cycle, _ in judged}) >= rules.confirm_cycles else None


def normalised(baseline: Values, now: Values, rules: MenstrualBloodRuleSet) -> bool | None:
    """Every marker abnormal at baseline is inside its range and none is newly abnormal.

    None when the baseline had nothing to improve, or when a marker that decides was not measured.
    """
    judging = [marker for marker in rules.markers if marker.judges]
    if not _abnormal(baseline, judging):
        return None
    measured = [marker for marker in judging if marker.code in now]
    if _abnormal(now, measured):
        return False
    return True if len(measured) == len(judging) else None


def partly(baseline: Values, now: Values, rules: MenstrualBloodRuleSet, *, share: Decimal) -> bool | None:
    """At least `share` of each abnormal marker's distance to its nearest limit is gone; None as above."""
    wanted = _abnormal(baseline, [marker for marker in rules.markers if marker.judges])
    measured = [marker for marker in wanted if marker.code in now]
    left = [
        distance(now[marker.code], marker) - distance(baseline[marker.code], marker) * (1 - share)
        for marker in measured
    ]
    if any(over > 0 for over in left):
        return False
    return True if wanted and len(measured) == len(wanted) else None


def _abnormal(values: Values, markers: Sequence[MarkerRule]) -> list[MarkerRule]:
    return [one for one in markers if one.code in values and distance(values[one.code], one) > 0]
