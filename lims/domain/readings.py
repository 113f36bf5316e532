"""What a slot reads from what was given: the value, the verdict on it, and the limit as it was shown."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from lims.domain.batch_record import BatchRecord, StepRecord
from lims.domain.cell_counts import CellCount, agree
from lims.domain.computing import STANDINGS
from lims.domain.entered import entered_number
from lims.domain.entries.envelope import Detached
from lims.domain.entries.supply import LotOpened, LotUsed
from lims.domain.entries.values import (
    Attached,
    Branched,
    Choice,
    Counts,
    FromStock,
    Judged,
    Means,
    Moment,
    Number,
    OneCount,
    Scanned,
    Text,
    Value,
    Witnessed,
)
from lims.domain.equipment import Equipment
from lims.domain.equipment import check_usable as check_equipment
from lims.domain.limits import assess
from lims.domain.master_batch_record import (
    AnySlot,
    BranchSlot,
    ChoiceSlot,
    CountsSlot,
    FileSlot,
    NumberSlot,
    PhotoSlot,
    SampleSlot,
    ScanContainerSlot,
    ScanEquipmentSlot,
    ScanLocationSlot,
    ScanMaterialSlot,
    ScanWristbandSlot,
    SecondPersonSlot,
    Step,
    StepOption,
    TextSlot,
    TimeSlot,
)
from lims.domain.materials import Lot, ends, use
from lims.domain.materials import check_usable as check_lot
from lims.domain.participant import Participant
from lims.domain.quantities import plain
from lims.domain.refusals import BadEntry, NotAllowed, Refused
from lims.domain.rows import LotRow
from lims.domain.wristband import check_worn

LARGEST_COUNT = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a person gives for a slot, before anything is read from it."""

    raw: str = ""
    means: Means = Means.TYPED
    option: str = ""
    counts: tuple[tuple[str, str], ...] = ()
    """Live and dead cells as typed, one pair a count."""
    dilution: str = ""
    words: Detached | None = None
    file: Detached | None = None
    """The description of an attached photo or file."""
    media_type: str = ""
    at: datetime | None = None
    reason: Detached | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request to fill a slot: which, with what, by whom, seen as what."""

    step: str
    slot: str
    given: Given
    person: str
    witness: str | None = None
    witness_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the scanned code is, looked up and folded under the lock: a lot or an equipment item."""

    lot: Lot | None = None
    first: LotRow | None = None
    """Of the lots of the item, the one that is to be taken first."""
    equipment: Equipment | None = None
    participant: Participant | None = None
    """The batch's own, for a slot that asks for her wristband."""
    elsewhere: str | None = None
    """Whose container it is, if another batch's: `other_batch` or `other_round`."""


def read_value(
    batch: BatchRecord, step: Step, slot: AnySlot, asked: Asked, found: Found, *, now: datetime
) -> tuple[Value, Judged, str | None]:
    """The value that a slot reads from what was given, the verdict, and the limit as it was shown."""
    given = asked.given
    match slot:
        case ScanContainerSlot() | SampleSlot():
            return _container(batch, slot, asked, found), Judged.WITHIN, None
        case ScanMaterialSlot():
            if found.lot is None:
                raise Refused("scan.wrong_kind", found=_what(batch, asked, found), wanted=slot.title.en)
            check_lot(found.lot, item=slot.item, now=now, zone=batch.issue.zone)
            scanned = _scanned(given, found.lot.stream, found.lot.supplier_lot)
            return (
                replace(scanned, stock=_from_stock(batch, slot, given, found, now=now)),
                Judged.WITHIN,
                None,
            )
        case ScanEquipmentSlot() | ScanLocationSlot():
            if found.equipment is None:
                raise Refused("scan.wrong_kind", found=_what(batch, asked, found), wanted=slot.title.en)
            check_equipment(
                found.equipment,
                equipment_class=slot.equipment_class,
                participant=batch.issue.participant,
                today=_today(batch, now),
            )
            return _scanned(given, found.equipment.stream, found.equipment.name), Judged.WITHIN, None
        case ScanWristbandSlot():
            return _wristband(batch, asked, found), Judged.WITHIN, None
        case NumberSlot():
            return _number(slot, given.raw)
        case ChoiceSlot():
            option = next((o for o in slot.options if o.code == given.option), None)
            if option is None:
                raise BadEntry("choice.unknown", field="option")
            return Choice(option=option.code), _judged(option), None
        case TextSlot():
            if given.words is None or given.words.size == 0:
                raise BadEntry("text.empty", field="words", least=1)
            return Text(words=given.words), Judged.UNJUDGED, None
        case TimeSlot():
            return _moment(batch, slot, given, now=now), Judged.UNJUDGED, None
        case CountsSlot():
            return _counts(slot, given)
        case SecondPersonSlot():
            return _witnessed(batch, step, asked), Judged.UNJUDGED, None
        case BranchSlot() if slot.of is None:
            way = next((way for way in slot.ways if way.code == given.option), None)
            if way is None:
                raise BadEntry("choice.unknown", field="option")
            return Branched(way=way.code), Judged.WITHIN if way.acceptable else Judged.OUTSIDE, None
        case PhotoSlot() | FileSlot():
            if given.file is None:
                raise BadEntry("file.none", field="file")
            return Attached(file=given.file, media_type=given.media_type), Judged.UNJUDGED, None
        case _:
            raise Refused("slot.computed", slot=slot.title.en)


