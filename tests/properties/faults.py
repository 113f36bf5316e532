"""The operators of the fault set: each plants one sort of fault at every place of a batch where it fits.

An operator plays the ten-step batch and, wherever it fits, does what should not be done. What it planted is known
from what it did, never from what the review finds.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import ClassVar

import pytest

from lims.actions import culture, custody, deviations, evidence, qc, release, temperature_log, trial
from lims.actions.attaching import Upload
from lims.actions.evidence import NOTHING, Entered
from lims.actions.site import Site
from lims.actions.work import Actor, Outcome
from lims.domain.entries.batch import CustodyOffered, DeviationOpened, EvidenceCorrected
from lims.domain.entries.envelope import Entry, Fact, refusals_of
from lims.domain.entries.values import Means
from lims.domain.exception_classes import Class
from lims.domain.master_batch_record import (
    AnySlot,
    ChoiceSlot,
    LabelSlot,
    NumberSlot,
    SampleSlot,
    ScanContainerSlot,
    ScanEquipmentSlot,
    ScanLocationSlot,
    ScanMaterialSlot,
    SecondPerson,
    SecondPersonSlot,
    Step,
    Test,
    TimeSlot,
)
from lims.domain.refusals import Refused
from tests.builders import Played
from tests.cast import CLIN_A, COORD, INSPECTOR, QA_A, QA_B, QC_A, QC_B, TECH_A, TECH_B
from tests.player.scripts import NUMBERS, BatchScript
from tests.player.stage import Script

Attempt = tuple[str, Entered, str]
"""With what or by whom, as the place tells it; what is entered; the person."""
EQUIPMENT = ScanEquipmentSlot | ScanLocationSlot
SCANS = (ScanMaterialSlot, ScanContainerSlot, ScanEquipmentSlot, ScanLocationSlot)


def scanned(code: str) -> Entered:
    """A code as a scanner reads it."""
    return Entered(raw=code, means=Means.SCANNED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One fault: where, of which class it must appear, and by which entry it is on file."""

    place: str
    classed: Class
    entry: Entry


@dataclass(kw_only=True)
class Stock:
    """What must not be taken: by item or class of equipment, and another woman's batch."""

    expired: dict[str, str] = field(default_factory=dict)
    quarantined: dict[str, str] = field(default_factory=dict)
    uncalibrated: dict[str, str] = field(default_factory=dict)
    other_batch: BatchScript


