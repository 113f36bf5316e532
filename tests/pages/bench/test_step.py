"""Doing a step through the pages: each slot one request, refusals in words, nothing lost."""

import re
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lims.domain.batch_record import BatchRecord
from lims.domain.entries.envelope import stream_of
from lims.domain.folds import fold
from tests.pages.site import Played, sign_in
from tests.player.cast import PASSWORD, PIN

HTMX = {"HX-Request": "true"}


def _batch(played: Played) -> BatchRecord:
    with played.site.ledger.reading() as book:
        stream = stream_of("batch", played.number)
        record = fold(stream, book.entries(stream))
    assert isinstance(record, BatchRecord)
    return record


def _refused(played: Played) -> int:
    with played.site.ledger.reading() as book:
        return len(list(book.entries(f"{stream_of('batch', played.number)}!refusals")))


@pytest.fixture()
def bench(app: Flask, played: Played) -> FlaskClient:
    """Technician A at the batch."""
    client = app.test_client()
    sign_in(client, "tech-a")
    return client


def _shown(page: str) -> str:
    found = re.search(r'name="shown" value="([^"]+)"', page)
    assert found
    return found[1]


def _post(client: FlaskClient, path: str, **data: str) -> TestResponse:
    return client.post(path, data={"request_id": uuid4().hex, **data}, headers=HTMX)


def test_a_step_from_its_counts_to_the_second_persons_check(
    app: Flask, bench: FlaskClient, played: Played
) -> None:
    """Counts, calculation, confirmation by PIN, then another technician agrees; the performer cannot."""
    base = f"/batches/{played.number}/steps/count"
    counts = {"live_1": "150", "dead_1": "4", "live_2": "30", "dead_2": "5", "dilution": "2"}
    third = _post(bench, f"{base}/record/pool", **counts)
    assert third.status_code == 422
    assert "Count a third time." in third.text
    assert 'value="150"' in third.text
    counts |= {"live_2": "155", "dead_2": "5"}
    assert _post(bench, f"{base}/record/pool", **counts).status_code == 200
    batch = _batch(played)
    assert batch.number_at("count.total") is not None
    again = _post(bench, f"{base}/record/pool", **(counts | {"live_1": "99"}))
    assert again.status_code == 409
    stale = _post(bench, f"{base}/confirm", pin=PIN, shown="what was there before")
    assert stale.status_code == 409
    shown = _shown(bench.get(base).text)
    wrong = _post(bench, f"{base}/confirm", pin="000001", shown=shown)
    assert wrong.status_code == 422
    done = _post(bench, f"{base}/confirm", pin=PIN, shown=shown)
    assert done.status_code == 303, done.text
    assert _batch(played).is_confirmed("count")
    seen = str(_batch(played).steps["count"].last_seq)
    own = _post(bench, f"{base}/verify", pin=PIN, seen=seen, shown=shown)
    assert own.status_code == 403
    second = app.test_client()
    sign_in(second, "tech-b")
    shown = _shown(second.get(f"{base}/verify").text)
    assert _post(second, f"{base}/verify", pin=PIN, seen=seen, shown=shown).status_code == 303
    assert _batch(played).steps["count"].verified is not None


def test_a_correction_keeps_the_first_value_readable(bench: FlaskClient, played: Played) -> None:
    """21 CFR 11.10(e): the first value stays beside the new one, with the reason."""
    base = f"/batches/{played.number}/steps/count"
    seq = str(_batch(played).slots[("count", "volume")].last.seq)
    told = {"value": "10.2", "replaces_seq": seq, "pin": PIN}
    without = _post(bench, f"{base}/correct/volume", **told)
    assert without.status_code == 422
    assert "A correction needs a reason." in without.text
    assert 'value="10.2"' in without.text
    made = _post(bench, f"{base}/correct/volume", **told, reason_code="typing_error")
    assert made.status_code == 200, made.text
    assert "<del>" in made.text
    assert "10.2" in made.text


@pytest.mark.parametrize("typed", ["", "1,234", "１．２.3", "NaN", "12 34 5", "9" * 400])
def test_a_figure_that_cannot_be_taken_stays_in_its_field(
    bench: FlaskClient, played: Played, typed: str
) -> None:
    """A clear message, nothing lost, nothing half-written."""
    before = _batch(played).seq
    seq = str(_batch(played).slots[("count", "volume")].last.seq)
    answer = _post(
        bench,
        f"/batches/{played.number}/steps/count/correct/volume",
        value=typed,
        replaces_seq=seq,
        pin=PIN,
        reason_code="typing_error",
    )
    assert answer.status_code == 422
    assert _batch(played).seq == before


@pytest.mark.parametrize("posted", [{"code": "1234", "means": "typed"}, {"value": "x"}])
@pytest.mark.parametrize(("step", "slot"), [("receive", "tubes"), ("count", "total"), ("count", "nothing")])
def test_what_can_never_be_corrected_is_refused_in_words_and_on_file(
    bench: FlaskClient, played: Played, step: str, slot: str, posted: dict[str, str]
) -> None:
    """Only a deviation says that the wrong thing was scanned; a hand-made request gets a rule, never a fault."""
    before = _refused(played)
    answer = _post(
        bench,
        f"/batches/{played.number}/steps/{step}/correct/{slot}",
        replaces_seq="1",
        pin=PIN,
        reason_code="typing_error",
        **posted,
    )
    assert answer.status_code == 409, answer.text
    assert _refused(played) == before + 1


def test_a_signature_asks_for_the_persons_own_user_id(bench: FlaskClient) -> None:
    """21 CFR 11.200: nobody signs with another person's components."""
    answer = bench.post("/me", data={"user_id": "tech-b", "password": PASSWORD})
    assert answer.status_code == 422
    assert "This is not your own user id." in answer.text


def test_a_wrong_pages_code_is_not_on_file(bench: FlaskClient) -> None:
    """An unknown batch is said in words."""
    assert bench.get("/batches/9999").status_code == 404
    assert bench.get("/scan?code=1234567890123456").status_code in (404, 422)
