"""Facts about the people of the site: accounts, roles, training, delegation, credentials."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from lims.domain.entries.envelope import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAdded(Fact):
    """A member of staff has an account; user ids are folded and never issued again (21 CFR 11.100(a), 11.300(a))."""

    kind: Literal["person_added.1"] = "person_added.1"
    user_id: str
    name: str
    badge: str
    identity_checked_by: str
    """How and against what the person's identity was checked (11.100(b)), e.g. `passport`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGranted(Fact):
    """A role until a date (inclusive, in the site's zone)."""

    kind: Literal["role_granted.1"] = "role_granted.1"
    role: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleEnded(Fact):
    """A role ended before its date."""

    kind: Literal["role_ended.1"] = "role_ended.1"
    role: str
    reason_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRecorded(Fact):
    """The person is trained on a subject (a master record's code and version, or a skill) until a date."""

    kind: Literal["training_recorded.1"] = "training_recorded.1"
    subject: str
    version: str
    until: date
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegated(Fact):
    """The investigator delegates a trial task (the protocol's code) to the person until a date."""

    kind: Literal["delegated.1"] = "delegated.1"
    task: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class UndertakingSigned(Fact):
    """The person accepts that the electronic signature binds like one by hand (21 CFR 11.10(j))."""

    kind: Literal["undertaking_signed.1"] = "undertaking_signed.1"
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialsSet(Fact):
    """The person chose a password (and with it a key of their own) and a PIN."""

    kind: Literal["credentials_set.1"] = "credentials_set.1"
    kid: str
    why: str
    """first, changed or after_reset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialsReset(Fact):
    """Somebody ended the person's password, PIN and key; a new key needs two people again (11.200(a)(3))."""

    kind: Literal["credentials_reset.1"] = "credentials_reset.1"
    reason_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonClosed(Fact):
    """The account is closed; live sessions stop at the next request."""

    kind: Literal["person_closed.1"] = "person_closed.1"
    reason_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn(Fact):
    """A session began, in the person's security stream."""

    kind: Literal["signed_in.1"] = "signed_in.1"
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretFailed(Fact):
    """A wrong password or PIN, at sign-in or at a signature (21 CFR 11.300(d))."""

    kind: Literal["secret_failed.1"] = "secret_failed.1"
    secret: str
    """password or pin."""
    during: str
    """sign_in, unlock, sign or witness."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOutEnded(Fact):
    """Another person ended a lock-out."""

    kind: Literal["lock_out_ended.1"] = "lock_out_ended.1"
    reason_code: str
