"""Custody is contiguous: whoever received a container gives it, from where it was received, in time (domain 4.2)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from lims.actions import custody, deviations, perfusion, storage, temperature_log, timers
from lims.actions.attaching import Upload
from lims.actions.work import Actor, Outcome
from lims.domain.custody_chain import GAP, chain_of, gaps_of, undecided_gaps
from lims.domain.entries.batch import DeviationOpened
from lims.domain.entries.custody import TemperatureLogged
from lims.domain.entries.values import Means
from lims.domain.release import unmet_release
from lims.ledger.files import Files
from lims.queries.files import files_of
from tests.builders import At, Played, refusals, refuses
from tests.cast import CLIN_A, QA_A, TECH_A, TECH_B

ELSEWHERE = "QC-1"
"""A station in another room than the bench."""


def hand_over(played: Played, *, giver: Actor, to_role: str = "technician", kind: str = "vessel") -> Outcome:
    return custody.offer_custody(
        played.stage.site,
        giver,
        played.request(),
        batch=played.batch,
        container=played.container(kind),
        to_role=to_role,
        to_place="Room 2",
        condition="good",
    )


def receive(played: Played, *, receiver: Actor, kind: str = "vessel") -> Outcome:
    return custody.take_custody(
        played.stage.site,
        receiver,
        played.request(),
        batch=played.batch,
        scanned=played.container(kind),
        means=Means.SCANNED,
        condition="good",
    )


def carried_unseen(played: Played) -> None:
    """Received at the bench, given from another room, with nothing on file between; the receiver takes it."""
    hand_over(played, giver=played.actor(TECH_A))
    receive(played, receiver=played.actor(TECH_B))
    hand_over(played, giver=replace(played.actor(TECH_B), station=ELSEWHERE))
    receive(played, receiver=replace(played.actor(TECH_A), station=ELSEWHERE))


def decide(played: Played, decision: str = "accepted") -> None:
    for item in played.record().open_deviations:
        deviations.explain_deviation(
            *played.by(TECH_A),
            batch=played.batch,
            number=item.number,
            happened="Carried in the closed box.",
            did="Camera record compared.",
            go_on="go_on",
        )
        deviations.decide_deviation(
            *played.by(QA_A),
            batch=played.batch,
            number=item.number,
            severity="major",
            decision=decision,
            impact="Camera record 14:02 to 14:09 shows the box closed.",
        )


def custody_stands_before_release(played: Played) -> bool:
    found = unmet_release(played.record(), played.participant(), now=played.now)
    return "release.custody" in {reason.rule for reason in found}


def test_what_is_given_where_it_was_received_leaves_no_gap(at: At) -> None:
    played = at("reviewed")
    hand_over(played, giver=played.actor(TECH_A))
    receive(played, receiver=played.actor(TECH_B))
    assert gaps_of(played.record()) == ()


def test_what_moved_with_nothing_on_file_is_a_gap_with_its_deviation(at: At) -> None:
    played = at("reviewed")
    carried_unseen(played)
    ((code, link),) = gaps_of(played.record())
    assert code == played.container("vessel") and link.moved is not None
    assert [item.fact.rule for item in played.record().open_deviations] == ["custody.gap"]


def test_a_gap_blocks_release_until_quality_accepts_it(at: At) -> None:
    """domain 4.2: a gap is a blocking deviation."""
    played = at("reviewed")
    carried_unseen(played)
    assert custody_stands_before_release(played)
    decide(played)
    assert not custody_stands_before_release(played)
    assert gaps_of(played.record())


def test_a_gap_that_quality_does_not_accept_goes_on_blocking(at: At) -> None:
    played = at("reviewed")
    carried_unseen(played)
    decide(played, "rejects_batch")
    assert custody_stands_before_release(played)


def test_a_gap_blocks_the_bedside(at: At) -> None:
    """domain 4.2: for release and for perfusion."""
    played = at("released")
    unit = {"kind": "product", "to_role": "clinician"}
    hand_over(played, giver=played.actor(TECH_A), **unit)
    played.wait(minutes=GAP.total_seconds() / 60 + 5)
    receive(played, receiver=played.actor(CLIN_A), kind="product")
    with refuses(played, "release.custody", filed=refusals(played.batch)):
        perfusion.match_identity(
            *played.by(CLIN_A),
            batch=played.batch,
            legs=played.legs(),
            patient_stated=True,
            checks=played.checks(),
            appearance="normal",
        )


def test_a_hand_over_nobody_takes_in_time_opens_its_deviation_once(at: At) -> None:
    played = at("reviewed")
    hand_over(played, giver=played.actor(TECH_A))
    played.wait(minutes=GAP.total_seconds() / 60 - 1)
    timers.run_due(played.stage.site)
    assert not played.record().open_deviations
    played.wait(minutes=2)
    timers.run_due(played.stage.site)
    timers.run_due(played.stage.site)
    receive(played, receiver=played.actor(TECH_B))
    opened = [e.fact for e in played.record().entries if isinstance(e.fact, DeviationOpened)]
    assert [fact.rule for fact in opened].count("custody.gap") == 1


def test_taken_late_before_any_timer_ran_opens_it_too(at: At) -> None:
    played = at("reviewed")
    hand_over(played, giver=played.actor(TECH_A))
    played.wait(minutes=GAP.total_seconds() / 60 + 5)
    receive(played, receiver=played.actor(TECH_B))
    assert [item.fact.rule for item in played.record().open_deviations] == ["custody.gap"]
    assert len(undecided_gaps(played.record())) == 1


def test_what_the_receiver_refuses_stays_with_the_giver_who_can_offer_it_again(at: At) -> None:
    played = at("reviewed")
    hand_over(played, giver=played.actor(TECH_A))
    custody.refuse_custody(
        *played.by(TECH_B), batch=played.batch, container=played.container("vessel"), reason="Wet."
    )
    held = played.record().custody[played.container("vessel")]
    assert (held.holder, held.offer) == (TECH_A, None)
    with refuses(played, "custody.not_holder", filed=refusals(played.batch)):
        hand_over(played, giver=played.actor(TECH_B))
    hand_over(played, giver=played.actor(TECH_A))
    receive(played, receiver=played.actor(TECH_B))
    assert gaps_of(played.record()) == ()


def test_a_protocol_can_set_another_time_for_a_hand_over(at: At) -> None:
    played = at("reviewed")
    hand_over(played, giver=played.actor(TECH_A))
    played.wait(minutes=12)
    receive(played, receiver=played.actor(TECH_B))
    record = played.record()
    assert record.issued is not None
    strict = replace(record.issued, protocol=replace(record.protocol, handover_minutes=10))
    (link,) = [x for x in chain_of(replace(record, issued=strict), played.container("vessel")) if x.is_gap]
    assert link.waited == timedelta(minutes=12)


def test_a_time_that_goes_back_is_a_gap(at: At) -> None:
    played = at("reviewed")
    hand_over(played, giver=played.actor(TECH_A))
    receive(played, receiver=played.actor(TECH_B))
    record = played.record()
    earlier = [
        replace(entry, time=entry.time - timedelta(hours=1)) if entry.seq == record.seq else entry
        for entry in record.entries
    ]
    backwards = replace(record, entries=tuple(earlier))
    assert any(link.backwards for link in chain_of(backwards, played.container("vessel")))


@pytest.mark.parametrize("raw", ["-1.5", "4.0"])
def test_a_temperature_below_zero_can_be_told(at: At, raw: str) -> None:
    played = at("counting")
    custody.offer_custody(
        *played.by(TECH_A),
        batch=played.batch,
        container=played.container("vessel"),
        to_role="technician",
        to_place="Room 2",
        condition="good",
        temperature=raw,
    )
    offer = played.record().offer_of(played.container("vessel"))
    assert offer is not None and str(offer.temperature) == raw


def to_clinic(played: Played, *, minutes: int = 20) -> int:
    """The product travels to the clinic; the number of the hand-over."""
    offered = hand_over(played, giver=played.actor(TECH_A), to_role="clinician", kind="product")
    played.wait(minutes=minutes)
    receive(played, receiver=played.actor(CLIN_A), kind="product")
    return offered.entries[0].seq


def log_of(played: Played, seq: int, celsius: str, *, every: int = 5) -> bytes:
    """A logger's file over the journey of that hand-over, all at one temperature."""
    start = played.record().entries[seq - 1].time
    ends = range(-5, 30, every)
    times = [(start + timedelta(minutes=at)).strftime("%Y-%m-%d %H:%M:%S") for at in ends]
    return "\n".join(["Time,Temperature (C)", *(f"{time},{celsius}" for time in times)]).encode() + b"\n"


