"""What a rehearsal is given: a throw-away instance of kind training, set up through the same corridor."""

import copy
import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from shutil import copytree
from zoneinfo import ZoneInfo

from lims.actions import machines, masters, people, supply, trial
from lims.actions.founding import Founded, Founder, found, open_instance
from lims.actions.masters import effective_protocol
from lims.actions.secrets import prove_password
from lims.actions.signing import Signer
from lims.actions.site import Site, VirtualClock
from lims.actions.work import Actor, Outcome, Scene
from lims.authoring.load import load_master_batch_record, load_protocol
from lims.domain.acts import Role
from lims.domain.entries.envelope import stream_of
from lims.domain.entries.keys import PersonKeyEnrolled
from lims.domain.entries.trial import ParticipantEnrolled
from lims.domain.master_batch_record import MasterBatchRecord
from lims.domain.people import fold_person
from lims.rehearsal.cast import FOUNDERS, OFFICE, PASSWORD, PIN, STATION_OF, STATIONS, Player
from lims.rehearsal.casting import people_of, players
from lims.rehearsal.moments import Calendar
from lims.rehearsal.names import Names
from lims.rehearsal.read import Play
from lims.rehearsal.screening import screen
from lims.rehearsal.script import Enrolled, Given, Item, StockLot

ZONE = "Asia/Shanghai"
DAYS_BEFORE = 30
"""The instance is set up this many days before day 0; nothing is played earlier."""
ROLES_LAST = timedelta(days=700)


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding:
    """What sort of instance is founded, and with which secrets everybody on it signs."""

    kind: str = "training"
    site_name: str = "Rehearsal site"
    password: str = PASSWORD
    pin: str = PIN
    start: datetime | None = None
    """When the instance is set up; without it some days before day 0."""
    everybody: bool = False
    """The whole cast is hired, not only those whom the play names; participants come when their play begins."""


