"""What is done about people: accounts, roles, training, delegation, keys, stations."""

import hmac
from datetime import date

from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, perform
from lims.domain.acts import Role
from lims.domain.codes import CodeType, mint
from lims.domain.entries.envelope import SYSTEM, Draft, Fact, stream_of
from lims.domain.entries.keys import PersonKeyEnrolled, PersonKeyRevoked, StationRegistered
from lims.domain.entries.people import (
    CredentialsReset,
    CredentialsSet,
    Delegated,
    LockOutEnded,
    PersonAdded,
    PersonClosed,
    RoleEnded,
    RoleGranted,
    TrainingRecorded,
    UndertakingSigned,
)
from lims.domain.keyring import Keyring, attest
from lims.domain.people import Person, check_role_pair
from lims.domain.refusals import BadEntry, NotAllowed, Refused
from lims.domain.rows import CodeRow
from lims.domain.signatures import attestation_bytes
from lims.ledger import credentials, sessions
from lims.ledger.keys import KeyPair, make_key
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find

UNDERTAKING = "1"
"""Version of the text that everyone signs once (21 CFR 11.10(j))."""


def mint_code(site: Site, book: Book, kind: CodeType) -> str:
    """A fresh 16-digit code that nothing else on file carries."""
    return mint(kind, site.digits, lambda code: bool(find(book, CodeRow, code=code, limit=1)))


def add_person(
    site: Site, actor: Actor, request_id: str, *, user_id: str, name: str, identity_checked_by: str
) -> Outcome:
    """An account with a badge code; roles, training and a key come later."""
    folded = check_user_id(user_id, field="user_id")
    if not name.strip():
        raise BadEntry("text.empty", field="name", least=1)
    if not identity_checked_by.strip():
        raise BadEntry("text.empty", field="identity_checked_by", least=1)
    stream = stream_of("person", folded)

    def rule(scene: Scene) -> Decision:
        if scene.book.head(stream) is not None:
            raise Refused("person.user_id_taken", user_id=folded)
        fact = PersonAdded(
            user_id=folded,
            name=name.strip(),
            badge=mint_code(site, scene.book, CodeType.BADGE),
            identity_checked_by=identity_checked_by.strip(),
        )
        return Decision(drafts=(Draft(stream=stream, fact=fact),))

    asked = {"user_id": folded, "name": name, "identity_checked_by": identity_checked_by}
    ask = Ask(request_id=request_id, act="add_person", on=stream, asked=asked)
    return perform(site, actor, ask, rule)


def check_user_id(user_id: str, *, field: str) -> str:
    """The user id, folded; letters, digits, dots and dashes only, and never that of the system itself."""
    folded = user_id.strip().casefold()
    plain = folded.replace("-", "").replace(".", "")
    if not folded.isascii() or not plain.isalnum() or folded == SYSTEM:
        raise BadEntry("person.user_id_shape", field=field)
    return folded


def _about_person(
    site: Site, actor: Actor, request_id: str, *, act: str, person: str, fact: Fact, others_only: bool = True
) -> Outcome:
    stream = stream_of("person", person)

    def rule(scene: Scene) -> Decision:
        scene.load(stream, Person)
        if others_only and actor.person == person:
            raise NotAllowed("person.self")
        return Decision(drafts=(Draft(stream=stream, fact=fact),))

    asked = {"person": person, "fact": repr(fact)}
    return perform(site, actor, Ask(request_id=request_id, act=act, on=stream, asked=asked), rule)


def grant_role(site: Site, actor: Actor, request_id: str, *, person: str, role: Role, until: date) -> Outcome:
    """A role until a date; some roles exclude each other in one person, and nobody is the system."""
    if role is Role.SYSTEM:
        raise BadEntry("choice.unknown", field="role")
    stream = stream_of("person", person)

    def rule(scene: Scene) -> Decision:
        if actor.person == person:
            raise NotAllowed("person.self")
        if until < scene.today:
            raise BadEntry("person.date_past", field="until", until=until.isoformat())
        check_role_pair(scene.load(stream, Person), role, today=scene.today)
        return Decision(drafts=(Draft(stream=stream, fact=RoleGranted(role=role.value, until=until)),))

    asked = {"person": person, "role": role.value, "until": until.isoformat()}
    return perform(site, actor, Ask(request_id=request_id, act="grant_role", on=stream, asked=asked), rule)


def end_role(
    site: Site, actor: Actor, request_id: str, *, person: str, role: Role, reason_code: str
) -> Outcome:
    """A role ends today."""
    fact = RoleEnded(role=role.value, reason_code=reason_code)
    return _about_person(site, actor, request_id, act="end_role", person=person, fact=fact)