def take_in(played: Played, seq: int, content: bytes, *, logger: str = "temperature_logger") -> Outcome:
    return temperature_log.record_temperature_log(
        *played.by(CLIN_A),
        batch=played.batch,
        offered_seq=seq,
        logger=played.stage.things[logger],
        model="comma_utc",
        upload=Upload(name="log.csv", content=content),
    )


def test_a_loggers_file_is_kept_byte_for_byte_with_what_it_comes_to(at: At) -> None:
    played = at("released")
    seq = to_clinic(played)
    content = log_of(played, seq, "4.4")
    fact = take_in(played, seq, content).of(TemperatureLogged)
    assert (fact.lowest, fact.highest, fact.outside_minutes) == (Decimal("4.4"), Decimal("4.4"), 0)
    with played.stage.site.ledger.reading() as book:
        (file,) = [f for f in files_of(book, played.record()) if f.name == "log.csv"]
    assert Files(played.stage.site.ledger.files).get(file.sha256) == content
    assert not played.record().open_deviations


def test_a_journey_out_of_range_opens_a_deviation_that_blocks_the_bedside(at: At) -> None:
    played = at("released")
    seq = to_clinic(played)
    take_in(played, seq, log_of(played, seq, "9.5"))
    assert [item.fact.rule for item in played.record().open_deviations] == ["custody.excursion"]
    with refuses(played, "release.custody", filed=refusals(played.batch)):
        perfusion.match_identity(
            *played.by(CLIN_A),
            batch=played.batch,
            legs=played.legs(),
            patient_stated=True,
            checks=played.checks(),
            appearance="normal",
        )


