"""The deviation report says everything on file about one deviation, in both languages, and nothing of another one."""

from dataclasses import replace
from datetime import date

import pytest

from lims.documents.papers import PAPERS
from lims.domain.capa import STREAM, fold_capas
from lims.domain.entries.capa import (
    CapaDone,
    CapaPlanned,
    CapaRaised,
    CapaVerified,
    DeviationClosed,
    DeviationInvestigated,
    EffectivenessChecked,
)
from lims.domain.entries.envelope import Detached, Entry, Fact
from lims.domain.entries.late import Touched
from tests.documents.printed import copy_of, followed_by, pages_of, squeezed, text_of
from tests.rules.played_batch import Played, played

WORDS = {
    "c-impact": "It never left its range.",
    "c-cause": "The catch of the door is worn.",
    "c-what": "Replace the catch.",
    "c-measure": "No open door in seven days.",
    "c-done": "A new catch is in place.",
    "c-seen": "The door closes by itself.",
    "c-found": "It stood open once.",
    "c-end": "Nothing is left to do.",
}


def words(name: str) -> Detached:
    return Detached(commitment=name, sort="words", size=len(WORDS[name]))


def number_of(batch: Played) -> str:
    return next(number for number, item in batch.record.deviations.items() if item.decided)


def capa_entries(batch: Played, number: str) -> list[Entry]:
    planned = CapaPlanned(
        number="CAPA-2026-0001",
        deviations=(number,),
        action="corrective",
        description=words("c-what"),
        owner="tech.a",
        owner_name="Owner of the action",
        due=date(2026, 12, 1),
        criterion=words("c-measure"),
        check_on=date(2026, 12, 8),
        zone="Asia/Shanghai",
    )
    facts: tuple[Fact, ...] = (
        planned,
        CapaDone(number=planned.number, done=words("c-done")),
        CapaVerified(number=planned.number, agreed=True, finding=words("c-seen")),
        EffectivenessChecked(number=planned.number, effective=False, finding=words("c-found")),
    )
    last = batch.record.entries[-1]
    return [replace(last, stream=STREAM, seq=at, fact=fact) for at, fact in enumerate(facts, start=1)]


def report(*, language: str = "en", closed: bool = True) -> bytes:
    batch = played("released")
    number = number_of(batch)
    found = DeviationInvestigated(
        number=number,
        impact_on="product",
        impact=words("c-impact"),
        cause="equipment",
        root_cause=words("c-cause"),
        others=(Touched(batch="0099", shares=(("lot", "CD3 beads (123)"),)),),
    )
    raised = CapaRaised(deviation=number, capa="CAPA-2026-0001")
    end = DeviationClosed(number=number, capas=("CAPA-2026-0001",), conclusion=words("c-end"))
    for fact in (found, raised, end) if closed else (found, raised):
        batch = followed_by(batch, fact, act="close_deviation")
    copy = copy_of(batch, language=language)
    capas = tuple(fold_capas(STREAM, capa_entries(batch, number)).by_number.values())
    whole = replace(copy, subject=number, capas=capas, words={**copy.words, **WORDS})
    return PAPERS["deviation_report"].draw(whole)


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_everything_that_was_said_stands_on_it(language: str) -> None:
    text = squeezed(text_of(report(language=language)))
    batch = played("released")
    number = number_of(batch)
    for said in (*WORDS.values(), number, "CAPA-2026-0001", "Owner of the action", "2026-12-08", "0099"):
        assert squeezed(said) in text, said
    item = batch.record.deviations[number]
    assert item.decision is not None
    assert squeezed(batch.words[item.decision.impact.commitment]) in text


def test_it_says_whether_it_is_closed() -> None:
    assert "NOT CLOSED" not in text_of(report())
    assert "NOT CLOSED" in text_of(report(closed=False))
    assert "It is not closed." in text_of(report(closed=False))


def test_an_action_without_effect_is_told_as_such() -> None:
    assert "Not effective" in text_of(report())


def test_the_same_copy_prints_the_same_bytes() -> None:
    assert report() == report()
    assert len(pages_of(report())) >= 2


def test_each_deviation_of_a_batch_can_have_one_and_nothing_else() -> None:
    batch = played("released").record
    assert PAPERS["deviation_report"].subjects_of(batch) == tuple(batch.deviations)
