"""Corrective and preventive actions: planned by quality, done by an owner, verified and judged by others.

All lie in one stream, for an action can come from deviations of several batches and belongs to none of them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from lims.domain.acts import STAFF
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.capa import (
    CapaDone,
    CapaPlanned,
    CapaRaised,
    CapaVerified,
    EffectivenessChecked,
)
from lims.domain.entries.envelope import Detached, Draft, Entry
from lims.domain.people import Person
from lims.domain.refusals import BadEntry, NotAllowed, Refused

STREAM = "capas"
ACTIONS = ("corrective", "preventive")


class CapaState(StrEnum):
    """Where an action stands; both of the last two end it."""

    PLANNED = "planned"
    DONE = "done"
    VERIFIED = "verified"
    EFFECTIVE = "effective"
    NOT_EFFECTIVE = "not_effective"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capa:
    """One action with everything that was said about it."""

    planned: Entry
    fact: CapaPlanned
    done: Entry | None = None
    """What the owner last said was done, if quality did not send it back."""
    verified: Entry | None = None
    checked: Entry | None = None
    followed_by: str = ""
    """The action that was planned because this one had no effect."""
    history: tuple[Entry, ...] = ()

    @property
    def number(self) -> str:
        """As it is called, `CAPA-2026-0001`."""
        return self.fact.number

    @property
    def state(self) -> CapaState:
        """Where it stands."""
        if self.checked is not None and isinstance(self.checked.fact, EffectivenessChecked):
            return CapaState.EFFECTIVE if self.checked.fact.effective else CapaState.NOT_EFFECTIVE
        if self.verified is not None:
            return CapaState.VERIFIED
        return CapaState.DONE if self.done is not None else CapaState.PLANNED

    @property
    def free_text(self) -> tuple[Detached, ...]:
        """Everything that somebody wrote about it."""
        names = ("description", "criterion", "done", "finding")
        found = (getattr(entry.fact, name, None) for entry in self.history for name in names)
        return tuple(value for value in found if isinstance(value, Detached))

    @property
    def is_open(self) -> bool:
        """Something is left to do: without effect, until another action follows."""
        if self.state is CapaState.NOT_EFFECTIVE:
            return not self.followed_by
        return self.state is not CapaState.EFFECTIVE

    @property
    def due_at(self) -> datetime | None:
        """By when the next thing has to happen; none once its effect is judged."""
        if self.state is CapaState.PLANNED or self.state is CapaState.DONE:
            return _end(self.fact.due, self.fact.zone)
        return _end(self.fact.check_on, self.fact.zone) if self.state is CapaState.VERIFIED else None

    @property
    def check_from(self) -> datetime:
        """From when its effect can be judged."""
        return datetime.combine(self.fact.check_on, time.min, ZoneInfo(self.fact.zone))


def _end(day: date, zone: str) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(zone))


@dataclass(frozen=True, slots=True, kw_only=True)
class Capas:
    """Every action of the site, oldest first."""

    stream: str
    by_number: Mapping[str, Capa] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, deviation: str) -> tuple[Capa, ...]:
        """The actions that came from a deviation."""
        return tuple(capa for capa in self.by_number.values() if deviation in capa.fact.deviations)


def fold_capas(stream: str, entries: Iterable[Entry]) -> Capas:
    """The actions as the stream tells."""
    found: dict[str, Capa] = {}
    for entry in entries:
        match entry.fact:
            case CapaPlanned() as fact:
                found[fact.number] = Capa(planned=entry, fact=fact, history=(entry,))
                if fact.follows:
                    found[fact.follows] = replace(found[fact.follows], followed_by=fact.number)
            case CapaDone() | CapaVerified() | EffectivenessChecked() as fact:
                found[fact.number] = _after(found[fact.number], entry)
            case _:
                pass
    return Capas(stream=stream, by_number=MappingProxyType(found))


def _after(capa: Capa, entry: Entry) -> Capa:
    capa = replace(capa, history=(*capa.history, entry))
    match entry.fact:
        case CapaDone():
            return replace(capa, done=entry)
        case CapaVerified(agreed=True):
            return replace(capa, verified=entry)
        case CapaVerified():
            return replace(capa, done=None)
        case _:
            return replace(capa, checked=entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What quality asks for."""

    action: str
    description: Detached
    due: date
    criterion: Detached
    check_on: date
    follows: str = ""