def _today(batch: BatchRecord, now: datetime) -> date:
    return now.astimezone(ZoneInfo(batch.issue.zone)).date()


def _scanned(given: Given, of: str, name: str) -> Scanned:
    return Scanned(code=given.raw, means=given.means, of=of, name=name)


def _from_stock(
    batch: BatchRecord, slot: ScanMaterialSlot, given: Given, found: Found, *, now: datetime
) -> FromStock:
    """How the lot stands as it is taken; one that ends sooner goes first, or the record says that it did not."""
    lot, first, zone = found.lot, found.first, batch.issue.zone
    assert lot is not None
    passed_by = first is not None and ends(first, zone=zone) < ends(lot, zone=zone)
    if passed_by and first and slot.reason_if_not_first and given.reason is None:
        raise BadEntry("lot.not_first", field="reason", lot=lot.supplier_lot, first=first.supplier_lot)
    taken = use(lot, batch=batch.number, step="", slot="", amount=slot.amount, now=now)
    opened = next(
        (draft.fact.use_until for draft in taken if isinstance(draft.fact, LotOpened)), lot.use_until
    )
    short = next(draft.fact.short for draft in taken if isinstance(draft.fact, LotUsed))
    return FromStock(
        expires=lot.expires,
        use_until=opened,
        first=first.supplier_lot if passed_by and first else "",
        reason=given.reason,
        short=short,
        unit=lot.unit if short else "",
    )


def _what(batch: BatchRecord, asked: Asked, found: Found) -> str:
    if found.lot:
        return found.lot.item
    if found.equipment:
        return found.equipment.name
    if container := batch.containers.get(asked.given.raw):
        return container.container
    check_not_foreign(found)
    raise Refused("scan.unknown")


def check_not_foreign(found: Found) -> None:
    """Another batch's container is a hard stop for any role; the message never says whose it is (I13)."""
    if found.elsewhere == "other_round":
        raise Refused("scan.other_round")
    if found.elsewhere is not None:
        raise Refused("scan.other_batch")


def _container(
    batch: BatchRecord, slot: ScanContainerSlot | SampleSlot, asked: Asked, found: Found
) -> Scanned:
    check_not_foreign(found)
    if isinstance(slot, SampleSlot):
        wanted = next(item.container for item in batch.master.samples if item.code == slot.sample)
    else:
        wanted = slot.container
    container = batch.containers.get(asked.given.raw)
    if container is None or container.container != wanted:
        raise Refused("scan.wrong_kind", found=_what(batch, asked, found), wanted=slot.title.en)
    if (
        batch.is_scanned(asked.step, asked.given.raw)
        and slot.kind == "scan_container"
        and _same_kind_again(batch, asked, wanted)
    ):
        raise Refused("scan.twice", name=f"{container.container} {container.index}/{container.of}")
    return _scanned(asked.given, asked.given.raw, f"{container.container} {container.index}/{container.of}")


