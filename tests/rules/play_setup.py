"""What must be there before a batch: approved masters, released lots, equipment, a participant with an order."""

from datetime import timedelta
from decimal import Decimal

from lims.authoring.load import Loaded
from lims.domain import participant, receipt, wristband
from lims.domain.batch_record import BatchRecord
from lims.domain.codes import CodeType
from lims.domain.entries.envelope import Draft, stream_of
from lims.domain.entries.masters import MasterApproved, MasterProposed, ProtocolApproved, ProtocolProposed
from lims.domain.entries.supply import CalibrationRecorded, EquipmentRegistered, LotReceived, LotReleased
from lims.domain.entries.trial import ParticipantEnrolled
from lims.domain.entries.values import Means
from lims.domain.master_batch_record import (
    MasterBatchRecord,
)
from lims.domain.protocol import StudyProtocol
from tests.rules.stage_play import ZONE, Site, templates

NUMBER = "0037"
TRIAL_ID = "DNK-017"
THINGS = {
    "transport_box": "Box B-04",
    "temperature_logger": "Logger TL-11",
    "biosafety_cabinet": "Cabinet BSC-2",
    "incubator": "Incubator INC-1",
    "centrifuge": "Centrifuge CF-1",
    "refrigerator": "Fridge QF-1",
}


class Setup:
    """The site before the first day, and the batch as it is issued."""

    def __init__(self) -> None:
        self.site = Site()
        self.stream = stream_of("batch", NUMBER)
        self.lots: dict[str, str] = {}
        self.things: dict[str, str] = {}
        self.order = self.site.code(CodeType.DOCUMENT)
        self.band = self.site.code(CodeType.PARTICIPANT)

    @property
    def batch(self) -> BatchRecord:
        return self.site.batch(self.stream)

    def container(self, kind: str, index: int = 1) -> str:
        return next(
            code
            for code, item in self.batch.containers.items()
            if (item.container, item.index) == (kind, index)
        )

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
            today=self.site.now.date(),
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
            woman, form_version="3", scopes=scopes, signed_on=self.site.today, protocol=protocol
        )
        self.site.write(consent, person="coordinator.a", act="record_consent")
        arm = participant.allocate(
            woman, arm="perfusion", source="IWRS", reference="R-017", at=self.site.now, protocol=protocol
        )
        self.site.write(arm, person="coordinator.a", act="record_allocation")
        made, checked = wristband.issue(
            woman,
            serial=self.band,
            identity_document="ID card",
            person="clinician.a",
            second="clinician.b",
        )
        self.site.write(made, person="clinician.a", act="issue_wristband")
        self.site.write(checked, person="clinician.b", act="issue_wristband")
        woman = self.site.participant(TRIAL_ID)
        scanned = wristband.scan_back(woman, code=self.band, means=Means.SCANNED)
        self.site.write(scanned, person="clinician.a", act="scan_wristband")
        order = participant.order(
            self.site.participant(TRIAL_ID),
            number=1,
            code=self.order,
            planned_at=self.site.now + timedelta(days=14, hours=10),
            ward="Ward 3",
            protocol=protocol,
        )
        self.site.write(order, person="clinician.a", act="order_perfusion")
