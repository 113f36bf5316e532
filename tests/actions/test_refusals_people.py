"""Accounts, secrets and keys: who proves themselves, who vouches, and what a reset ends (11.100, 11.200, 11.300)."""

from dataclasses import replace

import pytest

from lims.actions import culture, deviations, evidence, people
from lims.actions.evidence import Entered
from lims.actions.founding import Founder, found
from lims.actions.secrets import find_person, identified, prove_password, prove_pin, signing, witness
from lims.actions.work import Actor
from lims.domain.acts import Role
from lims.domain.entries.keys import PersonKeyEnrolled
from lims.domain.entries.people import SecretFailed
from lims.domain.people import MOST_FAILURES, Person
from lims.domain.refusals import BadEntry, NotAllowed
from tests.builders import At, Played, SharedAt, refusals, refuses
from tests.cast import ADMIN, INSPECTOR, QA_A, QA_B, TECH_A, TECH_B
from tests.player.cast import PASSWORD, PIN

WRONG = "nobody has this password"


def person(played: Played, user_id: str) -> Person:
    found_one = find_person(played.stage.site, user_id=user_id)
    assert found_one is not None
    return found_one


def lock_out(played: Played, user_id: str) -> None:
    """Five wrong PINs, the cheaper secret."""
    for left in reversed(range(MOST_FAILURES)):
        with pytest.raises(BadEntry) as caught:
            prove_pin(played.stage.site, person(played, user_id), "000111", during="sign")
        assert caught.value.rule == ("secret.wrong" if left else "secret.locked")


def test_wrong_secrets_are_on_file_and_lock_the_account(at: At) -> None:
    """21 CFR 11.300(d)."""
    played = at("staffed")
    lock_out(played, TECH_A)
    facts = [entry.fact for entry in played.entries(f"security:{TECH_A}")]
    assert sum(isinstance(fact, SecretFailed) for fact in facts) == MOST_FAILURES
    with refuses(played, "secret.locked", filed=None):
        prove_pin(played.stage.site, person(played, TECH_A), PIN, during="sign")
    with refuses(played, "secret.locked", filed=None):
        prove_password(played.stage.site, person(played, TECH_A), PASSWORD, during="sign_in")


def test_a_lock_out_is_ended_by_another_person(at: At) -> None:
    played = at("staffed")
    lock_out(played, ADMIN)
    site = played.stage.site
    with refuses(played, "person.self", filed=f"security:{ADMIN}!refusals"):
        people.end_lock_out(site, played.actor(ADMIN), played.request(), person=ADMIN, reason_code="me")
    people.end_lock_out(site, played.actor(QA_A), played.request(), person=ADMIN, reason_code="identified")
    prove_pin(site, person(played, ADMIN), PIN, during="sign")


def test_a_lock_out_of_nobody_is_not_ended(at: At) -> None:
    played = at("staffed")
    with refuses(played, "act.unknown_target", filed="security:nobody!refusals"):
        people.end_lock_out(
            played.stage.site, played.actor(QA_A), played.request(), person="nobody", reason_code="x"
        )


def test_a_wrong_password_says_how_many_tries_are_left(at: At) -> None:
    played = at("staffed")
    actor = played.actor(TECH_A, bare=True)
    with pytest.raises(BadEntry) as caught:
        signing(played.stage.site, actor, WRONG)
    assert (caught.value.field, dict(caught.value.reason.about)["left"]) == ("password", "4")


def test_nobody_signs_under_another_user_id(shared_at: SharedAt) -> None:
    """11.200(a)(2)."""
    played = shared_at("staffed")
    with refuses(played, "secret.not_you", filed=None):
        signing(played.stage.site, played.actor(TECH_A, bare=True), PASSWORD, user_id=TECH_B)


def test_a_wrong_pin_identifies_nobody(at: At) -> None:
    played = at("staffed")
    with pytest.raises(BadEntry) as caught:
        identified(played.stage.site, played.actor(TECH_A, bare=True), "000111")
    assert caught.value.field == "pin"


