"""From entries to records and from records to rows: the one place that knows every sort of stream."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from lims.domain.acts import Role
from lims.domain.batch_fold import fold_batch, fold_on
from lims.domain.batch_record import BatchRecord
from lims.domain.capa import Capa, Capas, CapaState, fold_capas
from lims.domain.entries.envelope import Entry, code_of, sort_of
from lims.domain.entries.keys import ActRefused, DocumentIssued, InstanceFounded
from lims.domain.entries.mail import MailFailed, MailSent
from lims.domain.entries.outgoing import QueryRaised
from lims.domain.equipment import Equipment, fold_equipment
from lims.domain.keyring import Keyring, fold_keyring
from lims.domain.master_batch_record import Words
from lims.domain.masters import Versions, fold_versions
from lims.domain.materials import Lot, fold_lot
from lims.domain.participant import Participant, fold_participant
from lims.domain.people import Person, Security, fold_person, fold_security
from lims.domain.rows import (
    CapaRow,
    CodeRow,
    DeliveryRow,
    DocumentRow,
    EquipmentRow,
    KeyRow,
    LotRow,
    ParticipantRow,
    PersonRow,
    QueryRow,
    RefusedRow,
    Row,
    StationRow,
    TaskRow,
    VersionRow,
)
from lims.domain.stations import Station, fold_station
from lims.domain.trial.awaited import follow_up_rows
from lims.domain.trial.randomisation import Randomisation, fold_randomisation
from lims.domain.trial.screening_awaited import screening_rows
from lims.domain.waiting import batch_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A stream that is read as it is told: refusals, system, checkpoints, documents."""

    stream: str
    entries: tuple[Entry, ...]


Record = (
    BatchRecord
    | Capas
    | Equipment
    | Keyring
    | Lot
    | Participant
    | Person
    | Randomisation
    | Security
    | Station
    | Told
    | Versions
)


def _told(stream: str, entries: Iterable[Entry]) -> Told:
    return Told(stream=stream, entries=tuple(entries))


_FOLDS: Mapping[str, Callable[[str, Iterable[Entry]], Record]] = MappingProxyType(
    {
        "batch": fold_batch,
        "capas": fold_capas,
        "equipment": fold_equipment,
        "keys": fold_keyring,
        "lot": fold_lot,
        "master": fold_versions,
        "participant": fold_participant,
        "person": fold_person,
        "randomisation": fold_randomisation,
        "security": fold_security,
        "station": fold_station,
        "study": fold_versions,
    }
)


def fold(stream: str, entries: Iterable[Entry]) -> Record:
    """The record that a stream's entries tell."""
    if stream.endswith("!refusals"):
        return _told(stream, entries)
    return _FOLDS.get(sort_of(stream), _told)(stream, entries)


@dataclass(slots=True)
class Folded:
    """A record with the rows that it owns, which are worked out when they are first asked for."""

    stream: str
    record: Record
    _rows: Mapping[str, Row] | None = None

    @classmethod
    def of(cls, stream: str, entries: Sequence[Entry], before: "Folded | None" = None) -> "Folded":
        """The record of a stream; a batch goes on from the record `before`, if that is how it began."""
        earlier = before.record if before else None
        if isinstance(earlier, BatchRecord) and 0 < earlier.seq <= len(entries):
            if entries[earlier.seq - 1].hash == earlier.entries[-1].hash:
                return cls(stream, fold_on(earlier, entries[earlier.seq :]))
        return cls(stream, fold(stream, entries))

    @property
    def rows(self) -> Mapping[str, Row]:
        """Every row that the record owns in the read tables."""
        if self._rows is None:
            self._rows = rows_of(self.stream, self.record)
        return self._rows


def rows_of(stream: str, record: Record) -> Mapping[str, Row]:
    """Every row that a record owns in the read tables, by `table/key`; a pure function of the record."""
    rows: Iterable[Row]
    match record:
        case BatchRecord():
            rows = batch_rows(stream, record)
        case Capas():
            rows = _capa_rows(stream, record)
        case Lot():
            rows = _lot_rows(stream, record)
        case Equipment():
            rows = _equipment_rows(stream, record)
        case Person():
            rows = _person_rows(stream, record)
        case Participant():
            rows = _participant_rows(stream, record)
        case Versions():
            rows = _version_rows(stream, record)
        case Keyring():
            rows = _key_rows(stream, record)
        case Station():
            rows = _station_rows(stream, record)
        case Told():
            rows = _told_rows(stream, record)
        case Security() | Randomisation():
            rows = ()
    return MappingProxyType({f"{row.table}/{row.key}": row for row in rows})


