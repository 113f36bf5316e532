"""The bench plays the ten steps: every slot filled, confirmed, checked; one value outside, one corrected."""

from datetime import timedelta
from decimal import Decimal

from lims.domain import culture, custody, deviations, evidence, qc
from lims.domain.acts import Role
from lims.domain.codes import CodeType
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
    SecondPersonSlot,
    Step,
    TimeSlot,
)
from lims.domain.readings import Asked, Given
from lims.domain.refusals import Refused
from tests.rules.play_setup import Setup
from tests.rules.stage_play import PEOPLE

NUMBERS = {
    ("receive", "logger_low"): "14.6",
    ("receive", "logger_high"): "22.4",
    ("receive", "volume"): "50.0",
    ("set_up", "fan_minutes"): "15",
    ("set_up", "airflow"): "0.42",
    ("count", "volume"): "14.2",
    ("seed", "volume"): "46.0",
    ("feed", "added"): "50.0",
    ("harvest", "volume"): "96.0",
    ("formulate", "washes"): "3",
    ("formulate", "volume"): "10.0",
    ("formulate", "made"): "2.75",
    ("formulate", "to_fill"): "1.20",
    ("formulate", "to_qc"): "1.00",
    ("formulate", "to_retain"): "0.55",
    ("fill", "volume"): "1.20",
}
COUNTS = {
    "count": (("182", "9"), ("190", "8")),
    "harvest": (("141", "8"), ("150", "9")),
    "formulate": (("220", "14"), ("231", "12")),
}
DILUTIONS = {"count": "8", "harvest": "2", "formulate": "10"}


