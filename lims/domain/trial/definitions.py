"""What the protocol says the trial's figures mean: data of the approved protocol, one default per setting.

Where the registered text (NCT07230574) is silent or overlaps, the choice stands here under a name, and is printed
beside every number that depends on it. Gestational ages are completed days: 28 weeks + 0 days is 196.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from lims.domain.master_batch_record import Frozen, Words
from lims.domain.trial.screening_rules import RoundRules, ScreeningRules

Combination = Literal["any", "all", "k_of_n"]
ProductAnchor = Literal["rounds_complete", "first_perfusion", "randomisation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RedatingBand(Frozen):
    """Below this age by the last menses, a scan replaces it when the two differ by more than so many days."""

    before_day: int
    more_than_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GestationRules(Frozen):
    """How a pregnancy is dated (domain 1.4)."""

    version: str = "1"
    redating: tuple[RedatingBand, ...] = (
        RedatingBand(before_day=63, more_than_days=5),
        RedatingBand(before_day=98, more_than_days=7),
    )
    """A scan beyond the last band never re-dates; an assisted conception is never re-dated by a scan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitWindow(Frozen):
    """A planned follow-up visit: so many calendar months after the anchor, with days of grace on each side."""

    code: str
    title: Words
    months: int
    days_before: int
    days_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpRules(Frozen):
    """From where and for how long a woman is followed; the arms' clocks differ, so each anchor has its name.

    Beyond the months, follow-up stays open until the outcome of every clinical pregnancy confirmed in them: that is
    registered text and no setting.
    """

    version: str = "1"
    months: int = 6
    """Calendar months, both ends included; the end is clamped to the month's last day."""
    product_arm_anchor: ProductAnchor = "rounds_complete"
    """`rounds_complete`: the last planned perfusion, or the decision that no further round follows."""
    other_arm_anchor: Literal["randomisation"] = "randomisation"
    cohort_anchor: Literal["analysis"] = "analysis"
    """Women who were never randomised."""
    contact_within_days: int = 31
    """A 'no' needs a contact on file in the last so many days of the window, or later; without one it is missing."""
    tries_before_lost: int = 3
    """Contacts in vain before a woman may be declared lost to follow-up."""
    visits: tuple[VisitWindow, ...] = (
        VisitWindow(
            code="M1",
            title=Words(en="Visit at 1 month", zh="1 个月访视"),
            months=1,
            days_before=7,
            days_after=7,
        ),
        VisitWindow(
            code="M3",
            title=Words(en="Visit at 3 months", zh="3 个月访视"),
            months=3,
            days_before=7,
            days_after=7,
        ),
        VisitWindow(
            code="M6",
            title=Words(en="Visit at 6 months", zh="6 个月访视"),
            months=6,
            days_before=14,
            days_after=0,
        ),
    )
    """P; the last visit lies inside the window, for what is told after it belongs to no rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportingDeadline(Frozen):
    """A report that an adverse event can ask for, so many hours after the site learnt of it."""

    code: str
    title: Words
    hours: int
    asked_for: Literal["serious", "unexpected", "unexpected_fatal"]
    """Every serious event; one that is also unexpected and related; of those, one that killed or threatened life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTerm(Frozen):
    """An adverse event by its code."""

    code: str
    title: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyRules(Frozen):
    """How adverse events are coded, and by when serious ones are reported (ICH E2A, E6; each site sets its own, P)."""

    version: str = "1"
    related: tuple[str, ...] = ("possible", "probable", "definite")
    """Judgements of causality that count as related."""
    deadlines: tuple[ReportingDeadline, ...] = (
        ReportingDeadline(
            code="sponsor",
            title=Words(en="Report to the sponsor", zh="报告申办者"),
            hours=24,
            asked_for="serious",
        ),
        ReportingDeadline(
            code="expedited_fatal",
            title=Words(en="Expedited report, fatal or life-threatening", zh="快速报告（致死或危及生命）"),
            hours=7 * 24,
            asked_for="unexpected_fatal",
        ),
        ReportingDeadline(
            code="expedited",
            title=Words(en="Expedited report", zh="快速报告"),
            hours=15 * 24,
            asked_for="unexpected",
        ),
    )
    terms: tuple[EventTerm, ...] = (
        EventTerm(code="fever", title=Words(en="Fever", zh="发热")),
        EventTerm(code="pelvic_pain", title=Words(en="Pelvic pain", zh="盆腔疼痛")),
        EventTerm(code="bleeding", title=Words(en="Vaginal bleeding", zh="阴道出血")),
        EventTerm(code="infection", title=Words(en="Infection of the genital tract", zh="生殖道感染")),
        EventTerm(code="allergic_reaction", title=Words(en="Allergic reaction", zh="过敏反应")),
        EventTerm(code="venepuncture", title=Words(en="Complaint after blood collection", zh="采血后不适")),
        EventTerm(
            code="pregnancy_complication", title=Words(en="Complication of pregnancy", zh="妊娠并发症")
        ),
        EventTerm(code="other", title=Words(en="Other, as told", zh="其他（见描述）")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeDefinitions(Frozen):
    """The registered outcomes as numbers (domain 1.5)."""

    version: str = "1"
    clinical_from_day: int = 35
    clinical_to_day: int = 55
    """'5 to 7 weeks' read as 5w0d to 7w6d, both included; the strict reading ends at 49."""
    late_first_scan: Literal["count_flagged", "not_counted"] = "count_flagged"
    """A first scan after `clinical_to_day` that shows an intrauterine pregnancy."""
    ongoing_from_day: int = 84
    miscarriage_before_day: int = 196
    live_birth_from_day: int = 182
    preterm_from_day: int = 196
    preterm_before_day: int = 259
    """'28 to 37 weeks' read with 37w0d as term; 260 includes 37w0d itself, 266 the whole of week 37."""
    preterm_counts: Literal["deliveries", "live_born"] = "deliveries"
    """By the literal wording a stillbirth from 28 weeks is a delivery."""
    termination: Literal["separate", "miscarriage"] = "separate"
    born_alive_before_limit: Literal["miscarriage", "separate"] = "miscarriage"
    """Born with signs of life before `live_birth_from_day`: no live birth by the registered text, so a loss; it
    always stands in the row of what the protocol leaves unclassified, for adjudication."""
    missing: Literal["kept_in_population", "excluded"] = "kept_in_population"
    """A woman whose answer is missing stays, without the event, in a denominator that is a whole population (intention
    to treat leaves nobody out), and is left out of one that counts pregnancies or deliveries; or is always left out."""
    clinical_denominator: Literal["population", "attempting"] = "population"
    ongoing_denominator: Literal["population", "clinical"] = "population"
    miscarriage_denominator: Literal["clinical", "population"] = "clinical"
    preterm_denominator: Literal["deliveries", "clinical", "population"] = "deliveries"
    """`deliveries`: women who delivered at or after `preterm_from_day`."""
    live_birth_denominator: Literal["population", "clinical"] = "population"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerRule(Frozen):
    """The reference range of one marker; a bound that is absent judges nothing on its side."""

    code: str
    title: Words
    unit: str
    low: Decimal | None = None
    high: Decimal | None = None
    decimals: int = 1
    cohort: str = ""
    """Whose values the range comes from."""
    people: int | None = None
    """How many of them."""
    method: str = ""

    @property
    def judges(self) -> bool:
        """A marker without any limit is measured and shown, and takes no part in the verdict."""
        return self.low is not None or self.high is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class MenstrualBloodRuleSet(Frozen):
    """One version of when menstrual blood NK cells count as abnormal; frozen at eligibility (domain 5)."""

    version: str
    markers: tuple[MarkerRule, ...]
    combination: Combination = "any"
    at_least: int = 1
    """k, when the combination is `k_of_n`."""
    confirm_cycles: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AdequacyRules(Frozen):
    """When a menstrual-blood sample can be judged at all (domain 5)."""

    version: str = "1"
    menses_day_first: int = 1
    menses_day_last: int = 5
    transport_hours_most: int = 24
    viability_least: Decimal = Decimal(60)
    cd45_events_least: int = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ImprovementDefinition(Frozen):
    """When menstrual blood counts as improved against her own baseline (domain 5)."""

    version: str = "1"
    judged_by: Literal["normalised", "partial"] = "normalised"
    partial_share: Decimal = Decimal("0.50")
    """Share of the distance to the nearest limit that must be gone, for `partial`."""
    over_time: Literal["any", "last", "sustained"] = "any"
    sustained_samples: int = 2
    """Consecutive assessable samples, for `sustained`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationDefinitions(Frozen):
    """Who is counted in which population (domain 1.5)."""

    version: str = "1"
    per_protocol_others: Literal["all", "no_major_deviation"] = "all"
    """Which women of an arm without product are per protocol."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentPlan(Frozen):
    """The plan that enrolment is shown against: the same number every month."""

    target: int = 159
    """Women randomised; those registered are more."""
    begins: date | None = None
    months: int = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialDefinitions(Frozen):
    """Everything of the protocol that the trial's figures depend on."""

    screening: ScreeningRules = field(default_factory=ScreeningRules)
    rounds: RoundRules = field(default_factory=RoundRules)
    gestation: GestationRules = GestationRules()
    follow_up: FollowUpRules = FollowUpRules()
    safety: SafetyRules = SafetyRules()
    outcomes: OutcomeDefinitions = OutcomeDefinitions()
    improvement: ImprovementDefinition = ImprovementDefinition()
    adequacy: AdequacyRules = AdequacyRules()
    menstrual_blood: tuple[MenstrualBloodRuleSet, ...] = ()
    """Newest last; an older version stays for those it judged."""
    populations: PopulationDefinitions = PopulationDefinitions()
    enrolment: EnrolmentPlan = EnrolmentPlan()