class Faulty(BatchScript):
    """A batch of one operator; this one plants nothing and is the clean batch."""

    fits: ClassVar[str] = "nowhere"
    plants: ClassVar[Mapping[Class, int]] = {}
    """How many faults of each class that comes to."""
    stock: Stock
    planted: list[Planted]

    @classmethod
    def of(cls, played: Played, stock: Stock) -> "Faulty":
        """A batch for a new participant."""
        stage = played.stage
        script = cls(stage=stage, participant=stage.enrol(), start=stage.clock.now())
        script.stock, script.planted = stock, []
        return script

    def whole(self) -> Script:
        """From issue to the conditional release, with every fault on the way."""
        yield from self.issued()
        yield from self.bench()
        yield from self.tested()

    def before_step(self, step: Step) -> Script:
        """What is done before a step begins."""
        yield from ()

    def before_slot(self, step: Step, slot: AnySlot) -> Script:
        """What is done before a slot is filled as it should be."""
        yield from ()

    def after_step(self, step: Step) -> Script:
        """What is done when a step is over."""
        yield from ()

    def bench(self, until: str | None = None, *, half: bool = False) -> Script:
        """The bench as it should be, step by step, with what comes before and after each."""
        first = None
        for step in self.stage.master.steps:
            if first is not None and step.day:
                self.at = max(self.at, first + timedelta(days=step.day))
            yield self.wait(60 if first is None else 6)
            first = first or self.at
            yield from self.before_step(step)
            for slot in step.evidence:
                yield from self.before_slot(step, slot)
                if not self.record.is_filled(step.code, slot):
                    yield from self._fill(step, slot)
            yield from self._finish(step)
            yield from self.after_step(step)

    def by(self, person: str) -> tuple[Site, Actor, str]:
        """The three arguments that every act begins with."""
        return self.stage.site, self.stage.actor(person), self.stage.request()

    def put(self, place: str, classed: Class, outcome: Outcome, kind: type[Fact] | None = None) -> None:
        """A fault that was taken on file: every entry of a kind that came of it, or the first entry of all."""
        found = [entry for entry in outcome.entries if kind is None or isinstance(entry.fact, kind)]
        assert found, f"{place}: nothing of the kind is on file"
        for entry in found if kind else found[:1]:
            self.planted.append(Planted(place=place, classed=classed, entry=entry))

    def refused(self, place: str, classed: Class, rule: str, attempt: Callable[[], object]) -> None:
        """A fault that the system refuses by this rule, once, and puts on file."""
        before = self.refusals
        with pytest.raises(Refused) as caught:
            attempt()
        assert caught.value.rule == rule, f"{type(self).__name__} at {place}: {caught.value}"
        after = self.refusals
        assert len(after) == len(before) + 1, f"{place}: the refusal is not on file"
        self.planted.append(Planted(place=place, classed=classed, entry=after[-1]))

    @property
    def refusals(self) -> tuple[Entry, ...]:
        """Refused acts on this batch."""
        with self.stage.site.ledger.reading() as book:
            return book.entries(refusals_of(f"batch:{self.batch}"))

    def give(
        self,
        step: Step,
        slot: AnySlot,
        entered: Entered,
        *,
        by: str = TECH_A,
        witness: Actor | None = None,
    ) -> Outcome:
        """Record something in a slot."""
        return evidence.record_evidence(
            *self.by(by),
            batch=self.batch,
            step=step.code,
            slot=slot.code,
            entered=entered,
            witness=witness,
        )

    def right(self, step: Step, slot: AnySlot) -> Entered:
        """What belongs into a slot that one scan, number or answer fills."""
        stage = self.stage
        match slot:
            case ScanMaterialSlot():
                return scanned(stage.lots[slot.item])
            case ScanEquipmentSlot() | ScanLocationSlot():
                return scanned(stage.things[slot.equipment_class])
            case ScanContainerSlot():
                return scanned(self.container(slot.container))
            case SampleSlot():
                kind = next(item.container for item in stage.master.samples if item.code == slot.sample)
                return scanned(self.container(kind))
            case NumberSlot():
                return Entered(raw=NUMBERS[step.code, slot.code])
            case ChoiceSlot():
                return Entered(option=slot.options[0].code)
            case _:
                return NOTHING

    def is_open_to(self, slot: AnySlot) -> bool:
        """One person fills it with one scan, number or answer."""
        return isinstance(slot, (*SCANS, NumberSlot, ChoiceSlot))

    def correct(self, step: Step, slot: AnySlot, entered: Entered) -> Outcome:
        """Put another value in the place of one, with all that it carries along."""
        place = _at(step, slot)
        outcome = evidence.correct_evidence(
            *self.by(TECH_A),
            batch=self.batch,
            step=step.code,
            slot=slot.code,
            replaces_seq=self.record.slots[step.code, slot.code].last.seq,
            reason_code="typing",
            entered=entered,
        )
        self.put(place, Class.CORRECTION, outcome, EvidenceCorrected)
        if outcome.has(DeviationOpened):
            self.put(place, Class.LIMIT, outcome, DeviationOpened)
        return outcome

    def confirm(self, step: Step, *, by: str = TECH_A) -> Outcome:
        """Confirm a step."""
        return culture.confirm_step(*self.by(by), batch=self.batch, step=step.code)


class Refusing(Faulty):
    """An operator that tries, before the right entry of a slot, what a rule refuses."""

    classed: ClassVar[Class]
    rule: ClassVar[str]

    def tried(self, step: Step, slot: AnySlot) -> Iterator[Attempt]:
        """What is tried at a slot."""
        yield from ()

    def before_slot(self, step: Step, slot: AnySlot) -> Script:
        for with_what, entered, person in self.tried(step, slot):
            attempt = partial(self.give, step, slot, entered, by=person)
            self.refused(f"{_at(step, slot)}{with_what}", self.classed, self.rule, attempt)
        yield from ()


class OutOfLimit(Faulty):
    fits = "every number with a limit and every answer with one that is not acceptable"
    plants: ClassVar = {Class.LIMIT: 24, Class.CORRECTION: 24}

    def before_slot(self, step: Step, slot: AnySlot) -> Script:
        wrong = None
        if isinstance(slot, NumberSlot) and slot.limit is not None:
            wrong = Entered(raw=_beyond(slot))
        elif isinstance(slot, ChoiceSlot):
            found = (option.code for option in slot.options if not option.acceptable)
            wrong = next((Entered(option=code) for code in found), None)
        if wrong is not None:
            outcome = self.give(step, slot, wrong)
            self.put(_at(step, slot), Class.LIMIT, outcome, DeviationOpened)
            yield from self.decide()
            self.correct(step, slot, self.right(step, slot))
        yield from ()


