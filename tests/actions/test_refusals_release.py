"""Quality's side: every condition of release one by one, who certifies, final disposition, closure."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from lims.actions import (
    aftercare,
    culture,
    custody,
    deviations,
    evidence,
    oos,
    people,
    qc,
    recall,
    release,
    trial,
)
from lims.actions.evidence import Entered
from lims.domain.acts import Role, Stage
from lims.domain.entries.batch import ResultEntered
from lims.domain.entries.envelope import Entry
from lims.domain.oos import CHECKS
from lims.domain.participant import Participant
from lims.domain.refusals import Unmet
from lims.domain.release import unmet_release
from lims.domain.replay import Difference, Replay, replay
from tests.builders import At, Played, SharedAt, refusals, refuses
from tests.cast import ADMIN, CLIN_A, COORD, QA_A, QA_B, TECH_A


def do_release(played: Played, *, person: str = QA_A, seen: int | None = None) -> None:
    release.release_conditionally(
        played.stage.site,
        played.actor(person),
        played.request(),
        batch=played.batch,
        seen_seq=played.record().seq if seen is None else seen,
    )


def review(played: Played, *, seen: int | None = None, person: str = QA_A) -> None:
    release.review_record(
        played.stage.site,
        played.actor(person),
        played.request(),
        batch=played.batch,
        seen_seq=played.record().seq if seen is None else seen,
    )


def test_nothing_is_reviewed_or_released_whose_verdicts_come_out_otherwise(
    at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    """21 CFR 211.192, Annex 11, 13: such as after a change of the software that computes otherwise than before."""
    played = at("reviewed")

    def otherwise(stream: str, entries: Sequence[Entry], before: object = None) -> Replay:
        found = replay(stream, entries)
        wrong = Difference(entry=entries[4], what="verdict")
        return replace(found, differences=(wrong,))

    monkeypatch.setattr(release, "replay", otherwise)
    with refuses(played, "review.replay", filed=refusals(played.batch)):
        review(played)
    with refuses(played, "review.replay", filed=refusals(played.batch)):
        do_release(played)


def _expired(played: Played) -> None:
    played.wait(hours=13)


def _withdrawn(played: Played) -> None:
    trial.withdraw_consent(
        played.stage.site,
        played.actor(COORD),
        played.request(),
        participant=played.anna,
        scopes=("data",),
        reason="",
    )
    hold = played.record().holds[0].seq
    release.lift_hold(
        played.stage.site,
        played.actor(QA_B),
        played.request(),
        batch=played.batch,
        placed_seq=hold,
        reason="For the test.",
    )


def _deviation(played: Played, *, decision: str = "") -> None:
    site = played.stage.site
    deviations.open_deviation(
        site, played.actor(TECH_A), played.request(), batch=played.batch, step=None, text="A door stood open."
    )
    if decision:
        deviations.decide_deviation(
            site,
            played.actor(QA_B),
            played.request(),
            batch=played.batch,
            number=f"{played.batch}-1",
            severity="major",
            decision=decision,
            impact="Not known.",
        )


def _rejecting(played: Played) -> None:
    _deviation(played, decision="rejects_batch")


def _corrected(played: Played) -> None:
    """A verified step is corrected: verification and review fall back."""
    evidence.correct_evidence(
        played.stage.site,
        played.actor(TECH_A),
        played.request(),
        batch=played.batch,
        step="seed",
        slot="volume",
        replaces_seq=played.record().slots["seed", "volume"].last.seq,
        reason_code="typing",
        entered=Entered(raw="75.1"),
    )


def _offered(played: Played) -> None:
    custody.offer_custody(
        played.stage.site,
        played.actor(TECH_A),
        played.request(),
        batch=played.batch,
        container=played.container("product"),
        to_role="technician",
        to_place="Room 2",
        condition="good",
    )


UNMET: dict[str, tuple[str, Callable[[Played], object]]] = {
    "release.shelf_life": ("reviewed", lambda played: played.wait(hours=5.5)),
    "release.expired": ("reviewed", _expired),
    "participant.no_consent": ("reviewed", _withdrawn),
    "deviation.undecided": ("reviewed", _deviation),
    "deviation.rejecting": ("reviewed", _rejecting),
    "release.steps": ("reviewed", _corrected),
    "release.review": ("tested", lambda played: None),
    "test.not_passed": ("made", review),
    "release.custody": ("reviewed", _offered),
}


@pytest.mark.parametrize("reason", UNMET)
def test_a_batch_with_one_condition_open_is_not_released(at: At, reason: str) -> None:
    """A16-1; the refusal carries every reason, the ones that grey the button."""
    point, spoil = UNMET[reason]
    played = at(point)
    spoil(played)
    with refuses(played, "release.unmet", filed=refusals(played.batch)) as caught:
        do_release(played)
    assert isinstance(caught.value, Unmet)
    assert reason in {item.rule for item in caught.value.reasons}
    assert played.record().stage is Stage.TESTING


PURE: dict[str, Callable[[Participant], Participant]] = {
    "participant.not_allocated": lambda person: replace(person, allocation=None),
    "round.no_order": lambda person: replace(person, rounds={}),
}


@pytest.mark.parametrize("reason", PURE)
def test_what_no_act_can_bring_about_is_a_reason_too(shared_at: SharedAt, reason: str) -> None:
    played = shared_at("reviewed")
    person = PURE[reason](played.participant())
    found = unmet_release(played.record(), person, now=played.now)
    assert reason in {item.rule for item in found}


def test_a_batch_with_everything_met_has_no_reason_left(shared_at: SharedAt) -> None:
    played = shared_at("reviewed")
    assert unmet_release(played.record(), played.participant(), now=played.now) == ()


def test_a_held_batch_is_not_released(at: At) -> None:
    played = at("reviewed")
    release.place_hold(
        played.stage.site, played.actor(CLIN_A), played.request(), batch=played.batch, reason_code="question"
    )
    with refuses(played, "act.hold", filed=refusals(played.batch)):
        do_release(played)


def test_nobody_releases_from_a_stale_page(shared_at: SharedAt) -> None:
    played = shared_at("reviewed")
    with refuses(played, "step.stale", filed=refusals(played.batch)):
        do_release(played, seen=played.record().seq - 1)


@pytest.mark.parametrize("seen", [1, 10**9])
def test_a_review_covers_what_was_seen_and_nothing_to_come(shared_at: SharedAt, seen: int) -> None:
    """A page cannot claim to have shown entries that do not exist yet."""
    played = shared_at("tested")
    with refuses(played, "step.stale", filed=refusals(played.batch)):
        review(played, seen=seen)


def test_who_took_part_does_not_certify(at: At) -> None:
    """I1, A16-3: a quality officer who verified one step neither reviews nor releases."""
    played = at("seeded")
    culture.verify_step(
        played.stage.site,
        played.actor(QA_B),
        played.request(),
        batch=played.batch,
        step="seed",
        seen_seq=played.record().steps["seed"].last_seq,
    )
    with refuses(played, "act.took_part", filed=refusals(played.batch)):
        review(played, person=QA_B)


def test_a_technician_is_not_made_a_quality_officer(shared_at: SharedAt) -> None:
    """Forbidden role pairs (requirements 1.15)."""
    played = shared_at("staffed")
    for person, role in ((TECH_A, Role.QA), ("qc-a", Role.QA), (ADMIN, Role.QA), ("inspector", Role.QA)):
        with refuses(played, "person.role_pair", filed=f"person:{person}!refusals"):
            people.grant_role(
                played.stage.site,
                played.actor(QA_B),
                played.request(),
                person=person,
                role=role,
                until=played.stage.until,
            )


def dispose(played: Played, disposition: str, *, reason: str = "") -> None:
    release.dispose_finally(
        played.stage.site,
        played.actor(QA_A),
        played.request(),
        batch=played.batch,
        disposition=disposition,
        reason=reason,
    )


def test_a_final_disposition_waits_for_every_test(shared_at: SharedAt) -> None:
    """I15."""
    played = shared_at("perfused")
    with refuses(played, "final.tests", filed=refusals(played.batch)):
        dispose(played, "conforming")


def test_a_late_growth_makes_it_nonconforming(at: At) -> None:
    """AT-7: a late result that fails opens a critical deviation, and nothing conforms over it."""
    played = at("perfused")
    played.wait(days=15)
    site = played.stage.site
    aftercare.end_observation(
        site, played.actor("clin-a"), played.request(), batch=played.batch, outcome="well", note=""
    )
    outcome = qc.enter_result(
        site, played.actor("qc-a"), played.request(), batch=played.batch, test="sterility_b", option="growth"
    )
    assert outcome.of(ResultEntered).outcome == "fail"
    qc.review_result(
        site, played.actor("qc-b"), played.request(), batch=played.batch, test="sterility_b", agreed=True
    )
    review(played)
    with refuses(played, "final.oos", filed=refusals(played.batch)):
        dispose(played, "nonconforming", reason="Growth.")
    number = f"{played.batch}-1"
    oos.examine_oos(
        site,
        played.actor("qc-b"),
        played.request(),
        batch=played.batch,
        number=number,
        checks=dict.fromkeys(CHECKS, "in_order"),
        findings="The growth is the sample's.",
    )
    oos.judge_oos(
        site,
        played.actor(QA_B),
        played.request(),
        batch=played.batch,
        number=number,
        decision="confirmed",
        why="No laboratory error.",
    )
    with refuses(played, "deviation.undecided", filed=refusals(played.batch)):
        dispose(played, "nonconforming", reason="Growth.")
    deviations.decide_deviation(
        site,
        played.actor(QA_B),
        played.request(),
        batch=played.batch,
        number=number,
        severity="critical",
        decision="accepted",
        impact="The clinic was told.",
    )
    review(played)
    with refuses(played, "final.not_conforming", filed=refusals(played.batch)):
        dispose(played, "conforming")
    dispose(played, "nonconforming", reason="Growth.")
    assert played.record().stage is Stage.DISPOSED


def test_a_record_closes_only_after_its_disposition(shared_at: SharedAt) -> None:
    for point in ("perfused", "closed"):
        played = shared_at(point)
        with refuses(played, "act.stage", filed=refusals(played.batch)):
            release.close_record(played.stage.site, played.actor(QA_A), played.request(), batch=played.batch)


AFTER_CLOSE: dict[str, Callable[[Played], object]] = {
    "hold": lambda p: release.place_hold(
        p.stage.site, p.actor(QA_A), p.request(), batch=p.batch, reason_code="question"
    ),
    "evidence": lambda p: evidence.record_evidence(
        p.stage.site,
        p.actor(TECH_A),
        p.request(),
        batch=p.batch,
        step="seed",
        slot="volume",
        entered=Entered(raw="1"),
    ),
    "correction": lambda p: evidence.correct_evidence(
        p.stage.site,
        p.actor(TECH_A),
        p.request(),
        batch=p.batch,
        step="seed",
        slot="volume",
        replaces_seq=p.record().slots["seed", "volume"].last.seq,
        reason_code="typing",
        entered=Entered(raw="76.0"),
    ),
    "rejection": lambda p: release.reject_batch(
        p.stage.site, p.actor(QA_A), p.request(), batch=p.batch, reason="Late."
    ),
    "review": lambda p: review(p),
    "disposition": lambda p: dispose(p, "nonconforming", reason="Late."),
}


@pytest.mark.parametrize("act", AFTER_CLOSE)
def test_nothing_changes_a_closed_record(shared_at: SharedAt, act: str) -> None:
    """I7."""
    played = shared_at("closed")
    with refuses(played, "act.stage", filed=refusals(played.batch)):
        AFTER_CLOSE[act](played)


def test_a_note_and_a_recall_may_follow_a_closed_record(at: At) -> None:
    """I7: what the closed record may still take; a recall opens it again, for quality to decide."""
    played = at("closed")
    site = played.stage.site
    release.annotate(site, played.actor(QA_A), played.request(), batch=played.batch, text="Seen.")
    recall.recall_lot(
        site, played.actor(QA_A), played.request(), lot=played.stage.lots["medium_a"], reference="R-1"
    )
    record = played.record()
    assert (record.stage, record.closed, record.on_hold) == (Stage.PERFUSED, None, None)
    assert [item.fact.rule for item in record.open_deviations] == ["lot.recalled"]
    assert played.participant().round(1).finalised is None


def test_a_complaint_about_a_closed_record_opens_it_again(at: At) -> None:
    played = at("closed")
    before = played.entries(f"batch:{played.batch}")
    _deviation(played)
    assert played.record().stage is Stage.PERFUSED
    assert played.entries(f"batch:{played.batch}")[: len(before)] == before


def test_a_released_product_leaves_only_with_time_to_use_it(at: At) -> None:
    """Domain 4.2 C10."""
    played = at("released")
    played.wait(hours=11)

    def offer(batch: str, code: str) -> None:
        custody.offer_custody(
            played.stage.site,
            played.actor(TECH_A),
            played.request(),
            batch=batch,
            container=code,
            to_role="clinician",
            to_place="clinic",
            condition="good",
        )

    with refuses(played, "release.shelf_life", filed=refusals(played.batch)):
        offer(played.batch, played.container("product"))
    with refuses(played, "custody.not_released", filed=refusals(played.other)):
        offer(played.other, played.container("product", batch=played.other))


def test_an_expired_deviation_is_opened_once_however_often_the_timer_runs(at: At) -> None:
    from lims.actions import timers

    played = at("released")
    played.wait(hours=13)
    for _ in range(3):
        timers.run_due(played.stage.site)
    rules = [item.fact.rule for item in played.record().deviations.values()]
    assert rules == ["product.expired"]
