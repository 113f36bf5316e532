"""Evidence: what a person enters in a slot of a step, and its correction."""

from dataclasses import dataclass, replace
from datetime import datetime

from lims.actions.attaching import Upload, attach
from lims.actions.detach import Kept, words, words_or_none
from lims.actions.frozen import check_hand, frozen, step_of, training_for
from lims.actions.site import Site
from lims.actions.stations import held_at, opened
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, batch_of, perform
from lims.domain import evidence
from lims.domain.batch_record import BatchRecord
from lims.domain.canonical import file_hash
from lims.domain.entered import entered_code
from lims.domain.entries.envelope import stream_of
from lims.domain.entries.values import Means
from lims.domain.equipment import Equipment
from lims.domain.master_batch_record import AnySlot, ScanWristbandSlot, SecondPersonSlot
from lims.domain.materials import Lot, first_to_use
from lims.domain.participant import Participant
from lims.domain.quantities import LONGEST_ENTRY
from lims.domain.readings import Asked, Found, Given
from lims.domain.refusals import BadEntry
from lims.domain.rows import CodeRow, LotRow
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What a person enters in one slot: whatever the slot takes is given, everything else stays empty."""

    raw: str = ""
    """A number or a code, as typed or scanned."""
    means: Means = Means.TYPED
    option: str = ""
    counts: tuple[tuple[str, str], ...] = ()
    """Live and dead cells as typed, one pair a count."""
    dilution: str = ""
    text: str = ""
    file: Upload | None = None
    at: datetime | None = None
    reason: str = ""

    def asked(self) -> dict[str, str]:
        """What makes two requests the same; by what means a code came does not."""
        return {
            "raw": self.raw,
            "option": self.option,
            "counts": repr(self.counts),
            "dilution": self.dilution,
            "text": self.text,
            "file": file_hash(self.file.content) if self.file else "",
            "at": self.at.isoformat() if self.at else "",
            "reason": self.reason,
        }


NOTHING = Entered()
"""A second person stands by, or the time is now."""


def record_evidence(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    step: str,
    slot: str,
    entered: Entered = NOTHING,
    witness: Actor | None = None,
) -> Outcome:
    """One slot, one request; a slot for a second person takes the witness and nothing else."""
    before = frozen(site, batch)
    defined, wanted = step_of(before, step), before.slot_of(step, slot)
    scanned = entered_code(entered.raw, field="raw") if _is_scan(wanted) else None
    if scanned is not None:
        entered = replace(entered, raw=scanned)
    given, kept = _given(site, wanted, entered)
    touched = _touched(site, scanned) if scanned is not None else None
    wearer = _wearer(before, wanted)
    seconded, held = isinstance(wanted, SecondPersonSlot), held_at(site, actor)

    def rule(scene: Scene) -> Decision:
        check_hand(scene, defined, actor.person)
        if witness:
            check_hand(scene, defined, witness.person, second=True)
        record = batch_of(scene, batch)
        line = opened(scene, held, record)
        found = _found(scene, record, given.raw, touched)
        if wearer is not None:
            found = replace(found, participant=scene.load(wearer, Participant))
        name = scene.person(witness.person).name if witness else ""
        asked = Asked(
            step=step,
            slot=slot,
            given=given,
            person=actor.person,
            witness=witness.person if witness else None,
            witness_name=name,
        )
        drafts = evidence.record(record, asked, found, now=scene.now)
        if seconded:
            return Decision(drafts=line, by_witness=drafts)
        return Decision(drafts=(*drafts, *line))

    ask = Ask(
        request_id=request_id,
        act="witness_step" if seconded else "record_evidence",
        on=stream_of("batch", batch),
        asked={"step": step, "slot": slot} | entered.asked(),
        write=(*held, touched) if touched else held,
        read=(wearer,) if wearer else (),
        kept=kept,
        witness=witness,
        performed_as="record_evidence" if seconded else "",
        training=training_for(before, defined),
    )
    return perform(site, actor, ask, rule)


def _given(site: Site, slot: AnySlot | None, entered: Entered) -> tuple[Given, tuple[Kept | None, ...]]:
    """What was entered with its free text and files detached, and what to keep beside the chain."""
    beside = None
    if slot is not None and slot.kind == "text":
        beside = words(entered.text, field="text", longest=slot.longest)
        given = Given(words=beside.detached)
    elif slot is not None and slot.kind in ("photo", "file") and entered.file is not None:
        attachment = attach(site, entered.file, photo=slot.kind == "photo")
        beside = attachment.kept
        given = Given(file=beside.detached, media_type=attachment.media_type)
    else:
        if len(entered.raw) > LONGEST_ENTRY:  # a refusal that names both values would keep it for ever
            raise BadEntry("number.too_long", field="raw", limit=LONGEST_ENTRY)
        if len(entered.option) > LONGEST_ENTRY:
            raise BadEntry("choice.unknown", field="option")
        given = Given(
            raw=entered.raw,
            means=entered.means,
            option=entered.option,
            counts=entered.counts,
            dilution=entered.dilution,
        )
    reason = words_or_none(entered.reason, field="reason")
    return replace(given, at=entered.at, reason=reason.detached if reason else None), (beside, reason)


def _is_scan(slot: AnySlot | None) -> bool:
    return slot is not None and (slot.kind.startswith("scan_") or slot.kind == "sample")


def _wearer(batch: BatchRecord, slot: AnySlot | None) -> str | None:
    """The stream of the woman whose band a slot asks for."""
    return stream_of("participant", batch.issue.participant) if isinstance(slot, ScanWristbandSlot) else None


def _touched(site: Site, code: str) -> str | None:
    """The stream of the lot or the equipment item that carries the code, which the act writes as well."""
    with site.ledger.reading() as book:
        row = _owner(book, code)
    return row.stream if row and row.what in ("lot", "equipment") else None


def _owner(book: Book, code: str) -> CodeRow | None:
    found = find(book, CodeRow, code=code, limit=1)
    return found[0] if found else None


def _found(scene: Scene, batch: BatchRecord, code: str, touched: str | None) -> Found:
    """What the code is, folded under the lock."""
    if touched and touched.startswith("lot:"):
        lot = scene.load(touched, Lot)
        rows = find(scene.book, LotRow, item=lot.item)
        return Found(lot=lot, first=first_to_use(rows, now=scene.now, zone=batch.issue.zone))
    if touched:
        return Found(equipment=scene.load(touched, Equipment))
    if not code or code in batch.containers:
        return Found()
    row = _owner(scene.book, code)
    if row is None or row.what != "container":
        return Found()
    same = row.participant == batch.issue.participant
    return Found(elsewhere="other_round" if same and row.round != batch.issue.round else "other_batch")


def correct_evidence(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    step: str,
    slot: str,
    replaces_seq: int,
    reason_code: str,
    entered: Entered,
) -> Outcome:
    """A later value with a reason; the first stays on file, verifications fall back, calculations run again."""
    before = frozen(site, batch)
    defined, wanted = step_of(before, step), before.slot_of(step, slot)
    given, kept = _given(site, wanted, entered)

    def rule(scene: Scene) -> Decision:
        check_hand(scene, defined, actor.person)
        asked = Asked(step=step, slot=slot, given=given, person=actor.person)
        drafts = evidence.correct(
            batch_of(scene, batch),
            asked,
            now=scene.now,
            replaces_seq=replaces_seq,
            reason_code=reason_code,
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="correct_evidence",
        on=stream_of("batch", batch),
        asked={"step": step, "slot": slot}
        | entered.asked()
        | {"replaces": str(replaces_seq), "reason_code": reason_code},
        kept=kept,
        training=training_for(before, defined),
    )
    return perform(site, actor, ask, rule)
