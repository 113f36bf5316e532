"""A logger's file and a storage place through the pages: shown before it is on file, and nothing chosen is lost."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

from lims.actions.site import Site
from lims.domain.entries.batch import CustodyOffered
from lims.domain.entries.custody import PutIntoStorage, TemperatureLogged
from lims.domain.rows import EquipmentRow
from lims.ledger.read_tables import find
from tests.pages.admin.test_custody import released
from tests.pages.quality.conftest import Desk, batch_of

Sit = Callable[[str], Desk]


def product_handover(site: Site, number: str) -> int:
    """The hand-over by which the product came to the clinic."""
    batch = batch_of(site, number)
    return next(
        entry.seq
        for entry in batch.handovers
        if isinstance(entry.fact, CustodyOffered) and entry.fact.container == batch.unit_code
    )


def equipment(site: Site, wanted: str) -> str:
    with site.ledger.reading() as book:
        return find(book, EquipmentRow, equipment_class=wanted, limit=1)[0].code


def log_of(site: Site, number: str, seq: int) -> bytes:
    start = batch_of(site, number).entries[seq - 1].time
    times = [(start + timedelta(minutes=at)).strftime("%Y-%m-%d %H:%M:%S") for at in range(-5, 40, 5)]
    return "\n".join(["Time,Temperature (C)", *(f"{time},4.{at}" for at, time in enumerate(times))]).encode()


def send(desk: Desk, address: str, content: bytes, **fields: str) -> str:
    sent = {"request_id": uuid4().hex, "file": (io.BytesIO(content), "log.csv"), **fields}
    return desk.client.post(address, data=sent, content_type="multipart/form-data").text


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1]


def logged(site: Site, number: str) -> list[TemperatureLogged]:
    facts = (entry.fact for entry in batch_of(site, number).entries)
    return [fact for fact in facts if isinstance(fact, TemperatureLogged)]


def test_a_file_is_shown_first_and_put_on_record_as_shown(site: Site, sit: Sit) -> None:
    number = released(site)
    seq = product_handover(site, number)
    address, desk = f"/batches/{number}/custody/{seq}/temperature", sit("clin-a")
    logger = equipment(site, "temperature_logger")
    page = send(desk, address, log_of(site, number, seq), model="comma_utc", logger=logger)
    assert "Nothing is on file yet" in page and "In range all the way" in page
    assert not logged(site, number)
    fields = {name: hidden(page, name) for name in ("sha256", "name", "model", "logger")}
    assert desk.post(f"{address}/record", **fields).status_code == 303
    assert len(logged(site, number)) == 1
    assert "4.1 … 4.3 °C" in desk.get(f"/batches/{number}/custody").text


def test_a_damaged_file_is_told_at_its_field_and_stays_chosen(site: Site, sit: Sit) -> None:
    number = released(site)
    seq = product_handover(site, number)
    address, desk = f"/batches/{number}/custody/{seq}/temperature", sit("clin-a")
    cut = log_of(site, number, seq) + b"\n2026-11"
    page = send(desk, address, cut, model="comma_utc", logger=equipment(site, "temperature_logger"))
    assert "is cut or damaged" in page and len(hidden(page, "sha256")) == 64
    assert not logged(site, number)


def test_no_model_chosen_is_told_at_its_field_and_the_file_is_kept(site: Site, sit: Sit) -> None:
    number = released(site)
    seq = product_handover(site, number)
    page = send(
        sit("clin-a"), f"/batches/{number}/custody/{seq}/temperature", log_of(site, number, seq), logger="1"
    )
    assert "Choose the model of the logger." in page and len(hidden(page, "sha256")) == 64


def test_item_and_place_are_scanned_and_then_put_away(site: Site, sit: Sit) -> None:
    number, desk = released(site), sit("clin-a")
    code = batch_of(site, number).unit_code or ""
    address = f"/batches/{number}/storage/{code}"
    place = equipment(site, "refrigerator")
    page = desk.post(f"{address}/scan", code=code).text
    page = desk.post(f"{address}/scan", code=place, container=code, means="scanned").text
    assert hidden(page, "means") == hidden(page, "position_means") == "scanned"
    fields = {"container": code, "means": "scanned", "position": place, "position_means": "scanned"}
    assert desk.post(f"{address}/put", **fields).status_code == 303
    assert any(isinstance(entry.fact, PutIntoStorage) for entry in batch_of(site, number).entries)
    assert "Take from storage" in desk.get(address).text


def test_a_code_that_is_none_is_told_at_its_field(site: Site, sit: Sit) -> None:
    number, desk = released(site), sit("clin-a")
    code = batch_of(site, number).unit_code or ""
    answer = desk.post(f"/batches/{number}/storage/{code}/put", container=code, position="12")
    assert answer.status_code == 422 and 'id="position-error"' in answer.text and code in answer.text
