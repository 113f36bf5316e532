"""The stage of a demo: an instance, its cast with their keys unlocked, and a clock that all scripts share."""

import heapq
import itertools
import secrets
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from lims.actions import machines, masters, people, supply, timers, trial
from lims.actions.founding import Founded, Founder, found
from lims.actions.secrets import prove_password
from lims.actions.signing import Signer
from lims.actions.site import Site, VirtualClock
from lims.actions.work import Actor
from lims.authoring.load import load_master_batch_record, load_protocol
from lims.domain.acts import Role
from lims.domain.entries.envelope import stream_of
from lims.domain.entries.keys import PersonKeyEnrolled
from lims.domain.entries.supply import EquipmentRegistered, LotReceived
from lims.domain.entries.trial import ParticipantEnrolled
from lims.domain.master_batch_record import MasterBatchRecord
from lims.domain.people import fold_person
from lims.rehearsal.screening import screen
from tests.player.cast import FOUNDERS, PASSWORD, PIN, STAFF, STATION_OF, STATIONS, Member

TEMPLATES = Path(__file__).parents[2] / "batch_templates"
ZONE = "Asia/Shanghai"

Script = Iterator[datetime]
"""A script yields when its next act is to be, and does it when it is resumed."""

EQUIPMENT = {
    "transport_box": "Box 1",
    "temperature_logger": "Logger 1",
    "biosafety_cabinet": "BSC-2",
    "incubator": "INC-1 shelf 1",
    "centrifuge": "CF-1",
    "refrigerator": "QF-1",
}


