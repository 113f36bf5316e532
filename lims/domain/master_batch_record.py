"""The master batch record: what must be done, with which evidence, within which limits, before a batch exists."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, Literal

from lims.domain.canonical import Json, canon, tagged_hash
from lims.domain.plain import to_plain
from lims.domain.quantities import Limit


class Frozen:
    """What every stored domain value is: decoded strictly, unknown fields refused."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words(Frozen):
    """One text in both languages of the record; both are approved."""

    en: str
    zh: str

    def read_in(self, language: str) -> str:
        """The text in the language of a page or paper: `en`, or 中文 for `zh_Hans`."""
        return self.zh if language.startswith("zh") else self.en


class Who(StrEnum):
    """How strongly a person stands behind an act."""

    ATTRIBUTED = "attributed"
    """The seat at the station; no secret asked."""
    IDENTIFIED = "identified"
    """The person's PIN, attested by the server."""
    SIGNED = "signed"
    """User id and password, with a meaning; made with the person's own key."""


class SecondPerson(StrEnum):
    """What the second person of a step does."""

    NONE = "none"
    WITNESS = "witness"
    """Stands there while it is done, at the same station."""
    REVIEW = "review"
    """Checks the recorded step afterwards, from any station."""


class Milestone(StrEnum):
    """What other acts of the table bring about; a step that is done by one is never recorded by hand."""

    ISSUED = "issued"
    SAMPLES_RECEIVED = "samples_received"
    CONDITIONAL_RESULTS = "conditional_results"
    RECORD_REVIEWED = "record_reviewed"
    RELEASED = "released"
    AT_CLINIC = "at_clinic"
    IDENTITY_CONFIRMED = "identity_confirmed"
    PERFUSED = "perfused"
    FINAL_RESULTS = "final_results"
    DISPOSED = "disposed"
    CLOSED = "closed"


