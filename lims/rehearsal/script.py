"""The shape of a rehearsal's file: what is given, the acts, and what must hold then."""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, TypeAdapter, create_model

from lims.domain.acts import Role
from lims.rehearsal.fields import Code, Day, Fixed, Moment, Part, Span, When, Words
from lims.rehearsal.hands import HANDS


class Someone(Part):
    """A person beside the default cast, or one of the cast who is otherwise than usual."""

    id: Code
    name: str | None = None
    role: Role | None = None
    trained: bool | None = None
    delegated: tuple[Code, ...] | None = None


class StockLot(Part):
    """A lot on the shelf beside the one good lot of every material; of the same name it takes its place."""

    name: Code
    item: Code
    expires: Day = "D600"
    quantity: Words = "5000"
    unit: Words | None = None
    """Where the item is in no master batch record of the play."""
    released: bool = True
    in_use_hours: int | None = None
    """How long an opened container of it may be used."""
    containers: int | None = None


class Item(Part):
    """An item of equipment beside the one good one of every class; of the same name it takes its place."""

    name: Code
    equipment_class: Code = Field(alias="class")
    calibrated_until: Day = "D600"
    one_participant: bool = False
    """It holds one participant's material at a time."""


class Enrolled(Part):
    """A participant before the first act."""

    name: Code = "participant"
    called: Words | None = None
    """An invented name, where two people should be hard to tell apart."""
    born: str = Field(default="1990-01-01", pattern=r"^\d{4}-\d{2}-\d{2}$")
    consent: tuple[Code, ...] = ("treatment", "data", "samples")
    arm: Code | None = "perfusion"
    eligible: bool = False
    """She was screened and found eligible, so that she can be randomised in the play."""


class Before(Part):
    """The journey that was played before this one begins: another rehearsal, up to and with one of its acts."""

    rehearsal: str
    upto: Code


class Given(Part):
    """What there is before the first act."""

    day_0: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    zone: str | None = None
    protocol: str | None = None
    masters: tuple[str, ...] = ()
    people: tuple[Someone, ...] = ()
    stock: tuple[StockLot, ...] = ()
    equipment: tuple[Item, ...] = ()
    participants: tuple[Enrolled, ...] = ()
    before: Before | None = None


class Refusal(Part):
    """The rule that must refuse, and for a list of conditions the rules that must be among them."""

    refused: Code
    because: tuple[str, ...] = ()


class Doing(Part):
    """What every act has: when, by whom, with what, and what is expected."""

    at: When
    who: Code
    act: str
    given: Part = Field(default_factory=Part, alias="with")
    expect: Literal["accepted"] | Refusal = "accepted"
    name: str | None = Field(default=None, alias="as", pattern=r"^[a-z0-9_.]+$")
    station: str | None = None
    proof: Literal["password", "pin", "none"] = "password"
    """How strongly the person proves who they are for this act."""


class Counted(Part):
    """Duplicate counts: live and dead cells of each, at one dilution."""

    counts: tuple[tuple[Words, Words], ...]
    dilution: Words


class Happened(Part):
    """A time from somewhere else, with the reason why it is entered late."""

    at: Moment
    reason: Words = ""


class HandedTo(Part):
    """A container changes hands inside a step."""

    to: Code
    place: str
    condition: str = "good"
    temperature: Words = ""
    after: Span = "+4 min"


class Block(Part):
    """A whole step, or what is left of it, as one block: every slot in its order, then confirmed and verified."""

    at: When
    who: Code
    step: Code = Field(alias="do")
    given: dict[str, Words | Counted | Happened | HandedTo | tuple[Words, ...]] = Field(
        default_factory=dict, alias="with"
    )
    batch: Words = "${batch}"
    before: Code | None = None
    """Stop before this slot; the step stays open."""
    confirm: bool = True
    verify: Code | None = None
    station: str | None = None
    every: Span = "+20 s"
    name: str | None = Field(default=None, alias="as", pattern=r"^[a-z0-9_.]+$")


class Receiving(Part):
    """QC receives samples by scan, one after another."""

    at: When
    who: Code
    receives: tuple[Code, ...]
    """Kinds of sample containers."""
    batch: Words = "${batch}"
    every: Span = "+20 s"
    name: str | None = Field(default=None, alias="as", pattern=r"^[a-z0-9_.]+$")


class Results(Part):
    """Results of several tests: each is entered, then reviewed by a second person."""

    at: When
    who: Code
    results: dict[str, Words]
    """For each test a number as reported, or the code of an answer."""
    review: Code
    batch: Words = "${batch}"
    every: Span = "+20 s"
    name: str | None = Field(default=None, alias="as", pattern=r"^[a-z0-9_.]+$")


class ValueFact(Part):
    """What a slot holds: the digits as displayed, the exact number, the verdict."""

    value: str = Field(pattern=r"^[a-z0-9_]+\.[a-z0-9_]+(\.[a-z]+)?$")
    shown: Words | None = None
    exact: Words | None = None
    judged: str | None = None
    batch: Words = "${batch}"


