"""What is on file about a woman's screening and the planning of her rounds; folded from her stream."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from types import MappingProxyType

from lims.domain.entries.envelope import Entry
from lims.domain.entries.screening import (
    EligibilityDecided,
    MenstrualSampleAnalysed,
    MenstrualSampleCollected,
    MenstrualSampleMissed,
    NoFurtherRound,
    PregnancyTested,
    PreScreened,
    ProtocolDeviationRecorded,
    RoundCancelled,
    RoundPlanned,
)
from lims.domain.refusals import Refused
from lims.domain.trial.nk_analysis import Values


@dataclass(frozen=True, slots=True, kw_only=True)
class MenstrualSample:
    """One planned sample of menstrual blood: taken and analysed, or why not."""

    number: int
    collected: MenstrualSampleCollected | None = None
    analysed: MenstrualSampleAnalysed | None = None
    analysed_seq: int | None = None
    missed: MenstrualSampleMissed | None = None

    @property
    def values(self) -> Values:
        """What was measured."""
        readings = self.analysed.readings if self.analysed else ()
        return MappingProxyType({one.code: one.value for one in readings})

    @property
    def on(self) -> date | None:
        """The day of bleeding on which it was taken, or the day on which it was due."""
        if self.collected:
            return self.collected.last_menses + timedelta(days=self.collected.menses_day - 1)
        return self.missed.due_on if self.missed else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """Pre-screening, samples, eligibility; tests, plans and cancellations of her rounds."""

    pre_screened: PreScreened | None = None
    samples: Mapping[int, MenstrualSample] = field(default_factory=lambda: MappingProxyType({}))
    eligibility: EligibilityDecided | None = None
    tests: tuple[PregnancyTested, ...] = ()
    """By day; of one day in the order of entry."""
    plans: Mapping[int, RoundPlanned] = field(default_factory=lambda: MappingProxyType({}))
    cancelled: tuple[RoundCancelled, ...] = ()
    no_further: NoFurtherRound | None = None
    deviations: tuple[ProtocolDeviationRecorded, ...] = ()

    @property
    def baseline(self) -> MenstrualSample | None:
        """MB-0, once an adequate sample of it was analysed."""
        first = self.samples.get(0)
        return first if first and first.analysed and not first.analysed.inadequate else None

    @property
    def next_sample(self) -> int:
        """The number of the next sample: the baseline is taken again until one is adequate."""
        return max(self.samples) + 1 if self.baseline else 0

    @property
    def to_analyse(self) -> MenstrualSample | None:
        """The sample that was taken and waits for its analysis."""
        waiting = (one for one in self.samples.values() if one.collected and not one.analysed)
        return next(waiting, None)

    @property
    def last_test(self) -> PregnancyTested | None:
        """The newest pregnancy test."""
        return self.tests[-1] if self.tests else None


def after(screened: Screened, entry: Entry) -> Screened:
    """What is known after one more entry; facts of other subjects change nothing."""
    match entry.fact:
        case PreScreened() as fact:
            return replace(screened, pre_screened=fact)
        case EligibilityDecided() as fact:
            return replace(screened, eligibility=fact)
        case PregnancyTested() as fact:
            tests = sorted((*screened.tests, fact), key=lambda one: one.on)
            return replace(screened, tests=tuple(tests))
        case RoundPlanned() as fact:
            return replace(screened, plans=MappingProxyType({**screened.plans, fact.round: fact}))
        case RoundCancelled() as fact:
            plans = {number: plan for number, plan in screened.plans.items() if number != fact.round}
            return replace(screened, cancelled=(*screened.cancelled, fact), plans=MappingProxyType(plans))
        case NoFurtherRound() as fact:
            return replace(screened, no_further=fact)
        case ProtocolDeviationRecorded() as fact:
            return replace(screened, deviations=(*screened.deviations, fact))
        case _:
            return _after_sample(screened, entry)


def _after_sample(screened: Screened, entry: Entry) -> Screened:
    match entry.fact:
        case MenstrualSampleCollected() as fact:
            sample = MenstrualSample(number=fact.number, collected=fact)
        case MenstrualSampleAnalysed() as fact:
            sample = replace(_sample(screened, fact.number), analysed=fact, analysed_seq=entry.seq)
        case MenstrualSampleMissed() as fact:
            sample = replace(_sample(screened, fact.number), missed=fact)
        case _:
            return screened
    return replace(screened, samples=MappingProxyType({**screened.samples, sample.number: sample}))


def _sample(screened: Screened, number: int) -> MenstrualSample:
    return screened.samples.get(number, MenstrualSample(number=number))


def check_not_pregnant(screened: Screened) -> None:
    """No pregnancy at a collection or a perfusion (domain 1.3): a positive test stops until a later one is negative."""
    last = screened.last_test
    if last is not None and last.positive:
        raise Refused("round.pregnant", on=last.on.isoformat())


def check_tested(screened: Screened, *, today: date, within_days: int | None) -> None:
    """A negative pregnancy test, not older than the protocol asks for, is on file before blood is collected."""
    check_not_pregnant(screened)
    last = screened.last_test
    if within_days is not None and (last is None or (today - last.on).days > within_days):
        raise Refused("round.pregnancy_test", days=within_days)


def check_goes_on(screened: Screened) -> None:
    """Nobody decided that no further round follows."""
    if screened.no_further:
        raise Refused("round.no_further", on=screened.no_further.on.isoformat())
