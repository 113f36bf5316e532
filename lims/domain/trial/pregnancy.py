"""What is on file about the pregnancies of one course: datings, scans, fetuses and how each ended."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lims.domain.master_batch_record import Frozen


class Conception(StrEnum):
    """How conception was, or is, tried for."""

    NATURAL = "natural"
    INSEMINATION = "insemination"
    IVF = "ivf"
    FROZEN_TRANSFER = "frozen_transfer"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptionAttempt(Frozen):
    """Whether she tried to conceive in one cycle, as she was asked."""

    on: date
    trying: bool
    how: Conception = Conception.NATURAL


class DatingMethod(StrEnum):
    """What a pregnancy is dated by."""

    LMP = "lmp"
    ULTRASOUND = "ultrasound"
    FERTILISATION = "fertilisation"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dating(Frozen):
    """One dating on file; which one is in force, `trial/gestation.py` decides."""

    method: DatingMethod
    on: date
    """First day of the last menses, day of the scan, of fertilisation or of the transfer."""
    recorded_on: date
    embryo_days: int = 0
    """Age of a transferred embryo in days."""
    measured_days: int | None = None
    """Gestational age in completed days by the scan's measurement, for ultrasound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetusSeen(Frozen):
    """One fetus on one scan."""

    fetus: str
    heartbeat: bool | None = None
    size_consistent: bool | None = None
    """Size agrees with the gestational age, as the sonographer judged it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ultrasound(Frozen):
    """One scan of a pregnancy."""

    on: date
    sacs_in_uterus: int
    sac_elsewhere: bool = False
    fetuses: tuple[FetusSeen, ...] = ()


class PregnancyEndKind(StrEnum):
    """What ended a pregnancy; from a loss or delivery, age and signs of life decide what it is called."""

    ENDED = "ended"
    """Spontaneous loss or delivery, of every fetus."""
    TERMINATED = "terminated"
    """Induced termination: a code of its own, no miscarriage."""
    ECTOPIC = "ectopic"
    BIOCHEMICAL = "biochemical"


class Fate(StrEnum):
    """What became of one fetus."""

    BORN_ALIVE = "born_alive"
    STILLBORN = "stillborn"
    """Born, or passed, without signs of life."""
    LOST_EARLIER = "lost_earlier"
    """It stopped earlier while another went on (vanishing twin)."""
    UNKNOWN = "unknown"
    """Born; whether with signs of life is not known yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetusFate(Frozen):
    """The outcome of one fetus."""

    fetus: str
    fate: Fate
    weight_g: int | None = None


class DeliveryOnset(StrEnum):
    """How a delivery began."""

    SPONTANEOUS = "spontaneous"
    IATROGENIC = "iatrogenic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Neonate(Frozen):
    """One child at birth."""

    fetus: str
    signs_of_life: bool | None
    """None until it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PregnancyEnd(Frozen):
    """The end of a pregnancy as recorded; its name (live birth, miscarriage, preterm) is always computed."""

    on: date
    kind: PregnancyEndKind
    neonates: tuple[Neonate, ...] = ()
    """Empty when nothing was born that could show signs of life."""
    onset: DeliveryOnset | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pregnancy(Frozen):
    """One pregnancy of a course."""

    number: int
    found_on: date
    """Day of the first positive test or scan."""
    conception: Conception = Conception.NATURAL
    datings: tuple[Dating, ...] = ()
    ultrasounds: tuple[Ultrasound, ...] = ()
    end: PregnancyEnd | None = None
    lost_on: date | None = None
    """She was lost to follow-up before the end was known."""
