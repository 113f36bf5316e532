"""Who is counted: the three populations of the randomised, and those who were analysed but never randomised."""

from enum import StrEnum

from lims.domain.trial.course import Cohort, Course
from lims.domain.trial.definitions import PopulationDefinitions


class Population(StrEnum):
    """Populations of the analysis (domain 1.5)."""

    ITT = "itt"
    """Everybody randomised, in the arm of the randomisation."""
    MITT = "mitt"
    """Of a product arm at least one perfusion; of other arms everybody."""
    PER_PROTOCOL = "per_protocol"
    """Of a product arm every planned round perfused and no major deviation; of other arms as the protocol sets."""
    NOT_RANDOMISED = "not_randomised"
    """Analysed and never randomised: a cohort of its own, in no arm's denominator."""


OF_ARMS = (Population.ITT, Population.MITT, Population.PER_PROTOCOL)


def is_member(course: Course, population: Population, definitions: PopulationDefinitions) -> bool:
    """She is counted in that population."""
    chance = course.randomisation
    if population is Population.NOT_RANDOMISED:
        return course.cohort is Cohort.NOT_RANDOMISED
    if chance is None:
        return False
    match population:
        case Population.ITT:
            return True
        case Population.MITT:
            return not chance.receives_product or bool(course.perfusions)
        case Population.PER_PROTOCOL:
            return _per_protocol(course, definitions, receives_product=chance.receives_product)


def _per_protocol(course: Course, definitions: PopulationDefinitions, *, receives_product: bool) -> bool:
    if not receives_product:
        return definitions.per_protocol_others == "all" or not course.has_major_deviation
    return len(course.perfusions) >= course.planned_rounds and not course.has_major_deviation