class LabelsFact(Part):
    """The label balance of a slot (F17)."""

    labels: str = Field(pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$")
    printed: int | None = None
    applied: int | None = None
    attached: int | None = None
    destroyed: int | None = None
    balance: int
    batch: Words = "${batch}"


class Dose(Part):
    """The dose that was delivered: volume in mL, viable cells and NK cells, as exact numbers."""

    volume: Words | None = None
    viable: Words | None = None
    nk: Words | None = None
    endotoxin: str | None = None
    """As it is read: `<0.053 EU/dose`."""


class StateFact(Part):
    """Where the batch stands; only what is written is checked, lists are checked whole."""

    batch: Words = "${batch}"
    stage: str | None = None
    step: Code | None = None
    holds: tuple[Code, ...] | None = None
    deviations: tuple[str, ...] | None = None
    open_deviations: tuple[str, ...] | None = None
    unmet_release: tuple[str, ...] | None = None
    expires: Fixed | None = None
    due: dict[str, Fixed] | None = None
    dose: Dose | None = None
    tests: dict[str, str] | None = None
    disposition: str | None = None
    refusals: tuple[Code, ...] | None = None
    holders: dict[str, Code] | None = None
    attempt: int | None = None


class LotFact(Part):
    """Where a lot stands and what is left of it."""

    lot: Words
    status: str | None = None
    left: Words | None = None
    short: Words | None = None
    """What was taken beyond the book and is not settled."""
    opened: int | None = None
    """How many containers were opened."""


class RoundFact(Part):
    """A round of a participant's course."""

    participant: Words = "${participant}"
    round: int
    planned: Day | Literal["none"] | None = None
    perfused: bool | None = None
    open_batch: Words | None = None
    final: str | None = None
    refusals: tuple[Code, ...] | None = None


class CourseFact(Part):
    """A woman's way through screening and what was planned for her; only what is written is checked."""

    course: Words
    """Her trial code."""
    samples: tuple[Code, ...] | None = None
    """What each sample of menstrual blood came to: waits, inadequate; abnormal, normal or open for the baseline;
    normalised, partial, not_improved or open for a later one; or why it cannot be assessed."""
    eligible: bool | None = None
    reasons: tuple[Code, ...] | None = None
    arm: Code | None = None
    cancelled: tuple[Code, ...] | None = None
    no_further: Code | None = None
    departures: tuple[Code, ...] | None = None
    refusals: tuple[Code, ...] | None = None


def _fact(given: Any) -> str:
    keys = given if isinstance(given, dict) else {}
    return next((key for key in ("value", "labels", "lot", "round", "course") if key in keys), "state")


AnyFact = ValueFact | LabelsFact | LotFact | RoundFact | CourseFact | StateFact
Fact = Annotated[
    Annotated[ValueFact, Tag("fact:value")]
    | Annotated[LabelsFact, Tag("fact:labels")]
    | Annotated[LotFact, Tag("fact:lot")]
    | Annotated[RoundFact, Tag("fact:round")]
    | Annotated[CourseFact, Tag("fact:course")]
    | Annotated[StateFact, Tag("fact:state")],
    Discriminator(lambda given: f"fact:{_fact(given)}"),
]


class Check(Part):
    """What must hold at a time in between."""

    at: When
    check: tuple[Fact, ...]


def _doing(act: str) -> type[Doing]:
    hand = HANDS[act]
    needed = any(field.is_required() for field in hand.given.model_fields.values())
    default: Any = ... if needed else Field(default_factory=hand.given, alias="with")
    given: Any = (hand.given, Field(alias="with") if needed else default)
    fields: dict[str, Any] = {"act": (Literal[act], ...), "given": given}
    model: type[Doing] = create_model(f"Act_{act}", __base__=Doing, **fields)
    model.__doc__ = hand.given.__doc__
    return model


DOINGS: Mapping[str, type[Doing]] = MappingProxyType({act: _doing(act) for act in HANDS})
"""For each act of the table the shape of the line that plays it."""


def _kind(given: Any) -> str:
    if not isinstance(given, dict):
        return "act"
    if "do" in given:
        return "act:do"
    return next((f"act:{key}" for key in ("check", "receives", "results") if key in given), _act(given))


def _act(given: dict[str, Any]) -> str:
    return f"act:{given.get('act')}"


_SHAPES: list[Any] = [
    Annotated[Block, Tag("act:do")],
    Annotated[Check, Tag("act:check")],
    Annotated[Receiving, Tag("act:receives")],
    Annotated[Results, Tag("act:results")],
]
_SHAPES += [Annotated[model, Tag(f"act:{act}")] for act, model in DOINGS.items()]
AnyAct: Any = Annotated[reduce(or_, _SHAPES), Discriminator(_kind)]


class Titles(Part):
    """A title in both languages."""

    en: str
    zh: str


class _Rehearsal(Part):
    """A journey to be played: what is given, the acts, and what must hold then."""

    format: Literal["rehearsal/1"]
    title: Titles
    purpose: Titles | None = None
    given: Given


Rehearsal = create_model(
    "Rehearsal",
    __base__=_Rehearsal,
    acts=(tuple[AnyAct, ...], ...),
    then=(tuple[Fact, ...], ()),
)
"""The whole file. Acts are `Doing` (with `act` and `given`), `Block`, `Receiving`, `Results` or `Check`."""

REHEARSAL: TypeAdapter[Any] = TypeAdapter(Rehearsal)
