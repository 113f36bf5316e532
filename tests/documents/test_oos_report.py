"""The report of a result outside its specification says both phases, every result and what is reported."""

from dataclasses import replace

import pytest

from lims.documents.papers import PAPERS
from lims.domain.oos import CHECKS, DECISIONS
from tests.documents.printed import copy_of, pages_of, squeezed, text_of
from tests.rules.played_batch import played
from tests.rules.test_oos import WORDS, WRONG, Laboratory, failed


def printed(lab: Laboratory, *, language: str = "en") -> bytes:
    whole = played("quarantine")
    words = {**whole.words, WORDS.commitment: "Nothing explains it."}
    batch = replace(whole, record=lab.batch, words=words)
    return PAPERS["oos_report"].draw(replace(copy_of(batch, language=language), subject=lab.found.number))


def retested() -> Laboratory:
    lab = failed()
    lab.examine()
    lab.judge("retest")
    lab.enter("81.2", "qc.b")
    lab.review("qc.a")
    lab.judge("not_confirmed")
    return lab


def test_it_says_both_phases_every_result_and_what_is_reported() -> None:
    text = squeezed(text_of(printed(retested())))
    told = ["79.4 %", "81.2 %", "80.3 %", "NOT CONFIRMED", "Nothing explains it.", *CHECKS.values()]
    for said in (*told, DECISIONS["retest"], DECISIONS["not_confirmed"], "Retests declared"):
        assert squeezed(said) in text, said


def voided() -> Laboratory:
    lab = failed(count=0)
    lab.examine(WRONG)
    lab.judge("invalidated")
    return lab


def test_a_void_result_is_told_with_its_error() -> None:
    text = squeezed(text_of(printed(voided())))
    for said in ("VOID: LABORATORY ERROR", "A laboratory error was found", "declares no retest", "79.4 %"):
        assert squeezed(said) in text, said


def test_one_that_is_not_over_says_so() -> None:
    lab = failed()
    assert squeezed("NOT CONCLUDED") in squeezed(text_of(printed(lab)))


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_the_same_copy_gives_the_same_pages(language: str) -> None:
    lab = retested()
    assert printed(lab, language=language) == printed(lab, language=language)
    assert len(pages_of(printed(lab, language=language))) <= 4


def test_there_is_one_for_each_such_result() -> None:
    batch = retested().batch
    assert PAPERS["oos_report"].subjects_of(batch) == tuple(batch.investigations)
