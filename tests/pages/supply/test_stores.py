"""Lots and equipment at the desk: received, released, recalled, calibrated, withdrawn."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from lims.actions import supply
from lims.actions.secrets import prove_password
from lims.actions.site import Site
from lims.actions.work import Actor
from lims.domain.entries.supply import EquipmentWithdrawn, LotRecalled, LotReceived
from lims.domain.entries.values import Means
from lims.domain.materials import LotStatus
from lims.domain.people import fold_person
from lims.domain.rows import EquipmentRow, LotRow
from lims.ledger.read_tables import find
from tests.pages.quality.conftest import Desk, batch_of, entries_of
from tests.player.cast import PASSWORD

Sit = Callable[[str], Desk]

ARRIVED = {
    "item": "wash_buffer",
    "supplier": "Demo supplier",
    "supplier_lot": "L-77",
    "expires": "2030-01-31",
    "quantity": "500",
}


def _lot(site: Site, **wanted: str) -> LotRow:
    with site.ledger.reading() as book:
        return find(book, LotRow, **wanted)[0]


def _item(site: Site, name: str) -> EquipmentRow:
    with site.ledger.reading() as book:
        return find(book, EquipmentRow, name=name)[0]


def _count(site: Site) -> int:
    with site.ledger.reading() as book:
        return len(find(book, LotRow))


def test_a_lot_arrives_in_quarantine_and_quality_releases_it(site: Site, sit: Sit) -> None:
    answer = sit("tech-a").post("/materials", **ARRIVED)
    assert answer.status_code == 303
    row = _lot(site, supplier_lot="L-77")
    assert (row.status, row.unit) == (LotStatus.QUARANTINE.value, "mL")
    address = f"/materials/{row.code}"
    assert answer.headers["Location"].endswith(address)
    assert sit("qa-a").sign(f"{address}/release_lot", certificate="CoA 77").status_code == 303
    assert _lot(site, code=row.code).status == LotStatus.RELEASED.value


def test_what_cannot_be_taken_is_said_at_its_field_and_nothing_typed_is_lost(site: Site, sit: Sit) -> None:
    before = _count(site)
    for field, value in (
        ("quantity", "1,234"),
        ("expires", "31.01.2030"),
        ("supplier_lot", " "),
        ("item", "x"),
    ):
        answer = sit("tech-a").post("/materials", **{**ARRIVED, field: value})
        assert answer.status_code == 422
        assert f'id="receive_lot-{field}-error"' in answer.text
        assert 'value="Demo supplier"' in answer.text
    assert _count(site) == before


def test_a_suppliers_code_fills_the_form_and_the_person_confirms_it(site: Site, sit: Sit) -> None:
    """Parsed, shown, confirmed: how it came stays on record, and so does what was changed by hand."""
    desk, before = sit("tech-a"), _count(site)
    wrong = desk.post("/materials/scan", scan="(01)00614141123477(10)AB-1")
    assert (wrong.status_code, _count(site)) == (422, before)
    assert 'id="scan-label-error"' in wrong.text and "(01)00614141123477(10)AB-1" in wrong.text
    code = "]d201006141411234761730020010AB-1\x1d2177"
    page = desk.post("/materials/scan", scan=code, means="scanned").text
    assert _count(site) == before
    for shown in ("00614141123476", 'value="AB-1"', 'value="2030-02-28"', 'value="scanned"', "0.9 % NaCl"):
        assert shown in page
    kept = page.partition('name="scan" value="')[2].partition('"')[0]
    for lot, changed in (("AB-1", ()), ("AB-2", ("supplier_lot",))):
        answer = {**ARRIVED, "supplier_lot": lot, "expires": "2030-02-28", "scan": kept, "means": "scanned"}
        assert desk.post("/materials", **answer).status_code == 303
        fact = entries_of(site, f"lot:{_lot(site, supplier_lot=lot).code}")[0].fact
        assert isinstance(fact, LotReceived)
        assert (fact.gtin, fact.means, fact.changed) == ("00614141123476", Means.SCANNED, changed)
    assert "was scanned" in desk.get(f"/materials/{_lot(site, supplier_lot='AB-1').code}").text


def test_a_buffer_is_prepared_by_scanning_its_components_and_another_person_checks_it(
    site: Site, sit: Sit
) -> None:
    """Each scan goes to its component's place; nothing typed is lost; the lot page shows what it was made of."""
    at, codes = Stock(site), {}
    for item in ("saline", "hsa"):
        codes[item] = at.released(item)
    desk, address = sit("tech-a"), "/preparations/wash_buffer"
    assert "Take lot S-hsa first" in desk.get(address).text
    typed = {"amount-saline": "475", "amount-hsa": "25"}
    wrong = desk.post(address, **typed, code=_lot(site, item="syringe").code)
    assert wrong.status_code == 422 and 'id="code-error"' in wrong.text and 'value="475"' in wrong.text
    placed = desk.post(address, **typed, code=codes["hsa"])
    assert placed.status_code == 200 and f'name="lot-hsa" value="{codes["hsa"]}"' in placed.text
    given = {**typed, "lot-hsa": codes["hsa"]}
    missing = desk.post(address, **given)
    assert missing.status_code == 422 and 'id="lot-saline-error"' in missing.text
    given |= {"lot-saline": codes["saline"]}
    off = desk.post(address, **{**given, "amount-hsa": "27"})
    assert off.status_code == 422 and 'id="amount-hsa-error"' in off.text and 'value="27"' in off.text
    answer = desk.post(address, **given)
    assert answer.status_code == 303
    lot = answer.headers["Location"].partition("/materials/")[2]
    page = desk.get(f"/materials/{lot}").text
    assert "S-saline" in page and "Whoever prepared it does not check it." in page
    assert _lot(site, code=lot).status == LotStatus.QUARANTINE.value
    assert sit("tech-b").identify(f"/materials/{lot}/check_preparation").status_code == 303
    assert _lot(site, code=lot).status == LotStatus.RELEASED.value
    assert _lot(site, code=lot).supplier_lot in desk.get(f"/materials/{codes['hsa']}").text
    assert desk.get("/preparations/no-such").status_code == 404


