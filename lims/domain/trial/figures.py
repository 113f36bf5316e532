"""All figures of the trial as known on a day: what the page and the paper show, by arm or pooled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lims.domain.protocol import StudyProtocol
from lims.domain.trial.course import Course
from lims.domain.trial.definitions import TrialDefinitions
from lims.domain.trial.enrolment import Enrolment, enrolment
from lims.domain.trial.flow import Flow, flow
from lims.domain.trial.lanes import Lane, lanes
from lims.domain.trial.pregnancy_reading import Flag
from lims.domain.trial.products import (
    Made,
    RoundResult,
    Success,
    Times,
    made,
    round_results,
    success,
    times,
)
from lims.domain.trial.report import Group, Report, groups_of, read_everyone, report
from lims.domain.trial.standing import Clock, PersonReading


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything that the page and the paper show, as known on a day."""

    on: date
    protocol: StudyProtocol
    definitions: TrialDefinitions
    locked: bool
    by_arm: bool
    """The report is split by arm, and outcomes stand beside persons."""
    may_see_by_arm: bool
    courses: tuple[Course, ...]
    readings: Mapping[Clock, tuple[PersonReading, ...]]
    groups: tuple[Group, ...]
    """Arms, with product first, and the pool; whether or not the report is split by them."""
    report: Report
    flow: Flow
    enrolment: Enrolment
    batches: tuple[Made, ...]
    success: tuple[Success, ...]
    times: Times
    results: tuple[RoundResult, ...]
    """Rounds beside what followed; empty where outcomes by person are not shown."""

    @property
    def flagged(self) -> Mapping[Flag, tuple[str, ...]]:
        """For each flag the trial codes of the women it stands for, by the clock of follow-up."""
        told: dict[Flag, list[str]] = {}
        for reading in self.readings[Clock.FOLLOW_UP]:
            for flag in reading.flags:
                told.setdefault(flag, []).append(reading.course.trial_id)
        return {flag: tuple(told[flag]) for flag in Flag if flag in told}

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The lanes of the swimmer plot."""
        return lanes(self.readings[Clock.FOLLOW_UP], on=self.on, with_pregnancies=self.by_arm)


def compose(
    everyone: Sequence[Course], protocol: StudyProtocol, *, on: date, locked: bool, by_arm: bool, may: bool
) -> Figures:
    """The figures of these courses under a protocol."""
    definitions = protocol.trial
    readings = read_everyone(everyone, definitions, on=on)
    groups = groups_of([(arm.code, arm.receives_product) for arm in protocol.arms], by_arm=True)
    followed = readings[Clock.FOLLOW_UP]
    batches = made(everyone)
    return Figures(
        on=on,
        protocol=protocol,
        definitions=definitions,
        locked=locked,
        by_arm=by_arm,
        may_see_by_arm=may,
        courses=tuple(everyone),
        readings=readings,
        groups=groups,
        report=report(readings, definitions, groups if by_arm else groups[-1:], on=on),
        flow=flow(everyone, followed, groups, on=on),
        enrolment=enrolment(everyone, definitions.enrolment, on=on),
        batches=batches,
        success=success(batches),
        times=times(batches),
        results=round_results(followed, definitions) if by_arm else (),
    )
