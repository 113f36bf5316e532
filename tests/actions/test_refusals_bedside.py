"""At the bedside an error harms a person at once: who, what, which round, until when, by whom (I6, I12)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from lims.actions import custody, perfusion, release, trial
from lims.actions.work import Outcome
from lims.domain.acts import Stage
from lims.domain.entries.batch import HoldPlaced, IdentityMatched, IdentityMismatched
from lims.domain.entries.trial import WristbandIssued
from lims.domain.entries.values import Means
from lims.domain.perfusion import Legs
from lims.domain.refusals import BadEntry
from tests.actions.test_refusals_trial import round_two
from tests.builders import At, Played, SharedAt, refusals, refuses
from tests.cast import CLIN_A, CLIN_B, COORD, QA_A, TECH_A


def match(
    played: Played,
    *,
    legs: Legs | None = None,
    person: str = CLIN_A,
    stated: bool = True,
    checks: tuple[tuple[str, str], ...] = (),
    appearance: str = "normal",
) -> Outcome:
    return perfusion.match_identity(
        played.stage.site,
        played.actor(person),
        played.request(),
        batch=played.batch,
        legs=legs or played.legs(),
        patient_stated=stated,
        checks=checks or played.checks(),
        appearance=appearance,
    )


def confirm(played: Played, *, legs: Legs | None = None, person: str = CLIN_B) -> Outcome:
    return perfusion.confirm_identity(
        played.stage.site,
        played.actor(person),
        played.request(),
        batch=played.batch,
        legs=legs or played.legs(),
    )


def give(played: Played, *, started: float = 0, ended: float = 0, residual: str = "0.15") -> Outcome:
    """Started and ended so many minutes ago."""
    return perfusion.record_perfusion(
        played.stage.site,
        played.actor(CLIN_A),
        played.request(),
        batch=played.batch,
        started_at=played.now - timedelta(minutes=started),
        ended_at=played.now - timedelta(minutes=ended),
        catheter="C-11",
        given="1.05",
        residual=residual,
        wasted="0",
        reaction="none",
    )


def wrong_legs(played: Played) -> dict[str, Legs]:
    """For each leg a code that is real, and another's."""
    berta = played.participant(played.berta)
    order = berta.round(1).order
    assert berta.wristband is not None and order is not None
    return {
        "wristband": played.legs(wristband=berta.wristband),
        "product": played.legs(product=played.container("product", batch=played.other)),
        "order": played.legs(order=order.order),
    }


@pytest.mark.parametrize("leg", ["wristband", "product", "order"])
@pytest.mark.parametrize("who", ["first", "second"])
def test_a_leg_that_is_anothers_stops_and_holds(at: At, leg: str, who: str) -> None:
    """STOP: nobody can override; the batch to which the band, product or order belongs is held too (domain 4.5)."""
    played = at("delivered" if who == "first" else "matched")
    legs = wrong_legs(played)[leg]
    outcome = match(played, legs=legs) if who == "first" else confirm(played, legs=legs)
    assert outcome.of(IdentityMismatched).legs == (leg,)
    assert played.record().hold_reason == "identity_mismatch"
    assert played.record(played.other).hold_reason == "identity_mismatch"
    assert not outcome.has(IdentityMatched)
    with refuses(played, "act.hold", filed=refusals(played.batch)):
        give(played)


def test_a_mismatch_never_says_whose_it_is(at: At) -> None:
    played = at("delivered")
    outcome = match(played, legs=wrong_legs(played)["wristband"])
    own = [entry for entry in outcome.entries if entry.stream == played.record().stream]
    told = repr([entry.fact for entry in own])
    assert played.berta not in told and played.other not in told


def test_a_void_wristband_is_no_wristband(at: At) -> None:
    played = at("delivered")
    before = played.legs()
    outcome = trial.put_on_wristband(
        played.stage.site,
        played.actor(CLIN_A),
        played.request(),
        participant=played.anna,
        identity_document="passport",
        witness=played.actor(CLIN_B),
    )
    assert outcome.of(WristbandIssued).voids == before.wristband
    assert match(played, legs=before).of(IdentityMismatched).legs == ("wristband",)


def test_a_typed_wristband_is_not_taken(shared_at: SharedAt) -> None:
    """N3: the band on her wrist is scanned."""
    played = shared_at("delivered")
    with refuses(played, "bedside.typed", filed=refusals(played.batch)):
        match(played, legs=replace(played.legs(), wristband_means=Means.TYPED))