@dataclass(frozen=True)
class Stock:
    """What lies on the shelf of a site beside the demo's own stock."""

    site: Site

    def released(self, item: str, *, unit: str = "mL") -> str:
        """A released lot of an item."""
        actor = Actor(person="tech-a", station="BSC-2")
        code = supply.receive_lot(
            self.site,
            actor,
            uuid4().hex,
            item=item,
            supplier="S",
            supplier_lot=f"S-{item}",
            expires=date(2031, 1, 31),
            quantity="5000",
            unit=unit,
        ).entries[0].stream.partition(":")[2]  # fmt: skip
        with self.site.ledger.reading() as book:
            quality = fold_person("person:qa-a", book.entries("person:qa-a"))
        signer = prove_password(self.site, quality, PASSWORD, during="sign")
        signing = Actor(person="qa-a", station="QA-1", signer=signer, identified=True)
        supply.release_lot(self.site, signing, uuid4().hex, lot=code, certificate="CoA")
        return code


def test_the_page_of_a_lot_names_whom_a_recall_reaches(site: Site, sit: Sit) -> None:
    row = _lot(site, item="wash_buffer")
    page = sit("qa-a").get(f"/materials/{row.code}").text
    assert "DNK-003" in page
    assert page.index("is held, with a critical deviation") > 0
    assert page.index("is marked with a critical deviation") > 0


def test_a_recall_holds_what_was_not_given_and_marks_what_was(site: Site, sit: Sit) -> None:
    row = _lot(site, item="wash_buffer")
    desk = sit("qa-a")
    assert desk.sign(f"/materials/{row.code}/recall_lot", reference="R-1").status_code == 303
    assert any(isinstance(entry.fact, LotRecalled) for entry in entries_of(site, f"lot:{row.code}"))
    assert batch_of(site, "0003").on_hold
    assert not batch_of(site, "0001").on_hold
    assert "On hold" in desk.get(f"/materials/{row.code}").text


def test_a_wrong_password_recalls_nothing(site: Site, sit: Sit) -> None:
    row = _lot(site, item="wash_buffer")
    answer = sit("qa-a").sign(
        f"/materials/{row.code}/recall_lot", password="not the password", reference="R-1"
    )
    assert answer.status_code == 422
    assert 'value="R-1"' in answer.text
    assert not batch_of(site, "0003").on_hold


def test_a_rejected_lot_says_why(site: Site, sit: Sit) -> None:
    row = _lot(site, item="wash_buffer")
    answer = sit("qa-a").identify(f"/materials/{row.code}/reject_lot", reason_code="")
    assert answer.status_code == 422
    assert sit("qa-a").identify(f"/materials/{row.code}/reject_lot", reason_code="damaged").status_code == 303
    assert _lot(site, code=row.code).status == LotStatus.REJECTED.value


def test_only_quality_sees_the_acts_of_release(site: Site, sit: Sit) -> None:
    row = _lot(site, item="wash_buffer")
    assert "Recall lot" not in sit("tech-a").get(f"/materials/{row.code}").text
    assert sit("tech-a").sign(f"/materials/{row.code}/recall_lot", reference="R-1").status_code == 403


def test_equipment_is_registered_calibrated_and_withdrawn(site: Site, sit: Sit) -> None:
    desk = sit("qa-a")
    answer = desk.post("/equipment", equipment_class="centrifuge", name="C-77", room="R 1")
    assert answer.status_code == 303
    address = f"/equipment/{_item(site, 'C-77').code}"
    assert "Not calibrated" in desk.get(address).text
    passed = {"passed": "yes", "until": "2030-01-31", "certificate": "K-1"}
    assert desk.post(f"{address}/record_calibration", **passed).status_code == 303
    assert _item(site, "C-77").calibrated_until.isoformat() == "2030-01-31"
    assert sit("tech-a").post(f"{address}/withdraw_equipment", reason_code="broken").status_code == 303
    stream = f"equipment:{_item(site, 'C-77').code}"
    assert isinstance(entries_of(site, stream)[-1].fact, EquipmentWithdrawn)
    assert "It is withdrawn from use." in desk.get(address).text


def test_a_code_is_drawn_as_a_picture_and_a_wrong_one_is_not(site: Site, sit: Sit) -> None:
    code = _lot(site, item="wash_buffer").code
    desk = sit("tech-a")
    answer = desk.get(f"/codes/{code}.svg")
    assert answer.mimetype == "image/svg+xml"
    assert desk.get(f"/codes/{code[:-1]}{(int(code[-1]) + 1) % 10}.svg").status_code == 422
