"""What a printed batch record must say, read off the record and not off the code that prints it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from lims.actions.papers import Gathered
from lims.domain.attached import described
from lims.domain.batch_record import BatchRecord, SlotRecord
from lims.domain.entries.envelope import Entry
from lims.domain.entries.keys import SignatureMade
from lims.domain.entries.values import (
    Attached,
    Branched,
    Calculated,
    Choice,
    Controlled,
    Counts,
    Elapsed,
    HandedOver,
    Labelled,
    Moment,
    Number,
    Scanned,
    Text,
    TotalTime,
    Value,
    Witnessed,
)
from lims.domain.master_batch_record import AnySlot, BranchSlot, ChoiceSlot, Step, Words
from lims.domain.numbering import numbers_of
from lims.domain.quantities import as_power_of_ten, as_written, plain
from lims.domain.sentences_values import measured
from tests.documents.printed import squeezed

DECISIONS = {
    "en": {"accepted": "accepted", "rejects_batch": "rejects the batch"},
    "zh_Hans": {"accepted": "接受", "rejects_batch": "拒绝该批"},
}


@dataclass(frozen=True, kw_only=True)
class Printed:
    """The text of a record's pages, and the record."""

    gathered: Gathered
    text: str
    """Without white space, for a table breaks words over lines."""
    language: str
    zone: str

    @property
    def batch(self) -> BatchRecord:
        return self.gathered.batch

    def absent(self) -> list[str]:
        """Everything on file that is not found where it belongs; one line each."""
        return [*self._steps(), *self._signatures(), *self._deviations()]

    def said(self, words: Words) -> str:
        return words.zh if self.language.startswith("zh") else words.en

    def at(self, moment: datetime) -> str:
        return f"{moment.astimezone(ZoneInfo(self.zone)):%Y-%m-%d %H:%M:%S}"

    def by(self, entry: Entry) -> str:
        return f"{self.gathered.people[entry.person]} · {self.at(entry.time)}"

    def _steps(self) -> Iterator[str]:
        """Every step's part of the text must hold its own titles, values and hands."""
        numbers, asked = numbers_of(self.batch), [step for step in self.batch.plan if step.done_by is None]
        begins, at = [], 0
        for step in asked:
            head = squeezed(f"{numbers[step.code]} {self.said(step.title)}")
            found = self.text.find(head, at)
            if found < 0:
                yield f"{step.code}: its title {head}"
                continue
            begins.append((step, found))
            at = found + 1
        ends = [begin for _, begin in begins[1:]] + [len(self.text)]
        for (step, begin), end in zip(begins, ends, strict=True):
            part = self.text[begin:end]
            for what, words in self._of_step(step):
                if squeezed(words) not in part:
                    yield f"{step.code}: {what} {words}"

    def _of_step(self, step: Step) -> Iterator[tuple[str, str]]:
        held = self.batch.steps.get(step.code)
        for slot in step.evidence:
            yield f"title of {slot.code}", self.said(slot.title)
            record = self.batch.slots.get((step.code, slot.code))
            for words in self._of_slot(slot, record) if record else ():
                yield f"value of {slot.code}", words
        for entry in (held.confirmed, held.verified) if held else ():
            if entry is not None:
                yield "hand", self.by(entry)

    def _of_slot(self, slot: AnySlot, record: SlotRecord) -> Iterator[str]:
        for entry in record.history:
            value = getattr(entry.fact, "value", None)
            if value is not None and not isinstance(value, Scanned):
                yield from self._of_value(slot, value)
            if isinstance(value, Witnessed):
                yield self.by(entry)
        for scan in record.scans:
            yield scan.code

    def _of_value(self, slot: AnySlot, value: Value) -> Iterable[str]:
        match value:
            case Number() | Controlled():
                return [plain(value.value)]
            case Calculated():
                return [measured(value.value, value.decimals)]
            case Choice() if isinstance(slot, ChoiceSlot):
                return [self.said(next(o.title for o in slot.options if o.code == value.option))]
            case Branched() if isinstance(slot, BranchSlot):
                return [self.said(next(way.title for way in slot.ways if way.code == value.way))]
            case Text():
                return [self.gathered.words[value.words.commitment]]
            case Moment():
                return [self.at(value.at)[:-3]]
            case Counts():
                cells = [str(n) for count in value.counts for n in (count.live, count.dead)]
                return [*cells, as_power_of_ten(value.concentration), as_written(value.viability, 1)]
            case Elapsed():
                return [self.at(value.since), self.at(value.until)]
            case TotalTime():
                spans = [moment for s in value.stretches for moment in (s.since, s.until)]
                return [self.at(moment)[:-3] for moment in spans]
            case Labelled():
                return [str(n) for n in (value.printed, value.applied, value.attached, value.destroyed)]
            case Attached():
                file = described(value, self.gathered.words)
                return [file.name, file.sha256] if file else ["a file that is told"]
            case Witnessed():
                return [value.name]
            case HandedOver():
                return [value.to_name]
            case _:
                raise AssertionError(f"nobody has said how {value.sort} reads in print")

    def _signatures(self) -> Iterator[str]:
        """21 CFR 11.50: printed name, date and time, and meaning of each."""
        for entry in self.batch.signatures.values():
            assert isinstance(entry.fact, SignatureMade)
            intent: Mapping[str, str] = json.loads(entry.fact.intent)
            row = self._row(f"#{entry.seq}{intent['name']}", squeezed(intent["sentence"]))
            for words in (intent["name"], intent["sentence"], self.at(entry.time)):
                if squeezed(words) not in row:
                    yield f"signature {entry.seq}: {words}"

    def _row(self, head: str, sentence: str) -> str:
        """The text around each place where a row begins so, as far as its longest cell reaches."""
        head, rows, at = squeezed(head), "", -1
        while (at := self.text.find(head, at + 1)) >= 0:
            rows += self.text[at : at + len(head) + len(sentence) + 300]
        return rows

    def _deviations(self) -> Iterator[str]:
        for deviation in self.batch.deviations.values():
            begin = self.text.find(squeezed(f"{self._deviation} {deviation.number}"))
            part = self.text[begin : begin + 1500] if begin >= 0 else ""
            wanted = [deviation.number, self.by(deviation.opened)]
            if deviation.decided and deviation.decision:
                wanted += [
                    DECISIONS[self.language][deviation.decision.decision],
                    self.gathered.words[deviation.decision.impact.commitment],
                    self.by(deviation.decided),
                ]
            if deviation.explained and deviation.explanation:
                wanted += [self.by(deviation.explained)]
                wanted += [self.gathered.words[deviation.explanation.happened.commitment]]
            for words in wanted:
                if squeezed(words) not in part:
                    yield f"deviation {deviation.number}: {words}"

    @property
    def _deviation(self) -> str:
        return "偏差" if self.language.startswith("zh") else "Deviation"
