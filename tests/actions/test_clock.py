"""A clock that ran ahead was set right: acts are stopped until two people say so, and time never runs backwards."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lims.actions import machines, recall, supply
from lims.actions.clock import STREAM, countersign_clock_correction, propose_clock_correction
from lims.actions.timers import make_checkpoint
from lims.actions.work import Outcome
from lims.domain.clock import is_held, last_correction, open_proposals
from lims.domain.entries.keys import ClockCorrected, ClockCorrectionProposed
from lims.domain.refusals import BadEntry, NotAllowed, Refused
from tests.actions.test_requests import at_time, note
from tests.builders import HOUR, MINUTE, At, Played, refusals, refuses
from tests.cast import ADMIN, QA_A, QA_B, TECH_A

JUMP = timedelta(hours=1)


def _now(played: Played) -> datetime:
    return played.stage.site.clock.now()


def _jumped(at: At) -> Played:
    """A batch in work; the clock, which ran an hour ahead, was set right a minute ago."""
    played = at("counting")
    last = max(entry.time for entry in played.record().entries)
    return at_time(played, last - JUMP)


def _propose(played: Played, person: str = ADMIN, reason: str = "Checked against the radio clock.") -> int:
    outcome = propose_clock_correction(
        played.stage.site, played.actor(person), played.request(), reason=reason
    )
    return outcome.entries[0].seq


def _countersign(played: Played, seq: int, person: str = QA_A) -> Outcome:
    return countersign_clock_correction(
        played.stage.site, played.actor(person), played.request(), proposed_seq=seq
    )


def _corrected(at: At) -> Played:
    played = _jumped(at)
    _countersign(played, _propose(played))
    return played


def _times(played: Played) -> Mapping[str, list[datetime]]:
    with played.stage.site.ledger.reading() as book:
        return {stream: [entry.time for entry in book.entries(stream)] for stream in book.streams()}


def test_acts_are_refused_while_the_clock_stands_back(at: At) -> None:
    """N15: no time is invented, and the refusal is on file."""
    played = _jumped(at)
    with refuses(played, "clock.backwards", filed=refusals(played.batch)) as caught:
        note(played, "r-1")
    assert dict(caught.value.reason.about) == {"seconds": "3600"}


def test_one_person_alone_changes_nothing(at: At) -> None:
    played = _jumped(at)
    _propose(played)
    with refuses(played, "clock.backwards", filed=refusals(played.batch)):
        note(played, "r-1")


def test_the_person_who_proposed_does_not_countersign(at: At) -> None:
    played = _jumped(at)
    seq = _propose(played, QA_A)
    with refuses(played, "person.self", filed=f"{STREAM}!refusals"):
        _countersign(played, seq, QA_A)
    with refuses(played, "clock.backwards", filed=refusals(played.batch)):
        note(played, "r-1")


def test_after_two_people_have_signed_acts_go_on(at: At) -> None:
    played = _corrected(at)
    last = played.record().entries[-1].time
    assert note(played, "r-1").entries[0].time == last


def test_both_signatures_say_what_they_mean_and_what_the_clock_showed(at: At) -> None:
    played = _jumped(at)
    seq = _propose(played)
    outcome = _countersign(played, seq)
    assert [entry.fact.kind for entry in outcome.entries] == ["clock_corrected.1", "signature_made.1"]
    fact = outcome.of(ClockCorrected)
    assert (fact.read_at, fact.proposed_seq) == (_now(played), seq)
    assert fact.last_time == max(fact.ahead)


def test_a_stream_that_does_not_lie_ahead_has_the_clocks_time(at: At) -> None:
    """Only streams that wait for the clock stand still; everything else has the true time."""
    played = _corrected(at)
    outcome = machines.register_equipment(
        played.stage.site,
        played.actor(ADMIN),
        played.request(),
        equipment_class="centrifuge",
        name="C-9",
        room="R",
    )
    assert outcome.entries[0].time == _now(played)


def test_once_the_clock_has_caught_up_acts_have_its_time_again(at: At) -> None:
    played = _corrected(at)
    note(played, "r-1")
    later = _now(played) + JUMP + MINUTE
    at_time(played, later)
    assert note(played, "r-2").entries[0].time == later


def test_a_second_jump_stops_acts_again(at: At) -> None:
    """The correction waits for the moments it names and for no others."""
    played = _corrected(at)
    at_time(played, _now(played) + JUMP + HOUR)
    note(played, "r-1")
    at_time(played, _now(played) - JUMP)
    with refuses(played, "clock.backwards", filed=refusals(played.batch)):
        note(played, "r-2")


def test_a_jump_to_before_the_correction_stops_acts_again(at: At) -> None:
    played = _corrected(at)
    at_time(played, _now(played) - MINUTE)
    with refuses(played, "clock.backwards", filed=refusals(played.batch)):
        note(played, "r-1")


def test_an_act_over_several_streams_takes_the_latest_of_them_along(at: At) -> None:
    """What is given a held moment is waited for as well, so that it is not stuck."""
    played = _corrected(at)
    lot = played.stage.lots["medium_a"]
    recalled = recall.recall_lot(
        played.stage.site, played.actor(QA_A), played.request(), lot=lot, reference="R-1"
    )
    assert len({entry.time for entry in recalled.entries}) == 1
    with pytest.raises(Refused, match=r"lot\.status"):
        supply.release_lot(played.stage.site, played.actor(QA_A), played.request(), lot=lot, certificate="C")


def test_times_never_run_backwards_and_everything_on_file_verifies(at: At) -> None:
    """I4, and `lims verify` over the whole instance."""
    played = _jumped(at)
    with pytest.raises(Refused):
        note(played, "r-0")
    _countersign(played, _propose(played))
    for number in range(3):
        at_time(played, _now(played) + 25 * MINUTE)
        note(played, f"r-{number + 1}")
        make_checkpoint(played.stage.site)
    assert all(times == sorted(times) for times in _times(played).values())
    assert played.verified().holds


def test_nothing_is_corrected_while_the_clock_is_right(at: At) -> None:
    played = at("counting")
    with refuses(played, "clock.right", filed=f"{STREAM}!refusals"):
        _propose(played)


def test_a_proposal_is_countersigned_once(at: At) -> None:
    played = _jumped(at)
    seq = _propose(played)
    _countersign(played, seq)
    with refuses(played, "clock.not_proposed", filed=f"{STREAM}!refusals"):
        _countersign(played, seq, QA_B)


def test_a_proposal_about_another_jump_is_not_countersigned(at: At) -> None:
    """Who proposed looked at the clock before it went back once more."""
    played = _jumped(at)
    seq = _propose(played)
    at_time(played, _now(played) - MINUTE)
    with refuses(played, "clock.moved", filed=f"{STREAM}!refusals"):
        _countersign(played, seq)


def test_an_old_proposal_is_no_use_for_a_later_jump(at: At) -> None:
    played = _jumped(at)
    seq = _propose(played)
    at_time(played, _now(played) + 3 * HOUR)
    note(played, "r-1")
    at_time(played, _now(played) - JUMP)
    with refuses(played, "clock.moved", filed=f"{STREAM}!refusals"):
        _countersign(played, seq)


def test_a_reason_is_asked_for(at: At) -> None:
    with pytest.raises(BadEntry):
        _propose(_jumped(at), reason=" ")


def test_a_technician_does_not_set_the_clock(at: At) -> None:
    played = _jumped(at)
    with pytest.raises(NotAllowed, match=r"act\.role"):
        _propose(played, TECH_A)


def test_a_proposal_waits_until_it_is_countersigned(at: At) -> None:
    played = _jumped(at)
    seq = _propose(played)
    waiting = open_proposals(played.entries(STREAM))
    assert [entry.seq for entry in waiting] == [seq]
    assert isinstance(waiting[0].fact, ClockCorrectionProposed)
    _countersign(played, seq)
    assert open_proposals(played.entries(STREAM)) == ()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.integers(min_value=-40, max_value=60), min_size=1, max_size=8))
def test_however_the_clock_walks_no_stream_runs_backwards(at: At, steps: list[int]) -> None:
    """Any walk of the clock in minutes, with a correction wherever acts stop."""
    played = _jumped(at)
    for number, minutes in enumerate(steps):
        at_time(played, _now(played) + minutes * MINUTE)
        try:
            note(played, f"walk-{number}")
        except Refused as refused:
            assert refused.rule == "clock.backwards"
            _countersign(played, _propose(played))
            note(played, f"walk-{number}-again")
    assert all(times == sorted(times) for times in _times(played).values())


def test_a_correction_of_an_earlier_release_waits_for_nothing(at: At) -> None:
    played = _corrected(at)
    correction = last_correction(played.entries(STREAM))
    assert correction is not None
    bare = ClockCorrected(last_time=correction.last_time, reason=correction.reason)
    assert not is_held(bare, now=_now(played), head=correction.last_time)
