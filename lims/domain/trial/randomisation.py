"""Randomisation: opened once, one place after the other, closed once; the arm comes from a sealed secret."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from lims.domain.canonical import Json, canon, parse, tagged_hash
from lims.domain.entries.envelope import Detached, Draft, Entry
from lims.domain.entries.randomisation import (
    Factor,
    MarkedRandomisedInError,
    PlaceTaken,
    RandomisationClosed,
    RandomisationOpened,
)
from lims.domain.entries.trial import AllocationRecorded
from lims.domain.participant import Participant, check_consent
from lims.domain.protocol import StudyProtocol
from lims.domain.refusals import BadEntry, Reason, Refused
from lims.domain.trial import blocks
from lims.domain.trial.allocation_list import ListedPlace
from lims.domain.trial.blocks import ArmShare
from lims.domain.trial.screening import check_eligible

STREAM = "randomisation"
SOURCE = "randomisation"
"""The source that stands beside an arm which came from here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Randomisation:
    """What is on file about the trial's randomisation."""

    opened: RandomisationOpened | None = None
    opening: Entry | None = None
    taken: tuple[PlaceTaken, ...] = ()
    in_stratum: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Places taken of each stratum."""
    closed: RandomisationClosed | None = None
    closing: Entry | None = None


def fold_randomisation(stream: str, entries: Iterable[Entry]) -> Randomisation:
    """The randomisation as its stream tells."""
    state, taken, counts = Randomisation(), [], dict[str, int]()
    for entry in entries:
        match entry.fact:
            case RandomisationOpened() as fact:
                state = replace(state, opened=fact, opening=entry)
            case PlaceTaken() as fact:
                taken.append(fact)
                counts[fact.stratum] = fact.number
            case RandomisationClosed() as fact:
                state = replace(state, closed=fact, closing=entry)
            case _:
                pass
    return replace(state, taken=tuple(taken), in_stratum=MappingProxyType(counts))


def commitment_to(secret: str) -> str:
    """What binds to the secret without telling it: the secret itself holds 256 random bits."""
    return tagged_hash("lims/randomisation/1", secret)


def secret_of_seed(seed: str) -> str:
    """The secret of permuted blocks."""
    return canon({"format": "randomisation-seed/1", "seed": seed})


def secret_of_list(listed: Sequence[ListedPlace], *, salt: str) -> str:
    """The secret of a list made elsewhere; the salt keeps anyone from trying lists against the commitment."""
    rows: list[Json] = [[row.stratum, row.arm] for row in listed]
    return canon({"format": "randomisation-list/1", "places": rows, "salt": salt})


def frozen_arms(protocol: StudyProtocol) -> tuple[ArmShare, ...]:
    """The protocol's arms with their shares, in the protocol's order, which the algorithm keeps."""
    return tuple(ArmShare(code=arm.code, share=arm.share) for arm in protocol.arms)


def frozen_factors(protocol: StudyProtocol) -> tuple[Factor, ...]:
    """The protocol's factors of stratification, none by default."""
    return tuple(
        Factor(code=item.code, levels=tuple(level.code for level in item.levels)) for item in protocol.strata
    )


def stratum_of(factors: Sequence[Factor], answers: Mapping[str, str]) -> str:
    """The stratum's name, `site=a/age=under_35`, as the algorithm takes it; empty without factors."""
    for factor in factors:
        if answers.get(factor.code) not in factor.levels:
            raise BadEntry("choice.unknown", field=f"factor-{factor.code}")
    return "/".join(f"{factor.code}={answers[factor.code]}" for factor in factors)


def open_it(
    state: Randomisation, *, protocol: StudyProtocol, of_list: bool, secret: str, sealed: str
) -> tuple[Draft, ...]:
    """Randomisation begins, once for the trial; its secret was sealed before anybody could see it."""
    if state.opened is not None:
        raise Refused("randomisation.opened")
    fact = RandomisationOpened(
        mode="list" if of_list else "blocks",
        algorithm="" if of_list else blocks.ALGORITHM,
        protocol=protocol.code,
        version=protocol.version,
        arms=frozen_arms(protocol),
        factors=frozen_factors(protocol),
        commitment=commitment_to(secret),
        sealed=sealed,
    )
    return (Draft(stream=STREAM, fact=fact),)


