"""The page of a station that holds one batch: the step names what stands there, and two people clear the line."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lims.actions import people
from lims.actions.frozen import frozen
from lims.actions.site import Site
from lims.actions.work import Actor
from lims.app import create_app
from lims.domain.acts import MADE, Role
from lims.domain.rows import BatchRow, StationRow
from lims.domain.stations import CHECKS
from lims.ledger.read_tables import find
from lims.queries.look import Reader
from lims.queries.stations import bench_of, is_of_the_day
from lims.web.limits import limiter
from tests.pages.conftest import Demo, copied
from tests.pages.site import sign_in
from tests.player.cast import PIN

CABINET = "CAB-1"


@pytest.fixture()
def site(
    demo: Demo, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Site]:
    """A copy of the demo with a cabinet that holds one batch."""
    with copied(demo, tmp_path_factory.mktemp("line") / "demo", request) as site:
        people.register_station(
            site,
            Actor(person="admin", station="QA-1"),
            uuid4().hex,
            code=CABINET,
            name="Cabinet 1",
            room="Grade B room",
            setting="lab",
            line_clearance=True,
        )
        yield site


@pytest.fixture()
def app(site: Site) -> Flask:
    made = create_app(site, secure=False)
    made.config.update(WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    limiter.enabled = False
    return made


def seat(app: Flask, person: str, *, station: str = CABINET) -> FlaskClient:
    client = app.test_client()
    client.post("/session/station", data={"station": station})
    sign_in(client, person)
    return client


def rows(site: Site) -> tuple[BatchRow, BatchRow]:
    """The batch at its count, and another one in process."""
    with site.ledger.reading() as book:
        found = find(book, BatchRow, ("stage", "in", sorted(MADE)), order=("number",))
    first = next(row for row in found if row.current_step == "count")
    return first, next(row for row in found if row.number != first.number)


def held(site: Site) -> str:
    with site.ledger.reading() as book:
        return find(book, StationRow, station=CABINET, limit=1)[0].batch


def record(client: FlaskClient, batch: str, *, fragment: bool = True) -> TestResponse:
    data = {"request_id": uuid4().hex, "live_1": "150", "dead_1": "4", "live_2": "149", "dead_2": "5"}
    return client.post(
        f"/batches/{batch}/steps/count/record/pool",
        data=data | {"dilution": "2"},
        headers={"HX-Request": "true"} if fragment else {},
    )


def clear(client: FlaskClient, batch: str, cleared: str, **given: str) -> TestResponse:
    asked = {f"check_{check}": "1" for check in CHECKS}
    asked |= {"cleared": cleared, "pin": PIN, "witness": "tech-b", "witness_pin": PIN}
    asked |= {"request_id": uuid4().hex} | given
    data = {name: value for name, value in asked.items() if value}
    return client.post(f"/batches/{batch}/line", data=data)


def take(app: Flask, site: Site) -> tuple[FlaskClient, str, BatchRow]:
    """The first batch stands at the cabinet; a person at it, and what comes next."""
    first, second = rows(site)
    client = seat(app, "tech-a")
    assert record(client, first.number).status_code == 200
    assert held(site) == first.number
    return client, first.number, second


def test_a_step_of_another_batch_shows_one_next_action(app: Flask, site: Site) -> None:
    client, first, second = take(app, site)
    url = f"/batches/{second.number}/steps/{second.current_step}"
    page = client.get(url).text
    assert f"Cabinet 1 holds batch {first}." in page and "Station taken" in page
    foot = page[page.index('id="foot"') : page.index("</footer>")]
    assert foot.count("b-btn-primary") == 1
    assert f'href="/batches/{second.number}/line"' in page and "Confirm step" not in page
    assert "b-slot-now" not in page
    own = client.get(f"/batches/{first}/steps/count").text
    assert "Station taken" not in own and "Clear the line" not in own


def test_whoever_cannot_clear_the_line_is_told_and_not_led(app: Flask, site: Site) -> None:
    _, _, second = take(app, site)
    url = f"/batches/{second.number}/steps/{second.current_step}"
    page = seat(app, "qc-a").get(url).text
    assert f"/batches/{second.number}/line" not in page


def test_the_server_refuses_what_the_page_does_not_offer(app: Flask, site: Site) -> None:
    first, second = rows(site)
    assert clear(seat(app, "tech-a"), second.number, "").status_code == 303
    client = seat(app, "tech-a")
    answer = record(client, first.number)
    assert answer.status_code == 409
    assert f"Cabinet 1 holds batch {second.number}." in answer.text and "Clear the line" in answer.text
    plain = record(client, first.number, fragment=False)
    assert plain.status_code == 409 and "station.taken" in plain.text


def test_two_people_clear_the_line_on_its_page(app: Flask, site: Site) -> None:
    client, first, second = take(app, site)
    page = client.get(f"/batches/{second.number}/line").text
    assert f"Stands here: batch {first}" in page and f"Comes next: batch {second.number}" in page
    assert all(words in page for words in CHECKS.values())
    answer = clear(client, second.number, first)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"/batches/{second.number}/steps/{second.current_step}")
    assert held(site) == second.number
    assert "Station taken" not in client.get(answer.headers["Location"]).text
    again = client.get(f"/batches/{second.number}/line").text
    assert f"Cabinet 1 is held by batch {second.number} itself." in again


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({"witness": "tech-a"}, 403, "The performer cannot"),
        ({"witness": "nobody"}, 422, "Not known"),
        ({"witness_pin": "000001"}, 422, "PIN"),
        ({"pin": "000001"}, 422, "PIN"),
        ({"check_waste": ""}, 422, "Every line of the checklist must be found as it says."),
        ({"cleared": "9999"}, 409, "not the one that was stated"),
    ],
)
def test_a_clearance_with_something_wrong_is_refused(
    app: Flask, site: Site, given: dict[str, str], status: int, said: str
) -> None:
    client, first, second = take(app, site)
    answer = clear(client, second.number, **({"cleared": first} | given))
    assert answer.status_code == status, answer.text
    assert held(site) == first


def test_a_station_that_holds_no_batch_says_so(app: Flask, site: Site) -> None:
    _, second = rows(site)
    page = seat(app, "tech-a").get(f"/batches/{second.number}/line").text
    assert "No batch stood here before" in page
    desk = seat(app, "tech-a", station="BSC-2").get(f"/batches/{second.number}/line").text
    assert "is no station that holds one batch at a time" in desk


def test_a_batch_of_the_same_day_is_named_by_its_number_only(app: Flask, site: Site) -> None:
    """Domain: two participants on one day; the banner names no person."""
    first, _ = rows(site)
    with site.ledger.reading() as book:
        others = [row for row in find(book, BatchRow) if row.number != first.number]
    page = seat(app, "tech-a").get(f"/batches/{first.number}/steps/count").text
    banner = page[page.index("Same day") : page.index("go by the codes")]
    assert any(row.number in banner for row in others)
    assert not any(row.participant in banner for row in others)


def test_what_counts_as_the_same_day(site: Site) -> None:
    first, _ = rows(site)
    assert first.day_zero is not None and first.step_day is not None
    due = first.day_zero + timedelta(days=first.step_day)
    assert is_of_the_day(first, today=due, begun=True)
    assert is_of_the_day(first, today=due + timedelta(days=1), begun=True)
    assert not is_of_the_day(first, today=due - timedelta(days=1), begun=True)


def test_a_batch_that_has_ended_is_nobodys_neighbour(site: Site) -> None:
    with site.ledger.reading() as book:
        ended = next(row for row in find(book, BatchRow) if row.stage not in MADE)
    reader = Reader(person="tech-a", roles=frozenset({Role.TECHNICIAN}), language="en", site=site)
    first, _ = rows(site)
    assert bench_of(reader, station="", batch=frozen(site, ended.number)).same_day == ()
    assert ended.number not in bench_of(reader, station="", batch=frozen(site, first.number)).same_day


def test_only_an_administrator_moves_a_browser_that_is_such_a_station(app: Flask) -> None:
    """0012: when rules depend on the station, it must become harder to choose."""
    client = seat(app, "tech-a")
    moved = client.post("/session/station", data={"station": "BSC-2"})
    assert moved.status_code == 403 and "station.fixed" in moved.text
    assert client.post("/session/station", data={"station": CABINET}).status_code == 303
    anyone = app.test_client()
    anyone.post("/session/station", data={"station": CABINET})
    assert anyone.post("/session/station", data={"station": ""}).status_code == 403
    sign_in(anyone, "admin")
    assert anyone.post("/session/station", data={"station": "BSC-2"}).status_code == 303


def test_the_administrator_registers_such_a_station(app: Flask, site: Site) -> None:
    admin = seat(app, "admin", station="QA-1")
    given = {"code": "CAB-9", "name": "Cabinet 9", "room": "R", "setting": "lab", "line_clearance": "1"}
    assert admin.post("/people/register_station", data={"request_id": uuid4().hex} | given).status_code == 303
    with site.ledger.reading() as book:
        assert find(book, StationRow, station="CAB-9", limit=1)[0].line_clearance
        assert not find(book, StationRow, station="BSC-2", limit=1)[0].line_clearance
    assert "holds no batch" in admin.get("/people").text
