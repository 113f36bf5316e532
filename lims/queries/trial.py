"""Participants under their trial codes: consent, arm, rounds; and, for the few who may, who they are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from lims.domain.acts import Role, Stage
from lims.domain.entries.envelope import Entry, stream_of
from lims.domain.entries.trial import ConsentRecorded, ConsentWithdrawn, WristbandIssued
from lims.domain.folds import Folded
from lims.domain.participant import Participant, Round, check_arm, check_consent, check_round
from lims.domain.protocol import ConsentForm, StudyProtocol
from lims.domain.refusals import NotAllowed, Reason, Refused
from lims.domain.release import unmet_round_before
from lims.domain.rows import BatchRow, ParticipantRow, PersonRow
from lims.domain.trial.consent import AskedAgain, asked_again, check_signed_for_batch, form_in_force
from lims.domain.trial.screened import check_goes_on, check_tested
from lims.domain.trial.screening import may_sample
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find
from lims.queries.history import Line, history
from lims.queries.look import NotOnFile, Reader
from lims.queries.masters import masters_in_force, protocol_in_force

IDENTITY = frozenset({Role.COORDINATOR, Role.CLINICIAN})
"""Who may see who a participant is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One round: its batches, oldest first, and why none can be issued or ordered now."""

    round: Round
    batches: tuple[BatchRow, ...]
    perfused_at: datetime | None
    why_no_batch: tuple[Reason, ...]
    why_no_order: tuple[Reason, ...]
    at_risk: tuple[Reason, ...]
    """What a release in this round will wait for in the round before (TR-3)."""

    @property
    def batch(self) -> BatchRow | None:
        """The batch that counts: the newest attempt."""
        return self.batches[-1] if self.batches else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One participant with her rounds; no identity is in here."""

    participant: Participant
    protocol: StudyProtocol | None
    receives_product: bool
    lanes: tuple[Lane, ...]
    consents: tuple[Entry, ...]
    """Consent given and withdrawn, oldest first."""
    band: Entry | None
    """When the wristband that counts was put on."""
    masters: Mapping[str, str]
    """Master batch records from which a batch can be issued, with their version."""
    may_sample: bool
    """A consent that samples need is in force."""
    form: ConsentForm | None
    """The version of the consent form that is in force today."""
    asked_again: AskedAgain | None
    """She is to sign a newer version."""
    may_see_identity: tuple[str, ...]
    looks: tuple[Line, ...]
    """Who was shown who she is, newest first."""
    history: tuple[Line, ...]

    @property
    def next_round(self) -> Lane | None:
        """The first round that is not perfused."""
        return next((lane for lane in self.lanes if lane.round.perfused is None), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a participant is; a value that was erased is None."""

    trial_id: str
    name: str | None
    birth_date: str | None
    hospital_number: str | None


def participants(reader: Reader) -> tuple[ParticipantRow, ...]:
    """Everyone enrolled, by trial code."""
    with reader.site.ledger.reading() as book:
        return find(book, ParticipantRow, order=("trial_id",))


def course(reader: Reader, trial_id: str) -> Course:
    """One participant's course; not on file when there is no such code."""
    protocol, masters = protocol_in_force(reader), masters_in_force(reader)
    today = reader.local(reader.now).date()
    with reader.site.ledger.reading() as book:
        person = _participant(book, trial_id)
        entries = book.entries(person.stream)
        arm = protocol.arm(person.allocation.arm) if protocol and person.allocation else None
        return Course(
            participant=person,
            protocol=protocol,
            receives_product=bool(arm and arm.receives_product),
            lanes=_lanes(book, person, protocol, today),
            consents=tuple(e for e in entries if isinstance(e.fact, ConsentRecorded | ConsentWithdrawn)),
            band=next((e for e in reversed(entries) if isinstance(e.fact, WristbandIssued)), None),
            masters={record.code: record.version for record in masters},
            may_sample=bool(protocol and may_sample(person, protocol, today)),
            form=form_in_force(protocol, today) if protocol else None,
            asked_again=asked_again(person.consent, protocol, on=today) if protocol else None,
            may_see_identity=_holders(book, IDENTITY),
            looks=history(reader, book, stream_of("looks", trial_id)),
            history=history(reader, book, person.stream),
        )


def identity(reader: Reader, trial_id: str) -> Identity:
    """Who she is, for coordinator and clinician only, whatever page asks (GCP 2.7, PIPL 51)."""
    if not reader.roles & IDENTITY:
        raise NotAllowed("act.role", act="See the identity", roles=", ".join(sorted(IDENTITY)))
    with reader.site.ledger.reading() as book:
        fact = _participant(book, trial_id).enrolled
        if fact is None:
            raise NotOnFile("act.unknown_target", sort="participant", code=trial_id)
        wanted = (fact.name, fact.birth_date, fact.hospital_number)
        kept = book.values([item.commitment for item in wanted])
        name, birth_date, number = (
            kept[item.commitment].value if item.commitment in kept else None for item in wanted
        )
    return Identity(trial_id=trial_id, name=name, birth_date=birth_date, hospital_number=number)


def _participant(book: Book, trial_id: str) -> Participant:
    stream = stream_of("participant", trial_id)
    record = book.derived(stream, Folded.of).record if book.head(stream) else None
    if not isinstance(record, Participant):
        raise NotOnFile("act.unknown_target", sort="participant", code=trial_id)
    return record


def _lanes(book: Book, person: Participant, protocol: StudyProtocol | None, today: date) -> tuple[Lane, ...]:
    rows = find(book, BatchRow, participant=person.trial_id, order=("number",))
    if protocol is None:
        return ()
    return tuple(
        _lane(person, number, protocol, tuple(row for row in rows if row.round == number), today)
        for number in range(1, protocol.rounds + 1)
    )


def _lane(
    person: Participant, number: int, protocol: StudyProtocol, batches: tuple[BatchRow, ...], today: date
) -> Lane:
    this = person.round(number)
    both = _refusals(lambda: check_consent(person, protocol), lambda: check_arm(person, protocol))
    signs = _refusals(lambda: check_signed_for_batch(person.consent, protocol, today))
    rules = protocol.trial.rounds
    gates = _refusals(
        lambda: check_goes_on(person.screening),
        lambda: check_tested(person.screening, today=today, within_days=rules.test_before_batch_days),
    )
    return Lane(
        round=this,
        batches=batches,
        perfused_at=this.perfused.perfused_at if this.perfused else None,
        why_no_batch=both + signs + _refusals(lambda: check_round(person, number, protocol)) + gates,
        why_no_order=both + _refusals(lambda: _check_order(this)) + gates,
        at_risk=()
        if this.perfused or not _may_be_made(person, number)
        else unmet_round_before(person, number),
    )


def _may_be_made(person: Participant, number: int) -> bool:
    """The round before is perfused, so that blood may be drawn for this one."""
    return number == 1 or person.round(number - 1).perfused is not None


def _check_order(this: Round) -> None:
    if this.perfused:
        raise Refused("round.perfused", round=this.number)
    if this.order:
        raise Refused("round.ordered", round=this.number)


def _refusals(*checks: Callable[[], object]) -> tuple[Reason, ...]:
    """Every reason why not, where the act itself stops at the first."""
    found = []
    for check in checks:
        try:
            check()
        except Refused as refused:
            found.append(refused.reason)
    return tuple(found)


def _holders(book: Book, roles: frozenset[Role]) -> tuple[str, ...]:
    rows = find(book, PersonRow, closed=False, order=("name",))
    return tuple(
        row.name for row in rows if roles & {Role(held.partition(":")[0]) for held in row.roles.split()}
    )


REACHED = (Stage.ISSUED, Stage.IN_PROCESS, Stage.TESTING, Stage.RELEASED, Stage.PERFUSED, Stage.DISPOSED)
"""The stages of a batch that is not rejected, in their order."""


def reached(row: BatchRow) -> int:
    """How far a batch is on its way: the place of its stage in REACHED; a closed one is past the end."""
    stage = Stage(row.stage)
    return REACHED.index(stage) if stage in REACHED else len(REACHED)
