"""Improvement of menstrual-blood NK cells within a window, against her own baseline (domain 5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lims.domain.master_batch_record import Frozen
from lims.domain.trial.course import Course, NkAnalysis, NotAssessable
from lims.domain.trial.definitions import ImprovementDefinition
from lims.domain.trial.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class ImprovementReading(Frozen):
    """How her follow-up samples in the window are judged together."""

    improved: bool | None
    """None when no sample, or too few for `sustained`, could be judged."""
    pregnant: bool
    """Pregnant in the window: a sample could not be taken, which is never 'not improved'."""
    why_not: tuple[NotAssessable, ...]
    """Codes of the samples that could not be judged."""
    days_to: int | None = None
    """From the start of the window to the first improved sample."""
    days_lasting: int | None = None
    """From the first improved sample to the last one before a sample that is not improved."""


def improvement(
    course: Course, window: Window | None, definition: ImprovementDefinition
) -> ImprovementReading:
    """Improvement in the window; outside any window nothing is judged."""
    if window is None:
        return ImprovementReading(improved=None, pregnant=False, why_not=())
    samples = sorted(
        (one for one in course.analyses if one.number > 0 and one.on in window),
        key=lambda one: (one.on, one.number),
    )
    judged = [(one.on, verdict) for one in samples if (verdict := _verdict(one, definition)) is not None]
    why_not = tuple(one.not_assessable for one in samples if one.not_assessable)
    found = any(one.found_on in window for one in course.pregnancies)
    days_to, lasting = _how_long(judged, window.start)
    return ImprovementReading(
        improved=_together([verdict for _, verdict in judged], definition),
        pregnant=found or NotAssessable.PREGNANT in why_not,
        why_not=why_not,
        days_to=days_to,
        days_lasting=lasting,
    )


def _verdict(analysis: NkAnalysis, definition: ImprovementDefinition) -> bool | None:
    if analysis.not_assessable:
        return None
    return analysis.normalised if definition.judged_by == "normalised" else analysis.partial


def _together(verdicts: Sequence[bool], definition: ImprovementDefinition) -> bool | None:
    match definition.over_time:
        case "any":
            return any(verdicts) if verdicts else None
        case "last":
            return verdicts[-1] if verdicts else None
        case "sustained":
            return _sustained(verdicts, definition.sustained_samples)


def _sustained(verdicts: Sequence[bool], least: int) -> bool | None:
    """So many improved samples one after another; with fewer than that in all, nobody can say."""
    if len(verdicts) < least:
        return None
    return any(all(verdicts[at : at + least]) for at in range(len(verdicts) - least + 1))


def _how_long(judged: Sequence[tuple[date, bool]], start: date) -> tuple[int | None, int | None]:
    first = next((at for at, (_, improved) in enumerate(judged) if improved), None)
    if first is None:
        return None, None
    last = first
    while last + 1 < len(judged) and judged[last + 1][1]:
        last += 1
    begun = judged[first][0]
    return (begun - start).days, (judged[last][0] - begun).days
