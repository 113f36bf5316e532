"""What the parts of the trial's report are called: message ids for outcomes, populations, denominators, marks."""

from collections.abc import Mapping
from types import MappingProxyType

from lims.domain.trial.course import AttemptEnd
from lims.domain.trial.flow import Place
from lims.domain.trial.lanes import Happened
from lims.domain.trial.populations import Population
from lims.domain.trial.pregnancy_reading import Flag
from lims.domain.trial.standing import Clock, Denominator, Outcome, Standing


def N_(text: str) -> str:
    """Marks a text for translation; it is translated where it is shown."""
    return text


STATEMENT = N_("This system records and gates; it gives no medical advice.")
POOLED = N_("All arms together")

OUTCOMES: Mapping[Outcome, tuple[str, str]] = MappingProxyType(
    {
        Outcome.COMPLETION: (
            N_("Completing the planned rounds"),
            N_("Every round that the protocol plans was perfused. Asked only of an arm that receives cells."),
        ),
        Outcome.ONGOING: (
            N_("Ongoing pregnancy"),
            N_(
                "An ultrasound at or after {ongoing} shows cardiac activity in a fetus whose size is consistent with"
                " the gestational age. The clinical pregnancy was confirmed in the window."
            ),
        ),
        Outcome.IMPROVEMENT: (
            N_("Improvement of menstrual-blood NK cells"),
            N_(
                "Judged in the window against her own baseline, by the rule set that was frozen at eligibility."
                " Pregnancy is never “not improved”: see the two sensitivities."
            ),
        ),
        Outcome.CLINICAL: (
            N_("Clinical pregnancy"),
            N_(
                "An ultrasound from {clinical_from} to {clinical_to} shows a gestational sac in the uterine cavity,"
                " and its date lies in the window."
            ),
        ),
        Outcome.MISCARRIAGE: (
            N_("Miscarriage"),
            N_(
                "A clinical pregnancy confirmed in the window was lost before {miscarriage}, and no live birth."
                " Ectopic and biochemical pregnancies are left out; an induced termination has its own code."
            ),
        ),
        Outcome.PRETERM: (
            N_("Preterm birth"),
            N_(
                "Delivery at or after {preterm_from} and before {preterm_to}, of a clinical pregnancy confirmed"
                " in the window."
            ),
        ),
        Outcome.LIVE_BIRTH: (
            N_("Live birth"),
            N_(
                "At least one child born at or after {live_birth} with signs of life, of a clinical pregnancy"
                " confirmed in the window. Twins count once."
            ),
        ),
    }
)
"""Name and definition; the places are filled with the protocol's own ages."""

POPULATIONS: Mapping[Population, tuple[str, str]] = MappingProxyType(
    {
        Population.ITT: (
            N_("Intention to treat"),
            N_("Everybody randomised, in the arm of the randomisation."),
        ),
        Population.MITT: (
            N_("Modified intention to treat"),
            N_("Of the arm with product at least one perfusion; of the other arm everybody."),
        ),
        Population.PER_PROTOCOL: (
            N_("Per protocol"),
            N_(
                "Of the arm with product every planned round perfused and no major deviation; of the other arm"
                " as the protocol sets."
            ),
        ),
        Population.NOT_RANDOMISED: (
            N_("Registered, not randomised"),
            N_("Analysed and never randomised: a cohort of its own, counted from the analysis."),
        ),
    }
)

CLOCKS: Mapping[Clock, str] = MappingProxyType(
    {
        Clock.FOLLOW_UP: N_("from the start of follow-up"),
        Clock.RANDOMISATION: N_("both arms from randomisation"),
    }
)

DENOMINATORS: Mapping[Denominator, str] = MappingProxyType(
    {
        Denominator.POPULATION: N_("of the whole population"),
        Denominator.ATTEMPTING: N_("of those who tried to conceive in the window"),
        Denominator.CLINICAL: N_("of those with a clinical pregnancy in the window"),
        Denominator.DELIVERIES: N_("of those who delivered at or after 28 weeks"),
        Denominator.ASSESSABLE: N_("of those with an assessable follow-up sample"),
        Denominator.PREGNANT_EXCLUDED: N_("worst case, pregnant left out"),
        Denominator.PREGNANT_IMPROVED: N_("worst case, pregnant counted as improved"),
    }
)

