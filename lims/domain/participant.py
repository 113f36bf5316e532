"""A participant: consent, arm, chain of identity, rounds and their batches; here is decided what is exclusive."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from lims.domain.entries.envelope import Draft, Entry, stream_of
from lims.domain.entries.randomisation import MarkedRandomisedInError
from lims.domain.entries.trial import (
    AllocationRecorded,
    ChainOfIdentityIssued,
    ConsentRecorded,
    ConsentWithdrawn,
    ParticipantEnrolled,
    PerfusionOrdered,
    RoundBatchEnded,
    RoundBatchOpened,
    RoundFinalised,
    RoundPerfused,
    RoundReopened,
    WristbandIssued,
    WristbandScanned,
    WristbandVoided,
)
from lims.domain.protocol import StudyProtocol
from lims.domain.refusals import Refused
from lims.domain.trial.consent import check_form
from lims.domain.trial.followed import Followed, followed_of
from lims.domain.trial.outgoing import DataQuery, queries_of
from lims.domain.trial.screened import Screened, check_goes_on, check_not_pregnant
from lims.domain.trial.screened import after as after_screening


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round of a participant's course."""

    number: int
    attempts: tuple[str, ...] = ()
    open_batch: str | None = None
    order: PerfusionOrdered | None = None
    ordered: Entry | None = None
    """The entry that ordered it."""
    perfused: RoundPerfused | None = None
    finalised: RoundFinalised | None = None
    reopened: RoundReopened | None = None
    """A deviation about the product that was given, until a final disposition follows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """What is on file about one participant, under her trial code only."""

    trial_id: str
    enrolled: ParticipantEnrolled | None = None
    consent: Mapping[str, ConsentRecorded] = field(default_factory=lambda: MappingProxyType({}))
    """For each scope the consent that is in force."""
    withdrawn: bool = False
    allocation: AllocationRecorded | None = None
    randomised_in_error: Entry | None = None
    """The mark that she should not have been randomised; her arm stays."""
    coi: str | None = None
    wristband: str | None = None
    """The band that counts."""
    band_waiting: str | None = None
    """A band that was made and not scanned back yet: it counts nowhere."""
    void_wristbands: tuple[str, ...] = ()
    rounds: Mapping[int, Round] = field(default_factory=lambda: MappingProxyType({}))
    queries: Mapping[int, DataQuery] = field(default_factory=lambda: MappingProxyType({}))
    """Questions of quality about her data, by number."""
    followed: Followed = field(default_factory=Followed)
    screening: Screened = field(default_factory=Screened)
    entries: tuple[Entry, ...] = ()
    """Her whole stream, from which the parts of her course are read."""

    @property
    def last(self) -> Entry | None:
        """The newest entry."""
        return self.entries[-1] if self.entries else None

    @property
    def stream(self) -> str:
        """The participant's own stream."""
        return stream_of("participant", self.trial_id)

    def round(self, number: int) -> Round:
        """The round, empty if nothing happened in it yet."""
        return self.rounds.get(number, Round(number=number))


def fold_participant(stream: str, entries: Iterable[Entry]) -> Participant:
    """The participant as her stream tells."""
    told = tuple(entries)
    person = Participant(
        trial_id=stream.partition(":")[2], queries=queries_of(told), followed=followed_of(told), entries=told
    )
    screening = person.screening
    for entry in told:
        if isinstance(entry.fact, MarkedRandomisedInError):
            person = replace(person, randomised_in_error=entry)
        person, screening = _after(person, entry.fact), after_screening(screening, entry)
        if isinstance(entry.fact, PerfusionOrdered):
            ordered = replace(person.round(entry.fact.round), ordered=entry)
            person = replace(person, rounds=MappingProxyType({**person.rounds, ordered.number: ordered}))
    return replace(person, screening=screening)


def after_band(
    person: Participant, fact: WristbandIssued | WristbandScanned | WristbandVoided
) -> Participant:
    """Her bands: one at most counts, one at most waits for its scan; every earlier one is void for ever."""
    match fact:
        case WristbandIssued():
            void = person.void_wristbands + ((fact.voids,) if fact.voids else ())
            counts, waits = (None, fact.serial) if fact.awaits_scan else (fact.serial, None)
            return replace(person, wristband=counts, band_waiting=waits, void_wristbands=void)
        case WristbandScanned():
            return replace(person, wristband=fact.serial, band_waiting=None)
        case WristbandVoided():
            void = (*person.void_wristbands, fact.serial)
            return replace(person, wristband=None, band_waiting=None, void_wristbands=void)


def _after(person: Participant, fact: object) -> Participant:
    match fact:
        case ParticipantEnrolled():
            return replace(person, enrolled=fact)
        case ConsentRecorded():
            given = {**person.consent, **dict.fromkeys(fact.scopes, fact)}
            return replace(person, consent=MappingProxyType(given), withdrawn=False)
        case ConsentWithdrawn():
            kept = {scope: given for scope, given in person.consent.items() if scope not in fact.scopes}
            return replace(person, consent=MappingProxyType(kept), withdrawn=True)
        case AllocationRecorded():
            return replace(person, allocation=fact)
        case ChainOfIdentityIssued():
            return replace(person, coi=fact.coi)
        case WristbandIssued() | WristbandScanned() | WristbandVoided():
            return after_band(person, fact)
        case _:
            return _after_round(person, fact)


