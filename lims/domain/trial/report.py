"""The report: every registered outcome by population, clock and denominator, each number with the list behind it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from lims.domain.master_batch_record import Frozen
from lims.domain.trial.course import Course
from lims.domain.trial.definitions import OutcomeDefinitions, TrialDefinitions
from lims.domain.trial.intervals import Estimate, difference, ratio, share
from lims.domain.trial.populations import OF_ARMS, Population, is_member
from lims.domain.trial.pregnancy_reading import UNCLASSIFIED
from lims.domain.trial.standing import (
    DENOMINATORS,
    PLACES,
    Clock,
    Denominator,
    Outcome,
    PersonReading,
    Standing,
    read_person,
)

POOLED = "pooled"
"""The group of all arms together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure(Frozen):
    """One number with everything behind it: trial codes by where each woman stands."""

    outcome: Outcome
    denominator: Denominator
    population: Population
    clock: Clock
    group: str
    """An arm's code, or `pooled`."""
    standing: Mapping[Standing, tuple[str, ...]]
    missing_stays: bool
    """A missing answer counts as no event."""

    @property
    def yes(self) -> int:
        """The numerator."""
        return len(self.standing[Standing.YES])

    @property
    def of(self) -> int:
        """The denominator."""
        missing = len(self.standing[Standing.MISSING]) if self.missing_stays else 0
        return self.yes + len(self.standing[Standing.NO]) + missing

    @property
    def pending(self) -> int:
        """Women whose follow-up or pregnancy is open: shown, and not in the rate."""
        return len(self.standing[Standing.PENDING]) + len(self.standing[Standing.PENDING_YES])

    @property
    def share(self) -> Estimate | None:
        """The rate with its Wilson interval."""
        return share(self.yes, self.of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Frozen):
    """One arm against another."""

    arm: str
    against: str
    difference: Estimate | None
    ratio: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Frozen):
    """One outcome of one population by one clock and denominator, a figure a group."""

    outcome: Outcome
    denominator: Denominator
    population: Population
    clock: Clock
    is_headline: bool
    """The protocol's own denominator; the others stand beside it."""
    figures: tuple[Figure, ...]
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SideRow(Frozen):
    """A row beside the rates that hides nothing: who is unclassified, or conceived before follow-up."""

    group: str
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Frozen):
    """Whom one figure of a table is about: an arm, or all arms together; `None` for the pool."""

    code: str
    arm: str | None
    receives_product: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Frozen):
    """All tables as known on a day, by the groups that the reader may see."""

    on: date
    tables: tuple[Table, ...]
    unclassified: Mapping[tuple[Population, Clock], tuple[SideRow, ...]]
    conceived_before: Mapping[Population, tuple[SideRow, ...]]

    def table(
        self, outcome: Outcome, *, population: Population, clock: Clock, denominator: Denominator
    ) -> Table:
        """The one table of that outcome, population, clock and denominator."""
        wanted = (outcome, population, clock, denominator)
        return next(
            one for one in self.tables if (one.outcome, one.population, one.clock, one.denominator) == wanted
        )


Split = Sequence[tuple[Group, Sequence[PersonReading]]]
"""The women of a population by group, each group in the order of trial codes."""


def headline(outcome: Outcome, rules: OutcomeDefinitions) -> Denominator:
    """The denominator that the protocol names first."""
    chosen = {
        Outcome.CLINICAL: rules.clinical_denominator,
        Outcome.ONGOING: rules.ongoing_denominator,
        Outcome.MISCARRIAGE: rules.miscarriage_denominator,
        Outcome.PRETERM: rules.preterm_denominator,
        Outcome.LIVE_BIRTH: rules.live_birth_denominator,
    }
    return Denominator(chosen[outcome]) if outcome in chosen else DENOMINATORS[outcome][0]


def read_everyone(
    courses: Iterable[Course], definitions: TrialDefinitions, *, on: date
) -> Mapping[Clock, tuple[PersonReading, ...]]:
    """Every woman who had an analysis or was randomised, read by each clock; randomised only by the second."""
    found: dict[Clock, list[PersonReading]] = {clock: [] for clock in Clock}
    for course in sorted(courses, key=lambda one: one.trial_id):
        if course.registered_on or course.randomisation:
            found[Clock.FOLLOW_UP].append(read_person(course, definitions, clock=Clock.FOLLOW_UP, on=on))
        if course.randomisation:
            found[Clock.RANDOMISATION].append(
                read_person(course, definitions, clock=Clock.RANDOMISATION, on=on)
            )
    return MappingProxyType({clock: tuple(readings) for clock, readings in found.items()})


