"""At the bench: order, performers and second persons, evidence that is never overwritten; refusals are on file."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lims.actions import culture, deviations, evidence, people, qc, release
from lims.actions.evidence import Entered
from lims.actions.work import Actor, Outcome
from lims.domain.entries.values import Means
from tests.builders import At, Played, SharedAt, refusals, refuses
from tests.cast import QA_A, QA_B, QC_A, QC_B, TECH_A, TECH_B


def record(
    played: Played,
    step: str,
    slot: str,
    *,
    person: str = TECH_A,
    witness: Actor | None = None,
    **given: Any,
) -> Outcome:
    return evidence.record_evidence(
        played.stage.site,
        played.actor(person),
        played.request(),
        batch=played.batch,
        step=step,
        slot=slot,
        entered=Entered(**given),
        witness=witness,
    )


def confirm(played: Played, step: str, *, person: str = TECH_A) -> Outcome:
    return culture.confirm_step(
        played.stage.site, played.actor(person), played.request(), batch=played.batch, step=step
    )


def verify(played: Played, step: str, *, person: str = TECH_B, seen: int | None = None) -> Outcome:
    seq = played.record().steps[step].last_seq
    return culture.verify_step(
        played.stage.site,
        played.actor(person),
        played.request(),
        batch=played.batch,
        step=step,
        seen_seq=seq if seen is None else seen,
    )


def correct(played: Played, step: str, slot: str, raw: str, *, person: str = TECH_A) -> Outcome:
    return evidence.correct_evidence(
        played.stage.site,
        played.actor(person),
        played.request(),
        batch=played.batch,
        step=step,
        slot=slot,
        replaces_seq=played.record().slots[step, slot].last.seq,
        reason_code="typing",
        entered=Entered(raw=raw),
    )


def count(played: Played) -> None:
    record(played, "count", "pool", counts=(("152", "8"), ("148", "6")), dilution="20")


def test_a_step_waits_for_the_one_before(shared_at: SharedAt) -> None:
    """21 CFR 11.10(f)."""
    played = shared_at("counting")
    with refuses(played, "step.not_yet", filed=refusals(played.batch)):
        record(played, "seed", "volume", raw="75.0")
    with refuses(played, "step.not_yet", filed=refusals(played.batch)):
        confirm(played, "seed")


def test_a_confirmed_step_takes_no_more_evidence(shared_at: SharedAt) -> None:
    played = shared_at("counting")
    with refuses(played, "step.done", filed=refusals(played.batch)):
        record(played, "receive", "volume", raw="51.0")
    with refuses(played, "step.done", filed=refusals(played.batch)):
        confirm(played, "receive")


def test_a_step_with_something_missing_is_not_confirmed(shared_at: SharedAt) -> None:
    played = shared_at("counting")
    with refuses(played, "step.missing", filed=refusals(played.batch)):
        confirm(played, "count")


def test_nobody_types_what_is_computed(shared_at: SharedAt) -> None:
    """I14."""
    played = shared_at("counting")
    with refuses(played, "slot.computed", filed=refusals(played.batch)):
        record(played, "count", "total", raw="1")


def test_an_identity_is_not_corrected(shared_at: SharedAt) -> None:
    played = shared_at("counting")
    with refuses(played, "slot.identity", filed=refusals(played.batch)):
        correct(played, "receive", "tubes", played.container("tube", 2))


def test_the_performer_does_not_verify(shared_at: SharedAt) -> None:
    """I1, 21 CFR 211.188(b)(11)."""
    played = shared_at("seeded")
    with refuses(played, "step.performer_verifies", filed=refusals(played.batch)):
        verify(played, "seed", person=TECH_A)


def test_who_only_confirmed_is_a_performer_too(at: At) -> None:
    played = at("counting")
    count(played)
    confirm(played, "count", person=TECH_B)
    with refuses(played, "step.performer_verifies", filed=refusals(played.batch)):
        verify(played, "count", person=TECH_B)


def test_who_corrected_does_not_verify(at: At) -> None:
    played = at("seeded")
    correct(played, "seed", "volume", "76.0", person=TECH_B)
    with refuses(played, "step.performer_verifies", filed=refusals(played.batch)):
        verify(played, "seed", person=TECH_B)


def test_who_verified_does_not_correct(at: At) -> None:
    """I1: else one person would have performed and verified the same step."""
    played = at("seeded")
    verify(played, "seed")
    with refuses(played, "step.second_performs", filed=refusals(played.batch)):
        correct(played, "seed", "volume", "76.0", person=TECH_B)


def test_who_witnessed_does_not_go_on_working_in_the_step(at: At) -> None:
    played = at("filling")
    record(played, "fill", "seen", witness=played.actor(TECH_B))
    with refuses(played, "step.second_performs", filed=refusals(played.batch)):
        record(played, "fill", "product", person=TECH_B, raw=played.container("product"))
    with refuses(played, "step.second_performs", filed=refusals(played.batch)):
        correct(played, "fill", "volume", "1.21", person=TECH_B)


def test_the_performer_is_not_their_own_witness(shared_at: SharedAt) -> None:
    played = shared_at("filling")
    with refuses(played, "step.performer_verifies", filed=refusals(played.batch)):
        record(played, "fill", "seen", witness=played.actor(TECH_A))
    with refuses(played, "step.performer_verifies", filed=refusals(played.batch)):
        record(played, "fill", "seen", person=TECH_B, witness=played.actor(TECH_A))


def test_a_witness_is_needed_with_their_pin(shared_at: SharedAt) -> None:
    played = shared_at("filling")
    with refuses(played, "step.witness_missing", filed=refusals(played.batch)):
        record(played, "fill", "seen")
    with refuses(played, "act.strength", filed=refusals(played.batch)):
        record(played, "fill", "seen", witness=played.actor(TECH_B, bare=True))


def test_a_witness_has_a_role_that_may_witness(shared_at: SharedAt) -> None:
    """Also this refusal is on file, with the batch."""
    played = shared_at("filling")
    with refuses(played, "act.role", filed=refusals(played.batch)):
        record(played, "fill", "seen", witness=played.actor("coord-a"))
    with refuses(played, "step.role", filed=refusals(played.batch)):
        record(played, "fill", "seen", witness=played.actor("clin-a"))


def test_a_step_is_verified_as_it_was_seen(at: At) -> None:
    played = at("seeded")
    seen = played.record().steps["seed"].last_seq
    correct(played, "seed", "volume", "76.0")
    with refuses(played, "step.stale", filed=refusals(played.batch)):
        verify(played, "seed", seen=seen)


def test_a_correction_takes_the_verification_back(at: At) -> None:
    played = at("seeded")
    verify(played, "seed")
    correct(played, "seed", "volume", "76.0")
    assert played.record().steps["seed"].verified is None


def test_only_a_confirmed_step_is_verified_and_only_once(at: At) -> None:
    played = at("counting")
    with refuses(played, "step.not_confirmed", filed=refusals(played.batch)):
        verify(played, "count")
    with refuses(played, "step.verified", filed=refusals(played.batch)):
        verify(played, "receive", person=QA_B)


@pytest.mark.parametrize("act", ["confirm", "correct", "verify"])
def test_an_act_needs_the_strength_of_its_step(at: At, act: str) -> None:
    """21 CFR 11.200: seated only, no PIN."""
    played = at("seeded")
    person = TECH_B if act == "verify" else TECH_A
    bare = played.actor(person, bare=True)
    played.stage.actor = lambda person: bare  # type: ignore[method-assign]
    with refuses(played, "act.strength", filed=refusals(played.batch)):
        match act:
            case "confirm":
                culture.confirm_step(
                    played.stage.site, bare, played.request(), batch=played.batch, step="feed"
                )
            case "correct":
                correct(played, "seed", "volume", "76.0")
            case _:
                verify(played, "seed")


def test_a_signed_step_is_not_confirmed_with_a_pin(at: At) -> None:
    played = at("filling")
    actor = replace(played.actor(TECH_A), signer=None)
    with refuses(played, "act.strength", filed=refusals(played.batch)):
        culture.confirm_step(played.stage.site, actor, played.request(), batch=played.batch, step="fill")


def test_nobody_signs_with_the_key_of_another(at: At) -> None:
    """11.200(a)(2): no signing on behalf."""
    played = at("filling")
    actor = replace(played.actor(TECH_A), signer=played.stage.signers[TECH_B])
    with refuses(played, "act.key_not_attested", filed=refusals(played.batch)):
        culture.confirm_step(played.stage.site, actor, played.request(), batch=played.batch, step="fill")


def test_who_is_not_trained_does_not_record(at: At) -> None:
    """21 CFR 11.10(i)."""
    played = at("counting")
    people.record_training(
        played.stage.site,
        played.actor(QA_A),
        played.request(),
        person=TECH_A,
        subject="MBR-DNK-010",
        version="1",
        until=(played.now - timedelta(days=2)).date(),
        evidence="lapsed",
    )
    with refuses(played, "act.training", filed=refusals(played.batch)):
        count(played)


def test_a_held_batch_takes_no_evidence(at: At) -> None:
    played = at("counting")
    release.place_hold(
        played.stage.site, played.actor(QA_A), played.request(), batch=played.batch, reason_code="question"
    )
    with refuses(played, "act.hold", filed=refusals(played.batch)):
        count(played)


def test_a_step_stops_until_quality_decided(at: At) -> None:
    """Viability below the stop limit: nobody goes on over it (domain 2.4)."""
    played = at("counting")
    record(played, "count", "pool", counts=(("100", "60"), ("102", "58")), dilution="20")
    with refuses(played, "step.qa_first", filed=refusals(played.batch)):
        confirm(played, "count")


def test_the_opener_does_not_decide_a_deviation(at: At) -> None:
    played = at("counting")
    site = played.stage.site
    deviations.open_deviation(
        site, played.actor(QA_A), played.request(), batch=played.batch, step=None, text="A door stood open."
    )

    def decide(person: str) -> None:
        deviations.decide_deviation(
            site,
            played.actor(person),
            played.request(),
            batch=played.batch,
            number=f"{played.batch}-1",
            severity="minor",
            decision="accepted",
            impact="None.",
        )

    with refuses(played, "deviation.opener_decides", filed=refusals(played.batch)):
        decide(QA_A)
    decide(QA_B)
    with refuses(played, "deviation.decided", filed=refusals(played.batch)):
        decide(QA_B)


def test_a_label_is_accounted_for_once(shared_at: SharedAt) -> None:
    """I9, F17."""
    played = shared_at("seeded")
    serial = next(iter(played.record().labels))
    with refuses(played, "label.accounted", filed=refusals(played.batch)):
        culture.account_label(
            played.stage.site,
            played.actor(TECH_A),
            played.request(),
            batch=played.batch,
            step="seed",
            slot="labels",
            serial=serial,
            fate="destroyed",
        )


def enter(played: Played, test: str, *, person: str = QC_A, raw: str = "", option: str = "") -> None:
    qc.enter_result(
        played.stage.site,
        played.actor(person),
        played.request(),
        batch=played.batch,
        test=test,
        raw=raw,
        option=option,
    )


def test_a_result_does_not_come_before_its_test_can_have_ended(shared_at: SharedAt) -> None:
    played = shared_at("released")
    with refuses(played, "result.too_early", filed=refusals(played.batch)):
        enter(played, "sterility_b", option="no_growth")


def test_a_second_result_never_replaces_the_first(shared_at: SharedAt) -> None:
    """Domain 3.1: no testing into compliance."""
    played = shared_at("tested")
    with refuses(played, "result.exists", filed=refusals(played.batch)):
        enter(played, "viability", raw="99")


def test_nobody_reviews_their_own_result(at: At) -> None:
    """21 CFR 211.194(a)(8)."""
    played = at("made")
    site = played.stage.site
    code = played.container("qc_final")
    with refuses(played, "sample.not_received", filed=refusals(played.batch)):
        enter(played, "viability", raw="93.0")
    qc.receive_sample(
        site, played.actor(QC_A), played.request(), batch=played.batch, code=code, means=Means.SCANNED
    )
    enter(played, "viability", raw="93.0")

    def review(person: str) -> None:
        qc.review_result(
            site, played.actor(person), played.request(), batch=played.batch, test="viability", agreed=True
        )

    with refuses(played, "result.own", filed=refusals(played.batch)):
        review(QC_A)
    review(QC_B)
    with refuses(played, "result.reviewed", filed=refusals(played.batch)):
        review(QC_B)


def test_a_sample_that_was_not_taken_is_not_received(shared_at: SharedAt) -> None:
    played = shared_at("counting")
    with refuses(played, "sample.not_taken", filed=refusals(played.batch)):
        qc.receive_sample(
            played.stage.site,
            played.actor(QC_A),
            played.request(),
            batch=played.batch,
            code=played.container("qc_final"),
            means=Means.SCANNED,
        )
