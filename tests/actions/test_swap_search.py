"""After a mismatch: everything else that was handled that day is found, and nothing of another day."""

from lims.actions import deviations, evidence, perfusion
from lims.actions.evidence import Entered
from lims.domain.acts import Role
from lims.domain.entries.batch import DeviationOpened, EvidenceRecorded
from lims.domain.entries.values import Means
from lims.queries.look import Reader
from lims.queries.swap import Search, swap_search
from tests.actions.test_mismatch import stopped
from tests.builders import At, Played
from tests.cast import CLIN_A, QA_A, TECH_A


def search(played: Played, *, batch: str = "", deviation: int = -1) -> Search | None:
    """What quality's page asks for the last deviation."""
    record = played.record(batch or played.batch)
    reader = Reader(person=QA_A, roles=frozenset({Role.QA}), language="en", site=played.stage.site)
    return swap_search(reader, record, list(record.deviations)[deviation])


def handle_other(played: Played, *, slot: str = "box", thing: str = "transport_box") -> None:
    """Something of the other batch is scanned at the bench."""
    evidence.record_evidence(
        *played.by(TECH_A),
        batch=played.other,
        step="receive",
        slot=slot,
        entered=Entered(raw=played.stage.things[thing], means=Means.SCANNED),
    )


def stop(played: Played) -> Played:
    """At the bedside the chart's sticker is read for a wristband: nobody else's batch is touched."""
    perfusion.report_mismatch(
        *played.by(CLIN_A), batch=played.batch, legs=played.legs(wristband=played.container("product"))
    )
    return played


def test_what_was_handled_the_same_day_is_found_with_what_was_done_last(at: At) -> None:
    played = at("delivered")
    handle_other(played, slot="logger", thing="temperature_logger")
    played.wait(days=1)
    handle_other(played)
    played.wait(minutes=10)
    found = search(stop(played))
    assert found is not None
    assert [item.row.number for item in found.batches] == [played.other]
    (other,) = found.batches
    assert isinstance(other.last.fact, EvidenceRecorded) and other.times == 1 and not other.is_given


def test_what_was_handled_the_day_before_is_not(at: At) -> None:
    played = at("delivered")
    handle_other(played)
    played.wait(days=1)
    found = search(stop(played))
    assert found is not None and found.batches == ()


def test_the_product_that_was_found_at_the_bedside_is_among_them(at: At) -> None:
    """Both halves see each other, whoever looks."""
    played = stopped(at, leg="product")
    own, other = search(played), search(played, batch=played.other)
    assert own is not None and other is not None
    assert [item.row.number for item in own.batches] == [played.other]
    assert isinstance(own.batches[0].last.fact, DeviationOpened)
    assert [item.row.number for item in other.batches] == [played.batch]


def test_another_deviation_asks_for_no_search(at: At) -> None:
    played = at("delivered")
    deviations.open_deviation(*played.by(TECH_A), batch=played.batch, step=None, text="The lift stood still.")
    assert search(played) is None


def test_the_day_is_that_of_the_site(at: At) -> None:
    """08:00 at the site is midnight in UTC: what was done at 07:50 and at 08:10 there is one day."""
    played = at("delivered")
    now = played.now.astimezone(played.stage.zone)
    played.wait(hours=24 - now.hour, minutes=-now.minute)
    played.wait(hours=7, minutes=50)
    handle_other(played)
    played.wait(minutes=20)
    found = search(stop(played))
    assert found is not None and [item.row.number for item in found.batches] == [played.other]
