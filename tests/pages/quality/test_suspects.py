"""Quality's page of a mismatch names what else was handled that day, by batch number only, or that nothing was."""

from lims.app import create_app
from lims.ledger import sessions
from lims.web.security import COOKIE
from tests.actions.test_swap_search import handle_other, stop
from tests.builders import At, Played
from tests.cast import QA_A


def page_of(played: Played, *, language: str = "en") -> str:
    """The review page with the deviation of the stop opened."""
    site = played.stage.site
    with site.ledger.writing(write=()) as book:
        token = sessions.start(
            book, person=QA_A, station="QA-1", now=site.clock.now(), language=language, theme="bright"
        )
    browser = create_app(site, secure=False).test_client()
    browser.set_cookie(COOKIE, token)
    number = list(played.record().deviations)[-1]
    return browser.get(f"/quality/{played.batch}?at={number}").text


def test_it_names_the_other_batch_and_nobody_else(at: At) -> None:
    played = at("delivered")
    handle_other(played)
    page = page_of(stop(played))
    part = page[page.index('id="suspects"') : page.index('id="others"')]
    assert f"/batches/{played.other}/custody" in part or f"{played.other}</a>" in part
    assert "Technician A" in part and played.berta not in part and "Demo participant" not in part


def test_it_says_that_nothing_else_was_handled(at: At) -> None:
    page = page_of(stop(at("delivered")))
    assert "No other batch was handled that day." in page


def test_it_says_so_in_chinese(at: At) -> None:
    assert "当日未经手其他批次。" in page_of(stop(at("delivered")), language="zh_Hans")
