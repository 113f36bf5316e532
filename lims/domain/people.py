"""A member of staff: roles, training and delegation with their end dates, and whether the account is locked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import TypeVar

from lims.domain.acts import Act, Role
from lims.domain.entries.envelope import Entry
from lims.domain.entries.people import (
    CredentialsReset,
    CredentialsSet,
    Delegated,
    LockOutEnded,
    PersonAdded,
    PersonClosed,
    RoleEnded,
    RoleGranted,
    SecretFailed,
    SignedIn,
    TrainingRecorded,
    UndertakingSigned,
)
from lims.domain.refusals import NotAllowed

K = TypeVar("K")
V = TypeVar("V")

FORBIDDEN_PAIRS: tuple[frozenset[Role], ...] = (
    frozenset({Role.ADMINISTRATOR, Role.TECHNICIAN}),
    frozenset({Role.ADMINISTRATOR, Role.QA}),
    frozenset({Role.ADMINISTRATOR, Role.QC_ANALYST}),
    frozenset({Role.ADMINISTRATOR, Role.CLINICIAN}),
    frozenset({Role.TECHNICIAN, Role.CLINICIAN}),
    frozenset({Role.QC_ANALYST, Role.QA}),
    frozenset({Role.TECHNICIAN, Role.QA}),
    frozenset({Role.STATISTICIAN, Role.COORDINATOR}),
    frozenset({Role.STATISTICIAN, Role.CLINICIAN}),
    frozenset({Role.STATISTICIAN, Role.TECHNICIAN}),
    *(frozenset({Role.INSPECTOR, role}) for role in Role if role not in (Role.INSPECTOR, Role.SYSTEM)),
)
"""Roles that one person may not hold together (requirements 1.15, A11D-11g)."""

MOST_FAILURES = 5
"""Wrong secrets in a row that lock an account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What is on file about one member of staff."""

    id: str
    user_id: str = ""
    name: str = ""
    badge: str = ""
    roles: Mapping[Role, date] = field(default_factory=lambda: MappingProxyType({}))
    training: Mapping[tuple[str, str], date] = field(default_factory=lambda: MappingProxyType({}))
    delegated: Mapping[str, date] = field(default_factory=lambda: MappingProxyType({}))
    undertaking: str | None = None
    kid: str | None = None
    closed: bool = False

    def roles_on(self, today: date) -> frozenset[Role]:
        """The roles that have not ended."""
        return frozenset(role for role, until in self.roles.items() if until >= today)

    def is_trained(self, subject: str, version: str, *, on: date) -> bool:
        """Trained on this subject in this version (`*` covers every version) and not lapsed."""
        return any(self.training.get((subject, v), date.min) >= on for v in (version, "*"))

    def is_delegated(self, task: str, *, on: date) -> bool:
        """The investigator's delegation covers the day."""
        return self.delegated.get(task, date.min) >= on


def fold_person(stream: str, entries: Iterable[Entry]) -> Person:
    """The person as the stream tells."""
    person = Person(id=stream.partition(":")[2])
    for entry in entries:
        person = _after(person, entry.fact)
    return person


def _after(person: Person, fact: object) -> Person:
    match fact:
        case PersonAdded():
            return replace(person, user_id=fact.user_id, name=fact.name, badge=fact.badge)
        case RoleGranted():
            return replace(person, roles=_with(person.roles, Role(fact.role), fact.until))
        case RoleEnded():
            return replace(person, roles=_with(person.roles, Role(fact.role), date.min))
        case TrainingRecorded():
            return replace(person, training=_with(person.training, (fact.subject, fact.version), fact.until))
        case Delegated():
            return replace(person, delegated=_with(person.delegated, fact.task, fact.until))
        case UndertakingSigned():
            return replace(person, undertaking=fact.version)
        case CredentialsSet():
            return replace(person, kid=fact.kid)
        case CredentialsReset():
            return replace(person, kid=None)
        case PersonClosed():
            return replace(person, closed=True)
        case _:
            return person


def _with(mapping: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    return MappingProxyType({**mapping, key: value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """A person's sign-ins and wrong secrets; the lock-out is its fold."""

    person: str
    failures: int = 0

    @property
    def locked(self) -> bool:
        """Too many wrong secrets since the last right one."""
        return self.failures >= MOST_FAILURES

    @property
    def left(self) -> int:
        """Tries that are left."""
        return max(0, MOST_FAILURES - self.failures)


def fold_security(stream: str, entries: Iterable[Entry]) -> Security:
    """Wrong secrets since the last sign-in or the end of a lock-out."""
    failures = 0
    for entry in entries:
        match entry.fact:
            case SecretFailed():
                failures += 1
            case SignedIn() | LockOutEnded():
                failures = 0
            case _:
                pass
    return Security(person=stream.partition(":")[2], failures=failures)


def check_may(person: Person, act: Act, *, today: date) -> Role:
    """The role in which the person may do the act today; refuses with the roles that could (21 CFR 11.10(g))."""
    if person.closed:
        raise NotAllowed("act.account_closed")
    if not (held := person.roles_on(today) & act.by):
        raise NotAllowed("act.role", act=act.label, roles=", ".join(sorted(role.value for role in act.by)))
    if person.undertaking is None and act.name not in ("set_credentials", "sign_undertaking"):
        raise NotAllowed("act.undertaking")
    return sorted(held)[0]


def check_role_pair(person: Person, role: Role, *, today: date) -> None:
    """Some roles exclude each other in one person."""
    for other in person.roles_on(today):
        if frozenset({role, other}) in FORBIDDEN_PAIRS:
            raise NotAllowed("person.role_pair", first=other.value, second=role.value)