class Bench(Setup):
    """Technicians at work."""

    def step(self, code: str) -> None:
        """One step of the master batch record: every slot, confirmed and checked by a second person."""
        master = self.batch.master
        step = master.step(code)
        self.to_day(step.day)
        self.site.wait(minutes=90 if code == "receive" else 10)
        for slot in step.evidence:
            if (code, slot.code) not in self.batch.slots:
                self.fill_slot(step, slot)
        self.confirm(step)
        if code == "receive":
            self.explain_and_decide()
        if step.second_person == "review":
            self.verify(step)
        if code == "count":
            self.correct()
        self.receive_samples()

    def to_day(self, day: int) -> None:
        began = next((h.history[0].time for (s, _), h in self.batch.slots.items() if s == "receive"), None)
        if began and (wanted := began + timedelta(days=day)) > self.site.now:
            self.site.now = wanted

    def fill_slot(self, step: Step, slot: AnySlot) -> None:
        match slot:
            case LabelSlot():
                self.labels(step, slot)
            case HandoverSlot():
                places = ("Clean room", "QC laboratory")
                self.hand_over(
                    slot.container,
                    giver="technician.a",
                    receiver="qc.a",
                    places=places,
                    step=step.code,
                    slot=slot.code,
                )
            case ScanContainerSlot():
                for at in range(1, slot.count + 1):
                    code = self.container(slot.container, at)
                    self.record(step, slot, Given(raw=code, means=Means.SCANNED))
            case _:
                self.record(step, slot, self.answer(step, slot))

    def answer(self, step: Step, slot: AnySlot) -> Given:
        """What the cast gives for a slot; a centrifuge's code is typed, for its label is worn."""
        match slot:
            case ScanMaterialSlot():
                return Given(raw=self.lots[slot.item], means=Means.SCANNED)
            case ScanEquipmentSlot() | ScanLocationSlot():
                means = Means.TYPED if slot.code == "centrifuge" else Means.SCANNED
                return Given(raw=self.things[slot.equipment_class], means=means)
            case SampleSlot():
                sample = next(item for item in self.batch.master.samples if item.code == slot.sample)
                return Given(raw=self.container(sample.container), means=Means.SCANNED)
            case NumberSlot():
                return Given(raw=NUMBERS[step.code, slot.code])
            case ChoiceSlot():
                return Given(option=slot.options[0].code)
            case CountsSlot():
                return Given(counts=COUNTS[step.code], dilution=DILUTIONS[step.code])
            case TimeSlot() if slot.code == "draw_end":
                reason = self.site.say("采血结束时间取自采集单。")
                return Given(at=self.site.now - timedelta(minutes=62), reason=reason)
            case _:
                return Given()

    def record(self, step: Step, slot: AnySlot, given: Given) -> None:
        seconded = isinstance(slot, SecondPersonSlot)
        asked = Asked(
            step=step.code,
            slot=slot.code,
            given=given,
            person="technician.a",
            witness="technician.b" if seconded else None,
            witness_name=PEOPLE["technician.b"] if seconded else "",
        )
        drafts = evidence.record(self.batch, asked, self.site.found(given.raw), now=self.site.now)
        person = "technician.b" if seconded else "technician.a"
        self.site.write(drafts, person=person, act="witness_step" if seconded else "record_evidence")

    def labels(self, step: Step, slot: LabelSlot) -> None:
        serials = [self.site.code(CodeType.LABEL) for _ in range(slot.copies)]
        printed = culture.print_labels(
            self.batch,
            step.code,
            slot.code,
            wanted=culture.labels_to_print(self.batch, step.code, slot.code, reason_code=None),
            serials=serials,
            reason_code=None,
        )
        self.site.write(printed, person="technician.a", act="print_labels")
        for serial, fate in zip(serials, ("applied", "attached", "destroyed"), strict=False):
            drafts = culture.account_label(
                self.batch, step.code, slot.code, serial=serial, fate=fate, now=self.site.now
            )
            self.site.write(drafts, person="technician.a", act="account_label")

    def receive_samples(self) -> None:
        """QC has in hand every sample that was taken."""
        for code in sorted(set(self.batch.samples) - set(self.batch.received)):
            drafts = qc.receive_sample(self.batch, code=code, means=Means.SCANNED)
            self.site.write(drafts, person="qc.a", act="receive_sample", station="qc-1")

    def hand_over(
        self,
        kind: str,
        *,
        giver: str,
        receiver: str,
        places: tuple[str, str],
        step: str | None = None,
        slot: str | None = None,
    ) -> None:
        code, role = self.container(kind), Role.CLINICIAN if "clinician" in receiver else Role.QC_ANALYST
        offered = custody.offer(
            self.batch,
            container=code,
            person=giver,
            from_place=places[0],
            to_place=places[1],
            to_role=role.value,
            condition="good",
            seal="44120",
            temperature=Decimal("4.1"),
            step=step,
            slot=slot,
            now=self.site.now,
        )
        self.site.write(offered, person=giver, act="offer_custody")
        self.site.wait(minutes=4)
        taken = custody.take(
            self.batch,
            scanned=code,
            means=Means.SCANNED,
            person=receiver,
            name=PEOPLE[receiver],
            roles=frozenset({role}),
            condition="good",
            temperature=Decimal("4.4"),
            now=self.site.now,
        )
        self.site.write(taken, person=receiver, act="take_custody", station="qc-1")

    def confirm(self, step: Step) -> None:
        drafts = culture.confirm(self.batch, step.code, person="technician.a", now=self.site.now)
        self.site.write(drafts, person="technician.a", act="confirm_step")
        if step.who == "signed":
            confirmed = self.batch.steps[step.code].confirmed
            assert confirmed is not None
            self.site.sign(confirmed, step=step.code, title=step.title.en)

    def verify(self, step: Step) -> None:
        seen = self.batch.steps[step.code].last_seq
        if step.code == "receive":
            self.verify_own(step, seen)
        self.site.wait(minutes=5)
        drafts = culture.verify(self.batch, step.code, person="technician.b", seen_seq=seen)
        self.site.write(drafts, person="technician.b", act="verify_step", station="bench-2")

    def verify_own(self, step: Step, seen: int) -> None:
        """The performer tries to verify; the refusal is on file."""
        try:
            culture.verify(self.batch, step.code, person="technician.a", seen_seq=seen)
        except Refused as refused:
            self.site.refuse(refused, stream=self.stream, person="technician.a", act="verify_step")

    def correct(self) -> None:
        """The volume of the pool was mistyped; everything made of it is computed again and verified again."""
        given = Given(raw="12.4", reason=self.site.say("读数抄写错误：应为 12.4 mL"))
        asked = Asked(step="count", slot="volume", given=given, person="technician.a")
        drafts = evidence.correct(
            self.batch,
            asked,
            now=self.site.now,
            replaces_seq=self.batch.slots["count", "volume"].last.seq,
            reason_code="typing_error",
        )
        self.site.write(drafts, person="technician.a", act="correct_evidence")
        self.verify(self.batch.master.step("count"))

    def explain_and_decide(self) -> None:
        number = self.batch.open_deviations[0].number
        happened = self.site.say("运输箱靠近冰袋一侧，记录仪曾降至 14.6 °C，约 6 分钟。")
        did = self.site.say("Tubes checked by eye, no haemolysis; box repacked.")
        drafts = deviations.explain(self.batch, number, happened=happened, did=did, go_on="go_on")
        self.site.write(drafts, person="technician.a", act="explain_deviation")
        impact = self.site.say("0.4 °C below for 6 min; no effect on viability after pooling.")
        decided = deviations.decide(
            self.batch, number, severity="minor", decision="accepted", impact=impact, person="qa.a"
        )
        entry = self.site.write(decided, person="qa.a", act="decide_deviation")
        self.site.sign(entry, number=number, decision="accepted")