def _lot_rows(stream: str, lot: Lot) -> Iterable[Row]:
    if lot.item:
        yield LotRow(
            stream=stream,
            key="",
            code=lot.code,
            item=lot.item,
            supplier=lot.supplier,
            supplier_lot=lot.supplier_lot,
            expires=lot.expires,
            status=lot.status.value,
            left=lot.left,
            short=lot.short,
            unit=lot.unit,
            use_until=lot.use_until,
        )
        yield _code(stream, lot.code, what="lot", name=f"{lot.item} {lot.supplier_lot}")
        if lot.short and lot.last:
            yield _task(
                stream,
                what="count_stock",
                role=Role.TECHNICIAN,
                title=Words(en=f"Count lot {lot.supplier_lot}", zh=f"清点批号{lot.supplier_lot}"),
                since=lot.last.time,
            )


def _task(stream: str, *, what: str, role: Role, title: Words, since: datetime) -> TaskRow:
    """Something that waits about a lot or an item of equipment, and about no batch."""
    return TaskRow(
        stream=stream,
        key=what,
        role=role.value,
        what=what,
        batch="",
        participant="",
        round=0,
        step=None,
        title_en=title.en,
        title_zh=title.zh,
        since=since,
        due_at=None,
        not_by="",
    )


def _equipment_rows(stream: str, item: Equipment) -> Iterable[Row]:
    if item.name:
        yield EquipmentRow(
            stream=stream,
            key="",
            code=item.code,
            equipment_class=item.equipment_class,
            name=item.name,
            room=item.room,
            calibrated_until=item.calibrated_until,
            withdrawn=item.withdrawn,
            occupant=item.occupant.batch if item.occupant else "",
        )
        yield _code(stream, item.code, what="equipment", name=item.name)
    if item.tray:
        yield _task(
            stream,
            what="settle_file_line",
            role=Role.QC_ANALYST,
            title=Words(en=item.name, zh=item.name),
            since=item.tray[0].taken.time,
        )


_CAPA_TASKS = {
    CapaState.PLANNED: ("finish_capa", Words(en="Carry out {number}", zh="执行{number}")),
    CapaState.DONE: ("verify_capa", Words(en="Verify {number}", zh="核实{number}")),
    CapaState.VERIFIED: (
        "check_effectiveness",
        Words(en="Judge the effect of {number}", zh="评价{number}的有效性"),
    ),
    CapaState.NOT_EFFECTIVE: (
        "open_capa",
        Words(en="{number} had no effect: plan another action", zh="{number}无效：须另订措施"),
    ),
}
"""What an open action waits for."""


def _capa_rows(stream: str, capas: Capas) -> Iterable[Row]:
    for capa in capas.by_number.values():
        yield CapaRow(
            stream=stream,
            key=capa.number,
            number=capa.number,
            action=capa.fact.action,
            owner=capa.fact.owner,
            deviations=" ".join(capa.fact.deviations),
            state=capa.state.value,
            open=capa.is_open,
            planned_at=capa.planned.time,
            due_at=capa.due_at,
        )
        if capa.is_open:
            yield _capa_task(stream, capa)


def _capa_task(stream: str, capa: Capa) -> TaskRow:
    what, title = _CAPA_TASKS[capa.state]
    own = what == "finish_capa"
    task = _task(
        stream,
        what=what,
        role=Role.QA,
        title=Words(en=title.en.format(number=capa.number), zh=title.zh.format(number=capa.number)),
        since=capa.check_from if what == "check_effectiveness" else capa.history[-1].time,
    )
    return replace(
        task,
        key=f"{what}/{capa.number}",
        role="" if own else task.role,
        person=capa.fact.owner if own else "",
        due_at=capa.due_at,
        not_by="" if own or what == "open_capa" else f"|{capa.fact.owner}|",
    )


def _person_rows(stream: str, person: Person) -> Iterable[Row]:
    if person.user_id:
        yield PersonRow(
            stream=stream,
            key="",
            person=person.id,
            user_id=person.user_id,
            name=person.name,
            badge=person.badge,
            roles=" ".join(
                f"{role.value}:{until.isoformat()}" for role, until in sorted(person.roles.items())
            ),
            closed=person.closed,
            has_key=person.kid is not None,
        )
        yield _code(stream, person.badge, what="badge", name=person.name)


