"""One batch from sample receipt to closure, carried by its people through the pages of a real browser."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from lims.actions import timers
from lims.actions.frozen import frozen
from lims.documents.findings import Verdict
from lims.documents.verifier import verify_pdf
from lims.domain.acts import Stage as BatchStage
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.batch import EvidenceCorrected, Perfused
from lims.domain.entries.keys import SignatureMade
from lims.domain.folds import fold, rows_of
from lims.domain.master_batch_record import (
    AnySlot,
    ChoiceSlot,
    CountsSlot,
    HandoverSlot,
    LabelSlot,
    NumberSlot,
    SampleSlot,
    ScanContainerSlot,
    ScanEquipmentSlot,
    ScanLocationSlot,
    ScanMaterialSlot,
    SecondPerson,
    SecondPersonSlot,
    Step,
    TimeSlot,
    Who,
)
from lims.domain.participant import fold_participant
from lims.ledger.verify import verify
from tests.conftest import absent, wanted_database, wanted_dialect
from tests.journey.theatre import PICTURES, Hand, Theatre, theatre
from tests.player.scripts import COUNTS, DILUTIONS, GOOD, NUMBERS, RESULTS, BatchScript


class Journey:
    """The batch on its way, with the codes that lie on the bench."""

    def __init__(self, at: Theatre) -> None:
        self.at = at
        self.stage = at.stage
        participant = self.stage.enrol()
        script = BatchScript(stage=self.stage, participant=participant, start=self.stage.clock.now())
        for _ in script.issued():
            self.stage.clock.go_to(max(script.at, self.stage.clock.at))
        self.batch, self.participant = script.batch, participant

    def play(self) -> None:
        """From receipt to closure."""
        today = self.at.at("tech-a")
        today.go("/")
        today.picture("today")
        for step in self.stage.master.steps:
            if step.code == "feed":
                self.at.wait(days=12)
            if step.code == "check_identity":
                self.at.wait(days=2)
            self.step(step)
        self.test_everything("conditional")
        self.release()
        self.deliver()
        self.bedside()
        self.at.wait(days=15)
        timers.run_due(self.stage.site)
        self.finish()

    @property
    def record(self) -> BatchRecord:
        return frozen(self.stage.site, self.batch)

    def container(self, kind: str, index: int = 1) -> str:
        found = self.record.containers.items()
        return next(code for code, item in found if (item.container, item.index) == (kind, index))

    # the bench

    def step(self, step: Step) -> None:
        hand = self.at.at("tech-a")
        hand.go(f"/batches/{self.batch}/steps/{step.code}")
        for slot in step.evidence:
            if not self.record.is_filled(step.code, slot):
                self.at.wait(seconds=20)
                self.fill(hand, step, slot)
                if not self.record.is_filled(step.code, slot):
                    raise AssertionError(
                        f"{step.code}.{slot.code} is not on file; the page says: {hand.text()}"
                    )
        if step.code == "count":
            self.correct(hand)
        if step.code == "formulate":
            hand.picture("step")
        self.confirm(hand, step)
        if step.second_person is SecondPerson.REVIEW:
            self.verify(step)

    def fill(self, hand: Hand, step: Step, slot: AnySlot) -> None:
        match slot:
            case ScanContainerSlot():
                for index in range(1, slot.count + 1):
                    hand.scan(self.container(slot.container, index))
            case ScanMaterialSlot():
                hand.scan(self.stage.lots[slot.item])
            case ScanEquipmentSlot() | ScanLocationSlot():
                hand.scan(self.stage.things[slot.equipment_class])
            case SampleSlot():
                kind = next(s.container for s in self.stage.master.samples if s.code == slot.sample)
                hand.scan(self.container(kind))
            case NumberSlot():
                typed = (
                    "10.8" if (step.code, slot.code) == ("count", "volume") else NUMBERS[step.code, slot.code]
                )
                self.type_value(hand, slot.code, typed)
            case ChoiceSlot():
                hand.page.locator(f"#slot-{slot.code} input[value={slot.options[0].code}]").check()
                hand.press("Record")
            case CountsSlot():
                self.count(hand, step, slot)
            case TimeSlot():
                self.time(hand, slot)
            case LabelSlot():
                self.labels(hand, slot)
            case SecondPersonSlot():
                hand.page.fill("input[name=witness]", "tech-b")
                hand.pin()
                hand.press("Confirm as second person")
            case HandoverSlot():
                self.hand_over(hand, slot)
            case _:
                raise AssertionError(f"{slot.code} is computed and was not on file")

    def type_value(self, hand: Hand, slot: str, typed: str) -> None:
        hand.page.locator(f"#slot-{slot} input[name=value]").fill("")
        hand.page.locator(f"#slot-{slot} input[name=value]").press_sequentially(typed, delay=70)
        hand.page.keyboard.press("Enter")
        hand.settle()

    def count(self, hand: Hand, step: Step, slot: CountsSlot) -> None:
        row = hand.page.locator(f"#slot-{slot.code}")
        for at, (live, dead) in enumerate(COUNTS[step.code], start=1):
            row.locator(f"input[name=live_{at}]").fill(live)
            row.locator(f"input[name=dead_{at}]").fill(dead)
        row.locator("input[name=dilution]").fill(DILUTIONS[step.code])
        hand.press("Record counts")

    def time(self, hand: Hand, slot: TimeSlot) -> None:
        row = hand.page.locator(f"#slot-{slot.code}")
        if slot.code == "draw_end":
            drawn = self.stage.clock.now().astimezone(self.stage.zone)
            row.locator("input[name=value]").fill(f"{drawn:%H:%M}")
        hand.press("Record time")
        if (reason := hand.page.locator(f"#slot-{slot.code} input[name=reason]")).count():
            reason.fill("from the collection form")
            hand.press("Record time")

    def labels(self, hand: Hand, slot: LabelSlot) -> None:
        hand.press("Print")
        serials = [
            serial
            for serial, label in self.record.labels.items()
            if label.slot == slot.code and not label.fate
        ]
        for serial, fate in zip(serials, ("applied", "attached", "destroyed"), strict=False):
            hand.page.locator(f"#slot-{slot.code} input[value={fate}]").first.check()
            hand.scan(serial)

    def hand_over(self, hand: Hand, slot: HandoverSlot) -> None:
        hand.page.locator(f"#slot-{slot.code} input[value=good]").check()
        hand.press("Hand over")
        self.take_over("qc-a", self.container(slot.container))
        hand.go(f"/batches/{self.batch}/steps/quarantine")

    def take_over(self, person: str, code: str) -> None:
        hand = self.at.at(person)
        hand.go(f"/batches/{self.batch}/handover/{code}")
        hand.page.locator("form[action$=take] input[value=good]").check()
        hand.page.locator("form[action$=take] input[name=pin]").fill("471108")
        hand.scan(code)
        if self.record.offer_of(code):
            hand.press("Take over")
        assert self.record.custody[code].holder == person, hand.text()

    def correct(self, hand: Hand) -> None:
        """The volume was mistyped: the first value stays readable, what is made of it is computed again."""
        hand.go(f"/batches/{self.batch}/steps/count?correct=volume")
        row = hand.page.locator("#slot-volume")
        row.locator("input[name=value]").fill(NUMBERS["count", "volume"])
        row.locator("select[name=reason_code]").select_option("typing_error")
        row.locator("input[name=pin]").fill("471108")
        hand.press("Correct and sign")
        assert hand.page.locator("#slot-volume del").inner_text().endswith("10.8")
        corrected = [e.fact for e in self.record.entries if isinstance(e.fact, EvidenceCorrected)]
        assert [fact.slot for fact in corrected] == ["volume", "total"]

    def confirm(self, hand: Hand, step: Step) -> None:
        hand.go(f"/batches/{self.batch}/steps/{step.code}")
        if step.who is Who.SIGNED:
            hand.press("Confirm and sign")
            hand.sign("dialog[open]")
        else:
            hand.pin()
            hand.press("Confirm step")
        assert self.record.is_confirmed(step.code), f"{step.code} is confirmed"

    def verify(self, step: Step) -> None:
        hand = self.at.at("tech-b")
        hand.go(f"/batches/{self.batch}/steps/{step.code}/verify")
        hand.page.locator("#foot input[name=pin]").fill("471108")
        hand.press("Agree")
        assert self.record.is_finished(step)

    # the laboratory, quality, the clinic

    def test_everything(self, gate: str) -> None:
        hand = self.at.at("qc-a")
        for code in self.record.samples:
            if code not in self.record.received:
                hand.go("/qc/")
                hand.scan(code)
                assert code in self.record.received
        for test in self.stage.master.tests:
            if test.gate == gate:
                self.result(test.code)

    def result(self, test: str) -> None:
        hand = self.at.at("qc-a")
        hand.go(f"/qc/{self.batch}?test={test}")
        form = hand.page.locator(f"form[data-slot={test}]")
        if test in RESULTS:
            form.locator("input[name=raw]").fill(RESULTS[test])
        else:
            form.locator(f"input[name=option][value={GOOD[test]}]").check()
        form.locator("input[name=pin]").fill("471108")
        hand.press("Submit for review")
        other = self.at.at("qc-b")
        other.go(f"/qc/{self.batch}?test={test}")
        other.page.locator("input[name=agreed][value=yes]").check()
        other.sign("#test form")
        assert self.record.test_state(self.stage.master.test(test)) == "pass"

    def review(self) -> Hand:
        hand = self.at.at("qa-a", width=1440, height=900)
        hand.go(f"/quality/{self.batch}")
        hand.press("Sign record review")
        hand.sign("dialog[open]")
        return hand

    def release(self) -> None:
        hand = self.review()
        hand.picture("review")
        hand.press("Disposition")
        hand.page.locator("dialog[open] input[name=decision][value=release]").check()
        hand.sign("dialog[open]")
        assert self.record.stage is BatchStage.RELEASED

    def deliver(self) -> None:
        code = self.container("product")
        hand = self.at.at("tech-a")
        hand.go(f"/batches/{self.batch}/handover/{code}")
        hand.page.locator("select[name=to_role]").select_option("clinician")
        hand.page.locator("form[action$=handover] input[value=good]").check()
        hand.press("Hand over")
        self.take_over("clin-a", code)

    def bedside(self) -> None:
        with self.stage.site.ledger.reading() as book:
            stream = f"participant:{self.participant}"
            person = fold_participant(stream, book.entries(stream))
        order = person.round(1).order
        assert order is not None and person.wristband is not None
        codes = (person.wristband, self.container("product"), order.order)
        first = self.at.at("clin-a", width=390, height=844)
        first.go(f"/clinic/bedside/{self.batch}")
        for code in codes:
            first.scan(code)
        first.page.locator("input[name=patient_stated]").check()
        for check in self.record.protocol.bedside_checks:
            answer = check.options[0].code
            first.page.locator(f"input[name=check-{check.code}][value={answer}]").check()
        first.pin()
        first.press("Confirm identity")
        assert first.page.locator(".b-match").inner_text() == "All three match"
        first.picture("bedside")
        second = self.at.at("clin-b", width=390, height=844)
        second.go(f"/clinic/confirm/{self.batch}")
        for code in codes:
            second.scan(code)
        second.pin()
        second.press("Confirm identity")
        self.at.wait(minutes=2)
        self.perfuse(first)

    def perfuse(self, hand: Hand) -> None:
        hand.go(f"/clinic/perfusion/{self.batch}")
        form = hand.page.locator("#perfusion")
        form.locator("input[name=catheter]").fill("C-2041")
        for name, volume in (("given", "1.05"), ("residual", "0.15"), ("wasted", "0")):
            form.locator(f"input[name={name}]").fill(volume)
        form.locator("input[name=reaction][value=none]").check()
        form.locator("input[name=user_id]").fill("clin-a")
        form.locator("input[name=password]").fill("a bench for trying things")
        hand.press("Sign as")
        assert self.record.stage is BatchStage.PERFUSED
        self.at.wait(minutes=self.record.protocol.observation_minutes)
        hand = self.at.at("clin-a", width=390, height=844)
        hand.go(f"/clinic/after/{self.batch}")
        hand.page.locator("input[name=outcome][value=well]").check()
        hand.pin()
        hand.press("End observation")
        assert self.record.observed is not None

    def finish(self) -> None:
        self.test_everything("final")
        hand = self.review()
        hand.press("final disposition")
        hand.page.locator("dialog[open] input[name=disposition][value=conforming]").check()
        hand.sign("dialog[open]")
        hand.press("Close record")
        hand.sign("dialog[open]")
        assert self.record.stage is BatchStage.CLOSED

    def paper(self, folder: Path) -> bytes:
        hand = self.at.at("qa-a", width=1440, height=900)
        hand.go(f"/documents/{self.batch}")
        hand.press("Print sealed paper")
        with hand.page.expect_download() as coming:
            hand.page.locator("a:has-text('Download')").first.click()
        path = folder / "record.pdf"
        coming.value.save_as(path)
        if os.environ.get("LIMS_PICTURES"):
            command = ["pdftoppm", "-r", "80", "-f", "6", "-l", "6", "-png", "-singlefile", str(path)]
            subprocess.run([*command, str(PICTURES / "record")], check=True)
        return path.read_bytes()


@pytest.fixture(scope="module")
def closed(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> "Iterator[tuple[Journey, bytes, Path]]":
    """The batch carried from receipt to closure, and its sealed record."""
    folder = tmp_path_factory.mktemp("journey")
    with wanted_database(request) as url:
        with theatre(folder / "site", database=url) as at:
            journey = Journey(at)
            journey.play()
            paper = journey.paper(folder)
        yield journey, paper, folder
        journey.stage.site.ledger.close()


def test_the_dose_is_what_was_delivered_not_what_was_filled(closed: "tuple[Journey, bytes, Path]") -> None:
    given = closed[0].record.perfusion
    assert isinstance(given, Perfused)
    assert given.volume_given == Decimal("1.20") - Decimal("0.15")
    assert given.viable_cells == given.concentration * given.volume_given


def test_the_journey_stands_on_the_database_of_this_run(closed: "tuple[Journey, bytes, Path]") -> None:
    assert closed[0].stage.site.ledger.engine.dialect.name == wanted_dialect()


def test_the_record_of_the_journey_holds(closed: "tuple[Journey, bytes, Path]") -> None:
    report = verify(
        closed[0].stage.site.ledger, rows_of=lambda stream, entries: rows_of(stream, fold(stream, entries))
    )
    assert report.findings == ()


def test_the_sealed_record_proves_itself_with_the_server_off(closed: "tuple[Journey, bytes, Path]") -> None:
    journey, pdf, _ = closed
    code = journey.stage.founded.code
    assert verify_pdf(pdf, code).verdict is Verdict.INTACT
    assert verify_pdf(pdf, None).verdict is Verdict.CONSISTENT
    forged = pdf.replace(rb"\"10.8\"", rb"\"10.9\"", 1)
    assert forged != pdf
    assert verify_pdf(forged, code).verdict is Verdict.NOT_INTACT


def test_poppler_calls_the_seal_valid(closed: "tuple[Journey, bytes, Path]") -> None:
    if shutil.which("pdfsig") is None:
        absent("pdfsig (poppler-utils)")
    said = subprocess.run(
        ["pdfsig", "-nocert", str(closed[2] / "record.pdf")], capture_output=True, text=True, check=False
    ).stdout
    assert "Signature is Valid." in said
    assert "Total document signed" in said


def test_every_signature_and_corrected_value_is_in_the_printed_text(
    closed: "tuple[Journey, bytes, Path]",
) -> None:
    if shutil.which("pdftotext") is None:
        absent("pdftotext (poppler-utils)")
    command = ["pdftotext", "-layout", str(closed[2] / "record.pdf"), "-"]
    printed = " ".join(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    for entry in closed[0].record.signatures.values():
        assert isinstance(entry.fact, SignatureMade)
        assert json.loads(entry.fact.intent)["name"] in printed
    for value in ("10.8", "10.0", "95.5"):
        assert value in printed
