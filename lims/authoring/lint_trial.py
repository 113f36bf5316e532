"""Lint of what the trial itself goes by: lists of codes, rule sets of menstrual blood, days in their order."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from lims.authoring.findings import Finding, Place, finding
from lims.authoring.lint_structure import lint_codes, lint_words
from lims.domain.protocol import StudyProtocol
from lims.domain.trial.definitions import (
    EventTerm,
    MenstrualBloodRuleSet,
    OutcomeDefinitions,
    ReportingDeadline,
    TrialDefinitions,
)
from lims.domain.trial.screening_rules import Coded


def lint_trial(protocol: StudyProtocol) -> Iterator[Finding]:
    """Every fault of the trial's definitions."""
    trial = protocol.trial
    yield from _lint_lists(trial)
    scope = trial.screening.sample_scope
    if scope and scope not in {one.code for one in protocol.consent_scopes}:
        place = ("trial", "screening", "sample_scope")
        yield finding(place, "“{code}” is no scope of consent.", code=scope[:60])
    for at, rules in enumerate(trial.menstrual_blood):
        yield from _lint_rule_set(rules, ("trial", "menstrual_blood", at))
    versions = [rules.version for rules in trial.menstrual_blood]
    for at, version in enumerate(versions):
        if version in versions[:at]:
            twice = ("trial", "menstrual_blood", at, "version")
            yield finding(twice, "The version “{version}” is used twice.", version=version[:60])
    yield from _lint_outcomes(trial.outcomes)
    yield from _lint_spans(trial)
    yield from _lint_follow_up(trial)


def _lint_lists(trial: TrialDefinitions) -> Iterator[Finding]:
    lists: dict[Place, Sequence[Coded | ReportingDeadline | EventTerm]] = {
        ("trial", "screening", "recruited_by"): trial.screening.recruited_by,
        ("trial", "screening", "failure_types"): trial.screening.failure_types,
        ("trial", "screening", "not_eligible"): trial.screening.not_eligible,
        ("trial", "screening", "deviations"): trial.screening.deviations,
        ("trial", "rounds", "cancelled"): trial.rounds.cancelled,
        ("trial", "rounds", "no_further"): trial.rounds.no_further,
        ("trial", "safety", "deadlines"): trial.safety.deadlines,
        ("trial", "safety", "terms"): trial.safety.terms,
    }
    for place, listed in lists.items():
        yield from lint_codes([one.code for one in listed], place)
        for at, one in enumerate(listed):
            yield from lint_words(one.title, (*place, at, "title"))


def _lint_rule_set(rules: MenstrualBloodRuleSet, place: Place) -> Iterator[Finding]:
    yield from lint_codes([marker.code for marker in rules.markers], (*place, "markers"))
    judging = [marker for marker in rules.markers if marker.judges]
    if not judging:
        yield finding((*place, "markers"), "A rule set judges at least one marker: none has a limit.")
    for at, marker in enumerate(rules.markers):
        here = (*place, "markers", at)
        yield from lint_words(marker.title, (*here, "title"))
        if marker.low is not None and marker.high is not None and marker.low >= marker.high:
            yield finding(here, "The lower limit of “{code}” is not below the upper one.", code=marker.code)
    if rules.combination == "k_of_n" and not 1 <= rules.at_least <= len(judging):
        place_ = (*place, "at_least")
        yield finding(place_, "“at_least” lies between 1 and the number of markers that have a limit.")
    if not 1 <= rules.confirm_cycles <= 6:
        yield finding((*place, "confirm_cycles"), "“confirm_cycles” lies between 1 and 6.")


def _lint_outcomes(outcomes: OutcomeDefinitions) -> Iterator[Finding]:
    rising = (
        ("clinical_from_day", "clinical_to_day"),
        ("clinical_to_day", "ongoing_from_day"),
        ("preterm_from_day", "preterm_before_day"),
    )
    for low, high in rising:
        if getattr(outcomes, low) >= getattr(outcomes, high):
            place = ("trial", "outcomes", high)
            yield finding(place, "“{high}” must come after “{low}”.", high=high, low=low)


def _lint_spans(trial: TrialDefinitions) -> Iterator[Finding]:
    ranges = {
        ("adequacy", "menses_day_first"): (1, 10),
        ("adequacy", "menses_day_last"): (trial.adequacy.menses_day_first, 10),
        ("adequacy", "transport_hours_most"): (1, 168),
        ("adequacy", "viability_least"): (0, 100),
        ("follow_up", "months"): (1, 60),
        ("follow_up", "contact_within_days"): (0, 366),
        ("follow_up", "tries_before_lost"): (1, 20),
        ("rounds", "cycle_day"): (1, 60),
    }
    if trial.rounds.test_before_batch_days is not None:
        ranges["rounds", "test_before_batch_days"] = (0, 60)
    for (part, field), (least, most) in ranges.items():
        if not least <= getattr(getattr(trial, part), field) <= most:
            yield finding(
                ("trial", part, field),
                "“{field}” lies between {least} and {most}.",
                field=field,
                least=str(least),
                most=str(most),
            )
    if not Decimal(0) < trial.improvement.partial_share <= Decimal(1):
        yield finding(
            ("trial", "improvement", "partial_share"), "A share lies above 0 and reaches 1 at the most."
        )


def _lint_follow_up(trial: TrialDefinitions) -> Iterator[Finding]:
    visits = trial.follow_up.visits
    for at, visit in enumerate(visits):
        place = ("trial", "follow_up", "visits", at)
        yield from lint_words(visit.title, (*place, "title"))
        if visit.code in [one.code for one in visits[:at]]:
            code = visit.code[:60]
            yield finding((*place, "code"), "The code “{code}” is used twice.", code=code)
        if not 0 < visit.months <= trial.follow_up.months:
            yield finding((*place, "months"), "The visit “{code}” lies outside follow-up.", code=visit.code)
        for field in ("days_before", "days_after"):
            if not 0 <= getattr(visit, field) <= 366:
                yield finding(
                    (*place, field),
                    "“{field}” lies between {least} and {most}.",
                    field=field,
                    least="0",
                    most="366",
                )
    for at, deadline in enumerate(trial.safety.deadlines):
        if deadline.hours < 1:
            hours = ("trial", "safety", "deadlines", at, "hours")
            yield finding(
                hours, "The report “{code}” is due after an hour at the earliest.", code=deadline.code
            )