def _beyond(slot: NumberSlot) -> str:
    limit = slot.limit
    assert limit is not None
    step = Decimal(1).scaleb(-limit.decimals)
    return str(limit.high + step if limit.high is not None else limit.low - step)


def _at(step: Step, slot: AnySlot | None = None) -> str:
    return f"{step.code}/{slot.code}" if slot else step.code


class OutOfOrder(Faulty):
    fits = "every step before which another has to come"
    plants: ClassVar = {Class.SEQUENCE: 45}

    def before_step(self, step: Step) -> Script:
        steps = self.stage.master.steps
        for later in steps[steps.index(step) + 1 :]:
            slot = later.evidence[0]
            self.refused(
                f"{_at(later, slot)} before {step.code}",
                Class.SEQUENCE,
                "step.not_yet",
                lambda later=later, slot=slot: self.give(later, slot, self.right(later, slot)),
            )
        yield from ()


class Missing(Faulty):
    fits = "every slot that has to be filled before its step is confirmed"
    plants: ClassVar = {Class.MISSING: 57}

    def before_slot(self, step: Step, slot: AnySlot) -> Script:
        if not self.record.is_filled(step.code, slot) and slot.required:
            self.refused(_at(step, slot), Class.MISSING, "step.missing", lambda: self.confirm(step))
        yield from ()


class Typed(Faulty):
    fits = "every code that is to be scanned"
    plants: ClassVar = {Class.TYPED: 25}

    def before_slot(self, step: Step, slot: AnySlot) -> Script:
        if isinstance(slot, SCANS):
            codes = [self.right(step, slot).raw]
            if isinstance(slot, ScanContainerSlot):
                codes = [self.container(slot.container, index) for index in range(1, slot.count + 1)]
            for code in codes:
                outcome = self.give(step, slot, Entered(raw=code, means=Means.TYPED))
                self.put(f"{_at(step, slot)} {code}", Class.TYPED, outcome)
        yield from ()


class Corrected(Faulty):
    fits = "every number and every answer with two that are acceptable"
    plants: ClassVar = {Class.CORRECTION: 38, Class.LIMIT: 1}

    def before_slot(self, step: Step, slot: AnySlot) -> Script:
        for entered in self._others(step, slot):
            self.give(step, slot, self.right(step, slot))
            yield self.wait(0.2)
            for value in (entered, self.right(step, slot)):
                self.correct(step, slot, value)

    def _others(self, step: Step, slot: AnySlot) -> Iterator[Entered]:
        if isinstance(slot, ChoiceSlot):
            good = [option.code for option in slot.options if option.acceptable]
            yield from (Entered(option=code) for code in good[1:2])
        elif isinstance(slot, NumberSlot) and slot.limit and slot.limit.low != slot.limit.high:
            right = Decimal(NUMBERS[step.code, slot.code])
            moved = right - Decimal(1).scaleb(-slot.decimals)
            if slot.limit.low is None or moved >= slot.limit.low:
                yield Entered(raw=str(moved))


class VerifiedThenCorrected(Faulty):
    fits = "every number of a step that a second person has verified"
    plants: ClassVar = {Class.CORRECTION: 50, Class.SIGNATURE: 26, Class.LIMIT: 1}

    def after_step(self, step: Step) -> Script:
        for slot in step.evidence:
            if step.second_person is SecondPerson.REVIEW and isinstance(slot, ChoiceSlot):
                good = [option.code for option in slot.options if option.acceptable]
                for code in good[1:2]:
                    yield from self._again(step, slot, Entered(option=code))
                    yield from self._again(step, slot, self.right(step, slot))
            elif step.second_person is SecondPerson.REVIEW and isinstance(slot, NumberSlot) and slot.limit:
                right = Decimal(NUMBERS[step.code, slot.code])
                for moved in (right + Decimal(1).scaleb(-slot.decimals), right):
                    if slot.limit.low != slot.limit.high:
                        yield from self._again(step, slot, Entered(raw=str(moved)))

    def _again(self, step: Step, slot: AnySlot, entered: Entered) -> Script:
        self.put(_at(step, slot), Class.SIGNATURE, self.correct(step, slot, entered))
        yield from self._finish(step) if not self.record.is_confirmed(step.code) else self._verify(step)

    def _verify(self, step: Step) -> Script:
        yield self.wait(1)
        culture.verify_step(
            *self.by(TECH_B),
            batch=self.batch,
            step=step.code,
            seen_seq=self.record.steps[step.code].last_seq,
        )


