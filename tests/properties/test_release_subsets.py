"""I15 to I17: a conditional release goes out if, and only if, nothing at all stands against it.

Each condition is broken in every way that it can be; then every subset of the conditions is broken at once. What the
release says must be exactly what was broken, and the same reasons stand on the page and on the certificate.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import chain, combinations
from types import MappingProxyType

import pytest

from lims.domain.batch_record import BatchRecord, Deviation, StepRecord
from lims.domain.entries.batch import (
    DeviationDecided,
    DeviationOpened,
    HoldPlaced,
    ResultEntered,
)
from lims.domain.entries.envelope import Detached, Entry, Fact
from lims.domain.entries.trial import RoundFinalised, RoundPerfused, RoundReopened
from lims.domain.participant import Participant, Round
from lims.domain.refusals import Unmet
from lims.domain.release import release_conditionally, unmet_release
from lims.domain.release_conditions import CONDITIONS, judged
from lims.domain.replay import Replay
from tests.rules.play_setup import TRIAL_ID
from tests.rules.played_batch import POINTS, Play

WORDS = Detached(commitment="c" * 64, sort="words", size=3)
TEST, STEP = "gram", "seed"


@dataclass(frozen=True)
class State:
    """Everything that a release is judged by."""

    batch: BatchRecord
    woman: Participant
    now: datetime
    replayed: Replay

    def on(self, **changes: object) -> "State":
        """With other parts of the batch."""
        return replace(self, batch=replace(self.batch, **changes))

    def entry(self, fact: Fact) -> Entry:
        """An entry with a fact; where it stands matters to nobody here."""
        return replace(self.batch.entries[-1], fact=fact)

    def of_round(self, number: int, **changes: object) -> "State":
        """With another course of one of her rounds."""
        changed = replace(self.woman.round(number), **changes)
        rounds = MappingProxyType({**self.woman.rounds, number: changed})
        return replace(self, woman=replace(self.woman, rounds=rounds))


@cache
def ready() -> State:
    """A batch of round 2 whose release waits for nothing; round 1 came out conforming."""
    play = Play()
    for point in POINTS[: POINTS.index("tested") + 1]:
        play.to(point)
    play.review()
    batch, woman = play.batch, play.site.participant(TRIAL_ID)
    first = Round(
        number=1,
        perfused=RoundPerfused(round=1, batch="0000", perfused_at=datetime(2026, 1, 1, tzinfo=UTC)),
        finalised=RoundFinalised(round=1, batch="0000", disposition="conforming"),
    )
    second = replace(woman.round(1), number=2)
    return State(
        batch=replace(batch, issued=replace(batch.issue, round=2)),
        woman=replace(woman, rounds=MappingProxyType({1: first, 2: second})),
        now=play.site.now,
        replayed=play.replayed,
    )


def deviation(state: State, decision: str | None) -> State:
    """One more deviation, undecided or with a decision."""
    opened = DeviationOpened(
        number="X-1", rule="reported", severity="minor", step=None, slot=None, about=(), words=None
    )
    decided = DeviationDecided(number="X-1", severity="minor", decision=decision or "", impact=WORDS)
    more = Deviation(
        number="X-1",
        opened=state.entry(opened),
        fact=opened,
        decided=state.entry(decided) if decision else None,
    )
    return state.on(deviations=MappingProxyType({**state.batch.deviations, "X-1": more}))


def step(state: State, **changes: object) -> State:
    """A step of the bench with something missing."""
    record = state.batch.steps.get(STEP, StepRecord())
    return state.on(steps=MappingProxyType({**state.batch.steps, STEP: replace(record, **changes)}))


def labels(state: State) -> State:
    """The fate of one printed label is unknown."""
    code, label = next(iter(state.batch.labels.items()))
    return state.on(labels=MappingProxyType({**state.batch.labels, code: replace(label, fate=None)}))


def result(state: State, **changes: object) -> State:
    """Another result of a test in the place of the one that passed."""
    (before,) = state.batch.results[TEST]
    fact = replace(before.fact, **{k: v for k, v in changes.items() if k in ResultEntered.__slots__})
    rest = {k: v for k, v in changes.items() if k not in ResultEntered.__slots__}
    now = replace(before, fact=fact, **rest)
    return state.on(results=MappingProxyType({**state.batch.results, TEST: (now,)}))


def no_result(state: State) -> State:
    """Nobody entered a result of a test."""
    kept = {code: found for code, found in state.batch.results.items() if code != TEST}
    return state.on(results=MappingProxyType(kept))


def custody(state: State) -> State:
    """A hand-over that nobody took."""
    code, held = next(iter(state.batch.custody.items()))
    offered = replace(held, offer=state.batch.entries[-1])
    return state.on(custody=MappingProxyType({**state.batch.custody, code: offered}))


def allocation(state: State, arm: str | None) -> State:
    """Another arm, or none."""
    given = state.woman.allocation
    assert given is not None
    changed = replace(given, arm=arm) if arm else None
    return replace(state, woman=replace(state.woman, allocation=changed))


def late(state: State, minutes: int) -> State:
    """So many minutes before the product expires."""
    assert state.batch.expires_at is not None
    return replace(state, now=state.batch.expires_at - timedelta(minutes=minutes))


def no_end_of_filling(state: State) -> State:
    """Nothing is filled, so that nothing can expire."""
    kept = {place: found for place, found in state.batch.slots.items() if place != ("fill", "fill_end")}
    return state.on(slots=MappingProxyType(kept))


REOPENED = RoundReopened(round=1, batch="0000", deviation="0000-1")
BROKEN: Mapping[str, tuple[Callable[[State], State], ...]] = {
    "steps": (
        lambda state: step(state, verified=None),
        lambda state: step(state, confirmed=None, verified=None),
    ),
    "deviations": (
        lambda state: deviation(state, None),
        lambda state: deviation(state, "rejects_batch"),
    ),
    "labels": (labels,),
    "hold": (
        lambda state: state.on(holds=(state.entry(HoldPlaced(reason_code="quality", reference="qa-a")),)),
    ),
    "review": (
        lambda state: state.on(reviewed=None),
        lambda state: state.on(last_change=state.batch.seq + 1),
    ),
    "tests": (
        no_result,
        lambda state: result(state, outcome="fail"),
        lambda state: result(state, outcome="invalid"),
        lambda state: result(state, outcome="not_done"),
        lambda state: result(state, review=None),
        lambda state: result(state, agreed=False),
    ),
    "consent": (lambda state: replace(state, woman=replace(state.woman, consent=MappingProxyType({}))),),
    "arm": (
        lambda state: allocation(state, None),
        lambda state: allocation(state, "control"),
        lambda state: allocation(state, "no such arm"),
    ),
    "order": (lambda state: state.of_round(2, order=None),),
    "round": (
        lambda state: state.of_round(2, perfused=RoundPerfused(round=2, batch="0000", perfused_at=state.now)),
    ),
    "previous": (
        lambda state: state.of_round(1, finalised=None),
        lambda state: state.of_round(
            1, finalised=RoundFinalised(round=1, batch="0000", disposition="nonconforming")
        ),
        lambda state: state.of_round(1, reopened=REOPENED),
    ),
    "shelf_life": (
        lambda state: late(state, 0),
        lambda state: late(state, 1),
        no_end_of_filling,
    ),
    "custody": (custody,),
}
"""By condition, every way in which it is not met."""


def against(state: State) -> set[str]:
    """The conditions that stand against a release, as the page and the certificate tell them."""
    unmet = unmet_release(state.batch, state.woman, now=state.now)
    return {condition.code for condition, reasons in judged(unmet) if reasons}


def is_released(state: State) -> bool:
    """The rule releases; a refusal names what is unmet."""
    try:
        drafts = release_conditionally(
            state.batch,
            state.woman,
            state.replayed,
            justification=None,
            seen_seq=state.batch.seq,
            now=state.now,
        )
    except Unmet as refused:
        assert refused.rule == "release.unmet" and refused.reasons
        return False
    return bool(drafts)


def test_every_condition_can_be_broken_here() -> None:
    assert set(BROKEN) == {condition.code for condition in CONDITIONS}


def test_what_nothing_stands_against_is_released() -> None:
    assert against(ready()) == set() and is_released(ready())


@pytest.mark.parametrize(
    ("code", "way"), [(code, way) for code, ways in BROKEN.items() for way in range(len(ways))]
)
def test_each_way_to_break_a_condition_is_enough(code: str, way: int) -> None:
    state = BROKEN[code][way](ready())
    assert against(state) == {code} and not is_released(state)


def test_every_subset_of_the_conditions_is_told_as_it_is() -> None:
    """All 8191 of them, each broken in its first way."""
    codes = tuple(BROKEN)
    subsets = chain.from_iterable(combinations(codes, count) for count in range(1, len(codes) + 1))
    for subset in subsets:
        state = ready()
        for code in subset:
            state = BROKEN[code][0](state)
        assert against(state) == set(subset)
        assert not is_released(state)
