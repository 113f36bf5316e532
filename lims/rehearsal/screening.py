"""A participant's way to randomisation in a rehearsal: pre-screened, menstrual blood taken and analysed, eligible."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from lims.actions import screening
from lims.actions.screening import Recording
from lims.actions.site import Site
from lims.actions.work import Actor
from lims.domain.entries.screening import (
    MenstrualSampleAnalysed,
    MenstrualSampleCollected,
    PreScreened,
    Reading,
)
from lims.domain.trial.definitions import MenstrualBloodRuleSet, TrialDefinitions

SCREENERS = ("coord-a", "qc-a", "clin-a")
"""Who screens: coordinator, analyst and investigator."""


def screen(
    site: Site,
    participant: str,
    *,
    trial: TrialDefinitions,
    actor: Callable[[str], Actor],
    request: Callable[[], str],
) -> None:
    """She is found eligible by the protocol's newest rule set, all of it today; readings are invented for that."""
    now, failure = site.clock.now(), trial.screening.failure_types[0].code
    rules = trial.menstrual_blood[-1]

    def by(person: str) -> Recording:
        return Recording(site=site, actor=actor(person), request_id=request(), participant=participant)

    coordinator, analyst, investigator = SCREENERS
    today = now.astimezone(ZoneInfo(site.founded.zone)).date()
    looked = PreScreened(
        on=today,
        recruited_by=trial.screening.recruited_by[0].code,
        failure_type=failure,
        goes_on=True,
        reasons=(),
    )
    screening.pre_screen(by(coordinator), looked)
    screening.collect_menstrual_blood(by(coordinator), _collected(now, site.founded.zone))
    screening.analyse_menstrual_blood(by(analyst), _analysed(now, rules))
    screening.decide_eligibility(
        by(investigator), eligible=True, reasons=(), failure_type=failure, wishes_to_conceive=True
    )


def _collected(now: datetime, zone: str) -> MenstrualSampleCollected:
    began = now - timedelta(hours=10)
    return MenstrualSampleCollected(
        number=0,
        last_menses=began.astimezone(ZoneInfo(zone)).date() - timedelta(days=1),
        menses_day=2,
        began_at=began,
        ended_at=now - timedelta(hours=4),
        device="cup",
        volume=Decimal("4.2"),
        weight=None,
        clots=False,
        medium="heparin",
        hormones=False,
        intrauterine_device=False,
        antibiotics=False,
        intercourse=False,
    )


def _analysed(now: datetime, rules: MenstrualBloodRuleSet) -> MenstrualSampleAnalysed:
    """An adequate sample in which every marker that has a limit lies outside it."""
    readings = []
    for marker in rules.markers:
        below = marker.low - 1 if marker.low is not None else None
        value = below if below is not None else (marker.high or Decimal(0)) + 1
        readings.append(Reading(code=marker.code, value=value, unit=marker.unit))
    return MenstrualSampleAnalysed(
        number=0,
        received_at=now - timedelta(hours=2),
        transport_temperature=Decimal("20.0"),
        preparation="density_gradient",
        cells=Decimal(2_400_000),
        viability=Decimal("86.0"),
        cd45_events=52_000,
        contamination=None,
        gate_version="rehearsal",
        fcs_sha256="",
        readings=tuple(readings),
        inadequate=(),
        adequacy_version="",
        rule_set="",
        abnormal=None,
        abnormal_markers=(),
        normalised=None,
        partial=None,
    )
