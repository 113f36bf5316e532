"""Screening and the planning of rounds, as a rehearsal calls them: digits as they are typed, answers as they are given.

What the page brings is read here as well: units stand in the rule set, the number of a sample in her record.
"""

from datetime import date, datetime
from decimal import Decimal

from lims.actions import screening
from lims.actions.screening import Recording
from lims.actions.site import Site
from lims.actions.work import Actor, Outcome
from lims.domain.entered import entered_amount
from lims.domain.entries.screening import (
    MenstrualSampleAnalysed,
    MenstrualSampleCollected,
    MenstrualSampleMissed,
    PregnancyTested,
    PreScreened,
    Reading,
)
from lims.domain.trial.course import NotAssessable
from lims.queries.screening import Screening
from lims.queries.screening import screening as on_the_page
from lims.rehearsal.eyes import reader_of


def _by(site: Site, actor: Actor, request_id: str, participant: str) -> Recording:
    return Recording(site=site, actor=actor, request_id=request_id, participant=participant)


def _or_none(raw: str, *, field: str) -> Decimal | None:
    return entered_amount(raw, field=field) if raw else None


def pre_screen(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    participant: str,
    on: date,
    recruited_by: str,
    failure_type: str,
    goes_on: bool = True,
    reasons: tuple[str, ...] = (),
) -> Outcome:
    """The first look at her; `reasons` are why she does not go on."""
    fact = PreScreened(
        on=on, recruited_by=recruited_by, failure_type=failure_type, goes_on=goes_on, reasons=reasons
    )
    return screening.pre_screen(_by(site, actor, request_id, participant), fact)


def collect_menstrual_blood(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    participant: str,
    last_menses: date,
    menses_day: int,
    began_at: datetime,
    ended_at: datetime,
    volume: str,
    device: str = "cup",
    weight: str = "",
    medium: str = "heparin",
    clots: bool = False,
    hormones: bool = False,
    intrauterine_device: bool = False,
    antibiotics: bool = False,
    intercourse: bool = False,
) -> Outcome:
    """Menstrual blood was taken, `volume` in mL and `weight` in g; what was asked then is false unless it is said."""
    fact = MenstrualSampleCollected(
        number=0,
        last_menses=last_menses,
        menses_day=menses_day,
        began_at=began_at,
        ended_at=ended_at,
        device=device,
        volume=entered_amount(volume, field="volume"),
        weight=_or_none(weight, field="weight"),
        clots=clots,
        medium=medium,
        hormones=hormones,
        intrauterine_device=intrauterine_device,
        antibiotics=antibiotics,
        intercourse=intercourse,
    )
    return screening.collect_menstrual_blood(_by(site, actor, request_id, participant), fact)


def analyse_menstrual_blood(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    participant: str,
    received_at: datetime,
    cells: str,
    viability: str,
    cd45_events: int,
    readings: dict[str, str],
    preparation: str = "density_gradient",
    transport_temperature: str = "",
    contamination: str = "",
    gate_version: str = "rehearsal",
    fcs_sha256: str = "",
    number: int | None = None,
    why: str = "",
) -> Outcome:
    """`readings` are the markers of the rule set; the sample that waits is meant, or one whose number is given."""
    seen = on_the_page(reader_of(site, actor), participant)
    units = {marker.code: marker.unit for marker in seen.markers}
    fact = MenstrualSampleAnalysed(
        number=_waiting(seen) if number is None else number,
        received_at=received_at,
        transport_temperature=_or_none(transport_temperature, field="transport_temperature"),
        preparation=preparation,
        cells=entered_amount(cells, field="cells"),
        viability=entered_amount(viability, field="viability"),
        cd45_events=cd45_events,
        contamination=_or_none(contamination, field="contamination"),
        gate_version=gate_version,
        fcs_sha256=fcs_sha256,
        readings=tuple(
            Reading(code=marker, value=entered_amount(raw, field=f"marker-{marker}"), unit=units[marker])
            for marker, raw in _known(readings, units).items()
        ),
        inadequate=(),
        adequacy_version="",
        rule_set="",
        abnormal=None,
        abnormal_markers=(),
        normalised=None,
        partial=None,
    )
    return screening.analyse_menstrual_blood(_by(site, actor, request_id, participant), fact, why=why)


def _waiting(seen: Screening) -> int:
    waiting = seen.participant.screening.to_analyse
    return waiting.number if waiting else max(seen.participant.screening.samples, default=0)


def _known(readings: dict[str, str], units: dict[str, str]) -> dict[str, str]:
    """The page has a field for each marker of the rule set and for no other."""
    if unknown := sorted(readings.keys() - units):
        raise ValueError(f"{', '.join(unknown)} is no marker of her rule set; it has {', '.join(units)}")
    return readings


def miss_menstrual_blood(
    site: Site, actor: Actor, request_id: str, *, participant: str, due_on: date, why: NotAssessable
) -> Outcome:
    """A planned sample was not taken, or can never be judged."""
    fact = MenstrualSampleMissed(number=0, due_on=due_on, why=why)
    return screening.miss_menstrual_blood(_by(site, actor, request_id, participant), fact)


def decide_eligibility(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    participant: str,
    eligible: bool,
    failure_type: str,
    wishes_to_conceive: bool = True,
    reasons: tuple[str, ...] = (),
) -> Outcome:
    """The investigator decides; `reasons` are those beside the criteria that she does not meet."""
    return screening.decide_eligibility(
        _by(site, actor, request_id, participant),
        eligible=eligible,
        reasons=reasons,
        failure_type=failure_type,
        wishes_to_conceive=wishes_to_conceive,
    )


def record_pregnancy_test(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    participant: str,
    on: date,
    positive: bool,
    sample: str = "urine",
) -> Outcome:
    """A pregnancy test, of urine or blood."""
    fact = PregnancyTested(on=on, sample=sample, positive=positive)
    return screening.record_pregnancy_test(_by(site, actor, request_id, participant), fact)


def plan_round(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    participant: str,
    number: int,
    last_menses: date,
    cycle_day: int,
) -> Outcome:
    """The day of a round by her cycle."""
    return screening.plan_round(
        _by(site, actor, request_id, participant), number=number, last_menses=last_menses, cycle_day=cycle_day
    )


def cancel_round(
    site: Site, actor: Actor, request_id: str, *, participant: str, number: int, on: date, reason: str
) -> Outcome:
    """A planned round is called off."""
    return screening.cancel_round(
        _by(site, actor, request_id, participant), number=number, on=on, reason=reason
    )


def end_rounds(
    site: Site, actor: Actor, request_id: str, *, participant: str, on: date, reason: str
) -> Outcome:
    """It is decided that no further round follows."""
    return screening.end_rounds(_by(site, actor, request_id, participant), on=on, reason=reason)


def record_protocol_deviation(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    participant: str,
    on: date,
    code: str,
    major: bool,
    story: str,
) -> Outcome:
    """A departure from the study protocol, told in words."""
    return screening.record_protocol_deviation(
        _by(site, actor, request_id, participant), on=on, code=code, major=major, story=story
    )
