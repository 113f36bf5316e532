"""Many people at once, through the acts themselves: nobody fails for another's sake, and no recall is outrun."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from lims.actions import culture, evidence, qc, recall, receipt, release, trial
from lims.actions.evidence import Entered
from lims.domain.entries.batch import Annotated, BatchIssued, EvidenceRecorded
from lims.domain.entries.values import Means
from lims.domain.refusals import Refused
from tests.builders import Played
from tests.cast import QA_A, QA_B, QC_A, TECH_A, TECH_B

OnBoth = Callable[[str], Played]


def crowd(acts: list[Callable[[], object]]) -> list[object]:
    """All acts begin at the same moment, each on a thread of its own; any failure is raised here."""
    barrier = Barrier(len(acts))

    def one(act: Callable[[], object]) -> object:
        barrier.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [done.result() for done in [pool.submit(one, act) for act in acts]]


def scan(played: Played, batch: str, step: str, slot: str, code: str, *, person: str = TECH_A) -> None:
    evidence.record_evidence(
        played.stage.site,
        played.actor(person),
        played.request(),
        batch=batch,
        step=step,
        slot=slot,
        entered=Entered(raw=code, means=Means.SCANNED),
    )


def test_eight_people_on_one_batch_never_meet(on_both: OnBoth) -> None:
    """Different slots, notes and tubes of one batch at the same moment: no failure, no false conflict, no gap."""
    played = on_both("issued")
    batch, site = played.batch, played.stage.site
    tubes = [played.container("tube", index) for index in range(1, 6)]

    def typed(slot: str, raw: str) -> None:
        evidence.record_evidence(
            site,
            played.actor(TECH_A),
            played.request(),
            batch=batch,
            step="receive",
            slot=slot,
            entered=Entered(raw=raw),
        )

    def chosen(slot: str, option: str) -> None:
        evidence.record_evidence(
            site,
            played.actor(TECH_B),
            played.request(),
            batch=batch,
            step="receive",
            slot=slot,
            entered=Entered(option=option),
        )

    def notes(person: str) -> None:
        for number in range(6):
            release.annotate(site, played.actor(person), played.request(), batch=batch, text=f"Note {number}")

    def tubes_one_by_one() -> None:
        for code in tubes:
            scan(played, batch, "receive", "tubes", code)

    crowd(
        [
            lambda: typed("logger_low", "17.8"),
            lambda: typed("logger_high", "22.4"),
            lambda: typed("volume", "50.0"),
            lambda: chosen("seal", "intact"),
            lambda: chosen("appearance", "normal"),
            lambda: scan(played, batch, "receive", "box", played.stage.things["transport_box"]),
            tubes_one_by_one,
            lambda: notes(QC_A),
        ]
    )
    record = played.record()
    assert [entry.seq for entry in record.entries] == list(range(1, len(record.entries) + 1))
    assert sum(isinstance(entry.fact, EvidenceRecorded) for entry in record.entries) == 6 + 5
    assert sum(isinstance(entry.fact, Annotated) for entry in record.entries) == 6
    assert played.entries(f"batch:{batch}!refusals") == ()
    assert played.verified().findings == ()


def test_one_slot_is_filled_once_whoever_is_first(on_both: OnBoth) -> None:
    played = on_both("issued")
    told: list[str] = []

    def one(number: int) -> None:
        try:
            evidence.record_evidence(
                played.stage.site,
                played.actor((TECH_A, TECH_B)[number % 2]),
                played.request(),
                batch=played.batch,
                step="receive",
                slot="volume",
                entered=Entered(raw=f"5{number}.0"),
            )
            told.append("kept")
        except Refused as refused:
            told.append(refused.rule)

    crowd([lambda number=number: one(number) for number in range(8)])  # type: ignore[misc]
    assert sorted(told) == ["kept"] + ["slot.filled"] * 7
    assert len(played.record().slots["receive", "volume"].history) == 1
    assert played.verified().findings == ()


def eight_batches(played: Played) -> list[str]:
    """Eight participants with a batch each."""
    numbers = []
    for _ in range(8):
        participant = played.stage.enrol()
        outcome = receipt.issue_batch(
            played.stage.site,
            played.actor(QA_B),
            played.request(),
            participant=participant,
            round_number=1,
            master="MBR-DNK-010",
        )
        numbers.append(outcome.of(BatchIssued).number)
    return numbers


def test_eight_people_on_eight_batches_never_meet(on_both: OnBoth) -> None:
    """They share one transport box and one logger, whose logs all of them write."""
    played = on_both("staffed")
    numbers = eight_batches(played)

    def one(batch: str) -> None:
        scan(played, batch, "receive", "box", played.stage.things["transport_box"])
        scan(played, batch, "receive", "logger", played.stage.things["temperature_logger"])
        for slot, raw in (("logger_low", "17.0"), ("logger_high", "21.0"), ("volume", "50.0")):
            evidence.record_evidence(
                played.stage.site,
                played.actor(TECH_A),
                played.request(),
                batch=batch,
                step="receive",
                slot=slot,
                entered=Entered(raw=raw),
            )

    crowd([lambda batch=batch: one(batch) for batch in numbers])  # type: ignore[misc]
    assert {len(played.record(batch).slots) for batch in numbers} == {5}
    assert played.verified().findings == ()


@pytest.mark.parametrize("turn", range(6))
def test_no_batch_escapes_a_recall(on_both: OnBoth, turn: int) -> None:
    """Whichever comes first: a batch that used the lot is held, or it was refused the lot."""
    played = on_both("counting")
    order = random.Random(turn)
    evidence.record_evidence(
        played.stage.site,
        played.actor(TECH_A),
        played.request(),
        batch=played.batch,
        step="count",
        slot="pool",
        entered=Entered(counts=(("152", "8"), ("148", "6")), dilution="20"),
    )
    culture.confirm_step(
        played.stage.site, played.actor(TECH_A), played.request(), batch=played.batch, step="count"
    )
    medium = played.stage.lots["medium_a"]

    def use() -> str:
        try:
            scan(played, played.batch, "seed", "medium", medium)
        except Refused as refused:
            return refused.rule
        return "used"

    def call_back() -> str:
        recall.recall_lot(
            played.stage.site, played.actor(QA_A), played.request(), lot=medium, reference="R-1"
        )
        return "recalled"

    acts: list[Callable[[], object]] = [use, call_back]
    order.shuffle(acts)
    outcome = set(crowd(acts))
    record = played.record()
    used = ("seed", "medium") in record.slots
    assert used == ("used" in outcome)
    assert outcome - {"used", "recalled"} <= {"lot.not_released"}
    assert bool(record.on_hold) == used
    assert played.verified().findings == ()


def test_a_release_does_not_outrun_a_recall(on_both: OnBoth) -> None:
    """Released first, then held; or held first, then not released: never released and free."""
    played = on_both("reviewed")
    seen = played.record().seq

    def let_go() -> str:
        try:
            release.release_conditionally(
                played.stage.site, played.actor(QA_A), played.request(), batch=played.batch, seen_seq=seen
            )
        except Refused as refused:
            return refused.rule
        return "released"

    def call_back() -> None:
        recall.recall_lot(
            played.stage.site,
            played.actor(QA_B),
            played.request(),
            lot=played.stage.lots["medium_a"],
            reference="R-1",
        )

    crowd([let_go, call_back])
    assert played.record().hold_reason == "lot_recalled"
    assert played.verified().findings == ()


def test_a_withdrawal_races_with_the_bench(on_both: OnBoth) -> None:
    """The batch is held in the same act; what the bench did at the same moment stands before or is refused."""
    played = on_both("issued")

    def work() -> None:
        for slot, raw in (("logger_low", "17.0"), ("logger_high", "21.0"), ("volume", "50.0")):
            try:
                evidence.record_evidence(
                    played.stage.site,
                    played.actor(TECH_A),
                    played.request(),
                    batch=played.batch,
                    step="receive",
                    slot=slot,
                    entered=Entered(raw=raw),
                )
            except Refused as refused:
                assert refused.rule == "act.hold"

    def withdraw() -> None:
        trial.withdraw_consent(
            played.stage.site,
            played.actor("coord-a"),
            played.request(),
            participant=played.anna,
            scopes=("treatment",),
            reason="",
        )

    crowd([work, withdraw])
    held = played.record().holds[0].seq
    after = [entry for entry in played.record().entries if entry.seq > held]
    assert not any(isinstance(entry.fact, EvidenceRecorded) for entry in after)
    assert played.verified().findings == ()


def test_analysts_enter_different_results_at_the_same_moment(on_both: OnBoth) -> None:
    played = on_both("made")
    site = played.stage.site
    for kind in ("qc_final", "qc_safety"):
        qc.receive_sample(
            site,
            played.actor(QC_A),
            played.request(),
            batch=played.batch,
            code=played.container(kind),
            means=Means.SCANNED,
        )
    results = (
        ("viability", "93.0", ""),
        ("dose", "2.4e7", ""),
        ("gram", "", "none_seen"),
        ("endotoxin", "<0.05", ""),
    )

    def enter(test: str, raw: str, option: str) -> None:
        qc.enter_result(
            site, played.actor(QC_A), played.request(), batch=played.batch, test=test, raw=raw, option=option
        )

    crowd([lambda result=result: enter(*result) for result in results])  # type: ignore[misc]
    assert len(played.record().results) == 4
    assert played.verified().findings == ()