class Stage:
    """One instance while rehearsals are played on it."""

    def __init__(
        self, folder: Path, play: Play, *, database: str | None = None, founding: Founding = Founding()
    ) -> None:
        given = play.given
        zone = given.zone or ZONE
        day_0 = date.fromisoformat(given.day_0 or "")
        self.calendar = Calendar(day_0=day_0, zone=ZoneInfo(zone))
        usual = datetime.combine(day_0 - timedelta(days=DAYS_BEFORE), time(8), tzinfo=ZoneInfo(zone))
        self.clock = VirtualClock(founding.start or usual)
        self.until = self.clock.now().date() + ROLES_LAST
        self.founding = founding
        self.players = players(given)
        self.signers: dict[str, Signer] = {}
        self.passwords: dict[str, str] = {}
        self.founded: Founded = found(
            folder,
            kind=founding.kind,
            site_name=founding.site_name,
            zone=zone,
            profile="CN",
            founders=[self._founder(self.players[player.id]) for player in FOUNDERS],
            roles_until=self.until,
            root_file=folder.with_name(folder.name + "-root-key.json"),
            root_passphrase=secrets.token_urlsafe(18),
            database=database,
            clock=self.clock,
        )
        self.code = self.founded.code
        self.site: Site = self.founded.site
        self.names = Names(site=self.site)
        self.masters: list[MasterBatchRecord] = []
        self._set_up(play)

    def copied(self, folder: Path) -> "Stage":
        """The same stage on a copy of its instance, from which another play can go on. Nothing writes meanwhile."""
        other = copy.copy(self)
        copytree(self.site.folder, folder)
        other.clock = VirtualClock(self.clock.now())
        other.site = open_instance(folder, clock=other.clock)
        other.names = Names(site=other.site, bound=dict(self.names.bound))
        other.signers, other.passwords = dict(self.signers), dict(self.passwords)
        return other

    def beside(self, calendar: Calendar) -> "Stage":
        """The same instance for another play: its own calendar and its own names, the stock is common."""
        view = copy.copy(self)
        view.calendar = calendar
        common = {name: known for name, known in self.names.bound.items() if known[0] in ("lot", "equipment")}
        view.names = Names(site=self.site, bound=common)
        return view

    def _founder(self, player: Player) -> Founder:
        secret = self.founding
        return Founder(
            user_id=player.id,
            name=player.name,
            roles=(player.role,),
            password=secret.password,
            pin=secret.pin,
        )

    def request(self) -> str:
        """A fresh request id."""
        return secrets.token_hex(12)

    def actor(self, person: str, *, proof: str = "password", station: str | None = None) -> Actor:
        """The person at their station, with key and PIN at hand as far as they prove who they are."""
        player = self.players.get(person)
        place = station or (STATION_OF.get(player.role, OFFICE) if player else OFFICE)
        if proof == "password" and person not in self.signers:
            self.unlock(person)
        signer = self.signers.get(person) if proof == "password" else None
        return Actor(person=person, station=place, signer=signer, identified=proof != "none")

    def unlock(self, person: str) -> None:
        """Open the person's key once, if they have one; a real session never keeps it, a play may."""
        with self.site.ledger.reading() as book:
            stream = stream_of("person", person)
            member = fold_person(stream, book.entries(stream))
        if member.kid is not None and not member.closed:
            password = self.passwords.get(person, self.founding.password)
            self.signers[person] = prove_password(self.site, member, password, during="sign")

    def forget(self, person: str, *, password: str = "") -> None:
        """The person's password or key is another one, or none, from here on."""
        self.signers.pop(person, None)
        self.passwords[person] = password or self.founding.password

    def _set_up(self, play: Play) -> None:
        for player in FOUNDERS:
            people.sign_undertaking(self.site, self.actor(player.id), self.request())
        admin = self.actor("admin")
        for code, name, room, setting, clears in STATIONS:
            people.register_station(
                self.site,
                admin,
                self.request(),
                code=code,
                name=name,
                room=room,
                setting=setting,
                line_clearance=clears,
            )
        needed = set(self.players) if self.founding.everybody else people_of(play)
        founders = {player.id for player in FOUNDERS}
        for player in self.players.values():
            if player.id in needed and player.id not in founders:
                self._hire(player)
        self._approve(play)
        for player in self.players.values():
            if player.id in needed:
                self._qualify(player)
        self._stock(play.given)
        if not self.founding.everybody:
            self.enrol(play.given)

    def _hire(self, player: Player) -> None:
        site, admin, person = self.site, self.actor("admin"), player.id
        people.add_person(
            site, admin, self.request(), user_id=person, name=player.name, identity_checked_by="rehearsal"
        )
        people.grant_role(site, admin, self.request(), person=person, role=player.role, until=self.until)
        outcome = people.set_credentials(
            site,
            self.actor(person),
            self.request(),
            enrolment=people.enrolment_code(site, person),
            password=self.founding.password,
            pin=self.founding.pin,
        )
        kid = outcome.of(PersonKeyEnrolled).kid
        for voucher in FOUNDERS:
            people.attest_key(site, self.actor(voucher.id), self.request(), kid=kid)
        people.sign_undertaking(site, self.actor(person), self.request())

    def _qualify(self, player: Player) -> None:
        quality = "qa-b" if player.id == "qa-a" else "qa-a"
        for master in self.masters:
            for subject in _subjects(master, player.role) if player.trained else ():
                people.record_training(
                    self.site,
                    self.actor(quality),
                    self.request(),
                    person=player.id,
                    subject=subject,
                    version=master.version,
                    until=self.until,
                    evidence="rehearsal",
                )
        for task in player.delegated:
            people.delegate_task(
                self.site, self.actor(quality), self.request(), person=player.id, task=task, until=self.until
            )

    def _approve(self, play: Play) -> None:
        author, approver = self.actor("qa-a"), self.actor("qa-b")
        text = (play.folder / (play.given.protocol or "")).read_text(encoding="utf-8")
        protocol = load_protocol(text, name=play.given.protocol or "")
        masters.propose_protocol(self.site, author, self.request(), text=text)
        masters.approve_protocol(
            self.site,
            approver,
            self.request(),
            code=protocol.record.code,
            version=protocol.record.version,
            file_sha256=protocol.file_sha256,
            canonical_sha256=protocol.canonical_sha256,
        )
        for name in play.given.masters:
            text = (play.folder / name).read_text(encoding="utf-8")
            master = load_master_batch_record(text, name=name)
            masters.propose_master(self.site, author, self.request(), text=text)
            masters.approve_master(
                self.site,
                approver,
                self.request(),
                code=master.record.code,
                version=master.record.version,
                file_sha256=master.file_sha256,
                canonical_sha256=master.canonical_sha256,
            )
            self.masters.append(master.record)

    def _stock(self, given: Given) -> None:
        lots = {
            f"lot.{item.code}": StockLot(name=f"lot.{item.code}", item=item.code)
            for master in self.masters
            for item in master.materials
        }
        lots |= {lot.name: lot for lot in given.stock}
        for number, lot in enumerate(lots.values(), start=1):
            self._receive(number, lot)
        classes = {
            str(kind)
            for master in self.masters
            for step in master.steps
            for slot in step.evidence
            if (kind := getattr(slot, "equipment_class", None))
        }
        items = {
            f"equipment.{kind}": Item.model_validate({"name": f"equipment.{kind}", "class": kind})
            for kind in sorted(classes)
        }
        items |= {item.name: item for item in given.equipment}
        for item in items.values():
            self._register(item)

    def _receive(self, number: int, lot: StockLot) -> None:
        units = {item.code: item.unit for master in self.masters for item in master.materials}
        quality = self.actor("qa-a")
        outcome = supply.receive_lot(
            self.site,
            quality,
            self.request(),
            item=lot.item,
            supplier="Demo supplier",
            supplier_lot=f"DEMO-{number:02d}",
            expires=self.calendar.day(lot.expires),
            quantity=lot.quantity,
            unit=lot.unit or units.get(lot.item, "piece"),
            in_use_hours=lot.in_use_hours,
            containers=lot.containers,
        )
        code = _minted(outcome)
        self.names.bind(lot.name, "lot", code)
        if lot.released:
            supply.release_lot(self.site, quality, self.request(), lot=code, certificate="rehearsal")

    def _register(self, item: Item) -> None:
        quality = self.actor("qa-a")
        outcome = machines.register_equipment(
            self.site,
            quality,
            self.request(),
            equipment_class=item.equipment_class,
            name=item.name.partition(".")[2].replace("_", " ") or item.name,
            room="Grade B room",
            one_participant=item.one_participant,
        )
        code = _minted(outcome)
        self.names.bind(item.name, "equipment", code)
        machines.record_calibration(
            self.site,
            quality,
            self.request(),
            equipment=code,
            passed=True,
            until=self.calendar.day(item.calibrated_until),
            certificate="rehearsal",
        )

    def enrol(self, given: Given) -> None:
        """The participants of a play, now; one with consent in the perfusion arm if it names none."""
        for enrolled in given.participants or (Enrolled(),):
            self._enrol(enrolled)

    def _enrol(self, enrolled: Enrolled) -> None:
        coordinator = self.actor("coord-a")
        outcome = trial.enrol_participant(
            self.site,
            coordinator,
            self.request(),
            name=enrolled.called or f"Demo {enrolled.name} 演示",
            birth_date=date.fromisoformat(enrolled.born),
            hospital_number=f"DEMO-{secrets.randbelow(10**6):06d}",
        )
        code = outcome.of(ParticipantEnrolled).trial_id
        self.names.bind(enrolled.name, "participant", code)
        if enrolled.consent:
            trial.give_consent(
                self.site,
                coordinator,
                self.request(),
                participant=code,
                form_version="3",
                scopes=enrolled.consent,
                signed_on=self.clock.now().astimezone(self.calendar.zone).date(),
            )
        if enrolled.eligible:
            with self.site.ledger.reading() as book:
                scene = Scene(site=self.site, book=book, now=self.clock.now(), actor=coordinator)
                rules = effective_protocol(scene)[0].trial
            screen(self.site, code, trial=rules, actor=self.actor, request=self.request)
        if enrolled.arm:
            trial.record_allocation(
                self.site,
                coordinator,
                self.request(),
                participant=code,
                arm=enrolled.arm,
                source="external list",
                reference=f"R-{enrolled.name}",
                allocated_at=self.clock.now(),
            )


def _subjects(master: MasterBatchRecord, role: Role) -> list[str]:
    """What a person of that role is trained on: the record itself at the bench, and what the role's steps ask for."""
    bench = {master.code} if role in (Role.TECHNICIAN, Role.QA) else set()
    return sorted(bench | {step.training for step in master.steps if step.training and step.role == role})


def _minted(outcome: Outcome) -> str:
    return outcome.entries[0].stream.partition(":")[2]
