"""What the round before leaves open or lost: culture goes on at risk of it, a release needs quality's reason (TR-3)."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from lims.domain.batch_record import BatchRecord
from lims.domain.entries.trial import RoundFinalised
from lims.domain.participant import Participant, Round
from lims.domain.release import unmet_release, unmet_round_before
from tests.rules.played_batch import played_batch

OPEN, LOST = "release.previous_round", "release.previous_nonconforming"


def after(disposition: str | None) -> Participant:
    """A participant whose first round ended so, or has no final disposition yet."""
    done = RoundFinalised(round=1, batch="0001", disposition=disposition) if disposition else None
    woman = Participant(trial_id="DNK-001")
    return replace(woman, rounds=MappingProxyType({1: Round(number=1, finalised=done)}))


@pytest.mark.parametrize(
    ("disposition", "rules"), [(None, [OPEN]), ("conforming", []), ("nonconforming", [LOST])]
)
def test_the_first_rounds_end_is_asked_for_in_the_second(disposition: str | None, rules: list[str]) -> None:
    assert [reason.rule for reason in unmet_round_before(after(disposition), 2)] == rules


def test_before_the_first_round_there_is_none() -> None:
    assert unmet_round_before(after(None), 1) == ()


def second_round() -> BatchRecord:
    batch = played_batch("tested")
    assert batch.issued is not None
    return replace(batch, issued=replace(batch.issued, round=2))


@pytest.mark.parametrize("disposition", [None, "nonconforming"])
def test_a_release_goes_on_only_with_qualitys_reason(disposition: str | None) -> None:
    """Round 1's final result blocks round 2's conditional release unless quality justifies."""
    now = second_round().entries[-1].time
    rules = [r.rule for r in unmet_release(second_round(), after(disposition), now=now)]
    justified = [r.rule for r in unmet_release(second_round(), after(disposition), now=now, justified=True)]
    assert {OPEN, LOST} & set(rules)
    assert not {OPEN, LOST} & set(justified)