def record_training(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    person: str,
    subject: str,
    version: str,
    until: date,
    evidence: str,
) -> Outcome:
    """Training on a subject, until a date."""
    fact = TrainingRecorded(subject=subject, version=version, until=until, evidence=evidence)
    return _about_person(site, actor, request_id, act="record_training", person=person, fact=fact)


def delegate_task(
    site: Site, actor: Actor, request_id: str, *, person: str, task: str, until: date
) -> Outcome:
    """A trial task is delegated until a date."""
    fact = Delegated(task=task, until=until)
    return _about_person(site, actor, request_id, act="delegate_task", person=person, fact=fact)


def close_person(site: Site, actor: Actor, request_id: str, *, person: str, reason_code: str) -> Outcome:
    """The account closes; live sessions stop at the next request (I20)."""
    fact = PersonClosed(reason_code=reason_code)
    outcome = _about_person(site, actor, request_id, act="close_person", person=person, fact=fact)
    with site.ledger.writing(write=set()) as book:
        sessions.end_all(book, person=person)
    return outcome


def end_lock_out(site: Site, actor: Actor, request_id: str, *, person: str, reason_code: str) -> Outcome:
    """Another person ends a lock-out."""
    stream = stream_of("security", person)

    def rule(scene: Scene) -> Decision:
        if actor.person == person:
            raise NotAllowed("person.self")
        scene.person(person)
        return Decision(drafts=(Draft(stream=stream, fact=LockOutEnded(reason_code=reason_code)),))

    asked = {"person": person, "reason": reason_code}
    return perform(site, actor, Ask(request_id=request_id, act="end_lock_out", on=stream, asked=asked), rule)


def enrolment_code(site: Site, person: str) -> str:
    """The one-time code with which a person sets password and PIN; it dies with the next entry about them."""
    with site.ledger.reading() as book:
        return _enrolment_code(site, book, person)


def _enrolment_code(site: Site, book: Book, person: str) -> str:
    """Derived from the account's last making or reset, so that nothing secret is stored for it."""
    entries = book.entries(stream_of("person", person))
    marks = [entry for entry in entries if isinstance(entry.fact, PersonAdded | CredentialsReset)]
    mark = marks[-1].hash if marks else ""
    digest = hmac.digest(site.keys.digest_key, f"lims/enrolment/1\n{person}\n{mark}".encode(), "sha256")
    return f"{int.from_bytes(digest[:8], 'big') % 10**12:012d}"


def set_credentials(
    site: Site, actor: Actor, request_id: str, *, enrolment: str, password: str, pin: str
) -> Outcome:
    """A person chooses password and PIN, and gets a key of their own that two people must still vouch for."""
    with site.ledger.reading() as book:
        person = Scene(site=site, book=book, now=site.clock.now(), actor=actor).person(actor.person)
        code = _enrolment_code(site, book, actor.person)
    if person.kid is not None or not hmac.compare_digest(enrolment.strip().encode(), code.encode()):
        raise BadEntry("secret.enrolment", field="enrolment")
    check_secrets(password, pin, user_id=person.user_id, kind=site.founded.instance_kind)
    pair = make_key()
    sealed = credentials.seal_credentials(
        pair, person=person.id, password=password, pin=pin, pepper=site.keys.pepper, now=site.clock.now()
    )
    why = "first" if person.undertaking is None else "after_reset"
    stream = stream_of("person", person.id)

    def rule(scene: Scene) -> Decision:
        if scene.load(stream, Person).kid is not None:
            raise Refused("secret.enrolment")
        credentials.store(scene.book, sealed)
        chosen = CredentialsSet(kid=pair.kid, why=why)
        enrolled = enrolment_fact(pair, person=person.id, name=person.name)
        return Decision(drafts=(Draft(stream=stream, fact=chosen), Draft(stream="keys", fact=enrolled)))

    ask = Ask(
        request_id=request_id,
        act="set_credentials",
        on=stream,
        asked={"person": person.id, "kid": pair.kid},
        write=("keys",),
    )
    return perform(site, actor, ask, rule)


DEFAULT_SECRETS = ("a bench for trying things", "471108")
"""Password and PIN of every demo person; they stand on the demo's sign-in page, so production refuses them."""


def check_secrets(password: str, pin: str, *, user_id: str, kind: str) -> None:
    """A password of at least 12 characters that is not among the leaked ones, and a six-digit PIN."""
    if kind == "production" and password == DEFAULT_SECRETS[0]:
        raise BadEntry("secret.leaked", field="password")
    if kind == "production" and pin == DEFAULT_SECRETS[1]:
        raise BadEntry("secret.pin_shape", field="pin")
    if why := credentials.unfit_password(password, user_id=user_id):
        raise BadEntry(f"secret.{why}", field="password")
    if len(pin) != 6 or credentials.unfit_pin(pin):
        raise BadEntry("secret.pin_shape", field="pin")