def test_one_loggers_file_is_on_record_once_for_a_journey(at: At) -> None:
    played = at("released")
    seq = to_clinic(played)
    take_in(played, seq, log_of(played, seq, "4.4"))
    with refuses(played, "log.known", filed=refusals(played.batch)):
        take_in(played, seq, log_of(played, seq, "4.5"))


def test_what_is_no_logger_gives_no_temperature(at: At) -> None:
    played = at("released")
    seq = to_clinic(played)
    with refuses(played, "log.not_logger", filed=refusals(played.batch)):
        take_in(played, seq, log_of(played, seq, "4.4"), logger="centrifuge")


def test_a_journey_that_is_not_finished_has_no_file(at: At) -> None:
    played = at("released")
    offered = hand_over(played, giver=played.actor(TECH_A), to_role="clinician", kind="product")
    seq = offered.entries[0].seq
    with refuses(played, "log.no_journey", filed=refusals(played.batch)):
        take_in(played, seq, log_of(played, seq, "4.4"))


def shelve(played: Played, *, place: str = "refrigerator", person: str = TECH_A) -> Outcome:
    return storage.put_into_storage(
        *played.by(person),
        batch=played.batch,
        container=played.container("product"),
        means=Means.SCANNED,
        position=played.stage.things.get(place, place),
        position_means=Means.SCANNED,
    )


def fetch(played: Played, *, place: str = "refrigerator", kind: str = "product", batch: str = "") -> Outcome:
    return storage.take_from_storage(
        *played.by(TECH_B),
        batch=played.batch,
        container=played.container(kind, batch=batch or None),
        means=Means.SCANNED,
        position=played.stage.things[place],
        position_means=Means.SCANNED,
    )


def test_what_lies_in_storage_is_not_handed_over(at: At) -> None:
    """domain 4.2 C10: it is scanned out of its place first."""
    played = at("released")
    shelve(played)
    with refuses(played, "storage.still_in", filed=refusals(played.batch)):
        hand_over(played, giver=played.actor(TECH_A), to_role="clinician", kind="product")


def test_who_scans_item_and_place_takes_it_and_holds_it(at: At) -> None:
    played = at("released")
    shelve(played)
    fetch(played)
    held = played.record().custody[played.container("product")]
    assert (held.holder, held.stored) == (TECH_B, None)


def test_it_comes_out_of_its_own_place_only(at: At) -> None:
    played = at("released")
    shelve(played)
    with refuses(played, "storage.other_place", filed=refusals(played.batch)):
        fetch(played, place="incubator")


def test_the_wrong_womans_container_does_not_come_out(at: At) -> None:
    played = at("released")
    shelve(played)
    with refuses(played, "scan.other_batch", filed=refusals(played.batch)):
        fetch(played, kind="vessel", batch=played.other)


def test_nothing_is_put_where_no_place_is(at: At) -> None:
    played = at("released")
    with refuses(played, "storage.no_place", filed=refusals(played.batch)):
        shelve(played, place=played.container("vessel"))


def test_what_was_never_stored_does_not_come_out(at: At) -> None:
    played = at("released")
    with refuses(played, "storage.not_stored", filed=refusals(played.batch)):
        fetch(played)
    shelve(played)
    with refuses(played, "storage.already", filed=refusals(played.batch)):
        shelve(played)
