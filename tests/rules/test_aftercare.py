"""After a perfusion: volumes account for the unit, she is observed, two people decide on a dose outside its limit."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from lims.domain import aftercare, perfusion
from lims.domain.acts import Role
from lims.domain.batch_record import BatchRecord
from lims.domain.dose_given import Volumes
from lims.domain.entries.aftercare import ObservationEnded
from lims.domain.entries.batch import DeviationOpened, Perfused
from lims.domain.entries.envelope import Detached, Entry
from lims.domain.refusals import BadEntry, NotAllowed, Refused
from lims.domain.waiting import batch_rows
from tests.rules.play_setup import TRIAL_ID
from tests.rules.played_batch import POINTS, Play, played_batch

WORDS = Detached(commitment="0" * 64, sort="words", size=4)


@pytest.fixture(scope="module")
def confirmed() -> Play:
    """Two people matched; nothing is recorded as given yet."""
    play = Play()
    for point in POINTS[: POINTS.index("perfused")]:
        play.to(point)
    play.site.wait(minutes=6)
    return play


def give(play: Play, given: str, left: str, wasted: str) -> Perfused:
    drafts = perfusion.perfuse(
        play.batch,
        play.site.participant(TRIAL_ID),
        started_at=play.site.now - timedelta(minutes=5),
        ended_at=play.site.now - timedelta(minutes=2),
        catheter="CATH-DEMO-1",
        volumes=Volumes(given=Decimal(given), residual=Decimal(left), wasted=Decimal(wasted)),
        reaction="none",
        now=play.site.now,
    )
    fact = drafts[0].fact
    assert isinstance(fact, Perfused)
    return fact


def test_the_three_volumes_make_up_what_was_filled(confirmed: Play) -> None:
    fact = give(confirmed, "0.90", "0.20", "0.10")
    assert (fact.volume_given, fact.volume_residual, fact.volume_wasted) == tuple(
        map(Decimal, ("0.90", "0.20", "0.10"))
    )
    assert fact.viable_cells == fact.concentration * Decimal("0.90")


@pytest.mark.parametrize("volumes", [("1.05", "0.15", "0.01"), ("1.05", "0.14", "0"), ("1.20", "0.15", "0")])
def test_a_volume_that_is_unaccounted_for_is_refused_at_its_field(
    confirmed: Play, volumes: tuple[str, str, str]
) -> None:
    with pytest.raises(BadEntry) as refused:
        give(confirmed, *volumes)
    assert (refused.value.rule, refused.value.field) == ("perfusion.balance", "given")


# the observation


def test_she_is_observed_until_the_protocols_time_after_the_end() -> None:
    batch = played_batch("perfused")
    assert batch.perfusion is not None
    until = aftercare.observed_until(batch)
    assert until == batch.perfusion.ended_at + timedelta(minutes=batch.protocol.observation_minutes)
    (task,) = [row for row in batch_rows(batch.stream, batch) if row.key == "end_observation/"]
    assert (getattr(task, "role", None), getattr(task, "due_at", None)) == (Role.CLINICIAN, until)


def test_nobody_is_well_before_the_time_has_passed() -> None:
    batch = played_batch("perfused")
    until = aftercare.observed_until(batch)
    assert until is not None
    with pytest.raises(Refused) as refused:
        aftercare.end_observation(batch, outcome="well", note=None, now=until - timedelta(seconds=1))
    assert refused.value.rule == "observation.running"
    (draft,) = aftercare.end_observation(batch, outcome="well", note=None, now=until)
    assert draft.fact == ObservationEnded(outcome="well", note=None)


def test_an_adverse_event_ends_it_at_once_with_words_and_a_deviation() -> None:
    batch = played_batch("perfused")
    assert batch.perfusion is not None
    now = batch.perfusion.ended_at
    with pytest.raises(BadEntry) as refused:
        aftercare.end_observation(batch, outcome="adverse_event", note=None, now=now)
    assert refused.value.field == "note"
    _, opened = aftercare.end_observation(batch, outcome="adverse_event", note=WORDS, now=now)
    assert isinstance(opened.fact, DeviationOpened) and opened.fact.rule == "observation.adverse_event"


def test_it_ends_once_and_only_after_a_perfusion() -> None:
    for point, rule in (("matched", "observation.not_given"), ("disposed", "observation.ended")):
        batch = played_batch(point)
        with pytest.raises(Refused) as refused:
            aftercare.end_observation(batch, outcome="well", note=None, now=batch.entries[-1].time)
        assert refused.value.rule == rule


# a dose outside its limit


def outside(**more: Entry) -> BatchRecord:
    """The perfused batch with a deviation of its dose."""
    batch = played_batch("perfused")
    assert batch.perfused is not None
    fact = replace(next(iter(batch.deviations.values())), number="9")
    found = replace(fact, fact=replace(fact.fact, rule="dose.outside"))
    return replace(batch, deviations={**batch.deviations, "9": found}, **more)  # type: ignore[arg-type]  # entries


def test_clinician_and_investigator_decide_in_this_order_and_are_two_people() -> None:
    batch = outside()
    assert [reason.rule for reason in aftercare.unmet_after(batch)] == ["observation.open", "dose.open"]
    with pytest.raises(Refused) as refused:
        aftercare.settle_dose(batch, decision="stands", reason=WORDS, person="clinician.b")
    assert refused.value.rule == "dose.not_judged"
    aftercare.judge_dose(batch, decision="stands", reason=WORDS)
    judged = batch.perfused
    assert judged is not None
    with pytest.raises(NotAllowed) as barred:
        aftercare.settle_dose(outside(judged=judged), decision="stands", reason=WORDS, person=judged.person)
    assert barred.value.rule == "dose.same_person"
    aftercare.settle_dose(outside(judged=judged), decision="stands", reason=WORDS, person="clinician.b")
    settled = outside(judged=judged, settled=judged, observed=judged)
    assert not list(aftercare.unmet_after(settled))


@pytest.mark.parametrize(
    ("decision", "reason", "field"), [("", WORDS, "decision"), ("stands", None, "reason")]
)
def test_a_decision_says_what_and_why(decision: str, reason: Detached | None, field: str) -> None:
    with pytest.raises(BadEntry) as refused:
        aftercare.judge_dose(outside(), decision=decision, reason=reason)
    assert refused.value.field == field


def test_a_dose_within_its_limits_is_not_decided() -> None:
    with pytest.raises(Refused) as refused:
        aftercare.judge_dose(played_batch("perfused"), decision="stands", reason=WORDS)
    assert refused.value.rule == "dose.inside"