class Stage:
    """One demo instance while it is played."""

    def __init__(
        self, folder: Path, *, start: datetime, kind: str = "demo", database: str | None = None
    ) -> None:
        self.clock = VirtualClock(start)
        self.zone = ZoneInfo(ZONE)
        self.signers: dict[str, Signer] = {}
        self.roles: dict[str, Role] = {}
        self.lots: dict[str, str] = {}
        self.things: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self.until = (start + timedelta(days=700)).date()
        self.founded: Founded = found(
            folder,
            kind=kind,
            site_name="Demo cell laboratory",
            zone=ZONE,
            profile="CN",
            founders=[self._founder(member) for member in FOUNDERS],
            roles_until=self.until,
            root_file=folder.with_name(folder.name + "-root-key.json"),
            root_passphrase=secrets.token_urlsafe(18),
            database=database,
            clock=self.clock,
        )
        self.site: Site = self.founded.site
        self.master: MasterBatchRecord = load_master_batch_record(TEMPLATES / "MBR-DNK-010.yaml").record

    def _founder(self, member: Member) -> Founder:
        self.roles[member.user_id] = member.role
        return Founder(
            user_id=member.user_id, name=member.name, roles=(member.role,), password=PASSWORD, pin=PIN
        )

    def request(self) -> str:
        """A fresh request id."""
        return secrets.token_hex(12)

    def actor(self, person: str) -> Actor:
        """The person at their station, with key and PIN at hand, as if they had just entered them."""
        role = self.roles.get(person)
        station = STATION_OF.get(role, "QA-1") if role else "QA-1"
        return Actor(person=person, station=station, signer=self.signers.get(person), identified=True)

    def unlock(self, person: str) -> None:
        """Open the person's key once; a real session never keeps it, a play may."""
        with self.site.ledger.reading() as book:
            stream = stream_of("person", person)
            member = fold_person(stream, book.entries(stream))
        self.signers[person] = prove_password(self.site, member, PASSWORD, during="sign")

    def set_up(self) -> None:
        """People, stations, the protocol and the master batch record, stock and equipment."""
        for member in FOUNDERS:
            self.unlock(member.user_id)
            people.sign_undertaking(self.site, self.actor(member.user_id), self.request())
        for code, name, room, setting in STATIONS:
            people.register_station(
                self.site,
                self.actor("admin"),
                self.request(),
                code=code,
                name=name,
                room=room,
                setting=setting,
            )
        for member in STAFF:
            self.hire(member)
        self._approve()
        self._qualify()
        self._stock()

    def hire(self, member: Member) -> None:
        """A person with a role, credentials and an attested key; not trained yet."""
        admin, person = self.actor("admin"), member.user_id
        people.add_person(
            self.site,
            admin,
            self.request(),
            user_id=person,
            name=member.name,
            identity_checked_by="demo",
        )
        people.grant_role(self.site, admin, self.request(), person=person, role=member.role, until=self.until)
        self.roles[person] = member.role
        outcome = people.set_credentials(
            self.site,
            self.actor(person),
            self.request(),
            enrolment=people.enrolment_code(self.site, person),
            password=PASSWORD,
            pin=PIN,
        )
        kid = outcome.of(PersonKeyEnrolled).kid
        self.unlock(person)
        for voucher in ("admin", "qa-a"):
            people.attest_key(self.site, self.actor(voucher), self.request(), kid=kid)
        people.sign_undertaking(self.site, self.actor(person), self.request())

    def _qualify(self) -> None:
        for member in STAFF:
            if member.role in (Role.TECHNICIAN, Role.QA):
                people.record_training(
                    self.site,
                    self.actor("qa-a"),
                    self.request(),
                    person=member.user_id,
                    subject=self.master.code,
                    version=self.master.version,
                    until=self.until,
                    evidence="demo",
                )
            for task in member.trial_tasks:
                people.delegate_task(
                    self.site,
                    self.actor("qa-a"),
                    self.request(),
                    person=member.user_id,
                    task=task,
                    until=self.until,
                )

    def _approve(self) -> None:
        text = (TEMPLATES / "PROTOCOL-DNK.yaml").read_text()
        loaded = load_protocol(text)
        masters.propose_protocol(self.site, self.actor("qa-a"), self.request(), text=text)
        masters.approve_protocol(
            self.site,
            self.actor("qa-b"),
            self.request(),
            code=loaded.record.code,
            version=loaded.record.version,
            file_sha256=loaded.file_sha256,
            canonical_sha256=loaded.canonical_sha256,
        )
        text = (TEMPLATES / "MBR-DNK-010.yaml").read_text()
        master = load_master_batch_record(text)
        masters.propose_master(self.site, self.actor("qa-a"), self.request(), text=text)
        masters.approve_master(
            self.site,
            self.actor("qa-b"),
            self.request(),
            code=master.record.code,
            version=master.record.version,
            file_sha256=master.file_sha256,
            canonical_sha256=master.canonical_sha256,
        )

    def _stock(self) -> None:
        quality = self.actor("qa-a")
        for number, item in enumerate(self.master.materials, start=1):
            outcome = supply.receive_lot(
                self.site,
                self.actor("tech-a"),
                self.request(),
                item=item.code,
                supplier="Demo supplier",
                supplier_lot=f"DEMO-{number:02d}A",
                expires=self.until,
                quantity="5000",
                unit=item.unit,
            )
            assert outcome.has(LotReceived)
            self.lots[item.code] = outcome.entries[0].stream.partition(":")[2]
            supply.release_lot(
                self.site, quality, self.request(), lot=self.lots[item.code], certificate="CoA demo"
            )
        for equipment_class, name in EQUIPMENT.items():
            outcome = machines.register_equipment(
                self.site,
                quality,
                self.request(),
                equipment_class=equipment_class,
                name=name,
                room="Grade B room",
            )
            assert outcome.has(EquipmentRegistered)
            self.things[equipment_class] = outcome.entries[0].stream.partition(":")[2]
            machines.record_calibration(
                self.site,
                quality,
                self.request(),
                equipment=self.things[equipment_class],
                passed=True,
                until=self.until,
                certificate="demo",
            )

    def enrol(self, *, arm: str | None = "perfusion", consent: bool = True) -> str:
        """A participant with consent and an arm, or found eligible and not randomised yet; her identity is invented."""
        number = next(self._numbers)
        outcome = trial.enrol_participant(
            self.site,
            self.actor("coord-a"),
            self.request(),
            name=f"Demo participant {number} 演示",
            birth_date=datetime(1990, 1, 1, tzinfo=self.zone).date(),
            hospital_number=f"DEMO-{number:04d}",
        )
        code = outcome.of(ParticipantEnrolled).trial_id
        if consent:
            trial.give_consent(
                self.site,
                self.actor("coord-a"),
                self.request(),
                participant=code,
                form_version="3",
                scopes=("treatment", "data", "samples"),
                signed_on=self.clock.now().astimezone(self.zone).date(),
            )
        if consent and not arm:
            protocol = load_protocol(TEMPLATES / "PROTOCOL-DNK.yaml").record
            screen(self.site, code, trial=protocol.trial, actor=self.actor, request=self.request)
        if arm:
            trial.record_allocation(
                self.site,
                self.actor("coord-a"),
                self.request(),
                participant=code,
                arm=arm,
                source="external list",
                reference=f"R-{number:03d}",
                allocated_at=self.clock.now(),
            )
        return code

    def play(self, *scripts: Script, until: datetime, progress: Callable[[int], None] | None = None) -> None:
        """Merge the scripts by time up to `until`; timers that come due in between fire first."""
        waiting: list[tuple[datetime, int, Script]] = []
        for order, script in enumerate(scripts):
            if (first := next(script, None)) is not None:
                heapq.heappush(waiting, (first, order, script))
        done = 0
        while waiting:
            when, order, script = heapq.heappop(waiting)
            if when > until:
                continue
            self._pass_to(when)
            if (following := next(script, None)) is not None:
                heapq.heappush(waiting, (max(following, when), order, script))
            done += 1
            if progress:
                progress(done)
        self._pass_to(until)

    def _pass_to(self, moment: datetime) -> None:
        while (due := timers.next_due(self.site)) is not None and due <= moment:
            self.clock.go_to(max(due, self.clock.at))
            timers.run_due(self.site)
        self.clock.go_to(max(moment, self.clock.at))
