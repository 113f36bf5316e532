"""A participant's way to randomisation in a rehearsal: pre-screened, menstrual blood taken and analysed, eligible."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from lims.actions.site import Site
from lims.actions.work import Actor
from lims.domain.quantities import plain
from lims.domain.trial.definitions import MarkerRule, TrialDefinitions
from lims.rehearsal import seen_screening

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
    zone = ZoneInfo(site.founded.zone)
    began = now - timedelta(hours=10)
    coordinator, analyst, investigator = map(actor, SCREENERS)
    seen_screening.pre_screen(
        site,
        coordinator,
        request(),
        participant=participant,
        on=now.astimezone(zone).date(),
        recruited_by=trial.screening.recruited_by[0].code,
        failure_type=failure,
    )
    seen_screening.collect_menstrual_blood(
        site,
        coordinator,
        request(),
        participant=participant,
        last_menses=began.astimezone(zone).date() - timedelta(days=1),
        menses_day=2,
        began_at=began,
        ended_at=now - timedelta(hours=4),
        volume="4.2",
    )
    seen_screening.analyse_menstrual_blood(
        site,
        analyst,
        request(),
        participant=participant,
        received_at=now - timedelta(hours=2),
        transport_temperature="20.0",
        cells="2400000",
        viability="86.0",
        cd45_events=52_000,
        readings={marker.code: _outside(marker) for marker in trial.menstrual_blood[-1].markers},
    )
    seen_screening.decide_eligibility(
        site, investigator, request(), participant=participant, eligible=True, failure_type=failure
    )


def _outside(marker: MarkerRule) -> str:
    """A value outside the marker's range, if it has one."""
    return plain(marker.low - 1 if marker.low is not None else (marker.high or Decimal(0)) + 1)
