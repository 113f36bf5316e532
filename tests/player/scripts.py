"""The scripts of the demo: one batch from issue to closure, stopped wherever the story wants it to stand."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from lims.actions import (
    aftercare,
    culture,
    custody,
    deviations,
    evidence,
    perfusion,
    qc,
    receipt,
    release,
    trial,
)
from lims.actions.evidence import NOTHING, Entered
from lims.actions.frozen import frozen
from lims.actions.work import Actor
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.batch import BatchIssued, LabelsPrinted
from lims.domain.entries.trial import WristbandIssued
from lims.domain.entries.values import Means
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
)
from lims.domain.participant import fold_participant
from tests.player.stage import Script, Stage

MINUTE = timedelta(minutes=1)

NUMBERS = {
    ("receive", "logger_low"): "17.8",
    ("receive", "logger_high"): "22.4",
    ("receive", "volume"): "50.0",
    ("set_up", "fan_minutes"): "15",
    ("set_up", "airflow"): "0.42",
    ("count", "volume"): "10.0",
    ("seed", "volume"): "75.0",
    ("feed", "added"): "50.0",
    ("harvest", "volume"): "120.0",
    ("formulate", "washes"): "3",
    ("formulate", "volume"): "10.0",
    ("formulate", "made"): "3.05",
    ("formulate", "to_fill"): "1.20",
    ("formulate", "to_qc"): "1.00",
    ("formulate", "to_retain"): "0.85",
    ("fill", "volume"): "1.20",
}
COUNTS = {
    "count": (("152", "8"), ("148", "6")),
    "harvest": (("126", "12"), ("122", "10")),
    "formulate": (("122", "9"), ("122", "8")),
}
DILUTIONS = {"count": "20", "harvest": "2", "formulate": "20"}
RESULTS = {
    "viability": "93.0",
    "dose": "2.4e7",
    "identity": "94.0",
    "endotoxin": "<0.05",
}
GOOD = {
    "gram": "none_seen",
    "mycoplasma": "not_detected",
    "sterility_a": "no_growth",
    "sterility_b": "no_growth",
}


@dataclass(kw_only=True)
class BatchScript:
    """One batch of the demo: whose, which round, from when, with which deviations from the plain course."""

    stage: Stage
    participant: str
    start: datetime
    round_number: int = 1
    numbers: dict[tuple[str, str], str] = field(default_factory=dict)
    counts: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    mistyped: dict[tuple[str, str], str] = field(default_factory=dict)
    """First entries that are corrected at once."""
    undecided: bool = False
    """Quality has not decided the deviations yet."""
    batch: str = ""
    at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.at = self.start

    def wait(self, minutes: float) -> datetime:
        """The time of the next act."""
        self.at += minutes * MINUTE
        return self.at

    @property
    def record(self) -> BatchRecord:
        """The batch as it stands."""
        return frozen(self.stage.site, self.batch)

    def issued(self) -> Script:
        """Order, wristband, issue."""
        stage, site = self.stage, self.stage.site
        yield self.at
        band = trial.put_on_wristband(
            site,
            stage.actor("clin-a"),
            stage.request(),
            participant=self.participant,
            identity_document="demo card",
            witness=stage.actor("clin-b"),
        ).of(WristbandIssued)
        trial.scan_wristband(
            site, stage.actor("clin-a"), stage.request(), participant=self.participant, code=band.serial
        )
        yield self.wait(5)
        trial.order_perfusion(
            site,
            stage.actor("clin-a"),
            stage.request(),
            participant=self.participant,
            number=self.round_number,
            planned_at=self.start + timedelta(days=14, hours=8),
            ward="Ward 3",
        )
        yield self.wait(20)
        outcome = receipt.issue_batch(
            site,
            stage.actor("qa-b"),
            stage.request(),
            participant=self.participant,
            round_number=self.round_number,
            master=stage.master.code,
        )
        self.batch = outcome.of(BatchIssued).number

    def bench(self, until: str | None = None, *, half: bool = False) -> Script:
        """The steps up to and including `until`; with `half` the last one is left in the middle."""
        first = None
        for step in self.stage.master.steps:
            if first is not None and step.day:
                self.at = max(self.at, first + timedelta(days=step.day))
            yield self.wait(60 if first is None else 6)
            first = first or self.at
            slots = step.evidence[: len(step.evidence) // 2] if half and step.code == until else step.evidence
            for slot in slots:
                if not self.record.is_filled(step.code, slot):
                    yield from self._fill(step, slot)
            if half and step.code == until:
                return
            yield from self._finish(step)
            if step.code == until:
                return

    def _finish(self, step: Step) -> Script:
        stage = self.stage
        if self.record.open_deviations and not self.undecided:
            yield from self.decide()
        yield self.wait(1)
        culture.confirm_step(
            stage.site, stage.actor("tech-a"), stage.request(), batch=self.batch, step=step.code
        )
        if step.second_person is SecondPerson.REVIEW:
            yield self.wait(2)
            culture.verify_step(
                stage.site,
                stage.actor("tech-b"),
                stage.request(),
                batch=self.batch,
                step=step.code,
                seen_seq=self.record.steps[step.code].last_seq,
            )

    def _fill(self, step: Step, slot: AnySlot) -> Script:
        match slot:
            case ScanContainerSlot():
                for index in range(1, slot.count + 1):
                    yield self.wait(0.2)
                    self._record(step, slot, Entered(raw=self.container(slot.container, index)))
            case LabelSlot():
                yield from self._labels(step, slot)
            case HandoverSlot():
                yield from self._hand_over(step, slot)
            case _:
                yield self.wait(0.4)
                self._give(step, slot)

    def container(self, kind: str, index: int = 1) -> str:
        """The code of the batch's container of a kind."""
        for code, item in self.record.containers.items():
            if (item.container, item.index) == (kind, index):
                return code
        raise LookupError(kind)

    def _record(self, step: Step, slot: AnySlot, entered: Entered, witness: Actor | None = None) -> None:
        stage = self.stage
        evidence.record_evidence(
            stage.site,
            stage.actor("tech-a"),
            stage.request(),
            batch=self.batch,
            step=step.code,
            slot=slot.code,
            entered=replace(entered, means=Means.SCANNED),
            witness=witness,
        )

    def _give(self, step: Step, slot: AnySlot) -> None:
        stage, key = self.stage, (step.code, slot.code)
        match slot:
            case ScanMaterialSlot():
                self._record(step, slot, Entered(raw=stage.lots[slot.item]))
            case ScanEquipmentSlot() | ScanLocationSlot():
                self._record(step, slot, Entered(raw=stage.things[slot.equipment_class]))
            case SampleSlot():
                kind = next(s.container for s in stage.master.samples if s.code == slot.sample)
                self._record(step, slot, Entered(raw=self.container(kind)))
            case NumberSlot():
                right = self.numbers.get(key, NUMBERS[key])
                self._record(step, slot, Entered(raw=self.mistyped.get(key, right)))
                if key in self.mistyped:
                    self._correct(step, slot, right)
            case ChoiceSlot():
                self._record(step, slot, Entered(option=slot.options[0].code))
            case CountsSlot():
                counts = self.counts.get(step.code, COUNTS[step.code])
                self._record(step, slot, Entered(counts=counts, dilution=DILUTIONS[step.code]))
            case TimeSlot() if slot.code == "draw_end":
                drawn = stage.clock.now() - 45 * MINUTE
                self._record(step, slot, Entered(at=drawn, reason="from the collection form"))
            case SecondPersonSlot():
                self._record(step, slot, NOTHING, witness=stage.actor("tech-b"))
            case TimeSlot():
                self._record(step, slot, NOTHING)
            case _:
                pass

    def _correct(self, step: Step, slot: AnySlot, right: str) -> None:
        stage = self.stage
        evidence.correct_evidence(
            stage.site,
            stage.actor("tech-a"),
            stage.request(),
            batch=self.batch,
            step=step.code,
            slot=slot.code,
            replaces_seq=self.record.slots[step.code, slot.code].last.seq,
            reason_code="typing",
            entered=Entered(raw=right),
        )

    def _labels(self, step: Step, slot: LabelSlot) -> Script:
        stage = self.stage
        yield self.wait(1)
        outcome = culture.print_labels(
            stage.site,
            stage.actor("tech-a"),
            stage.request(),
            batch=self.batch,
            step=step.code,
            slot=slot.code,
        )
        fates = ("applied", "attached", "destroyed")
        for serial, fate in zip(outcome.of(LabelsPrinted).serials, fates, strict=False):
            yield self.wait(0.3)
            culture.account_label(
                stage.site,
                stage.actor("tech-a"),
                stage.request(),
                batch=self.batch,
                step=step.code,
                slot=slot.code,
                serial=serial,
                fate=fate,
            )

    def _hand_over(self, step: Step, slot: HandoverSlot) -> Script:
        stage = self.stage
        code = self.container(slot.container)
        yield self.wait(2)
        custody.offer_custody(
            stage.site,
            stage.actor("tech-a"),
            stage.request(),
            batch=self.batch,
            container=code,
            to_role=slot.to_role,
            to_place="QC laboratory",
            condition="good",
            temperature="4.0",
            step=step.code,
            slot=slot.code,
        )
        yield self.wait(4)
        custody.take_custody(
            stage.site,
            stage.actor("qc-a"),
            stage.request(),
            batch=self.batch,
            scanned=code,
            means=Means.SCANNED,
            condition="good",
        )

    def decide(self) -> Script:
        """The bench explains each open deviation, quality decides it."""
        stage = self.stage
        for deviation in self.record.open_deviations:
            yield self.wait(2)
            deviations.explain_deviation(
                stage.site,
                stage.actor("tech-a"),
                stage.request(),
                batch=self.batch,
                number=deviation.number,
                happened="Read twice, the value stands.",
                did="Kept the cells at room temperature and called quality.",
                go_on="ask_qa",
            )
            yield self.wait(6)
            deviations.decide_deviation(
                stage.site,
                stage.actor("qa-a"),
                stage.request(),
                batch=self.batch,
                number=deviation.number,
                severity="minor",
                decision="accepted",
                impact="No effect on viability or count. 对活率和计数无影响。",
            )

    def tested(self, *, last: bool = True) -> Script:
        """QC receives every sample, enters and reviews every result that gates the conditional release."""
        yield from self._received()
        for test in self.stage.master.tests:
            if test.gate == "conditional" and (last or test.code != "endotoxin"):
                yield from self._result(test.code)

    def _received(self) -> Script:
        stage = self.stage
        for code in self.record.samples:
            if code not in self.record.received:
                yield self.wait(1)
                qc.receive_sample(
                    stage.site,
                    stage.actor("qc-a"),
                    stage.request(),
                    batch=self.batch,
                    code=code,
                    means=Means.SCANNED,
                )

    def _result(self, test: str) -> Script:
        stage = self.stage
        yield self.wait(8)
        qc.enter_result(
            stage.site,
            stage.actor("qc-a"),
            stage.request(),
            batch=self.batch,
            test=test,
            raw=RESULTS.get(test, ""),
            option=GOOD.get(test, ""),
        )
        yield self.wait(1)
        qc.review_result(
            stage.site, stage.actor("qc-b"), stage.request(), batch=self.batch, test=test, agreed=True
        )

    def released(self) -> Script:
        """Quality reviews the record and releases conditionally; who releases took no part."""
        stage = self.stage
        yield self.wait(10)
        self._review()
        yield self.wait(3)
        release.release_conditionally(
            stage.site,
            stage.actor("qa-a"),
            stage.request(),
            batch=self.batch,
            seen_seq=self.record.seq,
            justification="Round 1 sterility is pending without growth." if self.round_number > 1 else "",
        )

    def _review(self) -> None:
        stage = self.stage
        release.review_record(
            stage.site, stage.actor("qa-a"), stage.request(), batch=self.batch, seen_seq=self.record.seq
        )

    def delivered(self) -> Script:
        """The product goes to the ward and is taken over."""
        stage, code = self.stage, self.container("product")
        yield self.wait(15)
        custody.offer_custody(
            stage.site,
            stage.actor("tech-a"),
            stage.request(),
            batch=self.batch,
            container=code,
            to_role="clinician",
            to_place="clinic",
            condition="good",
            seal="S-2041",
            temperature="4.2",
        )
        yield self.wait(12)
        custody.take_custody(
            stage.site,
            stage.actor("clin-a"),
            stage.request(),
            batch=self.batch,
            scanned=code,
            means=Means.SCANNED,
            condition="good",
            temperature="5.1",
        )

    def perfused(self) -> Script:
        """Two people match identity and round, then the product is given."""
        stage, record = self.stage, self.record
        with stage.site.ledger.reading() as book:
            stream = f"participant:{self.participant}"
            person = fold_participant(stream, book.entries(stream))
        order = person.round(self.round_number).order
        assert order is not None and person.wristband is not None
        legs = perfusion.read_legs(
            wristband=person.wristband, product=self.container("product"), order=order.order
        )
        checks = tuple((check.code, check.options[0].code) for check in record.protocol.bedside_checks)
        yield self.wait(30)
        perfusion.match_identity(
            stage.site,
            stage.actor("clin-a"),
            stage.request(),
            batch=self.batch,
            legs=legs,
            patient_stated=True,
            checks=checks,
            appearance="normal",
        )
        yield self.wait(3)
        perfusion.confirm_identity(
            stage.site, stage.actor("clin-b"), stage.request(), batch=self.batch, legs=legs
        )
        started, ended = self.at + 2 * MINUTE, self.at + 6 * MINUTE
        yield self.wait(20)
        perfusion.record_perfusion(
            stage.site,
            stage.actor("clin-a"),
            stage.request(),
            batch=self.batch,
            started_at=started,
            ended_at=ended,
            catheter="demo lot C-11",
            given="1.05",
            residual="0.15",
            wasted="0",
            reaction="none",
        )

    def closed(self) -> Script:
        """The fourteen-day result, the final disposition and the closure."""
        stage = self.stage
        yield self.wait(120)
        aftercare.end_observation(
            stage.site, stage.actor("clin-b"), stage.request(), batch=self.batch, outcome="well"
        )
        self.at += timedelta(days=14, hours=4)
        yield self.at
        yield from self._result("sterility_b")
        yield self.wait(30)
        self._review()
        yield self.wait(2)
        release.dispose_finally(
            stage.site, stage.actor("qa-a"), stage.request(), batch=self.batch, disposition="conforming"
        )
        yield self.wait(2)
        release.close_record(stage.site, stage.actor("qa-a"), stage.request(), batch=self.batch)


def chain(*parts: Script) -> Iterator[datetime]:
    """Several parts of a script, one after the other."""
    for part in parts:
        yield from part
