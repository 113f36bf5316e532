"""Equipment: one participant in a place at a time, cleaning between two, and the look-back of a failed calibration."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from lims.actions import machines
from lims.domain.entries.envelope import Entry, Fact
from lims.domain.entries.supply import (
    CalibrationRecorded,
    EquipmentCleaned,
    EquipmentRegistered,
    EquipmentUsed,
)
from lims.domain.equipment import check_usable, fold_equipment
from lims.domain.refusals import Refused
from tests.builders import At, refuses
from tests.cast import QA_A, TECH_A

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BATCHES = ("0001", "0002", "0003")


def registered(*, one: bool) -> EquipmentRegistered:
    return EquipmentRegistered(equipment_class="shelf", name="S", room="R", one_participant=one)


def calibrated(passed: bool) -> CalibrationRecorded:
    return CalibrationRecorded(passed=passed, until=date(2027, 1, 1), certificate="c")


def told(facts: list[Fact]) -> list[Entry]:
    return [
        Entry(
            stream="equipment:1", seq=seq, time=NOON, person="p", role="", station="", act="", request=None,
            relied_on=(), fact=fact, hash="",
        )
        for seq, fact in enumerate(facts, start=1)
    ]  # fmt: skip


uses = st.sampled_from(BATCHES).map(
    lambda batch: EquipmentUsed(batch=batch, step="s", used_at=NOON, participant=f"P{batch}")
)
lives = st.lists(uses | st.just(EquipmentCleaned(procedure="c")) | st.booleans().map(calibrated), max_size=25)


@given(lives)
def test_a_look_back_lists_whoever_used_it_since_the_last_calibration_and_nobody_else(
    life: list[Fact],
) -> None:
    item = fold_equipment("equipment:1", told([registered(one=False), calibrated(True), *life]))
    since: list[str] = []
    for fact in life:
        if isinstance(fact, CalibrationRecorded):
            since = []
        elif isinstance(fact, EquipmentUsed) and fact.batch not in since:
            since.append(fact.batch)
    assert list(item.suspect) == since
    assert len(item.log) == len(life) + 1


@given(lives, st.sampled_from(BATCHES))
def test_another_participant_comes_in_only_after_cleaning(life: list[Fact], batch: str) -> None:
    """Domain 6 and 21 CFR 211.67: one participant per cabinet and shelf compartment at one time."""
    item = fold_equipment(
        "equipment:1", told([registered(one=True), calibrated(True), *life, calibrated(True)])
    )
    inside = ""
    for fact in life:
        inside = (
            fact.batch
            if isinstance(fact, EquipmentUsed)
            else ""
            if isinstance(fact, EquipmentCleaned)
            else inside
        )
    try:
        check_usable(item, equipment_class="shelf", participant=f"P{batch}", today=NOON.date())
        refused = ""
    except Refused as refusal:
        refused = refusal.rule
    assert refused == ("equipment.occupied" if inside not in ("", batch) else "")


def test_a_failed_calibration_gives_every_batch_since_the_last_good_one_a_deviation(at: At) -> None:
    """Look-back to the last good calibration; no number is altered, nothing is held (domain 6)."""
    played = at("released")
    thing, before = played.stage.things["centrifuge"], played.record().slots
    site = played.stage.site

    def calibrate(passed: bool) -> None:
        machines.record_calibration(
            site, played.actor(QA_A), played.request(), equipment=thing, passed=passed,
            until=played.stage.until, certificate="cal 12",
        )  # fmt: skip

    calibrate(False)
    record = played.record()
    assert [d.fact.rule for d in record.open_deviations] == ["equipment.failed"]
    assert record.slots == before and not record.on_hold
    assert not played.record(played.other).deviations
    fact = played.entries(f"equipment:{thing}")[-1].fact
    assert isinstance(fact, CalibrationRecorded) and fact.batches == (played.batch,)
    calibrate(True)
    calibrate(False)
    assert len(played.record().deviations) == 1
    assert played.verified().findings == ()


def test_cleaning_says_by_which_procedure_and_not_of_what_is_out_of_service(at: At) -> None:
    played = at("staffed")
    site, thing = played.stage.site, played.stage.things["centrifuge"]
    machines.record_cleaning(site, played.actor(TECH_A), played.request(), equipment=thing, procedure="SOP-4")
    machines.withdraw_equipment(
        site, played.actor(QA_A), played.request(), equipment=thing, reason_code="broken"
    )
    with refuses(played, "equipment.withdrawn", filed=f"equipment:{thing}!refusals"):
        machines.record_cleaning(
            site, played.actor(TECH_A), played.request(), equipment=thing, procedure="SOP-4"
        )
