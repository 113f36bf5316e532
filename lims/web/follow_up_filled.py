"""A form of follow-up as it was once filled in, for the correction of what it recorded."""

from datetime import date
from typing import Any

from lims.domain.entries.follow_up import (
    AdverseEventFollowed,
    AdverseEventRecorded,
    AdverseEventReported,
    Assessed,
    ConceptionAttemptRecorded,
    ContactRecorded,
    FollowUpFact,
    LostToFollowUp,
    PregnancyDated,
    PregnancyEnded,
    PregnancyFound,
    UltrasoundRecorded,
    VisitRecorded,
)
from lims.domain.quantities import plain
from lims.domain.trial.gestation import weeks_and_days
from lims.queries.follow_up import FollowUp
from lims.web import filters

Asked = tuple[str, dict[str, Any]]
"""An act and the values of its form."""


def filled(page: FollowUp, fact: FollowUpFact) -> Asked:
    """The form as it was once filled in, for its correction."""
    match fact:
        case VisitRecorded():
            return "record_visit", {
                "visit": fact.visit,
                "on": _day(fact.on),
                "done": _yes(fact.done),
                "how": fact.how,
                "notes": page.said(fact.notes),
            }
        case ContactRecorded():
            return "record_contact", {
                "on": _day(fact.on),
                "how": fact.how,
                "reached": _yes(fact.reached),
                "notes": page.said(fact.notes),
            }
        case LostToFollowUp():
            return "declare_lost", {"on": _day(fact.on)}
        case ConceptionAttemptRecorded():
            values = {"on": _day(fact.on), "trying": _yes(fact.trying), "how": fact.how.value}
            return "record_conception_attempt", values
        case AdverseEventRecorded() | AdverseEventFollowed() | AdverseEventReported():
            return _filled_event(page, fact)
        case _:
            return _filled_pregnancy(page, fact)


def _filled_pregnancy(
    page: FollowUp, fact: PregnancyFound | PregnancyDated | UltrasoundRecorded | PregnancyEnded
) -> Asked:
    number = {"pregnancy": str(fact.pregnancy)}
    match fact:
        case PregnancyFound():
            return "find_pregnancy", {
                "found_on": _day(fact.found_on),
                "test": fact.test,
                "conception": fact.conception.value,
                "dated_by": fact.dated_by.value if fact.dated_by else "",
                "dated_on": _day(fact.dated_on),
                "embryo_days": str(fact.embryo_days or ""),
            }
        case PregnancyDated():
            return "date_pregnancy", number | {
                "dated_by": fact.dated_by.value,
                "dated_on": _day(fact.dated_on),
                "embryo_days": str(fact.embryo_days or ""),
            }
        case UltrasoundRecorded():
            seen = {f"heartbeat_{one.fetus.lower()}": _seen(one.heartbeat) for one in fact.fetuses}
            seen |= {f"size_{one.fetus.lower()}": _seen(one.size_consistent) for one in fact.fetuses}
            crown_rump = plain(fact.crown_rump_mm) if fact.crown_rump_mm is not None else ""
            return "record_ultrasound", number | seen | {
                "on": _day(fact.on),
                "sacs_in_uterus": str(fact.sacs_in_uterus),
                "sac_elsewhere": _yes(fact.sac_elsewhere),
                "measured": weeks_and_days(fact.measured_days) if fact.measured_days is not None else "",
                "crown_rump": crown_rump,
                "notes": page.said(fact.notes),
            }
        case PregnancyEnded():
            told = {f"fate_{one.fetus.lower()}": one.fate.value for one in fact.fates}
            told |= {f"weight_{one.fetus.lower()}": str(one.weight_g or "") for one in fact.fates}
            return "end_pregnancy", number | told | {
                "on": _day(fact.on),
                "end": fact.end.value,
                "onset": fact.onset.value if fact.onset else "",
                "notes": page.said(fact.notes),
            }


def _filled_event(
    page: FollowUp, fact: AdverseEventRecorded | AdverseEventFollowed | AdverseEventReported
) -> Asked:
    match fact:
        case AdverseEventRecorded():
            return "record_adverse_event", _judged(fact.judged) | {
                "term": fact.term,
                "began_on": _day(fact.began_on),
                "known_at": f"{filters.moment(fact.known_at):%Y-%m-%d %H:%M}",
                "batch": fact.batch or "",
                "story": page.said(fact.story),
            }
        case AdverseEventFollowed():
            return "follow_adverse_event", _judged(fact.judged) | {
                "event": str(fact.event),
                "known_at": f"{filters.moment(fact.known_at):%Y-%m-%d %H:%M}",
                "story": page.said(fact.story),
            }
        case AdverseEventReported():
            return "report_adverse_event", {
                "report": f"{fact.event}:{fact.report}",
                "sent_at": f"{filters.moment(fact.sent_at):%Y-%m-%d %H:%M}",
                "to": fact.to,
                "reference": fact.reference,
            }


def _judged(judged: Assessed) -> dict[str, Any]:
    return {
        "grade": str(judged.grade),
        "criteria": list(judged.criteria),
        "causality": judged.causality,
        "expected": _yes(judged.expected),
        "outcome": judged.outcome,
        "ended_on": _day(judged.ended_on),
    }


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _seen(value: bool | None) -> str:
    return "unknown" if value is None else _yes(value)