def _wristband(batch: BatchRecord, asked: Asked, found: Found) -> Scanned:
    """The band in force of this batch's participant; neither a void one nor another woman's, and never an override."""
    assert found.participant is not None
    check_worn(found.participant, code=asked.given.raw, means=asked.given.means)
    return _scanned(asked.given, found.participant.stream, batch.issue.participant)


def _judged(option: StepOption) -> Judged:
    if option.acceptable:
        return Judged.WITHIN
    return Judged.STOP if option.stops else Judged.OUTSIDE


def _same_kind_again(batch: BatchRecord, asked: Asked, wanted: str) -> bool:
    """The step asks for several containers of this kind, so each must be another one."""
    step = batch.master.step(asked.step)
    kinds = [slot for slot in step.evidence if isinstance(slot, ScanContainerSlot)]
    return sum(slot.count for slot in kinds if slot.container == wanted) > 1


def _number(slot: NumberSlot, raw: str) -> tuple[Value, Judged, str | None]:
    parsed = entered_number(raw, field="raw")
    assessment = assess(parsed, limit=slot.limit, alert=slot.alert)
    judged = STANDINGS[assessment.standing]
    limit = slot.limit or slot.alert
    return Number(raw=raw, value=parsed, unit=slot.unit), judged, limit.shown() if limit else None


def _moment(batch: BatchRecord, slot: TimeSlot, given: Given, *, now: datetime) -> Moment:
    at = given.at or now
    if at > now:
        raise BadEntry("time.future", field="at")
    if at < batch.entries[0].time:
        raise BadEntry("time.before_issue", field="at")
    late = now - at > timedelta(minutes=slot.late_after_minutes)
    if late and given.reason is None:
        minutes = int((now - at).total_seconds() // 60)
        raise BadEntry("time.late_reason", field="reason", minutes=minutes)
    return Moment(at=at, late=late, reason=given.reason)


def _counts(slot: CountsSlot, given: Given) -> tuple[Value, Judged, str | None]:
    dilution = entered_number(given.dilution, field="dilution")
    if dilution < 1:
        raise BadEntry("counts.dilution", field="dilution")
    pairs = [pair for pair in given.counts if pair != ("", "")]
    if len(pairs) < 2:
        raise BadEntry("counts.two", field="counts")
    seen = [
        CellCount(
            live=_cells(live, field=f"live-{at}"),
            dead=_cells(dead, field=f"dead-{at}"),
            squares=slot.squares,
            dilution=dilution,
        )
        for at, (live, dead) in enumerate(pairs, start=1)
    ]
    agreed = agree(seen, greatest_cv=slot.greatest_cv)
    if agreed.needs_third and agreed.cv is not None:
        raise BadEntry(
            "counts.third",
            field="counts",
            cv=plain(slot.greatest_cv.judge(agreed.cv).compared),
            limit=slot.greatest_cv.shown(),
        )
    if agreed.viability is None or agreed.cv is None:
        raise BadEntry("counts.none", field="counts")
    value = Counts(
        counts=tuple(OneCount(live=count.live, dead=count.dead) for count in seen),
        used=agreed.used,
        squares=slot.squares,
        dilution=dilution,
        concentration=agreed.viable_per_ml,
        viability=agreed.viability,
        cv=agreed.cv,
        formula="F1 F2 F4",
    )
    judged = Judged.WITHIN if slot.greatest_cv.judge(agreed.cv).is_within else Judged.ALERT
    return value, judged, slot.greatest_cv.shown()


def _cells(raw: str, *, field: str) -> int:
    value = entered_number(raw, field=field)
    if value != value.to_integral_value() or not 0 <= value <= LARGEST_COUNT:
        raise BadEntry("number.whole", field=field)
    return int(value)


def _witnessed(batch: BatchRecord, step: Step, asked: Asked) -> Witnessed:
    if asked.witness is None:
        raise Refused("step.witness_missing")
    performers = batch.steps.get(step.code, StepRecord()).performers | {asked.person}
    if asked.witness in performers:
        raise NotAllowed("step.performer_verifies")
    return Witnessed(person=asked.witness, name=asked.witness_name)
