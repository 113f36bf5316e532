"""Several acts as one block: a whole step, slot by slot in the order of the master batch record; samples; results."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lims.actions.frozen import frozen
from lims.actions.work import Outcome
from lims.domain.batch_record import BatchRecord
from lims.domain.computing import is_computed
from lims.domain.master_batch_record import (
    AnySlot,
    BranchSlot,
    ChoiceSlot,
    CountsSlot,
    FileSlot,
    HandoverSlot,
    LabelSlot,
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
    TextSlot,
    TimeSlot,
)
from lims.rehearsal.instance import Stage
from lims.rehearsal.moments import span
from lims.rehearsal.script import Block, Counted, HandedTo, Happened, Receiving, Results

Call = Callable[[str, str, Mapping[str, object]], Outcome]
"""Plays one act of the block: who, which act, with what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneAct:
    """An act of the block; `after` is waited for first."""

    name: str
    who: str
    given: Mapping[str, object]
    after: timedelta = timedelta(0)


class Unplayable(ValueError):
    """The block does not say what the step needs, or says what the step does not have."""


@dataclass(slots=True, kw_only=True)
class StepBlock:
    """One block while it is played; `at` goes on with every act."""

    stage: Stage
    block: Block
    call: Call
    at: datetime

    def play(self) -> Iterator[datetime]:
        """Yields when its next act is to be, and does it when it is resumed. Raises Unplayable."""
        yield self.at
        batch = self.stage.names.read(self.block.batch)
        step = self._step(self._record(batch))
        for slot in step.evidence:
            if slot.code == self.block.before:
                return
            if is_computed(slot) or self._record(batch).is_filled(step.code, slot):
                continue
            for act in self._acts(batch, step, slot):
                self.at += act.after
                yield self.at
                self.call(act.who, act.name, act.given)
                self._wait()
        if self.block.before is not None or not self.block.confirm:
            return
        yield self.at
        self.call(self.block.who, "confirm_step", {"batch": batch, "step": step.code})
        if self.block.verify is not None:
            self._wait()
            yield self.at
            self.call(self.block.verify, "verify_step", {"batch": batch, "step": step.code})

    def _wait(self) -> None:
        self.at += span(self.block.every)

    def _record(self, batch: str) -> BatchRecord:
        return frozen(self.stage.site, batch)

    def _step(self, record: BatchRecord) -> Step:
        step = next((item for item in record.plan if item.code == self.block.step), None)
        if step is None:
            raise Unplayable(f"{record.master.code} has no step {self.block.step}")
        known = {slot.code for slot in step.evidence if not is_computed(slot)}
        wanted = {*self.block.given, *([self.block.before] if self.block.before else [])}
        if strange := sorted(wanted - {slot.code for slot in step.evidence}):
            raise Unplayable(f"step {step.code} has no {strange[0]}")
        if typed := sorted(set(self.block.given) - known):
            raise Unplayable(f"{step.code}.{typed[0]} is computed; nobody can enter it")
        return step

    def _by_performer(self, name: str, **given: object) -> OneAct:
        return OneAct(name=name, who=self.block.who, given=given)

    def _acts(self, batch: str, step: Step, slot: AnySlot) -> Iterator[OneAct]:
        """The acts that fill one slot; each is played before the next is made."""
        at = {"batch": batch, "step": step.code, "slot": slot.code}
        match slot:
            case ScanContainerSlot():
                for code in self._containers(batch, slot):
                    yield self._by_performer("record_evidence", **at, raw=code)
            case LabelSlot():
                yield from self._labels(batch, step, slot)
            case HandoverSlot():
                yield from self._hand_over(batch, step, slot)
            case SecondPersonSlot():
                yield self._by_performer("witness_step", **at, witness=self._said(slot))
            case _:
                given = self._evidence(batch, slot)
                if given is not None:
                    yield self._by_performer("record_evidence", **at, **given)

    def _said(self, slot: AnySlot) -> str:
        said = self.block.given.get(slot.code)
        if not isinstance(said, str):
            raise Unplayable(f"{self.block.step}.{slot.code} is not given, or not as words or digits")
        return said

    def _containers(self, batch: str, slot: ScanContainerSlot) -> tuple[str, ...]:
        given = self.block.given.get(slot.code)
        if isinstance(given, tuple):
            return tuple(given)
        if isinstance(given, str):
            return (given,)
        on_file = self._record(batch).slots.get((self.block.step, slot.code))
        scanned = {scan.code for scan in on_file.scans} if on_file else set()
        codes = [self._container(batch, slot.container, index) for index in range(1, slot.count + 1)]
        return tuple(code for code in codes if code not in scanned)

    def _container(self, batch: str, kind: str, index: int = 1) -> str:
        for code, item in self._record(batch).containers.items():
            if (item.container, item.index) == (kind, index):
                return code
        raise Unplayable(f"batch {batch} has no {kind} {index}")

    def _evidence(self, batch: str, slot: AnySlot) -> dict[str, object] | None:
        """What goes into a slot; None for one that may stay empty and is not given."""
        given = self.block.given.get(slot.code)
        match slot, given:
            case (ScanMaterialSlot(), None):
                return {"raw": f"${{lot.{slot.item}}}"}
            case (ScanEquipmentSlot() | ScanLocationSlot(), None):
                return {"raw": f"${{equipment.{slot.equipment_class}}}"}
            case (ScanWristbandSlot(), None):
                return {"raw": "${wristband}"}
            case (SampleSlot(), None):
                samples = self._record(batch).master.samples
                kind = next(item.container for item in samples if item.code == slot.sample)
                return {"raw": self._container(batch, kind)}
            case (TimeSlot(), None):
                return {}
            case (_, None) if not slot.required:
                return None
            case (CountsSlot(), Counted() as counted):
                return {"counts": counted.counts, "dilution": counted.dilution}
            case (TimeSlot(), Happened() as happened):
                return {"at": happened.at, "reason": happened.reason}
            case (TimeSlot(), str()):
                return {"at": given}
            case (PhotoSlot() | FileSlot(), str()):
                return {"file": given}
            case (ChoiceSlot() | BranchSlot(), str()):
                return {"option": given}
            case (TextSlot(), str()):
                return {"text": given}
            case (NumberSlot(), str()):
                return {"raw": given, "means": "typed"}
            case (_, str()):
                return {"raw": given}
            case _:
                raise Unplayable(f"{self.block.step}.{slot.code} is not given, or not in the shape it takes")

    def _labels(self, batch: str, step: Step, slot: LabelSlot) -> Iterator[OneAct]:
        fates = self.block.given.get(slot.code)
        if not isinstance(fates, tuple):
            raise Unplayable(
                f"{step.code}.{slot.code} needs the fate of every label, such as [applied, attached]"
            )
        at = {"batch": batch, "step": step.code, "slot": slot.code}
        if not (printed := self._unaccounted(batch, step, slot)):
            yield self._by_performer("print_labels", **at)
            printed = self._unaccounted(batch, step, slot)
        if len(fates) > len(printed):
            raise Unplayable(f"{step.code}.{slot.code} has {len(printed)} labels, not {len(fates)}")
        for serial, fate in zip(printed, fates, strict=False):
            yield self._by_performer("account_label", **at, serial=serial, fate=fate)

    def _unaccounted(self, batch: str, step: Step, slot: LabelSlot) -> list[str]:
        return [
            item.serial
            for item in self._record(batch).labels.values()
            if (item.step, item.slot) == (step.code, slot.code) and item.fate is None
        ]

    def _hand_over(self, batch: str, step: Step, slot: HandoverSlot) -> Iterator[OneAct]:
        to = self.block.given.get(slot.code)
        if to is None and not slot.required:
            return
        if not isinstance(to, HandedTo):
            raise Unplayable(f"{step.code}.{slot.code} needs to whom and where: {{to: …, place: …}}")
        code = self._container(batch, slot.container)
        yield self._by_performer(
            "offer_custody",
            batch=batch,
            container=code,
            to_role=slot.to_role,
            to_place=to.place,
            condition=to.condition,
            temperature=to.temperature,
            step=step.code,
            slot=slot.code,
        )
        taken = {"batch": batch, "scanned": code, "condition": to.condition}
        yield OneAct(name="take_custody", who=to.to, given=taken, after=span(to.after))


def in_laboratory(play: Receiving | Results, *, stage: Stage) -> Iterator[OneAct]:
    """The acts by which QC receives samples, or enters and reviews results."""
    batch = stage.names.read(play.batch)
    if isinstance(play, Receiving):
        for kind in play.receives:
            code = f"${{{play.batch.removeprefix('${').removesuffix('}')}.{kind}}}"
            yield OneAct(name="receive_sample", who=play.who, given={"batch": batch, "code": code})
        return
    tests = {test.code: test for test in frozen(stage.site, batch).master.tests}
    for code, said in play.results.items():
        field = "option" if code in tests and tests[code].options else "raw"
        about = {"batch": batch, "test": code}
        yield OneAct(name="enter_result", who=play.who, given={**about, field: said})
        yield OneAct(name="review_result", who=play.review, given={**about, "agreed": True})
