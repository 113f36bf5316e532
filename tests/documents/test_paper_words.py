"""Nothing on a 中文 paper stays English for want of a translation, and every place of a text survives it."""

import string
from collections.abc import Callable
from dataclasses import replace

import pytest

from lims.documents import batch_record_copy, blank_master
from lims.documents.papers import PAPERS
from lims.domain.acts import ACTS
from lims.domain.refusals import RULES
from lims.domain.sentences_table import SENTENCES, TERMS
from lims.translations.catalogue import merged
from tests.documents.printed import before, copy_of
from tests.documents.test_blank_master import blank
from tests.documents.test_oos_report import printed, retested, voided
from tests.rules.played_batch import played
from tests.rules.test_oos import failed


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_that_a_paper_asks_for_has_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[str] = set()

    def overheard(language: str) -> Callable[[str], str]:
        def say(text: str) -> str:
            asked.add(text)
            return text

        return say

    monkeypatch.setattr(batch_record_copy, "words_in", overheard)
    for point in ("issued", "receive", "count", "released", "matched", "closed"):
        batch = played(point)
        for sort in PAPERS.values():
            for subject in sort.subjects_of(batch.record):
                if not sort.unmet_about(batch.record, subject):
                    copy = copy_of(batch, language="zh_Hans", earlier=(before("conditional_release"),))
                    sort.draw(replace(copy, subject=subject))
    for laboratory in (failed(), retested(), voided()):
        printed(laboratory, language="zh_Hans")
    monkeypatch.setattr(blank_master, "words_in", overheard)
    for approved in (True, False):
        blank_master.print_blank_master(blank(approved=approved, language="zh_Hans"))
    elsewhere = {act.label for act in ACTS.values()} | {rule.why for rule in RULES.values()}
    whole = merged()
    assert len(asked) > 250
    assert {text for text in asked - elsewhere if whole.get(text) is None} == set()


@pytest.mark.parametrize("text", sorted({*SENTENCES.values(), *TERMS.values()}))
def test_every_sentence_has_chinese_with_the_same_places(text: str) -> None:
    message = merged().get(text)
    assert message is not None
    assert places(str(message.string)) == places(text)
