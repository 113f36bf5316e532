"""What quality waits for: the review page of the full batch with thirty exceptions more, and its verdicts again."""

from functools import partial

from lims.actions.deviations import open_deviation
from lims.actions.frozen import frozen
from lims.app import create_app
from lims.domain.exceptions import exceptions_of
from lims.domain.replay import replay
from lims.ledger import sessions
from lims.rehearsal.play import Rehearsed
from lims.web.security import COOKIE
from tests.bench.measure import Table, median_of, say, tell_time

EXCEPTIONS = 30


def reviewed(table: Table, golden: Rehearsed) -> None:
    """Thirty deviations on the golden batch, then its page for quality, and its replay."""
    assert golden.batch is not None
    site, number = golden.site, golden.batch
    before = len(exceptions_of(frozen(site, number)))
    say(f"{EXCEPTIONS} deviations beside its {before} exceptions")
    for at in range(EXCEPTIONS):
        open_deviation(
            site,
            golden.stage.actor("tech-a"),
            f"bench-{at:020}",
            batch=number,
            step=None,
            text=f"The room was opened for the {at}th time while the vessel stood open.",
        )
    record = frozen(site, number)
    found = len(exceptions_of(record))
    assert found >= before + EXCEPTIONS
    with site.ledger.writing(write=()) as book:
        token = sessions.start(
            book, person="qa-a", station="QA-1", now=site.clock.now(), language="en", theme="bright"
        )
        entries = book.entries(f"batch:{number}")
    browser = create_app(site, secure=False).test_client()
    browser.set_cookie(COOKIE, token)
    assert browser.get(f"/quality/{number}").status_code == 200
    tell_time(
        table,
        f"review page, {len(entries)} entries, {found} exceptions",
        median_of(partial(browser.get, f"/quality/{number}"), 15),
        target=100,
    )
    tell_time(
        table,
        f"replay of its {replay(f'batch:{number}', entries).count} verdicts",
        median_of(partial(replay, f"batch:{number}", entries), 5),
        target=300,
    )
