"""No batch for who may not have one; master records and lots that nobody approved; each refusal is on file."""

from datetime import timedelta

import pytest

from lims.actions import culture, evidence, machines, masters, recall, receipt, release, supply, trial
from lims.actions.evidence import Entered
from lims.authoring.load import load_master_batch_record
from lims.domain.entries.batch import BatchIssued
from lims.domain.refusals import BadEntry
from tests.actions.attempts import new_master
from tests.builders import At, Played, SharedAt, refusals, refuses
from tests.cast import CLIN_A, CLIN_B, COORD, QA_A, QA_B, TECH_A, TECH_B
from tests.player.scripts import BatchScript

MASTER = "MBR-DNK-010"


def issue(played: Played, participant: str, round_number: int = 1) -> None:
    receipt.issue_batch(
        played.stage.site,
        played.actor(QA_B),
        played.request(),
        participant=participant,
        round_number=round_number,
        master=MASTER,
    )


@pytest.mark.parametrize(
    ("who", "rule"),
    [
        ("control", "participant.arm"),
        ("unallocated", "participant.not_allocated"),
        ("unconsented", "participant.no_consent"),
    ],
)
def test_no_batch_exists_for_who_may_not_have_one(shared_at: SharedAt, who: str, rule: str) -> None:
    """I11, TR-1: control arm, not randomised, no consent."""
    played = shared_at("staffed")
    participant = getattr(played, who)
    with refuses(played, rule, filed=f"participant:{participant}!refusals"):
        issue(played, participant)


def test_no_batch_is_issued_for_who_withdrew(at: At) -> None:
    """TR-4."""
    played = at("staffed")
    trial.withdraw_consent(
        played.stage.site,
        played.actor(COORD),
        played.request(),
        participant=played.anna,
        scopes=("treatment",),
        reason="",
    )
    with refuses(played, "participant.no_consent", filed=f"participant:{played.anna}!refusals"):
        issue(played, played.anna)


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        (3, "round.beyond"),
        (0, "round.beyond"),
        (-1, "round.beyond"),
        (2, "round.order"),
        (1, "round.open_batch"),
    ],
)
def test_rounds_are_those_of_the_protocol_in_their_order(shared_at: SharedAt, number: int, rule: str) -> None:
    """TR-2, I12."""
    played = shared_at("issued")
    with refuses(played, rule, filed=f"participant:{played.anna}!refusals"):
        issue(played, played.anna, number)


def test_a_perfused_round_has_no_further_batch(shared_at: SharedAt) -> None:
    """I12."""
    played = shared_at("perfused")
    with refuses(played, "round.perfused", filed=f"participant:{played.anna}!refusals"):
        issue(played, played.anna, 1)


def test_after_a_rejected_batch_the_round_has_another_attempt(at: At) -> None:
    played = at("issued")
    release.reject_batch(
        played.stage.site, played.actor(QA_A), played.request(), batch=played.batch, reason="Wrong tubes."
    )
    outcome = receipt.issue_batch(
        played.stage.site,
        played.actor(QA_B),
        played.request(),
        participant=played.anna,
        round_number=1,
        master=MASTER,
    )
    assert outcome.of(BatchIssued).attempt == 2


def test_an_allocation_is_never_changed(shared_at: SharedAt) -> None:
    """TR-6."""
    played = shared_at("staffed")
    with refuses(played, "participant.allocated", filed=f"participant:{played.control}!refusals"):
        trial.record_allocation(
            played.stage.site,
            played.actor(COORD),
            played.request(),
            participant=played.control,
            arm="perfusion",
            source="list",
            reference="R-1",
            allocated_at=played.now,
        )


def propose(played: Played) -> None:
    masters.propose_master(played.stage.site, played.actor(QA_A), played.request(), text=new_master())


def approve(
    played: Played, person: str, *, file_sha256: str | None = None, canonical: str | None = None
) -> None:
    loaded = load_master_batch_record(new_master())
    masters.approve_master(
        played.stage.site,
        played.actor(person),
        played.request(),
        code=MASTER,
        version="2",
        file_sha256=file_sha256 or loaded.file_sha256,
        canonical_sha256=canonical or loaded.canonical_sha256,
    )


