"""The way of one batch, stage by stage: what is done, what is next, what a branch left out, what was added."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from lims.domain.batch_record import BatchRecord, StepRecord
from lims.domain.entries.batch import OperationAdded
from lims.domain.entries.envelope import Entry
from lims.domain.entries.values import Branched
from lims.domain.master_batch_record import BranchSlot, SecondPerson, Step, Words
from lims.domain.numbering import numbers_of

ASKED = frozenset({"done", "now", "verify", "open"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """The branch on which a step depends, and the way that was taken, if that is decided."""

    step: Step
    number: str
    title: Words
    wanted: tuple[Words, ...]
    """The ways that lead to the step."""
    taken: Words | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A step in the list: how far it is, who stood behind it, and why it is or is not there."""

    step: Step
    number: str
    state: str
    """done, now, verify or open; away: its way was not taken; later: its branch is not decided."""
    record: StepRecord
    deviations: int = 0
    open_deviations: int = 0
    fork: Fork | None = None
    operation: Entry | None = None
    """The act that added it, where nobody had planned it."""
    milestone: Entry | None = None
    """What brought it about, where it is done by another act and that is on file."""

    @property
    def is_asked(self) -> bool:
        """It belongs to what this batch has to do."""
        return self.state in ASKED

    @property
    def at(self) -> datetime | None:
        """When it was done."""
        done = self.milestone or self.record.confirmed
        return done.time if done else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One stage of the master batch record with its steps in this batch."""

    code: str
    title: Words
    lines: tuple[Line, ...]

    @property
    def asked(self) -> tuple[Line, ...]:
        """The steps that this batch has to do."""
        return tuple(line for line in self.lines if line.is_asked)

    @property
    def done(self) -> int:
        """How many of them are confirmed."""
        return sum(line.state in ("done", "verify") for line in self.asked)

    @property
    def to_verify(self) -> int:
        """How many wait for a second person."""
        return sum(line.state == "verify" for line in self.asked)

    @property
    def open_deviations(self) -> int:
        """Deviations of its steps that wait for a decision."""
        return sum(line.open_deviations for line in self.lines)

    @property
    def deviations(self) -> int:
        """Deviations of its steps."""
        return sum(line.deviations for line in self.lines)

    @property
    def state(self) -> str:
        """done, now (the current step is in it) or open."""
        if any(line.state == "now" for line in self.lines):
            return "now"
        return "done" if self.asked and self.done == len(self.asked) else "open"

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """From the first to the last step that was done."""
        times = [line.at for line in self.asked if line.at]
        return (min(times), max(times)) if times else None

    def position(self, code: str) -> int:
        """Which of its steps it is, counted from 1 among those that are asked."""
        return next((at for at, line in enumerate(self.asked, start=1) if line.step.code == code), 0)


def outline(batch: BatchRecord) -> tuple[Group, ...]:
    """All stages of the master batch record in their order, with added operations where they were needed."""
    building = _Building(batch)
    return tuple(
        Group(code=stage.code, title=stage.title, lines=tuple(building.lines(stage.steps)))
        for stage in batch.master.stages
    )


def group_of(groups: tuple[Group, ...], code: str) -> Group | None:
    """The stage in which a step stands."""
    return next((group for group in groups if any(line.step.code == code for line in group.lines)), None)


def fork_of(batch: BatchRecord, step: Step, numbers: Mapping[str, str]) -> Fork | None:
    """The branch on which a step depends."""
    if step.when is None:
        return None
    code, slot_code = step.when.branch.split(".")
    source = batch.master.step(code)
    slot = next(item for item in source.evidence if item.code == slot_code)
    assert isinstance(slot, BranchSlot)
    value = batch.value(code, slot_code)
    titles = {way.code: way.title for way in slot.ways}
    return Fork(
        step=source,
        number=numbers[code],
        title=slot.title,
        wanted=tuple(titles[way] for way in step.when.ways),
        taken=titles.get(value.way) if isinstance(value, Branched) else None,
    )


class _Building:
    """What the lines of a batch are made of, looked up once."""

    def __init__(self, batch: BatchRecord) -> None:
        self.batch = batch
        self.numbers = numbers_of(batch)
        self.current = batch.current
        self.asked = {step.code: step for step in batch.plan}
        self.before: dict[str, list[Entry]] = {}
        for entry in batch.operations:
            assert isinstance(entry.fact, OperationAdded)
            self.before.setdefault(entry.fact.before, []).append(entry)
        self.deviations: dict[str | None, list[bool]] = {}
        for deviation in batch.deviations.values():
            self.deviations.setdefault(deviation.fact.step, []).append(deviation.decided is None)

    def lines(self, steps: tuple[Step, ...]) -> Iterator[Line]:
        for step in steps:
            yield from self._added(step.code)
            yield self._line(step)

    def _added(self, before: str) -> Iterator[Line]:
        """Operations that were added before a step, each after those that were added before it."""
        for entry in self.before.get(before, ()):
            assert isinstance(entry.fact, OperationAdded)
            yield from self._added(entry.fact.step)
            yield self._line(self.asked[entry.fact.step], operation=entry)

    def _line(self, step: Step, operation: Entry | None = None) -> Line:
        record = self.batch.steps.get(step.code, StepRecord())
        found = self.deviations.get(step.code, [])
        fork = fork_of(self.batch, step, self.numbers)
        return Line(
            step=step,
            number=self.numbers[step.code],
            state=self._state(step, record, fork),
            record=record,
            deviations=len(found),
            open_deviations=sum(found),
            fork=fork,
            operation=operation,
            milestone=self.batch.reached.get(step.done_by) if step.done_by else None,
        )

    def _state(self, step: Step, record: StepRecord, fork: Fork | None) -> str:
        if step.code not in self.asked:
            return "away" if fork and fork.taken else "later"
        if step.done_by in self.batch.reached if step.done_by else record.confirmed:
            waits = step.second_person is SecondPerson.REVIEW and record.verified is None
            return "verify" if waits and not step.done_by else "done"
        return "now" if self.current and self.current.code == step.code else "open"
