"""How an entry of follow-up is corrected or struck: the first stays legible, and the reason is on file."""

from dataclasses import dataclass
from typing import TypedDict, TypeVar

from lims.domain.entries.envelope import Detached, Draft
from lims.domain.entries.follow_up import (
    AdverseEventFollowed,
    AdverseEventRecorded,
    AdverseEventReported,
    Correctable,
    FollowUpStruck,
    PregnancyDated,
    PregnancyEnded,
    PregnancyFound,
    UltrasoundRecorded,
)
from lims.domain.participant import Participant
from lims.domain.refusals import Refused

C = TypeVar("C", bound=Correctable)


class Corrects(TypedDict):
    """What a fact carries that replaces another one; empty in one that replaces nothing."""

    replaces_seq: int | None
    why: Detached | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instead:
    """A correction: which entry is replaced, and why."""

    seq: int
    why: Detached


def corrects(instead: Instead | None) -> Corrects:
    """The two fields of a fact that say what it replaces and why."""
    return (
        Corrects(replaces_seq=instead.seq, why=instead.why)
        if instead
        else Corrects(replaces_seq=None, why=None)
    )


def replaceable(person: Participant, instead: Instead | None, kind: type[C]) -> C | None:
    """The fact that a correction replaces; refuses where that is not what counts now, or is another sort of thing."""
    if instead is None:
        return None
    found = person.followed.filed_as(instead.seq)
    if found is None:
        raise Refused("follow_up.replaced")
    if found.struck:
        raise Refused("follow_up.struck")
    if not isinstance(found.fact, kind):
        raise Refused("follow_up.other_thing")
    return found.fact


def strike(person: Participant, *, seq: int, why: Detached) -> tuple[Draft, ...]:
    """An entry was made in error; what hangs on a pregnancy or an event is struck first."""
    fact = replaceable(person, Instead(seq=seq, why=why), Correctable)
    if fact is not None and _hangs_on(person, fact):
        raise Refused("follow_up.still_used")
    return (Draft(stream=person.stream, fact=FollowUpStruck(seq=seq, why=why)),)


def _hangs_on(person: Participant, fact: Correctable) -> bool:
    """Something that counts belongs to the pregnancy or the event that this fact began."""
    others = [one.fact for one in person.followed.filed if one.struck is None and one.fact is not fact]
    match fact:
        case PregnancyFound(pregnancy=number):
            parts = (PregnancyDated, UltrasoundRecorded, PregnancyEnded)
            return any(isinstance(one, parts) and one.pregnancy == number for one in others)
        case AdverseEventRecorded(event=number):
            news = (AdverseEventFollowed, AdverseEventReported)
            return any(isinstance(one, news) and one.event == number for one in others)
        case _:
            return False