def test_nobody_is_their_own_witness(shared_at: SharedAt) -> None:
    played = shared_at("staffed")
    actor = played.actor(TECH_A)
    with refuses(played, "step.performer_verifies", filed=None):
        witness(played.stage.site, actor, user_id=TECH_A, pin=PIN)
    with refuses(played, "secret.unknown", filed=None):
        witness(played.stage.site, actor, user_id="", pin=PIN)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "too_short"),
        ("", "too_short"),
        ("password1234", "leaked"),
        ("tech-a-and-more", "holds_user_id"),
        ("aaaaaaaaaaaaaaaa", "repeats"),
        ("abcdefghijklmnop", "sequence"),
    ],
)
def test_a_weak_password_is_not_taken(shared_at: SharedAt, password: str, why: str) -> None:
    played = shared_at("staffed")
    with refuses(played, f"secret.{why}", filed=None):
        people.change_password(
            played.stage.site, played.actor(TECH_A), played.request(), password=password, pin=PIN
        )


@pytest.mark.parametrize("pin", ["", "12345", "1234567", "111111", "123456", "47110a", "４７１１０８"])
def test_a_pin_has_six_digits_not_all_alike(shared_at: SharedAt, pin: str) -> None:
    played = shared_at("staffed")
    with refuses(played, "secret.pin_shape", filed=None):
        people.change_password(
            played.stage.site, played.actor(TECH_A), played.request(), password=PASSWORD + " x", pin=pin
        )


def hire(played: Played, user_id: str = "new") -> None:
    site = played.stage.site
    people.add_person(
        site,
        played.actor(ADMIN),
        played.request(),
        user_id=user_id,
        name="New",
        identity_checked_by="passport",
    )
    people.grant_role(
        site,
        played.actor(ADMIN),
        played.request(),
        person=user_id,
        role=Role.TECHNICIAN,
        until=played.stage.until,
    )


def enrol(played: Played, user_id: str, code: str) -> str:
    outcome = people.set_credentials(
        played.stage.site,
        Actor(person=user_id, station="QA-1"),
        played.request(),
        enrolment=code,
        password=PASSWORD,
        pin=PIN,
    )
    return outcome.of(PersonKeyEnrolled).kid


def test_an_enrolment_code_works_once(at: At) -> None:
    """11.100(b)."""
    played = at("staffed")
    hire(played)
    code = people.enrolment_code(played.stage.site, "new")
    with refuses(played, "secret.enrolment", filed=None):
        enrol(played, "new", f"{(int(code) + 1) % 10**12:012d}")
    enrol(played, "new", code)
    with refuses(played, "secret.enrolment", filed=None):
        enrol(played, "new", code)


def test_a_key_that_two_people_did_not_vouch_for_signs_nothing(at: At) -> None:
    """P11-200a3; the administrator alone, who knows the enrolment code, is one voucher of two."""
    played = at("staffed")
    site = played.stage.site
    hire(played)
    kid = enrol(played, "new", people.enrolment_code(site, "new"))
    signer = prove_password(site, person(played, "new"), PASSWORD, during="sign")
    actor = Actor(person="new", station="QA-1", signer=signer, identified=True)
    for voucher in (ADMIN, QA_A):
        with refuses(played, "act.key_not_attested", filed="person:new!refusals"):
            people.sign_undertaking(site, actor, played.request())
        people.attest_key(site, played.actor(voucher), played.request(), kid=kid)
        if voucher == ADMIN:
            with refuses(played, "key.already_vouched", filed="keys!refusals"):
                people.attest_key(site, played.actor(voucher), played.request(), kid=kid)
    people.sign_undertaking(site, actor, played.request())
    assert played.verified().findings == ()


def test_nobody_records_before_the_undertaking(at: At) -> None:
    """21 CFR 11.10(j)."""
    played = at("counting")
    hire(played)
    with refuses(played, "act.undertaking", filed=refusals(played.batch)):
        evidence.record_evidence(
            played.stage.site,
            Actor(person="new", station="BSC-2", identified=True),
            played.request(),
            batch=played.batch,
            step="count",
            slot="pool",
            entered=Entered(counts=(("152", "8"), ("148", "6")), dilution="20"),
        )


