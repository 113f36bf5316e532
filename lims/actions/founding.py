"""Founding an instance, once and for ever; opening one that was founded."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lims.actions.people import check_secrets, check_user_id, enrolment_fact, mint_code
from lims.actions.site import Clock, Site, SystemClock, VirtualClock
from lims.actions.work import Actor, Scene
from lims.documents.seal_certificate import certificate_public, new_seal
from lims.domain.acts import Role
from lims.domain.canonical import key_id, site_code
from lims.domain.codes import CodeType
from lims.domain.entries.envelope import SYSTEM, Authorship, Draft, Fact, stream_of
from lims.domain.entries.keys import (
    ClockSwitchedToReal,
    InstanceFounded,
    PersonKeyAttested,
    SiteKeyFounded,
)
from lims.domain.entries.people import CredentialsSet, PersonAdded, RoleGranted
from lims.domain.folds import Told, fold, founding_of, rows_of
from lims.domain.refusals import BadEntry, Refused
from lims.domain.signatures import attestation_bytes
from lims.ledger import credentials, read_tables
from lims.ledger.book import Ledger
from lims.ledger.keys import (
    KeyPair,
    ServerKeys,
    found_server_keys,
    make_key,
    read_server_keys,
    write_root_key,
)

KINDS = ("production", "training", "demo")
PROFILES = ("CN",)
"""Legal profiles that ship complete; others are data to come."""
CONFIGURATION = "instance.json"
SEAL_YEARS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Founder:
    """One of the first two people, who choose their own password and PIN at the founding."""

    user_id: str
    name: str
    roles: tuple[Role, ...]
    password: str
    pin: str
    identity_checked_by: str = "founding"


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded:
    """A new instance, with what goes onto the paper letter and nowhere else."""

    site: Site
    code: str
    root_kid: str
    seal_fingerprint: str
    founders: tuple[PersonKeyAttested, ...]
    """The first two people's keys, as the site root vouched for them."""


def found(
    folder: Path,
    *,
    kind: str,
    site_name: str,
    zone: str,
    profile: str,
    founders: Sequence[Founder],
    roles_until: date,
    root_file: Path,
    root_passphrase: str,
    database: str | None = None,
    clock: Clock | None = None,
) -> Founded:
    """Make the instance: its kind, its keys, its first two people, each with a key that the site root vouches for.

    The root key is written encrypted to `root_file`, outside `folder`. Raises BadEntry at the field that is wrong,
    FileExistsError when something is founded here already.
    """
    clock = clock or SystemClock()
    _check(kind=kind, site_name=site_name, zone=zone, profile=profile, founders=founders, clock=clock)
    if len(root_passphrase) < credentials.LEAST_CHARACTERS:
        raise BadEntry("secret.too_short", field="root_passphrase")
    if (folder / CONFIGURATION).exists():
        raise FileExistsError(f"{folder} holds an instance already")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = database or _own_database(folder)
    root = make_key()
    write_root_key(root_file, root, passphrase=root_passphrase, data_folder=folder)
    seal = new_seal(site=site_name, instance_kind=kind, time=clock.now(), years=SEAL_YEARS)
    keys = found_server_keys(folder / "keys", seal=(seal.key_pem, seal.certificate_pem))
    ledger = Ledger.create(url, files=folder / "files")
    genesis = InstanceFounded(
        instance_kind=kind, site=site_name, zone=zone, profile=profile, root_kid=root.kid
    )
    site = Site(ledger=ledger, founded=genesis, clock=clock, keys=keys, folder=folder)
    vouched = _write_genesis(site, root, founders, roles_until=roles_until)
    write_configuration(folder, database=database)
    return Founded(
        site=site,
        code=site_code(root.public),
        root_kid=root.kid,
        seal_fingerprint=seal.public,
        founders=vouched,
    )


def _check(
    *, kind: str, site_name: str, zone: str, profile: str, founders: Sequence[Founder], clock: Clock
) -> None:
    if kind not in KINDS:
        raise BadEntry("choice.unknown", field="kind")
    if not site_name.strip():
        raise BadEntry("text.empty", field="site_name", least=1)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadEntry("founding.zone", field="zone", zone=zone) from None
    if profile not in PROFILES:
        raise BadEntry("founding.profile", field="profile", profile=profile)
    if kind == "production" and isinstance(clock, VirtualClock):
        raise Refused("instance.kind", kind=kind)
    if len({founder.user_id.casefold() for founder in founders}) != 2 or len(founders) != 2:
        raise BadEntry("founding.two", field="founders")
    for founder in founders:
        check_user_id(founder.user_id, field="founders")
        check_secrets(founder.password, founder.pin, user_id=founder.user_id, kind=kind)


