"""What the clinic sees: products that are on their way, a bedside check as it stands, what a perfusion delivered."""

from dataclasses import dataclass
from datetime import datetime

from lims.domain.acts import Stage
from lims.domain.aftercare import is_dose_outside, observed_until
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.envelope import Entry, stream_of
from lims.domain.folds import Folded
from lims.domain.participant import Participant
from lims.domain.perfusion import Legs, differing
from lims.domain.rows import BatchRow, CodeRow, TaskRow
from lims.domain.sentences import Sentence, sentence
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find
from lims.queries.look import NotOnFile, Reader, batch_of, people_names
from lims.queries.record_words import words_of_entries


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A product for the clinic: where it is and what is to be done with it."""

    batch: BatchRecord
    in_clinic: bool
    planned_at: datetime | None
    next_act: str
    """match_identity, confirm_identity, record_perfusion, take_custody or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bedside:
    """One batch at the bedside, with the participant it is for."""

    batch: BatchRecord
    participant: Participant
    names: dict[str, str]
    matched: bool
    """A first check is on file and has not lapsed."""
    first_is_me: bool
    confirmed: bool
    """Two people checked. A perfusion that began while the check held can be recorded when it has lapsed."""
    lapsed: bool
    """The check has lapsed: what has not begun needs a new one."""


def expected(reader: Reader) -> tuple[Expected, ...]:
    """Products released for the clinic and not given yet, the earliest expiry first."""
    with reader.site.ledger.reading() as book:
        rows = find(book, BatchRow, ("stage", "in", [Stage.RELEASED.value]), order=("expires_at",))
        return tuple(_expected(reader, book, row.number) for row in rows)


def _expected(reader: Reader, book: Book, number: str) -> Expected:
    batch = batch_of(reader, book, number)
    participant = _participant(book, batch.issue.participant)
    order = participant.round(batch.issue.round).order
    held = batch.custody.get(batch.unit_code or "")
    in_clinic = bool(held and held.place == "clinic" and held.offer is None)
    bedside = _bedside(reader, book, batch)
    if held and held.offer:
        act = "take_custody"
    elif not in_clinic or batch.on_hold:
        act = ""
    elif bedside.confirmed:
        act = "record_perfusion"
    elif bedside.matched and not bedside.first_is_me:
        act = "confirm_identity"
    else:
        act = "match_identity"
    return Expected(
        batch=batch, in_clinic=in_clinic, planned_at=order.planned_at if order else None, next_act=act
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """What follows a perfusion: the observation with its time, and the decisions on a dose outside its limit."""

    batch: BatchRecord
    until: datetime
    """When the observation can end."""
    dose_outside: bool
    told: tuple[tuple[Entry, Sentence], ...]
    """What is on file of it so far, as sentences."""


def after(reader: Reader, *, batch: str) -> After | None:
    """What follows the perfusion of a batch as it stands; none before it was given."""
    with reader.site.ledger.reading() as book:
        record = batch_of(reader, book, batch)
        until = observed_until(record)
        if until is None:
            return None
        entries = [entry for entry in (record.observed, record.judged, record.settled) if entry]
        names = people_names(reader, book, {entry.person for entry in entries})
        words = words_of_entries(book, entries)
        return After(
            batch=record,
            until=until,
            dose_outside=is_dose_outside(record),
            told=tuple((entry, sentence(entry, names=names, words=words)) for entry in entries),
        )


def waiting_after(reader: Reader) -> tuple[TaskRow, ...]:
    """What the clinic owes after perfusions, the earliest deadline first."""
    acts = ["end_observation", "judge_dose", "settle_dose"]
    with reader.site.ledger.reading() as book:
        rows = find(book, TaskRow, ("what", "in", acts))
    return tuple(sorted(rows, key=lambda row: (row.due_at or row.since, row.batch)))


def bedside(reader: Reader, *, batch: str) -> Bedside:
    """The bedside check of a batch as it stands."""
    with reader.site.ledger.reading() as book:
        return _bedside(reader, book, batch_of(reader, book, batch))


def _bedside(reader: Reader, book: Book, batch: BatchRecord) -> Bedside:
    match = batch.match
    valid = match is not None and reader.now <= match.valid_until
    people = {entry.person for entry in (batch.matched, batch.confirmed, batch.released) if entry}
    return Bedside(
        batch=batch,
        participant=_participant(book, batch.issue.participant),
        names=dict(people_names(reader, book, people)),
        matched=valid,
        first_is_me=bool(batch.matched and batch.matched.person == reader.person),
        confirmed=batch.confirmed is not None,
        lapsed=match is not None and not valid,
    )


def _participant(book: Book, trial_id: str) -> Participant:
    stream = stream_of("participant", trial_id)
    record = book.derived(stream, Folded.of).record
    assert isinstance(record, Participant)
    return record


def mismatch(found: Bedside, legs: Legs) -> tuple[str, ...]:
    """Which of the legs scanned so far do not belong to this person and round."""
    return differing(found.batch, found.participant, legs)


def batch_for_band(reader: Reader, *, serial: str) -> str:
    """The released batch of the person who wears this band; a void band leads nowhere."""
    with reader.site.ledger.reading() as book:
        rows = find(book, CodeRow, code=serial, what="wristband", limit=1)
        if not rows or rows[0].participant is None:
            raise NotOnFile("scan.unknown")
        found = find(book, BatchRow, participant=rows[0].participant, stage=Stage.RELEASED.value)
    if not found:
        raise NotOnFile("custody.not_released")
    return found[0].number