def test_a_reset_ends_the_key_for_ever(at: At) -> None:
    """P11-200a3: nobody signs with the old key, its owner included."""
    played = at("filling")
    site = played.stage.site
    people.reset_credentials(
        site, played.actor(ADMIN), played.request(), person=TECH_A, reason_code="forgotten"
    )
    with refuses(played, "act.key_not_attested", filed=refusals(played.batch)):
        culture.confirm_step(site, played.actor(TECH_A), played.request(), batch=played.batch, step="fill")
    with refuses(played, "secret.none", filed=None):
        prove_password(site, person(played, TECH_A), PASSWORD, during="sign")
    with pytest.raises(NotAllowed):
        people.change_password(
            site, replace(played.actor(TECH_A), signer=None), played.request(), password=PASSWORD, pin=PIN
        )
    assert played.verified().findings == ()


def test_a_closed_account_does_nothing_more(at: At) -> None:
    """I20."""
    played = at("counting")
    site = played.stage.site
    people.close_person(site, played.actor(ADMIN), played.request(), person=TECH_A, reason_code="left")
    with refuses(played, "act.account_closed", filed=refusals(played.batch)):
        culture.confirm_step(site, played.actor(TECH_A), played.request(), batch=played.batch, step="count")
    with refuses(played, "act.account_closed", filed=None):
        prove_pin(site, person(played, TECH_A), PIN, during="sign")


@pytest.mark.parametrize(
    "user_id", ["TECH-A", "tech-a", "ＴＥＣＨ-a", "a b", "", "x!refusals", "a:b", "system", "System"]
)
def test_a_user_id_is_plain_unused_and_not_the_systems(shared_at: SharedAt, user_id: str) -> None:
    """11.300(a); a person called `system` would act as the timers do."""
    played = shared_at("staffed")
    known = user_id.casefold() == "tech-a"
    rule = "person.user_id_taken" if known else "person.user_id_shape"
    with refuses(played, rule, filed="person:tech-a!refusals" if known else None):
        people.add_person(
            played.stage.site,
            played.actor(ADMIN),
            played.request(),
            user_id=user_id,
            name="X",
            identity_checked_by="passport",
        )


def test_nobody_is_given_the_role_of_the_system(shared_at: SharedAt) -> None:
    played = shared_at("staffed")
    with refuses(played, "choice.unknown", filed=None):
        people.grant_role(
            played.stage.site,
            played.actor(ADMIN),
            played.request(),
            person=TECH_A,
            role=Role.SYSTEM,
            until=played.stage.until,
        )


def test_nobody_appoints_trains_or_resets_themselves(shared_at: SharedAt) -> None:
    played = shared_at("staffed")
    with refuses(played, "person.self", filed=f"person:{QA_B}!refusals"):
        people.grant_role(
            played.stage.site,
            played.actor(QA_B),
            played.request(),
            person=QA_B,
            role=Role.COORDINATOR,
            until=played.stage.until,
        )
    with refuses(played, "person.self", filed=f"person:{ADMIN}!refusals"):
        people.reset_credentials(
            played.stage.site, played.actor(ADMIN), played.request(), person=ADMIN, reason_code="me"
        )


def test_an_inspector_changes_nothing(shared_at: SharedAt) -> None:
    played = shared_at("counting")
    with refuses(played, "act.role", filed=refusals(played.batch)):
        deviations.open_deviation(
            played.stage.site,
            played.actor(INSPECTOR),
            played.request(),
            batch=played.batch,
            step=None,
            text="An inspector may only look.",
        )


@pytest.mark.parametrize("user_id", ["system", "a b", "x!refusals", ""])
def test_a_founder_has_a_plain_user_id_too(tmp_path_factory: pytest.TempPathFactory, user_id: str) -> None:
    folder = tmp_path_factory.mktemp("founded")
    founders = [
        Founder(user_id=name, name="A", roles=(Role.QA,), password=PASSWORD, pin=PIN)
        for name in (user_id, "qa-a")
    ]
    from datetime import date

    with pytest.raises(BadEntry) as caught:
        found(
            folder / "instance",
            kind="demo",
            site_name="Demo",
            zone="Asia/Shanghai",
            profile="CN",
            founders=founders,
            roles_until=date(2030, 1, 1),
            root_file=folder / "root.json",
            root_passphrase="a long passphrase",
        )
    assert caught.value.rule == "person.user_id_shape"
    assert not (folder / "instance").exists()