def _write_genesis(
    site: Site, root: KeyPair, founders: Sequence[Founder], *, roles_until: date
) -> tuple[PersonKeyAttested, ...]:
    people = [stream_of("person", founder.user_id.casefold()) for founder in founders]
    sealed = [(make_key(), founder) for founder in founders]
    wrapped = [
        credentials.seal_credentials(
            pair,
            person=founder.user_id.casefold(),
            password=founder.password,
            pin=founder.pin,
            pepper=site.keys.pepper,
            now=site.clock.now(),
        )
        for pair, founder in sealed
    ]
    now = site.clock.now()
    by = Authorship(
        time=now, person=SYSTEM, role=Role.SYSTEM.value, station="", act="found_instance", request=None
    )
    with site.ledger.writing(write={"system", "keys", *people}) as book:
        scene = Scene(site=site, book=book, now=now, actor=Actor(person=SYSTEM, station=""))
        genesis = scene.append([Draft(stream="system", fact=site.founded)], by)[0]
        # The key list pins the genesis entry, so that a paper's site cannot be altered in kind, name or zone.
        pinned = (genesis.reference,)
        site_keys = [Draft(stream="keys", fact=fact, relied_on=pinned) for fact in _site_keys(site, root)]
        scene.append(site_keys, by)
        for pair, founder in sealed:
            scene.append(_person(scene, founder, pair, root, roles_until=roles_until), by)
        for credential in wrapped:
            credentials.store(book, credential)
        listed = book.entries("keys")
    return tuple(entry.fact for entry in listed if isinstance(entry.fact, PersonKeyAttested))


def _site_keys(site: Site, root: KeyPair) -> list[SiteKeyFounded]:
    name = site.founded.site
    keys = site.keys
    seal = certificate_public(keys.seal_certificate)
    listed = (
        ("root", root.public, None),
        ("seal", seal, keys.seal_certificate.decode()),
        ("checkpoint", keys.checkpoint.public, None),
    )
    return [
        SiteKeyFounded(
            kid=key_id(public),
            public=public,
            purpose=purpose,
            name=name,
            certificate=certificate,
            attestation=root.sign(
                attestation_bytes(
                    kid=key_id(public), public=public, holder="site", name=name, purpose=purpose
                )
            ),
        )
        for purpose, public, certificate in listed
    ]


def _person(
    scene: Scene, founder: Founder, pair: KeyPair, root: KeyPair, *, roles_until: date
) -> list[Draft]:
    person = founder.user_id.casefold()
    stream = stream_of("person", person)
    message = attestation_bytes(
        kid=pair.kid, public=pair.public, holder=person, name=founder.name, purpose="person"
    )
    facts: list[Fact] = [
        PersonAdded(
            user_id=person,
            name=founder.name,
            badge=mint_code(scene.site, scene.book, CodeType.BADGE),
            identity_checked_by=founder.identity_checked_by,
        ),
        *(RoleGranted(role=role.value, until=roles_until) for role in founder.roles),
        CredentialsSet(kid=pair.kid, why="first"),
    ]
    vouched = PersonKeyAttested(
        kid=pair.kid,
        public=pair.public,
        person=person,
        name=founder.name,
        by_kid=root.kid,
        signature=root.sign(message),
    )
    return [
        *(Draft(stream=stream, fact=fact) for fact in facts),
        Draft(stream="keys", fact=enrolment_fact(pair, person=person, name=founder.name)),
        Draft(stream="keys", fact=vouched),
    ]


def write_configuration(folder: Path, *, database: str | None) -> None:
    """Say where the instance's database is; from here on the folder holds an instance.

    Without an address it is the SQLite file in the folder itself, so that a copied folder opens its own.
    """
    (folder / CONFIGURATION).write_text(json.dumps({"database": database, "format": 1}, indent=2) + "\n")


def _own_database(folder: Path) -> str:
    return f"sqlite:///{(folder / 'ledger.db').resolve()}"


def open_instance(folder: Path, *, clock: Clock | None = None) -> Site:
    """An instance that was founded here; a production instance refuses a virtual clock, whoever asks."""
    configured = json.loads((folder / CONFIGURATION).read_text())
    ledger = Ledger.open(configured["database"] or _own_database(folder), files=folder / "files")
    keys: ServerKeys = read_server_keys(folder / "keys")
    with ledger.reading() as book:
        told = Told(stream="system", entries=book.entries("system"))
    founded = founding_of(told)
    clock = clock or SystemClock()
    virtual = isinstance(clock, VirtualClock)
    switched = any(isinstance(entry.fact, ClockSwitchedToReal) for entry in told.entries)
    if virtual and (founded.instance_kind == "production" or switched):
        raise Refused("instance.kind", kind=founded.instance_kind)
    _refresh_rows(ledger)
    return Site(ledger=ledger, founded=founded, clock=clock, keys=keys, folder=folder)


def _refresh_rows(ledger: Ledger) -> None:
    """Read tables of another release's shape are dropped and filled again from the record."""
    with ledger.reading() as book:
        stale = read_tables.stale(book)
    if stale:
        with ledger.writing(write=set()) as book:
            read_tables.rebuild(book, lambda stream, entries: rows_of(stream, fold(stream, entries)))


def switch_to_real_time(site: Site, *, virtual_end: datetime) -> Site:
    """End the virtual clock of a demo for ever; only real time counts from here."""
    real = SystemClock()
    now = real.now()
    if virtual_end > now:
        raise ValueError("the play ended after now")
    by = Authorship(
        time=now, person=SYSTEM, role=Role.SYSTEM.value, station="", act="switch_clock", request=None
    )
    with site.ledger.writing(write={"system"}) as book:
        scene = Scene(site=site, book=book, now=now, actor=Actor(person=SYSTEM, station=""))
        scene.append([Draft(stream="system", fact=ClockSwitchedToReal(virtual_end=virtual_end))], by)
    return Site(ledger=site.ledger, founded=site.founded, clock=real, keys=site.keys, folder=site.folder)