def test_the_author_does_not_approve_their_own_master_record(at: At) -> None:
    """21 CFR 211.186(a)."""
    played = at("staffed")
    propose(played)
    with refuses(played, "master.author_approves", filed=f"master:{MASTER}!refusals"):
        approve(played, QA_A)


@pytest.mark.parametrize("tampered", ["file_sha256", "canonical"])
def test_what_is_approved_is_what_was_proposed(at: At, tampered: str) -> None:
    """Both hashes count: the file's bytes and its canonical content."""
    played = at("staffed")
    propose(played)
    with refuses(played, "master.hash_differs", filed=f"master:{MASTER}!refusals"):
        approve(played, QA_B, **{tampered: "0" * 64})


def test_a_running_batch_keeps_the_version_it_was_issued_from(at: At) -> None:
    """S88-3."""
    played = at("issued")
    before = played.record().master
    propose(played)
    approve(played, QA_B)
    assert played.record().master == before


def test_nobody_uses_a_lot_that_is_in_quarantine(at: At) -> None:
    """I8, 21 CFR 211.142."""
    played = at("counting")
    outcome = supply.receive_lot(
        played.stage.site,
        played.actor(TECH_A),
        played.request(),
        item="medium_a",
        supplier="S",
        supplier_lot="Q-1",
        expires=(played.now + timedelta(days=9)).date(),
        quantity="500",
        unit="mL",
    )
    lot = outcome.entries[0].stream.partition(":")[2]
    played = finish_count(played)
    with refuses(played, "lot.not_released", filed=refusals(played.batch)):
        scan(played, "seed", "medium", lot)


def finish_count(played: Played) -> Played:
    """Count and verify, so that the seeding step is open."""
    site = played.stage.site
    evidence.record_evidence(
        site,
        played.actor(TECH_A),
        played.request(),
        batch=played.batch,
        step="count",
        slot="pool",
        entered=Entered(counts=(("152", "8"), ("148", "6")), dilution="20"),
    )
    culture.confirm_step(site, played.actor(TECH_A), played.request(), batch=played.batch, step="count")
    return played


def scan(played: Played, step: str, slot: str, code: str, *, person: str = TECH_A) -> None:
    from lims.domain.entries.values import Means

    evidence.record_evidence(
        played.stage.site,
        played.actor(person),
        played.request(),
        batch=played.batch,
        step=step,
        slot=slot,
        entered=Entered(raw=code, means=Means.SCANNED),
    )


def test_nobody_uses_a_recalled_lot(at: At) -> None:
    """I8; the batch that already used it would be held, this one did not."""
    played = finish_count(at("counting"))
    lot = played.stage.lots["medium_a"]
    recall.recall_lot(played.stage.site, played.actor(QA_A), played.request(), lot=lot, reference="R-1")
    with refuses(played, "lot.not_released", filed=refusals(played.batch)):
        scan(played, "seed", "medium", lot)


def test_nobody_uses_an_expired_lot(at: At) -> None:
    played = finish_count(at("counting"))
    site = played.stage.site
    outcome = supply.receive_lot(
        site,
        played.actor(TECH_A),
        played.request(),
        item="medium_a",
        supplier="S",
        supplier_lot="E-1",
        expires=played.now.date(),
        quantity="500",
        unit="mL",
    )
    lot = outcome.entries[0].stream.partition(":")[2]
    supply.release_lot(site, played.actor(QA_A), played.request(), lot=lot, certificate="CoA")
    played.wait(days=2)
    with refuses(played, "lot.expired", filed=refusals(played.batch)):
        scan(played, "seed", "medium", lot)


def test_nobody_uses_another_material(at: At) -> None:
    played = finish_count(at("counting"))
    with refuses(played, "lot.wrong_item", filed=refusals(played.batch)):
        scan(played, "seed", "medium", played.stage.lots["medium_b"])


def test_a_recall_holds_every_batch_that_used_the_lot(at: At) -> None:
    played = at("released")
    lot = played.stage.lots["medium_a"]
    recall.recall_lot(played.stage.site, played.actor(QA_A), played.request(), lot=lot, reference="R-1")
    assert played.record().hold_reason == "lot_recalled"
    assert played.record(played.other).hold_reason == ""


