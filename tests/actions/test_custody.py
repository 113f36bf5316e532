"""Custody is contiguous: whoever received a container gives it, from where it was received, in time (domain 4.2)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lims.actions import custody, deviations, perfusion, timers
from lims.actions.work import Actor, Outcome
from lims.domain.custody_chain import GAP, chain_of, gaps_of, undecided_gaps
from lims.domain.entries.batch import DeviationOpened
from lims.domain.entries.values import Means
from lims.domain.release import unmet_release
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
