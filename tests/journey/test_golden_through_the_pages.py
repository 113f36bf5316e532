"""The golden batch from the kit to the archive, carried by its people through the pages and by nothing else."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from lims.actions.papers import gather
from lims.documents.findings import Verdict
from lims.documents.verifier import verify_pdf
from lims.domain.folds import fold, rows_of
from lims.ledger import credentials
from lims.ledger.verify import verify
from lims.rehearsal.instance import ZONE, Stage
from lims.rehearsal.play import play_together
from lims.rehearsal.read import read_rehearsal
from lims.rehearsal.report import Stopped
from tests.conftest import wanted_database
from tests.documents.printed import squeezed, text_of
from tests.journey.clerk import ThroughThePages
from tests.journey.in_print import Printed

GOLDEN = Path(__file__).parents[2] / "batch_templates" / "rehearsals" / "golden.yaml"


@dataclass(frozen=True, kw_only=True)
class Walked:
    """The play when it has ended, and how long it took."""

    playing: ThroughThePages
    seconds: float


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Walked]:
    play = read_rehearsal(GOLDEN)
    with wanted_database(request) as url, pytest.MonkeyPatch.context() as patch:
        # Some three hundred PINs are proved; how dear it is to guess one is tested elsewhere.
        patch.setattr(
            credentials, "_PIN_HASHER", PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
        )
        stage = Stage(tmp_path_factory.mktemp("walk") / "instance", play, database=url)
        playing = ThroughThePages(stage, play)
        begun = time.monotonic()
        try:
            play_together([playing])
        except Stopped as stopped:
            last = "\n".join(map(str, playing.report.lines[-5:]))
            pytest.fail(f"{last}\n{stopped.failure}", pytrace=False)
        yield Walked(playing=playing, seconds=time.monotonic() - begun)
        stage.site.ledger.close()


def test_every_act_of_the_golden_batch_can_be_done_on_a_page(walked: Walked) -> None:
    assert set(walked.playing.acted) == set(walked.playing.ways)
    assert sum(walked.playing.acted.values()) > 600


def test_what_came_of_it_is_what_the_rehearsal_says(walked: Walked) -> None:
    walked.playing.check(walked.playing.rehearsal.then)
    assert walked.playing.report.failures == []


def test_the_ledger_is_intact(walked: Walked) -> None:
    site = walked.playing.stage.site
    report = verify(site.ledger, rows_of=lambda stream, told: rows_of(stream, fold(stream, told)))
    assert report.findings == ()


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_the_record_printed_on_the_documents_page_proves_itself_and_says_everything(
    walked: Walked, language: str
) -> None:
    stage = walked.playing.stage
    window, batch = walked.playing.window("qa-a"), stage.names.lookup("batch")
    path = f"/documents/{batch}"
    form = window.go(path).form(path)
    page = window.send(form, paper="batch_record", language=language)
    newest = next(href for href, _ in page.links if href.startswith("/documents/file/"))
    pdf = window.fetch(newest)
    assert verify_pdf(pdf, stage.code).verdict is Verdict.INTACT
    gathered, text = gather(stage.site, batch), squeezed(text_of(pdf))
    assert Printed(gathered=gathered, text=text, language=language, zone=ZONE).absent() == []
