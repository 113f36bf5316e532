"""The site's key list, walked from the root key: whose each key is, who vouched for it, from when until when."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lims.documents.chain_reading import MALFORMED, EntryRead, Malformed
from lims.documents.findings import N_, Notes
from lims.domain.canonical import key_id, read_site_code, site_code
from lims.domain.signatures import attestation_bytes

VOUCHERS = 2
"""How many other key-holders vouch for a key that the site root did not."""


def is_signed_by(public: str, *, signature: str, message: bytes) -> bool:
    """Whether `signature` (128 hex digits) over `message` was made with the Ed25519 key `public` (64 hex digits)."""
    try:
        raw_key, raw_signature = bytes.fromhex(public), bytes.fromhex(signature)
        if raw_key.hex() != public or raw_signature.hex() != signature:
            return False
        Ed25519PublicKey.from_public_bytes(raw_key).verify(raw_signature, message)
    except (ValueError, InvalidSignature):
        return False
    return True


@dataclass(slots=True, kw_only=True)
class PersonKey:
    """A person's key as the list tells it; times are stored instants, `vouched` the persons (or `site`)."""

    kid: str
    public: str
    person: str
    name: str
    vouched: list[str] = field(default_factory=list)
    valid_from: str | None = None
    revoked: str | None = None

    def is_valid_at(self, time: str) -> bool:
        """Whether a signature at this instant counts: vouched for by then, and not yet revoked."""
        return (
            self.valid_from is not None
            and self.valid_from <= time
            and not (self.revoked and self.revoked <= time)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteKey:
    """A key of the site; of a seal `public` is the hex SHA-256 of its certificate (DER)."""

    kid: str
    public: str
    purpose: str
    name: str
    since: str
    certificate: str | None


@dataclass(slots=True)
class KeyList:
    """All keys of the list; `root` is None when the list does not begin with one."""

    root: SiteKey | None = None
    site: dict[str, SiteKey] = field(default_factory=dict)
    people: dict[str, PersonKey] = field(default_factory=dict)


def walk_keys(notes: Notes, entries: Iterable[EntryRead]) -> KeyList:
    """The key list after all its entries; the first entry that is not vouched for is told."""
    keys = KeyList()
    for entry in entries:
        try:
            fault = _take(keys, entry)
        except Malformed as missing:
            notes.fail("keys", MALFORMED, entry.place, field=str(missing))
            continue
        if fault:
            notes.fail("keys", fault, entry.place)
    if keys.root is None:
        notes.fail(
            "keys",
            N_("The key list does not begin with the site's root key."),
            ("keys", 1),
        )
    if waiting := [key for key in keys.people.values() if key.valid_from is None]:
        notes.ok(
            "keys",
            N_("%(count)s people's keys; %(waiting)s are not vouched for and may sign nothing."),
            count=len(keys.people),
            waiting=len(waiting),
        )
    notes.ok(
        "keys",
        N_("%(count)s people's keys, each vouched for by the site root or by two people."),
        count=len(keys.people),
    )
    return keys


def check_code(notes: Notes, keys: KeyList, typed: str | None) -> None:
    """The typed site code names the root key that the list begins with."""
    code = read_site_code(typed) if typed else ""
    if keys.root is None:
        return
    if not code:
        notes.unknown(
            "code",
            N_("No site code was typed; it stands on the letter that the site's inspector holds."),
        )
    elif len(code) != len(site_code(keys.root.public)):
        notes.unknown("code", N_("What was typed is no site code: it has 20 signs."))
    elif code != site_code(keys.root.public):
        notes.fail(
            "code",
            N_("The code typed is another site's, or was mistyped."),
            ("keys", 1),
        )
    else:
        notes.ok(
            "code",
            N_("This record's keys begin with the root key that the code names."),
        )


def _take(keys: KeyList, entry: EntryRead) -> str | None:
    match entry.kind:
        case "site_key_founded.1":
            return _take_site_key(keys, entry)
        case "person_key_enrolled.1":
            return _take_enrolment(keys, entry)
        case "person_key_attested.1":
            return _take_attestation(keys, entry)
        case "person_key_revoked.1":
            return _take_revocation(keys, entry)
        case _:
            return None


def _take_site_key(keys: KeyList, entry: EntryRead) -> str | None:
    key = SiteKey(
        kid=entry.text("kid"),
        public=entry.text("public"),
        purpose=entry.text("purpose"),
        name=entry.text("name"),
        since=entry.time,
        certificate=entry.text("certificate") if entry.fact.get("certificate") else None,
    )
    if key.kid != key_id(key.public):
        return N_("The key's identifier is not that of its public key.")
    if (key.purpose == "root") != (keys.root is None) or (key.purpose == "root" and entry.seq != 1):
        return N_("The root key is the first of the list, and the only one.")
    root = keys.root or key
    message = attestation_bytes(
        kid=key.kid,
        public=key.public,
        holder="site",
        name=key.name,
        purpose=key.purpose,
    )
    if not is_signed_by(root.public, signature=entry.text("attestation"), message=message):
        return N_("The site's root key did not sign this key.")
    if key.kid in keys.site or key.kid in keys.people:
        return N_("The key is on the list twice.")
    keys.root = root
    keys.site[key.kid] = key
    return None


def _take_enrolment(keys: KeyList, entry: EntryRead) -> str | None:
    key = PersonKey(
        kid=entry.text("kid"),
        public=entry.text("public"),
        person=entry.text("person"),
        name=entry.text("name"),
    )
    if key.kid != key_id(key.public):
        return N_("The key's identifier is not that of its public key.")
    if key.kid in keys.site or key.kid in keys.people:
        return N_("The key is on the list twice.")
    if not is_signed_by(key.public, signature=entry.text("proof"), message=_message(key)):
        return N_("The person did not prove to hold the key.")
    keys.people[key.kid] = key
    return None


def _take_attestation(keys: KeyList, entry: EntryRead) -> str | None:
    key = keys.people.get(entry.text("kid"))
    told = (entry.text("public"), entry.text("person"), entry.text("name"))
    if key is None or told != (key.public, key.person, key.name):
        return N_("It vouches for a key that nobody enrolled so.")
    by = entry.text("by_kid")
    if keys.root and by == keys.root.kid:
        public, voucher = keys.root.public, "site"
    elif by in keys.people:
        holder = keys.people[by]
        if not holder.is_valid_at(entry.time) or holder.person != entry.person:
            return N_("The one who vouches held no valid key at that time.")
        public, voucher = holder.public, holder.person
    else:
        return N_("The one who vouches is not on the list.")
    if voucher == key.person:
        return N_("Nobody vouches for their own key.")
    if not is_signed_by(public, signature=entry.text("signature"), message=_message(key)):
        return N_("The one who vouches did not sign this.")
    if key.revoked:
        return N_("The key was revoked before.")
    if voucher not in key.vouched:
        key.vouched.append(voucher)
    if key.valid_from is None and ("site" in key.vouched or len(key.vouched) >= VOUCHERS):
        key.valid_from = entry.time
    return None


def _take_revocation(keys: KeyList, entry: EntryRead) -> str | None:
    key = keys.people.get(entry.text("kid"))
    if key is None or key.person != entry.text("person"):
        return N_("It revokes a key that is not on the list.")
    key.revoked = key.revoked or entry.time
    return None


def _message(key: PersonKey) -> bytes:
    return attestation_bytes(
        kid=key.kid,
        public=key.public,
        holder=key.person,
        name=key.name,
        purpose="person",
    )
