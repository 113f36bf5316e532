"""A whole record with deviations: every value, hand, signature and decision is found by text extraction."""

from collections.abc import Iterator

import pytest

from lims.actions.papers import Gathered, copy_of, gather
from lims.documents.collection_form import collection_steps
from lims.documents.papers import BATCH_RECORD, PAPERS
from lims.domain.acts import Role
from lims.domain.codes import grouped
from lims.rehearsal.instance import ZONE
from lims.rehearsal.play import Rehearsed, rehearse
from lims.rehearsal.read import read_rehearsal
from tests.documents.printed import squeezed, text_of
from tests.journey.in_print import Printed
from tests.journey.test_golden_through_the_pages import GOLDEN


@pytest.fixture(scope="module")
def weak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsed]:
    """The weak donor: three deviations with their decisions, an operation that nobody planned, a partial dose."""
    play = read_rehearsal(GOLDEN.with_name("golden-weak-donor.yaml"))
    rehearsed = rehearse(play, tmp_path_factory.mktemp("weak") / "instance")
    assert rehearsed.report.failures == []
    yield rehearsed
    rehearsed.site.ledger.close()


@pytest.fixture(scope="module")
def gathered(weak: Rehearsed) -> Gathered:
    return gather(weak.site, weak.batch or "")


@pytest.fixture(scope="module", params=["en", "zh_Hans"])
def printed(weak: Rehearsed, gathered: Gathered, request: pytest.FixtureRequest) -> Printed:
    paper, language = PAPERS[BATCH_RECORD], str(request.param)
    content = paper.draw(copy_of(weak.site, gathered, paper, by="QA officer A", language=language))
    return Printed(gathered=gathered, text=squeezed(text_of(content)), language=language, zone=ZONE)


def test_everything_on_file_stands_in_print(printed: Printed) -> None:
    """21 CFR 11.10(b) and 11.50; EU GMP Annex 11, 8.1: clear printed copies of all that is on file."""
    assert len(printed.batch.deviations) == 3
    assert printed.absent() == []


def test_what_is_left_out_of_the_print_is_named(printed: Printed) -> None:
    """The check itself: without a person's name, a time or a sentence it says what is missing."""
    signed = next(iter(printed.batch.signatures.values()))
    for lost in (
        printed.gathered.people["tech-b"],
        "At risk: forecast 1.05×10⁷ cells.",
        printed.at(signed.time),
    ):
        text = printed.text.replace(squeezed(lost), "")
        assert text != printed.text
        spoilt = Printed(gathered=printed.gathered, text=text, language=printed.language, zone=ZONE)
        assert spoilt.absent() != []


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_the_collection_form_is_of_the_draw_and_of_nothing_later(
    weak: Rehearsed, gathered: Gathered, language: str
) -> None:
    """21 CFR 1271.55: what was collected, from whom, by whom; the codes that went into the box."""
    paper = PAPERS["collection_form"]
    copy = copy_of(weak.site, gathered, paper, by="QA officer A", language=language)
    text = squeezed(text_of(paper.draw(copy)))
    record, steps = gathered.batch, collection_steps(gathered.batch)
    assert len(steps) > 4 and all(squeezed(copy.in_words(step.title)) in text for step in steps)
    later = next(s for s in reversed(record.plan) if s.role == Role.CLINICIAN and s.done_by is None)
    assert later not in steps and squeezed(copy.in_words(later.title)) not in text
    for code, item in record.containers.items():
        if item.container in ("form", "tube"):
            assert squeezed(grouped(code)) in text
        elif item.container in ("vessel", "qc_final"):
            assert squeezed(grouped(code)) not in text