class Verdict(StrEnum):
    """What an in-process control says of a value."""

    GO = "go"
    QA_DECIDES = "qa_decides"
    STOP = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot(Frozen):
    """One piece of evidence that a step asks for."""

    code: str
    title: Words
    hint: Words | None = None
    required: bool = True
    placeholder: bool = False
    """The site must still set this slot's values; printed as such."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanContainerSlot(Slot):
    """Scan a container of this batch: tube, vessel, unit, box; `count` different ones."""

    kind: Literal["scan_container"] = "scan_container"
    container: str
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanMaterialSlot(Slot):
    """Scan a released lot of a bill-of-materials item; `amount` (in the item's unit) is taken from it."""

    kind: Literal["scan_material"] = "scan_material"
    item: str
    amount: Decimal | None = None
    reason_if_not_first: bool = False
    """Taking a lot while another of the item ends sooner needs a reason; without this it is only recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanEquipmentSlot(Slot):
    """Scan an equipment item of this class, in calibration."""

    kind: Literal["scan_equipment"] = "scan_equipment"
    equipment_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanLocationSlot(Slot):
    """Scan the place where the cells are put."""

    kind: Literal["scan_location"] = "scan_location"
    equipment_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanWristbandSlot(Slot):
    """Scan the band on her wrist; only the one in force for this batch's participant is taken."""

    kind: Literal["scan_wristband"] = "scan_wristband"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberSlot(Slot):
    """A measured value; outside `limit` it stays on file and opens a deviation, outside `alert` it is marked."""

    kind: Literal["number"] = "number"
    unit: str
    decimals: int
    limit: Limit | None = None
    alert: Limit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Option(Frozen):
    """One answer of a choice; one that is not acceptable opens a deviation."""

    code: str
    title: Words
    acceptable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOption(Option):
    """An answer in a step. One that stops opens a critical deviation, and quality decides before the step is done."""

    stops: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceSlot(Slot):
    """One of the listed answers; nothing is pre-selected."""

    kind: Literal["choice"] = "choice"
    options: tuple[StepOption, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSlot(Slot):
    """Free text, kept detached from the chain."""

    kind: Literal["text"] = "text"
    longest: int = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSlot(Slot):
    """When something happened: the server's time, or an earlier one as a late entry."""

    kind: Literal["time"] = "time"
    late_after_minutes: int = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class CountsSlot(Slot):
    """A haemocytometer count in duplicate, live and dead cells over `squares` at a dilution.

    Gives the fields concentration (cells/mL), viability (%), cv (%), live and dead. Above `greatest_cv` a third
    count is asked, and the mean of the nearest two is used.
    """

    kind: Literal["counts"] = "counts"
    squares: int
    greatest_cv: Limit
    viability_decimals: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Input(Frozen):
    """A formula's name and the value it stands for: `step.slot` or `step.slot.field`, or a constant."""

    name: str
    source: str | None = None
    constant: Decimal | None = None
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalculationSlot(Slot):
    """A value that the system computes and nobody can type."""

    kind: Literal["calculation"] = "calculation"
    formula: str
    formula_version: str
    inputs: tuple[Input, ...]
    unit: str
    decimals: int
    limit: Limit | None = None
    alert: Limit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Band(Frozen):
    """A range of an in-process control and what follows from it."""

    limit: Limit
    verdict: Verdict
    says: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class InProcessControlSlot(Slot):
    """Judges a value already on file (`of`: step.slot or step.slot.field) against bands that cover the line."""

    kind: Literal["in_process_control"] = "in_process_control"
    of: str
    unit: str
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSlot(Slot):
    """A QC sample is taken into a labelled container; the label's code is scanned."""

    kind: Literal["sample"] = "sample"
    sample: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSlot(Slot):
    """Labels are printed (`copies` serials), applied or destroyed, and must balance before the step closes."""

    kind: Literal["label"] = "label"
    label: str
    copies: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverSlot(Slot):
    """Custody is given to a role at a place; the receiver confirms in a session of their own."""

    kind: Literal["handover"] = "handover"
    event: str
    container: str
    to_role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondPersonSlot(Slot):
    """A second person, live at the station, stands behind a statement by PIN."""

    kind: Literal["second_person"] = "second_person"
    statement: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldTimeSlot(Slot):
    """The time between two recorded moments (`since`, `until`: a time slot, or the moment a slot was recorded).

    Computed, never typed. The clock starts when `since` is on file and the scheduler opens the deviation when
    the limit passes with `until` still missing.
    """

    kind: Literal["hold_time"] = "hold_time"
    since: str
    until: str
    most_minutes: int
    stop_minutes: int | None = None
    """Beyond this the batch may not go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way(Frozen):
    """One way that a branch can take; one that is not acceptable opens a deviation."""

    code: str
    title: Words
    limit: Limit | None = None
    """The values that lead this way, where the system decides."""
    acceptable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchSlot(Slot):
    """A decision that says which later steps are asked for (`when` of a step).

    With `of` (step.slot or step.slot.field, in `unit`) the system takes the way whose limit the value keeps; without
    it a person chooses.
    """

    kind: Literal["branch"] = "branch"
    ways: tuple[Way, ...]
    of: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoSlot(Slot):
    """A picture taken at the bench; kept under the hash of its bytes and printed small in the record."""

    kind: Literal["photo"] = "photo"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSlot(Slot):
    """A file as an instrument or another party made it: a logger's export, a report; kept byte for byte."""

    kind: Literal["file"] = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span(Frozen):
    """An interval between two moments on file; counted only if `reading`, a number taken at its end, kept its limit."""

    since: str
    until: str
    reading: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalTimeSlot(Slot):
    """The sum of several intervals in hours, such as hypoxia (F14). Computed, never typed."""

    kind: Literal["total_time"] = "total_time"
    spans: tuple[Span, ...]
    decimals: int = 2
    limit: Limit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelBalanceSlot(Slot):
    """Every label that the whole batch printed is accounted for (F17). Computed, never typed."""

    kind: Literal["label_balance"] = "label_balance"


AnySlot = (
    ScanContainerSlot
    | ScanMaterialSlot
    | ScanEquipmentSlot
    | ScanLocationSlot
    | ScanWristbandSlot
    | NumberSlot
    | ChoiceSlot
    | TextSlot
    | TimeSlot
    | CountsSlot
    | CalculationSlot
    | InProcessControlSlot
    | SampleSlot
    | LabelSlot
    | HandoverSlot
    | SecondPersonSlot
    | HoldTimeSlot
    | BranchSlot
    | PhotoSlot
    | FileSlot
    | TotalTimeSlot
    | LabelBalanceSlot
)


@dataclass(frozen=True, slots=True, kw_only=True)
class When(Frozen):
    """A step is asked for only when a branch (step.slot) took one of these ways."""

    branch: str
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Frozen):
    """One thing that is done and confirmed as a whole."""

    code: str
    title: Words
    instructions: tuple[Words, ...]
    why: Words | None = None
    sop: str | None = None
    day: int
    """Culture day on which it is planned; day 0 is the day of receipt, days before it are negative."""
    who: Who
    second_person: SecondPerson
    second_who: Who = Who.IDENTIFIED
    training: str | None = None
    """The training subject that performer and second person must hold; the master record's own code if absent."""
    role: str = "technician"
    """Who performs it, by name of a role; in the clinic it is the clinician."""
    when: When | None = None
    done_by: Milestone | None = None
    """The step is done when this is on file; it asks for no evidence of its own."""
    evidence: tuple[AnySlot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage(Frozen):
    """A group of steps under one title."""

    code: str
    title: Words
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Frozen):
    """A line of the bill of materials."""

    code: str
    title: Words
    unit: str
    grade: str
    placeholder: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Container(Frozen):
    """A kind of labelled container of the batch: how many there are and what their codes are."""

    code: str
    title: Words
    code_type: str
    """Name of a member of lims.domain.codes.CodeType."""
    count: int
    parents: tuple[str, ...] = ()
    """Container kinds that it is filled from."""


class Gate(StrEnum):
    """The release that a test must have passed before."""

    CONDITIONAL = "conditional"
    FINAL = "final"
    NONE = "none"
    """Reported only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retest(Frozen):
    """What may be tested again when a result is outside its specification and no laboratory error explains it."""

    count: int
    """So many retests, each by another analyst than the first; never more."""
    report: Literal["mean", "last"]
    """What is reported then: the mean of the first result and every retest, or the last one if every retest passes."""
    placeholder: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Test(Frozen):
    """A QC test with its specification: a numeric limit, an expected answer, or report only."""

    __test__ = False

    code: str
    title: Words
    sample: str
    method: str
    unit: str | None = None
    limit: Limit | None = None
    options: tuple[Option, ...] = ()
    gate: Gate
    least_hours: int = 0
    """A result before this time after sampling cannot be true."""
    due_days: int = 0
    flow_file: bool = False
    """The cytometer's own file is kept beside the result."""
    placeholder: bool = False
    retest: Retest | None = None
    """None: a result outside the specification stands, unless a laboratory error is found behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Yield(Frozen):
    """A stage's actual yield against the theoretical one, in percent."""

    code: str
    title: Words
    actual: str
    theoretical: str
    limit: Limit
    placeholder: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample(Frozen):
    """A line of the sample plan."""

    code: str
    title: Words
    container: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Label(Frozen):
    """A label that the batch prints; legal texts come from the profile."""

    code: str
    title: Words
    container: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose(Frozen):
    """Where the release and the perfusion find the product's own numbers."""

    concentration: str
    """`step.slot.field` of the final viable concentration, cells/mL."""
    purity_test: str
    fill_volume: str
    fill_end: str
    product: str
    """Container kind of the product unit."""
    least_delivered: Limit
    """Viable cells that a perfusion must deliver."""
    placeholder: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterBatchRecord(Frozen):
    """One approved version of how the product is made."""

    format: Literal["mbr/1"] = "mbr/1"
    code: str
    version: str
    title: Words
    product: Words
    strength: Words
    protocol: str
    profile_notes: tuple[Words, ...] = ()
    shelf_life_hours: int
    storage: Words
    precautions: tuple[Words, ...] = ()
    materials: tuple[Item, ...]
    containers: tuple[Container, ...]
    stages: tuple[Stage, ...]
    operations: tuple[Step, ...] = ()
    """Steps that nobody plans: each can be added to a running batch when it is needed, with a reason."""
    samples: tuple[Sample, ...]
    tests: tuple[Test, ...]
    labels: tuple[Label, ...]
    yields: tuple[Yield, ...]
    dose: Dose
    placeholders: tuple[str, ...] = ()
    """Names of the fields of this header that the site must still set."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps in their order."""
        return tuple(step for stage in self.stages for step in stage.steps)

    def step(self, code: str) -> Step:
        """The step of that code, or the operation that was added under it; KeyError when there is none."""
        if (step := self.step_or_none(code)) is None:
            raise KeyError(code)
        return step

    def step_or_none(self, code: str) -> Step | None:
        """As `step`; an added operation has its own code and a number."""
        added = code.rpartition("_")[0]
        named = {step.code: step for step in self.operations if step.code == added}
        return next((step for step in self.steps if step.code == code), named.get(added))

    def operation(self, code: str) -> Step:
        """The unplanned operation of that code; KeyError when there is none."""
        return {step.code: step for step in self.operations}[code]

    def test(self, code: str) -> Test:
        """The QC test of that code; KeyError when there is none."""
        for test in self.tests:
            if test.code == code:
                return test
        raise KeyError(code)

    def plain(self) -> Json:
        """The record as canonical JSON, as it is embedded in every batch issued from it."""
        return to_plain(self)

    @property
    def sha256(self) -> str:
        """The hash that two people approve: over the canonical JSON."""
        return tagged_hash("lims/master/1", canon(self.plain()))
