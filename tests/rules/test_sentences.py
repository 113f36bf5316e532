"""Every kind of entry has its sentence."""

import string
from dataclasses import replace

import pytest

from lims.domain.entries.batch import EvidenceCorrected, EvidenceRecorded
from lims.domain.entries.envelope import Entry
from lims.domain.entries.follow_up import FollowUpPlanned
from lims.domain.entries.values import Value
from lims.domain.sentences import said, sentence
from lims.domain.sentences_table import SENTENCES
from lims.domain.trial.definitions import FollowUpRules, GestationRules, OutcomeDefinitions
from lims.ledger.codec import kinds
from tests.rules.played_batch import played
from tests.rules.stage_play import ZONE


def value_of(entry: Entry) -> Value:
    assert isinstance(entry.fact, EvidenceRecorded)
    return entry.fact.value


def told(seq: int) -> str:
    batch = played()
    entry = batch.record.entries[seq - 1]
    found = sentence(entry, names=batch.people, words=batch.words, master=batch.record.master)
    return said(found, translate=str, language="en", zone=ZONE)


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_every_kind_has_a_sentence(kind: str) -> None:
    assert kind in SENTENCES


def test_every_entry_of_every_stream_is_told_without_a_gap() -> None:
    batch = played()
    for entries in batch.streams.values():
        for entry in entries:
            found = sentence(entry, names=batch.people, words=batch.words, master=batch.record.master)
            names = {name for _, name, _, _ in string.Formatter().parse(found.msgid) if name}
            assert names <= set(found.places), (entry.fact.kind, names - set(found.places))


def test_a_recorded_value_is_told_with_its_step_and_unit() -> None:
    slot = played().record.slots["receive", "logger_low"]
    assert told(slot.last.seq) == ("Technician A recorded Lowest temperature on the logger, step 1: 14.6 °C")


def test_a_correction_tells_both_values_and_the_reason() -> None:
    batch = played()
    first, then = batch.record.slots["count", "volume"].history
    assert isinstance(then.fact, EvidenceCorrected)
    found = sentence(
        then,
        names=batch.people,
        words=batch.words,
        master=batch.record.master,
        before=value_of(first),
    )
    assert said(found, translate=str, language="en", zone=ZONE) == (
        "Technician A corrected Volume of the pool, step 3: was 14.2 mL, now 12.4 mL;"
        " reason: typing error, 读数抄写错误：应为 12.4 mL"
    )


def test_erased_words_leave_a_visible_gap() -> None:
    batch = played()
    entry = batch.record.deviations["0037-1"].explained
    assert entry is not None
    found = sentence(entry, names=batch.people, words={}, master=batch.record.master)
    assert "[erased or not disclosed]" in said(found, translate=str, language="en", zone=ZONE)


def test_titles_are_told_in_the_language_of_the_reader() -> None:
    batch = played()
    entry = batch.record.slots["receive", "seal"].last
    found = sentence(entry, names=batch.people, words=batch.words, master=batch.record.master)
    assert said(found, translate=str, language="zh_Hans", zone=ZONE).endswith("封签, step 1: 完好")


def test_a_follow_up_that_has_not_begun_is_told_without_dashes() -> None:
    plan = FollowUpPlanned(
        anchor=None,
        start=None,
        end=None,
        visits=(),
        zone=ZONE,
        protocol="1",
        rules=FollowUpRules(),
        gestation=GestationRules(),
        outcomes=OutcomeDefinitions(),
    )
    entry = replace(played().record.entries[0], fact=plan)
    found = sentence(entry, names={}, words={})
    assert said(found, translate=str, language="en", zone=ZONE) == (
        "Follow-up was planned by protocol 1; it has not begun"
    )