def unmet(state: Randomisation, person: Participant, protocol: StudyProtocol) -> tuple[Reason, ...]:
    """Every reason why she cannot be randomised now; what greys the button and what refuses are the same.

    She must have been found eligible by a decision on file (domain 1.3); each reason stands beside the others.
    """
    reasons = []
    if person.allocation is not None:
        reasons.append(Refused("participant.allocated").reason)
    if state.opened is None:
        reasons.append(Refused("randomisation.not_open").reason)
    elif state.closed is not None:
        reasons.append(Refused("randomisation.closed").reason)
    for check in (lambda: check_consent(person, protocol), lambda: check_eligible(person)):
        try:
            check()
        except Refused as refused:
            reasons.append(refused.reason)
    return tuple(reasons)


def randomise(
    state: Randomisation,
    person: Participant,
    *,
    answers: Mapping[str, str],
    secret: Callable[[], str],
    at: datetime,
    protocol: StudyProtocol,
) -> tuple[Draft, ...]:
    """She takes the next place of her stratum, once and for ever; the arm is known only now (TR-6, ICH E9 2.3.2).

    The secret is asked for only when nothing else stands in the way.
    """
    for reason in unmet(state, person, protocol):
        raise Refused(reason.rule, **dict(reason.about))
    assert state.opened is not None and state.opening is not None
    stratum = stratum_of(state.opened.factors, answers)
    number, place = state.in_stratum.get(stratum, 0) + 1, len(state.taken) + 1
    told = checked(state.opened, secret())
    arm = arm_of(told, state.opened, stratum=stratum, number=number)
    hers = AllocationRecorded(
        arm=arm, source=SOURCE, reference=str(place), allocated_at=at, stratum=stratum or None
    )
    taken = PlaceTaken(place=place, participant=person.trial_id, stratum=stratum, number=number, arm=arm)
    return (
        Draft(stream=person.stream, fact=hers, relied_on=(state.opening.reference,)),
        Draft(stream=STREAM, fact=taken),
    )


def checked(opened: RandomisationOpened, secret: str) -> str:
    """What was unsealed is what the record bound itself to when randomisation was opened."""
    if commitment_to(secret) != opened.commitment:
        raise Refused("randomisation.other_secret")
    return secret


def arm_of(secret: str, opened: RandomisationOpened, *, stratum: str, number: int) -> str:
    """The arm of a place, counted from 1 within its stratum; refuses where a list has no further place."""
    told = parse(secret)
    assert isinstance(told, dict)
    if opened.mode == "blocks":
        return blocks.place(str(told["seed"]), arms=opened.arms, stratum=stratum, number=number)
    rows = told["places"]
    assert isinstance(rows, list)
    arms = [str(row[1]) for row in rows if isinstance(row, list) and row[0] == stratum]
    if number > len(arms):
        raise Refused("randomisation.list_ended", number=len(arms))
    return arms[number - 1]


def mark_in_error(person: Participant, *, reason: Detached) -> tuple[Draft, ...]:
    """She was randomised although she should not have been: a mark beside her arm, never an undo (TR-6)."""
    if person.allocation is None:
        raise Refused("participant.not_allocated")
    if person.randomised_in_error is not None:
        raise Refused("randomisation.marked")
    return (Draft(stream=person.stream, fact=MarkedRandomisedInError(reason=reason)),)


def close(state: Randomisation, *, secret: Callable[[], str]) -> tuple[Draft, ...]:
    """Enrolment has ended: nobody is randomised any more, and the secret is told."""
    if state.opened is None:
        raise Refused("randomisation.not_open")
    if state.closed is not None:
        raise Refused("randomisation.closed")
    fact = RandomisationClosed(taken=len(state.taken), secret=checked(state.opened, secret()))
    return (Draft(stream=STREAM, fact=fact),)


def differing(state: Randomisation) -> tuple[PlaceTaken, ...]:
    """Places whose arm is not the one that the told secret gives; none, or something is very wrong.

    All of them, if the secret is not the one that was bound to at the opening.
    """
    if state.opened is None or state.closed is None:
        return ()
    if commitment_to(state.closed.secret) != state.opened.commitment:
        return state.taken
    return tuple(taken for taken in state.taken if not _agrees(state, taken))


def _agrees(state: Randomisation, taken: PlaceTaken) -> bool:
    assert state.opened is not None and state.closed is not None
    try:
        arm = arm_of(state.closed.secret, state.opened, stratum=taken.stratum, number=taken.number)
    except Refused:
        return False
    return arm == taken.arm
