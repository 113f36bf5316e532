"""What a piece of evidence can be, as recorded: the raw entry, what it was read as, and the verdict on it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from lims.domain.entries.envelope import Detached
from lims.domain.master_batch_record import Frozen


class Means(StrEnum):
    """How a code got into the record; told apart for ever."""

    SCANNED = "scanned"
    CAMERA = "camera"
    TYPED = "typed"


class Judged(StrEnum):
    """The system's verdict on a piece of evidence at its entry."""

    UNJUDGED = "unjudged"
    WITHIN = "within"
    ALERT = "alert"
    OUTSIDE = "outside"
    QA_DECIDES = "qa_decides"
    STOP = "stop"

    @property
    def opens_deviation(self) -> bool:
        """Only a deviation lets a batch go on with such a value on file."""
        return self in (Judged.OUTSIDE, Judged.QA_DECIDES, Judged.STOP)


@dataclass(frozen=True, slots=True, kw_only=True)
class FromStock(Frozen):
    """How a lot stood when it was taken: what the batch relied on, and what was otherwise than it should be."""

    expires: date
    use_until: datetime | None = None
    """Until when its opened container may be used."""
    first: str = ""
    """The supplier's number of a lot that was to be taken before this one, for it ends sooner."""
    reason: Detached | None = None
    """Why it was not, where the master batch record asks."""
    short: Decimal | None = None
    """How much more was taken than the book had."""
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned(Frozen):
    """Codes scanned into a slot and what they are; `of` is the stream of a lot or equipment item, or the container."""

    sort: Literal["scanned"] = "scanned"
    code: str
    means: Means
    of: str
    name: str
    stock: FromStock | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Frozen):
    """A measured value: the raw text, the decimal it was read as, and the slot's unit."""

    sort: Literal["number"] = "number"
    raw: str
    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Frozen):
    """The code of the chosen option."""

    sort: Literal["choice"] = "choice"
    option: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Frozen):
    """Free text, detached."""

    sort: Literal["text"] = "text"
    words: Detached


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment(Frozen):
    """When it happened; `late` marks an entry made after the slot's window, with its reason."""

    sort: Literal["moment"] = "moment"
    at: datetime
    late: bool
    reason: Detached | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OneCount(Frozen):
    """Live and dead cells of one count."""

    live: int
    dead: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts(Frozen):
    """Duplicate (or triplicate) counts with what is computed from them; cells/mL and percent."""

    sort: Literal["counts"] = "counts"
    counts: tuple[OneCount, ...]
    used: tuple[int, ...]
    """Which counts the mean is taken of."""
    squares: int
    dilution: Decimal
    concentration: Decimal
    viability: Decimal
    cv: Decimal
    formula: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculated(Frozen):
    """A computed value with everything that is needed to compute it again."""

    sort: Literal["calculated"] = "calculated"
    formula: str
    formula_version: str
    inputs: tuple[tuple[str, Decimal], ...]
    unit: str
    decimals: int
    exact: Decimal
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Controlled(Frozen):
    """An in-process control's verdict on a value on file."""

    sort: Literal["controlled"] = "controlled"
    value: Decimal
    unit: str
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Elapsed(Frozen):
    """A hold time between two moments on file, in seconds."""

    sort: Literal["elapsed"] = "elapsed"
    since: datetime
    until: datetime
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessed(Frozen):
    """A second person stood there; `person` is who, by PIN."""

    sort: Literal["witnessed"] = "witnessed"
    person: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled(Frozen):
    """Label serials with what became of each: applied, attached or destroyed."""

    sort: Literal["labelled"] = "labelled"
    printed: int
    applied: int
    attached: int
    destroyed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver(Frozen):
    """Custody passed to the receiver, who confirmed."""

    sort: Literal["handed_over"] = "handed_over"
    event: str
    to_person: str
    to_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Branched(Frozen):
    """The way that a branch took; `value` is what the system decided by, none when a person chose."""

    sort: Literal["branched"] = "branched"
    way: str
    value: Decimal | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached(Frozen):
    """A photo or a file; the detached description names its hash, size and type (lims/actions/attaching.py)."""

    sort: Literal["attached"] = "attached"
    file: Detached
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch(Frozen):
    """One interval of a total time; not counted when the reading at its end was out of limits."""

    since: datetime
    until: datetime
    counted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalTime(Frozen):
    """Several intervals and their sum, in seconds."""

    sort: Literal["total_time"] = "total_time"
    stretches: tuple[Stretch, ...]
    seconds: int


Value = (
    Scanned
    | Number
    | Choice
    | Text
    | Moment
    | Counts
    | Calculated
    | Controlled
    | Elapsed
    | Witnessed
    | Labelled
    | HandedOver
    | Branched
    | Attached
    | TotalTime
)
