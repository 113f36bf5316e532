"""Every page of every paper says that the system records and gates, and gives no medical advice."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from lims.documents.blank_master import print_blank_master
from lims.documents.papers import (
    BLANK_MASTER,
    CASEBOOK,
    PAPERS,
    QUALITY_REVIEW,
    REGISTER,
    TITLES,
    TRIAL_REPORT,
    TRIAL_REPORT_BY_ARM,
)
from lims.documents.quality_review import print_quality_review
from lims.documents.register import print_register
from lims.documents.trial_report import print_trial_report
from lims.documents.trial_words import STATEMENT
from lims.language import words_in
from tests.documents.printed import copy_of, pages_of, squeezed
from tests.documents.test_blank_master import blank
from tests.documents.test_oos_report import printed, retested
from tests.documents.test_quality_review import review, site_copy
from tests.documents.test_register_paper import year_of_two
from tests.documents.test_trial_report import BY_ARM, POOLED, copy
from tests.rules.played_batch import played


def _of_batch(kind: str) -> Callable[[str], bytes]:
    def made(language: str) -> bytes:
        copy = copy_of(played(), language=language)
        return PAPERS[kind].draw(replace(copy, subject=PAPERS[kind].subjects_of(copy.record)[0]))

    return made


MADE: Mapping[str, Callable[[str], bytes]] = {
    **{kind: _of_batch(kind) for kind in PAPERS},
    "oos_report": lambda language: printed(retested(), language=language),
    QUALITY_REVIEW: lambda language: print_quality_review(site_copy(language=language), review()),
    REGISTER: lambda language: print_register(site_copy(language=language), year_of_two()),
    BLANK_MASTER: lambda language: print_blank_master(blank(language=language)),
    TRIAL_REPORT: lambda language: print_trial_report(copy(POOLED, language)),
    TRIAL_REPORT_BY_ARM: lambda language: print_trial_report(copy(BY_ARM, language)),
}


def test_no_paper_is_forgotten() -> None:
    """The casebook is drawn from an instance: `pages/admin/test_casebook.py` holds its pages."""
    assert {*MADE, CASEBOOK} == set(TITLES)


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
@pytest.mark.parametrize("kind", MADE)
def test_every_page_says_that_no_medical_advice_is_given(kind: str, language: str) -> None:
    said = squeezed(words_in(language)(STATEMENT))
    pages = pages_of(MADE[kind](language))
    assert pages and [number for number, page in enumerate(pages, 1) if said not in squeezed(page)] == []