def plan(
    capas: Capas,
    batches: Collection[BatchRecord],
    deviations: tuple[str, ...],
    wanted: Plan,
    *,
    owner: Person,
    today: date,
    zone: str,
) -> tuple[Draft, ...]:
    """A new action because of decided deviations, whose batches are told; its criterion is stated now, not later."""
    if wanted.action not in ACTIONS:
        raise BadEntry("choice.unknown", field="action")
    _check_deviations(batches, deviations)
    if owner.closed or not owner.roles_on(today) & STAFF:
        raise BadEntry("capa.owner_unfit", field="owner")
    if wanted.due < today:
        raise BadEntry("capa.due_past", field="due")
    if wanted.check_on <= wanted.due:
        raise BadEntry("capa.check_before_due", field="check_on")
    if wanted.follows:
        before = _known(capas, wanted.follows)
        if before.state is not CapaState.NOT_EFFECTIVE or before.followed_by:
            raise Refused("capa.not_followed", number=before.number)
    number = next_number(capas, today)
    fact = CapaPlanned(
        number=number,
        deviations=deviations,
        action=wanted.action,
        description=wanted.description,
        owner=owner.id,
        owner_name=owner.name,
        due=wanted.due,
        criterion=wanted.criterion,
        check_on=wanted.check_on,
        zone=zone,
        follows=wanted.follows,
    )
    raised = (
        Draft(stream=batch.stream, fact=CapaRaised(deviation=deviation, capa=number))
        for batch in batches
        for deviation in deviations
        if deviation in batch.deviations
    )
    return (Draft(stream=STREAM, fact=fact), *raised)


def next_number(capas: Capas, today: date) -> str:
    """The number of the next action, counted on from those of the year."""
    begin = f"CAPA-{today.year}-"
    return f"{begin}{sum(number.startswith(begin) for number in capas.by_number) + 1:04d}"


def _check_deviations(batches: Collection[BatchRecord], deviations: tuple[str, ...]) -> None:
    known = {number: item for batch in batches for number, item in batch.deviations.items()}
    if not deviations:
        raise BadEntry("capa.no_deviation", field="deviations")
    for number in deviations:
        if number not in known:
            raise Refused("deviation.unknown", number=number)
        if known[number].decided is None:
            raise Refused("deviation.undecided", number=number)
        if known[number].closed is not None:
            raise Refused("deviation.closed", number=number)


def finish(capas: Capas, number: str, *, done: Detached, person: str) -> tuple[Draft, ...]:
    """The owner, and nobody else, says what was done."""
    capa = _known(capas, number)
    if capa.fact.owner != person:
        raise NotAllowed("capa.owner", number=number, owner=capa.fact.owner_name)
    if capa.state is not CapaState.PLANNED:
        raise Refused("capa.done", number=number)
    return (Draft(stream=STREAM, fact=CapaDone(number=number, done=done)),)


def verify(capas: Capas, number: str, *, agreed: bool, finding: Detached, person: str) -> tuple[Draft, ...]:
    """Another person looks whether it was done."""
    capa = _known(capas, number)
    _check_not_own(capa, person)
    if capa.state is CapaState.PLANNED:
        raise Refused("capa.not_done", number=number)
    if capa.state is not CapaState.DONE:
        raise Refused("capa.verified", number=number)
    return (Draft(stream=STREAM, fact=CapaVerified(number=number, agreed=agreed, finding=finding)),)


def check_effect(
    capas: Capas, number: str, *, effective: bool, finding: Detached, person: str, now: datetime
) -> tuple[Draft, ...]:
    """Quality judges by the criterion of the plan, not before the day that the plan names, and never the owner."""
    capa = _known(capas, number)
    _check_not_own(capa, person)
    if capa.state in (CapaState.EFFECTIVE, CapaState.NOT_EFFECTIVE):
        raise Refused("capa.checked", number=number)
    if capa.state is not CapaState.VERIFIED:
        raise Refused("capa.not_verified", number=number)
    if now < capa.check_from:
        raise Refused("capa.too_early", number=number, day=capa.fact.check_on.isoformat())
    fact = EffectivenessChecked(number=number, effective=effective, finding=finding)
    return (Draft(stream=STREAM, fact=fact),)


def _check_not_own(capa: Capa, person: str) -> None:
    if capa.fact.owner == person:
        raise NotAllowed("capa.own", number=capa.number)


def _known(capas: Capas, number: str) -> Capa:
    capa = capas.by_number.get(number)
    if capa is None:
        raise Refused("capa.unknown", number=number or "–")
    return capa
