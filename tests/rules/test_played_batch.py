"""The ten-step batch played through the domain's rules: what is on file when everybody did their part."""

import pytest

from lims.domain.acts import Stage
from lims.domain.batch_fold import as_of, fold_batch, fold_on
from lims.domain.canonical import GENESIS, entry_hash
from lims.domain.entries.batch import EvidenceCorrected, EvidenceRecorded
from lims.domain.entries.values import Calculated, Means, Scanned
from lims.domain.evidence import record as record_evidence
from lims.domain.folds import rows_of
from lims.domain.readings import Asked, Found, Given
from lims.domain.refusals import Refused, Stale
from lims.ledger.codec import decode
from tests.rules.play_setup import NUMBER
from tests.rules.played_batch import POINTS, played, played_batch

STAGES = {
    "issued": Stage.ISSUED,
    "receive": Stage.IN_PROCESS,
    "fill": Stage.IN_PROCESS,
    "quarantine": Stage.TESTING,
    "tested": Stage.TESTING,
    "released": Stage.RELEASED,
    "perfused": Stage.PERFUSED,
    "disposed": Stage.DISPOSED,
    "closed": Stage.CLOSED,
}


@pytest.mark.parametrize(("point", "stage"), STAGES.items())
def test_a_batch_stands_where_its_people_brought_it(point: str, stage: Stage) -> None:
    assert played_batch(point).stage is stage


def test_every_entry_reads_back_from_its_stored_body() -> None:
    batch = played()
    previous = GENESIS
    for entry, body in zip(batch.record.entries, batch.bodies, strict=True):
        assert entry_hash(previous, body) == entry.hash
        assert decode(body, hash=entry.hash) == entry
        previous = entry.hash


@pytest.mark.parametrize("point", POINTS)
def test_a_shorter_fold_is_the_record_as_it_was_then(point: str) -> None:
    then = played_batch(point)
    assert as_of(played_batch(), then.seq) == then
    assert fold_batch(then.stream, then.entries) == then


@pytest.mark.parametrize("point", POINTS)
def test_every_point_has_its_rows(point: str) -> None:
    assert rows_of(f"batch:{NUMBER}", played_batch(point))


def test_a_step_for_five_tubes_waits_until_all_five_are_scanned() -> None:
    scans = played_batch("receive").slots["receive", "tubes"].scans
    assert len({scan.code for scan in scans}) == 5


def test_a_tube_is_not_scanned_twice() -> None:
    batch = played_batch("receive")
    short = as_of(batch, batch.slots["receive", "tubes"].history[0].seq)
    again = Given(raw=short.slots["receive", "tubes"].scans[0].code, means=Means.SCANNED)
    asked = Asked(step="receive", slot="tubes", given=again, person="technician.a")
    with pytest.raises(Refused) as refused:
        record_evidence(short, asked, Found(), now=batch.entries[-1].time)
    assert refused.value.rule == "scan.twice"


def test_a_filled_slot_names_both_values() -> None:
    batch = played_batch("receive")
    short = as_of(batch, batch.slots["receive", "volume"].last.seq)
    asked = Asked(step="receive", slot="volume", given=Given(raw="51"), person="technician.b")
    with pytest.raises(Stale) as stale:
        record_evidence(short, asked, Found(), now=batch.entries[-1].time)
    assert (stale.value.yours, stale.value.on_file) == ("51", "50.0 mL")


def test_a_correction_computes_again_what_was_made_of_the_value() -> None:
    batch = played_batch("count")
    facts = [entry.fact for entry in batch.slots["count", "total"].history]
    first, then = facts
    assert isinstance(first, EvidenceRecorded) and isinstance(then, EvidenceCorrected)
    assert isinstance(first.value, Calculated) and isinstance(then.value, Calculated)
    assert first.value.exact * 124 == then.value.exact * 142


def test_only_those_who_worked_on_a_step_are_its_performers() -> None:
    steps = played_batch().steps
    assert {step.performers for step in steps.values()} == {frozenset({"technician.a"})}
    assert {step.seconds for step in steps.values()} == {frozenset({"technician.b"})}


def test_a_refused_act_is_on_file_beside_the_batch() -> None:
    refused = played().refusals
    assert [entry.fact.kind for entry in refused] == ["act_refused.1"]


def test_every_scan_says_how_it_was_read() -> None:
    batch = played_batch()
    values = [record.value for record in batch.slots.values()]
    typed = [value.name for value in values if isinstance(value, Scanned) and value.means is Means.TYPED]
    assert typed == ["Centrifuge CF-1"]


@pytest.mark.parametrize("point", POINTS)
def test_a_record_that_goes_on_is_the_record_folded_anew(point: str) -> None:
    """Going on from any earlier entry changes nothing, and leaves the earlier record as it was."""
    whole, before = played_batch(), played_batch(point)
    kept = fold_batch(before.stream, before.entries)
    assert fold_on(before, whole.entries[before.seq :]) == whole
    assert before == kept
