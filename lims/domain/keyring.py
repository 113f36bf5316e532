"""The site's keys: whose each public key is, who vouched for it, and whether it may sign now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from lims.domain.entries.envelope import Draft, Entry
from lims.domain.entries.keys import (
    PersonKeyAttested,
    PersonKeyEnrolled,
    PersonKeyRevoked,
    SiteKeyFounded,
)
from lims.domain.refusals import NotAllowed, Refused

VOUCHERS = 2
"""How many key-holders must vouch for a later person's key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonKey:
    """A person's public key with those who vouched for it."""

    kid: str
    public: str
    person: str
    name: str
    vouchers: tuple[str, ...] = ()
    founded: bool = False
    revoked: bool = False

    @property
    def trusted(self) -> bool:
        """May sign: vouched for by the site root at founding, or by two key-holders; not revoked."""
        return not self.revoked and (self.founded or len(set(self.vouchers)) >= VOUCHERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """All keys of the site."""

    site: Mapping[str, SiteKeyFounded]
    """Site keys by purpose: root, seal, checkpoint."""
    people: Mapping[str, PersonKey]
    """Persons' keys by kid."""

    def of(self, person: str) -> PersonKey | None:
        """The person's newest key that is not revoked."""
        return next(
            (k for k in reversed(tuple(self.people.values())) if k.person == person and not k.revoked), None
        )

    @property
    def waiting(self) -> tuple[PersonKey, ...]:
        """Keys that wait for someone to vouch."""
        return tuple(key for key in self.people.values() if not key.trusted and not key.revoked)


def fold_keyring(stream: str, entries: Iterable[Entry]) -> Keyring:
    """The keys as their stream tells; signatures over them are proved by the verifier."""
    site: dict[str, SiteKeyFounded] = {}
    people: dict[str, PersonKey] = {}
    root = ""
    for entry in entries:
        match entry.fact:
            case SiteKeyFounded() as fact:
                site[fact.purpose] = fact
                root = fact.kid if fact.purpose == "root" else root
            case PersonKeyEnrolled() as fact:
                people[fact.kid] = PersonKey(
                    kid=fact.kid, public=fact.public, person=fact.person, name=fact.name
                )
            case PersonKeyAttested() as fact:
                key = people[fact.kid]
                founded = key.founded or fact.by_kid == root
                people[fact.kid] = replace(key, vouchers=(*key.vouchers, entry.person), founded=founded)
            case PersonKeyRevoked() as fact:
                people[fact.kid] = replace(people[fact.kid], revoked=True)
            case _:
                pass
    return Keyring(site=MappingProxyType(site), people=MappingProxyType(people))


def attest(ring: Keyring, *, kid: str, by_kid: str, signature: str, person: str) -> tuple[Draft, ...]:
    """A key-holder vouches for another person's key; two different people must (architecture 4)."""
    key = ring.people.get(kid)
    if key is None or key.revoked or key.trusted:
        raise Refused("key.no_longer_waiting")
    if key.person == person:
        raise NotAllowed("person.self")
    if person in key.vouchers:
        raise Refused("key.already_vouched")
    fact = PersonKeyAttested(
        kid=kid, public=key.public, person=key.person, name=key.name, by_kid=by_kid, signature=signature
    )
    return (Draft(stream="keys", fact=fact),)