def groups_of(arms: Sequence[tuple[str, bool]], *, by_arm: bool) -> tuple[Group, ...]:
    """The groups of the tables: each arm, those with product first, and the pool; or the pool alone."""
    pool = Group(code=POOLED, arm=None)
    if not by_arm:
        return (pool,)
    split = [Group(code=code, arm=code, receives_product=product) for code, product in arms]
    return (*sorted(split, key=lambda one: not one.receives_product), pool)


def report(
    readings: Mapping[Clock, tuple[PersonReading, ...]],
    definitions: TrialDefinitions,
    groups: Sequence[Group],
    *,
    on: date,
) -> Report:
    """The whole report: three populations by two clocks, and the women who were never randomised."""
    tables: list[Table] = []
    unclassified: dict[tuple[Population, Clock], tuple[SideRow, ...]] = {}
    conceived: dict[Population, tuple[SideRow, ...]] = {}
    wanted = [(population, clock) for population in OF_ARMS for clock in Clock]
    for population, clock in [*wanted, (Population.NOT_RANDOMISED, Clock.FOLLOW_UP)]:
        here = groups if population in OF_ARMS else [Group(code=POOLED, arm=None)]
        members = [
            one for one in readings[clock] if is_member(one.course, population, definitions.populations)
        ]
        split = [(group, [one for one in members if _in_group(one, group)]) for group in here]
        tables += _tables(split, population=population, clock=clock, rules=definitions.outcomes)
        unclassified[population, clock] = _side(split, lambda one: bool(one.flags & UNCLASSIFIED))
        if clock is Clock.FOLLOW_UP and population in OF_ARMS:
            conceived[population] = _side(split, lambda one: one.conceived_before_follow_up)
    return Report(
        on=on,
        tables=tuple(tables),
        unclassified=MappingProxyType(unclassified),
        conceived_before=MappingProxyType(conceived),
    )


def _tables(
    split: Split,
    *,
    population: Population,
    clock: Clock,
    rules: OutcomeDefinitions,
) -> Iterable[Table]:
    stood = [(group, _by_standing(members)) for group, members in split]
    for outcome, denominators in DENOMINATORS.items():
        first = headline(outcome, rules)
        for denominator in sorted(denominators, key=lambda one: one is not first):
            stays = denominator is Denominator.POPULATION and rules.missing == "kept_in_population"
            figures = tuple(
                Figure(
                    outcome=outcome,
                    denominator=denominator,
                    population=population,
                    clock=clock,
                    group=group.code,
                    standing=found[outcome, denominator],
                    missing_stays=stays,
                )
                for group, found in stood
            )
            yield Table(
                outcome=outcome,
                denominator=denominator,
                population=population,
                clock=clock,
                is_headline=denominator is first,
                figures=figures,
                comparisons=_compared([group for group, _ in split], figures),
            )


def _in_group(reading: PersonReading, group: Group) -> bool:
    chance = reading.course.randomisation
    return group.arm is None or (chance is not None and chance.arm == group.arm)


def _by_standing(
    members: Sequence[PersonReading],
) -> Mapping[tuple[Outcome, Denominator], Mapping[Standing, tuple[str, ...]]]:
    """Trial codes by place and standing; one walk over the women, for there may be ten thousand."""
    found: list[dict[Standing, list[str]]] = [{standing: [] for standing in Standing} for _ in PLACES]
    for one in members:
        code = one.course.trial_id
        for lists, standing in zip(found, one.standings, strict=True):
            lists[standing].append(code)
    return {
        place: MappingProxyType({standing: tuple(codes) for standing, codes in lists.items()})
        for place, lists in zip(PLACES, found, strict=True)
    }


def _compared(groups: Sequence[Group], figures: Sequence[Figure]) -> tuple[Comparison, ...]:
    """Every arm with product against every arm without."""
    by_arm = [(group, figure) for group, figure in zip(groups, figures, strict=True) if group.arm]
    return tuple(
        Comparison(
            arm=group.code,
            against=other.code,
            difference=difference(figure.yes, figure.of, beside.yes, beside.of),
            ratio=ratio(figure.yes, figure.of, beside.yes, beside.of),
        )
        for group, figure in by_arm
        for other, beside in by_arm
        if group.receives_product and not other.receives_product
    )


def _side(split: Split, stands: Callable[[PersonReading], bool]) -> tuple[SideRow, ...]:
    return tuple(
        SideRow(group=group.code, people=tuple(one.course.trial_id for one in members if stands(one)))
        for group, members in split
    )
