"""What the protocol lets be said about a woman before and between her rounds: its lists of codes, and its gates."""

from dataclasses import dataclass

from lims.domain.master_batch_record import Frozen, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded(Frozen):
    """One answer that the protocol offers, by its code."""

    code: str
    title: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningRules(Frozen):
    """What is asked before a woman can be randomised (P); an empty list offers nothing."""

    version: str = "1"
    recruited_by: tuple[Coded, ...] = ()
    """How she came to the trial."""
    failure_types: tuple[Coded, ...] = ()
    """Types of reproductive failure."""
    not_eligible: tuple[Coded, ...] = ()
    """Reasons of the investigator beside those that the system finds by itself."""
    deviations: tuple[Coded, ...] = ()
    """Departures from the protocol."""
    consent_forms: tuple[str, ...] = ()
    """Nothing goes by this any more: versions of the form stand under the protocol's own `consent_forms`."""
    sample_scope: str = ""
    """Consent scope needed before menstrual blood is taken; empty: those that a batch needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundRules(Frozen):
    """How rounds are planned and called off (P)."""

    version: str = "1"
    cycle_day: int = 21
    """Day of the menstrual cycle on which a perfusion is planned; day 1 is the first of bleeding."""
    cancelled: tuple[Coded, ...] = ()
    """Why a planned round, or the try of one, is called off."""
    no_further: tuple[Coded, ...] = ()
    """Why no further round follows."""
    collection: str = "draw_end"
    """Code of the batch's evidence that tells when her blood was collected."""
    test_before_batch_days: int | None = None
    """A negative pregnancy test at most so many days old is on file before a batch is issued; 0: of the same day;
    None: a positive one stops it, and a missing one does not."""