def enrolment_fact(pair: KeyPair, *, person: str, name: str) -> PersonKeyEnrolled:
    """The new key with the proof that its owner has it."""
    message = attestation_bytes(kid=pair.kid, public=pair.public, holder=person, name=name, purpose="person")
    return PersonKeyEnrolled(
        kid=pair.kid, public=pair.public, person=person, name=name, proof=pair.sign(message)
    )


def change_password(site: Site, actor: Actor, request_id: str, *, password: str, pin: str) -> Outcome:
    """The person rewraps their own key under a new password; the key, and so every signature, stays theirs."""
    if actor.signer is None:
        raise NotAllowed("act.strength", strength="password")
    stream = stream_of("person", actor.person)
    check_secrets(password, pin, user_id=actor.person, kind=site.founded.instance_kind)
    sealed = credentials.seal_credentials(
        actor.signer.pair,
        person=actor.person,
        password=password,
        pin=pin,
        pepper=site.keys.pepper,
        now=site.clock.now(),
    )
    kid = actor.signer.kid

    def rule(scene: Scene) -> Decision:
        if scene.load(stream, Person).kid != kid:
            raise Refused("act.key_not_attested")
        credentials.store(scene.book, sealed)
        return Decision(drafts=(Draft(stream=stream, fact=CredentialsSet(kid=kid, why="changed")),))

    ask = Ask(request_id=request_id, act="set_credentials", on=stream, asked={"person": actor.person})
    return perform(site, actor, ask, rule)


def sign_undertaking(site: Site, actor: Actor, request_id: str) -> Outcome:
    """Once, before anything else: the electronic signature binds like one by hand."""
    fact = UndertakingSigned(version=UNDERTAKING)
    return _about_person(
        site,
        actor,
        request_id,
        act="sign_undertaking",
        person=actor.person,
        fact=fact,
        others_only=False,
    )


def attest_key(site: Site, actor: Actor, request_id: str, *, kid: str) -> Outcome:
    """A key-holder vouches for another person's key; it may sign when two have."""
    signer = actor.signer
    if signer is None:
        raise NotAllowed("act.strength", strength="password")
    with site.ledger.reading() as book:
        ring = Scene(site=site, book=book, now=site.clock.now(), actor=actor).load("keys", Keyring)
    key = ring.people.get(kid)
    if key is None:
        raise Refused("key.no_longer_waiting")
    message = attestation_bytes(
        kid=kid, public=key.public, holder=key.person, name=key.name, purpose="person"
    )
    signature = signer.pair.sign(message)

    def rule(scene: Scene) -> Decision:
        drafts = attest(
            scene.load("keys", Keyring),
            kid=kid,
            by_kid=signer.kid,
            signature=signature,
            person=actor.person,
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="attest_key",
        on="keys",
        asked={"kid": kid},
        about=(("name", key.name),),
    )
    return perform(site, actor, ask, rule)


def reset_credentials(site: Site, actor: Actor, request_id: str, *, person: str, reason_code: str) -> Outcome:
    """Password, PIN and key end; nobody can sign with the old one, and a new one needs two people (P11-200a3)."""
    stream = stream_of("person", person)

    def rule(scene: Scene) -> Decision:
        if actor.person == person:
            raise NotAllowed("person.self")
        kid = scene.load(stream, Person).kid
        if kid is None:
            raise Refused("secret.none")
        credentials.remove(scene.book, person)
        sessions.end_all(scene.book, person=person)
        revoked = PersonKeyRevoked(kid=kid, person=person, reason_code=reason_code)
        reset = CredentialsReset(reason_code=reason_code)
        return Decision(drafts=(Draft(stream=stream, fact=reset), Draft(stream="keys", fact=revoked)))

    asked = {"person": person, "reason": reason_code}
    ask = Ask(request_id=request_id, act="reset_credentials", on=stream, asked=asked, write=("keys",))
    return perform(site, actor, ask, rule)


def register_station(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    code: str,
    name: str,
    room: str,
    setting: str,
    line_clearance: bool = False,
) -> Outcome:
    """A workstation with its name and room; `setting` is lab, clinic or office.

    With `line_clearance` it holds one batch at a time.
    """
    stream = stream_of("station", code)

    def rule(scene: Scene) -> Decision:
        if scene.book.head(stream) is not None:
            raise Refused("station.known", station=code)
        fact = StationRegistered(name=name, room=room, setting=setting, line_clearance=line_clearance)
        return Decision(drafts=(Draft(stream=stream, fact=fact),))

    asked = {"code": code, "name": name, "room": room, "setting": setting, "clears": str(line_clearance)}
    ask = Ask(request_id=request_id, act="register_station", on=stream, asked=asked)
    return perform(site, actor, ask, rule)