def _after_round(person: Participant, fact: object) -> Participant:
    match fact:
        case RoundBatchOpened():
            now = person.round(fact.round)
            after = replace(now, attempts=(*now.attempts, fact.batch), open_batch=fact.batch)
        case RoundBatchEnded():
            after = replace(person.round(fact.round), open_batch=None)
        case PerfusionOrdered():
            after = replace(person.round(fact.round), order=fact)
        case RoundPerfused():
            after = replace(person.round(fact.round), perfused=fact, open_batch=None)
        case RoundFinalised():
            after = replace(person.round(fact.round), finalised=fact, reopened=None)
        case RoundReopened():
            after = replace(person.round(fact.round), finalised=None, reopened=fact)
        case _:
            return person
    return replace(person, rounds=MappingProxyType({**person.rounds, after.number: after}))


def check_consent(person: Participant, protocol: StudyProtocol) -> ConsentRecorded:
    """Consent is in force for every scope that a batch needs (TR-1, TR-4); returns the newest form."""
    needed = [scope.code for scope in protocol.consent_scopes if scope.needed_for_batch]
    missing = [scope for scope in needed if scope not in person.consent]
    if missing or not needed:
        raise Refused("participant.no_consent", scopes=", ".join(missing))
    return person.consent[needed[-1]]


def check_arm(person: Participant, protocol: StudyProtocol) -> str:
    """The participant is randomised to an arm that receives the product (I11)."""
    if person.allocation is None:
        raise Refused("participant.not_allocated")
    arm = protocol.arm(person.allocation.arm)
    if arm is None:
        raise Refused("participant.unknown_arm", arm=person.allocation.arm)
    if not arm.receives_product:
        raise Refused("participant.arm", arm=arm.code)
    return arm.code


def check_round(person: Participant, number: int, protocol: StudyProtocol) -> int:
    """The round can have a batch now (TR-2, I12); returns the attempt's number."""
    if not 1 <= number <= protocol.rounds:
        raise Refused("round.beyond", rounds=protocol.rounds, round=number)
    this = person.round(number)
    if this.perfused:
        raise Refused("round.perfused", round=number)
    if this.open_batch:
        raise Refused("round.open_batch", batch=this.open_batch)
    if number > 1 and not person.round(number - 1).perfused:
        raise Refused("round.order", before=number - 1)
    check_not_reopened(person)
    return len(this.attempts) + 1


def check_not_reopened(person: Participant) -> None:
    """Nothing further is made for her while quality has not disposed of a product that failed after it was given."""
    for this in person.rounds.values():
        if this.reopened:
            raise Refused("round.reopened", round=this.number, deviation=this.reopened.deviation)


def check_interval(
    person: Participant, number: int, protocol: StudyProtocol, *, now: datetime, zone: str
) -> None:
    """Between two perfusions lies at least the protocol's interval, in calendar days at the site (domain 1.3)."""
    before = person.round(number - 1).perfused if number > 1 else None
    if before is None:
        return
    site = ZoneInfo(zone)
    earliest = before.perfused_at.astimezone(site).date() + timedelta(days=protocol.round_interval_days)
    left = (earliest - now.astimezone(site).date()).days
    if left > 0:
        raise Refused("round.interval", days=protocol.round_interval_days, left=left)


def allocate(
    person: Participant, *, arm: str, source: str, reference: str, at: datetime, protocol: StudyProtocol
) -> tuple[Draft, ...]:
    """The arm is taken over from the randomisation record, once and for ever (TR-6); never of one not eligible."""
    if person.allocation is not None:
        raise Refused("participant.allocated")
    decided = person.screening.eligibility
    if decided is not None and not decided.eligible:
        raise Refused("participant.not_eligible")
    if protocol.arm(arm) is None:
        raise Refused("participant.unknown_arm", arm=arm)
    fact = AllocationRecorded(arm=arm, source=source, reference=reference, allocated_at=at)
    return (Draft(stream=person.stream, fact=fact),)


def order(
    person: Participant, *, number: int, code: str, planned_at: datetime, ward: str, protocol: StudyProtocol
) -> tuple[Draft, ...]:
    """A physician orders the perfusion of a round."""
    check_consent(person, protocol)
    check_arm(person, protocol)
    check_goes_on(person.screening)
    check_not_pregnant(person.screening)
    if not 1 <= number <= protocol.rounds:
        raise Refused("round.beyond", rounds=protocol.rounds, round=number)
    this = person.round(number)
    if this.perfused:
        raise Refused("round.perfused", round=number)
    if this.order:
        raise Refused("round.ordered", round=number)
    check_not_reopened(person)
    fact = PerfusionOrdered(round=number, order=code, planned_at=planned_at, ward=ward)
    return (Draft(stream=person.stream, fact=fact),)


def record_consent(
    person: Participant,
    *,
    form_version: str,
    scopes: tuple[str, ...],
    signed_on: date,
    protocol: StudyProtocol,
) -> tuple[Draft, ...]:
    """Consent for the listed scopes, to the version of the form that was in force when she signed."""
    check_form(protocol, form_version, signed_on=signed_on)
    fact = ConsentRecorded(form_version=form_version, scopes=scopes, signed_on=signed_on)
    return (Draft(stream=person.stream, fact=fact),)