def round_two(played: Played) -> str:
    """A batch of the second round, four weeks after the first perfusion."""
    played.wait(days=28)
    script = BatchScript(stage=played.stage, participant=played.anna, start=played.now, round_number=2)
    played.run(script.issued())
    played.add_script(script)
    return script.batch


def test_a_tube_of_the_other_round_is_stopped(at: At) -> None:
    """I13, domain 4.1."""
    played = at("perfused")
    tube = played.container("tube", 1)
    second = round_two(played)
    played.batch = second
    with refuses(played, "scan.other_round", filed=refusals(second)):
        scan(played, "receive", "tubes", tube)


def test_a_tube_of_another_participant_is_stopped_and_nobody_is_named(at: At) -> None:
    """I13, domain 4.5: neither the message nor the record says whose it is."""
    played = at("issued")
    foreign = played.container("tube", 1, batch=played.other)
    with refuses(played, "scan.other_batch", filed=refusals(played.batch)) as caught:
        scan(played, "receive", "tubes", foreign)
    told = str(caught.value) + repr(played.entries(refusals(played.batch))[-1].fact)
    assert not any(name in told for name in (played.berta, played.other, foreign, "演示"))


def test_a_foreign_tube_is_stopped_even_where_a_slot_is_full(at: At) -> None:
    """The hard stop comes before every other reason: the person holds another participant's tube (I13)."""
    played = at("counting")
    foreign = played.container("tube", 1, batch=played.other)
    with refuses(played, "scan.other_batch", filed=refusals(played.batch)):
        scan(played, "count", "stain", foreign)
    assert foreign not in repr(played.entries(refusals(played.batch)))


def test_a_foreign_tube_is_stopped_at_a_step_that_is_not_open(at: At) -> None:
    played = at("counting")
    foreign = played.container("vessel", 1, batch=played.other)
    with refuses(played, "scan.other_batch", filed=refusals(played.batch)):
        scan(played, "feed", "vessel", foreign)


def test_an_unknown_code_is_no_container(at: At) -> None:
    from lims.domain.codes import CodeType, compose

    played = at("issued")
    with refuses(played, "scan.unknown", filed=refusals(played.batch)):
        scan(played, "receive", "tubes", compose(CodeType.TUBE, "999999999999"))


def test_equipment_out_of_calibration_is_refused(at: At) -> None:
    """21 CFR 211.68."""
    played = at("issued")
    box = played.stage.things["transport_box"]
    machines.record_calibration(
        played.stage.site,
        played.actor(QA_A),
        played.request(),
        equipment=box,
        passed=True,
        until=played.now.date(),
        certificate="C",
    )
    played.wait(days=2)
    with refuses(played, "equipment.out_of_calibration", filed=refusals(played.batch)):
        scan(played, "receive", "box", box)


def test_equipment_that_failed_its_calibration_or_was_withdrawn_is_refused(at: At) -> None:
    played = at("issued")
    box = played.stage.things["transport_box"]
    site = played.stage.site
    machines.withdraw_equipment(
        site, played.actor(QA_A), played.request(), equipment=box, reason_code="broken"
    )
    with refuses(played, "equipment.withdrawn", filed=refusals(played.batch)):
        scan(played, "receive", "box", box)
    with refuses(played, "equipment.wrong_class", filed=refusals(played.batch)):
        scan(played, "receive", "box", played.stage.things["centrifuge"], person=TECH_B)


def test_the_number_of_an_identity_document_never_comes_into_the_record(shared_at: SharedAt) -> None:
    """H-290c: names and numbers of a person stay out of codes and out of the chain."""
    played = shared_at("staffed")
    head = played.entries(f"participant:{played.anna}")[-1].seq
    with pytest.raises(BadEntry) as refused:
        trial.put_on_wristband(
            played.stage.site,
            played.actor(CLIN_A),
            played.request(),
            participant=played.anna,
            identity_document="ID card 320102199001011234",
            witness=played.actor(CLIN_B),
        )
    assert (refused.value.rule, refused.value.field) == ("text.no_number", "identity_document")
    assert played.entries(f"participant:{played.anna}")[-1].seq == head
