"""The ten-step batch played in memory, from issue to closure, by calling the domain's rules in order."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from lims.authoring.load import Loaded
from lims.domain import culture, custody, deviations, evidence, participant, perfusion, qc, receipt, release
from lims.domain.acts import Role
from lims.domain.batch_record import BatchRecord
from lims.domain.codes import CodeType
from lims.domain.entries.batch import Annotated
from lims.domain.entries.envelope import Draft, Entry, stream_of
from lims.domain.entries.masters import MasterApproved, MasterProposed, ProtocolApproved, ProtocolProposed
from lims.domain.entries.supply import CalibrationRecorded, EquipmentRegistered, LotReceived, LotReleased
from lims.domain.entries.trial import ParticipantEnrolled
from lims.domain.entries.values import Means
from lims.domain.evidence import Asked, Given
from lims.domain.master_batch_record import (
    AnySlot,
    ChoiceSlot,
    CountsSlot,
    HandoverSlot,
    LabelSlot,
    MasterBatchRecord,
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
from lims.domain.protocol import StudyProtocol
from lims.domain.refusals import Refused
from tests.rules.stage_play import PEOPLE, ZONE, Site, templates

NUMBER = "0037"
TRIAL_ID = "DNK-017"
POINTS = (
    "issued",
    *("receive", "set_up", "count", "seed", "feed"),
    *("check_identity", "harvest", "formulate", "fill", "quarantine"),
    *("tested", "released", "handed_over", "matched", "perfused", "disposed", "closed"),
)
"""Where a played batch can stop: each step when it is confirmed and verified, then what follows."""


@dataclass(frozen=True)
class Played:
    """A played batch with everything a reader of it needs."""

    record: BatchRecord
    people: dict[str, str]
    words: dict[str, str]
    refusals: tuple[Entry, ...]
    bodies: tuple[str, ...]
    streams: dict[str, tuple[Entry, ...]]


def played_batch(upto: str | None = None) -> BatchRecord:
    """The batch record as it stands at a point of `POINTS`; closed if none is named."""
    return played(upto).record


@cache
def played(upto: str | None = None) -> Played:
    """The batch at a point, with its people, its words and its refused acts."""
    play = Play()
    for point in POINTS:
        play.to(point)
        if point == upto:
            break
    site = play.site
    return Played(
        record=play.batch,
        people=dict(PEOPLE),
        words=dict(site.words),
        refusals=tuple(site.streams.get(f"{play.stream}!refusals", ())),
        bodies=tuple(site.bodies[play.stream]),
        streams={name: tuple(entries) for name, entries in site.streams.items()},
    )


class Play:
    """The cast's day: each method is one point of `POINTS` or one thing that is done."""

    def __init__(self) -> None:
        self.site = Site()
        self.stream = stream_of("batch", NUMBER)
        self.lots: dict[str, str] = {}
        self.things: dict[str, str] = {}
        self.order = self.site.code(CodeType.DOCUMENT)
        self.band = self.site.code(CodeType.PARTICIPANT)

    def to(self, point: str) -> None:
        """Play what leads to the next point."""
        own = {
            "issued": self.issued,
            "tested": self.tested,
            "released": self.released,
            "handed_over": self.handed_over,
            "matched": self.matched,
            "perfused": self.perfused,
            "disposed": self.disposed,
            "closed": self.closed,
        }
        own[point]() if point in own else self.step(point)

    @property
    def batch(self) -> BatchRecord:
        return self.site.batch(self.stream)

    def container(self, kind: str, index: int = 1) -> str:
        return next(
            code
            for code, item in self.batch.containers.items()
            if (item.container, item.index) == (kind, index)
        )

    # what must be there before

    def issued(self) -> None:
        self.approve()
        self.stock()
        self.enrol()
        master, protocol = templates()
        self.site.wait(minutes=20)
        drafts = receipt.issue(
            self.site.participant(TRIAL_ID),
            number=NUMBER,
            round_number=1,
            master=master.record,
            master_version=self.site.version(stream_of("master", master.record.code)),
            protocol=protocol.record,
            protocol_version=self.site.version("study"),
            site=receipt.Site(zone=ZONE, profile="CN"),
            codes=[self.site.code(CodeType[sort]) for sort in receipt.codes_needed(master.record)],
            new_coi=self.site.code(CodeType.CHAIN_OF_IDENTITY),
        )
        self.site.write(drafts, person="qa.b", act="issue_batch")
        issued = self.site.streams[self.stream][-1]
        code = master.record.code
        self.site.sign(issued, master=code, version="1", participant=TRIAL_ID, round=1)

    def approve(self) -> None:
        master, protocol = templates()
        self.two_approve(stream_of("master", master.record.code), master, MasterProposed, MasterApproved)
        self.two_approve("study", protocol, ProtocolProposed, ProtocolApproved)

    def two_approve(
        self,
        stream: str,
        loaded: Loaded[MasterBatchRecord] | Loaded[StudyProtocol],
        proposes: type[MasterProposed] | type[ProtocolProposed],
        approves: type[MasterApproved] | type[ProtocolApproved],
    ) -> None:
        code, file, canonical = loaded.record.code, loaded.file_sha256, loaded.canonical_sha256
        proposed = proposes(
            code=code, version="1", text=loaded.text, file_sha256=file, canonical_sha256=canonical
        )
        self.site.write([Draft(stream=stream, fact=proposed)], person="technician.a", act="propose_master")
        approved = approves(code=code, version="1", file_sha256=file, canonical_sha256=canonical)
        self.site.write([Draft(stream=stream, fact=approved)], person="qa.b", act="approve_master")

    def stock(self) -> None:
        master, _ = templates()
        until = self.site.today + timedelta(days=200)
        for at, item in enumerate(master.record.materials, start=1):
            code = self.lots[item.code] = self.site.code(CodeType.MATERIAL_LOT)
            received = LotReceived(
                item=item.code,
                supplier="Demo supplier",
                supplier_lot=f"DEMO-26{at:02d}",
                expires=until,
                quantity=Decimal(500),
                unit=item.unit,
            )
            stream = stream_of("lot", code)
            self.site.write([Draft(stream=stream, fact=received)], person="technician.a", act="receive_lot")
            freed = LotReleased(certificate=f"CoA-{at}")
            self.site.write([Draft(stream=stream, fact=freed)], person="qa.b", act="release_lot")
        slots = [slot for step in master.record.steps for slot in step.evidence]
        for kind in dict.fromkeys(getattr(slot, "equipment_class", None) for slot in slots):
            if kind:
                self.register(kind)

    def register(self, kind: str) -> None:
        code = self.things[kind] = self.site.code(CodeType.EQUIPMENT)
        stream = stream_of("equipment", code)
        item = EquipmentRegistered(equipment_class=kind, name=THINGS[kind], room="Room 2")
        checked = CalibrationRecorded(
            passed=True, until=self.site.today + timedelta(days=90), certificate="K-1"
        )
        drafts = [Draft(stream=stream, fact=item), Draft(stream=stream, fact=checked)]
        self.site.write(drafts, person="qa.b", act="register_equipment")

    def enrol(self) -> None:
        hidden = self.site.say("identity store")
        del self.site.words[hidden.commitment]
        enrolled = ParticipantEnrolled(
            trial_id=TRIAL_ID, name=hidden, birth_date=hidden, hospital_number=hidden
        )
        stream = stream_of("participant", TRIAL_ID)
        self.site.write(
            [Draft(stream=stream, fact=enrolled)], person="coordinator.a", act="enrol_participant"
        )
        woman, protocol = self.site.participant(TRIAL_ID), templates()[1].record
        scopes = ("treatment", "data", "samples")
        consent = participant.record_consent(
            woman, form_version="ICF 2.0", scopes=scopes, signed_on=self.site.today
        )
        self.site.write(consent, person="coordinator.a", act="record_consent")
        arm = participant.allocate(
            woman, arm="perfusion", source="IWRS", reference="R-017", at=self.site.now, protocol=protocol
        )
        self.site.write(arm, person="coordinator.a", act="record_allocation")
        band = participant.issue_wristband(woman, serial=self.band, identity_document="ID card")
        self.site.write(band, person="clinician.a", act="issue_wristband")
        order = participant.order(
            self.site.participant(TRIAL_ID),
            number=1,
            code=self.order,
            planned_at=self.site.now + timedelta(days=14, hours=10),
            ward="Ward 3",
            protocol=protocol,
        )
        self.site.write(order, person="clinician.a", act="order_perfusion")

    # the bench

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
        printed = culture.print_labels(self.batch, step.code, slot.code, serials=serials, reason_code=None)
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

    # quality and clinic

    def tested(self) -> None:
        self.site.wait(hours=1)
        for code, (raw, option) in RESULTS.items():
            self.result(code, raw=raw, option=option, analyst="qc.a", reviewer="qc.b")

    def result(self, code: str, *, raw: str, option: str, analyst: str, reviewer: str) -> None:
        drafts = qc.enter_result(
            self.batch,
            test_code=code,
            raw=raw,
            option=option,
            outcome="",
            instrument=None,
            reason=None,
            now=self.site.now,
        )
        self.site.write(drafts, person=analyst, act="enter_result", station="qc-1")
        review = qc.review_result(self.batch, test_code=code, agreed=True, person=reviewer)
        entry = self.site.write(review, person=reviewer, act="review_result", station="qc-2")
        self.site.sign(entry, test=self.batch.master.test(code).title.en)

    def review(self) -> None:
        drafts = release.review(self.batch, seen_seq=self.batch.seq, person="qa.a")
        self.site.sign(self.site.write(drafts, person="qa.a", act="review_record"), number=NUMBER)

    def released(self) -> None:
        note = Annotated(
            words=self.site.say("Logger file is archived with the receipt papers."), step="receive"
        )
        self.site.write([Draft(stream=self.stream, fact=note)], person="qa.a", act="annotate")
        self.review()
        woman, expiry = self.site.participant(TRIAL_ID), self.batch.expires_at
        drafts = release.release_conditionally(
            self.batch, woman, justification=None, seen_seq=self.batch.seq, now=self.site.now
        )
        entry = self.site.write(drafts, person="qa.a", act="release_conditionally", station="office-1")
        assert expiry is not None
        self.site.sign(entry, participant=TRIAL_ID, round=1, expiry=local(expiry))

    def handed_over(self) -> None:
        places = ("Fridge QF-1", "clinic")
        self.hand_over("product", giver="technician.a", receiver="clinician.a", places=places)

    def legs(self) -> perfusion.Legs:
        scanned = Means.SCANNED
        return perfusion.Legs(
            wristband=self.band,
            wristband_means=scanned,
            product=self.container("product"),
            product_means=scanned,
            order=self.order,
            order_means=scanned,
        )

    def matched(self) -> None:
        self.site.wait(minutes=30)
        checks = tuple((check.code, check.options[0].code) for check in self.batch.protocol.bedside_checks)
        first = perfusion.match(
            self.batch,
            self.site.participant(TRIAL_ID),
            self.legs(),
            patient_stated=True,
            checks=checks,
            appearance="normal",
            holder_roles=frozenset({Role.CLINICIAN}),
            now=self.site.now,
        )
        self.site.write(first, person="clinician.a", act="match_identity", station="ward-3")
        second = perfusion.confirm(
            self.batch,
            self.site.participant(TRIAL_ID),
            self.legs(),
            person="clinician.b",
            holder_roles=frozenset({Role.CLINICIAN}),
            now=self.site.now,
        )
        self.site.write(second, person="clinician.b", act="confirm_identity", station="ward-3")

    def perfused(self) -> None:
        self.site.wait(minutes=6)
        drafts = perfusion.perfuse(
            self.batch,
            self.site.participant(TRIAL_ID),
            started_at=self.site.now - timedelta(minutes=5),
            ended_at=self.site.now - timedelta(minutes=2),
            catheter="CATH-DEMO-1",
            residual=Decimal("0.15"),
            reaction="none",
            now=self.site.now,
        )
        self.site.write(drafts, person="clinician.a", act="record_perfusion", station="ward-3")
        entry = self.batch.perfused
        assert entry is not None
        self.site.sign(entry, participant=TRIAL_ID, round=1)

    def disposed(self) -> None:
        self.site.wait(days=15)
        self.result("sterility_b", raw="", option="no_growth", analyst="qc.b", reviewer="qc.a")
        self.review()
        woman = self.site.participant(TRIAL_ID)
        drafts = release.dispose_finally(self.batch, woman, disposition="conforming", reason=None)
        self.site.write(drafts, person="qa.a", act="dispose_finally", station="office-1")
        entry = self.batch.disposed
        assert entry is not None
        self.site.sign(entry, number=NUMBER, disposition="conforming")

    def closed(self) -> None:
        entry = self.site.write(release.close(self.batch), person="qa.a", act="close_record")
        self.site.sign(entry, number=NUMBER)


def local(moment: datetime) -> str:
    """A time at the site, for a signed sentence."""
    return moment.astimezone(ZoneInfo(ZONE)).isoformat(sep=" ", timespec="minutes")


THINGS = {
    "transport_box": "Box B-04",
    "temperature_logger": "Logger TL-11",
    "biosafety_cabinet": "Cabinet BSC-2",
    "incubator": "Incubator INC-1",
    "centrifuge": "Centrifuge CF-1",
    "refrigerator": "Fridge QF-1",
}
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
RESULTS = {
    "viability": ("94.2", ""),
    "dose": ("24600000", ""),
    "identity": ("93.5", ""),
    "endotoxin": ("<0.05", ""),
    "gram": ("", "none_seen"),
    "mycoplasma": ("", "not_detected"),
    "sterility_a": ("", "no_growth"),
}
