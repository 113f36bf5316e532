"""Proving who someone is: password or PIN, before any lock; wrong ones are on file and lock the account."""

import secrets
from dataclasses import replace

from lims.actions.signing import Signer
from lims.actions.site import Site
from lims.actions.work import Actor, Scene
from lims.domain.acts import Role
from lims.domain.entries.envelope import SYSTEM, Authorship, Draft, Fact, RequestMark, stream_of
from lims.domain.entries.people import SecretFailed, SignedIn
from lims.domain.people import Person, Security, fold_person, fold_security
from lims.domain.refusals import BadEntry, NotAllowed
from lims.domain.rows import PersonRow
from lims.ledger import credentials
from lims.ledger.keys import WrongSecret, unwrap
from lims.ledger.read_tables import find


class WrongPassword(BadEntry):
    """The secret is not right; said at its field, on file in the person's security stream."""


def find_person(site: Site, *, user_id: str = "", badge: str = "") -> Person | None:
    """The member of staff with this user id (folded) or badge; none for an unknown or empty one."""
    with site.ledger.reading() as book:
        if badge:
            rows = find(book, PersonRow, badge=badge)
        else:
            rows = find(book, PersonRow, user_id=user_id.strip().casefold())
        if len(rows) != 1:
            return None
        stream = stream_of("person", rows[0].person)
        return fold_person(stream, book.entries(stream))


def prove_password(site: Site, person: Person, password: str, *, during: str) -> Signer:
    """The person's own key, opened with their own password; a wrong one counts towards the lock-out."""
    stored = _before(site, person)
    if stored is None:
        raise NotAllowed("secret.none")
    try:
        pair = unwrap(stored.wrapped, password)
    except WrongSecret:
        raise _failed(site, person, secret="password", during=during) from None
    if during == "sign_in":
        _note(site, person, SignedIn(secret="password"))
    return Signer(name=person.name, pair=pair)


def prove_pin(site: Site, person: Person, pin: str, *, during: str) -> None:
    """The person's PIN is right; it proves presence to the server and never opens a key."""
    stored = _before(site, person)
    if stored is None or stored.pin is None:
        raise NotAllowed("secret.none")
    if not credentials.is_pin(pin, stored=stored.pin, person=person.id, pepper=site.keys.pepper):
        raise _failed(site, person, secret="pin", during=during)
    if during == "sign_in":
        _note(site, person, SignedIn(secret="pin"))


def signing(site: Site, actor: Actor, password: str, *, user_id: str | None = None) -> Actor:
    """The actor with their key unlocked for one signed act; `user_id` as typed must be their own."""
    person = _actor_person(site, actor)
    if user_id is not None and user_id.strip().casefold() != person.user_id:
        raise WrongPassword("secret.not_you", field="user_id")
    signer = prove_password(site, person, password, during="sign")
    return replace(actor, signer=signer, identified=True)


def identified(site: Site, actor: Actor, pin: str) -> Actor:
    """The actor with their PIN proved for one act."""
    prove_pin(site, _actor_person(site, actor), pin, during="sign")
    return replace(actor, identified=True)


def witness(site: Site, actor: Actor, *, user_id: str = "", badge: str = "", pin: str) -> Actor:
    """A second person at the actor's station, proved by PIN, who stands behind one entry."""
    person = find_person(site, user_id=user_id, badge=badge)
    if person is None:
        raise WrongPassword("secret.unknown", field="witness")
    if person.id == actor.person:
        raise NotAllowed("step.performer_verifies")
    prove_pin(site, person, pin, during="witness")
    return Actor(person=person.id, station=actor.station, language=actor.language, identified=True)


def _actor_person(site: Site, actor: Actor) -> Person:
    with site.ledger.reading() as book:
        stream = stream_of("person", actor.person)
        return fold_person(stream, book.entries(stream))


def _before(site: Site, person: Person) -> credentials.Credentials | None:
    """The stored credentials, unless the account is closed or locked out."""
    with site.ledger.reading() as book:
        security = _security(site, person)
        if person.closed:
            raise NotAllowed("act.account_closed")
        if security.locked:
            raise NotAllowed("secret.locked")
        return credentials.load(book, person.id)


def _security(site: Site, person: Person) -> Security:
    with site.ledger.reading() as book:
        stream = stream_of("security", person.id)
        return fold_security(stream, book.entries(stream))


def _failed(site: Site, person: Person, *, secret: str, during: str) -> BadEntry:
    _note(site, person, SecretFailed(secret=secret, during=during))
    left = _security(site, person).left
    if left == 0:
        return WrongPassword("secret.locked", field=secret)
    return WrongPassword("secret.wrong", field=secret, secret=secret, left=left)


def _note(site: Site, person: Person, fact: Fact) -> None:
    """Sign-ins and wrong secrets are entries of the person's security stream."""
    stream = stream_of("security", person.id)
    with site.ledger.writing(write={stream}) as book:
        head = book.head(stream)
        now = site.clock.now()
        by = Authorship(
            time=max(now, head.time) if head else now,
            person=SYSTEM,
            role=Role.SYSTEM.value,
            station="",
            act="note_secret",
            request=RequestMark(id=secrets.token_hex(8), digest=""),
        )
        actor = Actor(person=SYSTEM, station="")
        Scene(site=site, book=book, now=by.time, actor=actor).append([Draft(stream=stream, fact=fact)], by)