class WrongLot(Refusing):
    fits = "every lot that is scanned, with the lot of every other item"
    plants: ClassVar = {Class.MATERIAL: 20}
    classed = Class.MATERIAL
    rule = "lot.wrong_item"

    def tried(self, step: Step, slot: AnySlot) -> Iterator[Attempt]:
        if isinstance(slot, ScanMaterialSlot):
            others = ((item, lot) for item, lot in self.stage.lots.items() if item != slot.item)
            yield from ((f" with {item}", scanned(lot), TECH_A) for item, lot in others)


class Expired(Refusing):
    fits = "every lot that is scanned"
    plants: ClassVar = {Class.MATERIAL: 5}
    classed = Class.MATERIAL
    rule = "lot.expired"

    def tried(self, step: Step, slot: AnySlot) -> Iterator[Attempt]:
        if isinstance(slot, ScanMaterialSlot):
            yield "", scanned(self.stock.expired[slot.item]), TECH_A


class Quarantined(Refusing):
    fits = "every lot that is scanned"
    plants: ClassVar = {Class.MATERIAL: 5}
    classed = Class.MATERIAL
    rule = "lot.not_released"

    def tried(self, step: Step, slot: AnySlot) -> Iterator[Attempt]:
        if isinstance(slot, ScanMaterialSlot):
            yield "", scanned(self.stock.quarantined[slot.item]), TECH_A


class Uncalibrated(Refusing):
    fits = "every piece of equipment that is scanned"
    plants: ClassVar = {Class.MATERIAL: 9}
    classed = Class.MATERIAL
    rule = "equipment.out_of_calibration"

    def tried(self, step: Step, slot: AnySlot) -> Iterator[Attempt]:
        if isinstance(slot, EQUIPMENT):
            yield "", scanned(self.stock.uncalibrated[slot.equipment_class]), TECH_A


class WrongEquipment(Refusing):
    fits = "every piece of equipment that is scanned, with one of every other class"
    plants: ClassVar = {Class.MATERIAL: 45}
    classed = Class.MATERIAL
    rule = "equipment.wrong_class"

    def tried(self, step: Step, slot: AnySlot) -> Iterator[Attempt]:
        if isinstance(slot, EQUIPMENT):
            others = (
                (kind, code) for kind, code in self.stage.things.items() if kind != slot.equipment_class
            )
            yield from ((f" with {kind}", scanned(code), TECH_A) for kind, code in others)


class OtherWoman(Refusing):
    fits = "every container that is scanned, with the same of another participant's batch"
    plants: ClassVar = {Class.IDENTITY: 7}
    classed = Class.IDENTITY
    rule = "scan.other_batch"

    def tried(self, step: Step, slot: AnySlot) -> Iterator[Attempt]:
        if isinstance(slot, ScanContainerSlot):
            yield "", scanned(self.stock.other_batch.container(slot.container)), TECH_A


class SelfVerified(Faulty):
    fits = "every step that a second person verifies, and every second person who stands by"
    plants: ClassVar = {Class.VERIFICATION: 17}

    def before_slot(self, step: Step, slot: AnySlot) -> Script:
        if isinstance(slot, SecondPersonSlot):
            self.refused(
                _at(step, slot),
                Class.VERIFICATION,
                "step.performer_verifies",
                lambda: self.give(step, slot, NOTHING, witness=self.stage.actor(TECH_A)),
            )
        yield from ()

    def _finish(self, step: Step) -> Script:
        if step.second_person is SecondPerson.REVIEW:
            yield self.wait(1)
            self.confirm(step)
            self.refused(
                _at(step),
                Class.VERIFICATION,
                "step.performer_verifies",
                lambda: culture.verify_step(
                    *self.by(TECH_A),
                    batch=self.batch,
                    step=step.code,
                    seen_seq=self.record.steps[step.code].last_seq,
                ),
            )
            culture.send_step_back(
                *self.by(TECH_B),
                batch=self.batch,
                step=step.code,
                reason="Read it again.",
            )
            last = self.record.entries[-1]
            self.planted.append(Planted(place=_at(step), classed=Class.VERIFICATION, entry=last))
        yield from super()._finish(step)


