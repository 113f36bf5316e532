"""Rows of the read tables: what lists, boards and searches show; a function of the record, without authority."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a read table, owned by one stream; `key` tells it from the stream's other rows of that table.

    A subclass names its `table`, adds fields of str, int, bool, Decimal, date, datetime or None, and lists in
    `indexed` what is searched or sorted by, fields that go together joined by +.
    """

    table: ClassVar[str]
    indexed: ClassVar[tuple[str, ...]] = ()

    stream: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow(Row):
    """A batch on the board."""

    table: ClassVar[str] = "batches"
    indexed: ClassVar[tuple[str, ...]] = ("stage", "participant", "alive+issued_at", "issued_at")

    number: str
    participant: str
    round: int
    attempt: int
    coi: str
    master: str
    version: str
    stage: str
    alive: bool
    held: str
    issued_at: datetime
    day_zero: date | None
    current_step: str | None
    step_title_en: str | None
    step_title_zh: str | None
    step_day: int | None
    steps_done: int
    steps: int
    open_deviations: int
    to_verify: int
    results_open: int
    due_at: datetime | None
    due_since: datetime | None
    expires_at: datetime | None
    marks: str
    """One letter a step: d done, x done with a deviation, v to verify, c current, o open."""
    days: str
    """For each planned culture day what stands on it, `-7d 0v 3c 14o`: as in marks, but x for an open deviation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRow(Row):
    """Something that a batch was made with, on or by, and that others can have in common with it."""

    table: ClassVar[str] = "shares"
    indexed: ClassVar[tuple[str, ...]] = ("which",)

    batch: str
    what: str
    """lot, equipment, operator or day."""
    which: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandledRow(Row):
    """A day on which something of a batch was in somebody's hands."""

    table: ClassVar[str] = "handled"
    indexed: ClassVar[tuple[str, ...]] = ("day",)

    batch: str
    day: str
    """On the site's calendar, as an ISO date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow(Row):
    """A reviewed test result that is a number, or a yield: one point of its control chart."""

    table: ClassVar[str] = "results"
    indexed: ClassVar[tuple[str, ...]] = ("test+at", "at")
    YIELD: ClassVar[str] = "yield/"
    """Before the code of a yield, where tests have their own."""

    batch: str
    test: str
    title_en: str
    title_zh: str
    unit: str
    value: Decimal
    qualifier: str
    """`<` or `>` where only a bound of the value is known."""
    outcome: str
    low: Decimal | None
    high: Decimal | None
    decimals: int
    at: datetime

    @property
    def is_yield(self) -> bool:
        """It is a yield of the batch and no test."""
        return self.test.startswith(self.YIELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow(Row):
    """A decision on what becomes of a batch: one line of the certification register."""

    table: ClassVar[str] = "decisions"
    indexed: ClassVar[tuple[str, ...]] = ("at", "batch")

    batch: str
    round: int
    decision: str
    """released_conditionally, conforming, nonconforming, rejected or terminated."""
    product: str
    """The product unit's code; empty where none was filled."""
    at: datetime
    person: str
    seq: int
    counts: bool
    """False for one that a later deviation opened again; it stays in the register."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow(Row):
    """Something that waits for somebody of a role."""

    table: ClassVar[str] = "tasks"
    indexed: ClassVar[tuple[str, ...]] = ("role", "person", "batch")

    role: str
    what: str
    """What is to be done: the name of the act."""
    batch: str
    """Empty, and the round 0, for what is due of a participant and of no batch."""
    participant: str
    round: int
    step: str | None
    title_en: str
    title_zh: str
    since: datetime
    """From when it can be done; until then it is on nobody's list."""
    due_at: datetime | None
    not_by: str
    """Ids of persons who may not do it, between bars: `|p1|p2|`."""
    person: str = ""
    """The one person for whom it is, in whatever role; the role is then empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviationRow(Row):
    """A deviation of a batch, from its opening to its closure."""

    table: ClassVar[str] = "deviations"
    indexed: ClassVar[tuple[str, ...]] = ("closed", "opened_at")

    batch: str
    number: str
    severity: str
    rule: str
    opened_at: datetime
    decided: bool
    investigated: bool
    closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow(Row):
    """An act on a batch that a rule refused."""

    table: ClassVar[str] = "refused"
    indexed: ClassVar[tuple[str, ...]] = ("at",)

    batch: str
    act: str
    rule: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CapaRow(Row):
    """A corrective or preventive action."""

    table: ClassVar[str] = "capas"
    indexed: ClassVar[tuple[str, ...]] = ("open",)

    number: str
    action: str
    owner: str
    deviations: str
    """Their numbers, with spaces between."""
    state: str
    open: bool
    planned_at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerRow(Row):
    """Something that the system does by itself when its time comes."""

    table: ClassVar[str] = "timers"
    indexed: ClassVar[tuple[str, ...]] = ("due_at",)

    act: str
    due_at: datetime
    step: str | None
    slot: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRow(Row):
    """A letter that a notice which nobody acknowledged asks for; `turn` counts its escalations."""

    table: ClassVar[str] = "letters"
    indexed: ClassVar[tuple[str, ...]] = ("given_at",)

    batch: str
    notice: str
    turn: int
    news: str
    addressee: str
    reference: str
    given_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow(Row):
    """What became of a letter when it was last tried; its key is the letter's."""

    table: ClassVar[str] = "deliveries"
    indexed: ClassVar[tuple[str, ...]] = ("sent",)

    batch: str
    sent: bool
    tries: int
    fault: str
    tried_at: datetime
    next_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRow(Row):
    """What a code on a label, badge, lot or machine is."""

    table: ClassVar[str] = "codes"
    indexed: ClassVar[tuple[str, ...]] = ("code",)

    code: str
    what: str
    """container, label, lot, equipment, badge, wristband, void_wristband, order, coi or station."""
    name: str
    participant: str | None
    round: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LotRow(Row):
    """A lot of material."""

    table: ClassVar[str] = "lots"
    indexed: ClassVar[tuple[str, ...]] = ("item", "status", "expires")

    code: str
    item: str
    supplier: str
    supplier_lot: str
    expires: date
    status: str
    left: Decimal
    short: Decimal
    """What was taken beyond the book and waits for a count."""
    unit: str
    use_until: datetime | None
    """Until when the opened container may be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipmentRow(Row):
    """An item of equipment."""

    table: ClassVar[str] = "equipment"
    indexed: ClassVar[tuple[str, ...]] = ("equipment_class",)

    code: str
    equipment_class: str
    name: str
    room: str
    calibrated_until: date
    withdrawn: bool
    occupant: str
    """The batch in a place for one participant, until it is cleaned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow(Row):
    """A member of staff."""

    table: ClassVar[str] = "people"
    indexed: ClassVar[tuple[str, ...]] = ("user_id", "badge")

    person: str
    user_id: str
    name: str
    badge: str
    roles: str
    closed: bool
    has_key: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantRow(Row):
    """A participant, under her trial code only."""

    table: ClassVar[str] = "participants"
    indexed: ClassVar[tuple[str, ...]] = ("trial_id",)

    trial_id: str
    arm: str | None
    consent: bool
    withdrawn: bool
    coi: str | None
    open_batch: str | None
    rounds_perfused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRow(Row):
    """A question of quality about a participant's data."""

    table: ClassVar[str] = "data_queries"
    indexed: ClassVar[tuple[str, ...]] = ("state",)

    participant: str
    number: int
    dataset: str
    column: str
    state: str
    """open, answered or closed."""
    raised_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow(Row):
    """A version of a master batch record or of the study protocol."""

    table: ClassVar[str] = "versions"
    indexed: ClassVar[tuple[str, ...]] = ("code",)

    code: str
    version: str
    state: str
    """waiting, approved or retired."""
    author: str
    canonical_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StationRow(Row):
    """A workstation."""

    table: ClassVar[str] = "stations"
    indexed: ClassVar[tuple[str, ...]] = ("station",)

    station: str
    name: str
    room: str
    setting: str
    line_clearance: bool
    batch: str
    """The batch that it holds, or was cleared for; empty where stations hold none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow(Row):
    """A person's key and how far it is trusted."""

    table: ClassVar[str] = "signing_keys"
    indexed: ClassVar[tuple[str, ...]] = ("person",)

    kid: str
    person: str
    name: str
    state: str
    """trusted, waiting or revoked."""
    vouchers: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow(Row):
    """A sealed paper that went out."""

    table: ClassVar[str] = "documents"
    indexed: ClassVar[tuple[str, ...]] = ("batch", "sha256")

    batch: str
    paper: str
    subject: str
    """What within the batch it is about; empty for a paper of the whole batch."""
    language: str
    copy_number: int
    sha256: str
    head_seq: int
    issued_at: datetime
    issued_by: str