STANDINGS: Mapping[Standing, str] = MappingProxyType(
    {
        Standing.YES: N_("event"),
        Standing.NO: N_("no event"),
        Standing.MISSING: N_("missing"),
        Standing.PENDING: N_("pending"),
        Standing.PENDING_YES: N_("pending, event seen"),
        Standing.OUTSIDE: N_("not in this denominator"),
    }
)

FLAGS: Mapping[Flag, str] = MappingProxyType(
    {
        Flag.LATE_FIRST_SCAN: N_("first scan after the registered age"),
        Flag.SAC_AFTER_WINDOW: N_("sac seen after the window closed"),
        Flag.SIZE_DISCORDANT: N_("heartbeat, size not consistent"),
        Flag.BORN_ALIVE_EARLY: N_("signs of life before the live-birth limit"),
        Flag.BORN_IN_OVERLAP: N_("live birth before the miscarriage limit"),
        Flag.AT_TERM_EDGE: N_("delivered in week 37"),
        Flag.NO_DATING: N_("no dating on file"),
        Flag.SIGNS_OF_LIFE_UNKNOWN: N_("signs of life not on file"),
    }
)

PLACES: Mapping[Place, str] = MappingProxyType(
    {
        Place.ASSESSED: N_("Recruited"),
        Place.NOT_ANALYSED: N_("No analysis yet"),
        Place.REGISTERED: N_("Registered: menstrual blood analysed"),
        Place.NOT_RANDOMISED: N_("Not randomised"),
        Place.RANDOMISED: N_("Randomised"),
        Place.ALLOCATED: N_("Allocated"),
        Place.NO_ROUND: N_("no round perfused"),
        Place.ONE_ROUND: N_("some rounds perfused"),
        Place.ALL_ROUNDS: N_("all rounds perfused"),
        Place.NOT_FOLLOWED_YET: N_("follow-up not begun"),
        Place.IN_FOLLOW_UP: N_("in follow-up"),
        Place.LEFT: N_("withdrawn or lost"),
        Place.FOLLOWED: N_("window closed"),
        Place.ANALYSED: N_("Analysed (ITT)"),
    }
)

HAPPENED: Mapping[Happened, str] = MappingProxyType(
    {
        Happened.RANDOMISED: N_("randomised"),
        Happened.PERFUSED: N_("perfused"),
        Happened.NO_FURTHER_ROUND: N_("no further round"),
        Happened.CLINICAL: N_("clinical pregnancy"),
        Happened.LIVE_BIRTH: N_("live birth"),
        Happened.ENDED_OTHERWISE: N_("pregnancy ended otherwise"),
        Happened.LEFT: N_("left"),
    }
)

ENDS: Mapping[AttemptEnd, str] = MappingProxyType(
    {
        AttemptEnd.PERFUSED: N_("perfused"),
        AttemptEnd.REJECTED: N_("rejected"),
        AttemptEnd.FAILED: N_("failed"),
        AttemptEnd.CANCELLED: N_("cancelled"),
        AttemptEnd.EXPIRED: N_("expired"),
    }
)

SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "count_flagged": N_(
            "a first scan after that age that shows a pregnancy in the cavity counts, with a flag"
        ),
        "not_counted": N_("a first scan after that age does not count"),
        "kept_in_population": N_("who is missing stays in the whole population, without the event"),
        "excluded": N_("who is missing is left out"),
        "deliveries": N_("a stillbirth from the limit on counts as a delivery"),
        "live_born": N_("only live-born children count"),
        "separate": N_("not counted as miscarriage, shown apart"),
        "miscarriage": N_("counted as miscarriage"),
        "normalised": N_("every marker abnormal at baseline in range, none newly abnormal"),
        "partial": N_("the set share of each distance to the nearest limit gone"),
        "any": N_("in any assessable sample"),
        "last": N_("in the last assessable sample"),
        "sustained": N_("in consecutive assessable samples"),
        "all": N_("everybody"),
        "no_major_deviation": N_("who has no major deviation"),
    }
)
"""How the choices of the protocol read."""