class Unverified(Faulty):
    fits = "every step that a second person verifies"
    plants: ClassVar = {Class.VERIFICATION: 6}

    def _finish(self, step: Step) -> Script:
        yield self.wait(1)
        outcome = self.confirm(step)
        steps = self.stage.master.steps
        if step.second_person is SecondPerson.REVIEW and step is not steps[-1]:
            entry = outcome.entries[0]
            self.planted.append(Planted(place=_at(step), classed=Class.VERIFICATION, entry=entry))


class OtherRole(Refusing):
    fits = "every slot that one person fills, tried by a person of every other role"
    plants: ClassVar = {Class.ACCESS: 126}
    classed = Class.ACCESS
    rule = "act.role"

    def tried(self, step: Step, slot: AnySlot) -> Iterator[Attempt]:
        if self.is_open_to(slot):
            yield from (
                (f" by {person}", self.right(step, slot), person) for person in (QC_A, COORD, INSPECTOR)
            )


class Untrained(Refusing):
    fits = "every slot that one person fills"
    plants: ClassVar = {Class.TRAINING: 42}
    classed = Class.TRAINING
    rule = "act.training"

    def tried(self, step: Step, slot: AnySlot) -> Iterator[Attempt]:
        if self.is_open_to(slot):
            yield "", self.right(step, slot), "tech-c"


class DriftedClock(Faulty):
    fits = "every slot that one person fills"
    plants: ClassVar = {Class.CLOCK: 42}

    def before_slot(self, step: Step, slot: AnySlot) -> Script:
        clock = self.stage.clock
        if self.is_open_to(slot):
            right, clock.at = clock.at, self.record.entries[-1].time - timedelta(hours=1)
            self.refused(
                _at(step, slot),
                Class.CLOCK,
                "clock.backwards",
                lambda: self.give(step, slot, self.right(step, slot)),
            )
            clock.at = right
        yield from ()


class Late(Faulty):
    fits = "every time that a person may state, stated when its window is over"
    plants: ClassVar = {Class.LATE: 2, Class.HOLD_TIME: 1}

    def before_slot(self, step: Step, slot: AnySlot) -> Script:
        if isinstance(slot, TimeSlot) and slot.code != "draw_end":
            yield self.wait(slot.late_after_minutes + 6)
            at = self.stage.clock.now() - timedelta(minutes=slot.late_after_minutes + 5)
            outcome = self.give(step, slot, Entered(at=at, reason="The hands were full."))
            self.put(_at(step, slot), Class.LATE, outcome)
        yield from ()

    def after_step(self, step: Step) -> Script:
        for deviation in self.record.deviations.values():  # what was done late has run over its time as well
            if deviation.fact.step == step.code:
                entry = deviation.opened
                self.planted.append(Planted(place=_at(step), classed=Class.HOLD_TIME, entry=entry))
        yield from ()


class LabelsLeftOver(Faulty):
    fits = "every printed label that nobody accounts for, and every label that is printed again"
    plants: ClassVar = {Class.LABELS: 4, Class.CORRECTION: 2}

    def _labels(self, step: Step, slot: LabelSlot) -> Script:
        yield from super()._labels(step, slot)
        again = culture.print_labels(
            *self.by(TECH_A),
            batch=self.batch,
            step=step.code,
            slot=slot.code,
            reason_code="damaged",
        )
        self.put(_at(step, slot), Class.LABELS, again)

    def _finish(self, step: Step) -> Script:
        for slot in step.evidence:
            left = [label for label in self.record.labels.values() if label.fate is None]
            for label in left if isinstance(slot, LabelSlot) else ():
                place = f"{_at(step, slot)} {label.serial}"
                self.refused(place, Class.LABELS, "label.unbalanced", lambda: self.confirm(step))
                outcome = culture.account_label(
                    *self.by(TECH_A),
                    batch=self.batch,
                    step=step.code,
                    slot=slot.code,
                    serial=label.serial,
                    fate="destroyed",
                )
                if outcome.has(EvidenceCorrected):  # the balance is drawn again
                    self.put(place, Class.CORRECTION, outcome, EvidenceCorrected)
        yield from super()._finish(step)


