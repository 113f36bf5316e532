"""The replay: every verdict of a batch made once more from what is stored, by the rules of its own master record.

It proves that what stands on file as within, outside or computed follows from what was entered, then and now
(21 CFR 211.192; EU GMP Annex 11, 1 and 13). It does not prove that what was entered was true.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lims.domain.batch_fold import fold_on
from lims.domain.batch_record import BatchRecord
from lims.domain.computing import compute, is_computed
from lims.domain.entered import entered_result
from lims.domain.entries.batch import EvidenceCorrected, EvidenceRecorded, ResultEntered
from lims.domain.entries.envelope import Entry
from lims.domain.entries.oos import OosJudged
from lims.domain.entries.values import Branched, Choice, Counts, Judged, Moment, Number, Value
from lims.domain.limits import Qualifier
from lims.domain.master_batch_record import AnySlot, LabelSlot
from lims.domain.oos import same_reporting
from lims.domain.qc import NO_RESULT, judge
from lims.domain.quantities import plain
from lims.domain.readings import Asked, Found, Given, read_value
from lims.domain.refusals import BadEntry, Refused

Evidence = EvidenceRecorded | EvidenceCorrected
Verdict = tuple[Value, Judged, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """An entry whose value, verdict or limit does not follow from what is stored before it."""

    entry: Entry
    what: str
    """`value`, `verdict` or `limit`; `unreadable` when the rules give nothing at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """How many verdicts were made again, by which rules, and which came out otherwise."""

    judged: int
    """Values that people entered and that were held against a limit or a list."""
    computed: int
    """Values that the system computed."""
    results: int
    """Results of QC tests."""
    rules: str
    """Code and version of the master batch record whose rules they were made by."""
    differences: tuple[Difference, ...]

    @property
    def count(self) -> int:
        """All verdicts."""
        return self.judged + self.computed + self.results

    @property
    def agrees(self) -> bool:
        """Every one came out as it stands on file."""
        return not self.differences


@dataclass(slots=True)
class _Player:
    """Walks the record; folds on only where a value is computed, for folding costs more than judging."""

    record: BatchRecord
    waiting: list[Entry]
    judged: int = 0
    computed: int = 0
    results: int = 0

    def before(self) -> BatchRecord:
        """The record as it stood before the entry that is looked at."""
        if self.waiting:
            self.record = fold_on(self.record, self.waiting)
            self.waiting = []
        return self.record

    def differences(self, entries: Sequence[Entry]) -> Iterator[Difference]:
        """The entries that come out otherwise, in order."""
        for entry in entries:
            if (what := self._differs(entry)) is not None:
                yield Difference(entry=entry, what=what)
            self.waiting.append(entry)

    def _differs(self, entry: Entry) -> str | None:
        match entry.fact:
            case EvidenceRecorded() | EvidenceCorrected() as fact:
                return self._evidence(entry, fact)
            case ResultEntered() as fact if fact.outcome not in NO_RESULT:
                self.results += 1
                return self._result(fact)
            case OosJudged() as fact if fact.decision == "not_confirmed":
                self.results += 1
                return None if same_reporting(self.before(), fact) else "value"
            case _:
                return None

    def _evidence(self, entry: Entry, fact: Evidence) -> str | None:
        slot = self.record.slot_of(fact.step, fact.slot) or self.before().slot_of(fact.step, fact.slot)
        if slot is None:
            return "unreadable"
        try:
            made = self._made(entry, fact, slot)
        except Refused:
            return "unreadable"
        if made is None:
            return None
        named = zip(("value", "verdict", "limit"), made, (fact.value, fact.judged, fact.limit), strict=True)
        return next((what for what, now, then in named if now != then), None)

    def _made(self, entry: Entry, fact: Evidence, slot: AnySlot) -> Verdict | None:
        """The verdict made again; none for what is never judged: scans, words, files, people."""
        if is_computed(slot) or isinstance(slot, LabelSlot):
            self.computed += 1
            found = compute(self.before(), fact.step, slot)
            if found is None:
                raise Refused("slot.empty", slot=slot.title.en)
            return found.value, found.judged, found.limit
        given = given_again(fact.value)
        if given is None:
            return None
        self.judged += 1
        record = self.before() if isinstance(fact.value, Moment) else self.record
        step = record.step(fact.step) or self.before().step(fact.step)
        assert step is not None
        asked = Asked(step=fact.step, slot=fact.slot, given=given, person=entry.person)
        return read_value(record, step, slot, asked, Found(), now=entry.time)

    def _result(self, fact: ResultEntered) -> str | None:
        test = self.before().master.test(fact.test)
        try:
            reported = None if fact.option else entered_result(fact.raw, field="raw")
        except BadEntry:
            return "unreadable"
        if reported and (reported.value, reported.qualifier) != (fact.value, _qualifier(fact)):
            return "value"
        if judge(test, option=fact.option, reported=reported) != fact.outcome:
            return "verdict"
        return None if fact.limit == (test.limit.shown() if test.limit else None) else "limit"


def _qualifier(fact: ResultEntered) -> Qualifier | None:
    return Qualifier(fact.qualifier) if fact.qualifier else None


def replay(stream: str, entries: Sequence[Entry], before: object = None) -> Replay:
    """Every verdict of a batch made once more, entry by entry, from the record as it stood before each.

    Takes what a derived value of a stream is made of (ledger/cache); it always begins at the first entry.
    """
    player = _Player(record=BatchRecord(number=stream.partition(":")[2]), waiting=[])
    differences = tuple(player.differences(entries))
    master = player.before().master
    return Replay(
        judged=player.judged,
        computed=player.computed,
        results=player.results,
        rules=f"{master.code} v{master.version}",
        differences=differences,
    )


def given_again(value: Value) -> Given | None:
    """What a person gave for a judged value, as it is stored in it; none for what is not judged by a rule."""
    match value:
        case Number():
            return Given(raw=value.raw)
        case Choice():
            return Given(option=value.option)
        case Branched(value=None):
            return Given(option=value.way)
        case Moment():
            return Given(at=value.at, reason=value.reason)
        case Counts():
            pairs = tuple((str(count.live), str(count.dead)) for count in value.counts)
            return Given(counts=pairs, dilution=plain(value.dilution))
        case _:
            return None