def test_the_patient_says_who_she_is(shared_at: SharedAt) -> None:
    played = shared_at("delivered")
    with refuses(played, "bedside.not_stated", filed=None) as caught:
        match(played, stated=False)
    assert isinstance(caught.value, BadEntry)
    assert caught.value.field == "patient_stated"


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        ({"pregnancy_test": "positive"}, "bedside.check"),
        ({"pregnancy_test": "not_done"}, "bedside.check"),
        ({"fever": "fever"}, "bedside.check"),
        ({"infection": "present"}, "bedside.check"),
    ],
)
def test_an_answer_that_forbids_the_perfusion(shared_at: SharedAt, answer: dict[str, str], rule: str) -> None:
    """TR-5."""
    played = shared_at("delivered")
    with refuses(played, rule, filed=refusals(played.batch)):
        match(played, checks=played.checks(**answer))


def test_every_check_is_answered(shared_at: SharedAt) -> None:
    played = shared_at("delivered")
    with refuses(played, "choice.unknown", filed=None) as caught:
        match(played, checks=played.checks(fever=""))
    assert isinstance(caught.value, BadEntry)
    assert caught.value.field == "check-fever"


def test_a_product_that_looks_wrong_is_not_given(shared_at: SharedAt) -> None:
    played = shared_at("delivered")
    with refuses(played, "bedside.appearance", filed=refusals(played.batch)):
        match(played, appearance="clumps")


def test_nothing_is_matched_before_the_clinic_has_it(shared_at: SharedAt) -> None:
    played = shared_at("released")
    with refuses(played, "bedside.not_here", filed=refusals(played.batch)):
        match(played)


def test_nothing_is_matched_before_release(shared_at: SharedAt) -> None:
    """I6."""
    played = shared_at("reviewed")
    with refuses(played, "act.stage", filed=refusals(played.batch)):
        match(played)


def test_one_person_is_not_both(shared_at: SharedAt) -> None:
    """I6: two distinct people."""
    played = shared_at("matched")
    with refuses(played, "bedside.same_person", filed=refusals(played.batch)):
        confirm(played, person=CLIN_A)


def test_a_second_check_needs_a_first(shared_at: SharedAt) -> None:
    played = shared_at("delivered")
    with refuses(played, "bedside.no_match", filed=refusals(played.batch)):
        confirm(played)


def test_one_check_alone_is_not_enough(shared_at: SharedAt) -> None:
    played = shared_at("matched")
    with refuses(played, "bedside.no_match", filed=refusals(played.batch)):
        give(played)


def test_a_check_made_again_needs_its_second_person_again(at: At) -> None:
    played = at("confirmed")
    match(played)
    with refuses(played, "bedside.no_match", filed=refusals(played.batch)):
        give(played)


def test_a_check_lapses(at: At) -> None:
    """Domain 4.4: fifteen minutes."""
    played = at("matched")
    played.wait(minutes=15, seconds=1)
    with refuses(played, "bedside.lapsed", filed=refusals(played.batch)):
        confirm(played)


def test_a_check_holds_through_its_last_moment(at: At) -> None:
    played = at("matched")
    matched = played.record().match
    assert matched is not None
    played.stage.clock.go_to(matched.valid_until)
    assert confirm(played).entries


def test_a_perfusion_that_began_after_the_check_lapsed_is_refused(at: At) -> None:
    played = at("confirmed")
    played.wait(minutes=20)
    with refuses(played, "bedside.lapsed", filed=refusals(played.batch)):
        give(played)


@pytest.mark.parametrize(("seconds", "allowed"), [(-1, True), (0, False), (1, False)])
def test_expired_by_a_second_is_expired(at: At, seconds: int, allowed: bool) -> None:
    """I6: now < expiry."""
    played = at("delivered")
    expiry = played.record().expires_at
    assert expiry is not None
    played.stage.clock.go_to(expiry + timedelta(seconds=seconds))
    if allowed:
        assert match(played).has(IdentityMatched)
        return
    with refuses(played, "bedside.expired", filed=refusals(played.batch)):
        match(played)


def test_a_perfusion_begins_before_expiry(at: At) -> None:
    played = at("delivered")
    expiry = played.record().expires_at
    assert expiry is not None
    played.stage.clock.go_to(expiry - timedelta(minutes=5))
    match(played)
    confirm(played)
    played.stage.clock.go_to(expiry)
    with refuses(played, "bedside.expired", filed=refusals(played.batch)):
        give(played)


