"""One request, one answer: double submits, requests used for something else, and a clock that went back."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from lims.actions import deviations, evidence, machines, people, recall, receipt, release, supply, trial
from lims.actions.evidence import Entered
from lims.actions.work import Outcome, RequestReused
from lims.domain.entries.batch import Annotated, BatchIssued
from lims.domain.entries.keys import ActRefused
from lims.domain.entries.trial import ParticipantEnrolled
from lims.domain.refusals import NotAllowed, Refused, Stale
from tests.builders import At, Played, on_file, refusals, refuses
from tests.cast import ADMIN, COORD, QA_A, QA_B, TECH_A, TECH_B


class FixedClock:
    """A clock that stands where a test puts it, also in the past."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """Where it stands."""
        return self.at


def at_time(played: Played, moment: datetime) -> Played:
    """The same instance under another clock."""
    site = replace(played.stage.site, clock=FixedClock(moment))
    played.stage.site = site
    return played


def note(
    played: Played, request: str, *, text: str = "Seen.", batch: str = "", person: str = TECH_A
) -> Outcome:
    return release.annotate(
        played.stage.site, played.actor(person), request, batch=batch or played.batch, text=text
    )


def test_a_request_sent_twice_has_one_answer(at: At) -> None:
    played = at("counting")
    first = note(played, "r-1")
    before = on_file(played)
    second = note(played, "r-1")
    assert (second.replayed, second.entries) == (True, first.entries)
    assert on_file(played) == before


@pytest.mark.parametrize("other", ["text", "batch", "act"])
def test_a_request_used_for_something_else_is_refused(at: At, other: str) -> None:
    """The same id with another content, another thing or another act is no repetition (422)."""
    played = at("counting")
    note(played, "r-1")
    with refuses(played, "request.reused", filed=None) as caught:
        match other:
            case "text":
                note(played, "r-1", text="Seen twice.")
            case "batch":
                note(played, "r-1", batch=played.other)
            case _:
                deviations.open_deviation(
                    played.stage.site,
                    played.actor(TECH_A),
                    "r-1",
                    batch=played.batch,
                    step=None,
                    text="Seen, and more.",
                )
    assert isinstance(caught.value, RequestReused)
    assert caught.value.status == 422


def test_the_same_request_id_of_another_person_is_another_request(at: At) -> None:
    played = at("counting")
    note(played, "r-1")
    assert not note(played, "r-1", person=TECH_B).replayed


def test_a_witnessed_slot_sent_twice_has_one_answer(at: At) -> None:
    """Its entries are the witness's, the request is the performer's."""
    played = at("filling")

    def witnessed() -> Outcome:
        return evidence.record_evidence(
            played.stage.site,
            played.actor(TECH_A),
            "r-1",
            batch=played.batch,
            step="fill",
            slot="seen",
            witness=played.actor(TECH_B),
        )

    first = witnessed()
    assert {entry.person for entry in first.entries} == {TECH_B}
    assert witnessed().entries == first.entries


def test_a_refused_request_is_refused_again_as_it_was(at: At) -> None:
    played = at("counting")
    refused = []
    for _ in range(2):
        with pytest.raises(NotAllowed) as caught:
            note(played, "r-1", person="inspector")
        refused.append((caught.value.rule, caught.value.status, caught.value.reason))
    assert refused[0] == refused[1]
    assert len(played.entries(refusals(played.batch))) == 1


CREATIONS: dict[str, Callable[[Played, str], Outcome]] = {
    "lot": lambda p, request: supply.receive_lot(
        p.stage.site,
        p.actor(TECH_A),
        request,
        item="medium_a",
        supplier="S",
        supplier_lot="D-1",
        expires=p.stage.until,
        quantity="5",
        unit="mL",
    ),
    "equipment": lambda p, request: machines.register_equipment(
        p.stage.site, p.actor(QA_A), request, equipment_class="shelf", name="Shelf 9", room="R"
    ),
    "participant": lambda p, request: trial.enrol_participant(
        p.stage.site,
        p.actor(COORD),
        request,
        name="Demo 演示",
        birth_date=datetime(1991, 1, 1).date(),
        hospital_number="D-77",
    ),
    "batch": lambda p, request: receipt.issue_batch(
        p.stage.site, p.actor(QA_B), request, participant=p.anna, round_number=1, master="MBR-DNK-010"
    ),
    "person": lambda p, request: people.add_person(
        p.stage.site, p.actor(ADMIN), request, user_id="new", name="New", identity_checked_by="passport"
    ),
}


def together(count: int, act: Callable[[int], Outcome]) -> list[Outcome]:
    """Everybody at the same moment; the first failure is raised."""
    barrier = Barrier(count)

    def one(number: int) -> Outcome:
        barrier.wait()
        return act(number)

    with ThreadPoolExecutor(count) as pool:
        return [done.result() for done in [pool.submit(one, number) for number in range(count)]]


@pytest.mark.parametrize("what", CREATIONS)
def test_a_thing_is_made_once_however_often_the_button_is_pressed(
    on_both: Callable[[str], Played], what: str
) -> None:
    """Both presses arrive at the same moment on two connections."""
    played = on_both("staffed")
    outcomes = together(4, lambda number: CREATIONS[what](played, "r-1"))
    assert len({frozenset(outcome.entries) for outcome in outcomes}) == 1
    assert sum(not outcome.replayed for outcome in outcomes) == 1
    assert played.verified().findings == ()


def test_who_take_the_next_number_at_the_same_moment_get_one_each(on_both: Callable[[str], Played]) -> None:
    played = on_both("staffed")
    outcomes = together(4, lambda number: CREATIONS["participant"](played, f"r-{number}"))
    codes = {outcome.of(ParticipantEnrolled).trial_id for outcome in outcomes}
    assert codes == {"DNK-006", "DNK-007", "DNK-008", "DNK-009"}


def test_two_batches_issued_at_the_same_moment_have_numbers_of_their_own(
    on_both: Callable[[str], Played],
) -> None:
    played = on_both("staffed")
    wanted = [(played.anna, "qa-a"), (played.berta, "qa-b")]

    def one(number: int) -> Outcome:
        participant, person = wanted[number]
        return receipt.issue_batch(
            played.stage.site,
            played.actor(person),
            played.request(),
            participant=participant,
            round_number=1,
            master="MBR-DNK-010",
        )

    assert {outcome.of(BatchIssued).number for outcome in together(2, one)} == {"0001", "0002"}


def test_a_stale_page_is_told_both_values(at: At) -> None:
    """Screens 3: the value you saw is no longer the value on file."""
    played = at("counting")
    with refuses(played, "slot.filled", filed=refusals(played.batch)) as caught:
        evidence.record_evidence(
            played.stage.site,
            played.actor(TECH_B),
            played.request(),
            batch=played.batch,
            step="count",
            slot="volume",
            entered=Entered(raw="11.0"),
        )
    assert isinstance(caught.value, Stale)
    assert (caught.value.yours, caught.value.on_file) == ("11.0", "10.0 mL")


def test_a_correction_of_a_value_that_changed_meanwhile_is_told_both(at: At) -> None:
    played = at("counting")
    seen = played.record().slots["count", "volume"].last.seq

    def correct(raw: str, replaces: int) -> Outcome:
        return evidence.correct_evidence(
            played.stage.site,
            played.actor(TECH_A),
            played.request(),
            batch=played.batch,
            step="count",
            slot="volume",
            replaces_seq=replaces,
            reason_code="typing",
            entered=Entered(raw=raw),
        )

    correct("10.1", seen)
    with refuses(played, "slot.filled", filed=refusals(played.batch)):
        correct("10.2", seen)


def test_what_was_shown_is_what_is_signed(at: At) -> None:
    """The digest of the page is computed again under the lock; a difference is a 409."""
    played = at("reviewed")
    with refuses(played, "step.stale", filed=refusals(played.batch)):
        release.release_conditionally(
            played.stage.site,
            played.actor(QA_A),
            played.request(),
            batch=played.batch,
            seen_seq=played.record().seq,
            shown="0" * 64,
        )


def test_acts_stop_when_the_clock_goes_back_and_that_is_on_file(at: At) -> None:
    """N15."""
    played = at("counting")
    last = played.record().entries[-1].time
    at_time(played, last - timedelta(seconds=3))
    with refuses(played, "clock.backwards", filed=refusals(played.batch)) as caught:
        note(played, "r-1")
    assert dict(caught.value.reason.about) == {"seconds": "3"}


def test_a_clock_that_steps_back_a_little_stands_still(at: At) -> None:
    played = at("counting")
    last = played.record().entries[-1].time
    at_time(played, last - timedelta(seconds=2))
    assert note(played, "r-1").entries[0].time == last


def test_a_recall_reaches_batches_whose_last_entry_is_a_moment_later(at: At) -> None:
    """The batches are locked after the time was read: one of them may have gone on by then."""
    played = at("released")
    last = played.record().entries[-1].time
    at_time(played, last - timedelta(seconds=1))
    lot = played.stage.lots["medium_a"]
    recall.recall_lot(played.stage.site, played.actor(QA_A), played.request(), lot=lot, reference="R-1")
    assert played.record().on_hold


def test_a_recall_stops_when_a_batch_that_it_must_hold_lies_in_the_future(at: At) -> None:
    played = at("released")
    last = played.record().entries[-1].time
    at_time(played, last - timedelta(seconds=30))
    lot = played.stage.lots["medium_a"]
    with refuses(played, "clock.backwards", filed=f"lot:{lot}!refusals"):
        recall.recall_lot(played.stage.site, played.actor(QA_A), played.request(), lot=lot, reference="R-1")


def test_a_refusal_names_who_was_refused_and_what_they_tried(at: At) -> None:
    played = at("counting")
    with pytest.raises(Refused):
        note(played, "r-1", person="inspector")
    entry = played.entries(refusals(played.batch))[-1]
    assert isinstance(entry.fact, ActRefused)
    assert (entry.person, entry.act, entry.fact.rule) == ("inspector", "annotate", "act.role")
    assert not any(isinstance(item.fact, Annotated) for item in played.record().entries)
