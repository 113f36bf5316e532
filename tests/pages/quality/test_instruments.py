"""Instruments' files on the page: shown before they are on record, lines without a sample wait, plots are drawn."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import flowio
import pytest

from lims.actions import machines
from lims.actions.site import Site
from lims.actions.work import Actor
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.batch import ResultEntered, SampleReceived
from lims.domain.entries.instruments import FlowFileKept, ResultsFileTaken
from lims.domain.rows import EquipmentRow
from lims.ledger.read_tables import find
from tests.pages.quality.conftest import Desk, batch_of, entries_of
from tests.pages.quality.test_qc import TAKEN, receive, sample

Sit = Callable[[str], Desk]
HEAD = "Sample Name,Mycoplasma\n"


def machine(site: Site, equipment_class: str, name: str) -> str:
    """An instrument of that class, registered and calibrated by quality."""
    who = Actor(person="qa-a", station="QA-1")
    with site.ledger.reading() as book:
        known = [row.code for row in find(book, EquipmentRow, name=name)]
    if known:
        return known[0]
    made = machines.register_equipment(
        site, who, uuid4().hex, equipment_class=equipment_class, name=name, room="QC"
    )
    code = made.entries[0].stream.partition(":")[2]
    until = (site.clock.now() + timedelta(days=30)).date()
    machines.record_calibration(
        site, who, uuid4().hex, equipment=code, passed=True, until=until, certificate="test"
    )
    return code


def send(desk: Desk, address: str, content: bytes, name: str, **fields: str) -> str:
    sent = {"request_id": uuid4().hex, "file": (io.BytesIO(content), name), **fields}
    return desk.client.post(address, data=sent, content_type="multipart/form-data").text


def hidden(page: str, *names: str) -> dict[str, str]:
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in names}
    return {name: match[1] for name, match in found.items() if match}


def results(site: Site) -> list[ResultEntered]:
    facts = (entry.fact for entry in batch_of(site, TAKEN).entries)
    return [fact for fact in facts if isinstance(fact, ResultEntered)]


def test_a_file_is_shown_first_then_its_known_sample_has_a_result_and_the_other_waits(
    site: Site, sit: Sit
) -> None:
    desk, code = sit("qc-a"), sample(batch_of(site, TAKEN))
    receive(site, desk)
    cycler, before = machine(site, "thermocycler", "cycler"), len(results(site))
    content = f"{HEAD}{code},Not detected\nPlasma 7,Not detected\n".encode()
    page = send(desk, "/qc-files/", content, "run.csv", model="nucleic_acid", instrument=cycler)
    assert "Nothing is on file yet" in page and "No sample with this code is on file." in page
    assert len(results(site)) == before
    fields = hidden(page, "sha256", "name", "model", "instrument")
    assert desk.identify("/qc-files/record", pin="000001", **fields).status_code == 422
    assert desk.identify("/qc-files/record", **fields).status_code == 303
    (fact,) = results(site)[before:]
    assert (fact.option, fact.instrument, fact.line, fact.file) == (
        "not_detected",
        cycler,
        2,
        fields["sha256"],
    )
    tray = desk.get("/qc-files/").text
    assert "Plasma 7" in tray and desk.get("/").text.count("/qc-files/") >= 1
    taken = entries_of(site, f"equipment:{cycler}")[-1]
    assert isinstance(taken.fact, ResultsFileTaken)
    address = f"/qc-files/{cycler}/{taken.seq}/3/mycoplasma"
    assert desk.identify(address, decision="", reason="The positive control.").status_code == 422
    assert desk.identify(address, decision="foreign", reason="The positive control.").status_code == 303
    assert "Plasma 7" not in desk.get("/qc-files/").text


def test_a_pasted_column_is_read_like_a_file(site: Site, sit: Sit) -> None:
    desk, counter = sit("qc-a"), machine(site, "cell_counter", "counter")
    pasted = "Sample\tViability\nno such tube\t91.5\n"
    answer = desk.post("/qc-files/", model="pasted_viability", instrument=counter, pasted=pasted)
    assert answer.status_code == 200 and "no such tube" in answer.text


@pytest.mark.parametrize(
    ("content", "says"), [(b"\x00\x01", "cannot be kept here"), (b"A,B\n1,2", "are not in the file.")]
)
def test_what_is_no_such_file_is_told_at_its_field_and_stays_chosen(
    site: Site, sit: Sit, content: bytes, says: str
) -> None:
    cycler = machine(site, "thermocycler", "cycler")
    page = send(sit("qc-a"), "/qc-files/", content, "run.csv", model="nucleic_acid", instrument=cycler)
    if content.startswith(b"A"):
        assert len(hidden(page, "sha256")["sha256"]) == 64
    assert 'id="file-error"' in page and says in page


def has_final(batch: BatchRecord) -> bool:
    """The laboratory has its final sample."""
    facts = (entry.fact for entry in batch.received.values())
    return any(isinstance(fact, SampleReceived) and fact.sample == "final" for fact in facts)


def site_zone(site: Site) -> ZoneInfo:
    """A cytometer writes the day of the wall it hangs on, which is not always the day in UTC."""
    return ZoneInfo(batch_of(site, "0004").issue.zone)


def measured(site: Site, cytometer: str = "Simulated") -> bytes:
    target = io.BytesIO()
    day = site.clock.now().astimezone(site_zone(site)).strftime("%d-%b-%Y")
    values = [float(value) for pair in zip(range(50), range(50, 0, -1), strict=True) for value in pair]
    flowio.create_fcs(target, values, ["FSC-A", "SSC-A"], metadata_dict={"cyt": cytometer, "date": day})
    return target.getvalue()


def test_a_cytometers_file_is_plotted_first_and_kept_as_it_came(site: Site, sit: Sit) -> None:
    desk = sit("qc-a")
    number = next(number for number in ("0004", "0006", "0003") if has_final(batch_of(site, number)))
    address = f"/batches/{number}/flow/identity"
    cytometer = machine(site, "flow_cytometer", "simulated cytometer")
    foreign = send(desk, address, measured(site, "Other"), "a.fcs", instrument=cytometer)
    fields = hidden(foreign, "sha256", "name", "instrument")
    assert "<svg" in foreign and "Nothing is on file yet" in foreign
    refused = desk.identify(f"{address}/record", **fields)
    assert refused.status_code == 409 and "signs as Simulated" in refused.text
    fields = hidden(send(desk, address, measured(site), "b.fcs", instrument=cytometer), *fields)
    assert desk.identify(f"{address}/record", **fields).status_code == 303
    kept = [entry.fact for entry in batch_of(site, number).entries if isinstance(entry.fact, FlowFileKept)]
    assert [(fact.events, fact.sha256) for fact in kept] == [(50, fields["sha256"])]
    shown = sit("qa-b").get(address).text
    assert "50 events" in shown and "simulated cytometer" in shown


def test_a_damaged_cytometers_file_is_told_at_its_field(site: Site, sit: Sit) -> None:
    cut = measured(site)[:-40]
    number = "0004"
    page = send(sit("qc-a"), f"/batches/{number}/flow/identity", cut, "a.fcs")
    assert "damaged or cut" in page