class Reported(Faulty):
    fits = "every step"
    plants: ClassVar = {Class.DEVIATION: 10}

    def before_step(self, step: Step) -> Script:
        outcome = deviations.open_deviation(
            *self.by(TECH_A),
            batch=self.batch,
            step=step.code if self.record.seq > 1 else None,
            text="The room was opened.",
        )
        self.put(_at(step), Class.DEVIATION, outcome, DeviationOpened)
        yield from ()


class OnHold(Faulty):
    fits = "every step: it is held, an act on it is refused, and the hold is lifted"
    plants: ClassVar = {Class.HOLD: 10, Class.SEQUENCE: 10}

    def before_step(self, step: Step) -> Script:
        slot = step.evidence[0]
        outcome = release.place_hold(*self.by(QA_B), batch=self.batch, reason_code="quality")
        placed = outcome.entries[0]
        self.planted.append(Planted(place=_at(step), classed=Class.HOLD, entry=placed))
        self.refused(
            _at(step), Class.SEQUENCE, "act.hold", lambda: self.give(step, slot, self.right(step, slot))
        )
        release.lift_hold(
            *self.by(QA_A),
            batch=self.batch,
            placed_seq=placed.seq,
            reason="Explained.",
        )
        yield from ()


class HoldTime(Faulty):
    fits = "every time limit of the bench"
    plants: ClassVar = {Class.HOLD_TIME: 4}

    def before_slot(self, step: Step, slot: AnySlot) -> Script:
        for limited in step.evidence:
            if limited.kind == "hold_time" and limited.until == f"{step.code}.{slot.code}":
                yield self.wait(limited.most_minutes + 5)
                self.after_timers(step, limited)

    def after_timers(self, step: Step, limited: AnySlot) -> None:
        """The timer has opened the deviation by itself."""
        (opened,) = (
            deviation.opened
            for deviation in self.record.deviations.values()
            if (deviation.fact.step, deviation.fact.slot) == (step.code, limited.code)
        )
        self.planted.append(Planted(place=_at(step, limited), classed=Class.HOLD_TIME, entry=opened))


class UnplannedOperation(Faulty):
    fits = "every step before which an operation of the list may be added"
    plants: ClassVar = {Class.TEMPLATE: 4}

    def after_step(self, step: Step) -> Script:
        if self.container_is_made():
            try:
                outcome = culture.add_operation(
                    *self.by(TECH_A),
                    batch=self.batch,
                    operation="look_again",
                    reason="The pump stood still.",
                )
            except Refused as refusal:
                last = self.refusals[-1]
                assert last.fact.rule == refusal.rule
                self.planted.append(Planted(place=_at(step), classed=Class.SEQUENCE, entry=last))
                return
            entry = outcome.entries[0]
            self.planted.append(Planted(place=_at(step), classed=Class.TEMPLATE, entry=entry))
            added = self.record.by_code[entry.fact.step]
            vessel = self.record.containers and self.container("vessel")
            self.give(added, added.evidence[0], scanned(vessel))
            self.give(added, added.evidence[2], Entered(text="Clear."))
            self.confirm(added)
        yield from ()

    def container_is_made(self) -> bool:
        """The vessel stands in the incubator."""
        return self.record.is_confirmed("seed") and not self.record.is_confirmed("formulate")


class ConsentChanged(Faulty):
    fits = "every step: a consent is signed again"
    plants: ClassVar = {Class.CONSENT: 10}

    def before_step(self, step: Step) -> Script:
        stage = self.stage
        outcome = trial.give_consent(
            *self.by(COORD),
            participant=self.participant,
            form_version="3",
            scopes=("treatment", "data", "samples"),
            signed_on=stage.clock.now().astimezone(stage.zone).date(),
        )
        self.put(_at(step), Class.CONSENT, outcome)
        yield from ()


class OutOfSpecification(Faulty):
    fits = "every test that gates the conditional release"
    plants: ClassVar = {Class.RESULT: 21}

    def _result(self, test: str) -> Script:
        stage = self.stage
        defined = stage.master.test(test)
        yield self.wait(8)
        self.refused(
            f"{test} by its analyst",
            Class.RESULT,
            "result.none",
            lambda: qc.review_result(*self.by(QC_B), batch=self.batch, test=test, agreed=True),
        )
        bad = next((option.code for option in defined.options if not option.acceptable), "")
        outcome = qc.enter_result(
            *self.by(QC_A),
            batch=self.batch,
            test=test,
            raw="" if bad else _failing(defined),
            option=bad,
        )
        self.put(test, Class.RESULT, outcome)
        self.put(test, Class.RESULT, outcome, DeviationOpened)