def _participant_rows(stream: str, person: Participant) -> Iterable[Row]:
    if person.enrolled is None:
        return
    rounds = person.rounds.values()
    yield ParticipantRow(
        stream=stream,
        key="",
        trial_id=person.trial_id,
        arm=person.allocation.arm if person.allocation else None,
        consent=bool(person.consent),
        withdrawn=person.withdrawn,
        coi=person.coi,
        open_batch=next((r.open_batch for r in rounds if r.open_batch), None),
        rounds_perfused=sum(r.perfused is not None for r in rounds),
    )
    for query in person.queries.values():
        fact, last = query.raised.fact, query.closed or (query.raised, *query.answers)[-1]
        assert isinstance(fact, QueryRaised)
        yield QueryRow(
            stream=stream,
            key=str(query.number),
            participant=person.trial_id,
            number=query.number,
            dataset=fact.dataset,
            column=fact.column,
            state=query.state,
            raised_at=query.raised.time,
            changed_at=last.time,
        )
    owned = {"coi": person.coi, "wristband": person.wristband, "waiting_wristband": person.band_waiting}
    for what, code in owned.items():
        if code:
            yield _code(stream, code, what=what, name=person.trial_id, participant=person.trial_id)
    for code in person.void_wristbands:
        yield _code(stream, code, what="void_wristband", name=person.trial_id, participant=person.trial_id)
    for number, this in person.rounds.items():
        if this.order:
            yield _code(
                stream,
                this.order.order,
                what="order",
                name=person.trial_id,
                participant=person.trial_id,
                round=number,
            )
    yield from follow_up_rows(person.trial_id, person.followed)
    yield from screening_rows(person.trial_id, person.screening, is_randomised=person.allocation is not None)


def _version_rows(stream: str, versions: Versions) -> Iterable[Row]:
    for version in versions.versions:
        yield VersionRow(
            stream=stream,
            key=version.version,
            code=version.code,
            version=version.version,
            state="retired" if version.retired else "approved" if version.approved else "waiting",
            author=version.author,
            canonical_sha256=version.canonical_sha256,
        )


def _key_rows(stream: str, ring: Keyring) -> Iterable[Row]:
    for key in ring.people.values():
        yield KeyRow(
            stream=stream,
            key=key.kid,
            kid=key.kid,
            person=key.person,
            name=key.name,
            state="revoked" if key.revoked else "trusted" if key.trusted else "waiting",
            vouchers=" ".join(key.vouchers),
        )


def _delivery(stream: str, entry: Entry, fact: MailSent | MailFailed) -> DeliveryRow:
    """What became of a letter; a later try takes the place of the one before."""
    failed = fact if isinstance(fact, MailFailed) else None
    return DeliveryRow(
        stream=stream,
        key=f"{fact.notice}/{fact.turn}",
        batch=code_of(stream),
        sent=failed is None,
        tries=failed.tries if failed else 0,
        fault=failed.fault if failed else "",
        tried_at=entry.time,
        next_at=failed.next_at if failed else None,
    )


def _undelivered(stream: str, told: Told) -> Iterable[TaskRow]:
    """The administrator sees to a mail server that did not take some letter when it was last tried."""
    latest = {
        (e.fact.notice, e.fact.turn): e for e in told.entries if isinstance(e.fact, MailSent | MailFailed)
    }
    failed = [entry for entry in latest.values() if isinstance(entry.fact, MailFailed)]
    if failed:
        yield TaskRow(
            stream=stream,
            key="deliver_mail",
            role=Role.ADMINISTRATOR.value,
            what="deliver_mail",
            batch="",
            participant="",
            round=0,
            step=None,
            title_en="E-mail does not leave",
            title_zh="电子邮件无法发出",
            since=failed[0].time,
            due_at=None,
            not_by="",
        )


def _station_rows(stream: str, station: Station) -> Iterable[Row]:
    if station.name:
        yield StationRow(
            stream=stream,
            key="",
            station=station.code,
            name=station.name,
            room=station.room,
            setting=station.setting,
            line_clearance=station.line_clearance,
            batch=station.batch,
        )


def _told_rows(stream: str, told: Told) -> Iterable[Row]:
    yield from _undelivered(stream, told)
    for entry in told.entries:
        match entry.fact:
            case MailSent() | MailFailed() as fact:
                yield _delivery(stream, entry, fact)
            case ActRefused() as fact if sort_of(stream) == "batch":
                yield RefusedRow(
                    stream=stream,
                    key=str(entry.seq),
                    batch=code_of(stream),
                    act=entry.act,
                    rule=fact.rule,
                    at=entry.time,
                )
            case DocumentIssued() as fact:
                yield DocumentRow(
                    stream=stream,
                    key=str(entry.seq),
                    batch=code_of(stream),
                    paper=fact.paper,
                    subject=fact.subject,
                    language=fact.language,
                    copy_number=fact.copy_number,
                    sha256=fact.sha256,
                    head_seq=fact.head_seq,
                    issued_at=entry.time,
                    issued_by=entry.person,
                )
            case _:
                pass


def _code(
    stream: str,
    code: str,
    *,
    what: str,
    name: str,
    participant: str | None = None,
    round: int | None = None,
) -> CodeRow:
    return CodeRow(
        stream=stream, key=code, code=code, what=what, name=name, participant=participant, round=round
    )


def founding_of(told: Told) -> InstanceFounded:
    """The genesis entry of the instance."""
    fact = told.entries[0].fact
    assert isinstance(fact, InstanceFounded)
    return fact