TIMES: dict[str, tuple[float, float]] = {
    "ends before it starts": (1, 2),
    "starts before the check": (600, 0),
    "ends in the future": (0, -5),
}


@pytest.mark.parametrize("which", TIMES)
def test_times_that_cannot_be(shared_at: SharedAt, which: str) -> None:
    played = shared_at("confirmed")
    started, ended = TIMES[which]
    with refuses(played, "perfusion.times", filed=None):
        give(played, started=started, ended=ended)


def test_no_more_stays_behind_than_was_filled(shared_at: SharedAt) -> None:
    played = shared_at("confirmed")
    with refuses(played, "perfusion.volume", filed=None):
        give(played, residual="1.21")


def test_a_round_is_perfused_once(shared_at: SharedAt) -> None:
    """I12."""
    played = shared_at("perfused")
    with refuses(played, "act.stage", filed=refusals(played.batch)):
        give(played)
    with refuses(played, "act.stage", filed=refusals(played.batch)):
        match(played)


def test_the_product_of_the_other_round_is_a_mismatch(at: At) -> None:
    """The same person's own product, and still a hard stop (I13)."""
    played = at("perfused")
    old = played.container("product")
    second = round_two(played)
    script = played.script(second)
    for part in (script.bench, script.tested, script.released, script.delivered):
        played.run(part())
    played.batch = second
    outcome = match(played, legs=played.legs(round_number=2, product=old))
    assert outcome.of(IdentityMismatched).legs == ("product",)
    assert played.record().stage is Stage.RELEASED


def test_who_withdrew_is_not_given_anything(at: At) -> None:
    """TR-4: the batch is held in the same act, and lifting the hold does not bring the consent back."""
    played = at("delivered")
    outcome = trial.withdraw_consent(
        played.stage.site,
        played.actor(COORD),
        played.request(),
        participant=played.anna,
        scopes=("treatment",),
        reason="",
    )
    assert outcome.of(HoldPlaced).reason_code == "consent_withdrawn"
    with refuses(played, "act.hold", filed=refusals(played.batch)):
        match(played)
    release.lift_hold(
        played.stage.site,
        played.actor(QA_A),
        played.request(),
        batch=played.batch,
        placed_seq=played.record().holds[0].seq,
        reason="For the test.",
    )
    with refuses(played, "participant.no_consent", filed=refusals(played.batch)):
        match(played)


HANDS: dict[str, Callable[[Played], object]] = {
    "custody.not_holder": lambda p: _offer(p, TECH_A),
    "custody.no_offer": lambda p: _take(p, CLIN_B, p.container("product")),
}


def _offer(played: Played, person: str, *, to_role: str = "clinician") -> Outcome:
    return custody.offer_custody(
        played.stage.site,
        played.actor(person),
        played.request(),
        batch=played.batch,
        container=played.container("product"),
        to_role=to_role,
        to_place="clinic",
        condition="good",
    )


def _take(played: Played, person: str, code: str) -> Outcome:
    return custody.take_custody(
        played.stage.site,
        played.actor(person),
        played.request(),
        batch=played.batch,
        scanned=code,
        means=Means.SCANNED,
        condition="good",
    )


@pytest.mark.parametrize("rule", HANDS)
def test_only_the_holder_gives_and_only_what_is_offered_is_taken(shared_at: SharedAt, rule: str) -> None:
    played = shared_at("delivered")
    with refuses(played, rule, filed=refusals(played.batch)):
        HANDS[rule](played)


def test_a_hand_over_has_two_people_the_right_role_and_the_right_container(at: At) -> None:
    """Domain 4.2."""
    played = at("delivered")
    _offer(played, CLIN_A)
    with refuses(played, "custody.open_offer", filed=refusals(played.batch)):
        _offer(played, CLIN_A)
    with refuses(played, "custody.self", filed=refusals(played.batch)):
        _take(played, CLIN_A, played.container("product"))
    with refuses(played, "custody.role", filed=refusals(played.batch)):
        _take(played, TECH_A, played.container("product"))
    with refuses(played, "custody.other_container", filed=refusals(played.batch)):
        _take(played, CLIN_B, played.container("product", batch=played.other))
    assert _take(played, CLIN_B, played.container("product")).entries


def test_a_hand_over_names_a_role_that_exists(shared_at: SharedAt) -> None:
    played = shared_at("delivered")
    with refuses(played, "choice.unknown", filed=None) as caught:
        _offer(played, CLIN_A, to_role="porter")
    assert isinstance(caught.value, BadEntry)
    assert caught.value.field == "to_role"