def _failing(test: Test) -> str:
    """A value just outside the limit of a test."""
    assert test.limit is not None
    step = Decimal(1).scaleb(-test.limit.decimals)
    return str(test.limit.low - step if test.limit.low is not None else test.limit.high + step)


class Invalid(Faulty):
    fits = "every test that gates the conditional release, in turn invalid and not done"
    plants: ClassVar = {Class.RESULT: 7, Class.VERIFICATION: 7}

    def _result(self, test: str) -> Script:
        stage = self.stage
        codes = [item.code for item in stage.master.tests]
        yield self.wait(8)
        outcome = qc.enter_result(
            *self.by(QC_A),
            batch=self.batch,
            test=test,
            outcome="invalid" if codes.index(test) % 2 else "not_done",
            reason="The control did not run.",
        )
        self.put(test, Class.RESULT, outcome)
        self.refused(
            test,
            Class.VERIFICATION,
            "result.own",
            lambda: qc.review_result(*self.by(QC_A), batch=self.batch, test=test, agreed=True),
        )


class Delivered(Faulty):
    """Quality releases, and the product travels."""

    def whole(self) -> Script:
        yield from super().whole()
        yield from self.released()
        yield from self.delivered()


class CustodyGap(Delivered):
    fits = "every hand-over: refused by the receiver, tried by somebody else, taken back, handed over again"
    plants: ClassVar = {Class.CUSTODY: 6}

    def delivered(self) -> Script:
        code = self.container("product")
        for _ in range(3):
            yield self.wait(5)
            self.refused(
                "product before it is handed over",
                Class.CUSTODY,
                "custody.no_offer",
                lambda: custody.take_custody(
                    *self.by(CLIN_A),
                    batch=self.batch,
                    scanned=code,
                    means=Means.SCANNED,
                    condition="good",
                ),
            )
            self._offer(code)
            yield self.wait(2)
            outcome = custody.refuse_custody(
                *self.by(CLIN_A),
                batch=self.batch,
                container=code,
                reason="The seal is broken.",
            )
            self.put("product", Class.CUSTODY, outcome)

    def _offer(self, code: str) -> None:
        custody.offer_custody(
            *self.by(TECH_A),
            batch=self.batch,
            container=code,
            to_role="clinician",
            to_place="clinic",
            condition="good",
            seal="S-2041",
            temperature="4.2",
        )


class WarmJourney(Delivered):
    fits = "the journey of the product"
    plants: ClassVar = {Class.ENVIRONMENT: 1}

    def delivered(self) -> Script:
        stage = self.stage
        yield from super().delivered()
        handed = next(
            entry for entry in reversed(self.record.entries) if isinstance(entry.fact, CustodyOffered)
        )
        times = (handed.time + timedelta(minutes=at) for at in range(-5, 30, 5))
        lines = [f"{time:%Y-%m-%d %H:%M:%S},9.5" for time in times]
        outcome = temperature_log.record_temperature_log(
            *self.by(CLIN_A),
            batch=self.batch,
            offered_seq=handed.seq,
            logger=stage.things["temperature_logger"],
            model="comma_utc",
            upload=Upload(name="log.csv", content="\n".join(["Time,Temperature (C)", *lines, ""]).encode()),
        )
        self.put("product", Class.ENVIRONMENT, outcome, DeviationOpened)


OPERATORS: Mapping[str, type[Faulty]] = {
    operator.__name__: operator
    for operator in (
        OutOfLimit,
        OutOfOrder,
        Missing,
        Typed,
        Corrected,
        VerifiedThenCorrected,
        WrongLot,
        Expired,
        Quarantined,
        Uncalibrated,
        WrongEquipment,
        OtherWoman,
        SelfVerified,
        Unverified,
        OtherRole,
        Untrained,
        DriftedClock,
        Late,
        LabelsLeftOver,
        Reported,
        OnHold,
        HoldTime,
        UnplannedOperation,
        ConsentChanged,
        OutOfSpecification,
        Invalid,
        CustodyGap,
        WarmJourney,
    )
}
