"""The report in words: what each outcome means with the protocol's own ages, and each setting beside its number."""

from collections.abc import Mapping
from dataclasses import dataclass

from lims.documents.charts import Say
from lims.documents.charts_products import hundredths
from lims.documents.trial_words import DENOMINATORS, OUTCOMES, POOLED, SETTINGS
from lims.domain.protocol import StudyProtocol
from lims.domain.trial.definitions import TrialDefinitions
from lims.domain.trial.gestation import weeks_and_days
from lims.domain.trial.intervals import Estimate
from lims.domain.trial.report import POOLED as POOLED_GROUP
from lims.domain.trial.report import Comparison, headline
from lims.domain.trial.standing import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One named choice of the protocol, with its value in words."""

    name: str
    value: str


def terms_of(protocol: StudyProtocol, language: str, _: Say) -> Mapping[str, str]:
    """Names of groups, reasons and attributes in the reader's language; a code without one stands for itself."""
    arms = {arm.code: arm.title.read_in(language) for arm in protocol.arms}
    coded = {
        "undecided": _("not decided yet"),
        "nk_normal": _("menstrual-blood NK cells normal"),
        "viability": _("viability"),
        "cd56": "CD56+",
    }
    reasons = {one.code: one.title.read_in(language) for one in protocol.trial.screening.not_eligible}
    return {**coded, **reasons, **arms, POOLED_GROUP: _(POOLED)}


def definition(outcome: Outcome, definitions: TrialDefinitions, _: Say) -> str:
    """What an outcome means, with the protocol's own gestational ages."""
    rules = definitions.outcomes
    return _(OUTCOMES[outcome][1]).format(
        ongoing=weeks_and_days(rules.ongoing_from_day),
        clinical_from=weeks_and_days(rules.clinical_from_day),
        clinical_to=weeks_and_days(rules.clinical_to_day),
        miscarriage=weeks_and_days(rules.miscarriage_before_day),
        preterm_from=weeks_and_days(rules.preterm_from_day),
        preterm_to=weeks_and_days(rules.preterm_before_day),
        live_birth=weeks_and_days(rules.live_birth_from_day),
    )


def settings_in_words(outcome: Outcome, definitions: TrialDefinitions, _: Say) -> tuple[Setting, ...]:
    """The choices that an outcome depends on where the registered text is silent or overlaps."""
    rules, improvement = definitions.outcomes, definitions.improvement
    own: dict[Outcome, tuple[tuple[str, str], ...]] = {
        Outcome.CLINICAL: (("late_first_scan", rules.late_first_scan),),
        Outcome.MISCARRIAGE: (
            ("termination", rules.termination),
            ("born_alive_before_limit", rules.born_alive_before_limit),
        ),
        Outcome.PRETERM: (("preterm_counts", rules.preterm_counts),),
        Outcome.IMPROVEMENT: (
            ("judged_by", improvement.judged_by),
            ("over_time", improvement.over_time),
        ),
    }
    chosen = [*own.get(outcome, ()), ("missing", rules.missing)]
    told = [Setting(name=name, value=_(SETTINGS[value])) for name, value in chosen]
    first = _(DENOMINATORS[headline(outcome, rules)])
    version = improvement.version if outcome is Outcome.IMPROVEMENT else rules.version
    return (
        Setting(name="headline", value=first),
        *told,
        Setting(name="months", value=str(definitions.follow_up.months)),
        Setting(name="contact_within_days", value=str(definitions.follow_up.contact_within_days)),
        Setting(name="version", value=version),
    )


def compared(one: Comparison, _: Say) -> tuple[str, str]:
    """Risk difference in percentage points and risk ratio, each with its interval."""
    return _points(one.difference, _), _ratio(one.ratio, _)


def _points(found: Estimate | None, _: Say) -> str:
    if found is None:
        return _("n/a")
    value, low, high = (hundredths(each) for each in (found.value, found.low, found.high))
    return _("{value} points ({low} to {high})").format(value=value, low=low, high=high)


def _ratio(found: Estimate | None, _: Say) -> str:
    if found is None:
        return _("n/a")
    value, low, high = (format(each, ".2f") for each in (found.value, found.low, found.high))
    return f"{value} ({low}–{high})"
